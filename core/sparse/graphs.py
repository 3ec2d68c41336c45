"""What a csr array says as a graph: how many edges there are, and the numbers that they carry."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..creation import array
from ..errors import ArgumentError, NotAnArray, OutOfBounds, ShapeError
from ..ndarray import NDArray
from .arrays import CSRNDArray


def _csr(name: str, data: Any) -> CSRNDArray:
    if not isinstance(data, CSRNDArray):
        raise NotAnArray(f"{name}: data must be a csr array, not {getattr(data, 'stype', type(data).__name__)}")
    return data


def getnnz(data: CSRNDArray, axis: int | None = None) -> NDArray:
    """How many elements a csr array stores, in all or, with axis=1, in each row.  -> [1] or [rows], int64

    Raises NotAnArray for another kind of array, ArgumentError for other axes.
    """
    bounds = _csr("getnnz", data).indptr.asnumpy()
    if axis not in (None, 1):
        raise ArgumentError(f"getnnz: axis is {axis!r}; known: None (all), 1 (each row)")
    return array(bounds[-1:] if axis is None else np.diff(bounds), ctx=data.ctx, dtype="int64")


def edge_id(data: CSRNDArray, u: NDArray, v: NDArray) -> NDArray:
    """What a csr array stores at row u and column v, pair by pair; -1 where it stores nothing.  [N], [N] -> [N]

    Raises NotAnArray for another kind of array, ShapeError for unlike u and v, OutOfBounds for rows that it lacks.
    """
    bounds, columns = _csr("edge_id", data).indptr.asnumpy(), data.indices.asnumpy()
    rows, wanted = u.asnumpy().astype(np.int64), v.asnumpy().astype(np.int64)
    if rows.ndim != 1 or rows.shape != wanted.shape:
        raise ShapeError(f"edge_id: u is {list(rows.shape)}, v {list(wanted.shape)}: both must be [N]")
    if rows.size and not 0 <= rows.min() <= rows.max() < data.shape[0]:
        raise OutOfBounds(f"edge_id: u has rows {rows.min()} .. {rows.max()}, data has {data.shape[0]}")
    width = max(data.shape[1], 1)
    keys = np.repeat(np.arange(data.shape[0]), np.diff(bounds)) * width + columns
    order = np.argsort(keys, kind="stable")
    asked = rows * width + wanted
    place = np.minimum(np.searchsorted(keys[order], asked), max(len(keys) - 1, 0))
    values = data.data.asnumpy()
    found = np.full(len(asked), -1, values.dtype)
    if len(keys):
        hit = (keys[order][place] == asked) & (wanted >= 0) & (wanted < width)
        found[hit] = values[order][place[hit]]
    return array(found, ctx=data.ctx, dtype=data.dtype)
