"""Arithmetic of two arrays, or of an array and a number: elementwise, with broadcasting, as MXNet computes it.

Both arrays have one dtype, which is the result's: integers divide towards zero, and a number is first converted to the
array's dtype.  `elemwise_*` want equal shapes; `broadcast_*` are behind Python's operators.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ShapeError
from ..op import REQUIRED, mismatch, op
from .comparison import greater_equal_mask, greater_mask, lesser_equal_mask, lesser_mask
from .unary import floor, log


def same_dtype(name: str, lhs: Any, rhs: Any) -> None:
    """Raise unless both arrays have one dtype."""
    if lhs.dtype is not rhs.dtype and lhs.dtype != rhs.dtype:
        raise mismatch(name, lhs, rhs)


def same_shape(name: str, lhs: Any, rhs: Any) -> None:
    """Raise unless both arrays have one shape and dtype."""
    same_dtype(name, lhs, rhs)
    if lhs.shape != rhs.shape:
        raise ShapeError(f"{name}: lhs is {list(lhs.shape)}, rhs is {list(rhs.shape)}: they must be equal; "
                         f"broadcast_{name.removeprefix('elemwise_')} broadcasts")  # fmt: skip


def _number(data: Any, scalar: Any) -> Any:
    """`scalar` as a number of the array's kind: 1.5 is 1 beside integers, and 300 wraps beside int8."""
    dtype = data.dtype
    if dtype.kind == "f":
        return float(scalar)
    return int(scalar) if dtype.kind == "b" else np.asarray(scalar).astype(dtype)


def divide_arrays(lhs: Any, rhs: Any) -> Any:
    """lhs / rhs; integers towards zero."""
    quotient = np.true_divide(lhs, rhs)
    dtype = lhs.dtype if isinstance(lhs, (np.ndarray, np.generic)) else rhs.dtype
    return quotient if quotient.dtype == dtype else quotient.astype(dtype)


def _power(base: Any, exponent: Any) -> Any:
    dtype = base.dtype if isinstance(base, (np.ndarray, np.generic)) else exponent.dtype
    if dtype.kind == "f":
        return np.power(base, exponent)
    return np.power(np.asarray(base, np.float64), exponent).astype(dtype)  # 3 ** -1 is 0, not an error


# -- two arrays, broadcast ------------------------------------------------------------------------------------------


@op(aliases=("broadcast_plus",))
def broadcast_add(lhs, rhs):
    """lhs + rhs, broadcast.  [...], [...] -> [...]"""
    same_dtype("broadcast_add", lhs, rhs)
    return np.add(lhs, rhs)


broadcast_add.vjp(lambda g, _out, _lhs, _rhs: g, lambda g, _out, _lhs, _rhs: g)


@op(aliases=("broadcast_minus",))
def broadcast_sub(lhs, rhs):
    """lhs - rhs, broadcast.  [...], [...] -> [...]"""
    same_dtype("broadcast_sub", lhs, rhs)
    return np.subtract(lhs, rhs)


broadcast_sub.vjp(lambda g, _out, _lhs, _rhs: g, lambda g, _out, _lhs, _rhs: -g)


@op
def broadcast_mul(lhs, rhs):
    """lhs * rhs, broadcast.  [...], [...] -> [...]"""
    same_dtype("broadcast_mul", lhs, rhs)
    return np.multiply(lhs, rhs)


broadcast_mul.vjp(lambda g, _out, _lhs, rhs: g * rhs, lambda g, _out, lhs, _rhs: g * lhs)


@op
def broadcast_div(lhs, rhs):
    """lhs / rhs, broadcast; integers towards zero.  [...], [...] -> [...]"""
    same_dtype("broadcast_div", lhs, rhs)
    return divide_arrays(lhs, rhs)


broadcast_div.vjp(lambda g, _out, _lhs, rhs: g / rhs, lambda g, _out, lhs, rhs: -g * lhs / (rhs * rhs))


@op
def broadcast_mod(lhs, rhs):
    """lhs modulo rhs, with the sign of rhs, broadcast; 0 where rhs is 0.  [...], [...] -> [...]"""
    same_dtype("broadcast_mod", lhs, rhs)
    return np.where(rhs == 0, np.zeros((), lhs.dtype), np.mod(lhs, rhs) + _number(lhs, 0))  # + 0: no -0


