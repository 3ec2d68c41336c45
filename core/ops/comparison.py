"""Comparison and logic: results are 0 and 1 in the arrays' own dtype, as in MXNet, and constants for autograd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..handle import Handle
from ..op import REQUIRED, Op, mismatch, op


def _number(data: Any, scalar: Any) -> Any:
    """`scalar` in the array's kind: 1.5 is 1 beside integers."""
    return float(scalar) if data.dtype.kind == "f" else np.asarray(scalar).astype(data.dtype)


def _truth(_data: Any, scalar: Any) -> bool:
    return bool(scalar)


def _of_arrays(name: str, ufunc: Any, what: str) -> Op:
    """The operator that gives 1 where `what` holds of two arrays, broadcast, else 0."""

    def compare(lhs, rhs):
        if lhs.dtype != rhs.dtype:
            raise mismatch(name, lhs, rhs)
        return ufunc(lhs, rhs).astype(lhs.dtype)

    compare.__doc__ = f"1 where {what}, else 0.  [...], [...] -> [...]"
    return op(name=name)(compare).vjp(None, None)


def _with_number(name: str, ufunc: Any, what: str, as_operand: Callable[[Any, Any], Any] = _number) -> Op:
    """The operator that gives 1 where `what` holds of an array and a number, else 0."""

    def compare(data, scalar=REQUIRED):
        return ufunc(data, as_operand(data, scalar)).astype(data.dtype)

    compare.__doc__ = f"1 where {what}, else 0.  [...] -> [...]"
    return op(name=name)(compare).vjp(None)


broadcast_equal = _of_arrays("broadcast_equal", np.equal, "lhs == rhs")
broadcast_not_equal = _of_arrays("broadcast_not_equal", np.not_equal, "lhs != rhs")
broadcast_greater = _of_arrays("broadcast_greater", np.greater, "lhs > rhs")
broadcast_greater_equal = _of_arrays("broadcast_greater_equal", np.greater_equal, "lhs >= rhs")
broadcast_lesser = _of_arrays("broadcast_lesser", np.less, "lhs < rhs")
broadcast_lesser_equal = _of_arrays("broadcast_lesser_equal", np.less_equal, "lhs <= rhs")
broadcast_logical_and = _of_arrays("broadcast_logical_and", np.logical_and, "both are not 0")
broadcast_logical_or = _of_arrays("broadcast_logical_or", np.logical_or, "one is not 0")
broadcast_logical_xor = _of_arrays("broadcast_logical_xor", np.logical_xor, "exactly one is not 0")

_equal_scalar = _with_number("_equal_scalar", np.equal, "data == scalar")
_not_equal_scalar = _with_number("_not_equal_scalar", np.not_equal, "data != scalar")
_greater_scalar = _with_number("_greater_scalar", np.greater, "data > scalar")
_greater_equal_scalar = _with_number("_greater_equal_scalar", np.greater_equal, "data >= scalar")
_lesser_scalar = _with_number("_lesser_scalar", np.less, "data < scalar")
_lesser_equal_scalar = _with_number("_lesser_equal_scalar", np.less_equal, "data <= scalar")
_logical_and_scalar = _with_number("_logical_and_scalar", np.logical_and, "both are not 0", _truth)
_logical_or_scalar = _with_number("_logical_or_scalar", np.logical_or, "one is not 0", _truth)
_logical_xor_scalar = _with_number("_logical_xor_scalar", np.logical_xor, "exactly one is not 0", _truth)


@op
def logical_not(data):
    """1 where data is 0.  [...] -> [...]"""
    return np.logical_not(data).astype(data.dtype)


logical_not.vjp(None)


# -- masks for the rules of other operators: rhs is an array or a number --------------------------------------------


def greater_mask(lhs: Any, rhs: Any) -> Any:
    """1 where lhs > rhs, which may be a number."""
    return broadcast_greater(lhs, rhs) if isinstance(rhs, (np.ndarray, Handle)) else _greater_scalar(lhs, scalar=rhs)


def greater_equal_mask(lhs: Any, rhs: Any) -> Any:
    """1 where lhs >= rhs, which may be a number."""
    if isinstance(rhs, (np.ndarray, Handle)):
        return broadcast_greater_equal(lhs, rhs)
    return _greater_equal_scalar(lhs, scalar=rhs)


def lesser_mask(lhs: Any, rhs: Any) -> Any:
    """1 where lhs < rhs, which may be a number."""
    return broadcast_lesser(lhs, rhs) if isinstance(rhs, (np.ndarray, Handle)) else _lesser_scalar(lhs, scalar=rhs)


def lesser_equal_mask(lhs: Any, rhs: Any) -> Any:
    """1 where lhs <= rhs, which may be a number."""
    if isinstance(rhs, (np.ndarray, Handle)):
        return broadcast_lesser_equal(lhs, rhs)
    return _lesser_equal_scalar(lhs, scalar=rhs)
