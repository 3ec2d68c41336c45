"""Garbage on every socket: nothing is lost, hangs or falls over; what reaches the machine is refused by a sentence."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from random import Random

import pytest
import zmq

from mxl.kvstore.transport.base import Received
from mxl.kvstore.transport.zmq import ZmqTransport
from mxl.kvstore.wire.codec import decode, encode
from mxl.kvstore.wire.errors import WireError
from mxl.kvstore.wire.limits import Limits
from mxl.kvstore.wire.messages import Beat

GREETING = bytes([0xFF, *[0] * 8, 0x7F, 3, 0]) + b"NULL".ljust(20, b"\0") + bytes(32)
READY = b"\x04\x19\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER"

STREAMS = {
    "a web browser": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 50,
    "zeros": bytes(5000),
    "ones": b"\xff" * 5000,
    "random bytes": Random(0).randbytes(20_000),
    "half a greeting": GREETING[:20],
    "a greeting and nothing": GREETING,
    "a greeting, then noise": GREETING + Random(1).randbytes(1000),
    "a frame that says it is huge": GREETING + READY + b"\x02" + (1 << 62).to_bytes(8, "big") + b"x" * 100,
    "a frame of negative length": GREETING + READY + b"\x02" + b"\xff" * 8,
    "half a message": GREETING + READY + b"\x01\x05hello",
    "an older protocol": b"\x01\x00" + b"\x05\x00abcd" * 20,
    "an unknown command": GREETING + READY + b"\x04\x06\x05HELLO",
}


@pytest.fixture(params=["ipc", "tcp"])
def node(request: pytest.FixtureRequest, folder) -> Iterator[ZmqTransport]:
    made = ZmqTransport([f"ipc://{folder}/a" if request.param == "ipc" else "tcp://127.0.0.1:*"],
                        limits=Limits(frame_bytes=1_000_000, parts=20))
    yield made
    made.close()


def plug(node: ZmqTransport) -> socket.socket:
    """A plain socket connected to the node."""
    scheme, _, rest = node.addresses[0].partition("://")
    if scheme == "ipc":
        plain = socket.socket(socket.AF_UNIX)
        plain.connect(rest)
        return plain
    host, port = rest.split(":")
    return socket.create_connection((host, int(port)))


def received(node: ZmqTransport, reached: Callable[[list[Received]], object]) -> list[Received]:
    deadline, events = time.monotonic() + 10.0, []
    while not reached(events):
        assert time.monotonic() < deadline, events
        events += node.receive(0.005)
    return events


def assert_serves(node: ZmqTransport) -> None:
    """An honest peer is served as if nothing had happened."""
    near = ZmqTransport()
    near.connect("server", node.addresses, "worker:0:0", "")
    assert near.receive(5.0) != []
    near.send("server", encode(Beat(3, ("worker:1:0",))))
    events = received(node, lambda events: any(e.peer == "worker:0:0" for e in events))
    assert [decode(e.frames) for e in events if e.peer == "worker:0:0"] == [Beat(3, ("worker:1:0",))]
    assert node.send("worker:0:0", encode(Beat(3, ())))
    assert near.receive(5.0) != []
    near.close()


@pytest.mark.parametrize("stream", STREAMS)
def test_bytes_that_are_no_zeromq_disturb_nobody(node: ZmqTransport, stream: str) -> None:
    with plug(node) as plain:
        try:
            plain.sendall(STREAMS[stream])
        except OSError:  # it has hung up on us
            pass
        for event in node.receive(0.02):  # the older protocol has messages too
            assert isinstance(event, Received)
            with pytest.raises(WireError):
                decode(event.frames)
        assert_serves(node)


def test_many_who_connect_and_say_nothing_disturb_nobody(node: ZmqTransport) -> None:
    silent = [plug(node) for _ in range(50)]
    assert_serves(node)
    for plain in silent:
        plain.close()
    assert_serves(node)


ODD = {
    "an empty message": [b""],
    "many empty frames": [b""] * 5,
    "too many frames": [b"x"] * 200,
    "no header": [b"\xc1", b"payload"],
    "a header as large as may be": [bytes(999_999)],
}


@pytest.mark.parametrize("identity", [b"", b"worker:1:0", b"\x01\xfe\xff", b"x" * 255, "ключ".encode()])
@pytest.mark.parametrize("odd", ODD)
def test_zeromq_messages_that_are_none_of_ours_are_refused_by_a_sentence(
    node: ZmqTransport, odd: str, identity: bytes
) -> None:
    with zmq.Context() as context, context.socket(zmq.DEALER) as stranger:
        stranger.set(zmq.LINGER, 0)
        stranger.set(zmq.ROUTING_ID, identity) if identity else None
        stranger.connect(node.addresses[0])
        stranger.send_multipart(ODD[odd])
        (event,) = received(node, lambda events: events)
        with pytest.raises(WireError):
            decode(event.frames)
        assert len(event.frames) <= 21
        assert node.send(event.peer, [b"refused"])  # whatever it calls itself, it can be answered
        assert stranger.poll(5000)
        assert_serves(node)


def test_a_frame_beyond_the_limit_ends_its_connection_only(node: ZmqTransport) -> None:
    with zmq.Context() as context, context.socket(zmq.DEALER) as stranger:
        stranger.set(zmq.LINGER, 0)
        with stranger.get_monitor_socket(zmq.Event.DISCONNECTED) as monitor:
            stranger.connect(node.addresses[0])
            stranger.send(bytes(1_000_001))
            assert monitor.poll(5000)
            stranger.disable_monitor()
        assert_serves(node)


@pytest.mark.parametrize("kind", [zmq.REQ, zmq.ROUTER, zmq.PUB, zmq.PUSH])
def test_sockets_of_another_kind_disturb_nobody(node: ZmqTransport, kind: int) -> None:
    with zmq.Context() as context, context.socket(kind) as stranger:
        stranger.set(zmq.LINGER, 0)
        stranger.set(zmq.SNDTIMEO, 0)
        stranger.connect(node.addresses[0])
        try:
            stranger.send_multipart([b"a", b"b", b"c"])
        except zmq.Again:
            pass
        assert_serves(node)
