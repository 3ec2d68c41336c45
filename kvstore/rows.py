"""Rows: a row_sparse gradient, or the rows of one shard of it: ids in rising order, and a row for each.

Pure functions on plain arrays, and the frame in which rows travel: `count` row ids (int64, of the whole key, rising),
then the elements of these rows that lie in the shard.  A shard cut at whole rows has whole ones; a dense value may be
cut in the middle of a row, and then its elements are what counts as rows.  Never: what a row is good for.
Invariant: what `parse` lets through is within the shard, rising and without duplicates.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import InvalidValue, PartShape

Array = np.ndarray[Any, Any]
ID_BYTES = 8
_NOTHING = memoryview(b"")


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """ids: [K] int64, rising; rows: [K, W].  Of a shard, ids count from its own first row."""

    ids: Array
    rows: Array


def width_of(shape: Sequence[int]) -> int:
    """Elements in one row of a value."""
    return math.prod(shape[1:])


@np.errstate(all="ignore")
def add_rows(terms: Sequence[tuple[Rows, float]], divisor: float = 1.0) -> Rows:
    """The sum of rows, each times its scale, in the order of the terms: ((r0 + r1) + r2) + ... wherever they meet.

    A row that only one term has is that row.  Never written: the terms, which may be network frames.
    """
    first, scale = terms[0]
    one = first.rows.dtype.type
    if len(terms) == 1:
        rows = first.rows if scale == 1.0 else first.rows * one(scale)
        return Rows(first.ids, rows if divisor == 1.0 else rows * one(1.0 / divisor))
    ids = np.unique(np.concatenate([term.ids for term, _ in terms]))
    total = np.empty((len(ids), first.rows.shape[1]), first.rows.dtype)
    seen = np.zeros(len(ids), bool)
    for term, scale in terms:
        at = np.searchsorted(ids, term.ids)
        rows = term.rows if scale == 1.0 else term.rows * one(scale)
        again = seen[at]
        total[at[~again]] = rows[~again]
        total[at[again]] += rows[again]
        seen[at] = True
    if divisor != 1.0:
        total *= one(1.0 / divisor)
    return Rows(ids, total)


def spread(rows: Rows, like: Array) -> Array:
    """The rows as a dense, flat gradient of a shard: zero elsewhere."""
    dense = np.zeros(like.size, like.dtype)
    if len(rows.ids):
        dense.reshape(-1, rows.rows.shape[1])[rows.ids] = rows.rows
    return dense


def asked(row_ids: Any, height: int, key: Any) -> Array:
    """Row ids of a call, in rising order, each once."""
    ids = np.unique(row_ids.asnumpy().astype(np.int64).reshape(-1))
    if len(ids) and (ids[0] < 0 or ids[-1] >= height):
        raise InvalidValue(
            f"row_sparse_pull: key {key!r} has rows 0 to {height - 1}, row_ids go from {ids[0]} to {ids[-1]}"
        )
    return ids


# ----- the frame -----


def frame(ids: Array, values: Array, width: int, start: int, stop: int) -> tuple[int, memoryview]:
    """(count, frame) of those rows that elements [start, stop) of a key have; `values` are all the rows, flat."""
    if not width or start == stop:
        return 0, _NOTHING
    low, high = np.searchsorted(ids, (start // width, -(-stop // width))).tolist()
    if low == high:
        return 0, _NOTHING
    before, behind = _trimmed(ids[low:high], width, start, stop)
    piece = values[low * width + before : high * width - behind]
    count = high - low
    data = np.empty(count * ID_BYTES + piece.nbytes, np.uint8)
    data[: count * ID_BYTES] = np.ascontiguousarray(ids[low:high], "<i8").view(np.uint8)
    data[count * ID_BYTES :] = piece.view(np.uint8)
    buffer: Any = data
    return count, memoryview(buffer)


def parse(
    payload: Any, count: int, dtype: np.dtype[Any], shape: Sequence[int], start: int, stop: int, what: str
) -> Rows:
    """The rows of a frame, without a copy, for elements [start, stop) of a key; a PartShape begins with `what`.

    Their ids count from the shard's first row; where the cut goes through rows, from its first element.
    """
    width, view = width_of(shape), memoryview(payload)
    ids = parse_ids(view[: count * ID_BYTES], count, width, start, stop, what)
    before, behind = _trimmed(ids, width, start, stop) if count else (0, 0)
    elements = count * width - before - behind
    expected = count * ID_BYTES + elements * dtype.itemsize
    if view.nbytes != expected:
        raise PartShape(f"{what}: {count} rows are {expected} bytes, came {view.nbytes}")
    values = np.frombuffer(view, dtype, elements, count * ID_BYTES) if elements else np.empty(0, dtype)
    if not width or (start % width == 0 and stop % width == 0):
        return Rows(ids - start // (width or 1), values.reshape(count, width))
    at = (ids[:, None] * width + np.arange(width)).reshape(-1)
    return Rows(at[before : len(at) - behind] - start, values.reshape(-1, 1))


def parse_ids(payload: Any, count: int, width: int, start: int, stop: int, what: str) -> Array:
    """`count` row ids of the whole key, each of which has elements in [start, stop)."""
    view = memoryview(payload)
    if count < 0 or view.nbytes != count * ID_BYTES:
        raise PartShape(f"{what}: {count} row ids are {max(0, count) * ID_BYTES} bytes, came {view.nbytes}")
    if not count:
        return np.empty(0, np.int64)
    ids = np.frombuffer(view, "<i8").astype(np.int64, copy=False)
    if not bool(np.all(ids[1:] > ids[:-1])):
        raise PartShape(f"{what}: row ids rise and none comes twice, came {_few(ids)}")
    first, end = (start // width, -(-stop // width)) if width else (0, 0)
    if ids[0] < first or ids[-1] >= end:
        raise PartShape(f"{what}: row ids are from {first} to {end - 1}, came {_few(ids)}")
    return ids


def _trimmed(ids: Array, width: int, start: int, stop: int) -> tuple[int, int]:
    """What of the first of these rows lies before the shard, and of the last one behind it."""
    return max(0, start - int(ids[0]) * width), max(0, (int(ids[-1]) + 1) * width - stop)


def _few(ids: Array) -> str:
    return f"{ids[:6].tolist()}{'...' if len(ids) > 6 else ''}"
