"""Ranks as a server sees them: who is present, who is live, which life is the current one."""

from __future__ import annotations

from mxl.kvstore.names import WORKER, Node
from mxl.kvstore.table import ADMITTED, GIVEN_UP, LEFT, Member, Table
from mxl.server.ranks import Ranks


def table(*states: str, lives: dict[int, int] | None = None, elastic: bool = False, membership: int = 1) -> Table:
    workers = {r: Member(WORKER, r, (lives or {}).get(r, 0), state) for r, state in enumerate(states)}
    return Table(membership, workers, elastic=elastic)


def ranks(*states: str, elastic: bool = False) -> Ranks:
    made = Ranks()
    made.update(table(*states, elastic=elastic))
    return made


def test_a_rank_in_a_barrier_is_present_and_not_live() -> None:
    r = ranks(ADMITTED, ADMITTED)
    r.wait(1, 1, 1)
    assert (r.present, r.live) == ({0, 1}, {0})
    r.count_again(frozenset({1}))
    assert r.live == {0, 1}


def test_a_leave_counts_before_the_table_says_so() -> None:
    r = ranks(ADMITTED, ADMITTED)
    r.leave(0)
    assert (r.present, r.live, r.lowest()) == ({1}, {1}, 1)
    r.update(table(LEFT, ADMITTED, membership=2))
    assert r.present == {1}


def test_a_rank_that_was_given_up_is_waited_for_unless_the_job_is_elastic() -> None:
    assert ranks(ADMITTED, GIVEN_UP).live == {0, 1}
    r = ranks(ADMITTED, GIVEN_UP, elastic=True)
    assert (r.live, r.given_up) == ({0}, {1})


def test_a_new_life_is_neither_in_a_barrier_nor_gone() -> None:
    r = ranks(ADMITTED, ADMITTED)
    r.wait(0, 1, 1)
    r.leave(1)
    r.update(table(ADMITTED, ADMITTED, lives={0: 1, 1: 1}, membership=2))
    assert r.live == {0, 1}
    assert (r.life(0), r.life(9)) == (1, -1)


def test_a_first_message_begins_a_life() -> None:
    r = ranks(ADMITTED)
    r.wait(0, 1, 1)
    r.begin_life(Node(WORKER, 0, 2))
    assert (r.life(0), r.live) == (2, {0})


def test_nobody_is_lowest_in_an_empty_job() -> None:
    assert Ranks().lowest() is None
