"""The thread in which the launcher speaks with the scheduler.

Knows: the thread, its transport, and how the launcher's own thread hands things over.  Never: what is said
(`reporter.py`).
The launcher asks at any time and never waits; without a scheduler that answers it has no status, and
nothing else changes.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from ..kvstore.loop import Loop
from ..kvstore.machine import Effects
from ..kvstore.transport.base import Transport
from .launcher import Exit
from .progress import Nodes
from .reporter import Reporter

STOP_LIMIT_S = 5.0


class SchedulerLink:
    """Runs a Reporter, over the transport that `make_transport` gives, in a thread from `start` to `stop`."""

    def __init__(self, reporter: Reporter, make_transport: Callable[[], Transport]) -> None:
        self._reporter, self._make_transport = reporter, make_transport
        self._asked: deque[Callable[[float], Effects]] = deque()
        self._transport: Transport | None = None
        self._thread = threading.Thread(target=self._run, name="mxl-launch scheduler link", daemon=True)
        self.problem = ""
        self._told = 0

    def start(self) -> None:
        """Begin to connect."""
        self._transport = self._make_transport()
        self._thread.start()

    def report(self, exit: Exit, again: bool = False) -> None:
        """Tell the scheduler that a process has ended, and whether it is started again."""
        self._told += 1
        self._do(lambda now: self._reporter.report(exit, again))

    @property
    def all_reported(self) -> bool:
        """Whether the scheduler has acknowledged every end that was to be reported."""
        return self._reporter.acknowledged >= self._told

    def ask(self) -> None:
        """Have a new status soon."""
        self._do(self._reporter.ask)

    def status(self) -> tuple[int, Nodes]:
        """How many statuses have come, and the newest."""
        return self._reporter.status_count, self._reporter.nodes

    @property
    def all_left(self) -> bool:
        """Every rank has left in order."""
        return self._reporter.all_left

    @property
    def failure(self) -> str:
        """Why the scheduler says that the job has failed; empty if it does not."""
        return self._reporter.failure

    def stop(self) -> None:
        """Close the connection and wait for the thread.  Nothing if it was not started."""
        if self._transport is None:
            return
        self._do(lambda now: self._reporter.stop())
        self._thread.join(STOP_LIMIT_S)
        self._transport = None

    def _do(self, what: Callable[[float], Effects]) -> None:
        self._asked.append(what)
        if self._transport is not None:
            self._transport.wake()

    def _commands(self, now: float) -> Effects:
        effects: Effects = []
        while self._asked:
            effects += self._asked.popleft()(now)
        return effects

    def _run(self) -> None:
        transport = self._transport
        assert transport is not None
        try:
            Loop(self._reporter, transport, time_now=time.monotonic, commands=self._commands).run()
        except Exception as error:  # the job is worth more than the view of it
            self.problem = f"the view of the cluster has ended: {type(error).__name__}: {error}"
        finally:
            transport.close()
