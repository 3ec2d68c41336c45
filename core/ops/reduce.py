"""Reductions: sums, means, products, extremes, norms over some axes.

`axis` is None (all), a number or a tuple; `exclude=True` reduces all axes but those.  Where no axis is left the
result has shape [1]: MXNet has no arrays without axes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtype import resolve
from ..errors import ArgumentError, ShapeError
from ..op import op
from .broadcast import broadcast_to
from .selection import where
from .shape import one_axis, reshape
from .unary import sign, zeros_like


def axes_of(name: str, ndim: int, axis: Any, exclude: Any = False) -> tuple[int, ...]:
    """The axes that a reduction goes over, ascending; all of them where none is named, whatever `exclude` says."""
    if axis is None or (isinstance(axis, (tuple, list)) and not axis):
        return tuple(range(ndim))
    axes: set[int] = set()
    for a in axis if isinstance(axis, (tuple, list)) else (axis,):
        number = one_axis(name, a, ndim)
        if number in axes:
            raise ShapeError(f"{name}: axis {a} is named twice in {axis}")
        axes.add(number)
    return tuple(a for a in range(ndim) if (a in axes) != bool(exclude))


def kept(shape: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape with the reduced axes as 1."""
    return tuple(1 if i in axes else n for i, n in enumerate(shape))


def shaped(result: Any, shape: tuple[int, ...], axes: tuple[int, ...], keepdims: Any) -> Any:
    """A result that kept its axes, in the shape that the user asked for."""
    if keepdims:
        return result
    final = tuple(n for i, n in enumerate(shape) if i not in axes)
    return np.reshape(result, final or (1,))


def spread(g: Any, shape: tuple[int, ...], axes: tuple[int, ...]) -> Any:
    """A reduction's gradient (or result) back over the shape of its input."""
    return broadcast_to(reshape(g, shape=kept(shape, axes)), shape=shape)


def _reduce(name: str, ufunc: Any, data: Any, axis: Any, keepdims: Any, exclude: Any) -> Any:
    axes = axes_of(name, data.ndim, axis, exclude)
    return shaped(ufunc(data, axis=axes, keepdims=True), data.shape, axes, keepdims)


def count(shape: tuple[int, ...], axes: tuple[int, ...]) -> int:
    """How many elements go into each result."""
    n = 1
    for a in axes:
        n *= shape[a]
    return n


@op(name="sum", aliases=("sum_axis",))
def sum_(data, axis=None, keepdims=False, exclude=False):
    """The sum over some axes.  [...] -> [...]"""
    axes = axes_of("sum", data.ndim, axis, exclude)
    return shaped(np.add.reduce(data, axis=axes, keepdims=True, dtype=data.dtype), data.shape, axes, keepdims)


sum_.vjp(
    lambda g, _out, data_like, axis, exclude: spread(g, data_like.shape, axes_of("sum", data_like.ndim, axis, exclude))
)


@op
def mean(data, axis=None, keepdims=False, exclude=False):
    """The mean over some axes.  [...] -> [...]"""
    axes = axes_of("mean", data.ndim, axis, exclude)
    return shaped(np.mean(data, axis=axes, keepdims=True).astype(data.dtype, copy=False), data.shape, axes, keepdims)


def _mean_gradient(g, _out, data_like, axis, exclude):
    axes = axes_of("mean", data_like.ndim, axis, exclude)
    return spread(g / count(data_like.shape, axes), data_like.shape, axes)


mean.vjp(_mean_gradient)


@op
def prod(data, axis=None, keepdims=False, exclude=False):
    """The product over some axes.  [...] -> [...]"""
    axes = axes_of("prod", data.ndim, axis, exclude)
    product = np.multiply.reduce(data, axis=axes, keepdims=True, dtype=data.dtype)
    return shaped(product, data.shape, axes, keepdims)


def _prod_gradient(g, out, data, axis, exclude):
    axes = axes_of("prod", data.ndim, axis, exclude)
    return spread(g * out, data.shape, axes) / data


