"""Sparse: a script's row_sparse arrays as rows for the servers, and rows of the servers as its arrays.

Knows: how row_sparse arrays give and take their rows, and the sum over the arrays of one call.  Never: calls, servers.
Invariant: what is given to a call is its own memory, with ids in rising order.
"""

# pyright: reportPrivateUsage=false
# _read, _rows and _set_rows are how a store meets an array's content.

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.ndarray import NDArray
from ..kvstore.errors import InvalidValue
from ..kvstore.local import add_up
from ..kvstore.rows import Array, Rows, add_rows, spread, width_of

TABLE = "row_sparse"


def rows_of(array: Any) -> Rows:
    """A row_sparse array's rows, copied, in rising order."""
    ids, rows = array._rows()
    ids = np.asarray(ids, np.int64)
    rows = np.asarray(rows).reshape(len(ids), width_of(array.shape))
    order = np.argsort(ids, kind="stable")
    ids = ids[order]
    if bool(np.any(ids[1:] == ids[:-1])):
        twice = ids[1:][ids[1:] == ids[:-1]][0]
        raise InvalidValue(f"a row_sparse array has row {twice} more than once; its indices must all differ")
    return Rows(ids, rows[order])


def summed(arrays: list[NDArray]) -> tuple[Array, Array | None]:
    """(the sum, flat, and its row ids) of the arrays of one push; ids None: it is dense, as one of the arrays is."""
    if all(array.stype == TABLE for array in arrays):
        total = add_rows([(rows_of(array), 1.0) for array in arrays])
        return np.ascontiguousarray(total.rows).reshape(-1), total.ids
    buffers = [_dense(array) for array in arrays]
    gradient = np.empty_like(buffers[0])
    add_up(buffers, out=gradient)
    return gradient.reshape(-1), None


def _dense(array: NDArray) -> Array:
    if array.stype != TABLE:
        return array._read()
    rows = rows_of(array)
    return spread(rows, np.empty(array.shape, rows.rows.dtype)).reshape(array.shape)
