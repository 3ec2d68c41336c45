"""Who is refused, and what for: other versions, older lives, impostors, ranks that disagree."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import msgpack
import pytest

import mxl as mx
from mxl.kvstore.errors import Disagreement, InvalidKey, KVStoreError, OutOfPlace
from mxl.kvstore.settings import Settings
from mxl.kvstore.transport.zmq import ZmqTransport
from mxl.kvstore.wire.messages import Hello, Join, Refused
from mxl.worker import runtime as runtimes
from mxl.worker.runtime import Runtime

PATIENT = {"lost_after_s": 10.0, "suspect_after_s": 5.0, "request_deadline_s": 20.0}
VERSION_2 = "peer speaks protocol 2, this node speaks 1; run the same version of mxl on both"


def summed(kv: Any, size: int = 50) -> float:
    kv.push("w", mx.nd.ones((size,)))
    out = mx.nd.zeros((size,))
    kv.pull("w", out=out)
    (value,) = set(out.asnumpy().tolist())
    return value


def train(rank: int, between: Any = lambda step: None) -> list[float]:
    kv = mx.kv.create("dist_sync")
    kv.init("w", mx.nd.zeros((50,)))
    values = []
    for step in range(5):
        values.append(summed(kv))
        if rank == 0:
            between(step)
    kv.barrier()
    return values


RIGHT = [[2.0] * 5] * 2


def join(role: str = "worker", rank: int = -1) -> Join:
    return Join(0, 1, role, rank, "somewhere", 7, ("ipc:///nowhere",), "")


# ----- another version -----


def version_2(*fields: Any) -> bytes:
    return msgpack.packb([2, *fields])


def test_a_peer_of_another_version_is_refused_by_scheduler_and_server(sockets, stranger) -> None:
    with sockets(**PATIENT) as c:
        def between(step: int) -> None:
            with stranger(c.addresses("scheduler")[0], "join:old") as it:
                it.send(version_2("join", 0, 1, "worker", -1, "", 1, [], ""))
                assert it.hear(Refused).text == VERSION_2
            with stranger(c.addresses("server 0")[0], "worker:5:0") as it:
                it.send(version_2("hello", 1, "worker:5:0", 1, 1000, "", ""))
                assert it.hear(Refused).text == VERSION_2

        assert c.run(train, between) == RIGHT
    assert len(c.said(VERSION_2)) == 10


class Other(ZmqTransport):
    """The transport of a node whose words to others are changed."""

    def send(self, peer: str, frames: Any) -> bool:
        if peer.startswith("worker:"):
            frames = self.changed(frames)
        return super().send(peer, frames)

    def changed(self, frames: Any) -> Any:
        return [msgpack.packb([2, *msgpack.unpackb(frames[0])[1:]]), *frames[1:]]


class Mad(Other):
    def changed(self, frames: Any) -> Any:
        return [b"\x00 what?"]


@pytest.mark.parametrize("who", ["scheduler", "server 0"])
@pytest.mark.parametrize("other, sentence", [
    (Other, VERSION_2), (Mad, "a header is one msgpack list, came 7 bytes that are none")])
def test_one_who_answers_the_first_words_with_no_message_is_none_of_the_job(
    sockets, who: str, other: type, sentence: str
) -> None:
    number = 0 if who == "scheduler" else 1

    def make(bind: Any, **options: Any) -> ZmqTransport:
        return (other if bind and bind[0].endswith(f"/{number}") else ZmqTransport)(bind, **options)

    said = rf"{who} at ipc://\S+ answers with what is no message of this job: {sentence}"
    with sockets(1, 1, transport=make, **PATIENT) as c, pytest.raises(OutOfPlace, match=said):
        c.run(train)


# ----- lives and names -----


def test_an_older_life_is_refused(sockets, stranger) -> None:
    with sockets(**PATIENT) as c:
        c.run(train)
        table = c.scheduler().table
        c.scheduler().table = table.with_member(replace(table.workers[0], incarnation=1))
        with stranger(c.addresses("scheduler")[0], "worker:0:0") as it:
            it.say(Hello(1, "worker:0:0", 1, 1000, "", ""))
            assert it.hear(Refused).text == "this is an older life of worker 0; a newer one has begun"
        c._has_failed = True  # its workers cannot leave in order: one of them is of the past


def test_a_job_that_is_full_or_over_takes_nobody(sockets, stranger) -> None:
    with sockets(**PATIENT) as c:
        c.run(train)
        asked = [
            (join("worker"), "the job has its 2 workers already; start fewer, or give the launcher a larger number"),
            (join("worker", 1), r"worker rank 1 is admitted already \(on \S+\)"),
            (join("worker", 2), "worker rank 2 does not exist: the job has 2 workers"),
            (join("server", 3), "server rank 3 does not exist: the job has 1 servers"),
            (join("monitor"), "only workers and servers join, came role 'monitor'"),
        ]
        for n, (message, sentence) in enumerate(asked):
            with stranger(c.addresses("scheduler")[0], f"join:{n}") as it:
                it.say(message)
                assert re.fullmatch(sentence, it.hear(Refused).text)
        with stranger(c.addresses("scheduler")[0], "me") as it:
            it.say(join())
            assert it.hear(Refused).text == "a node joins under a random routing id beginning with 'join:', came 'me'"
        c._runtimes[0].leave()
        c._runtimes[1].leave()
        with stranger(c.addresses("scheduler")[0], "join:late") as it:
            it.say(join("worker"))
            assert it.hear(Refused).text == "the job is over: every rank has left"


def test_a_worker_too_many_is_told_and_the_others_train(sockets) -> None:
    told: list[str] = []
    with sockets(**PATIENT) as c:
        settings = Settings(role="worker", scheduler=c.addresses("scheduler")[0], num_workers=3, num_servers=1)

        def too_many(step: int) -> None:
            runtime = Runtime(settings, ZmqTransport())
            with runtimes.use(runtime), pytest.raises(OutOfPlace, match="the job has its 2 workers already") as error:
                mx.kv.create("dist_sync")
            told.append(str(error.value))
            runtime.close()

        assert c.run(train, too_many) == RIGHT
    assert len(told) == 5


# ----- ranks that disagree -----


def disagree(sockets: Any, work: Any, error: type[Exception], sentence: str, **settings: Any) -> None:
    with sockets(**PATIENT, **settings) as c, pytest.raises(error, match=sentence):
        c.run(work)


def test_kinds_that_differ(sockets) -> None:
    disagree(sockets, lambda rank: mx.kv.create(["dist_sync", "dist_async"][rank]).barrier(), Disagreement,
             r"server 0: store 1: rank \d created 'dist_a?sync'.*; every rank must create its dist stores in the same")


def test_shapes_that_differ(sockets) -> None:
    def work(rank: int) -> None:
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((2 + rank,)))
        kv.barrier()

    disagree(sockets, work, KVStoreError, r"'w' was initialised as float32 \[2\].*again as float32 \[3\]")


def test_learning_rates_that_differ(sockets) -> None:
    def work(rank: int) -> None:
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((2,)))
        kv.set_optimizer(mx.optimizer.create("sgd", learning_rate=[0.1, 0.2][rank]))
        summed(kv, 2)

    sentence = (r"key 'w', clock 1: rank 0 and rank 1 pushed under different hyper-parameters: learning_rate 0\.1 and "
                r"0\.2; change them at the same step on every rank")
    disagree(sockets, work, Disagreement, sentence)


def test_optimizers_that_differ(sockets) -> None:
    def work(rank: int) -> None:
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((2,)))
        if rank == 0:
            kv.set_optimizer(mx.optimizer.create("sgd"))
            kv.barrier()
        else:
            with pytest.raises(Disagreement, match=r"store 1: the lowest rank set the optimizer 'sgd', rank 1 'adam'; "
                                                   r"every rank must set the same"):
                kv.set_optimizer(mx.optimizer.create("adam"))
            raise LookupError("as a script would end")

    disagree(sockets, work, Exception, "as a script would end|worker 1 ended with exit code 1")


# ----- keys -----


def test_keys_that_are_none_raise_in_the_call(sockets) -> None:
    def work(rank: int) -> list[float]:
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((50,)))
        one = mx.nd.ones((1,))
        for key, sentence in (
            ("k" * 1025, "a key has at most 1024 bytes of UTF-8, this one has 1025: 'kkk"),
            ("é" * 513, "a key has at most 1024 bytes of UTF-8, this one has 1026"),
            ("\ud800", r"a key is text that UTF-8 can write, got '\\ud800'"),
            (2**63, "key 9223372036854775808 does not fit 64 bits"),
            (True, "a key is an int or a str, got True"),
            (["a", 3], "keys 3 and 'a' in one call: expected only ints or only strs"),
        ):
            with pytest.raises(InvalidKey, match=sentence):
                kv.init(key, [one, one] if isinstance(key, list) else one)
            with pytest.raises(InvalidKey, match=sentence):
                kv.push(key, [one, one] if isinstance(key, list) else one)
        longest, smallest = "k" * 1024, -(2**63)
        for key in (longest, smallest):
            kv.init(key, one * rank)
            kv.push(key, one)
        out = mx.nd.zeros((1,))
        kv.pull(longest, out=out)
        return [summed(kv), float(out.asscalar())]

    with sockets(**PATIENT) as c:
        assert c.run(work) == [[2.0, 2.0]] * 2


