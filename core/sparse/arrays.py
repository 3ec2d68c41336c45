"""Sparse arrays: CSRNDArray, a matrix by its rows' elements, and RowSparseNDArray, an array by its rows.

A sparse array is an NDArray whose data slot is empty: whoever reads it as a dense array is given one made for that
(its state, `Sparse`), so every dense operator takes sparse arrays; operators with a sparse form are in kernels.py.
Invariants: ids are int64, rise and all differ (a csr row's columns may come in any order); data is C-contiguous; the
parts are replaced, never written in place by this package.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..context import Context
from ..dtype import resolve
from ..errors import ArgumentError, IndexingError, InvalidSetting, MXLError, ShapeError
from ..handle import Buffer, Handle, State, new
from ..ndarray import NDArray
from ..op import TABLE
from ..operators import number
from ..tape import local
from .parts import bounds_of, dense_of_csr, row_of_each

CSR, ROW_SPARSE = "csr", "row_sparse"


class Sparse(State):
    """The state of a sparse array: shape and dtype without memory; its dense form is made anew for each reader."""

    __slots__ = ()

    def __init__(self, shape: tuple[int, ...], dtype: Any) -> None:
        super().__init__(np.broadcast_to(np.zeros((), dtype), shape))

    def settle(self, handle: Handle) -> Buffer:
        return handle._dense()  # type: ignore[attr-defined]  # a sparse array

    def before_write(self, handle: Handle, keep: bool) -> Buffer:
        raise MXLError(f"a {type(handle).__name__} is not written in place here; assign the whole: x[:] = y")


class BaseSparseNDArray(NDArray):
    """What both kinds of sparse arrays share. Made by functions of `mx.nd.sparse`, never by its constructor."""

    __slots__ = ("_values",)
    sparse = True
    _values: Buffer

    def check_format(self, full_check: bool = True) -> None:
        """Raise MXLError unless the parts make an array of this shape; full_check: looks at every index."""
        raise NotImplementedError(f"{type(self).__name__}.check_format(full_check={full_check})")

    def _dense(self) -> Buffer:
        """All elements, as a new plain array."""
        raise NotImplementedError(f"{type(self).__name__} defines no _dense(self)")

    def _with(self, values: Buffer) -> Any:
        """An array of these values at the same places."""
        raise NotImplementedError(f"{type(self).__name__} defines no _with(self, values)")

    def __repr__(self) -> str:
        sizes = "x".join(str(size) for size in self.shape)
        return f"\n<{type(self).__name__} {sizes} @{self._ctx}>"

    @property
    def data(self) -> NDArray:
        """The stored values, as an array of their own."""
        return new(NDArray, self._values.copy(), self._ctx)

    def asnumpy(self) -> Buffer:
        """The dense array as numpy's."""
        return self._dense()

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """The same places with values of `dtype`; copy=False gives this array itself where it has that dtype."""
        wanted = resolve(dtype)
        return self if not copy and wanted == self._meta().dtype else self._with(self._values.astype(wanted))

    def copy(self) -> Any:
        """The same elements in new memory."""
        return self._with(self._values.copy())

    def copyto(self, other: Any) -> Any:
        """Copy into a dense array, or one of the same storage, of the same shape; or to a context, as a new array."""
        if isinstance(other, Context):
            twin = self.copy()
            twin._ctx = other.require()
            return twin
        if not isinstance(other, NDArray):
            raise ArgumentError(f"copyto: expected an NDArray or a context, got {type(other).__name__}")
        if other.shape != self.shape:
            raise ShapeError(f"copyto: this array is {list(self.shape)}, the target is {list(other.shape)}")
        if isinstance(other, BaseSparseNDArray):
            if other.stype != self.stype:
                raise ArgumentError(f"copyto: {self.stype} is not copied into {other.stype}; use tostype('default')")
            other._become(self)
        else:
            other[:] = new(NDArray, self._dense(), self._ctx)
        return other

    def _become(self, source: Any) -> None:
        """Take over the content of an array of the same kind."""
        raise NotImplementedError(f"{type(self).__name__} defines no _become(self, source)")

    def tostype(self, stype: str) -> Any:
        """The array in another storage: 'default', or its own."""
        if stype == "default":
            return new(NDArray, self._dense(), self._ctx, self._node if local.recording else None)
        if stype != self.stype:
            raise InvalidSetting(f"tostype: {self.stype} cannot become {stype!r}; it can become 'default'")
        return self

    def as_in_context(self, context: Context) -> Any:
        """This array if it is on `context` already, else a copy there."""
        return self if context == self._ctx else self.copyto(context)

    as_in_ctx = as_in_context

    def detach(self) -> Any:
        """The same elements outside of the computational graph."""
        return self._with(self._values)

    def reshape(self, *shape: Any, **kwargs: Any) -> Any:
        """Refused: a sparse array keeps its shape. Raises MXLError."""
        raise MXLError("reshape: a sparse array keeps its shape; use tostype('default') first")

    @property
    def size(self) -> int:
        """Refused, as in MXNet: shape has the sizes. Raises NotImplementedError."""
        raise NotImplementedError("size of a sparse array: use shape for all elements, data.size for the stored ones")

    def asscalar(self) -> Any:
        """Refused, as in MXNet: data has the stored values. Raises NotImplementedError."""
        raise NotImplementedError("asscalar of a sparse array: use asnumpy(), or data for the stored values")

    def __setitem__(self, key: Any, value: Any) -> None:
        """x[:] = y, with an array of any storage, or a number for what is stored."""
        if not (isinstance(key, slice) and key == slice(None)):
            raise ArgumentError(f"{type(self).__name__}: only the whole can be assigned, as in x[:] = y")
        if isinstance(value, BaseSparseNDArray):
            value.copyto(self)
        elif isinstance(value, NDArray):
            if value.shape != self.shape:
                raise ShapeError(f"cannot assign an array of shape {list(value.shape)} to one of {list(self.shape)}")
            self._become(value.tostype(self.stype).astype(self.dtype, copy=False))
        elif isinstance(value, (int, float)) and value == 0:
            from .make import zeros

            self._become(zeros(self.stype, self.shape, self._ctx, self.dtype))
        else:
            dense = np.broadcast_to(np.asarray(value, self.dtype), self.shape)
            self._become(new(NDArray, np.array(dense, order="C"), self._ctx).tostype(self.stype))

    # ----- Python's operators: see arithmetic.py -----

    def __add__(self, other: Any) -> Any:
        from .arithmetic import add

        return add(self, other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        from .arithmetic import subtract

        return subtract(self, other)

    def __rsub__(self, other: Any) -> Any:
        from .arithmetic import subtract

        return subtract(other, self)

    def __mul__(self, other: Any) -> Any:
        from .arithmetic import multiply

        return multiply(self, other)

    def __rmul__(self, other: Any) -> Any:
        return other * self.tostype("default") if isinstance(other, NDArray) else self * other

    def __truediv__(self, other: Any) -> Any:
        from .arithmetic import divide

        return divide(self, other)

    def __rtruediv__(self, other: Any) -> Any:
        from .arithmetic import divide

        return divide(other, self)

    def __neg__(self) -> Any:
        return self * -1

    def _in_place(self, result: Any) -> Any:
        self._become(result if isinstance(result, type(self)) else from_dense(result._read(), self.stype, self._ctx))
        return self

    def __iadd__(self, other: Any) -> Any:
        return self._in_place(self + other)

    def __isub__(self, other: Any) -> Any:
        return self._in_place(self - other)

    def __imul__(self, other: Any) -> Any:
        return self._in_place(self * other)

    def __itruediv__(self, other: Any) -> Any:
        return self._in_place(self / other)


def _dense_operator(name: str) -> Any:
    method = getattr(NDArray, name)

    with_number = getattr(method, "operators", (None, None))[1]

    def operator(self: BaseSparseNDArray, other: Any) -> Any:
        if with_number is None or isinstance(other, NDArray):
            return method(self.tostype("default"), other)
        return TABLE[with_number](self, scalar=number(other))

    return operator


for _name in ("__mod__", "__rmod__", "__pow__", "__rpow__", "__eq__", "__ne__", "__gt__", "__ge__", "__lt__", "__le__"):
    setattr(BaseSparseNDArray, _name, _dense_operator(_name))
BaseSparseNDArray.__hash__ = NDArray.__hash__  # type: ignore[method-assign]


class RowSparseNDArray(BaseSparseNDArray):
    """An array of which only some rows, along the first axis, are stored; the others are zero."""

    __slots__ = ("_ids",)
    _ids: Buffer

    @property
    def stype(self) -> str:
        """'row_sparse'."""
        return ROW_SPARSE

    @property
    def indices(self) -> NDArray:
        """The numbers of the stored rows, int64."""
        return new(NDArray, self._ids.copy(), self._ctx)

    def _rows(self) -> tuple[Buffer, Buffer]:
        """(numbers, rows), not copied."""
        return self._ids, self._values

    def _set_rows(self, ids: Buffer, rows: Buffer) -> None:
        """Hold these rows from now on; they are kept, not copied."""
        self._ids = np.ascontiguousarray(ids, np.int64)
        self._values = np.ascontiguousarray(rows.reshape(len(self._ids), *self.shape[1:]))

    def _dense(self) -> Buffer:
        out = np.zeros(self.shape, self._values.dtype)
        out[self._ids] = self._values
        return out

    def _with(self, values: Buffer) -> RowSparseNDArray:
        return row_sparse(self._ids, values, self.shape, self._ctx)

    def _become(self, source: RowSparseNDArray) -> None:
        self._set_rows(source._ids, source._values.astype(self.dtype))

    def retain(self, indices: Any) -> RowSparseNDArray:
        """The rows that `indices` names, as they are here; those that are not stored as zeros.

        >>> from mxl.core.sparse import row_sparse_array
        >>> x = row_sparse_array(([[1, 2], [3, 4]], [0, 2]), shape=(4, 2))
        >>> x.retain([2, 3]).data.asnumpy().tolist()
        [[3.0, 4.0], [0.0, 0.0]]
        """
        from .make import retain

        return retain(self, indices)

    def check_format(self, full_check: bool = True) -> None:
        """Raise MXLError unless there is a number for each row; full_check: and these rise within the shape."""
        ids = self._ids
        if len(ids) != len(self._values):
            raise MXLError(f"row_sparse: {len(ids)} indices for {len(self._values)} rows: there must be one for each")
        if full_check and len(ids) and (ids[0] < 0 or ids[-1] >= self.shape[0] or bool((np.diff(ids) <= 0).any())):
            raise MXLError(f"row_sparse: indices must rise within 0 .. {self.shape[0] - 1}, got {ids.tolist()!s:.80}")

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice) and key == slice(None):
            return self
        raise IndexingError("a RowSparseNDArray is read as a whole, x[:]; use retain, or tostype('default') first")

    def __reduce__(self) -> tuple[Any, ...]:
        return row_sparse, (self._ids, self._values, self.shape, self._ctx)


