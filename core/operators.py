"""Python's operators of NDArray: what stands behind `a + b`, `2 - a` and `a += b`.

`a + b` of two small arrays is the commonest call of all, so `binary` is the one place that does by hand what
`Op.__call__` and `Op.record` do for every operator: the same states, the same tape, none of the generality.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .errors import ArgumentError
from .handle import Handle
from .op import Op, mismatch
from .tape import Node, local, next_order


def number(value: Any) -> Any:
    """`value` as Python's number, which takes on an array's dtype; numpy's would impose its own."""
    if isinstance(value, (int, float)) and not isinstance(value, np.generic):
        return value
    if isinstance(value, np.generic):
        return value.item()
    raise ArgumentError(f"NDArrays compute with NDArrays and numbers, not with {type(value)}; convert by mx.nd.array")


def binary(array_op: Op, scalar_op: Op) -> Callable[[Any, Any], Any]:
    """The method behind `a + b`: array_op for two arrays, scalar_op for an array and a number."""
    fn = array_op.quiet
    scalar_fn = scalar_op.quiet
    ndarray = np.ndarray
    here = local
    order = next_order
    name = array_op.name

    def method(self: Any, other: Any) -> Any:
        x = self._data
        if x is None:
            x = self._settle()
        y: Any = None
        if isinstance(other, Handle):
            y = other._data
            if y is None:
                y = other._settle()
            try:
                r = fn(x, y)
            except ValueError:
                raise mismatch(name, x, y) from None
        else:
            other = number(other)
            r = scalar_fn(x, other)
        if type(r) is not ndarray:
            r = np.array(r)
        cls = self.__class__
        result = cls.__new__(cls)
        result._data = r
        result._state = None
        result._ctx = self._ctx
        result._node = None
        result._family = None
        if here.recording:
            p = self._node
            if p is not None and p.parents is None:
                p = None  # freed by an earlier backward: a constant from now on
            if isinstance(other, Handle):
                q = other._node
                if q is not None and q.parents is None:
                    q = None
                if p is None and q is None:
                    return result
                node = Node()
                node.op = array_op
                node.params = array_op.defaults
                node.parents = (p, q)
                keeps = array_op.keeps
                node.arrays = (x if keeps[0] else None, y if keeps[1] else None)  # type: ignore[possibly-unbound]
                shape = r.shape
                node.shapes = None if x.shape == shape and y.shape == shape else (x.shape, y.shape)
                node.out = r if array_op.keeps_out else None
            elif p is None:
                return result
            else:
                node = Node()
                node.op = scalar_op
                node.params = {"scalar": other}
                node.parents = (p,)
                node.arrays = (x if scalar_op.keeps[0] else None,)
                node.shapes = None
                node.out = r if scalar_op.keeps_out else None
            node.order = order()
            node.saved = None
            node.ctx = self._ctx
            result._node = node
        return result

    method.operators = name, scalar_op.name  # type: ignore[attr-defined]  # for the profiler
    return method


def reflected(scalar_op: Op) -> Callable[[Any, Any], Any]:
    """The method behind `number - a`."""

    def method(self: Any, other: Any) -> Any:
        return scalar_op(self, scalar=number(other))

    return method


def in_place(array_op: Op, scalar_op: Op) -> Callable[[Any, Any], Any]:
    """The method behind `a += b`: writes into a's own memory, which its views see."""

    def method(self: Any, other: Any) -> Any:
        if isinstance(other, Handle):
            return array_op(self, other, out=self)
        return scalar_op(self, scalar=number(other), out=self)

    return method
