"""Outbox: a request goes once, again only when the peer lacks it, in the script's order on each shard."""

from __future__ import annotations

import random
from typing import Any

import pytest

from mxl.kvstore.outbox import Outbox, Request, stages
from mxl.kvstore.wire.messages import (
    Had,
    Have,
    Hello,
    Leave,
    Message,
    Pull,
    PullPart,
    Push,
    PushPart,
    Waited,
    Welcome,
)

PROBE_S = 4.0


def push(number: int, key: str = "w", *, clock: int = 1, size: int = 8, priority: int = 0, shard: int = 0) -> Request:
    part = PushPart(number, 1, key, shard, clock, "none", "float32", (2,), -1, 1.0, 0.0, 0, 0, False, priority)
    return Request(number, f"push of {key!r}", "push", 0.0, part=part, payloads=(bytes(size),), priority=priority)


def pull(number: int, key: str = "w", *, clock: int = 1, priority: int = 0) -> Request:
    part = PullPart(number, 1, key, 0, clock, -1, priority)
    return Request(number, f"pull of {key!r}", "pull", 0.0, part=part, priority=priority)


def leave(number: int) -> Request:
    return Request(number, "leave", "alone", 0.0, alone=lambda m, _: Leave(m, number), fence=True)


def outbox(window_bytes: int = 1000, message_bytes: int = 10_000) -> Outbox:
    """One whose connection stands."""
    box = Outbox("server:0:0", "worker:1:0", message_bytes=message_bytes, answer_window_bytes=77, probe_after_s=PROBE_S)
    box.peer_up(1, 0.0)
    box.welcome(Welcome(1, "server:0:0", 1, window_bytes), 1, 0.0)
    return box


def send(box: Outbox, *requests: Request, now: float = 0.0) -> list[Message]:
    for request in requests:
        box.submit(request)
    return box.flush(1, now)


def numbers(messages: list[Message]) -> list[list[int]]:
    """The requests of each message."""
    parts: list[Any] = [m.parts if isinstance(m, (Push, Pull)) else [m] for m in messages]
    return [[part.request for part in each] for each in parts]


def test_a_connection_begins_with_hello_and_nothing_else() -> None:
    box = Outbox("server:0:0", "worker:1:0", message_bytes=100, answer_window_bytes=77, probe_after_s=PROBE_S)
    box.submit(push(1))
    (hello,) = box.peer_up(5, 0.0)
    assert isinstance(hello, Hello)
    assert (hello.membership, hello.node, hello.connection, hello.window_bytes) == (5, "worker:1:0", 1, 77)
    assert box.flush(5, 0.0) == []
    assert box.welcome(Welcome(5, "server:0:0", 1, 1000), 5, 0.1) == []
    assert numbers(box.flush(5, 0.1)) == [[1]]


def test_hello_is_said_again_until_somebody_answers() -> None:
    box = Outbox("server:0:0", "worker:1:0", message_bytes=100, answer_window_bytes=77, probe_after_s=PROBE_S)
    box.peer_up(1, 0.0)
    assert box.tick(1, PROBE_S - 0.1) == []
    (hello,) = box.tick(1, PROBE_S)
    assert isinstance(hello, Hello)
    assert hello.connection == 2
    assert box.welcome(Welcome(1, "server:0:0", 1, 1000), 1, 5.0) == []  # the answer to the first one
    assert not box.is_open


def test_what_is_ready_travels_together_most_urgent_first() -> None:
    sent = send(outbox(), push(1, "a", priority=-2), push(2, "b", priority=0), push(3, "c", priority=-1))
    assert numbers(sent) == [[2, 3, 1]]
    assert isinstance(sent[0], Push)
    assert sent[0].offset == 24


def test_a_message_is_bounded() -> None:
    sent = send(outbox(message_bytes=150), push(1, "a"), push(2, "b"), push(3, "c"))
    assert numbers(sent) == [[1, 2], [3]]


def test_what_has_no_credit_waits_and_is_not_overtaken_on_its_shard() -> None:
    box = outbox(window_bytes=10)
    sent = send(box, push(1, "a"), push(2, "b"), pull(3, "b"), pull(4, "a"))
    assert numbers(sent) == [[1], [4]]
    box.credit(1, 8, 0.1)
    assert numbers(box.flush(1, 0.1)) == [[2], [3]]


def test_a_credit_of_an_older_connection_counts_for_nothing() -> None:
    box = outbox(window_bytes=10)
    send(box, push(1, "a"), push(2, "b"))
    box.credit(0, 8, 0.1)
    assert box.flush(1, 0.1) == []


