"""Sparse forms of operators: what an operator of the table does when a sparse array is among its arguments.

`kernel("dot")` declares one: it is given the arguments and parameters, and returns a result, or NotImplemented where
the dense operator shall run on the dense form.  A kernel that has a gradient records itself by `record`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import tape
from ..errors import ArgumentError, DtypeError, GraphError, ShapeError
from ..handle import new
from ..ndarray import NDArray
from ..op import SPARSE, TABLE
from ..rowsum import RowSum
from ..rules import Like
from ..tape import Node, next_order
from .arithmetic import same_storage, times, total, tracked
from .arrays import BaseSparseNDArray, CSRNDArray, RowSparseNDArray, csr, from_dense, row_sparse
from .make import zeros
from .parts import bounds_of, row_of_each, times_dense

Kernel = Callable[[Sequence[Any], dict[str, Any]], Any]


def kernel(*names: str) -> Callable[[Kernel], Kernel]:
    """A decorator: the sparse form of these operators."""

    def declare(fn: Kernel) -> Kernel:
        for name in names:
            SPARSE[name] = fn
        return fn

    return declare


# ----- one array: zero stays zero -----

ZERO_TO_ZERO = (
    "sqrt", "square", "abs", "sign", "relu", "ceil", "floor", "rint", "round", "trunc", "fix", "sin", "tan", "sinh",
    "tanh", "arcsin", "arctan", "arcsinh", "arctanh", "expm1", "log1p", "negative", "degrees", "radians", "cbrt",
    "identity", "BlockGrad", "make_loss", "_mul_scalar", "_div_scalar",
)  # fmt: skip


def _elementwise(name: str) -> None:
    op = TABLE[name]

    @kernel(op.name)
    def apply(arrays: Sequence[Any], params: dict[str, Any]) -> Any:
        if tracked(*arrays):
            return NotImplemented
        return arrays[0]._with(np.asarray(op.quiet(arrays[0]._values, **params)))


for _name in ZERO_TO_ZERO:
    _elementwise(_name)


COMPARED = (
    "_equal_scalar", "_not_equal_scalar", "_greater_scalar", "_greater_equal_scalar", "_lesser_scalar",
    "_lesser_equal_scalar", "_plus_scalar", "_minus_scalar",
)  # fmt: skip


def _with_number(name: str) -> None:
    """Sparse where the number leaves zero at zero, as in x > 1 and x + 0."""
    op = TABLE[name]

    @kernel(name)
    def apply(arrays: Sequence[Any], params: dict[str, Any]) -> Any:
        values = arrays[0]._values
        if tracked(*arrays) or np.any(op.quiet(np.zeros(1, values.dtype), **params)):
            return NotImplemented
        return arrays[0]._with(np.asarray(op.quiet(values, **params)))


for _name in COMPARED:
    _with_number(_name)


@kernel(TABLE["broadcast_mul"].name)
def _broadcast_mul(arrays: Sequence[Any], params: dict[str, Any]) -> Any:
    """A csr matrix times a dense array that is broadcast to it."""
    lhs, rhs = arrays
    if tracked(*arrays) or not isinstance(lhs, CSRNDArray) or isinstance(rhs, BaseSparseNDArray):
        return NotImplemented
    factors = rhs._read()
    shape = (1,) * (2 - factors.ndim) + factors.shape
    if len(shape) != 2 or any(have not in (1, want) for have, want in zip(shape, lhs.shape, strict=True)):
        return NotImplemented
    return times(lhs, np.broadcast_to(factors, lhs.shape), np.multiply)


@kernel("clip")
def _clip(arrays: Sequence[Any], params: dict[str, Any]) -> Any:
    if tracked(*arrays) or not params["a_min"] <= 0 <= params["a_max"]:
        return NotImplemented
    return arrays[0]._with(np.clip(arrays[0]._values, params["a_min"], params["a_max"]))


@kernel("zeros_like")
def _zeros_like(arrays: Sequence[Any], params: dict[str, Any]) -> Any:
    return zeros(arrays[0].stype, arrays[0].shape, arrays[0]._ctx, arrays[0].dtype)


@kernel("slice")
def _slice(arrays: Sequence[Any], params: dict[str, Any]) -> Any:
    """Neighbouring rows, and columns, of a csr matrix."""
    (data,) = arrays
    begin, end, step = (params[name] or () for name in ("begin", "end", "step"))
    if not isinstance(data, CSRNDArray) or tracked(*arrays) or any(s not in (None, 1) for s in step):
        return NotImplemented
    ranges = [slice(b, e).indices(size)[:2] for b, e, size in zip(begin, end, data.shape, strict=False)]
    rows = data._part(*ranges[0])
    if len(ranges) == 1:
        return rows
    low, high = ranges[1]
    inside = (rows._columns >= low) & (rows._columns < high)
    bounds = bounds_of(row_of_each(rows._bounds)[inside], rows.shape[0])
    return csr(rows._values[inside], rows._columns[inside] - low, bounds, (rows.shape[0], high - low), rows._ctx)


# ----- two arrays -----


def _binary(name: str, fn: Any, with_dense: bool) -> None:
    @kernel(TABLE[name].name)
    def apply(arrays: Sequence[Any], params: dict[str, Any]) -> Any:
        lhs, rhs = arrays
        if tracked(*arrays):
            return NotImplemented
        if isinstance(lhs, BaseSparseNDArray) and type(lhs) is type(rhs):
            return same_storage(lhs, rhs, fn)
        if with_dense and lhs.shape == rhs.shape and not (
            isinstance(lhs, BaseSparseNDArray) and isinstance(rhs, BaseSparseNDArray)
        ):
            sparse, dense = (lhs, rhs) if isinstance(lhs, BaseSparseNDArray) else (rhs, lhs)
            return times(sparse, dense._read(), fn)
        return NotImplemented


_binary("elemwise_add", np.add, with_dense=False)
_binary("elemwise_sub", np.subtract, with_dense=False)
_binary("elemwise_mul", np.multiply, with_dense=True)


@kernel(TABLE["add_n"].name)
def _add_n(arrays: Sequence[Any], params: dict[str, Any]) -> Any:
    if tracked(*arrays) or not all(isinstance(array, RowSparseNDArray) for array in arrays):
        return NotImplemented
    return total(arrays)


@kernel(TABLE["concat"].name)
def _concat(arrays: Sequence[Any], params: dict[str, Any]) -> Any:
    """csr matrices under each other."""
    if tracked(*arrays) or params["dim"] != 0 or not all(isinstance(array, CSRNDArray) for array in arrays):
        return NotImplemented
    if len({(array.shape[1], array.dtype) for array in arrays}) != 1:
        raise ShapeError(f"concat: matrices of {[list(a.shape) for a in arrays]} cannot stand under each other")
    rows = np.concatenate([np.diff(array._bounds) for array in arrays])
    bounds = np.concatenate([[0], np.cumsum(rows)])
    return csr(np.concatenate([a._values for a in arrays]), np.concatenate([a._columns for a in arrays]), bounds,
               (len(rows), arrays[0].shape[1]), arrays[0]._ctx)


# ----- dot -----


@kernel("dot")
def _dot(arrays: Sequence[Any], params: dict[str, Any]) -> Any:
    """The product in the storage of forward_stype, or MXNet's: csr for dense @ csr, row_sparse for csr.T @ dense."""
    wanted = params.get("forward_stype")
    if wanted not in (None, "default", "csr", "row_sparse"):
        raise ArgumentError(f"dot: forward_stype {wanted!r} is not known; known: 'default', 'csr', 'row_sparse'")
    result = _product(arrays, params)
    if result is NotImplemented:
        dense = [new(NDArray, a._read(), a._ctx, a._node) if isinstance(a, BaseSparseNDArray) else a for a in arrays]
        result = TABLE["dot"](*dense, **{**params, "forward_stype": None})
        if wanted is None and isinstance(arrays[1], CSRNDArray) and arrays[0].stype == "default":
            wanted = None if params.get("transpose_a") else "csr"
    if wanted is None or result.stype == wanted:
        return result
    made: Any = from_dense(result._read(), wanted, result._ctx)
    made._node = result._node
    return made