def _floor_quotient(lhs, rhs):
    return floor(lhs / rhs)


broadcast_mod.vjp(lambda g, _out, _lhs, _rhs: g, lambda g, _out, lhs, rhs: -g * _floor_quotient(lhs, rhs))


@op
def broadcast_power(lhs, rhs):
    """lhs to the power of rhs, broadcast.  [...], [...] -> [...]"""
    same_dtype("broadcast_power", lhs, rhs)
    return _power(lhs, rhs)


broadcast_power.vjp(
    lambda g, _out, lhs, rhs: g * rhs * broadcast_power(lhs, rhs - 1),
    lambda g, out, lhs, _rhs: g * out * log(lhs),
)


@op
def broadcast_maximum(lhs, rhs):
    """The larger of both, broadcast.  Ties give lhs the gradient, as in MXNet.  [...], [...] -> [...]"""
    same_dtype("broadcast_maximum", lhs, rhs)
    return np.maximum(lhs, rhs)


broadcast_maximum.vjp(
    lambda g, _out, lhs, rhs: g * greater_equal_mask(lhs, rhs), lambda g, _out, lhs, rhs: g * lesser_mask(lhs, rhs)
)


@op
def broadcast_minimum(lhs, rhs):
    """The smaller of both, broadcast.  Ties give lhs the gradient, as in MXNet.  [...], [...] -> [...]"""
    same_dtype("broadcast_minimum", lhs, rhs)
    return np.minimum(lhs, rhs)


broadcast_minimum.vjp(
    lambda g, _out, lhs, rhs: g * lesser_equal_mask(lhs, rhs), lambda g, _out, lhs, rhs: g * greater_mask(lhs, rhs)
)


@op
def broadcast_hypot(lhs, rhs):
    """sqrt(lhs**2 + rhs**2), broadcast; of integers without its fraction.  [...], [...] -> [...]"""
    same_dtype("broadcast_hypot", lhs, rhs)
    return np.hypot(lhs, rhs).astype(lhs.dtype, copy=False)


broadcast_hypot.vjp(lambda g, out, lhs, _rhs: g * lhs / out, lambda g, out, _lhs, rhs: g * rhs / out)


# -- two arrays of one shape ----------------------------------------------------------------------------------------


@op(aliases=("_plus", "_add"))
def elemwise_add(lhs, rhs):
    """lhs + rhs of equal shapes.  [...], [...] -> [...]"""
    same_shape("elemwise_add", lhs, rhs)
    return np.add(lhs, rhs)


elemwise_add.vjp(lambda g, _out, _lhs, _rhs: g, lambda g, _out, _lhs, _rhs: g)


@op(aliases=("_minus", "_sub"))
def elemwise_sub(lhs, rhs):
    """lhs - rhs of equal shapes.  [...], [...] -> [...]"""
    same_shape("elemwise_sub", lhs, rhs)
    return np.subtract(lhs, rhs)


elemwise_sub.vjp(lambda g, _out, _lhs, _rhs: g, lambda g, _out, _lhs, _rhs: -g)


@op(aliases=("_mul",))
def elemwise_mul(lhs, rhs):
    """lhs * rhs of equal shapes.  [...], [...] -> [...]"""
    same_shape("elemwise_mul", lhs, rhs)
    return np.multiply(lhs, rhs)


elemwise_mul.vjp(lambda g, _out, _lhs, rhs: g * rhs, lambda g, _out, lhs, _rhs: g * lhs)


@op(aliases=("_div",))
def elemwise_div(lhs, rhs):
    """lhs / rhs of equal shapes; integers towards zero.  [...], [...] -> [...]"""
    same_shape("elemwise_div", lhs, rhs)
    return divide_arrays(lhs, rhs)


elemwise_div.vjp(lambda g, _out, _lhs, rhs: g / rhs, lambda g, _out, lhs, rhs: -g * lhs / (rhs * rhs))


