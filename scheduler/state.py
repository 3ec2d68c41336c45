"""The scheduler: who belongs to the job, under which name, and when it begins, fails and ends; without socket or time
source.

Knows: the member table (the only one who changes it), ranks and incarnations, the slots, barriers, verdicts,
everybody's latest counters.  Never: a gradient, a weight. Life of a job: gathering (nodes join) -> running
(membership 1 and on) -> over (every rank has left) or failed.  Only here is death declared: by an exit that the
launcher reports, or by silence. Invariants: membership grows with each change of the table; a name is never given
twice; a verdict is never taken back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..kvstore.machine import Effects, Log, Send
from ..kvstore.member import stood_still_s
from ..kvstore.names import JOINING, LAUNCHER, ROLES, SCHEDULER, SCHEDULER_NAME, SERVER, WORKER, Node, parse, title
from ..kvstore.placement import SLOTS, deal
from ..kvstore.settings import Settings
from ..kvstore.table import ADMITTED, EXPECTED, GIVEN_UP, LEFT, Member, Table
from ..kvstore.wire.messages import (
    Beat,
    Exited,
    Failed,
    Fetch,
    Finish,
    Had,
    Have,
    Heartbeat,
    Hello,
    Join,
    Joined,
    Leave,
    Message,
    Refused,
    Released,
    Sizes,
    StaleMembership,
    Status,
    StatusIs,
    TableIs,
    Taken,
    Waited,
    Waiting,
    Welcome,
)  # fmt: skip
from .barriers import Barriers
from .liveness import Liveness

SENDERS: dict[type[Message], str] = {Sizes: WORKER, Waiting: WORKER, Leave: WORKER, Exited: LAUNCHER}
NAMED_MAX = 16  # ranks that an answer to Have names for a request
SELF_MAX = 2048  # characters that a node may have in the table
COUNTERS_MAX = 64  # of one node: all nodes' travel in one header
COUNTER_MAX = 80  # characters of a counter's name or text
OVER_AFTER_BEATS = 4  # servers that are silent this many heartbeats after the end have ended


class SchedulerState:
    """The machine of the scheduler."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        expected = {
            role: {rank: Member(role, rank, -1, EXPECTED) for rank in range(count)}
            for role, count in ((WORKER, settings.num_workers), (SERVER, settings.num_servers))
        }
        self.table = Table(workers=expected[WORKER], servers=expected[SERVER], elastic=settings.elastic)
        self.liveness = Liveness(settings.suspect_after_s, settings.lost_after_s)
        self.barriers = Barriers()
        self.failure: str | None = None
        self._failed_at: float | None = None
        self.is_over = False
        self.finished = False
        self.traffic: dict[str, int] = {}
        self._joined: dict[str, Node] = {}
        self._connected: set[str] = set()
        self._counters: dict[str, dict[str, Any]] = {}
        self._stories: dict[str, list[str]] = {}
        self._suspects: tuple[str, ...] = ()
        self._here: dict[str, float] = {}  # nodes that have joined and not been seen to end, and when they were heard
        self._started_at = 0.0
        self._ticked_at = 0.0
        self._warn_s = settings.warn_after_s
        self._effects: Effects = []

    # ----- the machine -----

    def start(self, now: float) -> Effects:
        self._started_at = self._ticked_at = now
        return []

    def peer_up(self, peer: str, now: float) -> Effects:
        return []

    def peer_down(self, peer: str, now: float) -> Effects:
        return []

    def malformed(self, peer: str, text: str, now: float) -> Effects:
        effects: Effects = [Log("warning", f"refused a message from {title(peer)}: {text}")]
        if peer not in self._connected:  # one that has been welcomed made none of it
            effects.append(Send(peer, Refused(self.table.membership, 0, "OutOfPlace", text)))
        return effects

    def handle(self, peer: str, message: Message, now: float) -> Effects:
        if isinstance(message, Join):
            self._join(peer, message, now)
        else:
            self._from_node(peer, message, now)
        if isinstance(message, Exited):
            self._check_finished(now)
        return self._flush()

    def tick(self, now: float) -> Effects:
        still_s = stood_still_s(self._ticked_at, now, self._ticked_at + self.settings.heartbeat_s, self.settings)
        self._ticked_at = now
        self._started_at += still_s
        self.liveness.stood_still(still_s, now)
        for name in self.liveness.lost(now):
            silent_s = self.liveness.silent_s(name, now)
            self.liveness.forget(name)
            if not self.is_over:
                self._lost(name, f"has been silent for {silent_s:.1f} s", now)
        suspects = self.liveness.suspects(now)
        for name in sorted(set(suspects) - set(self._suspects)):
            self._story(name, "suspect")
            self._effects.append(
                Log("warning", f"{title(name)} is silent for {self.liveness.silent_s(name, now):.1f} s")
            )
        self._suspects = suspects
        if not self._has_begun and not self.is_over:
            self._watch_gathering(now)
        self._check_finished(now)
        return self._flush()

    def deadline(self, now: float) -> float | None:
        return self._ticked_at + self.settings.heartbeat_s

    # ----- joining -----

    def _join(self, peer: str, message: Join, now: float) -> None:
        if peer in self._joined:  # asked again: the answer was lost
            node = self._joined[peer]
            self._effects.append(
                Send(peer, Joined(self.table.membership, message.request, node.rank, node.incarnation))
            )
            return
        if self.is_over and message.role == SERVER:
            place = self._place(message)  # nobody needed it; it need not be waited for either
            if place is not None:
                servers = dict(self.table.servers) | {place.rank: replace(place, state=LEFT)}
                self.table = replace(self.table, servers=servers)
            self._effects.append(Send(peer, Finish(self.table.membership)))
            return
        problem = self._join_problem(peer, message)
        member = None if problem else self._place(message)
        if problem is None and member is None:
            problem = self._no_place(message)
        if member is None:
            kind = "OutOfPlace" if self.failure is None else "JobFailed"
            self._effects.append(Send(peer, Refused(self.table.membership, message.request, kind, str(problem))))
            return
        member = replace(
            member,
            incarnation=member.incarnation + 1,
            state=ADMITTED,
            host=message.host,
            addresses=message.addresses,
            proof=message.proof,
        )
        node = Node(member.role, member.rank, member.incarnation)
        self._joined[peer] = node
        self.liveness.heard(member.name, now)
        self._here[member.name] = now
        self._story(member.name, "joined")
        self._effects.append(Log("info", f"{node.title} joined from {message.host} (pid {message.pid})"))
        self._effects.append(Send(peer, Joined(self.table.membership, message.request, node.rank, node.incarnation)))
        self._change(member)

    def _join_problem(self, peer: str, message: Join) -> str | None:
        if not peer.startswith(JOINING):
            return f"a node joins under a random routing id beginning with {JOINING!r}, came {peer!r}"
        if message.role not in (WORKER, SERVER):
            return f"only workers and servers join, came role {message.role!r}"
        size = len(message.host) + len(message.proof) + sum(map(len, message.addresses))
        if size > SELF_MAX:  # it goes into the table, which goes to all in one header
            return f"what a node says of itself (host, addresses, proof) may have {SELF_MAX} characters, came {size}"
        if self.failure is not None:
            return self.failure
        if self.is_over and message.role == WORKER:  # a server that comes so late is let in, and told to end
            return "the job is over: every rank has left"
        return None

    def _place(self, message: Join) -> Member | None:
        """The member that this node becomes: the rank wished for if it is free, else the lowest free one."""
        members = self.table.workers if message.role == WORKER else self.table.servers
        if message.rank >= 0:
            wished = members.get(message.rank)
            return wished if wished is not None and wished.state == EXPECTED else None
        return next((members[rank] for rank in sorted(members) if members[rank].state == EXPECTED), None)

    def _no_place(self, message: Join) -> str:
        members = self.table.workers if message.role == WORKER else self.table.servers
        taken = members.get(message.rank)
        if message.rank >= 0 and taken is None:
            return f"{message.role} rank {message.rank} does not exist: the job has {len(members)} {message.role}s"
        if taken is not None:
            state, host = taken.state.replace("_", " "), taken.host or "no host"
            return f"{message.role} rank {message.rank} is {state} already (on {host})"
        return (
            f"the job has its {len(members)} {message.role}s already; start fewer, or give the launcher a larger number"
        )

    def expect_again(self, rank: int, now: float) -> Effects:
        """Another life of this worker will be started: its place is free for it; the older life is fenced when it
        joins."""
        member = self.table.workers[rank]
        if member.state == ADMITTED:
            self.liveness.forget(member.name)
            self._story(member.name, "expected again")
            workers = dict(self.table.workers)
            workers[rank] = replace(member, state=EXPECTED)
            self.table = replace(self.table, workers=workers)
        return self._flush()

    def _gathered(self) -> bool:
        everyone = [*self.table.workers.values(), *self.table.servers.values()]
        return all(m.state != EXPECTED for m in everyone)

    @property
    def _has_begun(self) -> bool:
        return self.table.membership > 0

    def _watch_gathering(self, now: float) -> None:
        """Tell who is still missing, at doubling intervals; end the job when its start takes too long."""
        waited_s, limit_s = now - self._started_at, self.settings.start_limit_s
        if waited_s > limit_s:
            self._fail(
                f"the job did not gather within {limit_s:g} s (MXL_START_LIMIT_S): {self._missing()}. "
                f"Start the missing ones with this scheduler's address (MXL_SCHEDULER), or look into their logs",
                now,
            )
        elif waited_s >= self._warn_s and self.failure is None:
            self._warn_s = 2 * waited_s
            self._effects.append(Log("warning", f"the job has not gathered after {waited_s:.0f} s: {self._missing()}"))

    def _missing(self) -> str:
        everyone = [*self.table.workers.values(), *self.table.servers.values()]
        missing = ", ".join(f"{m.role} {m.rank}" for m in everyone if m.state == EXPECTED)
        here = ", ".join(f"{m.role} {m.rank} on {m.host}" for m in everyone if m.state == ADMITTED) or "nobody"
        return f"still missing {missing}; here: {here}"

    # ----- the table -----

    def _change(self, member: Member) -> None:
        """A member's new state: a new membership once the job has gathered, told to all."""
        started = self.table.membership > 0
        table = self.table.with_member(member)
        self.table = table
        if not started:
            self.table = replace(table, membership=1 if self._gathered() else 0)
        if self.table.membership > 0:
            self._broadcast()

    def _broadcast(self) -> None:
        table = TableIs(self.table.membership, self.table.to_wire())
        for member in [*self.table.servers.values(), *self.table.workers.values()]:
            if member.state == ADMITTED or member.name in self._connected:
                self._effects.append(Send(member.name, table))

    # ----- from nodes that have joined -----

    def _from_node(self, peer: str, message: Message, now: float) -> None:
        node = parse(peer)
        member = self._member(node)
        if node is None or (member is None and node.role != LAUNCHER):
            text = f"{peer!r} has not joined this job; join first"
            self._effects.append(Send(peer, Refused(self.table.membership, 0, "OutOfPlace", text)))
            return
        if member is not None:
            if member.incarnation != node.incarnation:
                text = f"this is an older life of {node.title}; a newer one has begun"
                self._effects.append(Send(peer, Refused(self.table.membership, 0, "OutOfPlace", text)))
                return
            self._here[peer] = now
            if member.state == ADMITTED:
                self.liveness.heard(peer, now)
        if isinstance(message, Hello):
            self._hello(peer, message)
            return
        if isinstance(message, (Sizes, Waiting, Leave)) and message.membership < self.table.membership:
            stale = StaleMembership(self.table.membership, (message.request,), self.table.to_wire())
            self._effects.append(Send(peer, stale))
            return
        self._take(node, peer, message, now)

    def _member(self, node: Node | None) -> Member | None:
        if node is None:
            return None
        if node.role == WORKER:
            return self.table.workers.get(node.rank)
        return self.table.servers.get(node.rank) if node.role == SERVER else None

    def _hello(self, peer: str, message: Hello) -> None:
        if message.node != peer:
            text = f"{peer!r} says that it is {message.node!r}"
            self._effects.append(Send(peer, Refused(self.table.membership, 0, "OutOfPlace", text)))
            return
        self._connected.add(peer)
        number = self.table.membership
        window_bytes = self.settings.push_window_bytes
        self._effects.append(Send(peer, Welcome(number, SCHEDULER_NAME, message.connection, window_bytes)))
        if number > 0:
            self._effects.append(Send(peer, TableIs(number, self.table.to_wire())))
        self._end_for(peer)

    def _take(self, node: Node, peer: str, message: Message, now: float) -> None:
        number = self.table.membership
        sender = SENDERS.get(type(message), node.role)
        if sender != node.role:
            text = f"{message.op!r} comes from a {sender}, came from {node.title}"
            self._effects.append(Send(peer, Refused(number, getattr(message, "request", 0), "OutOfPlace", text)))
            return
        match message:
            case Heartbeat():
                self._counters[peer] = told(message.counters)
                self._effects.append(Send(peer, Beat(number, self._suspects)))
                self._end_for(peer)
            case Fetch():
                self._effects.append(Send(peer, TableIs(number, self.table.to_wire())))
            case Have():
                held = tuple(
                    Waited(r, self.barriers.missing(*name, self.table.present_workers())[:NAMED_MAX])
                    for r in message.requests
                    if (name := self.barriers.holds(peer, r)) is not None
                )
                self._effects.append(Send(peer, Had(number, message.connection, 0, message.requests, held)))
            case Sizes() if number == 0 or len(message.slot_bytes) != SLOTS:
                came = len(message.slot_bytes)
                text = f"the slots are dealt by the bytes of {SLOTS} slots once the job has gathered, came {came}"
                self._effects.append(Send(peer, Refused(number, message.request, "OutOfPlace", text)))
            case Sizes():
                self._deal(message)
                self._effects.append(Send(peer, Taken(self.table.membership, (message.request,))))
            case Waiting():
                if self.barriers.wait(node.rank, message.store, message.number, peer, message.request):
                    self._effects.append(Send(peer, Released(number, message.request, message.store, message.number)))
                self._release()
            case Leave():
                self._leave(node, peer, message, now)
            case Exited():
                self._exited(message, now)
                self._effects.append(Send(peer, Taken(self.table.membership, (message.request,))))
            case Status():
                self._effects.append(Send(peer, StatusIs(number, message.request, self.status(now))))
            case Refused():
                self._effects.append(Log("warning", f"{node.title} refused a message: {message.text}"))
            case _:
                text = f"the scheduler takes no {message.op!r}"
                self._effects.append(Send(peer, Refused(number, getattr(message, "request", 0), "OutOfPlace", text)))

    def _deal(self, message: Sizes) -> None:
        if self.table.is_dealt:
            return
        primaries = deal(message.slot_bytes, sorted(self.table.servers))
        self.table = replace(
            self.table, membership=self.table.membership + 1, primaries=primaries, backups=(-1,) * len(primaries)
        )
        self._broadcast()

    def _release(self) -> None:
        for peer, request, store, number in self.barriers.release(self.table.present_workers()):
            self._effects.append(Send(peer, Released(self.table.membership, request, store, number)))

    # ----- the end of a rank -----

    def _leave(self, node: Node, peer: str, message: Leave, now: float) -> None:
        member = self.table.workers[node.rank]
        if member.state == ADMITTED:
            self._left(member, now)
        self._effects.append(Send(peer, Taken(self.table.membership, (message.request,))))

    def _left(self, member: Member, now: float) -> None:
        self.liveness.forget(member.name)
        self._story(member.name, "left")
        self._change(replace(member, state=LEFT))
        self._release()
        self._check_over(now)

    def _check_over(self, now: float) -> None:
        workers = self.table.workers.values()
        if self.is_over or not workers or any(m.state in (ADMITTED, EXPECTED) for m in workers):
            return
        if all(m.state == GIVEN_UP for m in workers):
            self._fail("every worker was given up", now)
            return
        self.is_over = True
        for name in [*(m.name for m in self.table.servers.values()), str(Node(LAUNCHER, 0, 0))]:
            self._effects.append(Send(name, Finish(self.table.membership)))

    def _exited(self, message: Exited, now: float) -> None:
        """The launcher saw a process end."""
        if message.role not in ROLES or message.role in (SCHEDULER, LAUNCHER):
            return
        members = self.table.workers if message.role == WORKER else self.table.servers
        member = members.get(message.rank)
        if member is None or message.incarnation not in (-1, member.incarnation):
            return
        self.liveness.forget(member.name)
        self._here.pop(member.name, None)
        if member.state == EXPECTED and message.code == 0 and message.role == WORKER:
            self._left(member, now)  # it ended well and never joined
        elif self.is_over and member.state == EXPECTED:
            self._change(replace(member, state=LEFT))
        elif member.state in (ADMITTED, EXPECTED) and not (self.is_over and message.role == SERVER):
            self._lost(
                member.name if member.incarnation >= 0 else f"{member.role}:{member.rank}:0",
                exit_text(message.code),
                now,
            )

    def _lost(self, name: str, why: str, now: float) -> None:
        """The verdict: this node is dead."""
        node = parse(name)
        member = self._member(node)
        if node is None or member is None or member.state in (LEFT, GIVEN_UP) or self.failure is not None:
            return
        self._story(name, f"lost: {why}")
        where = f" on {member.host}" if member.host else ""
        if node.role == WORKER and self.settings.elastic and member.state == ADMITTED:
            self._effects.append(Log("warning", f"{node.title}{where} {why}; training goes on without it"))
            self._change(replace(member, state=GIVEN_UP))
            self._release()
            self._check_over(now)
            return
        consequence = "its values are lost" if node.role == SERVER else "the others cannot go on without its gradients"
        self._change(replace(member, state=GIVEN_UP))
        self._fail(f"{node.title}{where} {why}; {consequence}", now)

    def _fail(self, text: str, now: float) -> None:
        if self.failure is not None:
            return
        self.failure = text
        self._failed_at = now
        self._effects.append(Log("error", text))
        for name in sorted(self._connected):
            self._effects.append(Send(name, Failed(self.table.membership, text)))

    def _end_for(self, peer: str) -> None:
        """Tell a node that is still here that the job has ended, in case it was not heard the first time."""
        if self.failure is not None:
            self._effects.append(Send(peer, Failed(self.table.membership, self.failure)))
        elif self.is_over:
            self._effects.append(Send(peer, Finish(self.table.membership)))

    def _check_finished(self, now: float) -> None:
        """After the end: finished when every node has gone, seen by the launcher or by its silence."""
        if self.is_over or self.failure is not None:
            limit_s = OVER_AFTER_BEATS * self.settings.heartbeat_s
            self._here = {name: at for name, at in self._here.items() if now - at < limit_s}
            self.finished = not self._here and not self._may_come(now)

    def _may_come(self, now: float) -> bool:
        """Whether nodes that must be told the end are still on their way: a job may be over, or fail, at its start."""
        if self._failed_at is not None:
            everyone = [*self.table.workers.values(), *self.table.servers.values()]
            is_early = now - self._failed_at <= OVER_AFTER_BEATS * self.settings.heartbeat_s
            return is_early and any(m.state == EXPECTED for m in everyone)
        expected = any(m.state == EXPECTED for m in self.table.servers.values())
        return self.is_over and expected and now - self._started_at <= self.settings.start_limit_s

    # ----- what one sees -----

    def status(self, now: float) -> dict[str, Any]:
        """For each node its state, silence in seconds, counters and story."""
        nodes: dict[str, Any] = {}
        for member in [*self.table.workers.values(), *self.table.servers.values()]:
            name = member.name
            nodes[name] = {
                "state": "suspect" if name in self._suspects else member.state,
                "host": member.host,
                "silent_s": round(self.liveness.silent_s(name, now), 3),
                "counters": self._counters.get(name, {}),
            }
        nodes[SCHEDULER_NAME] = {
            "state": "failed"
            if self.failure
            else "over"
            if self.is_over
            else "running"
            if self.table.membership
            else "gathering",
            "host": "",
            "silent_s": 0.0,
            "counters": {"membership": self.table.membership, "failure": self.failure or "", **self.traffic},
        }
        return nodes

    def story(self, rank_name: str) -> list[str]:
        """What has happened to `worker:1` over all its lives, in order."""
        return self._stories.get(rank_name, [])

    def _story(self, name: str, event: str) -> None:
        self._stories.setdefault(name.rsplit(":", 1)[0], []).append(event)

    def _flush(self) -> Effects:
        effects, self._effects = self._effects, []
        return effects

    def check(self) -> None:
        """Assert the invariants."""
        assert self.table.membership > 0 or self.is_over or not self._gathered() or not self.table.workers


def told(counters: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a node's counters: numbers and short texts by name; the rest is cut off or left out."""
    kept = {
        name[:COUNTER_MAX]: value[:COUNTER_MAX] if isinstance(value, str) else value
        for name, value in counters.items()
        if value is None or isinstance(value, (bool, int, float, str))
    }
    return dict(list(kept.items())[:COUNTERS_MAX])


def exit_text(code: int) -> str:
    """What an exit code says: `ended with exit code 3`, `was killed by SIGKILL`."""
    if code >= 0:
        return f"ended with exit code {code}" + ("" if code else " without leaving the job")
    import signal

    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"
