"""Normalization: over the batch, a layer, instances, groups; and to length 1.

The batch norm of a training step changes its running statistics; MXNet does so in the backward pass, mxl in the
forward.  For gradients on plain arrays the saved mean and deviation are used; where gradients are themselves recorded
they are computed anew by operators, since they depend on the data.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...errors import ArgumentError, DtypeError, ShapeError
from ...op import REQUIRED, op
from ..arithmetic import broadcast_div, broadcast_mul, broadcast_sub
from ..reduce import mean
from ..unary import rsqrt, sqrt, square
from .saved import beside

Axes = tuple[int, ...]


def _centre(x: np.ndarray, axes: Axes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x without its mean, that mean, and the variance, over `axes`; statistics of float16 in float32."""
    wide = x.astype(np.float32) if x.dtype == np.float16 else x
    average = wide.mean(axis=axes, keepdims=True)
    centred = wide - average
    return centred, average, np.mean(np.square(centred), axis=axes, keepdims=True)


def _standard(data: Any, axes: Axes, eps: float) -> Any:
    """(data - mean) / sqrt(variance + eps) over axes, by operators."""
    centred = broadcast_sub(data, mean(data, axis=axes, keepdims=True))
    return broadcast_mul(centred, rsqrt(mean(square(centred), axis=axes, keepdims=True) + eps))


def _standard_gradient(g: Any, data: Any, axes: Axes, eps: float, saved: Any) -> Any:
    """d(sum of g * _standard) / d(data).  saved: (data standardized, 1 / deviation)."""
    if isinstance(g, np.ndarray):
        normal, scale = saved
        share = g - g.mean(axis=axes, keepdims=True)
        share -= normal * (g * normal).mean(axis=axes, keepdims=True)
        share *= scale
        return share
    centred = broadcast_sub(data, mean(data, axis=axes, keepdims=True))
    scale = rsqrt(mean(square(centred), axis=axes, keepdims=True) + eps)
    normal = broadcast_mul(centred, scale)
    share = broadcast_sub(g, mean(g, axis=axes, keepdims=True))
    share = share - broadcast_mul(normal, mean(g * normal, axis=axes, keepdims=True))
    return broadcast_mul(share, scale)


def _along(vector: Any, axis: int, ndim: int) -> Any:
    """A vector with axes of length 1, so that it broadcasts along one axis."""
    return vector.reshape((1,) * axis + (-1,) + (1,) * (ndim - axis - 1))


def _check_vectors(name: str, data: np.ndarray, length: int, **vectors: np.ndarray) -> None:
    for which, vector in vectors.items():
        if vector.shape != (length,):
            raise ShapeError(
                f"{name}: {which} is {list(vector.shape)}, data {list(data.shape)}: {which} must be [{length}]"
            )
        if vector.dtype != data.dtype and data.dtype != np.float16:
            raise DtypeError(f"{name}: data is {data.dtype}, {which} is {vector.dtype}: they must be equal")


def _axis_of(name: str, axis: int, ndim: int) -> int:
    if not -ndim <= axis < ndim:
        raise ShapeError(f"{name}: axis is {axis}, data has {ndim} axes")
    return axis % ndim


# -- over the batch ------------------------------------------------------------------------------------------------


@op(aliases=("BatchNorm_v1",), saves=True, updates=("moving_mean", "moving_var"))
def BatchNorm(
    data,
    gamma,
    beta,
    moving_mean,
    moving_var,
    eps=1e-3,
    momentum=0.9,
    fix_gamma=True,
    use_global_stats=False,
    output_mean_var=False,
    axis=1,
    cudnn_off=False,
    min_calib_range=None,
    max_calib_range=None,
    _training=False,
):
    """gamma * (data - mean) / sqrt(variance + eps) + beta for each channel (Ioffe and Szegedy 2015).

    In training mean and variance are the batch's, and the running ones move: moving = momentum * moving + (1 -
    momentum) * batch; in prediction, or with use_global_stats, they are the running ones.  fix_gamma: gamma counts as
    1.  output_mean_var: the result is [out, mean, 1 / deviation].  cudnn_off and the calibration ranges, which are for
    quantized networks, have no effect.

    data: [N, C, ...] (C at `axis`); gamma, beta, moving_mean, moving_var: [C] -> [N, C, ...]
    """
    axis = _axis_of("BatchNorm", axis, data.ndim)
    channels = data.shape[axis]
    _check_vectors("BatchNorm", data, channels, gamma=gamma, beta=beta, moving_mean=moving_mean, moving_var=moving_var)
    own = _training and not use_global_stats
    if own:
        centred, average, variance = _centre(data, _others(axis, data.ndim))
        for moving, now in ((moving_mean, average), (moving_var, variance)):
            moving *= momentum
            moving += (1 - momentum) * now.reshape(-1).astype(moving.dtype)
    else:
        average, variance = _along(moving_mean, axis, data.ndim), _along(moving_var, axis, data.ndim)
        centred = data - average
    scale = 1 / np.sqrt(variance + eps)
    normal = centred * scale
    out = normal if fix_gamma else normal * _along(gamma, axis, data.ndim)
    out = (out + _along(beta, axis, data.ndim)).astype(data.dtype, copy=False)
    saved = (normal.astype(data.dtype, copy=False), scale.astype(data.dtype, copy=False), own)
    if output_mean_var:
        return (out, average.reshape(-1), scale.reshape(-1)), saved
    return out, saved


