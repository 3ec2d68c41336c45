"""Pooling over one to three axes: max, avg, sum, lp; windows or the whole image.

Sum is linear, so its gradient is an operator whose gradient is sum again; avg is sum over the windows' sizes.  max
keeps which element of each window was chosen (of equal ones the first, as in MXNet); its gradient puts values back
there, and the gradient of that takes them out again.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from ...errors import ArgumentError, ShapeError
from ...op import REQUIRED, op
from ..arithmetic import broadcast_mul
from ..shape import transpose
from .saved import beside
from .windows import LAYOUTS, Ints, Windows, spatial, windows

TYPES = ("max", "avg", "sum", "lp")
ROOTS = {1: lambda x: x, 2: np.sqrt, 3: np.cbrt}  # by p_value
LAST = {1: "NWC", 2: "NHWC", 3: "NDHWC"}  # number of spatial axes -> what all axes are, channels behind space


@op(saves=True)
def Pooling(
    data,
    kernel=(),
    pool_type="max",
    global_pool=False,
    cudnn_off=False,
    pooling_convention="valid",
    stride=(),
    pad=(),
    p_value=None,
    count_include_pad=True,
    layout=None,
):
    """The greatest ('max'), mean ('avg'), 'sum', or p_value-th root of the sum of powers ('lp') of each window.

    data: [N, C, *space] -> [N, C, *out]; with layout 'NWC', 'NHWC' or 'NDHWC' channels are the last axis.  kernel,
    stride, pad: one int for each of the 1 to 3 spatial axes; global_pool: one window as large as the image, whatever
    they say.  p_value: 1, 2 or 3; signs are kept.
    pooling_convention: 'valid' leaves out windows that hang over the end, 'full' keeps them ('same' is not available).
    count_include_pad: whether padding counts in the size that avg divides by.  cudnn_off has no effect.
    """
    if layout is not None and layout == LAST.get(data.ndim - 2):
        out, saved = Pooling.fn(
            _first(data), kernel, pool_type, global_pool, cudnn_off, pooling_convention, stride, pad, p_value,
            count_include_pad,
        )  # fmt: skip
        return _last(out), saved
    at, divisor = geometry(
        data.shape, kernel, pool_type, global_pool, pooling_convention, stride, pad, count_include_pad, layout
    )
    if pool_type == "max":
        return _max(data, at)
    if pool_type == "lp":
        if p_value not in ROOTS:
            raise ArgumentError(f"Pooling: pool_type 'lp' needs p_value, 1, 2 or 3, not {p_value!r}")
        return ROOTS[p_value](_sum(data**p_value, at)), None
    out = _sum(data, at)
    return (out if pool_type == "sum" else out / divisor.astype(data.dtype)), None


def _first(x: Any) -> Any:
    """Channels before space.  [N, *space, C] -> [N, C, *space]"""
    n = len(x.shape)
    return transpose(x, axes=(0, n - 1, *range(1, n - 1)))


def _last(x: Any) -> Any:
    """Channels behind space.  [N, C, *space] -> [N, *space, C]"""
    return transpose(x, axes=(0, *range(2, len(x.shape)), 1))


def geometry(
    shape: Ints,
    kernel: Any,
    pool_type: str,
    global_pool: bool,
    convention: str,
    stride: Any,
    pad: Any,
    count_include_pad: bool,
    layout: Any,
) -> tuple[Windows, np.ndarray]:
    """Windows of a Pooling call, and the sizes that avg divides by, one for each output place."""
    if pool_type not in TYPES:
        raise ArgumentError(f"Pooling: pool_type is {pool_type!r}; known: {', '.join(TYPES)}")
    if convention not in ("valid", "full"):
        raise ArgumentError(f"Pooling: pooling_convention is {convention!r}; known: valid, full")
    axes = len(shape) - 2
    if axes not in LAYOUTS:
        raise ShapeError(f"Pooling: data is {list(shape)}: it must be [N, C] and 1 to 3 spatial axes")
    if layout not in (None, LAYOUTS[axes]):
        raise ArgumentError(
            f"Pooling: layout {layout!r} is none of data {list(shape)}; it takes {LAYOUTS[axes]!r} or {LAST[axes]!r}"
        )
    if global_pool:
        return _geometry(tuple(shape[2:]), tuple(shape[2:]), (1,) * axes, (0,) * axes, False, True)
    if kernel in ((), None):
        raise ArgumentError("Pooling: required argument 'kernel' is missing; only global_pool=True does without")
    given = (kernel,) if isinstance(kernel, int) else tuple(kernel)
    if len(given) != axes:
        raise ShapeError(
            f"Pooling: data is {list(shape)}, kernel {list(given)}: data must be [N, C] and {len(given)} more axes"
        )
    kernel_ = spatial("Pooling", "kernel", given, axes, 1)
    pad_ = spatial("Pooling", "pad", pad, axes, 0)
    if any(p >= k for p, k in zip(pad_, kernel_, strict=True)):
        raise ArgumentError(f"Pooling: pad is {list(pad_)}, kernel {list(kernel_)}: pad must be less than the kernel")
    stride_ = spatial("Pooling", "stride", stride, axes, 1)
    return _geometry(tuple(shape[2:]), kernel_, stride_, pad_, convention == "full", bool(count_include_pad))


@lru_cache(maxsize=256)
def _geometry(
    space: Ints, kernel: Ints, stride: Ints, pad: Ints, ceil: bool, include_pad: bool
) -> tuple[Windows, np.ndarray]:
    at = windows("Pooling", space, kernel, stride, (1,) * len(space), pad, ceil)
    sizes = np.ones((1,) * len(space))
    for axis, (n, k, s, p, o) in enumerate(zip(space, kernel, stride, pad, at.out, strict=True)):
        start = np.arange(o) * s - p
        stop = np.minimum(start + k, n + p)
        length = stop - start if include_pad else np.minimum(stop, n) - np.maximum(start, 0)
        length = np.maximum(length, 0)
        sizes = sizes * length.reshape([-1 if a == axis else 1 for a in range(len(space))])
    return at, np.maximum(sizes, 1)  # a window of padding alone has the mean 0


def _padded(data: np.ndarray, at: Windows, value: Any) -> np.ndarray:
    if not any(at.low) and not any(at.high):
        return data
    padded = np.full((*data.shape[:2], *at.padded), value, data.dtype)
    padded[(..., *at.inner)] = data
    return padded


def _max(data: np.ndarray, at: Windows) -> tuple[np.ndarray, Chosen]:
    """The greatest of each window, axis after axis, and what its gradient needs."""
    padded = _padded(data, at, -np.inf if data.dtype.kind == "f" else np.iinfo(data.dtype).min)
    out = padded
    for axis, (k, s, o) in enumerate(zip(at.kernel, at.stride, at.out, strict=True), start=2):
        before = (slice(None),) * axis
        rows = [out[(*before, slice(i, i + (o - 1) * s + 1, s))] for i in range(k)]
        out = rows[0].copy() if k == 1 else np.maximum(rows[0], rows[1])
        for row in rows[2:]:
            np.maximum(out, row, out=out)
    return out, Chosen(padded, out, at)


class Chosen:
    """Which element of each window is the greatest, found when first asked for: most forwards have no gradient."""

    __slots__ = ("_array", "_from")

    def __init__(self, padded: np.ndarray, out: np.ndarray, at: Windows) -> None:
        self._from: tuple[np.ndarray, np.ndarray, Windows] | None = (padded, out, at)
        self._array: np.ndarray | None = None

    @property
    def array(self) -> np.ndarray:
        """The number of the chosen kernel position of each window; of equal elements the first."""
        if self._array is None:
            assert self._from is not None  # given until the array is there
            padded, out, at = self._from
            chosen = np.zeros(out.shape, np.uint8 if len(at.offsets) <= 256 else np.int32)
            if at.out == (1,) * len(at.out):  # one window: its elements are all
                chosen[...] = padded.reshape(*padded.shape[:2], -1).argmax(axis=-1).reshape(chosen.shape)
            else:
                missed = np.ones(out.shape, np.bool_)
                for _, slices in at.offsets[:-1]:
                    missed &= padded[(..., *slices)] != out
                    chosen += missed  # counts the positions before the first hit
            self._array, self._from = chosen, None
            return chosen
        return self._array


def _sum(data: np.ndarray, at: Windows) -> np.ndarray:
    if at.out == (1,) * len(at.out) and at.kernel == at.space:
        return data.sum(axis=tuple(range(2, data.ndim)), keepdims=True)
    padded = _padded(data, at, 0)
    out = padded[(..., *at.offsets[0][1])].copy()
    for _, slices in at.offsets[1:]:
        out += padded[(..., *slices)]
    return out


@op
def _sum_pool(data, at=REQUIRED):
    """The sum of each window.   [N, C, *space] -> [N, C, *out]"""
    return _sum(data, at)


@op
def _sum_pool_gradient(g, at=REQUIRED):
    """Each window's value, added to all of its elements.   [N, C, *out] -> [N, C, *space]"""
    if math.prod(at.out) == 1 and at.kernel == at.space:
        return np.broadcast_to(g, (*g.shape[:2], *at.space))
    padded = np.zeros((*g.shape[:2], *at.padded), g.dtype)
    for _, slices in at.offsets:
        padded[(..., *slices)] += g
    return padded[(..., *at.inner)]


