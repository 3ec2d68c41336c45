"""Order: the largest and smallest, their positions, and sorting along an axis.

Positions are numbers of the array's dtype (argmax, argmin) or of `dtype`, float32 by default (topk, argsort), as in
MXNet. Equal elements keep their order, in both directions.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtype import resolve
from ..errors import ArgumentError, ShapeError
from ..op import op
from .selection import scatter_axis
from .shape import one_axis, reshape


def _extreme(name: str, choose: Any, data: Any, axis: Any, keepdims: Any) -> Any:
    if axis is None:
        position = np.reshape(choose(data), (1,) * data.ndim if keepdims else (1,))
    else:
        position = choose(data, axis=one_axis(name, axis, data.ndim), keepdims=bool(keepdims))
        position = np.reshape(position, position.shape or (1,))
    return position.astype(data.dtype)


@op
def argmax(data, axis=None, keepdims=False):
    """The position of the largest along an axis; over all elements without one.  [...] -> [...]"""
    return _extreme("argmax", np.argmax, data, axis, keepdims)


@op
def argmin(data, axis=None, keepdims=False):
    """The position of the smallest along an axis; over all elements without one.  [...] -> [...]"""
    return _extreme("argmin", np.argmin, data, axis, keepdims)


@op
def argmax_channel(data):
    """The position of the largest along axis 1.  [N, C, ...] -> [N, ...]"""
    return np.argmax(data, axis=1).astype(data.dtype)


def _order(data: Any, axis: int, is_ascend: Any) -> Any:
    """Positions in sorted order, equal elements in their own order."""
    if is_ascend:
        return np.argsort(data, axis=axis, kind="stable")
    flipped = np.argsort(np.flip(data, axis), axis=axis, kind="stable")
    return data.shape[axis] - 1 - np.flip(flipped, axis)


def _rows(data: Any, axis: Any, name: str) -> tuple[Any, int]:
    """The array and axis to sort along: all elements as one row where axis is None."""
    return (np.reshape(data, -1), 0) if axis is None else (data, one_axis(name, axis, data.ndim))


@op(saves=True)
def sort(data, axis=-1, is_ascend=True):
    """Sorted along an axis; all elements in one row where it is None.  [...] -> [...]"""
    rows, at = _rows(data, axis, "sort")
    order = _order(rows, at, is_ascend)
    return np.take_along_axis(rows, order, at), order


def _sort_gradient(g, _out, data_like, axis, saved):
    size = data_like.size if axis is None else data_like.shape[axis]
    return reshape(scatter_axis(g, saved, axis=0 if axis is None else axis, size=size), shape=data_like.shape)


sort.vjp(_sort_gradient)


@op
def argsort(data, axis=-1, is_ascend=True, dtype="float32"):
    """The positions that sort along an axis.  [...] -> [...]"""
    rows, at = _rows(data, axis, "argsort")
    return _order(rows, at, is_ascend).astype(resolve(dtype))


@op(saves=True)
def topk(data, axis=-1, k=1, ret_typ="indices", is_ascend=False, dtype="float32"):
    """The k largest (or smallest) along an axis: 'value', 'indices', 'both', or a 0/1 'mask'.

    [..., N, ...] -> [..., k, ...]
    """
    if ret_typ not in ("value", "indices", "both", "mask"):
        raise ArgumentError(f"topk: ret_typ is {ret_typ!r}; known: 'value', 'indices', 'both', 'mask'")
    rows, at = _rows(data, axis, "topk")
    n = rows.shape[at]
    if k > n:
        raise ShapeError(f"topk: k is {k}, the axis has only {n} elements")
    chosen = np.take(_order(rows, at, is_ascend), range(k if k > 0 else n), axis=at)
    if ret_typ == "mask":
        mask = np.zeros(rows.shape, data.dtype)
        np.put_along_axis(mask, chosen, 1, at)
        return np.reshape(mask, data.shape), None
    if ret_typ == "indices":
        return chosen.astype(resolve(dtype)), None
    values = np.take_along_axis(rows, chosen, at)
    return (values if ret_typ == "value" else (values, chosen.astype(resolve(dtype)))), chosen


def _topk_gradient(g, _out, data_like, axis, ret_typ, saved):
    if saved is None:
        return None
    size = data_like.size if axis is None else data_like.shape[axis]
    values = g[0] if ret_typ == "both" else g
    return reshape(scatter_axis(values, saved, axis=0 if axis is None else axis, size=size), shape=data_like.shape)


topk.vjp(_topk_gradient)

for _constant in (argmax, argmin, argmax_channel, argsort):
    _constant.vjp(None)
