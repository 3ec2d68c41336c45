"""The runtime: a process's place in a cluster as a worker; joined by the first dist store, left when the process ends.

Knows: which runtime a thread uses (the process's own, or one that a test's cluster has put in its place), how long
the script has waited, and that an exit after an uncaught exception sends no leave.  Never: keys or values.
Invariant: importing this file starts nothing; a forked child never uses its parent's runtime.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import Generator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from ..kvstore import config
from ..kvstore.errors import KVStoreError, StoreClosed
from ..kvstore.member import Self
from ..kvstore.names import WORKER
from ..kvstore.settings import Settings
from ..kvstore.traffic import Traffic
from ..kvstore.transport.base import Transport
from .calls import Barrier, Call, LeaveJob, OpenStore
from .io import IoThread
from .progress import Progress
from .state import WorkerState

_lock = threading.Lock()
_of_process: Runtime | None = None
_of_thread = threading.local()


class Runtime:
    """One worker: its I/O thread, its state machine, its progress."""

    def __init__(self, settings: Settings, transport: Transport, proof: str = "") -> None:
        self.settings = settings
        self.pid = os.getpid()
        traffic = Traffic()
        self.progress = Progress(traffic.total)
        me = Self(WORKER, settings.rank, socket.gethostname(), self.pid, (), proof, secrets.token_hex(8))
        self.machine = WorkerState(me, settings, self.progress.counters)
        self._io = IoThread(self.machine, transport, traffic)
        self._has_left = False
        self._seen: set[int] = set()

    @property
    def rank(self) -> int:
        node = self.machine.membership.node
        return node.rank if node is not None else max(0, self.settings.rank)

    @property
    def num_workers(self) -> int:
        return len(self.machine.membership.table.workers) or self.settings.num_workers

    def submit(self, calls: Sequence[Call]) -> None:
        """Hand calls over; in a forked child, which has no I/O thread, each fails at once."""
        if os.getpid() == self.pid:
            self._io.submit(calls)
            return
        for call in calls:
            call.fail(self._is_parents())

    def _is_parents(self) -> StoreClosed:
        return StoreClosed(
            f"this store belongs to process {self.pid}, and this is its child {os.getpid()}; a forked child cannot use "
            f"it: create its own, or leave the work to the parent"
        )

    def wait(self, futures: Sequence[Future[Any]]) -> list[Any]:
        """Results of futures, all of them waited for; raises the first error.  The time counts as waited."""
        begin_s = time.monotonic()
        try:
            error: BaseException | None = None
            if os.getpid() != self.pid and not all(future.done() for future in futures):
                raise self._is_parents()
            for future in futures:
                error = error or future.exception()
            if error is not None:
                raise error
            return [future.result() for future in futures]
        finally:
            self.progress.waited(time.monotonic() - begin_s)

    def open_store(self, kind: str, staleness: int) -> int:
        """The number of a new store, when every rank is there and every server knows it."""
        call = OpenStore(kind, staleness)
        self.submit([call])
        return self.wait([call.answered])[0]

    def failure_of(self, store: int) -> Exception | None:
        """Why a store has failed; None if it has not."""
        state = self.machine.stores.get(store)
        return state.failure if state is not None else None

    def seen(self, store: int) -> None:
        """The script has been told of this store's failure."""
        self._seen.add(store)

    def unseen_failure(self) -> Exception | None:
        """The failure of a store of which the script has not been told."""
        failures = [store.failure for number, store in self.machine.stores.items() if number not in self._seen]
        return next((failure for failure in failures if failure is not None), None)

    def barrier(self, store: int) -> None:
        call = Barrier(store)
        self.submit([call])
        self.wait([call.answered])

    def leave(self) -> None:
        """This rank pushes no more; returns when the servers have answered all it pushed.  Then the runtime is over.

        Twice is once.
        """
        if self._has_left or os.getpid() != self.pid:
            return
        self._has_left = True
        call = LeaveJob()
        self.submit([call])
        try:
            self.wait([call.answered])
        finally:
            self.close()

    def close(self) -> None:
        """End without leaving.  Twice is once; in a forked child it is nothing."""
        if os.getpid() != self.pid:
            return
        self._io.stop()
        self._io.join()


def current() -> Runtime:
    """This thread's runtime; the first call in a process that is a worker joins the cluster.

    Raises KVStoreError, telling what to set or to start, where this process is no worker of a cluster.
    """
    global _of_process
    runtime: Runtime | None = getattr(_of_thread, "runtime", None)
    if runtime is not None:
        return runtime
    with _lock:
        if _of_process is None or _of_process.pid != os.getpid():
            _of_process = _join()
            atexit.register(_at_exit, _of_process)
        return _of_process


def is_of_this_thread(runtime: Runtime) -> bool:
    """Whether this thread works for that runtime: all threads of a process do, but those of an in-process cluster."""
    mine: Runtime | None = getattr(_of_thread, "runtime", None)
    return mine is None or mine is runtime


@contextlib.contextmanager
def use(runtime: Runtime) -> Generator[Runtime]:
    """Dist stores that this thread creates belong to `runtime`: an in-process cluster gives one to each worker."""
    before = getattr(_of_thread, "runtime", None)
    _of_thread.runtime = runtime
    try:
        yield runtime
    finally:
        _of_thread.runtime = before


def _join() -> Runtime:
    settings = config.load()
    if settings.role not in ("", WORKER):
        raise KVStoreError(
            f"this process is a {settings.role} (MXL_ROLE, DMLC_ROLE), and only workers run the script: start it as "
            f"python -m mxl.{settings.role}, without the script"
        )
    problem = config.missing(settings)
    if problem:
        raise KVStoreError(problem)
    from ..kvstore import node  # sockets only for those who need them

    node.import_modules(settings)
    return Runtime(replace(settings, role=WORKER), node.transport(settings), node.proof(settings))


def _at_exit(runtime: Runtime) -> None:
    """Leave, unless the script died of an exception: then its death is what the others must hear of.

    What failed while nobody looked, the last push or the leave itself, makes the exit code 1: nothing is lost in
    silence.
    """
    if os.getpid() != runtime.pid:
        return
    sys.stdout.flush()
    if hasattr(sys, "last_value") and not hasattr(sys, "ps1"):
        runtime.close()
        return
    problem = ""
    try:
        runtime.leave()
    except KVStoreError as error:
        problem = f"leaving the job failed: {error}"
    if (unseen := runtime.unseen_failure()) is not None:
        problem = f"a push failed and the script ended before it was told: {unseen}"
    if problem:
        print(f"mxl: {problem}", file=sys.stderr, flush=True)
        os._exit(1)  # an exception here would be printed and forgotten