prod.vjp(_prod_gradient)


@op
def nansum(data, axis=None, keepdims=False, exclude=False):
    """The sum over some axes, nan counting as 0.  [...] -> [...]"""
    axes = axes_of("nansum", data.ndim, axis, exclude)
    return shaped(np.nansum(data, axis=axes, keepdims=True, dtype=data.dtype), data.shape, axes, keepdims)


nansum.vjp(
    lambda g, _out, data, axis, exclude: (
        spread(g, data.shape, axes_of("nansum", data.ndim, axis, exclude)) * (data == data)
    )
)


@op
def nanprod(data, axis=None, keepdims=False, exclude=False):
    """The product over some axes, nan counting as 1.  [...] -> [...]"""
    axes = axes_of("nanprod", data.ndim, axis, exclude)
    return shaped(np.nanprod(data, axis=axes, keepdims=True, dtype=data.dtype), data.shape, axes, keepdims)


nanprod.vjp(
    lambda g, out, data, axis, exclude: where(
        data == data, spread(g * out, data.shape, axes_of("nanprod", data.ndim, axis, exclude)) / data, zeros_like(data)
    )
)


@op(name="max", aliases=("max_axis",))
def max_(data, axis=None, keepdims=False, exclude=False):
    """The largest over some axes; all that are largest get the gradient, as in MXNet.  [...] -> [...]"""
    return _reduce("max", np.max, data, axis, keepdims, exclude)


@op(name="min", aliases=("min_axis",))
def min_(data, axis=None, keepdims=False, exclude=False):
    """The smallest over some axes; all that are smallest get the gradient, as in MXNet.  [...] -> [...]"""
    return _reduce("min", np.min, data, axis, keepdims, exclude)


def _extreme_gradient(g, out, data, axis, exclude):
    axes = axes_of("max", data.ndim, axis, exclude)
    return spread(g, data.shape, axes) * (spread(out, data.shape, axes) == data)


max_.vjp(_extreme_gradient)
min_.vjp(_extreme_gradient)


@op
def norm(data, ord=2, axis=None, out_dtype=None, keepdims=False):
    """The L1 or L2 norm over some axes, in `out_dtype` if given.  [...] -> [...]"""
    if ord not in (1, 2):
        raise ArgumentError(f"norm: ord is {ord!r}; only 1 and 2 are known")
    axes = axes_of("norm", data.ndim, axis)
    if ord == 1:
        result = np.add.reduce(np.abs(data), axis=axes, keepdims=True)
    else:
        result = np.sqrt(np.add.reduce(data * data, axis=axes, keepdims=True))
    result = result.astype(data.dtype if out_dtype is None else resolve(out_dtype), copy=False)
    return shaped(result, data.shape, axes, keepdims)


def _norm_gradient(g, out, data, ord, axis):
    axes = axes_of("norm", data.ndim, axis)
    if ord == 1:
        return spread(g, data.shape, axes) * sign(data)
    return spread(g / (out + (out == 0)), data.shape, axes) * data  # 0 where the norm is 0


norm.vjp(_norm_gradient)


@op
def moments(data, axes=None, keepdims=False):
    """Mean and variance over some axes.  [...] -> [...], [...]"""
    over = axes_of("moments", data.ndim, axes)
    center = np.mean(data, axis=over, keepdims=True, dtype=data.dtype)
    spread_ = np.mean(np.square(data - center), axis=over, keepdims=True, dtype=data.dtype)
    return tuple(shaped(m, data.shape, over, keepdims) for m in (center, spread_))


def _moments_gradient(g, out, data, axes):
    over = axes_of("moments", data.ndim, axes)
    n = count(data.shape, over)
    centered = data - spread(out[0], data.shape, over)
    return spread(g[0], data.shape, over) / n + spread(g[1], data.shape, over) * centered * (2 / n)


moments.vjp(_moments_gradient)
