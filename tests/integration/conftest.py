"""Clusters on real sockets in one process, jobs of real processes, and strangers who speak to both.

`sockets(...)` is `mxl.testing.cluster` over ipc or tcp in place of memory queues: real transports, and a test can look
inside.  `launch(...)` runs a script under mxl-launch; `start(...)` starts one process of a role by hand.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from shutil import rmtree
from types import ModuleType
from typing import Any

import psutil
import pytest
import zmq

from mxl.kvstore import host
from mxl.kvstore.transport.base import Transport
from mxl.kvstore.transport.curve import JobKeys
from mxl.kvstore.transport.zmq import ZmqTransport
from mxl.kvstore.wire.codec import decode, encode
from mxl.kvstore.wire.errors import WireError
from mxl.kvstore.wire.messages import Message
from mxl.testing.inprocess import Cluster

LIMIT_S = 30.0

# For jobs that are to notice deaths within a test's time.
IMPATIENT = {"MXL_HEARTBEAT_S": "0.1", "MXL_SUSPECT_AFTER_S": "0.5", "MXL_LOST_AFTER_S": "1.5",
             "MXL_REQUEST_DEADLINE_S": "2", "MXL_PROBE_AFTER_S": "0.3", "MXL_WARN_AFTER_S": "0.4"}


def wait_for(condition: Callable[[], Any], what: Callable[[], object], within_s: float = LIMIT_S) -> Any:
    """What the condition gives, once it gives something."""
    deadline = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {within_s} s: {what()}"
        os.sched_yield()
    return found


# ----- a cluster on sockets, in this process -----


class Sockets:
    """Makes a cluster's transports: what MemoryNetwork is to memory queues.  `make` is ZmqTransport, or worse."""

    def __init__(self, scheme: str, folder: Path, keys: JobKeys | None, make: Callable[..., Transport]) -> None:
        self.scheme, self.folder, self.keys, self.make = scheme, folder, keys, make
        self.proof = host.make_proof(folder)
        self.made: list[Transport] = []

    def transport(self, bind: Sequence[str] | None = None) -> Transport:
        if bind is None:
            ipc, tcp = f"ipc://{self.folder}/{len(self.made)}", "tcp://127.0.0.1:*"
            bind = {"ipc": [ipc], "tcp": [tcp], "both": [ipc, tcp]}[self.scheme]
        made = self.make(bind, keys=self.keys, linger_s=0.5 if bind else 0.0)
        self.made.append(made)
        return made


class SocketCluster(Cluster):
    """An in-process cluster whose nodes meet over sockets."""

    def __init__(self, network: Sockets, workers: int, servers: int, **settings: Any) -> None:
        super().__init__(workers, servers, **settings)
        self._network = network  # type: ignore[assignment]

    def addresses(self, name: str) -> tuple[str, ...]:
        """Where the scheduler, or `server 0`, is bound."""
        return self._roles[name].transport.addresses

    def is_running(self, name: str) -> bool:
        return self._roles[name].thread.is_alive()

    def kill(self, name: str) -> None:
        """End a role at once, as kill -9 does: it says nothing to anybody."""
        role = self._roles[name]
        role.transport._linger_s = 0.0  # type: ignore[attr-defined]
        role.stop()
        role.thread.join(LIMIT_S)

    def said(self, words: str) -> list[str]:
        """The lines of scheduler and servers that hold these words."""
        return [line for line in self.log if words in line]


MakeCluster = Callable[..., SocketCluster]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of mode 0700 with a short path: a job's."""
    path = Path(tempfile.mkdtemp(prefix="j-"))
    yield path
    rmtree(path)


@pytest.fixture
def sockets(folder: Path) -> MakeCluster:
    """`sockets(workers=2, servers=1, scheme='tcp', keys=..., **settings)`: to be used in a with statement."""

    def make(
        workers: int = 2, servers: int = 1, *, scheme: str = "ipc", keys: JobKeys | None = None,
        transport: Callable[..., Transport] = ZmqTransport, **settings: Any,
    ) -> SocketCluster:
        return SocketCluster(Sockets(scheme, folder, keys, transport), workers, servers, **settings)

    return make


# ----- a stranger -----


class Stranger:
    """A plain ZeroMQ socket that connects to a node and says what it likes, under the name that it likes."""

    def __init__(self, address: str, identity: str | bytes = b"") -> None:
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.DEALER)
        self._socket.set(zmq.LINGER, 0)
        if identity:
            self._socket.set(zmq.ROUTING_ID, identity if isinstance(identity, bytes) else identity.encode("latin-1"))
        self._socket.connect(address)

    def __enter__(self) -> Stranger:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._context.term()

    def send(self, *frames: bytes) -> None:
        self._socket.send_multipart(frames)

    def say(self, message: Message) -> None:
        self._socket.send_multipart([bytes(frame) for frame in encode(message)])

    def hear_anything_or_nothing(self) -> None:
        """Let what was said arrive: until an answer, or for a moment."""
        self._socket.poll(30)

    def hear(self, kind: type[Message] = Message, within_s: float = 10.0) -> Any:
        """The next message of this kind."""
        deadline = time.monotonic() + within_s
        while (left_s := deadline - time.monotonic()) > 0 and self._socket.poll(left_s * 1000):
            try:
                message = decode(self._socket.recv_multipart())
            except WireError:
                continue
            if isinstance(message, kind):
                return message
        raise AssertionError(f"no {kind.__name__} within {within_s} s")


