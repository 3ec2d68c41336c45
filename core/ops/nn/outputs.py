"""Outputs that carry a loss's gradient, and the elementwise losses of MXNet's table."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import ArgumentError, ShapeError
from ...op import op
from ..comparison import lesser_mask
from ..unary import absolute, sign
from .saved import beside
from .softmax import one_hot_of, softmax_of


@op(aliases=("Softmax",), saves=True)
def SoftmaxOutput(
    data,
    label,
    grad_scale=1.0,
    ignore_label=-1.0,
    multi_output=False,
    use_ignore=False,
    preserve_shape=False,
    normalization="null",
    out_grad=False,
    smooth_alpha=0.0,
):
    """softmax of data; its gradient is that of the cross entropy with label, whatever comes from above.

    data: [N, C]; label: [N] of class numbers, or probabilities in data's shape -> data's shape.  data with more axes
    counts as [N, all the others]; with preserve_shape the classes are the last axis, with multi_output the second,
    label being without it. use_ignore: samples labelled ignore_label have no gradient.  smooth_alpha: that share of
    the label goes to the other classes. normalization: the gradient is divided by nothing ('null'; by the number of
    places with multi_output), by the batch as well ('batch'), or by the number of labels not ignored ('valid').
    """
    if normalization not in ("null", "batch", "valid"):
        raise ArgumentError(f"SoftmaxOutput: normalization is {normalization!r}; known: null, batch, valid")
    if out_grad:
        raise ArgumentError(
            "SoftmaxOutput: out_grad=True is not available; use log_softmax and pick for a loss of your own"
        )
    if multi_output:
        turned = np.moveaxis(data, 1, -1)
    elif preserve_shape:
        turned = data
    else:
        turned = data.reshape(data.shape[0], -1)
    out = softmax_of(turned, -1)
    if label.shape == data.shape:
        target, counted = label.reshape(turned.shape) if not multi_output else np.moveaxis(label, 1, -1), None
    elif label.size * turned.shape[-1] == data.size:
        numbers = label.reshape(turned.shape[:-1])
        target = one_hot_of(numbers, turned.shape[-1], data.dtype)
        if smooth_alpha:
            rest = smooth_alpha / (turned.shape[-1] - 1)
            target = target * data.dtype.type(1 - smooth_alpha - rest) + data.dtype.type(rest)
        counted = numbers != ignore_label if use_ignore else None
    else:
        raise ShapeError(
            f"SoftmaxOutput: data is {list(data.shape)}, label {list(label.shape)}: label must be data's shape without "
            "the classes, or data's shape"
        )
    slope = (out - target) * data.dtype.type(grad_scale)
    if counted is not None:
        slope *= counted[..., None]
    places = turned.size // (turned.shape[-1] * turned.shape[0]) if multi_output else 1
    if normalization == "valid":
        slope /= max(1, turned.size // turned.shape[-1] if counted is None else int(counted.sum()))
    else:
        slope /= places * (data.shape[0] if normalization == "batch" else 1)
    if multi_output:
        return np.ascontiguousarray(np.moveaxis(out, -1, 1)), np.ascontiguousarray(np.moveaxis(slope, -1, 1))
    return out.reshape(data.shape), slope.reshape(data.shape)


SoftmaxOutput.vjp(lambda g, _out, _data, _label, saved: beside(g, saved), None)


@op
def smooth_l1(data, scalar=1.0):
    """Half the square of scalar * x where |x| < 1 / scalar**2, elsewhere |x| - 0.5 / scalar**2.  [...] -> [...]

    Girshick 2015, "Fast R-CNN".
    """
    edge = 1.0 / (scalar * scalar)
    size = np.abs(data)
    return np.where(
        size < edge, data.dtype.type(0.5 * scalar * scalar) * data * data, size - data.dtype.type(0.5 * edge)
    )


def _smooth_slope(g: Any, _out: Any, data: Any, scalar: float) -> Any:
    square = float(scalar) * float(scalar)
    near = lesser_mask(absolute(data), 1.0 / square)
    return g * (near * (data * square) + (1 - near) * sign(data))


smooth_l1.vjp(_smooth_slope)
