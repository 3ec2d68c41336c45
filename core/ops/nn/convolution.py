"""Convolution over one to three axes, and its two gradients, each an operator.

With data x, weight w and output y the three are one trilinear form read three ways: y from x and w, dx from dy and w,
dw from x and dy.  So the gradients of each are the other two, and gradients of any order follow.  Each is a matrix
product with the columns of windows.py, a part of the batch at a time, so that columns stay below a bound; small ones
are kept from the forward for the weight's gradient.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...errors import ArgumentError, ShapeError
from ...op import REQUIRED, op
from .saved import Kept
from .weights import check_weights
from .windows import LAYOUTS, Ints, Windows, from_columns, spatial, to_columns, windows

COLUMNS_MOST = 1 << 24  # elements of columns that are held at once


@op(arrays=("bias",), saves=True)
def Convolution(
    data,
    weight,
    bias=None,
    kernel=REQUIRED,
    stride=(),
    dilate=(),
    pad=(),
    num_filter=REQUIRED,
    num_group=1,
    workspace=1024,
    no_bias=False,
    cudnn_tune=None,
    cudnn_off=False,
    layout=None,
):
    """Cross-correlation of data with num_filter kernels, plus bias.

    data: [N, C, *space], weight: [num_filter, C / num_group, *kernel], bias: [num_filter] -> [N, num_filter, *out].
    kernel, stride, dilate, pad: one int for each of the 1 to 3 spatial axes.  workspace and the cudnn switches have
    no effect.
    """
    axes = len(kernel) if isinstance(kernel, (tuple, list)) else 1
    if layout not in (None, LAYOUTS.get(axes)):
        raise ArgumentError(
            f"Convolution: layout {layout!r} is not available; kernel {kernel} takes {LAYOUTS.get(axes)!r}"
        )
    if data.ndim != axes + 2:
        raise ShapeError(
            f"Convolution: data is {list(data.shape)}, kernel has {axes} axes: data must be [N, C] and {axes} more"
        )
    at = _windows(data.shape, kernel, stride, dilate, pad)
    shape = (num_filter, data.shape[1] // num_group, *at.kernel)
    if data.shape[1] % num_group or num_filter % num_group:
        raise ShapeError(
            f"Convolution: data has {data.shape[1]} channels, num_filter is {num_filter}: both must be multiples of "
            f"num_group {num_group}"
        )
    if weight.shape != shape:
        raise ShapeError(
            f"Convolution: weight is {list(weight.shape)}; data {list(data.shape)}, kernel {list(at.kernel)}, "
            f"num_filter {num_filter} and num_group {num_group} need {list(shape)}"
        )
    check_weights("Convolution", data, weight, bias, no_bias, num_filter)
    return _forward(data, weight, bias, at, num_group)


@op
def _convolution_data_gradient(g, weight, space=REQUIRED, stride=REQUIRED, dilate=REQUIRED, pad=REQUIRED, num_group=1):
    """d(sum of g * convolution) / d(data).   g: [N, O, *out], weight: [O, C / num_group, *kernel] -> [N, C, *space]"""
    at = windows("Convolution", tuple(space), weight.shape[2:], stride, dilate, pad)
    out = np.empty((g.shape[0], weight.shape[1] * num_group, *at.space), g.dtype)
    turned = np.ascontiguousarray(weight.reshape(num_group, weight.shape[0] // num_group, -1).transpose(0, 2, 1))
    for part, batch_last in _parts(out.shape, weight.shape[0], at):
        g_part = g[part]
        columns = np.matmul(turned, _rows(g_part, num_group, batch_last))
        out[part] = from_columns(columns, len(g_part), out.shape[1], at, batch_last)
    return out


@op
def _convolution_weight_gradient(
    data, g, kernel=REQUIRED, stride=REQUIRED, dilate=REQUIRED, pad=REQUIRED, num_group=1, columns=None
):
    """d(sum of g * convolution) / d(weight).   data: [N, C, *space], g: [N, O, *out] -> [O, C / num_group, *kernel]"""
    at = windows("Convolution", data.shape[2:], tuple(kernel), stride, dilate, pad)
    channels = data.shape[1] // num_group
    total: Any = 0
    for part, batch_last in _parts(data.shape, g.shape[1], at):
        if columns is None:
            part_columns = to_columns(data[part], at, batch_last).reshape(
                num_group, channels * math.prod(at.kernel), -1
            )
        else:
            part_columns = columns.array
        total = total + np.matmul(_rows(g[part], num_group, batch_last), part_columns.transpose(0, 2, 1))
    return total.reshape(g.shape[1], channels, *at.kernel)


def _shared(data: Any, weight: Any, stride: Any, dilate: Any, pad: Any, num_group: int) -> dict[str, Any]:
    """The parameters that all three operators share, in their plain form."""
    at = _windows(data.shape, weight.shape[2:], stride, dilate, pad)
    return {"stride": at.stride, "dilate": at.dilate, "pad": at.low, "num_group": num_group}


def _data_rule(g, _out, data, weight, _bias, stride, dilate, pad, num_group):
    return _convolution_data_gradient(
        g, weight, space=data.shape[2:], **_shared(data, weight, stride, dilate, pad, num_group)
    )


def _weight_rule(g, _out, data, weight, _bias, stride, dilate, pad, num_group, saved):
    return _convolution_weight_gradient(
        data, g, kernel=weight.shape[2:], columns=saved, **_shared(data, weight, stride, dilate, pad, num_group)
    )


convolution_rules = (
    _data_rule, _weight_rule, lambda g, _out, _data, _weight, _bias: g.sum(axis=(0, *range(2, len(g.shape))))
)  # fmt: skip
Convolution.vjp(*convolution_rules)

_convolution_data_gradient.vjp(
    lambda g, _out, dy, weight, stride, dilate, pad, num_group: Convolution(
        g,
        weight,
        kernel=weight.shape[2:],
        num_filter=weight.shape[0],
        stride=stride,
        dilate=dilate,
        pad=pad,
        num_group=num_group,
        no_bias=True,
    ),
    lambda g, _out, dy, weight, stride, dilate, pad, num_group: _convolution_weight_gradient(
        g, dy, kernel=weight.shape[2:], stride=stride, dilate=dilate, pad=pad, num_group=num_group
    ),
)

_convolution_weight_gradient.vjp(
    lambda g, _out, data, dy, stride, dilate, pad, num_group: _convolution_data_gradient(
        dy, g, space=data.shape[2:], stride=stride, dilate=dilate, pad=pad, num_group=num_group
    ),
    lambda g, _out, data, dy, kernel, stride, dilate, pad, num_group: Convolution(
        data,
        g,
        kernel=kernel,
        num_filter=dy.shape[1],
        stride=stride,
        dilate=dilate,
        pad=pad,
        num_group=num_group,
        no_bias=True,
    ),
)


def _windows(shape: Ints, kernel: Any, stride: Any, dilate: Any, pad: Any) -> Windows:
    axes = len(shape) - 2
    kernel = spatial("Convolution", "kernel", kernel, axes, 1)
    return windows(
        "Convolution",
        tuple(shape[2:]),
        kernel,
        spatial("Convolution", "stride", stride, axes, 1),
        spatial("Convolution", "dilate", dilate, axes, 1),
        spatial("Convolution", "pad", pad, axes, 0),
    )


def _forward(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, at: Windows, groups: int) -> Any:
    """The output, and the columns where they are worth keeping."""
    outputs = weight.shape[0]
    flat = weight.reshape(groups, outputs // groups, -1)
    out = np.empty((x.shape[0], outputs, *at.out), x.dtype)
    columns = None
    for part, batch_last in _parts(x.shape, outputs, at):
        columns = to_columns(x[part], at, batch_last).reshape(groups, flat.shape[2], -1)
        rows = np.matmul(flat, columns).reshape(outputs, -1)
        if bias is not None:
            rows += bias[:, None]
        if batch_last:
            out[part] = np.moveaxis(rows.reshape(outputs, *at.out, -1), -1, 0)
        else:
            out[part] = rows.reshape(outputs, -1, *at.out).swapaxes(0, 1)
        if len(out[part]) < len(x):
            columns = None  # of a part only: made anew when they are needed
    return out, None if columns is None else Kept(columns)


def _parts(shape: Ints, outputs: int, at: Windows) -> Iterator[tuple[slice, bool]]:
    """Parts of the batch whose columns stay below the bound, and whether the batch shall run innermost."""
    n, c = shape[:2]
    taps = c * math.prod(at.kernel)
    most = max(1, COLUMNS_MOST // max(1, taps * math.prod(at.out)))
    # Measured: turning arrays batch-last costs in proportion to c + outputs, pays in proportion to the columns' rows.
    batch_last = min(n, most) >= max(16, at.out[-1]) and taps >= 2 * (c + outputs)
    for start in range(0, n, most):
        yield slice(start, start + most), batch_last


def _rows(g: np.ndarray, groups: int, batch_last: bool) -> np.ndarray:
    """[N, O, *out] -> [groups, O / groups, L], with L as in the columns."""
    turned = np.moveaxis(g, 0, -1) if batch_last else g.swapaxes(0, 1)
    return np.ascontiguousarray(turned).reshape(groups, g.shape[1] // groups, -1)
