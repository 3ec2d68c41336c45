"""What the ends of a job's processes mean, and what follows from them.

Pure state: exits, interruptions and the scheduler's word come in with `now` (seconds, monotonic), effects come out;
nothing here sleeps, signals or prints.  A job is

    running -> finishing  (all workers have ended in order: servers and scheduler have `FINISH_S` to end by
themselves)
    running -> failing    (a process has ended out of order: the others have `SAY_S` to say their sentence)
    any     -> ending     (TERM is sent; KILL follows after `TERM_S`, or at a second interruption)
    ending  -> finished   (no process is left)

Invariant: the first failure decides the exit code and is told once; no later end changes it.
"""

from __future__ import annotations

import signal
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ..kvstore.names import SERVER, WORKER
from .job import ProcessSpec
from .launcher import Exit, signal_name

FINISH_S = 15.0
SAY_S = 4.0
TERM_S = 3.0
VERDICT_S = 2.0  # an end that only the scheduler can judge is judged without it after this


@dataclass(frozen=True)
class Signal:
    """Send `number` to these processes."""

    processes: tuple[ProcessSpec, ...]
    number: int


@dataclass(frozen=True)
class Say:
    """A line for the user."""

    text: str


@dataclass(frozen=True)
class ShowFailure:
    """Tell of the first failure, with the process's last lines."""

    text: str
    process: ProcessSpec


@dataclass(frozen=True)
class Tell:
    """Report to the scheduler that a process has ended, and whether it is about to be started `again`."""

    exit: Exit
    again: bool = False


@dataclass(frozen=True)
class Start:
    """Start another life of this process."""

    process: ProcessSpec


@dataclass(frozen=True)
class Ask:
    """Have the scheduler's word on who has left, now."""


Effect = Signal | Say | ShowFailure | Tell | Start | Ask
Effects = list[Effect]


