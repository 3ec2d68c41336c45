"""Broadcasting as operators, and the sum that undoes it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ShapeError
from ..op import REQUIRED, op
from .shape import reshape


@op
def broadcast_to(data, shape=REQUIRED):
    """Axes of length 1 repeated up to `shape`; 0 keeps an axis.  [...] -> [...]"""
    if len(shape) != data.ndim:
        raise ShapeError(f"broadcast_to: data is {list(data.shape)}, shape is {tuple(shape)}: they need as many axes")
    full = tuple(have if want == 0 else want for have, want in zip(data.shape, shape, strict=True))
    if any(have not in (1, want) for have, want in zip(data.shape, full, strict=True)):
        raise ShapeError(f"broadcast_to: data is {list(data.shape)}, it cannot be broadcast to {list(full)}")
    return np.broadcast_to(data, full)


broadcast_to.vjp(lambda g, _out, data_like: unbroadcast(g, shape=data_like.shape))


@op(name="_unbroadcast")
def unbroadcast(data, shape=REQUIRED):
    """The sum that undoes a broadcast of `shape` to data's.  [...] -> [shape]"""
    lead = data.ndim - len(shape)
    axes = tuple(range(lead)) + tuple(
        i + lead for i, n in enumerate(shape) if n == 1 and data.shape[i + lead] != 1
    ) if lead >= 0 else ()  # fmt: skip
    if lead < 0 or any(n not in (1, data.shape[i + lead]) for i, n in enumerate(shape)):
        raise ShapeError(f"_unbroadcast: data is {list(data.shape)}, it is no broadcast of {list(shape)}")
    return np.reshape(np.add.reduce(data, axis=axes, dtype=data.dtype), shape)


def _unbroadcast_gradient(g, _out, data_like, shape):
    lead = data_like.ndim - len(shape)
    return broadcast_to(reshape(g, shape=(1,) * lead + tuple(shape)), shape=data_like.shape)


unbroadcast.vjp(_unbroadcast_gradient)


@op(aliases=("broadcast_axes",))
def broadcast_axis(data, axis=(), size=()):
    """Each axis of `axis`, of length 1, repeated to the length in `size`.  [...] -> [...]"""
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    sizes = (size,) if isinstance(size, int) else tuple(size)
    if len(axes) != len(sizes):
        raise ShapeError(f"broadcast_axis: {len(axes)} axes and {len(sizes)} sizes came; give one size for each axis")
    shape = list(data.shape)
    for a, n in zip(axes, sizes, strict=True):
        if not -data.ndim <= a < data.ndim or shape[a] != 1:
            raise ShapeError(f"broadcast_axis: axis {a} of {list(data.shape)} must exist and have length 1")
        shape[a] = n
    return np.broadcast_to(data, shape)


broadcast_axis.vjp(lambda g, _out, data_like: unbroadcast(g, shape=data_like.shape))


@op
def broadcast_like(lhs, rhs, lhs_axes=None, rhs_axes=None):
    """lhs broadcast to the shape of rhs, or some of its axes to some of rhs's.  [...], [...] -> [...]"""
    if lhs_axes is None and rhs_axes is None:
        shape = rhs.shape
    else:
        left, right = _axes(lhs_axes), _axes(rhs_axes)
        if len(left) != len(right):
            raise ShapeError(f"broadcast_like: lhs_axes {left} and rhs_axes {right} must be as many")
        wanted = list(lhs.shape)
        for a, b in zip(left, right, strict=True):
            wanted[a] = rhs.shape[b]
        shape = tuple(wanted)
    if len(shape) != lhs.ndim or any(have not in (1, want) for have, want in zip(lhs.shape, shape, strict=True)):
        raise ShapeError(f"broadcast_like: lhs is {list(lhs.shape)}, it cannot be broadcast to {list(shape)}")
    return np.broadcast_to(lhs, shape)


def _axes(axes: Any) -> tuple[int, ...]:
    return () if axes is None else (axes,) if isinstance(axes, int) else tuple(axes)


broadcast_like.vjp(lambda g, _out, lhs_like, _rhs: unbroadcast(g, shape=lhs_like.shape), None)
