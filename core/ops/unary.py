"""Elementwise functions of one array: signs, rounding, powers, roots, exponentials, logarithms, copies.

Integers are computed in floating point and converted back, as in MXNet.  Rounding functions are constants for autograd.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..dtype import resolve
from ..op import REQUIRED, op


def through_float(ufunc: Any, data: Any) -> Any:
    """`ufunc(data)` in data's dtype, integers computed as float64."""
    if data.dtype.kind == "f":
        return ufunc(data)
    return ufunc(np.asarray(data, np.float64)).astype(data.dtype)


# -- signs and rounding ---------------------------------------------------------------------------------------------


@op(aliases=("_np_negative",))
def negative(data):
    """-data.  [...] -> [...]"""
    return np.negative(data)


negative.vjp(lambda g, _out, _data: -g)


@op(name="abs")
def absolute(data):
    """|data|.  [...] -> [...]"""
    return np.abs(data)


absolute.vjp(lambda g, _out, data: g * sign(data))


@op
def sign(data):
    """-1, 0 or 1; 0 of what is not a number, as in MXNet.  [...] -> [...]"""
    signs = np.sign(data)
    return np.where(signs == signs, signs, 0).astype(data.dtype) if data.dtype.kind == "f" else signs


@op(name="round")
def round_(data):
    """To the nearest integer, halves away from zero.  [...] -> [...]"""
    return np.copysign(np.floor(np.abs(data) + 0.5), data).astype(data.dtype)


@op
def rint(data):
    """To the nearest integer, halves downwards, as MXNet's rint does.  [...] -> [...]"""
    if data.dtype.kind != "f":
        return data
    low, high = np.floor(data), np.ceil(data)
    return np.where(data - low <= high - data, low, high)


@op
def fix(data):
    """Towards zero.  [...] -> [...]"""
    return np.trunc(data)


@op
def trunc(data):
    """Towards zero.  [...] -> [...]"""
    return np.trunc(data)


@op
def floor(data):
    """Downwards.  [...] -> [...]"""
    return np.floor(data)


@op
def ceil(data):
    """Upwards.  [...] -> [...]"""
    return np.ceil(data)


for _constant in (sign, round_, rint, fix, trunc, floor, ceil):
    _constant.vjp(None)


# -- powers and roots -----------------------------------------------------------------------------------------------


@op
def square(data):
    """data * data.  [...] -> [...]"""
    return np.multiply(data, data)


square.vjp(lambda g, _out, data: 2 * g * data)


@op
def sqrt(data):
    """The square root.  [...] -> [...]"""
    return through_float(np.sqrt, data)


sqrt.vjp(lambda g, out, _data: g * 0.5 / out)


@op
def rsqrt(data):
    """1 / sqrt(data).  [...] -> [...]"""
    return through_float(lambda x: 1 / np.sqrt(x), data)


rsqrt.vjp(lambda g, out, data: -0.5 * g * out / data)


@op
def cbrt(data):
    """The cube root.  [...] -> [...]"""
    return through_float(np.cbrt, data)


cbrt.vjp(lambda g, out, _data: g / (3 * out * out))


@op
def rcbrt(data):
    """1 / cbrt(data).  [...] -> [...]"""
    return through_float(lambda x: 1 / np.cbrt(x), data)


rcbrt.vjp(lambda g, out, data: -g * out / (3 * data))


@op
def reciprocal(data):
    """1 / data.  [...] -> [...]"""
    return through_float(lambda x: 1 / x, data)


reciprocal.vjp(lambda g, out, _data: -g * out * out)


# -- exponentials and logarithms ------------------------------------------------------------------------------------


@op
def exp(data):
    """e**data.  [...] -> [...]"""
    return through_float(np.exp, data)


exp.vjp(lambda g, out, _data: g * out)


@op
def expm1(data):
    """e**data - 1, exact near 0.  [...] -> [...]"""
    return through_float(np.expm1, data)


expm1.vjp(lambda g, out, _data: g * (out + 1))


@op
def log(data):
    """The natural logarithm.  [...] -> [...]"""
    return through_float(np.log, data)


log.vjp(lambda g, _out, data: g / data)


@op
def log10(data):
    """The logarithm to base 10.  [...] -> [...]"""
    return through_float(np.log10, data)


log10.vjp(lambda g, _out, data: g / (data * math.log(10)))


@op
def log2(data):
    """The logarithm to base 2.  [...] -> [...]"""
    return through_float(np.log2, data)


log2.vjp(lambda g, _out, data: g / (data * math.log(2)))


@op
def log1p(data):
    """log(1 + data), exact near 0.  [...] -> [...]"""
    return through_float(np.log1p, data)


log1p.vjp(lambda g, _out, data: g / (data + 1))


# -- passing through ------------------------------------------------------------------------------------------------


@op(aliases=("_copy",))
def identity(data):
    """A copy.  [...] -> [...]"""
    return data.copy()


identity.vjp(lambda g, _out, _data: g)


@op(aliases=("stop_gradient",))
def BlockGrad(data):
    """A copy that is a constant for autograd.  [...] -> [...]"""
    return data.copy()


BlockGrad.vjp(None)


@op
def make_loss(data):
    """A copy whose gradient is 1 everywhere, whatever comes from above.  [...] -> [...]"""
    return data.copy()


make_loss.vjp(lambda g, _out, _data: ones_like(g))


@op
def zeros_like(data):
    """Zeros of the same shape and dtype.  [...] -> [...]"""
    return np.zeros_like(data)


@op
def ones_like(data):
    """Ones of the same shape and dtype.  [...] -> [...]"""
    return np.ones_like(data)


zeros_like.vjp(None)
ones_like.vjp(None)


@op
def clip(data, a_min=REQUIRED, a_max=REQUIRED):
    """data limited to a_min .. a_max.  [...] -> [...]"""
    return np.clip(data, a_min, a_max).astype(data.dtype, copy=False)


clip.vjp(lambda g, _out, data, a_min, a_max: g * ((data >= a_min) * (data <= a_max)))


@op(aliases=("Cast",))
def cast(data, dtype=REQUIRED):
    """data as `dtype`; its gradient comes back in data's dtype.  [...] -> [...]"""
    return data.astype(resolve(dtype))


cast.vjp(lambda g, _out, data_like: cast(g, dtype=data_like.dtype))
