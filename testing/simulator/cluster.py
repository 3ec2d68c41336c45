"""A simulated job: real machines of all roles on the simulated network, scripts, deaths, and the rules that must hold.

`run(scenario)` runs one to its end, or raises Violation with the story.  Knows: how processes start, die, are started
again and reported, and what must be true when all is over.  Never: chance; the scenario and the network have it.
"""

from __future__ import annotations

import random
from collections.abc import Generator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from ...kvstore.errors import JobFailed
from ...kvstore.machine import Send
from ...kvstore.member import Self
from ...kvstore.names import LAUNCHER_NAME, SERVER, WORKER
from ...kvstore.settings import Settings
from ...kvstore.table import ADMITTED, EXPECTED, GIVEN_UP, LEFT
from ...kvstore.wire.messages import Exited, Hello, Message, Released, Values
from ...scheduler.state import SchedulerState
from ...worker.calls import Call, GetStates, PullKey
from ...worker.state import WorkerState
from .audit import Audit
from .network import Line, Network
from .nodes import SimNode
from .reference import Violation
from .scenario import Death, Pause, Scenario, make
from .scripts import Ledger, Script, Wait
from .story import tell
from .watch import ServerWatch, watching

LIMIT_S = 60.0
EVENTS_MAX = 60_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a clean run was like."""

    seed: int
    virtual_s: float
    events: int
    updates: int
    answers: int
    failed: str | None


class WorkerNode(SimNode):
    """A worker's process: its machine, and the script that it runs."""

    script: Script | None = None
    rank = -1
    _running: Generator[Wait, None, None] | None = None
    _wait: Wait | None = None
    _due = 0.0
    _advancing = False

    def set_script(self, script: Script) -> None:
        """What it runs from its start on."""
        self.script = script
        self._running = script.run()

    def submit(self, calls: list[Call]) -> None:
        self.perform(self.machine.submit(calls, self.network.now))

    def advance(self) -> None:
        """Let the script go on as far as it can."""
        if self._advancing or self._running is None or self.is_dead:
            return
        self._advancing = True
        try:
            while self._running is not None:
                if isinstance(self._wait, Future):
                    if not self._wait.done():
                        return
                elif self._wait is not None and self.network.now < self._due:
                    return
                self._resume()
        finally:
            self._advancing = False

    def _resume(self) -> None:
        assert self._running is not None
        assert self.script is not None
        try:
            error = self._wait.exception() if isinstance(self._wait, Future) else None
            self._wait = self._running.throw(error) if error is not None else next(self._running)
        except StopIteration:
            self._running = None
            return
        except Violation:
            raise
        except Exception as error:
            self.script.ledger.error = error
            self._running = None
            self.note(f"the script ends with {type(error).__name__}: {error}")
            return
        if isinstance(self._wait, float):
            self._due = self.network.now + self._wait
            self.network.after(self._wait + 1e-6, self.advance)

    @property
    def is_done(self) -> bool:
        return self._running is None


