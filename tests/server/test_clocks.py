"""Clocks of a shard: each push counts once, and a clock closes with the ranks that must be in it."""

from __future__ import annotations

import random

import numpy as np
import pytest

from mxl.server.clocks import UNBOUNDED, Arrival, Asker, Contribution, ShardClocks

ALL = frozenset({0, 1, 2})


def contribution(rank: int, clock: int, request: int = 0) -> Contribution:
    asker = Asker(f"worker:{rank}:0", request, 0, False)
    return Contribution(rank, clock, np.ones(2, np.float32), 1.0, 0.0, None, asker)


def close(
    clocks: ShardClocks, live: frozenset[int] = ALL, waiting: tuple[int, ...] = ()
) -> list[list[tuple[int, int]]]:
    """Close all that can close: (rank, clock) of each update."""
    closed: list[list[tuple[int, int]]] = []
    while update := clocks.next_update(live):
        closed.append([(c.rank, c.clock) for c in update])
        clocks.updated(update, waiting)
        clocks.check()
    return closed


def test_a_clock_closes_with_the_last_rank_in_rank_order() -> None:
    clocks = ShardClocks(0)
    for rank in (2, 0):
        clocks.push(contribution(rank, 1))
        assert close(clocks) == []
    clocks.push(contribution(1, 1))
    assert close(clocks) == [[(0, 1), (1, 1), (2, 1)]]
    assert (clocks.version, clocks.applied) == (1, {0: 1, 1: 1, 2: 1})


def test_clocks_close_one_after_another() -> None:
    clocks = ShardClocks(0)
    for rank in ALL:
        clocks.push(contribution(rank, 2))
    assert close(clocks) == []
    for rank in ALL:
        clocks.push(contribution(rank, 1))
    assert [update[0][1] for update in close(clocks)] == [1, 2]


@pytest.mark.parametrize("staleness", [0, 2, UNBOUNDED])
def test_a_repeat_changes_nothing(staleness: int) -> None:
    clocks = ShardClocks(staleness)
    live = frozenset({0})
    assert clocks.push(contribution(0, 1)) is Arrival.NEW
    assert clocks.push(contribution(0, 1)) is Arrival.REPEAT_WAITING
    assert len(close(clocks, live)) == 1
    assert clocks.push(contribution(0, 1)) is Arrival.REPEAT_APPLIED
    assert close(clocks, live) == []


def test_a_repeat_is_answered_by_its_newest_request() -> None:
    clocks = ShardClocks(0)
    clocks.push(contribution(0, 1, request=5))
    clocks.push(contribution(0, 1, request=8))
    (update,) = clocks.next_update(frozenset({0}))
    assert update.asker.request == 8


def test_asynchronous_pushes_are_applied_one_by_one_in_their_order() -> None:
    clocks = ShardClocks(UNBOUNDED)
    clocks.push(contribution(0, 2))
    assert close(clocks) == []
    clocks.push(contribution(1, 1))
    clocks.push(contribution(0, 1))
    assert sorted(map(tuple, close(clocks))) == [((0, 1),), ((0, 2),), ((1, 1),)]
    assert clocks.version == 3


def test_a_clock_does_not_wait_for_a_rank_that_is_not_live() -> None:
    clocks = ShardClocks(0)
    clocks.push(contribution(0, 1))
    assert close(clocks, frozenset({0}), waiting=(2,)) == [[(0, 1)]]
    assert clocks.applied == {0: 1, 2: 1}  # a rank in a barrier is taken along


def test_a_push_of_a_rank_that_is_gone_is_kept() -> None:
    clocks = ShardClocks(0)
    clocks.push(contribution(1, 1))
    clocks.push(contribution(0, 1))
    assert close(clocks, frozenset({0})) == [[(0, 1), (1, 1)]]


@pytest.mark.parametrize("staleness, applied, clock, waits_for", [
    (0, {0: 0, 1: 0, 2: 0}, 0, ()),
    (0, {0: 1, 1: 1, 2: 0}, 1, (2,)),
    (0, {0: 0, 1: 1, 2: 1}, 1, (0,)),
    (1, {0: 2, 1: 1, 2: 1}, 2, ()),
    (1, {0: 3, 1: 1, 2: 2}, 3, (1,)),
    (3, {0: 4, 1: 1, 2: 0}, 4, (2,)),
    (3, {0: 3, 1: 1, 2: 1}, 4, (0,)),
    (UNBOUNDED, {0: 9, 1: 0, 2: 0}, 9, ()),
    (UNBOUNDED, {0: 8, 1: 9, 2: 9}, 9, (0,)),
])  # fmt: skip
def test_the_rule_of_pulls(staleness: int, applied: dict[int, int], clock: int, waits_for: tuple[int, ...]) -> None:
    clocks = ShardClocks(staleness)
    clocks.applied = applied
    assert clocks.waits_for(0, clock, ALL) == waits_for
    assert clocks.may_answer(0, clock, ALL) == (not waits_for)


def test_who_the_next_clock_waits_for() -> None:
    clocks = ShardClocks(0)
    clocks.push(contribution(1, 1))
    assert clocks.missing(ALL) == (0, 2)
    assert ShardClocks(UNBOUNDED).missing(ALL) == ()


def test_after_a_barrier_its_ranks_stand_at_the_greatest_clock() -> None:
    clocks = ShardClocks(UNBOUNDED)
    clocks.applied = {0: 5, 1: 3}
    assert clocks.meet([1, 2]) == 5
    assert clocks.applied == {0: 5, 1: 5, 2: 5}


def test_what_waits_is_known_by_rank() -> None:
    clocks = ShardClocks(0)
    clocks.push(contribution(1, 1))
    assert (clocks.waiting_of(1), clocks.waiting_of(0)) == (True, False)


@pytest.mark.parametrize("seed", range(100))
def test_any_order_of_repeats_counts_each_push_once(seed: int) -> None:
    rng = random.Random(seed)
    clocks = ShardClocks(rng.choice([0, 1, UNBOUNDED]))
    todo = {rank: [clock for clock in (1, 2, 3, 4) for _ in range(rng.randrange(1, 4))] for rank in ALL}
    updates: list[list[tuple[int, int]]] = []
    while any(todo.values()):
        rank = rng.choice([r for r, left in todo.items() if left])
        window = [c for c in todo[rank][:4] if c <= clocks.applied.get(rank, 0) + 2]  # two clocks unanswered
        if not window:
            todo[rank].sort()
            others = [r for r in ALL if r != rank and todo[r]]
            rank = rng.choice(others)
            window = [c for c in todo[rank][:4] if c <= clocks.applied.get(rank, 0) + 2]
            if not window:
                continue
        clock = rng.choice(window)
        todo[rank].remove(clock)
        clocks.push(contribution(rank, clock))
        updates += close(clocks)
    counted = [pair for update in updates for pair in update]
    assert sorted(counted) == [(rank, clock) for rank in sorted(ALL) for clock in (1, 2, 3, 4)]
    for rank in ALL:
        assert [c for r, c in counted if r == rank] == [1, 2, 3, 4]


def test_a_pull_is_told_who_holds_up_the_clock_and_not_its_own_rank() -> None:
    clocks = ShardClocks(0)
    clocks.push(contribution(0, 1))
    live = frozenset({0, 1})
    assert clocks.waits_for(0, 1, live) == (0, 1)
    assert clocks.named(0, 1, live) == (1,)
