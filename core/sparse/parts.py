"""The plain arrays behind a csr matrix: from rows to bounds and back, to a dense matrix, and products with one."""

from __future__ import annotations

from typing import Any

import numpy as np

Buffer = np.ndarray[Any, Any]
BLOCK = 1 << 20  # products held at once


def bounds_of(rows: Buffer, count: int) -> Buffer:
    """Where each of `count` rows begins, from the row of each element, which do not fall.  -> [count + 1]"""
    bounds = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(rows, minlength=count), out=bounds[1:])
    return bounds


def row_of_each(bounds: Buffer) -> Buffer:
    """The row of each element."""
    return np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))


def dense_of_csr(values: Buffer, columns: Buffer, bounds: Buffer, shape: tuple[int, ...]) -> Buffer:
    """The dense matrix; elements of one place are summed."""
    out = np.zeros(shape, values.dtype)
    np.add.at(out, (row_of_each(bounds), columns), values)
    return out


def times_dense(values: Buffer, columns: Buffer, bounds: Buffer, other: Buffer) -> Buffer:
    """csr [R, C] @ other [C, K] -> [R, K]; in pieces of rows, so that products need little memory."""
    rows = len(bounds) - 1
    out = np.zeros((rows, other.shape[1]), np.result_type(values, other))
    step = max(1, BLOCK * rows // max(1, len(values) * max(1, other.shape[1])))
    for start in range(0, rows, step):
        stop = min(rows, start + step)
        low, high = int(bounds[start]), int(bounds[stop])
        if low == high:
            continue
        products = values[low:high, None] * other[columns[low:high]]
        filled = np.flatnonzero(np.diff(bounds[start : stop + 1]))
        out[start + filled] = np.add.reduceat(products, bounds[start + filled] - low, axis=0)
    return out
