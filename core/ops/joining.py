"""Putting arrays together, taking them apart, repeating and padding them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError, DtypeError, ShapeError
from ..op import REQUIRED, op
from .reduce import sum_
from .shape import expand_dims, reshape, whole
from .slicing import index, slice_axis


def _one_dtype(name: str, arrays: tuple[Any, ...]) -> None:
    if not arrays:
        raise ArgumentError(f"{name}: no arrays came; give at least one")
    for i, array in enumerate(arrays):
        if array.dtype != arrays[0].dtype:
            raise DtypeError(
                f"{name}: array 0 is {arrays[0].dtype}, array {i} is {array.dtype}: all must have one dtype"
            )


@op(aliases=("Concat",))
def concat(*data, dim=1):
    """Arrays one after the other along an axis.  [N, A], [N, B] -> [N, A+B]"""
    _one_dtype("concat", data)
    at = _axis("concat", data[0].ndim, dim)
    for i, array in enumerate(data):
        if array.ndim != data[0].ndim or any(
            a != b for axis, (a, b) in enumerate(zip(array.shape, data[0].shape, strict=True)) if axis != at
        ):
            raise ShapeError(
                f"concat: array 0 is {list(data[0].shape)}, array {i} is {list(array.shape)}: all but axis {dim} "
                f"must be equal"
            )
    return np.concatenate(data, axis=at)


def _axis(name: str, ndim: int, axis: int) -> int:
    if not -ndim <= axis < ndim:
        raise ShapeError(f"{name}: axis {axis} does not exist: the arrays have {ndim} axes")
    return axis % ndim


def _concat_gradient(g, _out, *data_like, dim, wants):
    at = dim % data_like[0].ndim
    gradients: list[Any] = []
    begin = 0
    for array, want in zip(data_like, wants, strict=True):
        end = begin + array.shape[at]
        gradients.append(slice_axis(g, axis=at, begin=begin, end=end) if want and end > begin else None)
        begin = end
    return gradients


concat.vjp(all=_concat_gradient)


@op
def stack(*data, axis=0):
    """Arrays of one shape along a new axis.  [...], [...] -> [..., 2, ...]"""
    _one_dtype("stack", data)
    for i, array in enumerate(data):
        if array.shape != data[0].shape:
            raise ShapeError(
                f"stack: array 0 is {list(data[0].shape)}, array {i} is {list(array.shape)}: all must be equal"
            )
    return np.stack(data, axis=axis)


def _stack_gradient(g, _out, *_data, axis, wants):
    key = (slice(None),) * (axis % g.ndim)
    return [
        reshape(index(g, key=(*key, i)), shape=_without(g.shape, axis)) if want else None
        for i, want in enumerate(wants)
    ]


def _without(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    at = axis % len(shape)
    return shape[:at] + shape[at + 1 :]


stack.vjp(all=_stack_gradient)


@op(aliases=("SliceChannel",))
def split(data, num_outputs=REQUIRED, axis=1, squeeze_axis=False):
    """data cut into equal parts along an axis.  [N, C] -> [N, C/n], ..."""
    at = _axis("split", data.ndim, axis)
    n = data.shape[at]
    if num_outputs < 1 or n % num_outputs:
        raise ShapeError(f"split: axis {axis} of {list(data.shape)} cannot be cut into {num_outputs} equal parts")
    if squeeze_axis and n != num_outputs:
        raise ShapeError(f"split: squeeze_axis needs parts of length 1; axis {axis} of {list(data.shape)} has {n}")
    parts = [np.squeeze(p, at) if squeeze_axis else p for p in np.split(data, num_outputs, axis=at)]
    parts = [np.reshape(p, p.shape or (1,)) for p in parts]
    return parts[0] if num_outputs == 1 else tuple(parts)


def _split_gradient(g, _out, data_like, num_outputs, axis, squeeze_axis):
    parts = [g] if num_outputs == 1 else list(g)
    at = axis % data_like.ndim
    if squeeze_axis:
        parts = [reshape(p, shape=(*data_like.shape[:at], 1, *data_like.shape[at + 1 :])) for p in parts]
    return concat(*parts, dim=at)


split.vjp(_split_gradient)


@op(name="_split_v2")
def split_v2(data, indices=(), axis=1, squeeze_axis=False, sections=0):
    """data cut into equal `sections`, or before `indices`, along an axis.  [N, ...] -> [A, ...], [B, ...], ..."""
    at = _axis("split_v2", data.ndim, axis)
    if sections and data.shape[at] % sections:
        raise ShapeError(f"split_v2: axis {axis} of {list(data.shape)} cannot be cut into {sections} equal parts")
    parts = np.split(data, sections or list(indices), axis=at)
    if squeeze_axis:
        parts = [np.squeeze(p, at) if p.shape[at] == 1 else p for p in parts]
    return parts[0] if len(parts) == 1 else tuple(parts)


def _split_v2_gradient(g, _out, data_like, axis):
    parts = list(g) if isinstance(g, tuple) else [g]
    at = axis % data_like.ndim
    return concat(*[expand_dims(p, axis=at) if p.ndim < data_like.ndim else p for p in parts], dim=at)


split_v2.vjp(_split_v2_gradient)


@op
def tile(data, reps=REQUIRED):
    """data repeated as a whole, `reps` times on each of the last axes.  [...] -> [...]"""
    return np.tile(data, reps)


def _tile_gradient(g, _out, data_like, reps):
    times = (reps,) if isinstance(reps, int) else tuple(reps)
    n = max(len(times), data_like.ndim)
    times = (1,) * (n - len(times)) + times
    shape = (1,) * (n - data_like.ndim) + data_like.shape
    pairs = [size for pair in zip(times, shape, strict=True) for size in pair]
    return reshape(sum_(reshape(g, shape=tuple(pairs)), axis=tuple(range(0, 2 * n, 2))), shape=data_like.shape)


tile.vjp(_tile_gradient)


@op
def repeat(data, repeats=REQUIRED, axis=None):
    """Each element repeated along an axis; all elements in one row without one.  [...] -> [...]"""
    return np.repeat(data, whole("repeat", "repeats", repeats), axis)


def _repeat_gradient(g, _out, data_like, repeats, axis):
    at = 0 if axis is None else axis % data_like.ndim
    shape = (data_like.size,) if axis is None else data_like.shape
    split_shape = (*shape[: at + 1], repeats, *shape[at + 1 :])
    return reshape(sum_(reshape(g, shape=split_shape), axis=at + 1), shape=data_like.shape)


repeat.vjp(_repeat_gradient)


@op(aliases=("reverse",))
def flip(data, axis=REQUIRED):
    """The elements along one or more axes in reverse.  [...] -> [...]"""
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    return np.flip(data, tuple(_axis("flip", data.ndim, a) for a in axes))


flip.vjp(lambda g, _out, _data, axis: flip(g, axis=axis))


def _widths(name: str, ndim: int, pad_width: Any) -> list[tuple[int, int]]:
    if len(pad_width) != 2 * ndim:
        raise ArgumentError(
            f"{name}: pad_width has {len(pad_width)} numbers; {ndim} axes need {2 * ndim}, before and after each"
        )
    widths = [whole(name, "each number of pad_width", n) for n in pad_width]
    return list(zip(widths[::2], widths[1::2], strict=True))


@op(aliases=("Pad",))
def pad(data, mode=REQUIRED, pad_width=REQUIRED, constant_value=0.0):
    """data with edges added: 'constant', 'edge' or 'reflect'.  [...] -> [...]"""
    widths = _widths("pad", data.ndim, pad_width)
    if mode == "constant":
        return np.pad(data, widths, mode="constant", constant_values=np.asarray(constant_value).astype(data.dtype))
    if mode in ("edge", "reflect"):
        return np.pad(data, widths, mode=mode)
    raise ArgumentError(f"pad: mode is {mode!r}; known: 'constant', 'edge', 'reflect'")


def _pad_gradient(g, _out, data_like, mode, pad_width):
    for axis, (before, after) in enumerate(_widths("pad", data_like.ndim, pad_width)):
        if not before and not after:
            continue
        if mode == "constant":
            g = slice_axis(g, axis=axis, begin=before, end=before + data_like.shape[axis])
        else:
            source = np.pad(np.arange(data_like.shape[axis]), (before, after), mode=mode)
            g = add_along(g, positions=tuple(int(i) for i in source), axis=axis, size=data_like.shape[axis])
    return g


pad.vjp(_pad_gradient)


@op(name="_add_along")
def add_along(data, positions=REQUIRED, axis=REQUIRED, size=REQUIRED):
    """Zeros of `size` along an axis with data's slices added at positions.  [..., I, ...] -> [..., size, ...]"""
    shape = list(data.shape)
    shape[axis] = size
    total = np.zeros(shape, data.dtype)
    np.add.at(total, (slice(None),) * axis + (list(positions),), data)
    return total


add_along.vjp(lambda g, _out, _data, positions, axis: index(g, key=(slice(None),) * axis + (np.array(positions),)))
