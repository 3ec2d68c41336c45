"""Elementwise functions of one array: exponentials, logarithms, roots, trigonometry, rounding.

Integers are computed in floating point and converted back, as in MXNet.  Rounding functions are constants for autograd.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..op import REQUIRED, op


def as_float(data: Any) -> Any:
    """`data`, integers as float64: the ufuncs' own choice would differ by integer width."""
    return data if data.dtype.kind == "f" else np.asarray(data, np.float64)


def _through_float(ufunc: Any, data: Any) -> Any:
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
    """-1, 0 or 1.  [...] -> [...]"""
    return np.sign(data)


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
    return _through_float(np.sqrt, data)


sqrt.vjp(lambda g, out, _data: g * 0.5 / out)


@op
def rsqrt(data):
    """1 / sqrt(data).  [...] -> [...]"""
    return _through_float(lambda x: 1 / np.sqrt(x), data)


rsqrt.vjp(lambda g, out, data: -0.5 * g * out / data)


@op
def cbrt(data):
    """The cube root.  [...] -> [...]"""
    return _through_float(np.cbrt, data)


cbrt.vjp(lambda g, out, _data: g / (3 * out * out))


@op
def rcbrt(data):
    """1 / cbrt(data).  [...] -> [...]"""
    return _through_float(lambda x: 1 / np.cbrt(x), data)


rcbrt.vjp(lambda g, out, data: -g * out / (3 * data))


@op
def reciprocal(data):
    """1 / data.  [...] -> [...]"""
    return _through_float(lambda x: 1 / x, data)


reciprocal.vjp(lambda g, out, _data: -g * out * out)


# -- exponentials and logarithms ------------------------------------------------------------------------------------


@op
def exp(data):
    """e**data.  [...] -> [...]"""
    return _through_float(np.exp, data)


exp.vjp(lambda g, out, _data: g * out)


@op
def expm1(data):
    """e**data - 1, exact near 0.  [...] -> [...]"""
    return _through_float(np.expm1, data)


expm1.vjp(lambda g, out, _data: g * (out + 1))


@op
def log(data):
    """The natural logarithm.  [...] -> [...]"""
    return _through_float(np.log, data)


log.vjp(lambda g, _out, data: g / data)


@op
def log10(data):
    """The logarithm to base 10.  [...] -> [...]"""
    return _through_float(np.log10, data)


log10.vjp(lambda g, _out, data: g / (data * math.log(10)))


@op
def log2(data):
    """The logarithm to base 2.  [...] -> [...]"""
    return _through_float(np.log2, data)


log2.vjp(lambda g, _out, data: g / (data * math.log(2)))


@op
def log1p(data):
    """log(1 + data), exact near 0.  [...] -> [...]"""
    return _through_float(np.log1p, data)


log1p.vjp(lambda g, _out, data: g / (data + 1))


# -- trigonometry ---------------------------------------------------------------------------------------------------


@op
def sin(data):
    """The sine of radians.  [...] -> [...]"""
    return _through_float(np.sin, data)


sin.vjp(lambda g, _out, data: g * cos(data))


@op
def cos(data):
    """The cosine of radians.  [...] -> [...]"""
    return _through_float(np.cos, data)


cos.vjp(lambda g, _out, data: -g * sin(data))


@op
def tan(data):
    """The tangent of radians.  [...] -> [...]"""
    return _through_float(np.tan, data)


tan.vjp(lambda g, out, _data: g * (1 + out * out))


@op
def arcsin(data):
    """The inverse sine.  [...] -> [...]"""
    return _through_float(np.arcsin, data)


arcsin.vjp(lambda g, _out, data: g * rsqrt(1 - data * data))


@op
def arccos(data):
    """The inverse cosine.  [...] -> [...]"""
    return _through_float(np.arccos, data)


arccos.vjp(lambda g, _out, data: -g * rsqrt(1 - data * data))


@op
def arctan(data):
    """The inverse tangent.  [...] -> [...]"""
    return _through_float(np.arctan, data)


arctan.vjp(lambda g, _out, data: g / (1 + data * data))


@op
def sinh(data):
    """The hyperbolic sine.  [...] -> [...]"""
    return _through_float(np.sinh, data)


sinh.vjp(lambda g, _out, data: g * cosh(data))


@op
def cosh(data):
    """The hyperbolic cosine.  [...] -> [...]"""
    return _through_float(np.cosh, data)


cosh.vjp(lambda g, _out, data: g * sinh(data))


@op
def tanh(data):
    """The hyperbolic tangent.  [...] -> [...]"""
    return _through_float(np.tanh, data)


tanh.vjp(lambda g, out, _data: g * (1 - out * out))


@op
def arcsinh(data):
    """The inverse hyperbolic sine.  [...] -> [...]"""
    return _through_float(np.arcsinh, data)


arcsinh.vjp(lambda g, _out, data: g * rsqrt(data * data + 1))


@op
def arccosh(data):
    """The inverse hyperbolic cosine.  [...] -> [...]"""
    return _through_float(np.arccosh, data)


arccosh.vjp(lambda g, _out, data: g * rsqrt(data * data - 1))


@op
def arctanh(data):
    """The inverse hyperbolic tangent.  [...] -> [...]"""
    return _through_float(np.arctanh, data)


arctanh.vjp(lambda g, _out, data: g / (1 - data * data))


@op
def degrees(data):
    """Radians to degrees.  [...] -> [...]"""
    return _through_float(np.degrees, data)


degrees.vjp(lambda g, _out, _data: g * (180 / math.pi))


@op
def radians(data):
    """Degrees to radians.  [...] -> [...]"""
    return _through_float(np.radians, data)


radians.vjp(lambda g, _out, _data: g * (math.pi / 180))


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
    from ..dtype import resolve

    return data.astype(resolve(dtype))


cast.vjp(lambda g, _out, data_like: cast(g, dtype=data_like.dtype))
