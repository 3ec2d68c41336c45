"""One job, from its first process to its last: the loop between launcher, supervisor, scheduler and screen.

Dull on purpose: it carries messages from one to the other.  What is started is decided in `job.py`, what an end means
in `supervisor.py`, how a process is started and ended in `local.py`.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence

from . import progress
from .errors import LaunchError
from .interrupts import Interrupts
from .job import ProcessSpec
from .launcher import Exit, Launcher
from .scheduler_link import SchedulerLink
from .screen import OutputClosed, Screen
from .supervisor import Ask, Effects, Say, ShowFailure, Signal, Start, Supervisor, Tell

REFRESH_S = 0.1
CANNOT_START = 127  # as a shell says it


class Run:
    """A job's processes under one launcher; `keeps_logs` says what to do with the logs, once `execute` has returned."""

    def __init__(
        self, processes: Sequence[ProcessSpec], launcher: Launcher, link: SchedulerLink, screen: Screen,
        restarts: int = 0,
    ) -> None:
        self._processes, self._launcher, self._link, self._screen = processes, launcher, link, screen
        self._supervisor = Supervisor(processes, restarts)
        self._seen_status = 0
        self._nodes: progress.Nodes = {}
        self._nodes_at = 0.0
        self._told: set[str] = set()

    @property
    def keeps_logs(self) -> bool:
        """A failed job's logs are kept."""
        return self._supervisor.failed

    def execute(self, wake_fd: int) -> int:
        """Run the job to its end; its exit code."""
        with Interrupts(wake_fd) as interrupts:
            try:
                for process in self._processes:
                    self._launcher.start(process)
            except LaunchError as error:
                self._screen.say(str(error))
                return CANNOT_START
            self._link.start()
            while not self._supervisor.finished:
                self._turn(interrupts)
        return self._supervisor.exit_code

    def _turn(self, interrupts: Interrupts) -> None:
        self._launcher.wait(self._timeout_s())
        exits = self._launcher.poll()
        now = time.monotonic()
        effects: Effects = []
        try:
            self._show_output()
        except OutputClosed:
            effects += self._supervisor.interrupted(signal.SIGPIPE, now)
        for exit in exits:
            effects += self._supervisor.exited(exit, now)
        for number in interrupts.taken():
            effects += self._supervisor.interrupted(number, now)
        effects += self._news(now)
        effects += self._supervisor.tick(now)
        for effect in effects:
            self._perform(effect)
        self._screen.refresh()

    def _timeout_s(self) -> float:
        until = self._supervisor.deadline()
        return REFRESH_S if until is None else min(REFRESH_S, max(0.0, until - time.monotonic()))

    def _show_output(self) -> None:
        for line in self._launcher.output():
            self._screen.line(line)
        self._screen.flush()

    def _news(self, now: float) -> Effects:
        """What the scheduler has said since the last turn."""
        effects: Effects = []
        count, nodes = self._link.status()
        if count > self._seen_status:
            self._screen.show(progress.read(nodes, self._nodes, now - self._nodes_at).text)
            self._seen_status, self._nodes, self._nodes_at = count, nodes, now
            effects += self._supervisor.has_left(progress.left(nodes), now)
        if self._link.failure:
            self._supervisor.job_has_failed()
        if self._link.all_reported:
            effects += self._supervisor.all_reported()
        if self._link.all_left:
            effects += self._supervisor.all_left(now)
        verdict = "" if self._supervisor.failed else self._link.failure  # else it repeats what was told
        for text in (self._link.problem, verdict and f"the scheduler says: {verdict}"):
            if text and text not in self._told:
                self._told.add(text)
                effects.append(Say(text))
        return effects

    def _perform(self, effect: object) -> None:
        match effect:
            case Signal():
                self._launcher.signal(effect.processes, effect.number)
            case Say():
                self._screen.say(effect.text)
            case ShowFailure():
                self._show_failure(effect)
            case Tell():
                self._link.report(effect.exit, effect.again)
            case Start():
                self._start_again(effect.process)
            case Ask():
                self._link.ask()

    def _start_again(self, process: ProcessSpec) -> None:
        try:
            self._launcher.start(process)
        except LaunchError as error:
            self._screen.say(str(error))
            for effect in self._supervisor.exited(Exit(process, CANNOT_START), time.monotonic()):
                self._perform(effect)

    def _show_failure(self, failure: ShowFailure) -> None:
        tail = self._launcher.tail(failure.process)
        self._screen.say(failure.text + ("; its last lines:" if tail else "; it printed nothing"))
        for text in tail:
            self._screen.say(f"    {text}")
        self._screen.say(f"all that it printed is in {self._launcher.log_path(failure.process)}")