def _product(arrays: Sequence[Any], params: dict[str, Any]) -> Any:
    """csr @ dense -> dense; csr.T @ dense -> row_sparse; with a gradient of the dense one."""
    lhs, rhs = arrays
    if not isinstance(lhs, CSRNDArray) or isinstance(rhs, CSRNDArray) or params.get("transpose_b"):
        return NotImplemented
    if lhs.dtype != rhs.dtype:
        raise DtypeError(f"dot: lhs is {np.dtype(lhs.dtype).name}, rhs is {np.dtype(rhs.dtype).name}; use astype")
    transposed = bool(params.get("transpose_a"))
    inner = lhs.shape[0] if transposed else lhs.shape[1]
    if len(rhs.shape) not in (1, 2) or rhs.shape[0] != inner:
        raise ShapeError(f"dot: lhs is {list(lhs.shape)}{'.T' if transposed else ''}, rhs is {list(rhs.shape)}: the "
                         f"inner sizes must be equal")
    if isinstance(rhs, RowSparseNDArray) and not transposed and len(rhs.shape) == 2:
        result: Any = new(NDArray, _times_rows(lhs, rhs), lhs._ctx)
        if tracked(*arrays):
            _record("dot", lhs, rhs, result, transposed)
        return result
    other = rhs._read()
    matrix = other if other.ndim == 2 else other[:, None]
    if transposed:
        rows = _transposed(lhs, matrix)
        wanted = params.get("forward_stype")
        if wanted == "default" or other.ndim == 1:
            result = new(NDArray, rows.dense().reshape(-1, *other.shape[1:]), lhs._ctx)
        else:
            result = row_sparse(rows.ids, rows.rows, rows.shape, lhs._ctx)
    else:
        product = times_dense(lhs._values, lhs._columns, lhs._bounds, matrix)
        result = new(NDArray, product.reshape(-1, *other.shape[1:]), lhs._ctx)
    if tracked(*arrays):
        _record("dot", lhs, rhs, result, transposed)
    return result


