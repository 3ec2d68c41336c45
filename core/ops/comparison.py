"""Comparison and logic: results are 0 and 1 in the arrays' own dtype, as in MXNet, and constants for autograd."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..handle import Handle
from ..op import REQUIRED, mismatch, op


def _compare(name: str, ufunc: Any, lhs: Any, rhs: Any) -> Any:
    if lhs.dtype != rhs.dtype:
        raise mismatch(name, lhs, rhs)
    return ufunc(lhs, rhs).astype(lhs.dtype)


def _number(data: Any, scalar: Any) -> Any:
    return float(scalar) if data.dtype.kind == "f" else np.asarray(scalar).astype(data.dtype)


@op
def broadcast_equal(lhs, rhs):
    """1 where lhs == rhs.  [...], [...] -> [...]"""
    return _compare("broadcast_equal", np.equal, lhs, rhs)


@op
def broadcast_not_equal(lhs, rhs):
    """1 where lhs != rhs.  [...], [...] -> [...]"""
    return _compare("broadcast_not_equal", np.not_equal, lhs, rhs)


@op
def broadcast_greater(lhs, rhs):
    """1 where lhs > rhs.  [...], [...] -> [...]"""
    return _compare("broadcast_greater", np.greater, lhs, rhs)


@op
def broadcast_greater_equal(lhs, rhs):
    """1 where lhs >= rhs.  [...], [...] -> [...]"""
    return _compare("broadcast_greater_equal", np.greater_equal, lhs, rhs)


@op
def broadcast_lesser(lhs, rhs):
    """1 where lhs < rhs.  [...], [...] -> [...]"""
    return _compare("broadcast_lesser", np.less, lhs, rhs)


@op
def broadcast_lesser_equal(lhs, rhs):
    """1 where lhs <= rhs.  [...], [...] -> [...]"""
    return _compare("broadcast_lesser_equal", np.less_equal, lhs, rhs)


@op
def broadcast_logical_and(lhs, rhs):
    """1 where both are not 0.  [...], [...] -> [...]"""
    return _compare("broadcast_logical_and", np.logical_and, lhs, rhs)


@op
def broadcast_logical_or(lhs, rhs):
    """1 where one is not 0.  [...], [...] -> [...]"""
    return _compare("broadcast_logical_or", np.logical_or, lhs, rhs)


@op
def broadcast_logical_xor(lhs, rhs):
    """1 where exactly one is not 0.  [...], [...] -> [...]"""
    return _compare("broadcast_logical_xor", np.logical_xor, lhs, rhs)


@op
def _equal_scalar(data, scalar=REQUIRED):
    """1 where data == scalar.  [...] -> [...]"""
    return np.equal(data, _number(data, scalar)).astype(data.dtype)


@op
def _not_equal_scalar(data, scalar=REQUIRED):
    """1 where data != scalar.  [...] -> [...]"""
    return np.not_equal(data, _number(data, scalar)).astype(data.dtype)


@op
def _greater_scalar(data, scalar=REQUIRED):
    """1 where data > scalar.  [...] -> [...]"""
    return np.greater(data, _number(data, scalar)).astype(data.dtype)


@op
def _greater_equal_scalar(data, scalar=REQUIRED):
    """1 where data >= scalar.  [...] -> [...]"""
    return np.greater_equal(data, _number(data, scalar)).astype(data.dtype)


@op
def _lesser_scalar(data, scalar=REQUIRED):
    """1 where data < scalar.  [...] -> [...]"""
    return np.less(data, _number(data, scalar)).astype(data.dtype)


@op
def _lesser_equal_scalar(data, scalar=REQUIRED):
    """1 where data <= scalar.  [...] -> [...]"""
    return np.less_equal(data, _number(data, scalar)).astype(data.dtype)


@op
def _logical_and_scalar(data, scalar=REQUIRED):
    """1 where data and scalar are not 0.  [...] -> [...]"""
    return np.logical_and(data, scalar).astype(data.dtype)


@op
def _logical_or_scalar(data, scalar=REQUIRED):
    """1 where data or scalar is not 0.  [...] -> [...]"""
    return np.logical_or(data, scalar).astype(data.dtype)


@op
def _logical_xor_scalar(data, scalar=REQUIRED):
    """1 where exactly one of data and scalar is not 0.  [...] -> [...]"""
    return np.logical_xor(data, bool(scalar)).astype(data.dtype)


@op
def logical_not(data):
    """1 where data is 0.  [...] -> [...]"""
    return np.logical_not(data).astype(data.dtype)


for _constant in (
    broadcast_equal, broadcast_not_equal, broadcast_greater, broadcast_greater_equal, broadcast_lesser,
    broadcast_lesser_equal, broadcast_logical_and, broadcast_logical_or, broadcast_logical_xor,
):  # fmt: skip
    _constant.vjp(None, None)
for _constant in (
    _equal_scalar, _not_equal_scalar, _greater_scalar, _greater_equal_scalar, _lesser_scalar, _lesser_equal_scalar,
    _logical_and_scalar, _logical_or_scalar, _logical_xor_scalar, logical_not,
):  # fmt: skip
    _constant.vjp(None)


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
