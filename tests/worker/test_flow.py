"""The flow of one key: its clock, and which calls may go."""

from __future__ import annotations

import random

import numpy as np
import pytest

from mxl.worker.calls import PullKey, PushKey
from mxl.worker.flow import Flow

ONE = np.zeros(1, np.float32)


def flow(held: bool = True) -> Flow:
    return Flow("float32", (1,), [(0, 1)], [0], is_held=held)


def push() -> PushKey:
    return PushKey(1, "w", ONE, 1.0, 0.0, 0, 0, {}, 0)


def pull() -> PullKey:
    return PullKey(1, "w", ONE, 0)


def admitted(f: Flow) -> list[int]:
    clocks = []
    while (call := f.admit()) is not None:
        clocks.append(call.clock)
    return clocks


def test_each_push_is_a_clock_and_pulls_stay_at_it() -> None:
    f = flow()
    for call in (pull(), push(), pull(), pull()):
        f.submit(call)
    assert admitted(f) == [0, 1, 1, 1]


def test_nothing_goes_before_the_servers_hold_the_value() -> None:
    f = flow(held=False)
    f.submit(pull())
    assert admitted(f) == []
    f.is_held = True
    assert admitted(f) == [0]


def test_a_third_clock_waits_for_the_first() -> None:
    f = flow()
    for _ in range(3):
        f.submit(push())
    assert admitted(f) == [1, 2]
    f.answered(2)
    assert admitted(f) == []  # the first is still unanswered, and the servers keep two versions
    f.answered(1)
    assert admitted(f) == [3]


def test_a_clock_is_answered_with_its_last_call() -> None:
    f = flow()
    for call in (push(), pull(), push(), push()):
        f.submit(call)
    assert admitted(f) == [1, 1, 2]
    f.answered(1)
    assert admitted(f) == []
    f.answered(1)
    assert admitted(f) == [3]


def test_an_unread_pull_holds_its_version() -> None:
    f = flow()
    for call in (pull(), push(), push()):
        f.submit(call)
    assert admitted(f) == [0, 1]
    f.answered(1)
    assert admitted(f) == []
    f.answered(0)
    assert admitted(f) == [2]


def test_after_a_barrier_the_key_stands_at_its_greatest_shard() -> None:
    f = flow()
    f.submit(push())
    assert admitted(f) == [1]
    f.answered(1)
    f.met(0, 5)
    f.met(1, 5)
    f.go_on()
    assert (f.clock, f.shard_clock(0, 6), f.shard_clock(1, 6)) == (5, 6, 6)


def test_a_shard_that_stands_behind_goes_on_from_there() -> None:
    f = flow()
    f.met(0, 5)
    f.met(1, 4)
    f.go_on()
    f.submit(push())
    assert admitted(f) == [6]
    assert (f.shard_clock(0, 6), f.shard_clock(1, 6)) == (6, 5)
    f.met(0, 6)
    f.met(1, 5)
    f.go_on()
    assert (f.clock, f.shard_clock(1, 7)) == (6, 6)


def test_a_barrier_before_the_first_push_changes_nothing() -> None:
    f = flow()
    f.met(0, 0)
    f.go_on()
    f.go_on()
    assert (f.clock, f.shard_clock(0, 1)) == (0, 1)


@pytest.mark.parametrize("seed", range(50))
def test_unanswered_clocks_are_neighbours(seed: int) -> None:
    rng = random.Random(seed)
    f, out = flow(), []
    for _ in range(100):
        f.submit(push() if rng.random() < 0.5 else pull())
        out += admitted(f)
        while out and rng.random() < 0.6:
            f.answered(out.pop(rng.randrange(len(out))))
        assert not out or max(out) - min(out) <= 1
