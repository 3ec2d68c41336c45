"""The I/O thread of a worker: it alone owns transport and state machine; the script's thread meets it in a queue.

Knows: how calls get in (`submit`), and how the thread ends: the machine has finished, `stop`, or an error, which then
fails every call.  Never: what a call means.  Invariant: a call handed to `submit` ends answered or failed, whatever
happens.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

from ..kvstore.errors import KVStoreError, StoreClosed
from ..kvstore.loop import Loop
from ..kvstore.machine import Effects
from ..kvstore.traffic import Traffic
from ..kvstore.transport.base import Transport
from .calls import Call
from .state import WorkerState


class IoThread:
    """Runs `machine` over `transport` in a daemon thread.  `submit`, `stop`, `join` may be called from any thread."""

    def __init__(
        self, machine: WorkerState, transport: Transport, traffic: Traffic, name: str = "mxl-worker-io"
    ) -> None:
        self.machine = machine
        self._transport = transport
        self._loop = Loop(machine, transport, traffic=traffic, commands=self._commands)
        self._calls: deque[Call] = deque()
        self._taken: list[Call] = []  # those that the machine is being given
        self._lock = threading.Lock()
        self._ended: Exception | None = None
        self._stopping = False
        # A daemon: a script that ends must not wait for it here; the leave at exit is what waits, with deadlines.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, calls: Sequence[Call]) -> None:
        """Hand over calls, in order.  After the end each fails at once."""
        with self._lock:
            if self._ended is None:
                self._calls.extend(calls)
                self._transport.wake()
                return
        for call in calls:
            call.fail(self._ended)

    def stop(self) -> None:
        """End the thread without leaving the job; what is under way fails."""
        with self._lock:
            self._stopping = True
            if self._ended is None:
                self._transport.wake()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for the thread's end; whether it has ended."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _commands(self, now: float) -> Effects:
        while self._calls:
            self._taken.append(self._calls.popleft())
        if not self._taken:
            return []
        effects = self.machine.submit(self._taken, now)
        self._taken = []  # not before: should the machine fail half-way, the rest must not be forgotten
        return effects

    def _run(self) -> None:
        error: Exception = StoreClosed("this worker has left the job")
        try:
            while not self.machine.finished and not self._stopping:
                self._loop.step(None)
        except Exception as problem:
            error = KVStoreError(f"the worker's I/O thread failed: {problem!r}")
            error.__cause__ = problem
        finally:
            with self._lock:
                self._ended = error
                calls, self._calls = list(self._calls), deque()
                self._transport.close()
            for call in [*self._taken, *calls, *self.machine.unanswered()]:
                call.fail(error)