class CSRNDArray(BaseSparseNDArray):
    """A matrix of which only some elements are stored, row by row: compressed sparse rows."""

    __slots__ = ("_bounds", "_columns")
    _columns: Buffer
    _bounds: Buffer

    @property
    def stype(self) -> str:
        """'csr'."""
        return CSR

    @property
    def indices(self) -> NDArray:
        """The columns of the stored elements, int64."""
        return new(NDArray, self._columns.copy(), self._ctx)

    @property
    def indptr(self) -> NDArray:
        """Where each row's elements begin, and the last one's end, int64.  [rows + 1]"""
        return new(NDArray, self._bounds.copy(), self._ctx)

    def _dense(self) -> Buffer:
        return dense_of_csr(self._values, self._columns, self._bounds, self.shape)

    def _with(self, values: Buffer) -> CSRNDArray:
        return csr(values, self._columns, self._bounds, self.shape, self._ctx)

    def _become(self, source: CSRNDArray) -> None:
        self._values = source._values.astype(self.dtype)
        self._columns, self._bounds = source._columns, source._bounds

    def asscipy(self) -> Any:
        """The matrix as scipy.sparse.csr_matrix. Raises ImportError where scipy is not installed."""
        from importlib import import_module

        try:
            sparse = import_module("scipy.sparse")
        except ImportError as error:
            raise ImportError("asscipy gives a matrix of SciPy, which is not installed: pip install scipy") from error
        return sparse.csr_matrix((self._values, self._columns, self._bounds), shape=self.shape, dtype=self.dtype)

    def check_format(self, full_check: bool = True) -> None:
        """Raise MXLError unless bounds and columns fit the shape; full_check: each row's columns rise, too."""
        rows, columns = self.shape
        bounds, at = self._bounds, self._columns
        fine = len(bounds) == rows + 1 and bounds[0] == 0 and bounds[-1] == len(at)
        fine = fine and not bool((np.diff(bounds) < 0).any())
        if fine and full_check and len(at):
            same_row = np.diff(row_of_each(bounds)) == 0
            fine = int(at.min()) >= 0 and int(at.max()) < columns and not bool((np.diff(at)[same_row] <= 0).any())
        if not fine:
            raise MXLError(f"csr: indptr {bounds.tolist()!s:.60} and indices {at.tolist()!s:.60} are no matrix of "
                           f"{[rows, columns]}")

    def _part(self, start: int, stop: int) -> CSRNDArray:
        """Rows start to stop."""
        stop = max(stop, start)
        low, high = int(self._bounds[start]), int(self._bounds[stop])
        bounds = self._bounds[start : stop + 1] - low
        shape = (stop - start, self.shape[1])
        return csr(self._values[low:high].copy(), self._columns[low:high].copy(), bounds, shape, self._ctx)

    def __getitem__(self, key: Any) -> CSRNDArray:
        rows = self.shape[0]
        if isinstance(key, (int, np.integer)):
            if not -rows <= key < rows:
                raise IndexingError(f"row {key} is outside of {list(self.shape)}")
            at = int(key) % rows
            return self._part(at, at + 1)
        if isinstance(key, slice):
            if key.step not in (None, 1):
                raise IndexingError("a CSRNDArray is cut into neighbouring rows only: no step but 1")
            start, stop, _ = key.indices(rows)
            return self._part(start, stop)
        raise IndexingError(f"a CSRNDArray is indexed by a row or a slice of rows, not by {key!r:.60}")

    def __reduce__(self) -> tuple[Any, ...]:
        return csr, (self._values, self._columns, self._bounds, self.shape, self._ctx)


