"""Nonsense on every socket while a job trains: it is refused by a sentence, and the training ends as it should."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable, Sequence
from random import Random

import pytest

import mxl as mx
from mxl.kvstore.transport.base import Frame
from mxl.kvstore.transport.zmq import ZmqTransport
from mxl.kvstore.wire.codec import decode, encode
from mxl.kvstore.wire.errors import WireError
from mxl.kvstore.wire.messages import Hello, Pull, Refused, Waiting

STEPS = 6
NOBODY = ["", "join:me", "worker:7:0", "worker:0:3", "server:9:0", "scheduler:0:0", "nobody", "\x01\xfe", "x" * 255]
NODES = ["scheduler", "server 0", "server 1"]


def train(rank: int, between: Callable[[int], object] = lambda step: None) -> list[float]:
    """Six sums over two ranks; rank 0 makes its mischief between the steps."""
    kv = mx.kv.create("dist_sync")
    kv.init("w", mx.nd.zeros((60,)))
    kv.init("v", mx.nd.zeros((3,)))
    kv.set_optimizer(mx.optimizer.create("sgd", learning_rate=1.0))
    out = mx.nd.zeros((60,))
    for step in range(STEPS):
        kv.push("w", -mx.nd.ones((60,)) * (rank + 1))
        kv.push("v", -mx.nd.ones((3,)))
        if rank == 0:
            between(step)
        kv.pull("w", out=out)
        assert set(out.asnumpy().tolist()) == {3.0 * (step + 1)}
    kv.barrier()
    small = mx.nd.zeros((3,))
    kv.pull("v", out=small)
    return small.asnumpy().tolist()


RIGHT = [[2.0 * STEPS] * 3] * 2


def end_of(cluster, between: Callable[[int], object]) -> None:
    assert cluster.run(train, between) == RIGHT
    assert all(cluster.is_running(node) for node in NODES)


@pytest.mark.parametrize("scheme", ["ipc", "tcp"])
def test_odd_frames_on_every_router(sockets, babble, stranger, scheme: str) -> None:
    with sockets(servers=2, scheme=scheme, bigarray_bound_bytes=100, shard_bytes=100) as c:
        def between(step: int) -> None:
            for node in NODES:
                for identity in NOBODY[step::3]:
                    with stranger(c.addresses(node)[0], identity.encode("latin-1")) as it:
                        for frames in babble.ODD.values():
                            it.send(*frames)
                        it.hear_anything_or_nothing()

        end_of(c, between)
    for node in NODES:
        lines = [line for line in c.said("refused a message from") if line.startswith(node)]
        assert any("peer speaks protocol 2, this node speaks 1; run the same version of mxl" in line for line in lines)
        assert any("unknown op 'psh'; known: " in line for line in lines)
        assert any("a header may have 524288 bytes, came 1000000" in line for line in lines)


@pytest.mark.parametrize("seed", range(6))
def test_a_hundred_random_messages_on_every_router(sockets, babble, stranger, seed: int) -> None:
    """A quarter of them are right in every field: only their sender is nobody, or their sense is none."""
    with sockets(servers=2, bigarray_bound_bytes=100, shard_bytes=100) as c:
        def between(step: int) -> None:
            for n, node in enumerate(NODES):
                identity = NOBODY[(seed + step + n) % len(NOBODY)]
                with stranger(c.addresses(node)[0], identity.encode("latin-1")) as it:
                    for number in range(20):
                        it.send(*babble.nonsense(10_000 * seed + 1000 * n + 100 * step + number))
                    it.hear_anything_or_nothing()

        end_of(c, between)


def test_messages_that_are_right_in_all_but_their_sender_are_refused(sockets, babble, stranger) -> None:
    with sockets(servers=2, bigarray_bound_bytes=100, shard_bytes=100) as c:
        def between(step: int) -> None:
            for node in NODES:
                for identity in ("worker:7:0", "worker:0:3"):
                    with stranger(c.addresses(node)[0], identity) as it:
                        for number in range(100):
                            it.say(babble.message(Random(1000 * step + number), without=("join",)))
                        it.hear_anything_or_nothing()

        end_of(c, between)


@pytest.mark.parametrize("scheme", ["ipc", "tcp"])
def test_bytes_that_are_no_zeromq(sockets, babble, stranger, scheme: str) -> None:
    with sockets(servers=2, scheme=scheme) as c:
        def between(step: int) -> None:
            for node in NODES:
                with plug(c.addresses(node)[0]) as plain:
                    try:
                        plain.sendall([b"GET / HTTP/1.1\r\n\r\n", bytes(5000), Random(step).randbytes(9000)][step % 3])
                    except OSError:  # it has hung up
                        pass

        end_of(c, between)


def test_nonsense_from_scheduler_and_servers_is_passed_over(sockets, babble) -> None:
    """Each says something mad before each thing that it has to say to a worker, once they know each other."""
    frames = [f for f in [*babble.ODD.values(), *map(babble.nonsense, range(300))] if not is_message(f)]

    class Babbling(ZmqTransport):
        def send(self, peer: str, message: Sequence[Frame]) -> bool:
            name = (self, peer)
            if name in welcomed:
                super().send(peer, frames[next(numbers) % len(frames)])
            elif peer.startswith("worker:") and b"welcome" in bytes(message[0]):
                welcomed.add(name)
            return super().send(peer, message)

    welcomed: set[object] = set()
    numbers = itertools.count()
    with sockets(servers=2, transport=Babbling) as c:
        end_of(c, lambda step: None)
    assert len(welcomed) == 6
    assert next(numbers) > 50


def is_message(frames: list[bytes]) -> bool:
    try:
        decode(frames)
    except WireError:
        return False
    return True


def plug(address: str) -> socket.socket:
    scheme, _, rest = address.partition("://")
    if scheme == "ipc":
        plain = socket.socket(socket.AF_UNIX)
        plain.connect(rest)
        return plain
    host, port = rest.split(":")
    return socket.create_connection((host, int(port)))


def test_a_refusal_is_a_sentence(sockets, babble, stranger) -> None:
    """What somebody hears who is not of the job."""
    with sockets(servers=1) as c:
        scheduler, server = c.addresses("scheduler")[0], c.addresses("server 0")[0]
        c.run(lambda rank: mx.kv.create("dist_sync").barrier())
        asked = [
            (scheduler, "worker:7:0", Hello(1, "worker:7:0", 1, 1000, "", ""),
             "'worker:7:0' has not joined this job; join first"),
            (scheduler, "nobody", Waiting(1, 5, 1, 1), "'nobody' has not joined this job"),
            (scheduler, "worker:0:9", Waiting(1, 5, 1, 1), "this is an older life of worker 0"),
            (server, "nobody", Waiting(1, 5, 1, 1), "talks to workers that have joined; 'nobody' is none"),
            (server, "server:1:0", Waiting(1, 5, 1, 1), "server 1 is no server of this job, or was given up"),
            (server, "worker:7:0", Pull(1, 0, ()), "worker 7 is not in the table of this job; a worker joins at the"),
            (server, "worker:1:4", Pull(1, 0, ()), "worker 1 .life 5. is not in the table of this job"),
            (server, "worker:5:0", Hello(1, "worker:0:0", 1, 9, "", ""), "'worker:5:0' says that it is 'worker:0:0'"),
        ]
        for address, identity, said, sentence in asked:
            with stranger(address, identity) as it:
                it.say(said)
                refused = it.hear(Refused)
                assert sentence in refused.text.replace("(", ".").replace(")", "."), refused
        with stranger(scheduler, "worker:7:0") as it:
            it.send(*[bytes(f) for f in encode(Waiting(1, 5, 1, 1))], b"more")
            assert "waiting: no payload is expected, came 1" in it.hear(Refused).text
