"""Convolutions that read their image at moved places (Dai et al. 2017), and weigh what they read (Zhu et al. 2018).

An offset array is [N, groups * kernel * 2, *out]: how far down, then how far to the right, each kernel position moves.
All is made of operators: columns are samples of the image, and a product with the kernels is the convolution.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import ArgumentError, ShapeError
from ...op import REQUIRED, op
from ..arithmetic import broadcast_mul
from ..joining import stack
from ..linear import batch_dot
from ..nn.weights import check_weights
from ..nn.windows import spatial, windows
from ..shape import reshape, transpose, whole
from ..slicing import slice_axis
from .sampling import sample, slopes, spread


@dataclass(frozen=True, slots=True)
class _Plan:
    """Sizes of one call: N images of C channels; K kernel positions at L places; offsets in `movers` groups."""

    shape: tuple[int, ...]  # of data
    out: tuple[int, ...]
    kernel: tuple[int, ...]
    groups: int
    movers: int
    cut: bool
    down: Any  # [K, L], where kernel positions are before they move
    right: Any

    def places(self, offset: Any) -> tuple[Any, Any]:
        """x and y of every kernel position, by operators.  -> [N * movers, K * L] twice"""
        moves = reshape(offset, shape=(self.shape[0] * self.movers, self.down.shape[0], 2, -1))
        y, x = (
            reshape(slice_axis(moves, axis=2, begin=i, end=i + 1), shape=(moves.shape[0], -1)) for i in (0, 1)
        )
        return _shifted(x, by=self.right), _shifted(y, by=self.down)

    def images(self, data: Any) -> Any:
        """[N, C, H, W] -> [N * movers, C / movers, H, W]"""
        return reshape(data, shape=(self.shape[0] * self.movers, -1, *self.shape[2:]))

    def columns(self, samples: Any) -> Any:
        """[N * movers, C / movers, K * L] -> [groups, C / groups * K, N * L]"""
        split = reshape(samples, shape=(self.shape[0], self.groups, -1, self.down.shape[1]))
        return reshape(transpose(split, axes=(1, 2, 0, 3)), shape=(self.groups, split.shape[2], -1))

    def samples(self, columns: Any) -> Any:
        """[groups, C / groups * K, N * L] -> [N * movers, C / movers, K * L]"""
        split = reshape(columns, shape=(self.groups, columns.shape[1], self.shape[0], -1))
        return reshape(
            transpose(split, axes=(2, 0, 1, 3)),
            shape=(self.shape[0] * self.movers, self.shape[1] // self.movers, -1),
        )

    def rows(self, g: Any) -> Any:
        """[N, O, *out] -> [groups, O / groups, N * L]"""
        split = reshape(g, shape=(self.shape[0], self.groups, g.shape[1] // self.groups, -1))
        return reshape(transpose(split, axes=(1, 2, 0, 3)), shape=(self.groups, split.shape[2], -1))

    def kernels(self, weight: Any) -> Any:
        """[O, C / groups, *kernel] -> [groups, O / groups, C / groups * K]"""
        return reshape(weight, shape=(self.groups, weight.shape[0] // self.groups, -1))


@op(name="_shifted")
def _shifted(data, by=REQUIRED):
    """data moved by constants.  [G, P] -> [G, P]"""
    return data + by.reshape(1, -1).astype(data.dtype)


_shifted.vjp(lambda g, _out, _data: g * 1)


def _plan(name, data, kernel, stride, dilate, pad, num_group, num_deformable_group, cut):
    if len(data.shape) != 4:
        raise ShapeError(f"{name}: data is {list(data.shape)}: it takes [N, C, H, W]")
    stride, dilate = spatial(name, "stride", stride, 2, 1), spatial(name, "dilate", dilate, 2, 1)
    pad = spatial(name, "pad", pad, 2, 0)
    at = windows(name, tuple(data.shape[2:]), spatial(name, "kernel", kernel, 2, 1), stride, dilate, pad)
    down, right = (
        np.add.outer(np.arange(k) * d - p, np.arange(n) * s)
        for k, d, p, n, s in zip(at.kernel, dilate, pad, at.out, stride, strict=True)
    )  # [k, out] each
    both = (*at.kernel, *at.out)
    places = (len(at.offsets), -1)
    return _Plan(
        tuple(data.shape), at.out, at.kernel, whole(name, "num_group", num_group),
        whole(name, "num_deformable_group", num_deformable_group), cut,
        np.broadcast_to(down[:, None, :, None], both).reshape(places),
        np.broadcast_to(right[None, :, None, :], both).reshape(places),
    )  # fmt: skip


def _check(name, plan, data, offset, mask, weight, bias, num_filter, no_bias, layout):
    if layout not in (None, "NCHW"):
        raise ArgumentError(f"{name}: layout {layout!r} is not available; it takes 'NCHW'")
    n, c = data.shape[:2]
    for key, parts in (("num_group", plan.groups), ("num_deformable_group", plan.movers)):
        if parts < 1 or c % parts or (key == "num_group" and num_filter % parts):
            raise ShapeError(f"{name}: {key} is {parts}: it must divide data's {c} channels" + (
                f" and num_filter {num_filter}" if key == "num_group" else ""))  # fmt: skip
    taps = plan.down.shape[0]
    wanted = {
        "offset": (offset, (n, plan.movers * taps * 2, *plan.out)),
        "mask": (mask, (n, plan.movers * taps, *plan.out)),
        "weight": (weight, (num_filter, c // plan.groups, *plan.kernel)),
    }
    for key, (x, shape) in wanted.items():
        if x is not None and x.shape != shape:
            raise ShapeError(f"{name}: data is {list(data.shape)}, {key} {list(x.shape)}: {key} must be {list(shape)}")
    check_weights(name, data, weight, bias, no_bias, num_filter)


def _columns(plan, data, offset, mask):
    x, y = plan.places(offset)
    samples = sample(plan.images(data), x, y, cut=plan.cut)
    return plan.columns(samples if mask is None else broadcast_mul(samples, _weighed(plan, mask)))


def _weighed(plan, mask):
    """[N, movers * K, *out] -> [N * movers, 1, K * L]"""
    return reshape(mask, shape=(plan.shape[0] * plan.movers, 1, -1))


def _forward(plan, data, offset, mask, weight, bias):
    rows = batch_dot(plan.kernels(weight), _columns(plan, data, offset, mask))
    out = rows.reshape(weight.shape[0], len(data), *plan.out).swapaxes(0, 1)
    return np.ascontiguousarray(out if bias is None else out + bias[:, None, None])


def _gradients(plan, g, data, offset, mask, weight, bias):
    """Those of data, offset, mask, weight and bias, by operators."""
    rows = plan.rows(g)
    to_weight = reshape(batch_dot(rows, _columns(plan, data, offset, mask), transpose_b=True), shape=weight.shape)
    heads = plan.samples(batch_dot(plan.kernels(weight), rows, transpose_a=True))
    x, y = plan.places(offset)
    images = plan.images(data)
    to_mask = None
    if mask is not None:
        to_mask = reshape((heads * sample(images, x, y, cut=plan.cut)).sum(axis=1), shape=mask.shape)
        heads = broadcast_mul(heads, _weighed(plan, mask))
    to_data = reshape(spread(heads, x, y, size=data.shape[2:], cut=plan.cut), shape=data.shape)
    along_x, along_y = (
        reshape(s, shape=(x.shape[0], plan.down.shape[0], -1)) for s in slopes(heads, images, x, y, cut=plan.cut)
    )
    to_offset = reshape(stack(along_y, along_x, axis=2), shape=offset.shape)
    return to_data, to_offset, to_mask, to_weight, None if bias is None else g.sum(axis=(0, 2, 3))


@op(name="_contrib_DeformableConvolution", arrays=("bias",))
def DeformableConvolution(
    data, offset, weight, bias=None, kernel=REQUIRED, stride=(), dilate=(), pad=(), num_filter=REQUIRED, num_group=1,
    num_deformable_group=1, workspace=1024, no_bias=False, layout=None,
):  # fmt: skip
    """A convolution whose kernel positions move, each at each place by its offset; outside of the image all is 0.

    The channels are cut into num_deformable_group groups, each with offsets of its own.  workspace has no effect.
    data: [N, C, H, W], offset: [N, num_deformable_group * kernel * 2, *out], weight: [num_filter, C / num_group,
    *kernel], bias: [num_filter] -> [N, num_filter, *out]
    """
    name = "DeformableConvolution"
    plan = _plan(name, data, kernel, stride, dilate, pad, num_group, num_deformable_group, True)
    _check(name, plan, data, offset, None, weight, bias, num_filter, no_bias, layout)
    return _forward(plan, data, offset, None, weight, bias)


def _deformable_gradients(g, _out, data, offset, weight, bias, kernel, stride, dilate, pad, num_group,
                          num_deformable_group):  # fmt: skip
    plan = _plan("DeformableConvolution", data, kernel, stride, dilate, pad, num_group, num_deformable_group, True)
    to_data, to_offset, _, to_weight, to_bias = _gradients(plan, g, data, offset, None, weight, bias)
    return to_data, to_offset, to_weight, to_bias


DeformableConvolution.vjp(all=_deformable_gradients)


@op(name="_contrib_ModulatedDeformableConvolution", arrays=("bias",))
def ModulatedDeformableConvolution(
    data, offset, mask, weight, bias=None, kernel=REQUIRED, stride=(), dilate=(), pad=(), num_filter=REQUIRED,
    num_group=1, num_deformable_group=1, workspace=1024, no_bias=False, im2col_step=64, layout=None,
):  # fmt: skip
    """A deformable convolution that multiplies what each moved kernel position reads by its mask.

    workspace has no effect, nor has im2col_step, which must divide N all the same.
    data: [N, C, H, W], offset: [N, num_deformable_group * kernel * 2, *out],
    mask: [N, num_deformable_group * kernel, *out], weight: [num_filter, C / num_group, *kernel], bias: [num_filter] ->
    [N, num_filter, *out]
    """
    name = "ModulatedDeformableConvolution"
    plan = _plan(name, data, kernel, stride, dilate, pad, num_group, num_deformable_group, False)
    step = whole(name, "im2col_step", im2col_step)
    if step < 1 or len(data) % min(step, len(data)):
        raise ArgumentError(f"{name}: im2col_step is {step}: it must divide the batch of {len(data)}, or exceed it")
    _check(name, plan, data, offset, mask, weight, bias, num_filter, no_bias, layout)
    return _forward(plan, data, offset, mask, weight, bias)


def _modulated_gradients(g, _out, data, offset, mask, weight, bias, kernel, stride, dilate, pad, num_group,
                         num_deformable_group):  # fmt: skip
    name = "ModulatedDeformableConvolution"
    plan = _plan(name, data, kernel, stride, dilate, pad, num_group, num_deformable_group, False)
    return _gradients(plan, g, data, offset, mask, weight, bias)


ModulatedDeformableConvolution.vjp(all=_modulated_gradients)