class Supervisor:
    """Judges the ends of these processes; starts so many servers again."""

    def __init__(self, processes: Sequence[ProcessSpec], restarts: int = 0) -> None:
        self._running = list(processes)
        self._restarts = restarts
        self._to_start: list[ProcessSpec] = []  # once the scheduler knows of their ends
        self._unjudged: list[tuple[Exit, float]] = []  # with the time at which they are judged in any case
        self._left: set[tuple[str, int]] = set()
        self._all_left = False
        self._deadline: float | None = None
        self._state = "running"
        self._kills = False
        self.failed = False
        self.interrupted_by = 0
        self.exit_code = 0

    @property
    def finished(self) -> bool:
        """No process runs or is about to, and no end is unjudged."""
        return not self._running and not self._unjudged and not self._to_start

    def deadline(self) -> float | None:
        """The time at which `tick` has something to do."""
        times = [until for _, until in self._unjudged] + ([] if self._deadline is None else [self._deadline])
        return min(times, default=None)

    # ----- what comes in -----

    def exited(self, exit: Exit, now: float) -> Effects:
        """A process has ended."""
        self._running.remove(exit.process)
        if self._may_start_again(exit):
            self._restarts -= 1
            self._to_start.append(exit.process)
            left = f"{self._restarts} restart{'s' * (self._restarts != 1)} left"
            return [Tell(exit, again=True), Say(f"{exit.text}; it is started again ({left})")]
        effects: Effects = [Tell(exit)]
        if self._state == "ending" or self.failed:
            return effects
        in_order = self._in_order(exit)
        if in_order is None or (self._unjudged and not in_order):  # what died before may be why this one failed
            self._unjudged.append((exit, now + VERDICT_S))
            return [*effects, Ask()]
        effects += self._judge(exit, now)
        return effects + self._judge_again(now, late=False)

    def has_left(self, nodes: Collection[tuple[str, int]], now: float) -> Effects:
        """The scheduler says that these (role, rank) have left in order."""
        self._left |= set(nodes)
        return self._judge_again(now, late=False)

    def all_reported(self) -> Effects:
        """The scheduler knows of every end: a new life is not taken for the old one."""
        starts, self._to_start = self._to_start, []
        self._running += starts
        return [Start(process) for process in starts]

    def job_has_failed(self) -> None:
        """The scheduler has ended the job: nothing is started again."""
        self._restarts = 0
        self._to_start.clear()

    def all_left(self, now: float) -> Effects:
        """The scheduler says that every rank has left: servers may end."""
        self._all_left = True
        return self._judge_again(now, late=False)

    def interrupted(self, number: int, now: float) -> Effects:
        """The user, or the system, has asked for the end: by a signal to the launcher."""
        if self.interrupted_by or self._state == "ending":
            return self._kill("killing what is left")
        self.interrupted_by = number
        if not self.failed:
            self.exit_code = 128 + number
        self._unjudged.clear()
        return [Say(f"{signal_name(number)}: ending the job"), *self._end(now)]

    def tick(self, now: float) -> Effects:
        """Do what is due."""
        effects = self._judge_again(now, late=True)
        if self._deadline is None or now < self._deadline or not self._running:
            return effects
        if self._state == "ending":
            return effects + self._kill("")
        if self._state == "finishing":
            names = ", ".join(process.title for process in self._running)
            effects.append(Say(f"{names}: still running {FINISH_S:g} s after the last worker; ended now"))
        return effects + self._end(now)

    # ----- what follows -----

    def _in_order(self, exit: Exit) -> bool | None:
        """Whether this is how such a process should end; None: the scheduler may yet say so."""
        process = exit.process
        if process.role == WORKER:
            if exit.code >= 0:
                return exit.code == 0
            return True if (WORKER, process.rank) in self._left else None
        if exit.code != 0:
            return False
        return True if self._all_left or not self._workers() else None

    def _may_start_again(self, exit: Exit) -> bool:
        is_at_work = self._state == "running" and not self.failed and bool(self._workers()) and not self._all_left
        return exit.process.role == SERVER and exit.code != 0 and is_at_work and self._restarts > 0

    def _workers(self) -> list[ProcessSpec]:
        return [process for process in self._running if process.role == WORKER]

    def _judge_again(self, now: float, late: bool) -> Effects:
        effects: Effects = []
        for entry in list(self._unjudged):
            exit, until = entry
            if entry not in self._unjudged:  # a failure has settled them all
                break
            in_order = self._in_order(exit)
            if in_order or (in_order is False and entry is self._unjudged[0]) or (late and now >= until):
                self._unjudged.remove(entry)
                effects += self._judge(exit, now)
        return effects

    def _judge(self, exit: Exit, now: float) -> Effects:
        if self.failed or self._state == "ending":
            return []
        if not self._in_order(exit):
            return self._fail(exit, now)
        if self._state == "running" and not self._workers() and not self._unjudged:
            self._state, self._deadline = "finishing", now + FINISH_S
            self._to_start.clear()  # nobody needs them any more
        return []

    def _fail(self, exit: Exit, now: float) -> Effects:
        self.failed = True
        self.exit_code = exit.shell_code or 1
        text = exit.text
        if exit.process.role != WORKER:
            text += " before the workers had finished" if self._workers() else ""
        self._unjudged.clear()
        self._to_start.clear()
        self._state, self._deadline = "failing", now + SAY_S
        return [ShowFailure(text, exit.process)]

    def _end(self, now: float) -> Effects:
        self._to_start.clear()
        self._state, self._deadline = "ending", now + TERM_S
        return [Signal(tuple(self._running), signal.SIGTERM)] if self._running else []

    def _kill(self, why: str) -> Effects:
        if self._kills or not self._running:
            return []
        self._kills, self._deadline = True, None
        said: Effects = [Say(why)] if why else []
        return [*said, Signal(tuple(self._running), signal.SIGKILL)]
