"""Products of matrices: dot, batch_dot, matmul, and what is built of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..op import op
from .arithmetic import same_dtype
from .shape import reshape, transpose


def _no_storage(name: str, forward_stype: Any) -> None:
    """Raise where MXNet's hint for sparse arrays asks for a storage that is not there."""
    if forward_stype not in (None, "default"):
        raise ArgumentError(f"{name}: forward_stype {forward_stype!r} is not known; known: 'default'")


def _first_axis_last(data: Any) -> Any:
    return transpose(data, axes=(*range(1, data.ndim), 0))


def _last_axis_first(data: Any) -> Any:
    return transpose(data, axes=(data.ndim - 1, *range(data.ndim - 1)))


@op
def dot(lhs, rhs, transpose_a=False, transpose_b=False, forward_stype=None):
    """The last axis of lhs against the first of rhs.  [..., K], [K, ...] -> [..., ...]

    transpose_a takes lhs's first axis instead, transpose_b rhs's last.
    """
    _no_storage("dot", forward_stype)
    same_dtype("dot", lhs, rhs)
    ka = lhs.shape[0] if transpose_a else lhs.shape[-1]
    kb = rhs.shape[-1] if transpose_b else rhs.shape[0]
    if ka != kb:
        raise ShapeError(
            f"dot: lhs is {list(lhs.shape)}, rhs is {list(rhs.shape)}: lhs.shape[{0 if transpose_a else -1}] must "
            f"equal rhs.shape[{-1 if transpose_b else 0}]"
        )
    rows = lhs.shape[1:] if transpose_a else lhs.shape[:-1]
    columns = rhs.shape[:-1] if transpose_b else rhs.shape[1:]
    left = lhs.reshape(ka, -1).T if transpose_a else lhs.reshape(-1, ka)
    right = rhs.reshape(-1, kb).T if transpose_b else rhs.reshape(kb, -1)
    return np.reshape(left @ right, (*rows, *columns) or (1,))


def _dot_left(g, _out, lhs, rhs, transpose_a, transpose_b):
    k = lhs.shape[0] if transpose_a else lhs.shape[-1]
    right = reshape(rhs, shape=(-1, k) if transpose_b else (k, -1))
    g2 = reshape(g, shape=(lhs.size // k, -1))
    if transpose_a:
        d = dot(right, g2, transpose_a=transpose_b, transpose_b=True)
    else:
        d = dot(g2, right, transpose_b=not transpose_b)
    return reshape(d, shape=lhs.shape)


def _dot_right(g, _out, lhs, rhs, transpose_a, transpose_b):
    k = rhs.shape[-1] if transpose_b else rhs.shape[0]
    left = reshape(lhs, shape=(k, -1) if transpose_a else (-1, k))
    g2 = reshape(g, shape=(-1, rhs.size // k))
    if transpose_b:
        d = dot(g2, left, transpose_a=True, transpose_b=transpose_a)
    else:
        d = dot(left, g2, transpose_a=not transpose_a)
    return reshape(d, shape=rhs.shape)


dot.vjp(_dot_left, _dot_right)


@op
def batch_dot(lhs, rhs, transpose_a=False, transpose_b=False, forward_stype=None):
    """A product of matrices for each batch.  [..., N, K], [..., K, M] -> [..., N, M]"""
    _no_storage("batch_dot", forward_stype)
    same_dtype("batch_dot", lhs, rhs)
    left = np.swapaxes(lhs, -1, -2) if transpose_a else lhs
    right = np.swapaxes(rhs, -1, -2) if transpose_b else rhs
    if lhs.ndim < 3 or lhs.ndim != rhs.ndim or lhs.shape[:-2] != rhs.shape[:-2] or left.shape[-1] != right.shape[-2]:
        raise ShapeError(
            f"batch_dot: lhs is {list(lhs.shape)}, rhs is {list(rhs.shape)}, transpose_a={bool(transpose_a)}, "
            f"transpose_b={bool(transpose_b)}: it takes [B, N, K] and [B, K, M] with one B and one K"
        )
    return np.matmul(left, right)


def _batch_dot_left(g, _out, _lhs, rhs, transpose_a, transpose_b):
    if transpose_a:
        return batch_dot(rhs, g, transpose_a=transpose_b, transpose_b=True)
    return batch_dot(g, rhs, transpose_b=not transpose_b)


def _batch_dot_right(g, _out, lhs, _rhs, transpose_a, transpose_b):
    if transpose_b:
        return batch_dot(g, lhs, transpose_a=True, transpose_b=transpose_a)
    return batch_dot(lhs, g, transpose_a=not transpose_a)


batch_dot.vjp(_batch_dot_left, _batch_dot_right)
