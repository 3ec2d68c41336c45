"""Placement: the cut depends on the value alone, the slot on the name alone, and slots are dealt evenly by bytes."""

from __future__ import annotations

import numpy as np
import pytest

from mxl.kvstore.placement import SLOTS, cut, deal, keeps_whole, slot_bytes, slot_of

BOUND = SHARD = 1 << 20


def resnet50() -> dict[str, tuple[int, ...]]:
    """The 161 parameters of a ResNet-50, by name, as (out, in, kernel, kernel)."""
    shapes: dict[str, tuple[int, ...]] = {"conv0": (64, 3, 7, 7)}
    inputs = 64
    for stage, (blocks, width) in enumerate([(3, 64), (4, 128), (6, 256), (3, 512)]):
        for block in range(blocks):
            name = f"stage{stage}.{block}"
            shapes |= {
                f"{name}.a": (width, inputs, 1, 1),
                f"{name}.b": (width, width, 3, 3),
                f"{name}.c": (4 * width, width, 1, 1),
            }
            if block == 0:
                shapes[f"{name}.down"] = (4 * width, inputs, 1, 1)
            inputs = 4 * width
    norms = {f"{name}.{what}": (shape[0],) for name, shape in shapes.items() for what in ("gamma", "beta")}
    return shapes | norms | {"fc.weight": (1000, 2048), "fc.bias": (1000,)}


@pytest.mark.parametrize("shape, itemsize, expected", [
    ((3,), 4, [(0, 3)]),
    ((15,), 4, [(0, 15)]),                              # 60 bytes: below the bound
    ((16,), 4, [(0, 8), (8, 16)]),                      # 64 bytes: at the bound
    ((5, 7), 4, [(0, 8), (8, 16), (16, 24), (24, 32), (32, 35)]),
    ((8,), 8, [(0, 4), (4, 8)]),
    ((0,), 4, [(0, 0)]),
    ((), 4, [(0, 1)]),
])  # fmt: skip
def test_values_are_cut_at_the_bound(shape: tuple[int, ...], itemsize: int, expected: list[tuple[int, int]]) -> None:
    assert cut(shape, itemsize, bound_bytes=64, shard_bytes=32) == expected


@pytest.mark.parametrize("shape, scope, expected", [
    ((5, 7), "key", [(0, 35)]),
    ((5, 7), "row", [(0, 7), (7, 14), (14, 21), (21, 28), (28, 35)]),
    ((8, 3), "row", [(0, 6), (6, 12), (12, 18), (18, 24)]),
    ((4, 20), "row", [(0, 20), (20, 40), (40, 60), (60, 80)]),                  # a row is longer than a shard
    ((16,), "row", [(0, 8), (8, 16)]),
    ((0, 3), "row", [(0, 0)]),
    ((9, 0), "row", [(0, 0)]),
])  # fmt: skip
def test_what_must_stay_whole_is_not_cut(shape: tuple[int, ...], scope: str, expected: list[tuple[int, int]]) -> None:
    pieces = cut(shape, 4, bound_bytes=64, shard_bytes=32, scope=scope)
    assert pieces == expected
    assert keeps_whole(shape, pieces, scope)
    assert keeps_whole(shape, cut(shape, 4, 64, 32), scope) == (cut(shape, 4, 64, 32) == expected)


def test_an_element_is_never_split() -> None:
    assert cut((3,), 8, bound_bytes=1, shard_bytes=3) == [(0, 1), (1, 2), (2, 3)]


def test_a_slot_is_the_same_everywhere_and_for_ever() -> None:
    assert [slot_of(1, "w", 0), slot_of(1, 3, 0), slot_of(1, "3", 0), slot_of(2, "w", 0)] == [155, 109, 23, 59]


def test_shards_of_a_key_lie_in_neighbouring_slots() -> None:
    first = slot_of(1, "w", 0)
    assert [slot_of(1, "w", i) for i in range(SLOTS)] == [(first + i) % SLOTS for i in range(SLOTS)]


@pytest.mark.parametrize("servers", [2, 4, 8])
def test_resnet50_is_within_five_percent_of_even(servers: int) -> None:
    shapes = resnet50()
    assert len(shapes) == 161
    shards = [
        (slot_of(1, key, i), 4 * (stop - start))
        for key, shape in shapes.items()
        for i, (start, stop) in enumerate(cut(shape, 4, BOUND, SHARD))
    ]
    sizes = slot_bytes(shards)
    total = sum(sizes)
    assert total == 4 * sum(int(np.prod(s)) for s in shapes.values()) == 4 * 25_557_032
    table = deal(sizes, range(servers))
    held = [sum(size for size, server in zip(sizes, table, strict=True) if server == i) for i in range(servers)]
    assert max(held) <= 1.05 * total / servers
    assert min(held) >= 0.95 * total / servers


def test_empty_slots_are_dealt_evenly_too() -> None:
    table = deal([0] * SLOTS, [0, 1, 2])
    assert sorted(table.count(server) for server in (0, 1, 2)) == [85, 85, 86]


def test_the_order_in_which_servers_are_named_changes_nothing() -> None:
    sizes = slot_bytes((slot_of(1, i, 0), i * 100) for i in range(300))
    assert deal(sizes, [2, 0, 1]) == deal(sizes, [0, 1, 2])


def test_slots_without_servers_cannot_be_dealt() -> None:
    with pytest.raises(ValueError, match="slots cannot be dealt: there is no server"):
        deal([0] * SLOTS, [])


def test_another_number_of_slots_is_refused() -> None:
    with pytest.raises(ValueError, match="expected the bytes of 256 slots, came 3"):
        deal([1, 2, 3], [0])