def _others(axis: int, ndim: int) -> Axes:
    return tuple(a for a in range(ndim) if a != axis)


def _batch_norm_gradient(g, _out, data, gamma, _beta, _mean, _var, eps, fix_gamma, output_mean_var, axis, saved):
    if output_mean_var:
        g = g[0]  # the statistics are for looking at
    normal, scale, own = saved
    axis %= len(data.shape)
    axes = _others(axis, len(data.shape))
    weighted = g if fix_gamma else broadcast_mul(g, _along(gamma, axis, len(data.shape)))
    if own:
        to_data = _standard_gradient(weighted, data, axes, eps, (normal, scale))
        shown = normal if isinstance(g, np.ndarray) else _standard(data, axes, eps)
    else:
        to_data = broadcast_mul(weighted, beside(g, scale))
        # constant statistics: the standardized data is linear in data, its slope is `scale`
        shown = (
            normal
            if isinstance(g, np.ndarray)
            else beside(g, normal) + broadcast_mul(data - data.detach(), beside(g, scale))
        )
    to_gamma = gamma * 0 if fix_gamma else (g * shown).sum(axis=axes)
    return to_data, to_gamma, g.sum(axis=axes), None, None


BatchNorm.vjp(all=_batch_norm_gradient)


@op(name="_contrib_SyncBatchNorm", saves=True, updates=("moving_mean", "moving_var"))
def SyncBatchNorm(
    data, gamma, beta, moving_mean, moving_var, eps=1e-3, momentum=0.9, fix_gamma=True, use_global_stats=False,
    output_mean_var=False, ndev=1, key=REQUIRED, _training=False,
):  # fmt: skip
    """BatchNorm over the whole batch, all devices' parts of it; here one array is the whole batch, so ndev must be 1.

    key names the layer, and has no effect.  output_mean_var: the result is [out, mean, variance].
    data: [N, C, ...]; gamma, beta, moving_mean, moving_var: [C] -> [N, C, ...]
    """
    if ndev != 1:
        raise ArgumentError(f"SyncBatchNorm: ndev is {ndev}: statistics of one device are those of all, ndev=1")
    out, saved = BatchNorm.fn(
        data, gamma, beta, moving_mean, moving_var, eps, momentum, fix_gamma, use_global_stats, output_mean_var,
        _training=_training,
    )  # fmt: skip
    return ((out[0], out[1], out[2] ** -2 - eps) if output_mean_var else out), saved


SyncBatchNorm.vjp(
    all=lambda g, out, data, gamma, beta, mean, var, eps, fix_gamma, output_mean_var, saved: _batch_norm_gradient(
        g, out, data, gamma, beta, mean, var, eps, fix_gamma, output_mean_var, 1, saved
    )
)


# -- over other axes -----------------------------------------------------------------------------------------------


@op(saves=True)
def LayerNorm(data, gamma, beta, axis=-1, eps=1e-5, output_mean_var=False):
    """gamma * (data - mean) / sqrt(variance + eps) + beta, mean and variance along `axis` (Ba et al. 2016).

    data: [...]; gamma, beta: [data.shape[axis]] -> [...].  output_mean_var: the result is [out, mean, deviation], the
    latter two with length 1 at `axis`.
    """
    axis = _axis_of("LayerNorm", axis, data.ndim)
    _check_vectors("LayerNorm", data, data.shape[axis], gamma=gamma, beta=beta)
    centred, average, variance = _centre(data, (axis,))
    scale = 1 / np.sqrt(variance + eps)
    normal = centred * scale
    out = (normal * _along(gamma, axis, data.ndim) + _along(beta, axis, data.ndim)).astype(data.dtype, copy=False)
    saved = (normal.astype(data.dtype, copy=False), scale.astype(data.dtype, copy=False))
    if output_mean_var:
        return (out, *(part.astype(data.dtype, copy=False) for part in (average, np.sqrt(variance + eps)))), saved
    return out, saved


def _layer_norm_gradient(g, _out, data, gamma, _beta, axis, eps, output_mean_var, saved):
    if output_mean_var:
        g = g[0]
    axis %= len(data.shape)
    others = _others(axis, len(data.shape))
    to_data = _standard_gradient(broadcast_mul(g, _along(gamma, axis, len(data.shape))), data, (axis,), eps, saved)
    shown = saved[0] if isinstance(g, np.ndarray) else _standard(data, (axis,), eps)
    return to_data, (g * shown).sum(axis=others), g.sum(axis=others)


