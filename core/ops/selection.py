"""Choosing elements by an array of positions or of conditions.

Positions come as arrays of any dtype and are truncated to integers, as in MXNet; `mode` says what becomes of positions
outside: 'clip' to the edge, 'wrap' around, 'raise'.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtype import resolve
from ..errors import ArgumentError, OutOfBounds, ShapeError
from ..op import REQUIRED, op
from .comparison import logical_not
from .shape import one_axis, reshape, whole


def positions(name: str, indices: Any, size: int, mode: str) -> Any:
    """Integer positions in 0 .. size - 1."""
    whole = indices.astype(np.int64)
    if mode == "clip":
        return np.clip(whole, 0, size - 1)
    if mode == "wrap":
        return np.mod(whole, size)
    if mode == "raise":
        if whole.size and (whole.min() < -size or whole.max() >= size):
            raise OutOfBounds(f"{name}: positions {whole.min()} .. {whole.max()} came for an axis of length {size}")
        return np.mod(whole, size)
    raise ArgumentError(f"{name}: mode is {mode!r}; known: 'clip', 'wrap', 'raise'")


# -- along an axis --------------------------------------------------------------------------------------------------


@op(name="_gather_axis")
def gather_axis(data, indices, axis=-1):
    """data at integer positions along an axis, element by element.  [..., I, ...], [..., O, ...] -> [..., O, ...]"""
    return np.take_along_axis(data, indices.astype(np.int64), axis)


@op(name="_scatter_axis")
def scatter_axis(data, indices, axis=-1, size=REQUIRED):
    """Zeros with data at distinct integer positions along an axis of `size`.  [..., O, ...] -> [..., size, ...]"""
    shape = list(data.shape)
    shape[axis] = size
    total = np.zeros(shape, data.dtype)
    np.put_along_axis(total, indices.astype(np.int64), data, axis)
    return total


gather_axis.vjp(
    lambda g, _out, data_like, indices, axis: scatter_axis(g, indices, axis=axis, size=data_like.shape[axis]), None
)
scatter_axis.vjp(lambda g, _out, _data, indices, axis: gather_axis(g, indices, axis=axis), None)


@op(aliases=("choose_element_0index",))
def pick(data, index, axis=-1, keepdims=False, mode="clip"):
    """One element of data along an axis for each position in index.  [N, C], [N] -> [N]

    Without an axis, data counts as one row.
    """
    picked, at = _picked("pick", data, index, axis, mode)
    result = np.take_along_axis(np.reshape(data, -1) if axis is None else data, picked, at)
    if axis is None:
        return np.reshape(result, index.shape)
    return (
        result if keepdims else np.reshape(np.squeeze(result, at), result.shape[:at] + result.shape[at + 1 :] or (1,))
    )


def _picked(name: str, data: Any, index: Any, axis: Any, mode: str) -> tuple[Any, int]:
    """Positions in the form of take_along_axis."""
    if axis is None:
        return np.reshape(positions(name, index, data.size, mode), -1), 0
    at = one_axis(name, axis, data.ndim)
    rest = data.shape[:at] + data.shape[at + 1 :]
    if index.shape not in (rest, rest or (1,), (*data.shape[:at], 1, *data.shape[at + 1 :])):
        raise ShapeError(
            f"{name}: data is {list(data.shape)}, index is {list(index.shape)}: without axis {at} they must be equal"
        )
    return np.reshape(positions(name, index, data.shape[at], mode), (*data.shape[:at], 1, *data.shape[at + 1 :])), at


@op(name="_pick_gradient")
def pick_gradient(data, index, shape=REQUIRED, axis=-1, mode="clip"):
    """Zeros of `shape` with data at the picked positions.  [N], [N] -> [shape]"""
    total = np.zeros(shape, data.dtype)
    if axis is None:
        np.add.at(total.reshape(-1), np.reshape(positions("pick", index, total.size, mode), -1), np.reshape(data, -1))
        return total
    picked, at = _picked("pick", total, index, axis, mode)
    np.put_along_axis(total, picked, np.reshape(data, picked.shape), at)
    return total


pick.vjp(
    lambda g, _out, data_like, index, axis, mode: pick_gradient(g, index, shape=data_like.shape, axis=axis, mode=mode),
    None,
)
pick_gradient.vjp(
    lambda g, _out, data_like, index, axis, mode: reshape(pick(g, index, axis=axis, mode=mode), shape=data_like.shape),
    None,
)


@op
def batch_take(a, indices):
    """One element of each row.  [N, C], [N] -> [N]"""
    return np.take_along_axis(a, np.reshape(positions("batch_take", indices, a.shape[1], "clip"), (-1, 1)), 1).reshape(
        -1
    )


batch_take.vjp(lambda g, _out, a_like, indices: pick_gradient(g, indices, shape=a_like.shape, axis=1), None)


@op
def fill_element_0index(lhs, mhs, rhs):
    """lhs with one element of each row replaced: mhs at the positions rhs; outside of a row nothing is.

    [N, C], [N], [N] -> [N, C]
    """
    if lhs.ndim != 2 or not lhs.shape[:1] == mhs.shape == rhs.shape:
        raise ShapeError(
            f"fill_element_0index: lhs is {list(lhs.shape)}, mhs {list(mhs.shape)}, rhs {list(rhs.shape)}: they must "
            f"be [N, C], [N], [N]"
        )
    places, result = rhs.astype(np.int64), lhs.copy()
    rows = np.flatnonzero((places >= 0) & (places < lhs.shape[1]))
    result[rows, places[rows]] = mhs[rows]
    return result


fill_element_0index.vjp(None, None, None)


@op
def take(a, indices, axis=0, mode="clip"):
    """Slices of a at positions along an axis.  [I, ...], [...] -> [..., ...]"""
    at = one_axis("take", axis, a.ndim)
    return np.take(a, positions("take", indices, a.shape[at], mode), axis=at)


@op(name="_take_gradient")
def take_gradient(data, indices, shape=REQUIRED, axis=0, mode="clip"):
    """Zeros of `shape` with slices of data added at positions along an axis.  [..., ...], [...] -> [shape]"""
    at = one_axis("take", axis, len(shape))
    total = np.zeros(shape, data.dtype)
    key: Any = (slice(None),) * at + (positions("take", indices, shape[at], mode),)
    np.add.at(total, key, data)
    return total


take.vjp(
    lambda g, _out, a_like, indices, axis, mode: take_gradient(g, indices, shape=a_like.shape, axis=axis, mode=mode),
    None,
)
take_gradient.vjp(lambda g, _out, _data, indices, axis, mode: take(g, indices, axis=axis, mode=mode), None)


# -- by coordinates -------------------------------------------------------------------------------------------------


@op
def gather_nd(data, indices):
    """Elements, or slices, at coordinates.  [A, B, ...], [2, N] -> [N, ...]"""
    return data[_coordinates("gather_nd", indices, data.shape)]


def _coordinates(name: str, indices: Any, shape: tuple[int, ...]) -> tuple[Any, ...]:
    if indices.shape[0] > len(shape):
        raise ShapeError(f"{name}: {indices.shape[0]} coordinates came for {len(shape)} axes {list(shape)}")
    return tuple(positions(name, row, shape[i], "raise") for i, row in enumerate(indices))


@op
def scatter_nd(data, indices, shape=REQUIRED):
    """Zeros of `shape` with data written at coordinates.  [N, ...], [2, N] -> [shape]"""
    total = np.zeros(shape, data.dtype)
    total[_coordinates("scatter_nd", indices, total.shape)] = data
    return total


@op(name="_scatter_nd_add")
def scatter_nd_add(data, indices, shape=REQUIRED):
    """As scatter_nd, with equal coordinates summed.  [N, ...], [2, N] -> [shape]"""
    total = np.zeros(shape, data.dtype)
    np.add.at(total, _coordinates("gather_nd", indices, total.shape), data)
    return total


gather_nd.vjp(lambda g, _out, data_like, indices: scatter_nd_add(g, indices, shape=data_like.shape), None)
scatter_nd.vjp(lambda g, _out, _data, indices: gather_nd(g, indices), None)
scatter_nd_add.vjp(lambda g, _out, _data, indices: gather_nd(g, indices), None)


# -- by condition ---------------------------------------------------------------------------------------------------


@op
def where(condition, x, y):
    """x where condition is not 0, else y; a condition of one axis chooses rows.  [...], [...], [...] -> [...]"""
    if x.shape != y.shape or x.dtype != y.dtype:
        raise ShapeError(f"where: x is {x.dtype} {list(x.shape)}, y is {y.dtype} {list(y.shape)}: they must be equal")
    return np.where(_mask("where", condition, x.shape), x, y)


def _mask(name: str, condition: Any, shape: tuple[int, ...]) -> Any:
    if condition.shape != shape:
        if condition.ndim != 1 or not shape or condition.shape[0] != shape[0]:
            raise ShapeError(f"{name}: condition is {list(condition.shape)}, x is {list(shape)}: they must be equal, "
                             f"or condition have one axis as long as x's first")  # fmt: skip
        condition = np.reshape(condition, (-1, *(1,) * (len(shape) - 1)))
    return condition != 0


@op(name="_masked")
def masked(data, condition):
    """data where condition is not 0, else 0.  [...], [...] -> [...]"""
    return np.where(_mask("where", condition, data.shape), data, np.zeros((), data.dtype))


masked.vjp(lambda g, _out, _data, condition: masked(g, condition), None)
where.vjp(
    None, lambda g, _out, condition, _x, _y: masked(g, condition),
    lambda g, _out, condition, _x, _y: masked(g, logical_not(condition)),
)  # fmt: skip


@op
def one_hot(indices, depth=REQUIRED, on_value=1.0, off_value=0.0, dtype="float32"):
    """on_value at each position, off_value elsewhere; nothing is on for positions outside.  [...] -> [..., depth]"""
    hot = indices.astype(np.int64)[..., None] == np.arange(whole("one_hot", "depth", depth))
    kind = resolve(dtype)
    return np.where(hot, np.asarray(on_value).astype(kind), np.asarray(off_value).astype(kind))


one_hot.vjp(None)
