"""Ways to make sparse arrays: from parts, from dense ones, empty; and from one storage to another."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..context import Context, current_context
from ..dtype import DEFAULT, resolve
from ..errors import ArgumentError, InvalidSetting, ShapeError
from ..handle import Buffer, Handle, new
from ..ndarray import NDArray
from .arrays import CSR, ROW_SPARSE, BaseSparseNDArray, CSRNDArray, RowSparseNDArray, csr, from_dense, row_sparse
from .parts import bounds_of


def _place(ctx: Context | None) -> Context:
    return (current_context() if ctx is None else ctx).require()


def _plain(value: Any, dtype: Any = None) -> Buffer:
    """Numbers as a new plain array; lists become float32 unless told otherwise, arrays keep their dtype."""
    if isinstance(value, Handle):
        value = value._read()
    if dtype is None and not isinstance(value, (np.ndarray, np.generic)):
        dtype = DEFAULT
    return np.array(value, dtype=None if dtype is None else resolve(dtype), order="C")


def _is_shape(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(size, (int, np.integer)) for size in value)


def row_sparse_array(
    arg1: Any, shape: tuple[int, ...] | None = None, ctx: Context | None = None, dtype: Any = None
) -> RowSparseNDArray:
    """A RowSparseNDArray from (rows, their numbers), from a shape (no rows), or from an array of any storage.

    Without `shape` it has as many rows as the greatest number says. Raises ArgumentError for anything else, ShapeError
    where parts do not fit.

    >>> row_sparse_array(([[1, 2], [3, 4]], [1, 3])).asnumpy().tolist()
    [[0.0, 0.0], [1.0, 2.0], [0.0, 0.0], [3.0, 4.0]]
    """
    place = _place(ctx)
    if _is_shape(arg1) and (len(arg1) != 2 or shape is None):
        return zeros(ROW_SPARSE, arg1, place, dtype)  # type: ignore[return-value]
    if isinstance(arg1, tuple):
        if len(arg1) != 2:
            raise ArgumentError(f"row_sparse_array: expected (data, indices), got a tuple of {len(arg1)}")
        rows = _plain(arg1[0], dtype)
        ids = _plain(arg1[1], np.int64).reshape(-1)
        if shape is None:
            shape = (int(ids.max()) + 1 if len(ids) else 0, *rows.shape[1:])
        if len(ids) != len(rows) or tuple(shape[1:]) != rows.shape[1:]:
            raise ShapeError(f"row_sparse_array: data is {list(rows.shape)} for {len(ids)} rows of {list(shape)}")
        if bool((np.diff(ids) < 0).any()):
            order = np.argsort(ids, kind="stable")
            ids, rows = ids[order], rows[order]
        return row_sparse(ids, rows, tuple(shape), place)
    return _from_array(arg1, ROW_SPARSE, shape, place, dtype)


def csr_matrix(
    arg1: Any, shape: tuple[int, ...] | None = None, ctx: Context | None = None, dtype: Any = None
) -> CSRNDArray:
    """A CSRNDArray from (data, indices, indptr), from (data, (rows, columns)), from a shape (nothing stored), or from a
    matrix of any storage, scipy's among them.

    >>> csr_matrix(([1, 2, 3], [0, 2, 1], [0, 2, 2, 3]), shape=(3, 4)).asnumpy().tolist()
    [[1.0, 0.0, 2.0, 0.0], [0.0, 0.0, 0.0, 0.0], [0.0, 3.0, 0.0, 0.0]]
    """
    place = _place(ctx)
    if isinstance(arg1, tuple) and len(arg1) == 3:
        values, columns, bounds = _plain(arg1[0], dtype), _plain(arg1[1], np.int64), _plain(arg1[2], np.int64)
        if shape is None:
            shape = (len(bounds) - 1, int(columns.max()) + 1 if len(columns) else 0)
        if len(values) != len(columns) or len(bounds) != shape[0] + 1:
            raise ShapeError(
                f"csr_matrix: {len(values)} elements, {len(columns)} columns and {len(bounds)} bounds for {list(shape)}"
            )
        return csr(values, columns, bounds, tuple(shape), place)
    if _is_shape(arg1):
        return zeros(CSR, arg1, place, dtype)  # type: ignore[return-value]
    if isinstance(arg1, tuple) and len(arg1) == 2 and isinstance(arg1[1], (tuple, list)):
        values = _plain(arg1[0], dtype)
        rows, columns = (_plain(part, np.int64) for part in arg1[1])
        if shape is None:
            shape = (int(rows.max()) + 1, int(columns.max()) + 1) if len(rows) else (0, 0)
        order = np.lexsort((columns, rows))
        return csr(values[order], columns[order], bounds_of(rows[order], shape[0]), tuple(shape), place)
    if isinstance(arg1, tuple):
        raise ArgumentError(
            f"csr_matrix: expected (data, indices, indptr) or (data, (row, col)), got a tuple of {len(arg1)}"
        )
    return _from_array(arg1, CSR, shape, place, dtype)


def _from_array(source: Any, stype: str, shape: Any, ctx: Context, dtype: Any) -> Any:
    """An array of any storage, or what numpy takes, in storage stype."""
    if isinstance(source, BaseSparseNDArray) and source.stype == stype:
        made: Any = source.copy()
        made = made if dtype is None else made.astype(dtype)
        made._ctx = ctx
    elif all(hasattr(source, part) for part in ("indptr", "indices", "data", "tocsr")):  # scipy's
        matrix: Any = source.tocsr()  # pyright: ignore[reportAttributeAccessIssue]
        made = csr(_plain(matrix.data, dtype), matrix.indices, matrix.indptr, matrix.shape, ctx)
    else:
        made = from_dense(_plain(source, dtype), stype, ctx)
    if shape is not None and tuple(shape) != made.shape:
        raise ShapeError(f"{stype}: the array is {list(made.shape)}, shape= says {list(shape)}")
    return made


def zeros(stype: str, shape: Any, ctx: Context | None = None, dtype: Any = None, **kwargs: Any) -> NDArray:
    """An array of zeros in storage stype: 'row_sparse', 'csr' or 'default'."""
    place = _place(ctx)
    kind = DEFAULT if dtype is None else resolve(dtype)
    sizes: tuple[int, ...] = (int(shape),) if isinstance(shape, (int, np.integer)) else tuple(shape)
    if stype == ROW_SPARSE:
        return row_sparse(np.empty(0, np.int64), np.empty((0, *sizes[1:]), kind), sizes, place)
    if stype == CSR:
        if len(sizes) != 2:
            raise ShapeError(f"csr: it takes a matrix, got {list(sizes)}")
        return csr(np.empty(0, kind), np.empty(0, np.int64), np.zeros(sizes[0] + 1, np.int64), sizes, place)
    if stype == "default":
        return new(NDArray, np.zeros(sizes, kind), place)
    raise InvalidSetting(f"storage {stype!r} is not known; known: 'default', 'row_sparse', 'csr'")


def empty(stype: str, shape: Any, ctx: Context | None = None, dtype: Any = None) -> NDArray:
    """As `zeros`: what is not stored is zero."""
    return zeros(stype, shape, ctx, dtype)


def array(source_array: Any, ctx: Context | None = None, dtype: Any = None) -> NDArray:
    """A copy of a sparse array, mxl's or scipy's. Raises ArgumentError (a TypeError) for a dense one."""
    if isinstance(source_array, BaseSparseNDArray):
        return _from_array(source_array, source_array.stype, None, _place(ctx), dtype)
    if hasattr(source_array, "tocsr"):
        return csr_matrix(source_array, ctx=ctx, dtype=dtype)
    raise ArgumentError(f"sparse.array: expected a sparse array, got {type(source_array).__name__}; use mx.nd.array")


def cast_storage(data: NDArray, stype: str, out: Any = None, name: str | None = None) -> NDArray:
    """The array in another storage: to and from 'default'; sparse ones do not become each other."""
    made = data.tostype(stype)
    if out is None:
        return made
    made.copyto(out)
    return out


def retain(data: RowSparseNDArray, indices: Any, out: Any = None, name: str | None = None) -> RowSparseNDArray:
    """The rows that `indices` names, those not stored as zeros.  Raises ArgumentError for another storage.

    `name` is for graphs.
    """
    if not isinstance(data, RowSparseNDArray):
        raise ArgumentError(f"retain: expected a RowSparseNDArray, got {type(data).__name__}")
    ids = np.unique(_plain(indices).astype(np.int64))
    made = row_sparse(ids, rows_at(data, ids), data.shape, data._ctx)
    if out is None:
        return made
    made.copyto(out)
    return out


def rows_at(data: RowSparseNDArray, ids: Buffer) -> Buffer:
    """Rows by number, zeros where none is stored.   ids rise -> [len(ids), ...]"""
    rows = np.zeros((len(ids), *data.shape[1:]), data._values.dtype)
    at = np.searchsorted(data._ids, ids)
    stored = at < len(data._ids)
    stored[stored] = data._ids[at[stored]] == ids[stored]
    rows[stored] = data._values[at[stored]]
    return rows