def row_sparse(ids: Buffer, rows: Buffer, shape: tuple[int, ...], ctx: Context) -> RowSparseNDArray:
    """A RowSparseNDArray on these arrays, which nobody else writes."""
    made: RowSparseNDArray = new(RowSparseNDArray, None, ctx)  # type: ignore[arg-type]
    made._state = Sparse(shape, rows.dtype)
    made._set_rows(ids, rows)
    return made


def csr(values: Buffer, columns: Buffer, bounds: Buffer, shape: tuple[int, ...], ctx: Context) -> CSRNDArray:
    """A CSRNDArray on these arrays, which nobody else writes."""
    made: CSRNDArray = new(CSRNDArray, None, ctx)  # type: ignore[arg-type]
    made._state = Sparse(shape, values.dtype)
    made._values = np.ascontiguousarray(values)
    made._columns = np.ascontiguousarray(columns, np.int64)
    made._bounds = np.ascontiguousarray(bounds, np.int64)
    return made


def from_dense(data: Buffer, stype: str, ctx: Context) -> NDArray:
    """A dense buffer in another storage. Raises ArgumentError for an unknown one, ShapeError for one without rows."""
    if stype == "default":
        return new(NDArray, data.copy(), ctx)
    if stype == ROW_SPARSE:
        if data.ndim < 1:
            raise ShapeError("row_sparse: an array without axes has no rows")
        ids = np.flatnonzero((data != 0).reshape(len(data), math.prod(data.shape[1:])).any(axis=1))
        return row_sparse(ids, data[ids], data.shape, ctx)
    if stype == CSR:
        if data.ndim != 2:
            raise ShapeError(f"csr: it takes a matrix, got {list(data.shape)}")
        rows, columns = np.nonzero(data)
        return csr(data[rows, columns], columns, bounds_of(rows, len(data)), data.shape, ctx)
    raise ArgumentError(f"storage {stype!r} is not known; known: 'default', 'row_sparse', 'csr'")