@pytest.fixture
def stranger() -> type[Stranger]:
    """`with stranger(address, identity) as s:`."""
    return Stranger


@pytest.fixture(scope="session")
def babble() -> ModuleType:
    """babble.py, beside this file: test folders are no packages."""
    spec = importlib.util.spec_from_file_location("babble", Path(__file__).with_name("babble.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def impatient() -> dict[str, str]:
    """Variables for jobs that are to notice deaths within a test's time."""
    return dict(IMPATIENT)


@pytest.fixture
def until() -> Callable[..., Any]:
    """`until(condition, what)`: wait_for."""
    return wait_for


# ----- jobs of real processes -----


class Job:
    """mxl-launch with a script, or one process of a role: what it prints, its processes, its end."""

    def __init__(self, command: Sequence[str | Path], env: dict[str, str], folder: Path) -> None:
        self.process = subprocess.Popen(
            [str(word) for word in command], env={**os.environ, **env}, cwd=folder, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.seen = ""

    def read_until(self, text: str, times: int = 1) -> str:
        """Wait until this has been printed so many times; all that was printed."""
        assert self.process.stdout is not None
        while self.seen.count(text) < times:
            line = self.process.stdout.readline()
            assert line, f"it ended before printing {text!r} ({times}x):\n{self.seen}"
            self.seen += line
        return self.seen

    def end(self, within_s: float = LIMIT_S) -> tuple[int, str]:
        """Its exit code, and all that it has printed; it must end in time."""
        try:
            rest, _ = self.process.communicate(timeout=within_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"still running after {within_s} s:\n{self.seen}") from None
        self.seen += rest
        return self.process.returncode, self.seen

    def pid_of(self, role: str, rank: int = 0) -> int:
        """The process of `worker` 1, as soon as it is there."""
        def find() -> int:
            for child in psutil.Process(self.process.pid).children():
                try:
                    env = child.environ()
                except psutil.Error:  # ended, or not yet itself
                    continue
                if (env.get("MXL_ROLE"), env.get("MXL_RANK", "0")) == (role, str(rank)):
                    return child.pid
            return 0

        return wait_for(find, lambda: f"no {role} {rank}:\n{self.seen}")

    def shoot(self, role: str, rank: int = 0) -> None:
        """kill -9 one of its processes."""
        os.kill(self.pid_of(role, rank), signal.SIGKILL)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        rest, _ = self.process.communicate()
        self.seen += rest


@pytest.fixture
def jobs() -> Iterator[list[Job]]:
    """All jobs of the test; those that still run are ended."""
    made: list[Job] = []
    yield made
    for job in made:
        job.kill()


@pytest.fixture
def launch(tmp_path: Path, jobs: list[Job]) -> Callable[..., Job]:
    """`launch(code or path, workers=2, servers=1, options=(...), words=(...), **variables)`: a job under mxl-launch."""

    def run(
        script: str | Path, workers: int = 2, servers: int = 1, options: Sequence[str] = (), words: Sequence[str] = (),
        **variables: str,
    ) -> Job:
        if isinstance(script, str):
            script = write(tmp_path, "train.py", script)
        launcher = Path(sys.executable).with_name("mxl-launch")
        command: list[str | Path] = [launcher, "-n", str(workers), "-s", str(servers), "--no-progress", "--log-folder",
                                  tmp_path / f"logs{len(jobs)}", *options, script, *words]
        jobs.append(Job(command, variables, tmp_path))
        return jobs[-1]

    return run


@pytest.fixture
def start(tmp_path: Path, jobs: list[Job]) -> Callable[..., Job]:
    """`start('server', **variables)` is python -m mxl.server; any other text is a program of its own.

    `prefix` is the command that runs it, as in another network namespace.
    """

    def run(what: str, *, prefix: Sequence[str] = (), **variables: str) -> Job:
        if what in ("scheduler", "server"):
            command: list[str | Path] = [sys.executable, "-m", f"mxl.{what}"]
        else:
            command = [sys.executable, write(tmp_path, f"script{len(jobs)}.py", what)]
        jobs.append(Job([*prefix, *command], variables, tmp_path))
        return jobs[-1]

    return run


def write(folder: Path, name: str, code: str) -> Path:
    path = folder / name
    path.write_text(textwrap.dedent(code))
    return path