LayerNorm.vjp(all=_layer_norm_gradient)


@op(saves=True)
def InstanceNorm(data, gamma, beta, eps=1e-3):
    """gamma * (data - mean) / sqrt(variance + eps) + beta, mean and variance of each channel of each sample.

    data: [N, C, ...]; gamma, beta: [C] -> [N, C, ...].  Ulyanov et al. 2016.
    """
    if data.ndim < 3:
        raise ShapeError(f"InstanceNorm: data is {list(data.shape)}: it must be [N, C] and at least one more axis")
    _check_vectors("InstanceNorm", data, data.shape[1], gamma=gamma, beta=beta)
    centred, _, variance = _centre(data, tuple(range(2, data.ndim)))
    scale = 1 / np.sqrt(variance + eps)
    normal = centred * scale
    out = normal * _along(gamma, 1, data.ndim) + _along(beta, 1, data.ndim)
    return out.astype(data.dtype, copy=False), (
        normal.astype(data.dtype, copy=False),
        scale.astype(data.dtype, copy=False),
    )


def _instance_norm_gradient(g, _out, data, gamma, _beta, eps, saved):
    ndim = len(data.shape)
    axes = tuple(range(2, ndim))
    to_data = _standard_gradient(broadcast_mul(g, _along(gamma, 1, ndim)), data, axes, eps, saved)
    shown = saved[0] if isinstance(g, np.ndarray) else _standard(data, axes, eps)
    return to_data, (g * shown).sum(axis=(0, *axes)), g.sum(axis=(0, *axes))


InstanceNorm.vjp(all=_instance_norm_gradient)


@op(saves=True)
def GroupNorm(data, gamma, beta, num_groups=1, eps=1e-5, output_mean_var=False):
    """gamma * (data - mean) / sqrt(variance + eps) + beta, mean and variance of each group of channels of a sample.

    data: [N, C, ...], C a multiple of num_groups; gamma, beta: [num_groups], one number a group as in MXNet 1.x ->
    [N, C, ...].  Wu and He 2018.
    """
    if output_mean_var:
        raise ArgumentError("GroupNorm: output_mean_var is not available; leave it out")
    if data.ndim < 3 or data.shape[1] % num_groups:
        raise ShapeError(
            f"GroupNorm: data is {list(data.shape)}, num_groups {num_groups}: data must be [N, C] and at least one "
            "more axis, C a multiple of num_groups"
        )
    _check_vectors("GroupNorm", data, num_groups, gamma=gamma, beta=beta)
    centred, _, variance = _centre(data.reshape(data.shape[0], num_groups, -1), (2,))
    scale = 1 / np.sqrt(variance + eps)
    normal = centred * scale
    out = (normal * _along(gamma, 1, 3) + _along(beta, 1, 3)).reshape(data.shape)
    return out.astype(data.dtype, copy=False), (
        normal.astype(data.dtype, copy=False),
        scale.astype(data.dtype, copy=False),
    )


def _group_norm_gradient(g, _out, data, gamma, _beta, num_groups, eps, saved):
    shape = tuple(data.shape)
    grouped = (shape[0], num_groups, math.prod(shape[1:]) // num_groups)
    g = g.reshape(grouped)
    to_data = _standard_gradient(
        broadcast_mul(g, _along(gamma, 1, 3)), data.reshape(grouped), (2,), eps, saved
    ).reshape(shape)
    shown = saved[0] if isinstance(g, np.ndarray) else _standard(data.reshape(grouped), (2,), eps)
    return to_data, (g * shown).sum(axis=(0, 2)), g.sum(axis=(0, 2))


GroupNorm.vjp(all=_group_norm_gradient)


@op
def L2Normalization(data, eps=1e-10, mode="instance"):
    """data / sqrt(sum(data**2) + eps), the sum over each sample ('instance'), over channels at each place ('channel')
    or over the places of each channel ('spatial').   [N, C, ...] -> [N, C, ...]"""
    axes = _length_axes(mode, data.ndim)
    return data / np.sqrt(np.square(data).sum(axis=axes, keepdims=True) + data.dtype.type(eps))


def _length_axes(mode: str, ndim: int) -> Axes:
    axes = {"instance": tuple(range(1, ndim)), "channel": (1,), "spatial": tuple(range(2, ndim))}
    if mode not in axes:
        raise ArgumentError(f"L2Normalization: mode is {mode!r}; known: instance, channel, spatial")
    return axes[mode]


def _length_gradient(g, out, data, eps, mode):
    axes = _length_axes(mode, len(data.shape))
    length = sqrt(square(data).sum(axis=axes, keepdims=True) + eps)
    along = broadcast_mul(out, (g * out).sum(axis=axes, keepdims=True))
    return broadcast_div(g - along, length)


L2Normalization.vjp(_length_gradient)
