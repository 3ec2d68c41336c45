"""Transposed convolution and upsampling: Convolution's gradient by its data, used as an operator of its own.

The weight is [C, num_filter / num_group, *kernel]: that of the convolution that leads from the output back to data.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...errors import ArgumentError, ShapeError
from ...op import REQUIRED, op
from ..reduce import sum_
from ..shape import reshape, whole
from ..slicing import slice_axis
from .convolution import Convolution, _convolution_data_gradient, _convolution_weight_gradient
from .weights import check_weights
from .windows import LAYOUTS, Ints, spatial

NAME = "Deconvolution"


def _geometry(
    shape: Ints, kernel: Any, stride: Any, dilate: Any, pad: Any, adj: Any, target_shape: Any
) -> tuple[Ints, dict[str, Ints]]:
    """The output's space, and the convolution that leads back from it."""
    axes = len(kernel) if isinstance(kernel, (tuple, list)) else 1
    if len(shape) != axes + 2:
        raise ShapeError(f"{NAME}: data is {list(shape)}, kernel has {axes} axes: data must be [N, C] and {axes} more")
    size = spatial(NAME, "kernel", kernel, axes, 1)
    steps = spatial(NAME, "stride", stride, axes, 1)
    gaps = spatial(NAME, "dilate", dilate, axes, 1)
    whole_space = tuple(s * (n - 1) + d * (k - 1) + 1 for n, k, s, d in zip(shape[2:], size, steps, gaps, strict=True))
    if target_shape is not None and target_shape != ():
        space = spatial(NAME, "target_shape", target_shape, axes, 1)
        if any(t > n for t, n in zip(space, whole_space, strict=True)):
            raise ShapeError(f"{NAME}: target_shape is {list(space)}: it takes at most {list(whole_space)} here")
        edges = tuple((n - t + 1) // 2 for t, n in zip(space, whole_space, strict=True))
    else:
        edges = spatial(NAME, "pad", pad, axes, 0)
        more = (0,) * axes if adj is None or adj == () else tuple(adj) if isinstance(adj, (tuple, list)) else (adj,)
        if len(more) != axes or any(not 0 <= whole(NAME, "adj", a) < s for a, s in zip(more, steps, strict=False)):
            raise ArgumentError(f"{NAME}: adj is {list(more)}: it takes one int for each axis, of 0 .. stride - 1")
        space = tuple(n - 2 * p + a for n, p, a in zip(whole_space, edges, more, strict=True))
        if min(space) < 1:
            raise ShapeError(f"{NAME}: the output would be {list(space)}: pad {list(edges)} is too large")
    return space, {"stride": steps, "dilate": gaps, "pad": edges}


@op(arrays=("bias",))
def Deconvolution(
    data, weight, bias=None, kernel=REQUIRED, stride=(), dilate=(), pad=(), adj=(), target_shape=(),
    num_filter=REQUIRED, num_group=1, workspace=512, no_bias=True, cudnn_tune=None, cudnn_off=False, layout=None,
):  # fmt: skip
    """Each element of data spreads a kernel over the output: Convolution backwards.

    data: [N, C, *space], weight: [C, num_filter / num_group, *kernel], bias: [num_filter] -> [N, num_filter, *out], out
    = stride * (space - 1) + dilate * (kernel - 1) + 1 - 2 * pad + adj.  target_shape: out itself, from which pad and
    adj follow.  workspace and the cudnn switches have no effect.
    """
    space, params = _geometry(data.shape, kernel, stride, dilate, pad, adj, target_shape)
    if layout not in (None, LAYOUTS.get(len(space))):
        raise ArgumentError(f"{NAME}: layout {layout!r} is not available; kernel {kernel} takes "
                            f"{LAYOUTS.get(len(space))!r}")  # fmt: skip
    groups = whole(NAME, "num_group", num_group)
    outputs = whole(NAME, "num_filter", num_filter)
    size = spatial(NAME, "kernel", kernel, len(space), 1)
    if groups < 1 or data.shape[1] % groups or outputs % groups:
        raise ShapeError(
            f"{NAME}: data has {data.shape[1]} channels, num_filter is {outputs}: both must be multiples of num_group "
            f"{groups}"
        )
    shape = (data.shape[1], outputs // groups, *size)
    if weight.shape != shape:
        raise ShapeError(f"{NAME}: weight is {list(weight.shape)}; data {list(data.shape)}, kernel {list(size)}, "
                         f"num_filter {outputs} and num_group {groups} need {list(shape)}")  # fmt: skip
    check_weights(NAME, data, weight, bias, no_bias, outputs)
    out = _convolution_data_gradient(data, weight, space=space, num_group=groups, **params)
    return out if bias is None else out + bias.reshape(-1, *(1,) * len(space))


def _data_rule(
    g, _out, data_like, weight, _bias, kernel, stride, dilate, pad, adj, target_shape, num_filter, num_group
):
    _, params = _geometry(data_like.shape, kernel, stride, dilate, pad, adj, target_shape)
    return Convolution(g, weight, kernel=weight.shape[2:], num_filter=data_like.shape[1], num_group=num_group,
                       no_bias=True, **params)  # fmt: skip


def _weight_rule(g, _out, data, weight_like, _bias, kernel, stride, dilate, pad, adj, target_shape, num_group):
    _, params = _geometry(data.shape, kernel, stride, dilate, pad, adj, target_shape)
    return _convolution_weight_gradient(g, data, kernel=weight_like.shape[2:], num_group=num_group, **params)


Deconvolution.vjp(
    _data_rule, _weight_rule, lambda g, _out, _data, _weight, _bias: g.sum(axis=(0, *range(2, len(g.shape))))
)


# -- upsampling -----------------------------------------------------------------------------------------------------


def _bilinear(scale: int, num_filter: int) -> dict[str, Any]:
    """The transposed convolution that upsamples."""
    kernel = 2 * scale - scale % 2
    return {
        "kernel": (kernel, kernel), "stride": (scale, scale), "pad": (math.ceil((scale - 1) / 2),) * 2, "adj": (),
        "dilate": (), "target_shape": (), "num_filter": num_filter, "num_group": num_filter,
    }  # fmt: skip


@op
def UpSampling(*data, scale=REQUIRED, num_filter=0, sample_type=REQUIRED, multi_input_mode="concat", workspace=512):
    """Images `scale` times as large.  [N, C, H, W] -> [N, C, H * scale, W * scale]

    sample_type 'nearest': pixels repeated; further arrays are enlarged to the same size and joined along the channels,
    or added with multi_input_mode='sum'.  'bilinear': the second array is the kernel of a transposed convolution,
    [C, 1, 2 * scale - scale % 2, same], and num_filter is C.  workspace has no effect.
    """
    times = whole("UpSampling", "scale", scale)
    if times < 1:
        raise ArgumentError(f"UpSampling: scale must be 1 or more, not {times}")
    if sample_type not in ("nearest", "bilinear") or multi_input_mode not in ("concat", "sum"):
        raise ArgumentError(
            f"UpSampling: sample_type is {sample_type!r}, known: nearest, bilinear; multi_input_mode is "
            f"{multi_input_mode!r}, known: concat, sum"
        )
    if not data or any(x.ndim != 4 for x in data):
        raise ShapeError(f"UpSampling: the arrays are {[list(x.shape) for x in data]}: it takes [N, C, H, W]")
    if sample_type == "bilinear":
        if len(data) != 2 or num_filter != data[0].shape[1]:
            raise ArgumentError(
                f"UpSampling: bilinear takes data, a kernel and num_filter={data[0].shape[1]}; {len(data)} arrays and "
                f"num_filter={num_filter} came"
            )
        return Deconvolution(*data, no_bias=True, **_bilinear(times, num_filter))
    height, width = data[0].shape[2] * times, data[0].shape[3] * times
    parts = []
    for i, x in enumerate(data):
        down, across = _times(x.shape, height, width)
        if not down or down != across:
            raise ShapeError(f"UpSampling: array {i} is {list(x.shape)}: it cannot be enlarged to {height} x {width}")
        parts.append(np.repeat(np.repeat(x, down, 2), across, 3))
    if multi_input_mode == "concat":
        return np.concatenate(parts, axis=1)
    return np.add.reduce(parts)


def _times(shape: Ints, height: int, width: int) -> tuple[int, int]:
    """How many times higher and wider; 0 where it does not come out even."""
    return tuple(0 if full % n else full // n for full, n in zip((height, width), shape[2:], strict=True))  # type: ignore[return-value]


def _upsampling_gradient(g, _out, *data, scale, num_filter, sample_type, multi_input_mode):
    if sample_type == "bilinear":
        params = _bilinear(scale, num_filter)
        x, w = data
        weight_params = {key: value for key, value in params.items() if key != "num_filter"}
        return (_data_rule(g, None, x, w, None, **params), _weight_rule(g, None, x, w, None, **weight_params))
    gradients = []
    begin = 0
    for x in data:
        n, c, h, w = x.shape
        part = g
        if multi_input_mode == "concat":
            part = slice_axis(g, axis=1, begin=begin, end=begin + c)
            begin += c
        times = g.shape[2] // h
        gradients.append(sum_(reshape(part, shape=(n, c, h, times, w, times)), axis=(3, 5)))
    return tuple(gradients)


UpSampling.vjp(all=_upsampling_gradient)