class Simulation:
    """One scenario, run."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.network = Network(random.Random(scenario.seed ^ 0x5EED), scenario.faults, coded=scenario.coded)
        self.network.windows_broken = self._window
        self.settings = Settings(
            scheduler="memory://scheduler", num_workers=scenario.workers, num_servers=scenario.servers,
            elastic=scenario.elastic, replicas=scenario.replicas, **scenario.settings,
        )  # fmt: skip
        self.ledgers = {rank: Ledger(rank) for rank in range(scenario.workers)}
        self.state = SchedulerState(self.settings)
        self.scheduler = self._node("scheduler", self.state, ("memory://scheduler",))
        self.audit = Audit(scenario, self.ledgers, self.state)
        self.servers: list[SimNode] = []
        self.workers: dict[int, WorkerNode] = {}
        self.nodes: list[SimNode] = [self.scheduler]
        self.may_fail: list[str] = []  # the job may fail, and then names one of these
        self._reports = 0
        self.deaths_left = len(scenario.deaths)

    # ----- starting -----

    def _node(self, title: str, machine: Any, addresses: tuple[str, ...], kind: type[SimNode] = SimNode) -> Any:
        node = kind(self.network, title, machine, addresses)
        node.pace_s = self.scenario.paces_s.get(title, 0.0)
        node.on_message, node.on_effect, node.after_event = self._message, self._effect, self._after
        return node

    def _start_all(self) -> None:
        starts = self.scenario.starts_s
        self.network.after(starts["scheduler"], self.scheduler.start)
        for number in range(self.scenario.servers):
            self.servers.append(self._make_server(number, 0))
            self.network.after(starts[f"server {number}"], self.servers[number].start)
        for rank in range(self.scenario.workers):
            if rank in self.scenario.never_join:
                self.network.after(starts[f"worker {rank}"], self._report, WORKER, rank, -1, 0)
            else:
                self.network.after(starts[f"worker {rank}"], self._start_worker, rank, 0)
        for death in self.scenario.deaths:
            self.network.after(death.at_s, self._kill_server if death.is_server else self._kill, death)
        for pause in self.scenario.pauses:
            self.network.after(pause.at_s, self._pause, pause)

    def _make_server(self, number: int, life: int) -> SimNode:
        address = f"memory://server-{number}" + (f"-{life}" if life else "")
        me = Self(SERVER, number, f"host-s{number}", 100 + number, (address,), "", f"s{number}-{life}")
        machine = ServerWatch(me, self.settings)
        machine.watch(self.audit)
        node: SimNode = self._node(f"server {number}" + (f" life {life + 1}" if life else ""), machine, (address,))
        node.pace_s = self.scenario.paces_s.get(f"server {number}", 0.0)
        self.nodes.append(node)
        return node

    def _restart_server(self, number: int, life: int) -> None:
        self.servers[number] = node = self._make_server(number, life)
        node.start()

    def _start_worker(self, rank: int, life: int) -> None:
        me = Self(WORKER, rank, f"host-w{rank}", 200 + rank, (), "", f"w{rank}-{life}")
        machine = WorkerState(me, self.settings, dict)
        title = f"worker {rank}" + (f" life {life + 1}" if life else "")
        node: WorkerNode = self._node(title, machine, (), WorkerNode)
        node.pace_s = self.scenario.paces_s.get(f"worker {rank}", 0.0)
        node.rank = rank
        self.workers[rank] = node
        self.nodes.append(node)
        ledger = self.ledgers[rank]

        def on_pull(call: PullKey, s: int, k: int) -> None:
            self.audit.pulled(rank, call, s, k)

        def on_states(call: GetStates, s: int, k: int) -> None:
            self.audit.read_states(rank, call, s, k)

        def on_barrier(s: int, number: int) -> None:
            self.audit.passed_barrier(rank, machine, s, number)

        program = self.scenario.programs[rank]
        node.set_script(Script(self.scenario, program, ledger, node.submit, on_pull, on_states, on_barrier))
        node.start()

    # ----- watching -----

    def _message(self, node: SimNode, peer: str, message: Message) -> None:
        if isinstance(message, Values):
            self.audit.delivered(_name(node), peer, message)
        elif isinstance(message, Hello) and (line := node.accepted.get(peer)) is not None:
            line.on_the_way[False].clear()  # a new connection begins: what was under way of the old one counts no more

    def _effect(self, node: SimNode, effect: Send) -> None:
        if isinstance(effect.message, Released):
            self.audit.releases(effect.message)
        if isinstance(node, WorkerNode) and node.script is not None and effect.message.op in ("push", "pull"):
            self.audit.sends(node, node.script, effect.peer, effect.message)

    def _window(self, line: Line, outwards: bool, way: list[int]) -> None:
        window = self.settings.push_window_bytes if outwards else self.settings.answer_window_bytes
        if len(way) > 1 and sum(way) > window:
            raise Violation(f"{line.identity} and {line.peer}: {way} bytes are under way, the window is {window}")

    def _after(self, node: SimNode) -> None:
        machine: Any = node.machine
        membership = machine.table.membership if machine is self.state else machine.membership.number
        if membership < node.membership:
            raise Violation(f"{node.title}: membership falls from {node.membership} to {membership}")
        node.membership = membership
        if self.scenario.checked:
            machine.check()
        if isinstance(node, WorkerNode):
            node.advance()
            if (
                node.is_done
                and (machine.finished or node.script is None or self.ledgers[node.rank].error)
                and not node.is_dead
            ):
                self.network.after(0.001, self._worker_ends, node)
        elif machine.finished and not node.is_dead and node is not self.scheduler:
            node.die("ends")
            code = 0 if machine.failure is None else 1
            self.network.after(0.01, self._report, SERVER, machine.membership.me.rank, -1, code)

    # ----- ends -----

    def _worker_ends(self, node: WorkerNode) -> None:
        if node.is_dead:
            return
        node.die("ends")
        code = 0 if self.ledgers[node.rank].error is None else 1
        self.network.after(0.01 + 0.2 * self.network.rng.random(), self._report, WORKER, node.rank, -1, code)

    def _report(self, role: str, rank: int, incarnation: int, code: int, again: bool = False) -> None:
        """The launcher tells the scheduler of a process that ended."""
        if not self.scheduler.is_started:
            self.network.after(0.1, self._report, role, rank, incarnation, code, again)
            return
        self._reports += 1
        report = Exited(0, self._reports, role, rank, incarnation, code, again)
        self.scheduler.inject(LAUNCHER_NAME, report)
        if again:  # its answer is lost, and it is told again when the new life has joined
            self.network.after(1.0, self.scheduler.inject, LAUNCHER_NAME, report)

    def _kill(self, death: Death) -> None:
        self.deaths_left -= 1
        node = self.workers.get(death.rank)
        ledger = self.ledgers[death.rank]
        if node is None or node.is_dead or ledger.has_left:
            return
        if death.again_after_s is not None and self.state.table.workers[death.rank].state == EXPECTED:
            return  # its first word may be under way: nobody could tell it from its next life's
        node.die("is killed")
        if death.again_after_s is not None:
            self.network.after(0.05, self._expect_again, death)
            return
        member = self.state.table.workers[death.rank]
        if member.state == LEFT:
            ledger.has_left = True
            self.network.after(0.05, self._report, WORKER, death.rank, -1, death.code)
            return
        ledger.is_dead = True
        if not (self.scenario.elastic and member.state == ADMITTED):
            self.may_fail.append(f"worker {death.rank}")
        if death.reported or member.state == EXPECTED:
            self.network.after(0.1 * self.network.rng.random(), self._report, WORKER, death.rank, -1, death.code)

    def _kill_server(self, death: Death) -> None:
        node = self.servers[death.rank]
        machine: Any = node.machine
        table = self.state.table
        is_ending = self.state.is_over or self.state.failure is not None
        has_copies = death.again_after_s is not None or self.scenario.replicas > 0
        admitted = {m.name for m in table.servers.values() if m.state == ADMITTED}
        unseen = any(n.is_dead and _name(n) in admitted for n in self.servers)
        is_whole = table.is_protected and table.servers[death.rank].state == ADMITTED and not unseen
        if has_copies and not is_ending and not is_whole:
            self.network.after(0.1, self._kill_server, death)  # one at a time: the next when all is protected again
            return
        self.deaths_left -= 1
        if node.is_dead or machine.membership.node is None or is_ending:
            return
        node.die("is killed")
        rank = machine.membership.node.rank
        again = death.again_after_s is not None
        if not has_copies:
            self.may_fail.append(f"server {rank}")
        if death.reported or again:
            self.network.after(0.1 * self.network.rng.random(), self._report, SERVER, rank, -1, death.code, again)
        if death.again_after_s is not None:
            life = machine.membership.node.incarnation + 1
            self.network.after(0.1 + death.again_after_s, self._restart_server, death.rank, life)

    def _pause(self, pause: Pause) -> None:
        takes_over = pause.for_s > self.settings.lost_after_s and pause.title.startswith("server")
        if takes_over and not self.state.table.is_protected and not self.state.is_over and self.state.failure is None:
            self.network.after(0.1, self._pause, pause)  # only where another can take over
            return
        for node in self.nodes:
            if node.title == pause.title and node.is_started:
                node.pause(self.network.now + pause.for_s)

    def _expect_again(self, death: Death) -> None:
        ledger = self.ledgers[death.rank]
        if self.state.table.workers[death.rank].state == LEFT:
            ledger.has_left = True  # it had left before it died
            return
        self.scheduler.note(f"worker {death.rank} is expected again")
        self.scheduler.perform(self.state.expect_again(death.rank, self.network.now))
        ledger.lives += 1
        ledger.in_barrier = False
        assert death.again_after_s is not None
        self.network.after(death.again_after_s, self._start_worker, death.rank, ledger.lives - 1)

    # ----- running -----

    def run(self) -> Outcome:
        """Run it to its end.  Violation, with the story, if a rule is broken."""
        with watching(self.audit):
            try:
                self._start_all()
                self._run()
                self._check_end()
            except Exception as error:
                kind = error if isinstance(error, Violation) else f"{type(error).__name__}: {error}"
                raise Violation(tell(self, str(kind))) from error
        return Outcome(
            self.scenario.seed,
            self.network.now,
            self.network.events,
            self.audit.updates,
            self.audit.answers,
            self.state.failure,
        )

    def _run(self) -> None:
        network = self.network
        while not self._is_over():
            if not network.step():
                raise Violation("nothing more happens, and the job is not over")
            if network.now > LIMIT_S:
                raise Violation(f"the job is not over after {LIMIT_S} s")
            if network.events > EVENTS_MAX:
                raise Violation(f"the job is not over after {EVENTS_MAX} events")

    def _is_over(self) -> bool:
        if not self.state.finished or self.deaths_left:
            return False
        return all(node.is_dead for node in self.nodes if node is not self.scheduler)

    def _check_end(self) -> None:
        for node in self.nodes:
            check = getattr(node.machine, "check", None)
            if check is not None:
                check()
        failure = self.state.failure
        states = {member.state for member in self.state.table.workers.values()}
        if self.scenario.elastic and states == {GIVEN_UP}:
            self.may_fail.append("every worker was given up")
        if failure is not None and not any(name in failure for name in self.may_fail):
            raise Violation(f"the job failed: {failure}")
        for rank, ledger in self.ledgers.items():
            if self.scenario.elastic and self.state.table.workers[rank].state == GIVEN_UP:
                ledger.is_dead = True
                if isinstance(ledger.error, JobFailed) and f"worker {rank} was given up" in str(ledger.error):
                    continue
            if ledger.error is not None:
                if failure is None:
                    raise Violation(f"rank {rank}'s script failed: {type(ledger.error).__name__}: {ledger.error}")
                if not isinstance(ledger.error, JobFailed) or failure not in str(ledger.error):
                    raise Violation(f"rank {rank}'s script ended with {ledger.error!r}, the job with {failure!r}")
        if failure is None:
            for rank, ledger in self.ledgers.items():
                if not (ledger.has_left or ledger.is_dead or rank in self.scenario.never_join):
                    raise Violation(f"rank {rank} has neither left nor died")
            self.audit.check_counted()
            self.audit.check_against_one_process()


def _name(node: SimNode) -> str:
    machine: Any = node.machine
    return str(machine.membership.node)


def run(scenario: Scenario | int) -> Outcome:
    """Run a scenario, or the one of a seed."""
    return Simulation(make(scenario) if isinstance(scenario, int) else scenario).run()