_sum_pool.vjp(lambda g, _out, _data, at: _sum_pool_gradient(g, at=at))
_sum_pool_gradient.vjp(lambda g, _out, _dy, at: _sum_pool(g, at=at))


@op
def _max_pool_gradient(g, at=REQUIRED, chosen=REQUIRED):
    """Each window's value, added to its chosen element.   [N, C, *out] -> [N, C, *space]"""
    which = chosen.array
    apart = all(s >= k for s, k in zip(at.stride, at.kernel, strict=True))  # no element is in two windows
    tiled = (
        apart and at.stride == at.kernel and at.padded == tuple(o * s for o, s in zip(at.out, at.stride, strict=True))
    )
    padded = (np.empty if tiled else np.zeros)((*g.shape[:2], *at.padded), g.dtype)
    for number, (_, slices) in enumerate(at.offsets):
        there = padded[(..., *slices)]
        if apart:
            np.multiply(g, which == number, out=there)
        else:
            there += g * (which == number)
    return padded[(..., *at.inner)]


@op
def _chosen_of(data, at=REQUIRED, chosen=REQUIRED):
    """Each window's chosen element.   [N, C, *space] -> [N, C, *out]"""
    padded = _padded(data, at, 0)
    out = np.zeros(chosen.array.shape, data.dtype)
    for number, (_, slices) in enumerate(at.offsets):
        np.copyto(out, padded[(..., *slices)], where=chosen.array == number)
    return out


