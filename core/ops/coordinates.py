"""Places as numbers: flat and multi-dimensional indices, ranges shaped like an array, rows chosen and replaced."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError, OutOfBounds, ShapeError
from ..op import op
from .selection import take, take_gradient
from .shape import one_axis, whole

# -- flat and not ---------------------------------------------------------------------------------------------------


def _dims(name: str, shape: Any) -> tuple[int, ...]:
    dims = () if shape is None else (shape,) if isinstance(shape, int) else tuple(shape)
    if not dims:
        raise ArgumentError(f"{name}: shape is {shape!r}: give the lengths of the axes, the first of which may be -1")
    return tuple(whole(name, "each length of the shape", n) for n in dims)


@op(aliases=("_ravel_multi_index",))
def ravel_multi_index(data, shape=None):
    """The flat index of each column of coordinates in an array of `shape`.  [axes, N] -> [N]"""
    dims = _dims("ravel_multi_index", shape)
    if data.ndim != 2 or data.shape[0] != len(dims):
        raise ShapeError(
            f"ravel_multi_index: data is {list(data.shape)}: shape {dims} takes [{len(dims)}, N], a column for a place"
        )
    flat = np.zeros(data.shape[1], np.int64)
    for row, n in zip(data.astype(np.int64), dims, strict=True):
        flat = flat * n + row
    return flat.astype(data.dtype)


ravel_multi_index.vjp(None)


@op(aliases=("_unravel_index",))
def unravel_index(data, shape=None):
    """The coordinates, one a row, of flat indices in an array of `shape`.  [...] -> [axes, ...]"""
    dims = _dims("unravel_index", shape)
    rest = data.astype(np.int64)
    rows: list[Any] = []
    for n in dims[:0:-1]:
        row = np.fmod(rest, n)
        rows.append(row)
        rest = (rest - row) // n
    return np.stack([rest, *rows[::-1]]).astype(data.dtype)


unravel_index.vjp(None)


# -- ranges ---------------------------------------------------------------------------------------------------------


@op(name="_contrib_index_array")
def index_array(data, axes=None):
    """Each element's own coordinates, or those on some axes.  [...] -> [..., axes], int64"""
    chosen = range(data.ndim) if axes is None else [one_axis("index_array", a, data.ndim) for a in axes]
    grid = np.indices(data.shape, dtype=np.int64)
    return np.stack([grid[a] for a in chosen], axis=-1) if data.ndim else np.zeros((0,), np.int64)


index_array.vjp(None)


@op(name="_contrib_arange_like")
def arange_like(data, start=0.0, step=1.0, repeat=1, ctx=None, axis=None):
    """start, start + step, ..., each `repeat` times: in data's shape, or as many as an axis has.  [...] -> [...]

    ctx has no effect: the numbers are where data is.
    """
    times = whole("arange_like", "repeat", repeat)
    if times < 1:
        raise ArgumentError(f"arange_like: repeat must be 1 or more, not {times}")
    shape = data.shape if axis is None else (data.shape[one_axis("arange_like", axis, data.ndim)],)
    numbers = start + step * (np.arange(int(np.prod(shape))) // times)
    return numbers.astype(data.dtype).reshape(shape)


arange_like.vjp(None)


# -- rows -----------------------------------------------------------------------------------------------------------


@op(name="_contrib_boolean_mask", saves=True)
def boolean_mask(data, index, axis=0):
    """The rows of data where index is not 0.  [N, ...], [N] -> [M, ...]"""
    if whole("boolean_mask", "axis", axis) != 0:
        raise ArgumentError(f"boolean_mask: axis is {axis}; only 0 is known: swap the axes first")
    if index.ndim != 1 or data.ndim < 1 or data.shape[0] != index.shape[0]:
        raise ShapeError(
            f"boolean_mask: data is {list(data.shape)}, index is {list(index.shape)}: it takes one for each row"
        )
    rows = np.flatnonzero(index)
    return data[rows], rows


boolean_mask.vjp(lambda g, _out, data_like, _index, saved: take_gradient(g, saved, shape=data_like.shape), None)


def _rows(old: Any, index_vector: Any, new: Any) -> Any:
    if index_vector.ndim != 1 or new.shape != (index_vector.shape[0], *old.shape[1:]):
        raise ShapeError(
            f"index_copy: old_tensor is {list(old.shape)}, index_vector is {list(index_vector.shape)}, new_tensor is "
            f"{list(new.shape)}: new_tensor must have a row of old_tensor's for each index"
        )
    rows = index_vector.astype(np.int64)
    if rows.size and (rows.min() < 0 or rows.max() >= old.shape[0]):
        raise OutOfBounds(f"index_copy: rows {rows.min()} .. {rows.max()} came; old_tensor has {old.shape[0]}")
    return rows


@op(name="_contrib_index_copy")
def index_copy(old_tensor, index_vector, new_tensor):
    """old_tensor with its rows at index_vector replaced by new_tensor's.  [N, ...], [M], [M, ...] -> [N, ...]"""
    result = old_tensor.copy()
    result[_rows(old_tensor, index_vector, new_tensor)] = new_tensor
    return result


@op(name="_clear_rows")
def clear_rows(data, index_vector):
    """data with zeros in the rows at index_vector.  [N, ...], [M] -> [N, ...]"""
    result = data.copy()
    result[index_vector.astype(np.int64)] = 0
    return result


clear_rows.vjp(lambda g, _out, _data, index_vector: clear_rows(g, index_vector), None)
index_copy.vjp(
    lambda g, _out, _old, index_vector, _new: clear_rows(g, index_vector),
    None,
    lambda g, _out, _old, index_vector, _new: take(g, index_vector),
)
