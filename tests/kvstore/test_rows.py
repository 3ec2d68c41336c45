"""Rows: sums in order, the frame there and back however a key is cut, and what a frame may not say."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from mxl.kvstore.errors import PartShape
from mxl.kvstore.rows import Rows, add_rows, frame, parse, spread


def rows(ids: list[int], value: float = 1.0, width: int = 2) -> Rows:
    return Rows(np.array(ids, np.int64), np.full((len(ids), width), value, np.float32))


def test_a_sum_has_the_union_of_rows_each_in_the_order_of_the_terms() -> None:
    big, small = np.float32(1e8), np.float32(1.0)
    total = add_rows([(rows([1, 4], big), 1.0), (rows([0, 4], small), 1.0), (rows([4, 9], -big), 1.0)])
    assert total.ids.tolist() == [0, 1, 4, 9]
    assert total.rows[:, 0].tolist() == [small, big, (big + small) - big, -big]


def test_rows_are_scaled_as_they_enter_and_divided_at_the_end() -> None:
    total = add_rows([(rows([0], 3.0), 0.5), (rows([0, 1], 1.0), 2.0)], divisor=7.0)
    assert total.rows[:, 0].tolist() == [np.float32(3.5) * np.float32(1 / 7), np.float32(2) * np.float32(1 / 7)]


def test_terms_are_never_written() -> None:
    first, second = rows([0, 1]), rows([1])
    for one in (first, second):
        one.rows.setflags(write=False)
    add_rows([(first, 1.0), (second, 1.0)], divisor=2.0)
    assert add_rows([(first, 1.0)]).rows is first.rows


@pytest.mark.parametrize("seed", range(20))
def test_the_frames_of_all_pieces_have_each_element_once(seed: int) -> None:
    rng = np.random.default_rng(seed)
    height, width = int(rng.integers(1, 9)), int(rng.integers(1, 6))
    ids = np.flatnonzero(rng.random(height) < 0.5).astype(np.int64)
    values = rng.standard_normal((len(ids), width)).astype(np.float32)
    dense = np.zeros((height, width), np.float32)
    dense[ids] = values
    edges = [0, *sorted(rng.integers(0, height * width + 1, 3).tolist()), height * width]
    found: list[Any] = []
    for start, stop in pairwise(edges):
        count, data = frame(ids, values.reshape(-1), width, start, stop)
        piece = parse(data, count, np.dtype(np.float32), (height, width), start, stop, "key 'w'")
        found.append(spread(piece, dense.reshape(-1)[start:stop]))
    assert np.concatenate(found).tobytes() == dense.tobytes()


def ids_frame(*ids: int, elements: int) -> bytes:
    return np.array(ids, "<i8").tobytes() + bytes(4 * elements)


@pytest.mark.parametrize("payload, count, text", [
    (ids_frame(2, 1, elements=6), 2, r"row ids rise and none comes twice, came \[2, 1\]"),
    (ids_frame(1, 1, elements=6), 2, r"row ids rise and none comes twice, came \[1, 1\]"),
    (ids_frame(4, elements=3), 1, r"row ids are from 0 to 3, came \[4\]"),
    (ids_frame(-1, elements=3), 1, r"row ids are from 0 to 3, came \[-1\]"),
    (ids_frame(1, elements=2), 1, "1 rows are 20 bytes, came 16"),
    (b"", 1, "1 row ids are 8 bytes, came 0"),
    (b"", -7, "-7 row ids are 0 bytes, came 0"),
    (b"1234", 0, "0 rows are 0 bytes, came 4"),
])  # fmt: skip
def test_frames_that_are_no_rows_are_told(payload: bytes, count: int, text: str) -> None:
    with pytest.raises(PartShape, match="key 'w': " + text):
        parse(payload, count, np.dtype(np.float32), (4, 3), 0, 12, "key 'w'")


def test_rows_of_nothing_and_empty_frames() -> None:
    assert frame(np.array([1]), np.empty(0, np.float32), 0, 0, 0) == (0, b"")
    none = parse(b"", 0, np.dtype(np.float32), (4, 3), 0, 12, "key 'w'")
    assert none.rows.shape == (0, 3)
    with pytest.raises(PartShape, match="row ids are from 0 to -1"):
        parse(ids_frame(0, elements=0), 1, np.dtype(np.float32), (4, 0), 0, 0, "key 'w'")
