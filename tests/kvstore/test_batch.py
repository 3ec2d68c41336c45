"""Batches: what is let into one message can be encoded, whatever the parts are."""

from __future__ import annotations

import pytest

from mxl.kvstore.batch import PARTS_MAX, divided
from mxl.kvstore.wire.codec import decode, encode
from mxl.kvstore.wire.messages import ClockPart, Counted, Init, InitPart, Push, PushPart, Taken

BIG = 2**62
LONGEST = "\N{GRINNING FACE}" * 256  # as many bytes as a key may have


def init_part(n: int, key: str | int) -> InitPart:
    return InitPart(BIG + n, BIG, key, BIG, "default", "float64", (1,) * 32, BIG, BIG, True)


def push_part(n: int, key: str | int) -> PushPart:
    return PushPart(BIG + n, BIG, key, BIG, BIG, "none", "float64", (1,) * 32, -BIG, 0.1, 0.1, BIG, BIG, True, -BIG)


@pytest.mark.parametrize("key", [BIG, "w", LONGEST])
@pytest.mark.parametrize("count", [0, 1, PARTS_MAX, PARTS_MAX + 1, 5000])
def test_whatever_is_let_into_one_message_can_travel(count: int, key: str | int) -> None:
    for parts in divided(init_part(n, key) for n in range(count)):
        assert decode(encode(Init(1, 0, parts, (b"",) * len(parts)))) == Init(1, 0, parts, (b"",) * len(parts))
    for pushes in divided(push_part(n, key) for n in range(count)):
        encode(Push(1, 0, pushes, (), (b"",) * len(pushes)))
    for clocks in divided(ClockPart(BIG, key, BIG, BIG + n) for n in range(count)):
        encode(Counted(1, BIG, clocks))


def test_nothing_is_lost_or_reordered_and_no_message_is_wasted() -> None:
    groups = divided(range(2 * PARTS_MAX + 5))
    assert [n for group in groups for n in group] == list(range(2 * PARTS_MAX + 5))
    assert [len(group) for group in groups] == [PARTS_MAX, PARTS_MAX, 5]
    assert divided([]) == [()]
    for group in groups:
        encode(Taken(1, group))
