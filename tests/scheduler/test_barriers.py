"""Barriers are named, never counted."""

from __future__ import annotations

from mxl.scheduler.barriers import Barriers


def enter(barriers: Barriers, rank: int, number: int = 1, store: int = 1, request: int = 0) -> bool:
    return barriers.wait(rank, store, number, f"worker:{rank}:0", request or 10 + rank)


def test_a_barrier_is_released_when_all_present_ranks_are_in_it() -> None:
    b = Barriers()
    enter(b, 0)
    assert b.release([0, 1]) == []
    enter(b, 1)
    assert b.release([0, 1]) == [("worker:0:0", 10, 1, 1), ("worker:1:0", 11, 1, 1)]
    assert b.release([0, 1]) == []


def test_who_says_it_twice_counts_once() -> None:
    b = Barriers()
    enter(b, 0)
    enter(b, 0, request=12)
    assert b.release([0, 1]) == []
    assert b.missing(1, 1, [0, 1]) == (1,)
    assert (b.holds("worker:0:0", 12), b.holds("worker:0:0", 10)) == ((1, 1), None)


def test_one_that_was_released_is_answered_at_once() -> None:
    b = Barriers()
    enter(b, 0)
    b.release([0])
    assert enter(b, 0)
    assert not enter(b, 0, number=2)


def test_stores_and_numbers_are_apart() -> None:
    b = Barriers()
    enter(b, 0, number=1)
    enter(b, 1, number=2)
    enter(b, 0, store=2)
    assert b.release([0, 1]) == []


def test_a_rank_that_goes_frees_the_others() -> None:
    b = Barriers()
    enter(b, 1)
    assert b.release([0, 1]) == []
    assert b.release([1]) == [("worker:1:0", 11, 1, 1)]