_max_pool_gradient.vjp(lambda g, _out, _dy, at, chosen: _chosen_of(g, at=at, chosen=chosen))
_chosen_of.vjp(lambda g, _out, _data, at, chosen: _max_pool_gradient(g, at=at, chosen=chosen))


def pooling_gradient(
    g,
    out,
    data,
    kernel,
    pool_type,
    global_pool,
    pooling_convention,
    stride,
    pad,
    p_value,
    count_include_pad,
    layout,
    saved,
):
    if layout is not None and layout == LAST[len(data.shape) - 2]:
        turned = pooling_gradient(
            _first(g), _first(out), _first(data), kernel, pool_type, global_pool, pooling_convention, stride, pad,
            p_value, count_include_pad, None, saved,
        )  # fmt: skip
        return _last(turned)
    at, divisor = geometry(
        data.shape, kernel, pool_type, global_pool, pooling_convention, stride, pad, count_include_pad, layout
    )
    if pool_type == "max":
        return _max_pool_gradient(g, at=at, chosen=saved)
    if pool_type == "sum":
        return _sum_pool_gradient(g, at=at)
    if pool_type == "avg":
        share = np.asarray(1 / divisor, data.dtype).reshape(1, 1, *divisor.shape)
        return _sum_pool_gradient(broadcast_mul(g, beside(g, share)), at=at)
    if p_value == 1:
        return _sum_pool_gradient(g, at=at)
    return _sum_pool_gradient(g * out ** (1.0 - p_value), at=at) * data ** (p_value - 1)


Pooling.vjp(pooling_gradient)
