"""What is ZeroMQ's own: memory that is lent, processes that end, connections tried again, the loop over sockets."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mxl.kvstore.host import make_proof
from mxl.kvstore.loop import Loop
from mxl.kvstore.machine import Connect, Effects, Send
from mxl.kvstore.transport.base import Event, PeerUp, Transport
from mxl.kvstore.transport.zmq import ZmqTransport
from mxl.kvstore.transport.zmq_link import RECEIVE_AT_ONCE
from mxl.kvstore.wire.messages import Message, Push, Taken


def until(reached: Callable[[], object], within_s: float = 10.0) -> None:
    deadline, pause = time.monotonic() + within_s, threading.Event()
    while not reached():
        assert time.monotonic() < deadline
        pause.wait(0.001)


def is_released(buffer: bytearray) -> bool:
    """A bytearray can grow only when nobody holds a view of it."""
    try:
        buffer.append(0)
    except BufferError:
        return False
    return True


def test_a_frame_is_held_while_it_is_sent_and_released_after(make_net) -> None:
    net = make_net("ipc")
    bound, near = net.pair()
    buffer = bytearray(8_000_000)
    near.send("server", [b"header", memoryview(buffer)])
    assert not is_released(buffer)  # larger than what the kernel takes at once
    net.until(lambda: net.events[bound])
    until(lambda: is_released(buffer))


def test_what_was_received_outlives_the_transport(make_net) -> None:
    net = make_net("ipc")
    bound, near = net.pair()
    near.send("server", [b"header", b"x" * 200_000])
    net.until(lambda: net.events[bound])
    (event,) = net.events[bound]
    bound.close()
    near.close()
    assert bytes(event.frames[1]) == b"x" * 200_000


def test_one_receive_does_not_read_for_ever(make_net) -> None:
    net = make_net("ipc")
    bound, near = net.pair()
    for _ in range(3 * RECEIVE_AT_ONCE):
        near.send("server", [b"x"])
    total = 0
    while total < 3 * RECEIVE_AT_ONCE:
        events = bound.receive(5.0)
        assert 0 < len(events) <= RECEIVE_AT_ONCE
        total += len(events)


def test_what_was_sent_last_leaves_if_close_may_wait(folder: Path) -> None:
    near, bound = ZmqTransport(linger_s=5.0), ZmqTransport([f"ipc://{folder}/a"])
    near.connect("server", bound.addresses, "worker:0:0", "")
    assert near.receive(5.0) == [PeerUp("server")]
    for n in range(50):
        near.send("server", [b"%d" % n, bytes(100_000)])
    closing = threading.Thread(target=near.close)
    closing.start()
    events: list[Event] = []
    while len(events) < 50:
        events += bound.receive(5.0)
    closing.join()
    bound.close()


def test_close_does_not_wait_for_a_peer_that_reads_nothing(folder: Path) -> None:
    near, bound = ZmqTransport(), ZmqTransport([f"ipc://{folder}/a"])
    near.connect("server", bound.addresses, "worker:0:0", "")
    assert near.receive(5.0) == [PeerUp("server")]
    for _ in range(100):
        near.send("server", [bytes(1_000_000)])
    begin = time.monotonic()
    near.close()
    bound.close()
    assert time.monotonic() - begin < 2.0


ABANDONED = """
import sys, threading
from mxl.kvstore.transport.zmq import ZmqTransport

bound = ZmqTransport([sys.argv[1]])
is_sent, kind = threading.Event(), sys.argv[2]

def use():
    near = ZmqTransport()
    near.connect("server", bound.addresses, "worker:0:0", "")
    near.connect("nobody", ["ipc:///no/one/there"], "worker:0:0", "")
    assert near.receive(5.0)
    for _ in range(50):
        near.send("server", [b"x", bytes(1_000_000)])
    is_sent.set()
    while kind == "a thread that goes on":
        near.receive(None)
    return near

if kind == "the script's own thread":
    near = use()
else:
    threading.Thread(target=use, daemon=True).start()
    is_sent.wait()
