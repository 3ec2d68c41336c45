"""Random arrays of any storage for tests: part of `mx.test_utils`.

Draws are numpy's, of its global stream: those of row_sparse arrays, and of csr's 'powerlaw', are MXNet's.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from ..core.context import Context
from ..core.creation import array
from ..core.errors import BadCall, InvalidSetting
from ..core.ndarray import NDArray
from ..core.sparse import CSRNDArray, RowSparseNDArray, csr_matrix, row_sparse_array, zeros

__all__ = [
    "create_sparse_array", "create_sparse_array_zd", "rand_ndarray", "rand_sparse_ndarray",
    "shuffle_csr_column_indices",
]  # fmt: skip

Function = Callable[[Any], Any] | None


def rand_ndarray(
    shape: tuple[int, ...], stype: str = "default", density: float | None = None, dtype: Any = None,
    modifier_func: Function = None, shuffle_csr_indices: bool = False, distribution: str | None = None,
    ctx: Context | None = None,
) -> NDArray:  # fmt: skip
    """A normal array, or a sparse one; `density` is the share of it that is stored (random by default)."""
    if stype == "default":
        numbers = np.array(np.random.randn(), "float32") if not shape else np.random.randn(*shape)
        return array(numbers.astype(np.float32), dtype=dtype, ctx=ctx)
    return rand_sparse_ndarray(
        shape, stype, density=density, dtype=dtype, distribution=distribution, modifier_func=modifier_func,
        shuffle_csr_indices=shuffle_csr_indices, ctx=ctx,
    )[0]  # fmt: skip


def rand_sparse_ndarray(
    shape: tuple[int, ...], stype: str, density: float | None = None, dtype: Any = None,
    distribution: str | None = None, data_init: float | None = None, rsp_indices: Any = None,
    modifier_func: Function = None, shuffle_csr_indices: bool = False, ctx: Context | None = None,
) -> tuple[NDArray, Any]:  # fmt: skip
    """(a row_sparse or csr array, its parts): uniform values in a random share `density` of the rows or places.

    data_init: one value for all.  modifier_func: of each value of a row_sparse array.  rsp_indices: its rows, rising.
    distribution: 'uniform', or for csr 'powerlaw', each row twice as full as the one before.  shuffle_csr_indices:
    each row's columns in any order.  Raises AssertionError for another storage or distribution.
    """
    share = float(np.random.rand()) if density is None else density
    kind = np.float32 if dtype is None else dtype
    distribution = distribution or "uniform"
    if stype == "row_sparse" and distribution == "uniform":
        return _rows(shape, share, kind, data_init, rsp_indices, modifier_func, ctx)
    if stype != "csr" or len(shape) != 2 or distribution not in ("uniform", "powerlaw"):
        raise BadCall(
            f"rand_sparse_ndarray: {stype!r} of {shape}, {distribution!r}; it makes 'row_sparse', and 'csr' of two "
            "axes, 'uniform' or 'powerlaw'"
        )
    rows, columns = shape
    _check(rows, columns, share)
    if distribution == "powerlaw":
        dense = _powerlaw(rows, columns, share, kind)
    else:
        dense = (np.random.rand(rows, columns) * (np.random.rand(rows, columns) < share)).astype(kind)
    matrix = csr_matrix(dense, shape=shape, ctx=ctx, dtype=kind)
    if data_init is not None:
        matrix._values[...] = data_init
    if shuffle_csr_indices:
        shuffle_csr_column_indices(matrix)
    return matrix, (matrix.indptr, matrix.indices, matrix.data)


def _rows(
    shape: tuple[int, ...], share: float, kind: Any, data_init: Any, ids: Any, modifier: Function, ctx: Context | None
) -> tuple[RowSparseNDArray, Any]:
    ids = np.flatnonzero(np.random.rand(shape[0]) < share) if ids is None else np.asarray(ids)
    if len(ids) > shape[0]:
        raise BadCall(f"rand_sparse_ndarray: {len(ids)} rows for an array of {shape[0]}")
    if not len(ids):
        none: Any = zeros("row_sparse", shape, ctx=ctx, dtype=kind)
        return none, (np.array([], kind), np.array([]))
    values = np.random.rand(len(ids), *shape[1:]).astype(kind)
    if data_init is not None:
        values.fill(data_init)
    if modifier is not None:
        values = np.vectorize(modifier, otypes=[np.float64])(values)
    return row_sparse_array((values, ids), shape=shape, ctx=ctx, dtype=kind), (values, ids)


def _check(rows: int, columns: int, share: float) -> None:
    if not 0 <= share <= 1:
        raise InvalidSetting(f"density is {share}: it is a share, between 0 and 1")
    if rows <= 0 or columns <= 0:
        raise InvalidSetting(f"a csr array of {rows} rows and {columns} columns: each must be 1 or more")


def _powerlaw(rows: int, columns: int, share: float, kind: Any) -> Any:
    """Row i has about 2**i elements, as far as there are columns and elements."""
    left = int(rows * columns * share)
    if left < 2 * rows:
        raise InvalidSetting(f"powerlaw: a share of {share} of {rows} rows and {columns} columns is too little: there "
                             f"must be two elements for each row")  # fmt: skip
    dense = np.zeros((rows, columns), kind)

    def drawn() -> float:
        return 1 + np.random.uniform(0.001, 2)

    for row in range(rows):  # no row is empty
        dense[row, 0] = drawn()
    left -= rows
    width = 2
    for row in range(rows):
        limit = min(columns, width)
        if limit == columns and left > limit:
            dense[row] = drawn()
            left -= limit - 1
        else:
            for column in range(1, limit):
                dense[row, column] = drawn()
                left -= 1
                if left <= 0:
                    return dense
            width *= 2
        if left <= 0:
            return dense
    raise InvalidSetting(f"powerlaw: a share of {share} of {rows} rows and {columns} columns is too much")


def shuffle_csr_column_indices(csr: Any) -> None:
    """Put the columns of each row into any order, in place; the elements stay where they are.

    csr: a CSRNDArray, or a csr_matrix of SciPy.
    """
    ours = isinstance(csr, CSRNDArray)
    bounds, columns = (csr._bounds, csr._columns) if ours else (csr.indptr, csr.indices)
    for start, stop in pairwise(bounds):
        np.random.shuffle(columns[start:stop])


def create_sparse_array(
    shape: tuple[int, ...], stype: str, data_init: float | None = None, rsp_indices: Any = None, dtype: Any = None,
    modifier_func: Function = None, density: float = 0.5, shuffle_csr_indices: bool = False,
) -> NDArray:  # fmt: skip
    """A random row_sparse or csr array; the arguments are those of `rand_sparse_ndarray`."""
    if rsp_indices is not None:
        rsp_indices = np.sort(rsp_indices)
    return rand_sparse_ndarray(
        shape, stype, density=density, dtype=dtype, data_init=data_init, rsp_indices=rsp_indices,
        modifier_func=modifier_func, shuffle_csr_indices=shuffle_csr_indices,
    )[0]  # fmt: skip


def create_sparse_array_zd(
    shape: tuple[int, ...], stype: str, density: float, data_init: float | None = None, rsp_indices: Any = None,
    dtype: Any = None, modifier_func: Function = None, shuffle_csr_indices: bool = False,
) -> NDArray:  # fmt: skip
    """As `create_sparse_array`; a row_sparse array has no rows but those of rsp_indices."""
    share = 0.0 if stype == "row_sparse" else density
    return create_sparse_array(
        shape, stype, data_init, rsp_indices, dtype, modifier_func, share, shuffle_csr_indices
    )
