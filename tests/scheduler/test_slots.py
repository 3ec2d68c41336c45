"""Which server has a slot and which its copy, through deaths and returns."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mxl.kvstore.placement import SLOTS
from mxl.kvstore.table import ADMITTED, EXPECTED, Member, Table
from mxl.scheduler import slots


def table(servers: int = 3, replicas: int = 1) -> Table:
    members = {rank: Member("server", rank, 0, ADMITTED) for rank in range(servers)}
    return slots.dealt(Table(1, servers=members), [1] * SLOTS, replicas)


def with_state(t: Table, rank: int, state: str) -> Table:
    return replace(t, servers={**t.servers, rank: replace(t.servers[rank], state=state)})


def test_each_slot_has_its_copy_on_another_server() -> None:
    dealt = table()
    assert dealt.is_protected
    assert all(p != b for p, b in zip(dealt.primaries, dealt.backups, strict=True))
    assert {(p, b) for p, b in zip(dealt.primaries, dealt.backups, strict=True)} == {(0, 1), (1, 2), (2, 0)}


@pytest.mark.parametrize("servers, replicas", [(1, 1), (3, 0)])
def test_without_another_server_or_without_replicas_there_are_no_copies(servers: int, replicas: int) -> None:
    dealt = table(servers, replicas)
    assert not dealt.is_protected
    assert set(dealt.backups) == {-1}


def test_a_dead_servers_slots_go_to_those_with_its_copies() -> None:
    dealt = table()
    after = slots.without(dealt, 1)
    assert after is not None
    for slot in range(SLOTS):
        was, now = dealt.primaries[slot], after.primaries[slot]
        assert now == (2 if was == 1 else was)
        assert after.backups[slot] == (0 if was == 2 else -1)


def test_a_server_without_copies_cannot_be_done_without() -> None:
    after = slots.without(table(2), 0)
    assert after is not None
    assert slots.without(after, 1) is None
    assert slots.without(table(2, 0), 0) is None


def test_who_comes_back_is_copied_to_and_counts_only_when_its_primary_says_so() -> None:
    after = slots.without(table(2), 0)
    assert after is not None
    alone = slots.copied_again(with_state(after, 0, EXPECTED), 1)
    assert set(alone.copying) == {-1}
    back = slots.copied_again(with_state(alone, 0, ADMITTED), 1)
    assert set(back.copying) == {0}
    assert slots.without(back, 1) is None, "a copy that is under way protects nobody"
    half = slots.in_sync(back, 1, 0, range(0, SLOTS, 2))
    assert not half.is_protected
    assert slots.in_sync(half, 0, 1, range(SLOTS)) == half, "only a slot's primary knows"
    whole = slots.in_sync(half, 1, 0, range(SLOTS))
    assert whole.is_protected
    assert set(whole.primaries) == {1}


def test_numbers_of_slots_that_are_none_change_nothing() -> None:
    back = slots.copied_again(slots.without(table(2), 0), 1)  # type: ignore[arg-type]
    assert slots.in_sync(back, 1, 0, [-1, SLOTS, 10**9]) == back
