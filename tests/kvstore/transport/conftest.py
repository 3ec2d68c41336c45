"""The bodies of the transport, to be held to one contract, and a pump that waits with a deadline."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from shutil import rmtree

import pytest

from mxl.kvstore.transport.base import Event, Transport
from mxl.kvstore.transport.curve import JobKeys, make_keys
from mxl.kvstore.transport.faulty import Faults, FaultyTransport
from mxl.kvstore.transport.memory import MemoryNetwork, MemoryTransport
from mxl.kvstore.transport.zmq import ZmqTransport

BODIES = ("memory", "ipc", "tcp", "curve", "faultless")


class Net:
    """Makes transports of one kind, and closes them all."""

    def __init__(self, body: str, folder: Path) -> None:
        self.body = body
        self.keys: JobKeys | None = make_keys() if body == "curve" else None
        self.made: list[Transport] = []
        self.events: dict[Transport, list[Event]] = {}
        self._folder = folder
        self._memory = MemoryNetwork()

    def bind(self, address: str = "", linger_s: float = 0.0) -> Transport:
        """A bound node: anywhere, or where an earlier one was."""
        address = address or self._anywhere()
        if self.body in {"memory", "faultless"}:
            return self._keep(MemoryTransport(self._memory, [address]))
        return self._keep(ZmqTransport([address], keys=self.keys, linger_s=linger_s))

    def open(self) -> Transport:
        """A node that only connects."""
        return self._keep(MemoryTransport(self._memory) if self.body in {"memory", "faultless"}
                          else ZmqTransport(keys=self.keys))

    def pair(self, identity: str = "worker:0:0") -> tuple[Transport, Transport]:
        """A bound node and one that is connected to it, as `server`."""
        bound, near = self.bind(), self.open()
        near.connect("server", bound.addresses, identity, "")
        self.until(lambda: self.events[near])
        self.events[near].clear()
        return bound, near

    def until(self, reached: Callable[[], object], within_s: float = 10.0) -> None:
        """Let all nodes receive until this is so.  What they received is in `events`."""
        deadline = time.monotonic() + within_s
        while not reached():
            assert time.monotonic() < deadline, f"not within {within_s} s; came {self.events}"
            for transport in self.made:
                self.events[transport] += transport.receive(0.002)

    def close(self) -> None:
        for transport in self.made:
            transport.close()

    def _keep(self, transport: Transport) -> Transport:
        if self.body == "faultless":
            transport = FaultyTransport(transport, Faults(), Random(0))
        self.made.append(transport)
        self.events[transport] = []
        return transport

    def _anywhere(self) -> str:
        if self.body in {"memory", "faultless"}:
            return self._memory.new_address()
        return f"ipc://{self._folder}/{len(self.made)}" if self.body == "ipc" else "tcp://127.0.0.1:*"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of mode 0700 with a short path."""
    path = Path(tempfile.mkdtemp(prefix="t-"))
    assert path.stat().st_mode & 0o777 == 0o700
    assert len(os.fsencode(path)) < 80
    yield path
    rmtree(path)


@pytest.fixture(params=BODIES)
def net(request: pytest.FixtureRequest, folder: Path) -> Iterator[Net]:
    made = Net(request.param, folder)
    yield made
    made.close()


@pytest.fixture
def make_net(folder: Path) -> Iterator[Callable[[str], Net]]:
    """Nets of a kind that the test chooses."""
    nets: list[Net] = []

    def make(body: str) -> Net:
        nets.append(Net(body, folder))
        return nets[-1]

    yield make
    for net in nets:
        net.close()
