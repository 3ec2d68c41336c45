"""The table: what it says of ranks, and that nothing but a table is taken for one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mxl.core.errors import MXLError
from mxl.kvstore.names import SERVER, WORKER
from mxl.kvstore.placement import SLOTS
from mxl.kvstore.table import ADMITTED, EXPECTED, GIVEN_UP, LEFT, Member, Table


def table(*states: tuple[int, str], elastic: bool = False) -> Table:
    """A table of workers, each (incarnation, state)."""
    workers = {rank: Member(WORKER, rank, life, state, f"host{rank}") for rank, (life, state) in enumerate(states)}
    servers = {0: Member(SERVER, 0, 0, ADMITTED, "a", ("tcp://a:1",), "/run/nonce")}
    return Table(3, workers, servers, (0,) * SLOTS, (-1,) * SLOTS, elastic)


def test_a_table_survives_its_way() -> None:
    there = table((0, ADMITTED), (1, LEFT), (0, GIVEN_UP), (-1, EXPECTED), elastic=True)
    assert Table.from_wire(there.to_wire()) == there


@pytest.mark.parametrize("life, state, elastic, present", [
    (0, ADMITTED, False, True),
    (0, LEFT, False, False),
    (-1, EXPECTED, False, False),   # it has not joined
    (0, EXPECTED, False, True),     # its next life is expected: the others wait for it
    (0, GIVEN_UP, True, False),
    (0, GIVEN_UP, False, True),     # the job ends; until all know, nothing goes on without it
    (-1, LEFT, False, False),       # it never joined
])  # fmt: skip
def test_who_is_waited_for(life: int, state: str, elastic: bool, present: bool) -> None:
    assert table((life, state), elastic=elastic).present_workers() == ([0] if present else [])


def test_a_changed_member_is_a_new_membership() -> None:
    before = table((0, ADMITTED))
    after = before.with_member(replace(before.workers[0], state=LEFT))
    assert (after.membership, after.workers[0].state, before.workers[0].state) == (4, LEFT, ADMITTED)
    assert after.workers[0].name == "worker:0:0"


@pytest.mark.parametrize("change, match", [
    ({"membership": "3"}, "expected the fields of a member table, came TypeError.*'3' is no int"),
    ({"membership": True}, "True is no int"),
    ({"workers": [[0, 0, "asleep", "h", [], ""]]}, "member state 'asleep'; known: expected, admitted, left, given_up"),
    ({"workers": [[0, 0]]}, "not enough values"),
    ({"servers": [[0, 0, "left", 7, [], ""]]}, "7 is no text"),
    ({"primaries": [0, 0]}, "expected 256 slots of known servers, came 2"),
    ({"primaries": [5] * SLOTS}, "expected 256 slots of known servers"),
    ({"primaries": [0.5] * SLOTS}, "0.5 is no int"),
])  # fmt: skip
def test_what_is_no_table_is_refused(change: dict[str, Any], match: str) -> None:
    with pytest.raises(MXLError, match=match):
        Table.from_wire(table((0, ADMITTED)).to_wire() | change)


def test_a_missing_field_is_named() -> None:
    data = table((0, ADMITTED)).to_wire()
    del data["elastic"]
    with pytest.raises(MXLError, match=r"came KeyError.*elastic"):
        Table.from_wire(data)
