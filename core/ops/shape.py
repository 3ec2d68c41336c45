"""Changing shapes: reshape, transpose, broadcast, and the sum that undoes a broadcast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ShapeError
from ..op import REQUIRED, op


def target_shape(shape: tuple[int, ...], spec: Sequence[int], reverse: Any = False) -> tuple[int, ...]:
    """The shape that MXNet's codes stand for: 0 keep, -1 infer, -2 all the rest, -3 merge two, -4 split one in two.

    reverse=True reads both from the right.
    """
    if reverse:
        flipped = list(spec)[::-1]
        for i, code in enumerate(flipped):         # -4, a, b is read as b, a, -4: put the code first again
            if code == -4 and i >= 2:
                flipped[i - 2:i + 1] = [-4, flipped[i - 2], flipped[i - 1]]
        return target_shape(shape[::-1], flipped)[::-1]
    out: list[int] = []
    at = 0
    infer = -1
    codes = iter([int(n) for n in spec])

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
def reshape(data, shape=REQUIRED, reverse=False):
    """The same elements in another shape; see MXNet's codes 0, -1, -2, -3, -4.  [...] -> [...]"""
    return np.reshape(data, target_shape(data.shape, (shape,) if isinstance(shape, int) else shape, reverse))


reshape.vjp(lambda g, _out, data_like: reshape(g, shape=data_like.shape))


@op
def reshape_like(lhs, rhs, lhs_begin=None, lhs_end=None, rhs_begin=None, rhs_end=None):
    """lhs in the shape of rhs, or some of its axes in the shape of some of rhs's.  [...], [...] -> [...]"""
    middle = rhs.shape[rhs_begin:rhs_end]
    begin = 0 if lhs_begin is None else lhs_begin % lhs.ndim
    end = lhs.ndim if lhs_end is None else (lhs_end % lhs.ndim if lhs_end < 0 else lhs_end)
    shape = (*lhs.shape[:begin], *middle, *lhs.shape[end:])
    if int(np.prod(shape)) != lhs.size:
        raise ShapeError(f"reshape_like: lhs is {list(lhs.shape)}, it cannot become {list(shape)}")
    return np.reshape(lhs, shape)


reshape_like.vjp(lambda g, _out, lhs_like, _rhs: reshape(g, shape=lhs_like.shape), None)


@op(aliases=("Flatten",))
def flatten(data):
    """All axes but the first as one.  [N, ...] -> [N, I]"""
    return np.reshape(data, (data.shape[0], -1)) if data.size else np.reshape(data, (data.shape[0], int(np.prod(data.shape[1:]))))


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
def broadcast_to(data, shape=REQUIRED):
    """Axes of length 1 repeated up to `shape`; 0 keeps an axis.  [...] -> [...]"""
    if len(shape) != data.ndim:
        raise ShapeError(f"broadcast_to: data is {list(data.shape)}, shape is {tuple(shape)}: they need as many axes")
    full = tuple(have if want == 0 else want for have, want in zip(data.shape, shape, strict=True))
    if any(have not in (1, want) for have, want in zip(data.shape, full, strict=True)):
        raise ShapeError(f"broadcast_to: data is {list(data.shape)}, it cannot be broadcast to {list(full)}")
    return np.broadcast_to(data, full)


broadcast_to.vjp(lambda g, _out, data_like: unbroadcast(g, shape=data_like.shape))


@op(name="_unbroadcast")
def unbroadcast(data, shape=REQUIRED):
    """The sum that undoes a broadcast of `shape` to data's.  [...] -> [shape]"""
    lead = data.ndim - len(shape)
    axes = tuple(range(lead)) + tuple(
        i + lead for i, n in enumerate(shape) if n == 1 and data.shape[i + lead] != 1
    ) if lead >= 0 else ()  # fmt: skip
    if lead < 0 or any(n not in (1, data.shape[i + lead]) for i, n in enumerate(shape)):
        raise ShapeError(f"_unbroadcast: data is {list(data.shape)}, it is no broadcast of {list(shape)}")
    return np.reshape(np.add.reduce(data, axis=axes, dtype=data.dtype), shape)


def _unbroadcast_gradient(g, _out, data_like, shape):
    lead = data_like.ndim - len(shape)
    return broadcast_to(reshape(g, shape=(1,) * lead + tuple(shape)), shape=data_like.shape)


unbroadcast.vjp(_unbroadcast_gradient)
