"""`+ - * /` of sparse arrays with arrays of any storage and numbers: sparse where what is zero stays zero.

Sums, differences and products of one storage, products and quotients with numbers, and products with dense arrays are
sparse; all else is dense, and so is what autograd records.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import ShapeError
from ..handle import Handle, new
from ..ndarray import NDArray
from ..op import TABLE
from ..operators import number
from ..rowsum import RowSum
from ..rowsum import add as add_rows
from ..tape import live, local
from .arrays import BaseSparseNDArray, CSRNDArray, RowSparseNDArray, csr, from_dense, row_sparse
from .parts import row_of_each

Binary = Callable[[Any, Any], Any]


def _dense(value: Any) -> Any:
    """The dense form, at the array's place on the tape."""
    return new(NDArray, value._dense(), value._ctx, value._node) if isinstance(value, BaseSparseNDArray) else value


def tracked(*arrays: Any) -> bool:
    """Whether a call with these is to be recorded."""
    return local.recording and any(isinstance(a, Handle) and live(a._node) is not None for a in arrays)


def same_storage(lhs: Any, rhs: Any, fn: Callable[[Any, Any], Any]) -> Any:
    """fn, for which fn(0, 0) is 0, of two arrays of one sparse storage, which keeps it."""
    if lhs.shape != rhs.shape:
        raise ShapeError(f"sparse arrays are not broadcast: {list(lhs.shape)} and {list(rhs.shape)}")
    if isinstance(lhs, RowSparseNDArray):
        ids = np.union1d(lhs._ids, rhs._ids)
        parts = []
        for array in (lhs, rhs):
            rows = np.zeros((len(ids), *array.shape[1:]), array._values.dtype)
            rows[np.searchsorted(ids, array._ids)] = array._values
            parts.append(rows)
        return row_sparse(ids, fn(*parts), lhs.shape, lhs._ctx)
    return from_dense(fn(lhs._dense(), rhs._dense()), "csr", lhs._ctx)


def times(sparse: Any, other: Any, fn: Callable[[Any, Any], Any]) -> Any:
    """fn, for which fn(0, y) is 0, of what is stored with the same elements of a dense buffer of the same shape."""
    if isinstance(sparse, CSRNDArray):
        factors = other[row_of_each(sparse._bounds), sparse._columns]
        return csr(fn(sparse._values, factors), sparse._columns, sparse._bounds, sparse.shape, sparse._ctx)
    return row_sparse(sparse._ids, fn(sparse._values, other[sparse._ids]), sparse.shape, sparse._ctx)


def _sum(lhs: Any, rhs: Any, fn: Any, name: str) -> Any:
    if tracked(lhs, rhs):
        return _by_name(name, lhs, rhs)
    if isinstance(lhs, BaseSparseNDArray) and type(lhs) is type(rhs):
        return same_storage(lhs, rhs, fn)
    if isinstance(lhs, BaseSparseNDArray) and not isinstance(rhs, NDArray) and number(rhs) == 0:
        return lhs.copy()
    return _by_name(name, lhs, rhs)


def _by_name(name: str, lhs: Any, rhs: Any) -> Any:
    """The dense operator of MXNet's Python operators."""
    methods = {"add": "__add__", "sub": "__sub__", "mul": "__mul__", "div": "__truediv__"}
    lhs, rhs = _dense(lhs), _dense(rhs)
    if isinstance(lhs, NDArray):
        return getattr(lhs, methods[name])(rhs)
    return getattr(rhs, methods[name].replace("__", "__r", 1))(lhs)


def add(lhs: Any, rhs: Any) -> Any:
    """lhs + rhs; sparse for two arrays of one storage."""
    return _sum(lhs, rhs, np.add, "add")


def subtract(lhs: Any, rhs: Any) -> Any:
    """lhs - rhs; sparse for two arrays of one storage."""
    return _sum(lhs, rhs, np.subtract, "sub")


def multiply(lhs: Any, rhs: Any) -> Any:
    """lhs * rhs; sparse for two arrays of one storage, a number, or a dense array that is broadcast to a csr matrix."""
    if tracked(lhs, rhs):
        return _by_name("mul", lhs, rhs)
    if isinstance(lhs, BaseSparseNDArray) and type(lhs) is type(rhs):
        return same_storage(lhs, rhs, np.multiply)
    if isinstance(lhs, CSRNDArray) and isinstance(rhs, NDArray) and not isinstance(rhs, BaseSparseNDArray):
        return TABLE["broadcast_mul"](lhs, rhs)
    if not isinstance(lhs, BaseSparseNDArray):
        lhs, rhs = rhs, lhs
    if not isinstance(rhs, NDArray):
        return lhs._with(lhs._values * number(rhs))
    if isinstance(rhs, BaseSparseNDArray) or rhs.shape != lhs.shape:
        return _by_name("mul", lhs, rhs)
    return times(lhs, rhs._read(), np.multiply)


@np.errstate(all="ignore")
def divide(lhs: Any, rhs: Any) -> Any:
    """lhs / rhs; sparse for a sparse array by a number."""
    if not tracked(lhs, rhs) and isinstance(lhs, BaseSparseNDArray) and not isinstance(rhs, NDArray):
        return lhs._with(lhs._values / lhs.dtype(number(rhs)))
    return _by_name("div", lhs, rhs)


def total(arrays: Any) -> RowSparseNDArray:
    """The sum of RowSparseNDArrays, in their order."""
    first = arrays[0]
    summed: Any = RowSum(first._ids, first._values, first.shape)
    for array in arrays[1:]:
        summed = add_rows(summed, RowSum(array._ids, array._values, array.shape))
    return row_sparse(summed.ids, summed.rows, first.shape, first._ctx)

