"""Changing shapes: the same elements under other axes.  MXNet's codes for reshape are explained at `shape_of_codes`."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..op import REQUIRED, op


def whole(name: str, what: str, value: Any) -> int:
    """A parameter that must be a whole number, as int; a float is none, even 1.0."""
    try:
        return operator.index(value)
    except TypeError:
        raise ArgumentError(f"{name}: {what} must be a whole number, not {value!r}") from None


def one_axis(name: str, axis: Any, ndim: int) -> int:
    """The axis counted from the front."""
    number = whole(name, "axis", axis)
    if not -ndim <= number < ndim:
        raise ShapeError(f"{name}: axis {number} does not exist: the array has {ndim} axes")
    return number % ndim


def shape_of_codes(shape: tuple[int, ...], spec: Sequence[int], reverse: Any = False) -> tuple[int, ...]:
    """The shape that MXNet's codes stand for: 0 keep, -1 infer, -2 all the rest, -3 merge two, -4 split one in two.

    reverse=True reads both from the right.
    """
    if reverse:
        flipped = list(spec)[::-1]
        for i, code in enumerate(flipped):  # -4, a, b is read as b, a, -4: put the code first again
            if code == -4 and i >= 2:
                flipped[i - 2 : i + 1] = [-4, flipped[i - 2], flipped[i - 1]]
        return shape_of_codes(shape[::-1], flipped)[::-1]
    out: list[int] = []
    at = 0
    infer = -1
    if not isinstance(spec, (tuple, list)):
        raise ArgumentError(f"reshape: the shape must be a number or a tuple of numbers, not {spec!r}")
    codes = iter([whole("reshape", "each number of the shape", n) for n in spec])

    def take(what: str) -> int:
        nonlocal at
        if at >= len(shape):
            raise ShapeError(f"reshape: {what} in shape {tuple(spec)} finds no axis left in {list(shape)}")
        at += 1
        return shape[at - 1]

    for code in codes:
        if code > 0:
            out.append(code)
            at += 1
        elif code == 0:
            out.append(take("0"))
        elif code == -1:
            if infer >= 0:
                raise ShapeError(f"reshape: only one axis can be inferred, shape {tuple(spec)} has several -1")
            infer = len(out)
            out.append(1)
            at += 1
        elif code == -2:
            out.extend(shape[at:])
            at = len(shape)
        elif code == -3:
            out.append(take("-3") * take("-3"))
        elif code == -4:
            size = take("-4")
            a, b = next(codes, 0), next(codes, 0)
            if a == -1 and b > 0:
                a = size // b
            elif b == -1 and a > 0:
                b = size // a
            if a <= 0 or b <= 0 or a * b != size:
                raise ShapeError(f"reshape: -4 in shape {tuple(spec)} cannot split {size} of {list(shape)}")
            out += [a, b]
        else:
            raise ShapeError(f"reshape: {code} in shape {tuple(spec)} is no code; known: 0, -1, -2, -3, -4")
    size = 1
    for n in shape:
        size *= n
    known = 1
    for n in out:
        known *= n
    if infer >= 0:
        if known == 0 or size % known:
            raise ShapeError(f"cannot reshape array of size {size} into shape {tuple(spec)}")
        out[infer] = size // known
    elif known != size:
        raise ShapeError(f"cannot reshape array of size {size} into shape {tuple(spec)}")
    return tuple(out)


@op(aliases=("Reshape",))
def reshape(data, shape=None, reverse=False, target_shape=(), keep_highest=False):
    """The same elements in another shape; see MXNet's codes 0, -1, -2, -3, -4.  [...] -> [...]

    target_shape and keep_highest are an older way to say it: 0 in target_shape is inferred, and with keep_highest the
    first axis stays as it is.
    """
    if shape is None:
        if not target_shape:
            raise ArgumentError("reshape: required argument 'shape' is missing")
        older = [-1 if n == 0 else n for n in target_shape]
        shape = (data.shape[0], *older[1:]) if keep_highest else tuple(older)
    return np.reshape(data, shape_of_codes(data.shape, (shape,) if isinstance(shape, int) else shape, reverse))


reshape.vjp(lambda g, _out, data_like: reshape(g, shape=data_like.shape))


@op
def reshape_like(lhs, rhs, lhs_begin=None, lhs_end=None, rhs_begin=None, rhs_end=None):
    """lhs in the shape of rhs, or some of its axes in the shape of some of rhs's.  [...], [...] -> [...]"""
    middle = rhs.shape[rhs_begin:rhs_end]
    begin = 0 if lhs_begin is None else lhs_begin % lhs.ndim
    end = lhs.ndim if lhs_end is None else (lhs_end % lhs.ndim if lhs_end < 0 else lhs_end)
    shape = (*lhs.shape[:begin], *middle, *lhs.shape[end:])
    if math.prod(shape) != lhs.size:
        raise ShapeError(f"reshape_like: lhs is {list(lhs.shape)}, it cannot become {list(shape)}")
    return np.reshape(lhs, shape)


