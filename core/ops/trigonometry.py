"""Trigonometry and its hyperbolic twins, elementwise, in radians."""

from __future__ import annotations

import math

import numpy as np

from ..op import op
from .unary import rsqrt, through_float


@op
def sin(data):
    """The sine of radians.  [...] -> [...]"""
    return through_float(np.sin, data)


sin.vjp(lambda g, _out, data: g * cos(data))


@op
def cos(data):
    """The cosine of radians.  [...] -> [...]"""
    return through_float(np.cos, data)


cos.vjp(lambda g, _out, data: -g * sin(data))


@op
def tan(data):
    """The tangent of radians.  [...] -> [...]"""
    return through_float(np.tan, data)


tan.vjp(lambda g, out, _data: g * (1 + out * out))


@op
def arcsin(data):
    """The inverse sine.  [...] -> [...]"""
    return through_float(np.arcsin, data)


arcsin.vjp(lambda g, _out, data: g * rsqrt(1 - data * data))


@op
def arccos(data):
    """The inverse cosine.  [...] -> [...]"""
    return through_float(np.arccos, data)


arccos.vjp(lambda g, _out, data: -g * rsqrt(1 - data * data))


@op
def arctan(data):
    """The inverse tangent.  [...] -> [...]"""
    return through_float(np.arctan, data)


arctan.vjp(lambda g, _out, data: g / (1 + data * data))


@op
def sinh(data):
    """The hyperbolic sine.  [...] -> [...]"""
    return through_float(np.sinh, data)


sinh.vjp(lambda g, _out, data: g * cosh(data))


@op
def cosh(data):
    """The hyperbolic cosine.  [...] -> [...]"""
    return through_float(np.cosh, data)


cosh.vjp(lambda g, _out, data: g * sinh(data))


@op
def tanh(data):
    """The hyperbolic tangent.  [...] -> [...]"""
    return through_float(np.tanh, data)


tanh.vjp(lambda g, out, _data: g * (1 - out * out))


@op
def arcsinh(data):
    """The inverse hyperbolic sine.  [...] -> [...]"""
    return through_float(np.arcsinh, data)


arcsinh.vjp(lambda g, _out, data: g * rsqrt(data * data + 1))


@op
def arccosh(data):
    """The inverse hyperbolic cosine.  [...] -> [...]"""
    return through_float(np.arccosh, data)


arccosh.vjp(lambda g, _out, data: g * rsqrt(data * data - 1))


@op
def arctanh(data):
    """The inverse hyperbolic tangent.  [...] -> [...]"""
    return through_float(np.arctanh, data)


arctanh.vjp(lambda g, _out, data: g / (1 - data * data))


@op
def degrees(data):
    """Radians to degrees.  [...] -> [...]"""
    return through_float(np.degrees, data)


degrees.vjp(lambda g, _out, _data: g * (180 / math.pi))


@op
def radians(data):
    """Degrees to radians.  [...] -> [...]"""
    return through_float(np.radians, data)


radians.vjp(lambda g, _out, _data: g * (math.pi / 180))