@op(aliases=("ElementWiseSum", "elemwise_sum"))
def add_n(*args):
    """The sum of any number of arrays of one shape.  [...], [...], ... -> [...]"""
    total = args[0].copy()
    for term in args[1:]:
        same_shape("add_n", total, term)
        total += term
    return total


add_n.vjp(all=lambda g, _out, *_args, wants=(): tuple(g if want else None for want in wants))


# -- an array and a number ------------------------------------------------------------------------------------------


@op
def _plus_scalar(data, scalar=REQUIRED):
    """data + scalar.  [...] -> [...]"""
    return np.add(data, _number(data, scalar))


_plus_scalar.vjp(lambda g, _out, _data: g)


@op
def _minus_scalar(data, scalar=REQUIRED):
    """data - scalar.  [...] -> [...]"""
    return np.subtract(data, _number(data, scalar))


_minus_scalar.vjp(lambda g, _out, _data: g)


@op
def _rminus_scalar(data, scalar=REQUIRED):
    """scalar - data.  [...] -> [...]"""
    return np.subtract(_number(data, scalar), data)


_rminus_scalar.vjp(lambda g, _out, _data: -g)


@op
def _mul_scalar(data, scalar=REQUIRED):
    """data * scalar.  [...] -> [...]"""
    return np.multiply(data, _number(data, scalar))


_mul_scalar.vjp(lambda g, _out, _data, scalar: g * scalar)


@op
def _div_scalar(data, scalar=REQUIRED):
    """data / scalar; integers towards zero.  [...] -> [...]"""
    return divide_arrays(data, _number(data, scalar))


_div_scalar.vjp(lambda g, _out, _data, scalar: g / scalar)


@op
def _rdiv_scalar(data, scalar=REQUIRED):
    """scalar / data; integers towards zero.  [...] -> [...]"""
    return divide_arrays(_number(data, scalar), data)


_rdiv_scalar.vjp(lambda g, out, data: -g * out / data)


@op
def _mod_scalar(data, scalar=REQUIRED):
    """data modulo scalar, with the sign of scalar.  [...] -> [...]"""
    number = _number(data, scalar)
    return np.mod(data, number) + _number(data, 0) if number else np.zeros_like(data)


_mod_scalar.vjp(lambda g, _out, _data: g)


@op
def _rmod_scalar(data, scalar=REQUIRED):
    """scalar modulo data, with the sign of data; 0 where data is 0.  [...] -> [...]"""
    return np.where(data == 0, np.zeros((), data.dtype), np.mod(_number(data, scalar), data) + _number(data, 0))


_rmod_scalar.vjp(lambda g, _out, data, scalar: -g * _floor_quotient(scalar, data))


@op
def _power_scalar(data, scalar=REQUIRED):
    """data to the power of scalar.  [...] -> [...]"""
    if data.dtype.kind == "f" and scalar == 2:
        return np.multiply(data, data)
    return _power(data, _number(data, scalar))


_power_scalar.vjp(lambda g, _out, data, scalar: g * scalar * _power_scalar(data, scalar=scalar - 1))


@op
def _rpower_scalar(data, scalar=REQUIRED):
    """scalar to the power of data.  [...] -> [...]"""
    return _power(_number(data, scalar), data)


_rpower_scalar.vjp(lambda g, out, _data, scalar: g * out * float(np.log(scalar)))


@op
def _maximum_scalar(data, scalar=REQUIRED):
    """The larger of data and scalar.  [...] -> [...]"""
    return np.maximum(data, _number(data, scalar))


_maximum_scalar.vjp(lambda g, _out, data, scalar: g * greater_equal_mask(data, scalar))


@op
def _minimum_scalar(data, scalar=REQUIRED):
    """The smaller of data and scalar.  [...] -> [...]"""
    return np.minimum(data, _number(data, scalar))


_minimum_scalar.vjp(lambda g, _out, data, scalar: g * lesser_equal_mask(data, scalar))


@op
def _hypot_scalar(data, scalar=REQUIRED):
    """sqrt(data**2 + scalar**2).  [...] -> [...]"""
    return np.hypot(data, _number(data, scalar))


_hypot_scalar.vjp(lambda g, out, data: g * data / out)