reshape_like.vjp(lambda g, _out, lhs_like, _rhs: reshape(g, shape=lhs_like.shape), None)


@op(aliases=("Flatten",))
def flatten(data):
    """All axes but the first as one.  [N, ...] -> [N, I]"""
    return np.reshape(data, (data.shape[0], math.prod(data.shape[1:])))


flatten.vjp(lambda g, _out, data_like: reshape(g, shape=data_like.shape))


@op
def transpose(data, axes=()):
    """The axes in another order, reversed by default.  [...] -> [...]"""
    if axes is None or len(axes) == 0:
        return np.transpose(data)
    if sorted(a % data.ndim for a in axes) != list(range(data.ndim)):
        raise ShapeError(f"transpose: axes {tuple(axes)} are no order of the {data.ndim} axes of {list(data.shape)}")
    return np.transpose(data, axes)


def _transpose_gradient(g, _out, _data, axes):
    if axes is None or len(axes) == 0:
        return transpose(g)
    n = len(axes)
    return transpose(g, axes=tuple(sorted(range(n), key=lambda i: axes[i] % n)))


transpose.vjp(_transpose_gradient)


@op
def expand_dims(data, axis=REQUIRED):
    """A new axis of length 1 at `axis`.  [...] -> [...]"""
    if not -data.ndim - 1 <= axis <= data.ndim:
        raise ShapeError(
            f"expand_dims: axis {axis} is outside of -{data.ndim + 1} .. {data.ndim} for {list(data.shape)}"
        )
    return np.expand_dims(data, axis)


expand_dims.vjp(lambda g, _out, data_like: reshape(g, shape=data_like.shape))


@op
def squeeze(data, axis=None):
    """Without the axes of length 1, or without those of `axis`; at least one axis is left.  [...] -> [...]"""
    axes = None if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
    for a in axes or ():
        if not -data.ndim <= a < data.ndim or data.shape[a] != 1:
            raise ShapeError(f"squeeze: axis {a} of {list(data.shape)} must exist and have length 1")
    gone = {a % data.ndim for a in axes} if axes is not None else {i for i, n in enumerate(data.shape) if n == 1}
    return np.reshape(data, tuple(n for i, n in enumerate(data.shape) if i not in gone) or (1,))


squeeze.vjp(lambda g, _out, data_like: reshape(g, shape=data_like.shape))


@op(aliases=("SwapAxis",))
def swapaxes(data, dim1=0, dim2=0):
    """Two axes exchanged.  [...] -> [...]"""
    for a in (dim1, dim2):
        if not -data.ndim <= a < data.ndim:
            raise ShapeError(f"swapaxes: axis {a} does not exist: data is {list(data.shape)}")
    return np.swapaxes(data, dim1, dim2)


swapaxes.vjp(lambda g, _out, _data, dim1, dim2: swapaxes(g, dim1=dim1, dim2=dim2))


@op
def diag(data, k=0, axis1=0, axis2=1):
    """A vector on the diagonal k of a matrix, or the diagonal of an array's two axes.  [N] -> [M, M]; [...] -> [...]"""
    if data.ndim == 1:
        return np.diag(data, k)
    return np.diagonal(data, k, axis1, axis2)


@op(name="_diag_gradient")
def diag_gradient(data, shape=REQUIRED, k=0, axis1=0, axis2=1):
    """Zeros of `shape` with data on the diagonal k of two axes.  [...] -> [shape]"""
    total = np.zeros(shape, data.dtype)
    moved = np.moveaxis(total, (axis1, axis2), (-2, -1))
    first = np.arange(data.shape[-1])
    moved[..., first + max(-k, 0), first + max(k, 0)] = data
    return total


def _diag_rule(g, _out, data_like, k, axis1, axis2):
    if data_like.ndim == 1:
        return diag(g, k=k)
    return diag_gradient(g, shape=data_like.shape, k=k, axis1=axis1, axis2=axis2)


diag.vjp(_diag_rule)
diag_gradient.vjp(lambda g, _out, _data, k, axis1, axis2: diag(g, k=k, axis1=axis1, axis2=axis2))


@op
def shape_array(data):
    """The shape, as int64.  [...] -> [ndim]"""
    return np.array(data.shape, np.int64)


@op
def size_array(data):
    """How many elements, as int64.  [...] -> [1]"""
    return np.array([data.size], np.int64)


shape_array.vjp(None)
size_array.vjp(None)
