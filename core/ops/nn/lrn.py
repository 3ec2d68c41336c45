"""LRN: each channel divided by a power of what its neighbours hold.  Krizhevsky et al. 2012, "ImageNet..."."""

from __future__ import annotations

import numpy as np

from ...errors import ArgumentError, ShapeError
from ...op import REQUIRED, op
from ..arithmetic import _mul_scalar, _plus_scalar, _power_scalar, elemwise_mul, elemwise_sub
from ..shape import whole
from ..unary import square


@op(name="_channel_window")
def channel_window(data, nsize=REQUIRED):
    """The sum over `nsize` neighbouring channels, one less if it is even, fewer at the ends.  [N, C, H, W] -> same"""
    half = (nsize - 1) // 2
    channels = data.shape[1]
    total = data.copy()
    for shift in range(1, min(half, channels - 1) + 1):
        total[:, shift:] += data[:, :-shift]
        total[:, :-shift] += data[:, shift:]
    return total


channel_window.vjp(lambda g, _out, _data, nsize: channel_window(g, nsize=nsize))


@op
def LRN(data, alpha=1e-4, beta=0.75, knorm=2.0, nsize=REQUIRED):
    """data / (knorm + alpha / nsize * the sum of squares over nsize channels around) ** beta.  [N, C, H, W]

    Of an even nsize one channel less is summed, as in MXNet.
    """
    if data.ndim != 4:
        raise ShapeError(f"LRN: data is {list(data.shape)}: it takes [N, C, H, W]")
    if whole("LRN", "nsize", nsize) < 1:
        raise ArgumentError(f"LRN: nsize must be 1 or more, not {nsize}")
    norm = knorm + alpha / nsize * channel_window(np.square(data), nsize=nsize)
    return (data * norm**-beta).astype(data.dtype, copy=False)


def _lrn_gradient(g, _out, data, alpha, beta, knorm, nsize):
    window = channel_window(square(data), nsize=nsize)
    norm = _plus_scalar(_mul_scalar(window, scalar=alpha / nsize), scalar=knorm)
    near = elemwise_mul(g, _power_scalar(norm, scalar=-beta))
    inner = elemwise_mul(elemwise_mul(g, data), _power_scalar(norm, scalar=-beta - 1))
    across = elemwise_mul(data, channel_window(inner, nsize=nsize))
    return elemwise_sub(near, _mul_scalar(across, scalar=2 * beta * alpha / nsize))


LRN.vjp(_lrn_gradient)
