"""Activations: `Activation` by name, and the `LeakyReLU` family."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...errors import ArgumentError, DtypeError, ShapeError
from ...op import REQUIRED, op
from ...streams import STREAMS
from ..comparison import greater_mask, lesser_equal_mask, lesser_mask
from ..unary import absolute, exp
from .saved import beside
from .special import erf, erf_of

SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946

_FORWARD = {
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "softrelu": lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))),
    "softsign": lambda x: x / (1 + np.abs(x)),
}

_SLOPE = {  # the derivative, from the output
    "relu": lambda out: greater_mask(out, 0),
    "sigmoid": lambda out: out * (1 - out),
    "tanh": lambda out: 1 - out * out,
    "softrelu": lambda out: 1 - exp(-out),
    "softsign": lambda out: (1 - absolute(out)) * (1 - absolute(out)),
}


@op
def Activation(data, act_type=REQUIRED):
    """relu, sigmoid, tanh, softrelu (log(1 + e**x)) or softsign (x / (1 + |x|)), elementwise.  [...] -> [...]"""
    if act_type not in _FORWARD:
        raise ArgumentError(f"Activation: act_type is {act_type!r}; known: {', '.join(_FORWARD)}")
    if data.dtype.kind != "f":
        raise DtypeError(
            f"Activation: data is {data.dtype}: only floating point numbers have one; use astype('float32')"
        )
    return _FORWARD[act_type](data)


Activation.vjp(lambda g, out, _data, act_type: g * _SLOPE[act_type](out))


def _named(name: str) -> None:
    """The activation as an operator of its own."""

    def forward(data):
        if data.dtype.kind == "f" or name == "relu":
            return _FORWARD[name](data)
        return _FORWARD[name](data.astype(np.float32)).astype(data.dtype)

    forward.__doc__ = f"`Activation(data, act_type={name!r})`.  [...] -> [...]"
    op(name=name)(forward).vjp(lambda g, out, _data: g * _SLOPE[name](out))


for _name in ("relu", "sigmoid", "softsign"):
    _named(_name)


@op
def hard_sigmoid(data, alpha=0.2, beta=0.5):
    """alpha * x + beta, cut to [0, 1].  [...] -> [...]"""
    return np.clip(alpha * data + beta, 0, 1)


hard_sigmoid.vjp(lambda g, out, _data, alpha: g * (greater_mask(out, 0) * lesser_mask(out, 1) * alpha))


@op(arrays=("gamma",), saves=True)
def LeakyReLU(data, gamma=None, act_type="leaky", slope=0.25, lower_bound=0.125, upper_bound=0.334, _training=False):
    """x where x > 0, elsewhere by act_type: leaky: slope x; prelu: gamma x; rrelu: a random share of x, uniform over
    [lower_bound, upper_bound) in training, else their mean; elu: slope (e**x - 1); selu: the same, scaled; gelu: x
    times the normal distribution's share below x, everywhere.

    data: [N, C, ...], gamma (prelu only): [C] or [1] -> [N, C, ...]
    """
    if (act_type == "prelu") != (gamma is not None):
        raise ArgumentError("LeakyReLU: array argument 'gamma' belongs to act_type 'prelu', and to it alone")
    below = None
    if act_type == "leaky":
        below = data.dtype.type(slope)
    elif act_type == "prelu":
        below = _over_channels(gamma, data)
    elif act_type == "rrelu":
        below = data.dtype.type((lower_bound + upper_bound) / 2)
        if _training:
            below = STREAMS.uniform(lower_bound, upper_bound, data.size, data.dtype).reshape(data.shape)
    if below is not None:
        return np.where(data > 0, data, below * data), below
    if act_type == "elu":
        return np.where(data > 0, data, slope * np.expm1(data)), None
    if act_type == "selu":
        return SELU_SCALE * np.where(data > 0, data, SELU_ALPHA * np.expm1(data)), None
    if act_type == "gelu":
        return data * (0.5 * (1 + erf_of(data * math.sqrt(0.5)))), None
    raise ArgumentError(f"LeakyReLU: act_type is {act_type!r}; known: leaky, prelu, rrelu, elu, selu, gelu")


def _over_channels(gamma: Any, data: Any) -> Any:
    """gamma with axes of length 1, so that it broadcasts over data's second axis."""
    if tuple(gamma.shape) in ((1,), ()):
        return gamma.reshape((1,) * len(data.shape))
    if len(data.shape) < 2 or tuple(gamma.shape) != (data.shape[1],):
        raise ShapeError(
            f"LeakyReLU: gamma is {list(gamma.shape)}, data {list(data.shape)}: gamma must be [1], or have one entry "
            f"for each channel (data's second axis)"
        )
    return gamma.reshape((1, -1) + (1,) * (len(data.shape) - 2))


def _leaky_slope(g, _out, data, gamma, act_type, slope, saved):
    above = greater_mask(data, 0)
    if act_type == "prelu":
        return g * (above + (1 - above) * _over_channels(gamma, data))
    if act_type in ("leaky", "rrelu"):
        share = saved if np.ndim(saved) == 0 else beside(g, saved)
        return g * (above + (1 - above) * share)
    if act_type == "gelu":
        bell = exp(data * data * -0.5) * (1 / math.sqrt(2 * math.pi))
        return g * (0.5 * (1 + erf(data * math.sqrt(0.5))) + data * bell)
    scale, alpha = (SELU_SCALE, SELU_ALPHA) if act_type == "selu" else (1.0, slope)
    capped = data * lesser_mask(data, 0)  # e**x of large x would be inf * 0
    return g * (scale * (above + (1 - above) * alpha * exp(capped)))


def _prelu_gamma(g, _out, data, gamma):
    below = g * data * lesser_equal_mask(data, 0)
    if tuple(gamma.shape) in ((1,), ()):
        return below.sum().reshape(gamma.shape)
    return below.sum(axis=(0, *range(2, len(data.shape))))


LeakyReLU.vjp(_leaky_slope, _prelu_gamma)
