"""A whole cluster inside this process: for tests of your own, for teaching, for trying a script's distributed part.

Knows: how the roles' state machines are put together over memory queues, each in a thread of its own, and how a
worker's function runs as one rank.  Never: a socket, a process, an environment variable.  The machines are those of a
real cluster.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Any

from ..core.errors import MXLError
from ..kvstore.loop import Loop
from ..kvstore.machine import Machine
from ..kvstore.member import Self
from ..kvstore.names import LAUNCHER_NAME, SCHEDULER_NAME, SERVER, WORKER
from ..kvstore.settings import Settings
from ..kvstore.transport.base import PeerUp, Received, Transport
from ..kvstore.transport.memory import MemoryNetwork
from ..kvstore.wire.codec import encode
from ..kvstore.wire.messages import Exited
from ..scheduler.state import SchedulerState
from ..server.state import ServerState
from ..worker import runtime as runtimes
from ..worker.runtime import Runtime

END_LIMIT_S = 30.0
REPORT_LIMIT_S = 5.0


class ClusterError(MXLError):
    """The in-process cluster was used wrongly, or a part of it did not end."""


class _Role:
    """A state machine in a thread of its own."""

    def __init__(self, name: str, machine: Machine, transport: Transport, lines: list[str]) -> None:
        self.machine, self.transport = machine, transport
        self.error: Exception | None = None
        self._name, self._lines = name, lines
        self._stopping = False
        self.thread = threading.Thread(target=self._run, name=f"mxl-{name.replace(' ', '-')}", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        loop = Loop(self.machine, self.transport, log=self._log)
        try:
            while not self.machine.finished and not self._stopping:
                loop.step(None)
        except Exception as error:
            self.error = error
        finally:
            self.transport.close()

    def _log(self, level: str, text: str) -> None:
        self._lines.append(f"{self._name}: {level}: {text}")

    def stop(self) -> None:
        self._stopping = True
        self.transport.wake()


class Cluster:
    """Scheduler, servers and workers in this process.  Use `mxl.testing.cluster(...)` in a with statement.

    `run(function)` calls `function(rank, *arguments)` in one thread for each worker; in it `mx.kv.create('dist_sync')`
    makes that worker's store.  Settings are those of `mxl.kvstore.settings.Settings`, by name.
    """

    def __init__(self, workers: int, servers: int, **settings: Any) -> None:
        if workers < 1 or servers < 1:
            raise ClusterError(
                f"a cluster has one worker and one server at least, got workers={workers}, servers={servers}"
            )
        # In one process nothing is slow to be heard: short intervals make failures quick.
        quick: dict[str, Any] = {"heartbeat_s": 0.25, "probe_after_s": 1.0}
        self._settings = Settings(**{**quick, **settings, "num_workers": workers, "num_servers": servers})
        self.num_workers, self.num_servers = workers, servers
        self._roles: dict[str, _Role] = {}
        self._runtimes: list[Runtime] = []
        self._network = MemoryNetwork()
        self._has_failed = False
        self.log: list[str] = []  # what scheduler and servers have said: `server 0: warning: ...`

    def __enter__(self) -> Cluster:
        scheduler = self._network.transport()
        self._settings = replace(self._settings, scheduler=scheduler.addresses[0])
        self._roles["scheduler"] = _Role("scheduler", SchedulerState(self._settings), scheduler, self.log)
        for rank in range(self.num_servers):
            transport = self._network.transport()
            me = Self(SERVER, rank, "this process", 0, transport.addresses, "", secrets.token_hex(8))
            name = f"server {rank}"
            self._roles[name] = _Role(name, ServerState(me, self._settings), transport, self.log)
        for rank in range(self.num_workers):
            settings = replace(self._settings, role=WORKER, rank=rank)
            self._runtimes.append(Runtime(settings, self._network.transport(())))
        return self

    def run(self, function: Callable[..., Any], *arguments: Any) -> list[Any]:
        """`function(rank, *arguments)` as each worker, at the same time; what they return, by rank.

        If one raises, the others' waits end with its name, and its error is raised here, with a note of its rank;
        the cluster is over then.  Else it may be called several times; the ranks keep their stores' numbers.
        """
        results: list[Any] = [None] * self.num_workers
        errors: list[tuple[int, BaseException]] = []

        def work(rank: int) -> None:
            try:
                with runtimes.use(self._runtimes[rank]):
                    results[rank] = function(rank, *arguments)
            except BaseException as error:
                errors.append((rank, error))
                self._report_death(rank)

        threads = [
            threading.Thread(target=work, args=(rank,), name=f"mxl-worker-{rank}") for rank in range(self.num_workers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._check_roles()
        if errors:
            self._has_failed = True
            rank, error = errors[0]
            error.add_note(f"raised by rank {rank} of {self.num_workers} in the in-process cluster")
            raise error
        return results

    def scheduler(self) -> SchedulerState:
        """The scheduler's state machine, to be looked at."""
        machine = self._roles["scheduler"].machine
        assert isinstance(machine, SchedulerState)
        return machine

    def server(self, rank: int) -> ServerState:
        """A server's state machine, to be looked at."""
        machine = self._roles[f"server {rank}"].machine
        assert isinstance(machine, ServerState)
        return machine

    def _report_death(self, rank: int) -> None:
        """What a launcher would tell the scheduler of a worker that ended with an error."""
        self._runtimes[rank].close()
        launcher = self._network.transport(())
        launcher.connect(SCHEDULER_NAME, [self._settings.scheduler], LAUNCHER_NAME, "")
        deadline = time.monotonic() + REPORT_LIMIT_S
        answered = False
        scheduler = self._roles["scheduler"].thread
        while not answered and time.monotonic() < deadline and scheduler.is_alive():
            for event in launcher.receive(0.1):
                if isinstance(event, PeerUp):
                    launcher.send(SCHEDULER_NAME, encode(Exited(0, 1, WORKER, rank, -1, 1)))
                answered = answered or isinstance(event, Received)
        launcher.close()

    def _check_roles(self) -> None:
        for name, role in self._roles.items():
            if role.error is not None:
                raise ClusterError(f"the cluster's {name} failed: {role.error!r}") from role.error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None and not self._has_failed:
                self._leave()
                self._wait_for_the_end()
        finally:
            for runtime in self._runtimes:
                runtime.close()
            for role in self._roles.values():
                role.stop()
            for role in self._roles.values():
                role.thread.join(END_LIMIT_S)
        if error is None:
            self._check_roles()

    def _leave(self) -> None:
        """Every rank leaves, as processes do when their scripts end."""
        threads = [threading.Thread(target=runtime.leave) for runtime in self._runtimes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _wait_for_the_end(self) -> None:
        """Servers end by themselves when every rank has left."""
        deadline = time.monotonic() + END_LIMIT_S
        for name, role in self._roles.items():
            if name != "scheduler":
                role.thread.join(max(0.0, deadline - time.monotonic()))
                if role.thread.is_alive():
                    raise ClusterError(f"the cluster's {name} did not end within {END_LIMIT_S:.0f} s of the last leave")


def cluster(workers: int = 2, servers: int = 2, **settings: Any) -> Cluster:
    """A cluster inside this process, for the length of a with statement.

    >>> import mxl as mx
    >>> def train(rank):
    ...     kv = mx.kv.create("dist_sync")
    ...     kv.init("w", mx.nd.zeros((2,)))
    ...     kv.push("w", mx.nd.ones((2,)) * (rank + 1))
    ...     out = mx.nd.zeros((2,))
    ...     kv.pull("w", out=out)
    ...     return out.asnumpy().tolist()
    >>> with mx.testing.cluster(workers=2, servers=2) as c:
    ...     c.run(train)
    [[3.0, 3.0], [3.0, 3.0]]
    """
    return Cluster(workers, servers, **settings)