def _times_rows(matrix: CSRNDArray, table: RowSparseNDArray) -> Any:
    """matrix @ table, of the stored rows alone."""
    at = np.searchsorted(table._ids, matrix._columns)
    stored = at < len(table._ids)
    stored[stored] = table._ids[at[stored]] == matrix._columns[stored]
    bounds = bounds_of(row_of_each(matrix._bounds)[stored], matrix.shape[0])
    return times_dense(matrix._values[stored], at[stored], bounds, table._values)


def _transposed(matrix: CSRNDArray, other: Any) -> RowSum:
    """matrix.T @ other, the rows that are not zero."""
    products = matrix._values[:, None] * other[row_of_each(matrix._bounds)]
    return RowSum.of(matrix._columns, products, (matrix.shape[1], other.shape[1]))


class _DotBackwards:
    """The tape's operator for one product of a csr matrix with a dense array."""

    __slots__ = ("matrix", "name", "transposed")

    def __init__(self, name: str, matrix: CSRNDArray, transposed: bool) -> None:
        self.name = name
        self.matrix = matrix
        self.transposed = transposed

    def custom(self, node: Node, g: Any, create_graph: bool) -> Sequence[Any]:
        """The gradient of the dense array; the matrix has none."""
        if create_graph:
            raise GraphError("the gradient of dot with a csr matrix cannot be differentiated (create_graph=True): "
                             "use tostype('default')")
        assert node.parents is not None  # the walk comes to living nodes only
        assert node.shapes is not None
        if node.parents[1] is None:
            return None, None
        shape = node.shapes[1]
        g = g.dense() if isinstance(g, RowSum) else g
        matrix = g if g.ndim == 2 else g[:, None]
        if self.transposed:
            product = times_dense(self.matrix._values, self.matrix._columns, self.matrix._bounds, matrix)
            return None, product.reshape(shape)
        rows = _transposed(self.matrix, matrix)
        return None, rows if len(shape) == 2 else rows.dense().reshape(shape)


def _record(name: str, lhs: CSRNDArray, rhs: NDArray, result: NDArray, transposed: bool) -> None:
    record(_DotBackwards(name, lhs, transposed), lhs, rhs, result)


def record(op: Any, lhs: NDArray, rhs: NDArray, result: NDArray) -> None:
    """Puts `result` on the tape: made by op of lhs, which has no gradient, and rhs."""
    node = Node()
    node.op = op
    node.params = {}
    node.parents = (None, tape.live(rhs._node))
    node.arrays = ()
    node.shapes = (lhs.shape, rhs.shape)
    node.out = Like(result._meta())
    node.saved = None
    node.ctx = result._ctx
    node.order = next_order()
    result._node = node
