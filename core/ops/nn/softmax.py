"""Softmax and its kin along an axis, with temperature or lengths, and the cross entropy of MXNet's table."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...dtype import resolve
from ...errors import ArgumentError, DtypeError, ShapeError
from ...op import op
from ..unary import exp
from .saved import beside


def _scaled(name: str, data: Any, axis: int, temperature: Any, dtype: Any) -> Any:
    """data / temperature, once data and axis have been looked at."""
    if data.dtype.kind != "f":
        raise DtypeError(f"{name}: data is {data.dtype}: only floating point numbers have one; use astype('float32')")
    if not -data.ndim <= axis < data.ndim:
        raise ShapeError(f"{name}: axis is {axis}, data has {data.ndim} axes")
    x = data if temperature in (None, 1, 1.0) else data / data.dtype.type(temperature)
    return x if dtype is None else x.astype(resolve(dtype))


def softmax_of(x: np.ndarray, axis: int) -> np.ndarray:
    """e**x divided by its sum along an axis; the greatest is taken off first, so that nothing overflows."""
    out = x - x.max(axis=axis, keepdims=True)
    np.exp(out, out=out)
    out /= out.sum(axis=axis, keepdims=True)
    return out


def log_softmax_of(x: np.ndarray, axis: int) -> np.ndarray:
    """The logarithm of `softmax_of`, without the rounding of going through it."""
    out = x - x.max(axis=axis, keepdims=True)
    out -= np.log(np.exp(out).sum(axis=axis, keepdims=True))
    return out


def _within(length: Any, shape: tuple[int, ...], axis: int) -> np.ndarray:
    """Which elements along `axis` come before their length.  length: shape without that axis."""
    axis %= len(shape)
    if tuple(length.shape) != shape[:axis] + shape[axis + 1 :]:
        raise ShapeError(
            f"softmax: length is {list(length.shape)}, data {list(shape)}: it must be data's shape without axis {axis}"
        )
    steps = np.arange(shape[axis]).reshape((-1,) + (1,) * (len(shape) - axis - 1))
    return steps < np.expand_dims(length, axis)


def _check_length(length: Any, use_length: bool) -> None:
    if bool(use_length) != (length is not None):
        raise ArgumentError("softmax: array argument 'length' belongs to use_length=True, and to it alone")


@op(arrays=("length",))
def softmax(data, length=None, axis=-1, temperature=None, dtype=None, use_length=False):
    """e**(x / temperature), divided by its sum along `axis`; elements from `length` on are 0.

    data: [...]; length (with use_length=True): data's shape without `axis` -> [...], in `dtype` if given
    """
    _check_length(length, use_length)
    x = _scaled("softmax", data, axis, temperature, dtype)
    if length is None:
        return softmax_of(x, axis)
    within = _within(length, x.shape, axis)
    return np.where(within, softmax_of(np.where(within, x, -np.inf), axis), x.dtype.type(0))


def _softmax_gradient(g, out, _data, _length, axis, temperature):
    share = (g - (g * out).sum(axis=axis, keepdims=True)) * out
    return share if temperature is None else share * (1.0 / temperature)


softmax.vjp(_softmax_gradient, None)


@op
def log_softmax(data, axis=-1, temperature=None, dtype=None, use_length=False):
    """The logarithm of softmax, computed without its rounding.  [...] -> [...]"""
    if use_length:
        raise ArgumentError("log_softmax: use_length is not available; mask the result with lengths instead")
    return log_softmax_of(_scaled("log_softmax", data, axis, temperature, dtype), axis)


def _log_softmax_gradient(g, out, _data, axis, temperature):
    share = g - exp(out) * g.sum(axis=axis, keepdims=True)
    return share if temperature is None else share * (1.0 / temperature)


log_softmax.vjp(_log_softmax_gradient)


@op
def softmin(data, axis=-1, temperature=None, dtype=None, use_length=False):
    """softmax of -data.  [...] -> [...]"""
    if use_length:
        raise ArgumentError("softmin: use_length is not available; use softmax(-data, length, use_length=True)")
    return softmax_of(-_scaled("softmin", data, axis, temperature, dtype), axis)


softmin.vjp(lambda g, out, data, axis, temperature: -_softmax_gradient(g, out, data, None, axis, temperature))


@op
def SoftmaxActivation(data, mode="instance"):
    """softmax along the last axis ('instance') or the second ('channel').  [N, ...] -> [N, ...]"""
    if mode == "channel":
        return softmax_of(data, 1)
    if mode != "instance":
        raise ArgumentError(f"SoftmaxActivation: mode is {mode!r}; known: instance, channel")
    return softmax_of(data, -1)


def _softmax_activation_gradient(g, out, _data, mode):
    return (g - (g * out).sum(axis=1 if mode == "channel" else -1, keepdims=True)) * out


SoftmaxActivation.vjp(_softmax_activation_gradient)


@op(saves=True)
def softmax_cross_entropy(data, label):
    """The sum over the batch of -log softmax(data)[label], each at most -log 1e-8.

    data: [N, C], label: [N] of class numbers -> [1].  The gradient is that of the loss without this bound, as in MXNet.
    """
    if data.ndim != 2 or label.shape != data.shape[:1]:
        raise ShapeError(
            f"softmax_cross_entropy: data is {list(data.shape)}, label {list(label.shape)}: they must be [N, C] and [N]"
        )
    chosen = one_hot_of(label, data.shape[1], data.dtype)
    return -(np.log(np.maximum(softmax_of(data, -1), data.dtype.type(1e-8))) * chosen).sum().reshape(1), chosen


softmax_cross_entropy.vjp(lambda g, _out, data, _label, saved: (softmax(data, axis=-1) - beside(g, saved)) * g, None)


def one_hot_of(label: np.ndarray, classes: int, dtype: Any) -> np.ndarray:
    """[...] class numbers -> [..., classes]; a number outside has no 1."""
    return (label[..., None].astype(np.int64) == np.arange(classes)).astype(dtype)
