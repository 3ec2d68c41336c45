"""Parts of an array by numbers and slices: the operators behind indexing, and MXNet's slice family."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..op import REQUIRED, op

# What selects a regular part; a listed position is something else.
BASIC = (int, builtins.slice, type(None), type(Ellipsis), np.integer)


def is_basic(key: Any) -> bool:
    """Whether a key of numpy's selects a regular part, rather than listed elements."""
    return isinstance(key, BASIC) or (isinstance(key, tuple) and all(isinstance(k, BASIC) for k in key))


@op(name="_index")
def index(data, key=REQUIRED):
    """data[key] for numpy's keys, as a copy; shape [1] where no axis is left.  [...] -> [...]"""
    part = data[key]
    return np.reshape(part, (1,)) if part.ndim == 0 else part


@op(name="_index_add")
def index_add(data, key=REQUIRED, shape=REQUIRED):
    """Zeros of `shape` with data added at [key], repeated positions summed.  [...] -> [shape]"""
    total = np.zeros(shape, data.dtype)
    if is_basic(key):
        region = total[key]
        total[key] = np.reshape(data, region.shape)
    else:
        np.add.at(total, key, np.reshape(data, np.broadcast_to(0, shape)[key].shape))
    return total


index.vjp(lambda g, _out, data_like, key: index_add(g, key=key, shape=data_like.shape))
index_add.vjp(lambda g, _out, data_like, key: _shaped_index(g, key, data_like.shape))


def _shaped_index(g, key, shape):
    from .shape import reshape

    return reshape(index(g, key=key), shape=shape)


def _part(name: str, shape: tuple[int, ...], begin: Any, end: Any, step: Any) -> tuple[builtins.slice, ...]:
    """MXNet's begin, end, step as slices; empty parts are refused."""
    begins, ends = _tuple(begin), _tuple(end)
    steps = _tuple(step) if step is not None else ()
    if len(begins) != len(ends) or len(begins) > len(shape) or (steps and len(steps) != len(begins)):
        raise ArgumentError(f"{name}: begin {begin}, end {end}, step {step} must be as many, at most {len(shape)}")
    key: list[builtins.slice] = []
    for axis, (b, e) in enumerate(zip(begins, ends, strict=True)):
        s = steps[axis] if steps else None
        if s == 0:
            raise ArgumentError(f"{name}: step is 0 on axis {axis}")
        part = builtins.slice(b, e, s)
        if shape[axis] and len(range(*part.indices(shape[axis]))) == 0:
            raise ShapeError(f"{name}: {b} .. {e} on axis {axis} of {list(shape)} has no elements")
        key.append(part)
    return tuple(key)


def _tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


@op(aliases=("crop",))
def slice(data, begin=REQUIRED, end=REQUIRED, step=None):
    """data[begin:end:step] on its first axes; None means an open end.  [...] -> [...]"""
    return data[_part("slice", data.shape, begin, end, step)]


slice.vjp(
    lambda g, _out, data_like, begin, end, step: index_add(
        g, key=_part("slice", data_like.shape, begin, end, step), shape=data_like.shape
    )
)


def _axis_part(shape: tuple[int, ...], axis: int, begin: int, end: int | None) -> tuple[builtins.slice, ...]:
    if not -len(shape) <= axis < len(shape):
        raise ShapeError(f"slice_axis: axis {axis} does not exist: data is {list(shape)}")
    at = axis % len(shape)
    size = shape[at]
    stop = size if end is None else end
    if not (-size <= begin <= size and -size <= stop <= size):
        raise ShapeError(f"slice_axis: {begin} .. {end} is outside of axis {axis} of {list(shape)}")
    return (builtins.slice(None),) * at + _part("slice_axis", shape[at:], begin, end, None)


@op
def slice_axis(data, axis=REQUIRED, begin=REQUIRED, end=REQUIRED):
    """data[begin:end] along an axis; end=None means up to its end.  [...] -> [...]"""
    return data[_axis_part(data.shape, axis, begin, end)]


slice_axis.vjp(
    lambda g, _out, data_like, axis, begin, end: index_add(
        g, key=_axis_part(data_like.shape, axis, begin, end), shape=data_like.shape
    )
)


def _like_part(shape: tuple[int, ...], wanted: tuple[int, ...], axes: Any) -> tuple[builtins.slice, ...]:
    if not _tuple(axes):
        if len(shape) != len(wanted):
            raise ShapeError(f"slice_like: data is {list(shape)}, shape_like is {list(wanted)}: they need as many "
                             f"axes, or name axes=")  # fmt: skip
        chosen = set(range(len(shape)))
    else:
        chosen = {a % len(shape) for a in _tuple(axes)}
    for a in chosen:
        if wanted[a] > shape[a]:
            raise ShapeError(f"slice_like: axis {a} of data {list(shape)} is shorter than of shape_like {list(wanted)}")
    return tuple(builtins.slice(0, wanted[a]) if a in chosen else builtins.slice(None) for a in range(len(shape)))


@op
def slice_like(data, shape_like, axes=()):
    """The first elements of data on each axis, as many as shape_like has.  [...], [...] -> [...]"""
    return data[_like_part(data.shape, shape_like.shape, axes)]


slice_like.vjp(
    lambda g, _out, data_like, shape_like, axes: index_add(
        g, key=_like_part(data_like.shape, shape_like.shape, axes), shape=data_like.shape
    ),
    None,
)
