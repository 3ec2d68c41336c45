"""Outputs that carry a regression's or a margin's gradient: whatever comes from above, theirs is that of their loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import ArgumentError, ShapeError
from ...op import op
from .saved import beside


def _output(name: str, out: Any, data: Any, label: Any, grad_scale: float, difference: Any) -> tuple[Any, Any]:
    """The output, and (its difference to the label) * grad_scale / outputs of a sample."""
    if label.shape != data.shape and not (data.shape == (*label.shape, 1)):
        raise ShapeError(f"{name}: data is {list(data.shape)}, label is {list(label.shape)}: they must be equal")
    each = max(1, data.size // max(1, data.shape[0] if data.ndim else 1))
    slope = difference(out, label.reshape(data.shape)) * (grad_scale / each)
    return out, slope.astype(data.dtype)


@op(saves=True)
def LinearRegressionOutput(data, label, grad_scale=1.0):
    """data, with the gradient of half its squared distance to label, averaged over a sample.  [N, ...], [N, ...]"""
    return _output("LinearRegressionOutput", data, data, label, grad_scale, np.subtract)


@op(saves=True)
def LogisticRegressionOutput(data, label, grad_scale=1.0):
    """sigmoid(data), with the gradient of the cross entropy with label, averaged over a sample.  [N, ...], [N, ...]"""
    return _output("LogisticRegressionOutput", 1 / (1 + np.exp(-data)), data, label, grad_scale, np.subtract)


@op(saves=True)
def MAERegressionOutput(data, label, grad_scale=1.0):
    """data, with the gradient of its distance to label, averaged over a sample.  [N, ...], [N, ...] -> [N, ...]"""
    return _output("MAERegressionOutput", data, data, label, grad_scale, lambda x, y: np.sign(x - y))


@op(saves=True)
def SVMOutput(data, label, margin=1.0, regularization_coefficient=1.0, use_linear=False):
    """data, with the gradient of the squared hinge loss of each class, or the hinge loss with use_linear.

    data: [N, C], label: [N] of class numbers -> [N, C]
    """
    if data.ndim != 2 or label.shape != data.shape[:1]:
        raise ShapeError(
            f"SVMOutput: data is {list(data.shape)}, label is {list(label.shape)}: it takes [N, C] and [N]"
        )
    right = label.astype(np.int64)[:, None] == np.arange(data.shape[1])
    sign = np.where(right, -1.0, 1.0)
    miss = np.maximum(margin + sign * data, 0)  # how far each score is on the wrong side of its margin
    slope = sign * ((miss > 0) if use_linear else 2 * miss) * regularization_coefficient
    return data, slope.astype(data.dtype)


@op(saves=True)
def MakeLoss(data, grad_scale=1.0, valid_thresh=0.0, normalization="null"):
    """data as a loss: its gradient is grad_scale, whatever comes from above.  [N, ...] -> [N, ...]

    normalization: 'batch' divides it by N, 'valid' by the number of elements above valid_thresh.
    """
    if normalization not in ("null", "batch", "valid"):
        raise ArgumentError(f"MakeLoss: normalization is {normalization!r}; known: null, batch, valid")
    parts = {"null": 1, "batch": data.shape[0] if data.ndim else 1}.get(normalization)
    if parts is None:
        parts = max(1, int((data > valid_thresh).sum()))
    return data, np.full(data.shape, grad_scale / parts, data.dtype)


LinearRegressionOutput.vjp(lambda g, _out, _data, _label, saved: beside(g, saved), None)
LogisticRegressionOutput.vjp(lambda g, _out, _data, _label, saved: beside(g, saved), None)
MAERegressionOutput.vjp(lambda g, _out, _data, _label, saved: beside(g, saved), None)
SVMOutput.vjp(lambda g, _out, _data, _label, saved: beside(g, saved), None)
MakeLoss.vjp(lambda g, _out, _data, saved: beside(g, saved))
