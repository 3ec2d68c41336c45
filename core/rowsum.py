"""RowSum: a gradient that is zero but for some rows, on its way from an operator's rule to a variable.

The tape adds it to other gradients; who needs it dense asks for that. Never: an array that a user meets.
Invariant: ids rise and all differ; rows is [len(ids), *shape[1:]].
"""

from __future__ import annotations

from typing import Any

import numpy as np

Buffer = np.ndarray[Any, Any]


class RowSum:
    """Rows `ids` of an array of `shape`; the others are zero."""

    __slots__ = ("ids", "rows", "shape")

    def __init__(self, ids: Buffer, rows: Buffer, shape: tuple[int, ...]) -> None:
        self.ids = ids
        self.rows = rows
        self.shape = shape

    @classmethod
    def of(cls, numbers: Buffer, rows: Buffer, shape: tuple[int, ...]) -> RowSum:
        """Rows by number, in any order; those of one number are summed in the order in which they come."""
        order = np.argsort(numbers, kind="stable")
        ordered = numbers[order]
        starts = np.flatnonzero(np.diff(ordered, prepend=-1))
        summed = np.add.reduceat(rows[order], starts, axis=0) if len(starts) else rows[:0]
        return cls(ordered[starts].astype(np.int64), summed, shape)

    def dense(self) -> Buffer:
        """All rows, as a new array."""
        out = np.zeros(self.shape, self.rows.dtype)
        out[self.ids] = self.rows
        return out


def add(a: Any, b: Any) -> Any:
    """The sum of two gradients, each a RowSum or an array."""
    if isinstance(a, RowSum) and isinstance(b, RowSum):
        ids = np.union1d(a.ids, b.ids)
        rows = np.zeros((len(ids), *a.shape[1:]), a.rows.dtype)
        rows[np.searchsorted(ids, a.ids)] = a.rows
        rows[np.searchsorted(ids, b.ids)] += b.rows
        return RowSum(ids, rows, a.shape)
    return dense(a) + dense(b)


def dense(gradient: Any) -> Any:
    """The gradient as an array."""
    return gradient.dense() if isinstance(gradient, RowSum) else gradient
