"""Moving elements between space and channels, columns of windows, running sums, and the Khatri-Rao product."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..dtype import resolve
from ..errors import ArgumentError, ShapeError
from ..op import REQUIRED, op
from .arithmetic import broadcast_mul
from .joining import flip
from .nn.windows import Windows, from_columns, spatial, to_columns, windows
from .reduce import sum_
from .shape import one_axis, reshape, whole
from .unary import cast

# -- depth and space ------------------------------------------------------------------------------------------------


def _block(name: str, data: Any, block_size: Any) -> int:
    block = whole(name, "block_size", block_size)
    if block < 1:
        raise ArgumentError(f"{name}: block_size must be 1 or more, not {block}")
    if data.ndim != 4:
        raise ShapeError(f"{name}: data is {list(data.shape)}: it takes [N, C, H, W]")
    return block


@op
def depth_to_space(data, block_size=REQUIRED):
    """Channels laid out as blocks of space.  [N, C b b, H, W] -> [N, C, H b, W b]"""
    b = _block("depth_to_space", data, block_size)
    n, c, h, w = data.shape
    if c % (b * b):
        raise ShapeError(f"depth_to_space: data is {list(data.shape)}: its {c} channels are no multiple of {b * b}")
    return data.reshape(n, b, b, c // (b * b), h, w).transpose(0, 3, 4, 1, 5, 2).reshape(n, -1, h * b, w * b)


@op
def space_to_depth(data, block_size=REQUIRED):
    """Blocks of space laid out as channels.  [N, C, H b, W b] -> [N, C b b, H, W]"""
    b = _block("space_to_depth", data, block_size)
    n, c, h, w = data.shape
    if h % b or w % b:
        raise ShapeError(f"space_to_depth: data is {list(data.shape)}: {h} x {w} is not made of blocks of {b} x {b}")
    return data.reshape(n, c, h // b, b, w // b, b).transpose(0, 3, 5, 1, 2, 4).reshape(n, -1, h // b, w // b)


depth_to_space.vjp(lambda g, _out, _data, block_size: space_to_depth(g, block_size=block_size))
space_to_depth.vjp(lambda g, _out, _data, block_size: depth_to_space(g, block_size=block_size))


# -- columns of windows ---------------------------------------------------------------------------------------------


def _windows(name: str, space: tuple[int, ...], kernel: Any, stride: Any, dilate: Any, pad: Any) -> Windows:
    axes = len(kernel) if isinstance(kernel, (tuple, list)) else 1
    if len(space) != axes:
        raise ShapeError(f"{name}: the space is {list(space)}, kernel has {axes} axes: they must be as many")
    return windows(
        name, space, spatial(name, "kernel", kernel, axes, 1), spatial(name, "stride", stride, axes, 1),
        spatial(name, "dilate", dilate, axes, 1), spatial(name, "pad", pad, axes, 0),
    )  # fmt: skip


@op
def im2col(data, kernel=REQUIRED, stride=(), dilate=(), pad=()):
    """What a kernel meets at each place, as columns.  [N, C, *space] -> [N, C * size of kernel, places]"""
    if data.ndim < 3:
        raise ShapeError(f"im2col: data is {list(data.shape)}: it takes [N, C] and the axes of kernel")
    at = _windows("im2col", data.shape[2:], kernel, stride, dilate, pad)
    columns = to_columns(data, at, False)
    return columns.reshape(len(columns), data.shape[0], -1).transpose(1, 0, 2)


@op
def col2im(data, output_size=REQUIRED, kernel=REQUIRED, stride=(), dilate=(), pad=()):
    """Columns added up where im2col took them from.  [N, C * size of kernel, places] -> [N, C, *output_size]"""
    size = (output_size,) if isinstance(output_size, int) else tuple(output_size)
    at = _windows("col2im", size, kernel, stride, dilate, pad)
    each, places = math.prod(at.kernel), math.prod(at.out)
    if data.ndim != 3 or data.shape[1] % each or data.shape[2] != places:
        raise ShapeError(
            f"col2im: data is {list(data.shape)}: output_size {list(size)} and kernel {list(at.kernel)} take "
            f"[N, C * {each}, {places}]"
        )
    n, rows, _ = data.shape
    return from_columns(data.transpose(1, 0, 2).reshape(rows, -1), n, rows // each, at, False)


im2col.vjp(
    lambda g, _out, data_like, kernel, stride, dilate, pad: col2im(
        g, output_size=data_like.shape[2:], kernel=kernel, stride=stride, dilate=dilate, pad=pad
    )
)
col2im.vjp(
    lambda g, _out, _data, kernel, stride, dilate, pad: im2col(g, kernel=kernel, stride=stride, dilate=dilate, pad=pad)
)


# -- running sums, products of columns ------------------------------------------------------------------------------


@op(aliases=("_np_cumsum",))
def cumsum(a, axis=None, dtype=None):
    """Sums of all elements up to each, along an axis, or over all in row order.  [...] -> [...]"""
    at = None if axis is None else one_axis("cumsum", axis, a.ndim)
    return np.cumsum(a, axis=at, dtype=a.dtype if dtype is None else resolve(dtype))


def _cumsum_gradient(g, _out, a_like, axis):
    at = 0 if axis is None else axis
    back = flip(cumsum(flip(g, axis=at), axis=at), axis=at)
    return cast(reshape(back, shape=a_like.shape), dtype=a_like.dtype)


cumsum.vjp(_cumsum_gradient)


@op
def khatri_rao(*args):
    """The outer product of the matrices, column by column.  [A, N], [B, N], ... -> [A * B * ..., N]"""
    if not args:
        raise ArgumentError("khatri_rao: no arrays came; give at least one matrix")
    if any(x.ndim != 2 or x.shape[1] != args[0].shape[1] or x.dtype != args[0].dtype for x in args):
        raise ShapeError(
            f"khatri_rao: {', '.join(f'{x.dtype} {list(x.shape)}' for x in args)} came: it takes matrices of one dtype "
            f"with as many columns"
        )
    result = args[0]
    for x in args[1:]:
        result = (result[:, None, :] * x).reshape(-1, x.shape[1])
    return result


def _khatri_rao_gradient(g, _out, *args, wants):
    rows, columns = [x.shape[0] for x in args], args[0].shape[1]
    outer = reshape(g, shape=(*rows, columns))
    gradients = []
    for i, wanted in enumerate(wants):
        if not wanted:
            gradients.append(None)
            continue
        part = outer
        for j, x in enumerate(args):
            if j != i:
                shape = [1] * len(rows) + [columns]
                shape[j] = rows[j]
                part = broadcast_mul(part, reshape(x, shape=tuple(shape)))
        others = tuple(j for j in range(len(rows)) if j != i)
        gradients.append(sum_(part, axis=others) if others else part)
    return tuple(gradients)


khatri_rao.vjp(all=_khatri_rao_gradient)
