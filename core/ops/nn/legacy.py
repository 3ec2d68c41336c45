"""Operators of MXNet's first versions: convolution and pooling of images only, cropping, a penalty on sigmoids."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...errors import ArgumentError, ShapeError
from ...op import REQUIRED, op
from ..arithmetic import _mul_scalar, broadcast_add
from ..shape import whole
from ..slicing import index_add
from .convolution import Convolution, convolution_rules
from .pooling import Pooling, pooling_gradient
from .saved import beside


def _image(name: str, data: Any, kernel: Any) -> None:
    if data.ndim != 4 or (kernel is not None and len(kernel) != 2):
        raise ShapeError(
            f"{name}: data is {list(data.shape)}, kernel {kernel}: it takes images, [N, C, H, W]; use {name[:-3]}"
        )


@op(arrays=("bias",), saves=True)
def Convolution_v1(
    data, weight, bias=None, kernel=REQUIRED, stride=(), dilate=(), pad=(), num_filter=REQUIRED, num_group=1,
    workspace=1024, no_bias=False, cudnn_tune=None, cudnn_off=False, layout=None,
):  # fmt: skip
    """Convolution of images only.

    data: [N, C, H, W], weight: [num_filter, C / num_group, *kernel], bias: [num_filter] -> [N, num_filter, *out].
    workspace and the cudnn switches have no effect.
    """
    _image("Convolution_v1", data, kernel)
    return Convolution.fn(
        data, weight, bias, kernel, stride, dilate, pad, num_filter, num_group, no_bias=no_bias, layout=layout
    )


Convolution_v1.vjp(*convolution_rules)


def _sizes(data: Any, kernel: Any, global_pool: Any) -> float:
    return math.prod(data.shape[2:] if global_pool else kernel)


@op(saves=True)
def Pooling_v1(data, kernel=(), pool_type="max", global_pool=False, pooling_convention="valid", stride=(), pad=()):
    """Pooling of images only, by 'max', 'avg' or 'sum'; 'avg' divides by the kernel's size, also at the edges.

    data: [N, C, H, W] -> [N, C, *out]
    """
    _image("Pooling_v1", data, None if global_pool else kernel)
    if pool_type not in ("max", "avg", "sum"):
        raise ArgumentError(f"Pooling_v1: pool_type is {pool_type!r}; known: 'max', 'avg', 'sum'")
    kind = "max" if pool_type == "max" else "sum"
    out, saved = Pooling.fn(data, kernel, kind, global_pool, False, pooling_convention, stride, pad)
    return (out / data.dtype.type(_sizes(data, kernel, global_pool)) if pool_type == "avg" else out), saved


def _pooling_v1_gradient(g, out, data, kernel, pool_type, global_pool, pooling_convention, stride, pad, saved):
    if pool_type == "avg":
        g = _mul_scalar(g, scalar=1 / _sizes(data, kernel, global_pool))
    kind = "max" if pool_type == "max" else "sum"
    return pooling_gradient(
        g, out, data, kernel, kind, global_pool, pooling_convention, stride, pad, 2, True, None, saved
    )


Pooling_v1.vjp(_pooling_v1_gradient)


# -- cropping -------------------------------------------------------------------------------------------------------


def _crop_key(shapes: Any, offset: Any, h_w: Any, center_crop: Any) -> tuple[Any, ...]:
    """Where the cropped part lies."""
    image = shapes[0]
    height, width = shapes[1][2:] if len(shapes) > 1 else (whole("Crop", "h_w", n) for n in h_w)
    if not 1 <= height <= image[2] or not 1 <= width <= image[3]:
        raise ShapeError(
            f"Crop: {height} x {width} do not fit data {list(image)}: give h_w=(height, width) or an array of that size"
        )
    room = image[2] - height, image[3] - width
    top, left = (n // 2 for n in room) if center_crop else (whole("Crop", "offset", n) for n in offset)
    if not 0 <= top <= room[0] or not 0 <= left <= room[1]:
        raise ShapeError(f"Crop: offset {(top, left)} leaves no {height} x {width} of data {list(image)}")
    return (slice(None), slice(None), slice(top, top + height), slice(left, left + width))


@op
def Crop(*data, offset=(0, 0), h_w=(0, 0), center_crop=False):
    """A part of each image: h_w large, or as large as a second array; from offset on, or the middle with center_crop.

    data: [N, C, H, W], and perhaps [., ., height, width] -> [N, C, height, width]
    """
    if len(data) not in (1, 2) or any(x.ndim != 4 for x in data):
        raise ShapeError(f"Crop: it takes one or two arrays [N, C, H, W], not {[list(x.shape) for x in data]}")
    return data[0][_crop_key([x.shape for x in data], offset, h_w, center_crop)]


def _crop_gradient(g, _out, *data_like, offset, h_w, center_crop):
    key = _crop_key([x.shape for x in data_like], offset, h_w, center_crop)
    return index_add(g, key=key, shape=data_like[0].shape), *(None for _ in data_like[1:])


Crop.vjp(all=_crop_gradient)


# -- a penalty ------------------------------------------------------------------------------------------------------


@op(saves=True, updates=("moving_avg",))
def IdentityAttachKLSparseReg(
    data, moving_avg, sparseness_target=0.1, penalty=0.001, momentum=0.9, _training=False
):
    """data itself, whose gradient draws each unit's mean activation towards sparseness_target.

    The mean is a running one, moving_avg = momentum * moving_avg + (1 - momentum) * batch's, moved by a training
    forward; penalty times the slope of its divergence (Kullback and Leibler) from the target is added to the gradient.
    data: [N, C], each 0 .. 1; moving_avg: [C] -> [N, C]
    """
    name = "IdentityAttachKLSparseReg"
    if data.ndim < 2 or moving_avg.shape != data.shape[1:2]:
        raise ShapeError(
            f"{name}: data is {list(data.shape)}, moving_avg {list(moving_avg.shape)}: they must be [N, C], [C]"
        )
    if _training:
        moving_avg *= momentum
        moving_avg += (1 - momentum) * data.mean(axis=(0, *range(2, data.ndim)))
    slope = penalty * ((1 - sparseness_target) / (1 - moving_avg) - sparseness_target / moving_avg)
    return data, np.asarray(slope, data.dtype).reshape(1, -1, *(1,) * (data.ndim - 2))


IdentityAttachKLSparseReg.vjp(lambda g, _out, _data, _moving, saved: broadcast_add(g, beside(g, saved)), None)