print("at its end", flush=True)
raise SystemExit(3)
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["the script's own thread", "a thread that goes on", "a thread that has ended"])
def test_a_process_that_closes_nothing_ends_with_its_own_exit_code(folder: Path, kind: str) -> None:
    """Frames lent to ZeroMQ are still on their way when Python gives back its memory."""
    run = subprocess.run([sys.executable, "-W", "ignore", "-c", ABANDONED, f"ipc://{folder}/a", kind],
                         capture_output=True, text=True, timeout=20, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (3, "at its end\n", "")


def test_a_transport_leaves_no_descriptor_and_no_file(folder: Path) -> None:
    def held() -> int:
        return len(os.listdir("/proc/self/fd"))

    before = held()
    for _ in range(3):
        with_all = [ZmqTransport([f"ipc://{folder}/a", "tcp://127.0.0.1:*"]), ZmqTransport(), ZmqTransport()]
        for near in with_all[1:]:
            near.connect("server", with_all[0].addresses, "worker:0:0", "")
            near.connect("nobody", ["tcp://127.0.0.1:1"], "worker:0:0", "")
            near.receive(0.01)
        for node in with_all:
            node.close()
    assert held() == before
    assert os.listdir(folder) == []


@pytest.mark.parametrize("address, why", [
    ("tcp://127.0.0.1:1", "nobody answers there; has it started, and is the address right"),
    ("tcp://no-such-host.invalid:9", "the address was not found; is the host name right"),
    ("tcp://", "it is no address to connect to"),
    ("ipc:///no/one/there", "nobody answers there"),
    ("udp://127.0.0.1:9", "server 0 has no address that begins with ipc:// or tcp://"),
])
def test_a_peer_that_is_not_reached_is_named_with_the_reason(
    address: str, why: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mxl.kvstore.transport.zmq_link.WARN_FIRST_S", 0.03)
    near = ZmqTransport()
    with caplog.at_level(logging.WARNING, "mxl"):
        near.connect("server 0", [address], "worker:0:0", "")
        deadline = time.monotonic() + 20.0
        while not any(why in r.getMessage() for r in caplog.records):
            assert time.monotonic() < deadline, caplog.text
            assert near.receive(0.02) == []
    near.close()
    assert f"server 0 at {address} is not reached: " in caplog.text
    assert len(caplog.records) < 15  # more and more rarely


def test_on_the_same_host_ipc_is_taken_else_tcp(folder: Path) -> None:
    bound = ZmqTransport([f"ipc://{folder}/a", "tcp://127.0.0.1:*"])
    proof = make_proof(folder)
    for given, scheme in ((proof, "ipc://"), ("", "tcp://"), (f"{proof}0", "tcp://")):
        near = ZmqTransport()
        near.connect("server", bound.addresses, "worker:0:0", given)
        assert near.receive(5.0) == [PeerUp("server")]
        assert near._links["server"]._address.startswith(scheme)
        near.close()
    bound.close()


def test_an_identity_is_any_text_of_bytes(make_net) -> None:
    bound, _ = make_net("ipc").pair("lancé:ÿ")
    assert bound.receive(0.0) == []


# ----- the loop over real sockets -----


class Echo:
    """A server that takes every push; a client that counts the answers to its own."""

    def __init__(self, count: int, connect: Connect | None = None) -> None:
        self.count = count
        self.connect = connect
        self.finished = False
        self.refused: list[tuple[str, str]] = []

    def start(self, now: float) -> Effects:
        return [self.connect] if self.connect else []

    def handle(self, peer: str, message: Message, now: float) -> Effects:
        self.count -= 1
        self.finished = self.count == 0
        match message:
            case Push(offset=number):
                return [Send(peer, Taken(0, (number,)))]
        return []

    def malformed(self, peer: str, text: str, now: float) -> Effects:
        self.refused.append((peer, text))
        return []

    def peer_up(self, peer: str, now: float) -> Effects:
        return [Send(peer, Push(0, n, (), (), ())) for n in range(self.count)]

    def peer_down(self, peer: str, now: float) -> Effects:
        return []

    def tick(self, now: float) -> Effects:
        return []

    def deadline(self, now: float) -> float | None:
        return None


@pytest.mark.parametrize("body", ["ipc", "tcp", "curve", "memory"])
def test_machines_in_two_threads_talk_through_their_loops(make_net, body: str) -> None:
    net = make_net(body)
    bound: Transport = net.bind(linger_s=5.0)
    near: Transport = net.open()
    server = Loop(Echo(300), bound)
    client = Loop(Echo(300, Connect("server:0:0", bound.addresses, "worker:0:0", "")), near)
    thread = threading.Thread(target=lambda: (server.run(), bound.close()))
    thread.start()
    client.run()
    thread.join()
    assert client.traffic.total["messages_in"] == server.traffic.peers["worker:0:0"]["messages_in"] == 300
    assert client.traffic.total["bytes_out"] == server.traffic.total["bytes_in"] > 0


def test_garbage_does_not_end_the_loop(make_net) -> None:
    net = make_net("ipc")
    bound, near = net.pair("stranger")
    machine = Echo(1)
    near.send("server", [b"\xc1garbage"])
    near.send("server", [b"\x93\x02\xa3psh\x00"])
    near.send("server", [b"\x93\x01\xa5fetch\x00"])
    Loop(machine, bound).run()
    assert [peer for peer, _ in machine.refused] == ["stranger"] * 2
    assert "peer speaks protocol 2, this node speaks 1" in machine.refused[1][1]
    assert machine.count == 0
