"""What is the memory transport's own: addresses, and who shares what."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from mxl.core.errors import MXLError
from mxl.kvstore.transport.base import PeerDown, PeerUp, Received
from mxl.kvstore.transport.memory import MemoryNetwork


def test_networks_are_worlds_apart() -> None:
    one, other = MemoryNetwork(), MemoryNetwork()
    bound, near = one.transport(["memory://a"]), other.transport([])
    other.transport(["memory://b"])
    near.connect("server", bound.addresses, "worker:0:0", "")
    assert near.receive(0.0) == []


def test_a_frame_is_shared_not_copied_and_cannot_be_written() -> None:
    network = MemoryNetwork()
    bound, near = network.transport(), network.transport([])
    near.connect("server", bound.addresses, "worker:0:0", "")
    gradient = np.arange(4, dtype=np.float32)
    near.send("server", [memoryview(gradient).cast("B")])
    (event,) = bound.receive(1.0)
    assert isinstance(event, Received)
    received = np.frombuffer(event.frames[0], np.float32)
    assert np.shares_memory(received, gradient)
    assert not received.flags.writeable


def test_an_address_is_bound_once() -> None:
    network = MemoryNetwork()
    first = network.transport(["memory://a"])
    with pytest.raises(MXLError, match="memory://a is bound already; close that node first"):
        network.transport(["memory://a"])
    first.close()
    assert network.transport(["memory://a"]).addresses == ("memory://a",)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "memory://", "a"])
def test_what_is_no_memory_address_has_its_sentence(address: str) -> None:
    with pytest.raises(MXLError, match=f"a memory address is memory://NAME, came '{address}'"):
        MemoryNetwork().transport([address])


def test_a_peer_elsewhere_cannot_be_reached() -> None:
    near = MemoryNetwork().transport([])
    with pytest.raises(MXLError, match=r"server is at tcp://10\.0\.0\.7:1; a node in memory reaches memory://NAME"):
        near.connect("server", ("tcp://10.0.0.7:1",), "worker:0:0", "")
    with pytest.raises(MXLError, match="server is at no address"):
        near.connect("server", (), "worker:0:0", "")


def test_who_lost_its_name_to_another_is_told() -> None:
    network = MemoryNetwork()
    bound, old, new = network.transport(), network.transport([]), network.transport([])
    old.connect("server", bound.addresses, "worker:0:0", "")
    old.send("server", [b"unread"])
    new.connect("server", bound.addresses, "worker:0:0", "")
    assert old.receive(0.0) == [PeerUp("server"), PeerDown("server")]
    assert not old.send("server", [b"x"])
    assert bound.receive(0.0) == []


def test_threads_that_send_at_once_lose_nothing() -> None:
    network = MemoryNetwork()
    bound = network.transport()
    nodes = [network.transport([]) for _ in range(4)]
    for n, node in enumerate(nodes):
        node.connect("server", bound.addresses, f"worker:{n}:0", "")

    def send(node) -> None:
        for n in range(500):
            assert node.send("server", [b"%d" % n])

    threads = [threading.Thread(target=send, args=[node]) for node in nodes]
    for thread in threads:
        thread.start()
    events = []
    while len(events) < 2000:
        events += bound.receive(5.0)
    for thread in threads:
        thread.join()
    for n in range(4):
        assert [int(bytes(e.frames[0])) for e in events if e.peer == f"worker:{n}:0"] == list(range(500))