def test_a_reconnect_asks_and_sends_what_is_missing() -> None:
    box = outbox()
    send(box, push(1, "a"), push(2, "b"))
    payload = box.out[2].payloads
    box.peer_down()
    assert send(box, push(3, "c")) == []
    box.peer_up(1, 1.0)
    (have,) = box.welcome(Welcome(1, "server:0:0", 2, 1000), 1, 1.1)
    assert isinstance(have, Have)
    assert have.requests == (1, 2)
    assert box.flush(1, 1.1) == []  # nothing before the answer
    box.had(Had(1, 2, 0, (1, 2), (Waited(1, (0,)),)), 1.2)
    (again,) = box.flush(1, 1.2)
    assert isinstance(again, Push)
    assert numbers([again]) == [[2, 3]]
    assert again.payloads[0] is payload[0]  # the same bytes
    assert box.out[1].waits_for == (0,)


def test_nothing_is_sent_again_by_time_alone() -> None:
    box = outbox()
    send(box, push(1))
    assert box.tick(1, PROBE_S - 0.1) == []
    (have,) = box.tick(1, PROBE_S)
    assert isinstance(have, Have)
    assert box.tick(1, PROBE_S + 1) == []
    (again,) = box.tick(1, 2 * PROBE_S)
    assert isinstance(again, Have)


def test_an_answer_of_another_connection_is_no_answer() -> None:
    box = outbox()
    send(box, push(1))
    box.tick(1, PROBE_S)
    box.had(Had(1, 7, 0, (1,), ()), PROBE_S)
    assert box.flush(1, PROBE_S) == []


def test_a_lost_credit_is_asked_for() -> None:
    box = outbox(window_bytes=10)
    send(box, push(1, "a"), push(2, "b"))
    assert box.answered(1) is not None
    assert box.flush(1, 1.0) == []
    (have,) = box.tick(1, PROBE_S)
    assert isinstance(have, Have)
    assert (have.offset, have.requests) == (8, ())


def test_a_fence_goes_when_all_before_it_is_held() -> None:
    box = outbox()
    pushed, asked = send(box, push(1), leave(2))
    assert isinstance(pushed, Push)
    assert isinstance(asked, Have)
    box.had(Had(1, 1, 0, (1,), (Waited(1, (0,)),)), 0.1)
    assert numbers(box.flush(1, 0.1)) == [[2]]


def test_a_fence_does_not_overtake_what_was_lost() -> None:
    box = outbox()
    send(box, push(1), leave(2))
    box.had(Had(1, 1, 0, (1,), ()), 0.1)
    pushed, asked = box.flush(1, 0.1)
    assert numbers([pushed]) == [[1]]
    assert isinstance(asked, Have)


def test_what_follows_a_fence_waits_behind_it() -> None:
    box = outbox()
    sent = send(box, leave(1), push(2))
    assert numbers(sent) == [[1], [2]]


def test_stale_requests_go_first() -> None:
    box = outbox()
    send(box, push(1, "a"))
    box.submit(push(2, "b"))
    box.send_again([1, 99])
    assert numbers(box.flush(2, 0.1)) == [[1, 2]]


def test_a_second_answer_is_unknown() -> None:
    box = outbox()
    send(box, push(1))
    assert box.answered(1) is not None
    assert box.answered(1) is None
    assert not box.knows(1)
    assert box.is_idle


def test_an_answer_finds_a_request_that_is_queued_again() -> None:
    box = outbox()
    send(box, push(1))
    box.send_again([1])
    assert box.knows(1)
    assert box.answered(1) is not None
    assert box.flush(1, 0.1) == []


def test_unacknowledged_requests_are_overdue() -> None:
    box = outbox()
    send(box, push(1, "a"), push(2, "b"))
    box.had(Had(1, 1, 0, (1,), (Waited(1, (0,)),)), 60.0)
    assert [r.id for r in box.overdue(90.0, 91.0)] == [2]


def test_a_stopped_process_takes_its_own_time_off() -> None:
    box = outbox()
    send(box, push(1))
    box.stood_still(100.0, 100.5)
    assert box.overdue(90.0, 101.0) == []


@pytest.mark.parametrize("seed", range(50))
def test_each_shard_keeps_the_order_of_the_script(seed: int) -> None:
    rng = random.Random(seed)
    clock = dict.fromkeys("abc", 0)
    requests: list[Request] = []
    for number in range(1, 15):
        key = rng.choice("abc")
        priority = rng.randrange(-3, 4)
        if rng.random() < 0.5:
            clock[key] += 1
            requests.append(push(number, key, clock=clock[key], priority=priority))
        else:
            requests.append(pull(number, key, clock=clock[key], priority=priority))
    rng.shuffle(requests)
    order = [r for _, run in stages(requests) for r in run]
    assert len(order) == len(requests)
    for key in "abc":
        ids = [r.id for r in order if r.part.key == key]
        assert ids == sorted(ids)
