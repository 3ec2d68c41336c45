"""Functions of `mx.nd` that choose between operators (an array or a number on either side), or take several steps."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .creation import array
from .errors import BadCall, NotAnArray, ShapeError, Unjoinable
from .handle import Handle
from .ndarray import NDArray
from .op import Op
from .ops import arithmetic as a
from .ops import comparison as c
from .ops.joining import concat
from .ops.joining import split_v2 as _split_v2
from .ops.selection import one_hot
from .ops.shape import transpose


def _either(name: str, arrays: Op, right: Op, left: Op, numbers: Callable[[Any, Any], Any], doc: str) -> Any:
    """A function of two arguments, each an array or a number."""

    def function(lhs: Any, rhs: Any) -> Any:
        if isinstance(lhs, Handle):
            if isinstance(rhs, Handle):
                return arrays(lhs, rhs)
            _number(name, "rhs", rhs)
            return right(lhs, scalar=rhs)
        _number(name, "lhs", lhs)
        if isinstance(rhs, Handle):
            return left(rhs, scalar=lhs)
        _number(name, "rhs", rhs)
        return numbers(lhs, rhs)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    return function


def _number(name: str, side: str, value: Any) -> None:
    if not isinstance(value, (int, float, np.generic)):
        raise NotAnArray(f"{name}: {side} must be an NDArray or a number, not {type(value).__name__}")


add = _either("add", a.broadcast_add, a._plus_scalar, a._plus_scalar, operator.add, "lhs + rhs, broadcast.")
subtract = _either(
    "subtract", a.broadcast_sub, a._minus_scalar, a._rminus_scalar, operator.sub, "lhs - rhs, broadcast."
)
multiply = _either("multiply", a.broadcast_mul, a._mul_scalar, a._mul_scalar, operator.mul, "lhs * rhs, broadcast.")
divide = _either("divide", a.broadcast_div, a._div_scalar, a._rdiv_scalar, operator.truediv, "lhs / rhs, broadcast.")
true_divide = divide
modulo = _either("modulo", a.broadcast_mod, a._mod_scalar, a._rmod_scalar, operator.mod, "lhs % rhs, broadcast.")
_power = _either("power", a.broadcast_power, a._power_scalar, a._rpower_scalar, operator.pow, "lhs ** rhs, broadcast.")
maximum = _either("maximum", a.broadcast_maximum, a._maximum_scalar, a._maximum_scalar, max, "The larger, broadcast.")
minimum = _either("minimum", a.broadcast_minimum, a._minimum_scalar, a._minimum_scalar, min, "The smaller, broadcast.")
hypot = _either("hypot", a.broadcast_hypot, a._hypot_scalar, a._hypot_scalar, np.hypot, "sqrt(lhs**2 + rhs**2).")


def power(base: Any, exp: Any) -> Any:
    """base ** exp, broadcast; each an array or a number."""
    return _power(base, exp)


def _question(name: str, arrays: Op, right: Op, left: Op, numbers: Callable[[Any, Any], Any], what: str) -> Any:
    """A function of two arguments, each an array or a number, that is 1 where `what` holds."""
    return _either(name, arrays, right, left, lambda x, y: int(numbers(x, y)), f"1 where {what}, else 0.")


equal = _question("equal", c.broadcast_equal, c._equal_scalar, c._equal_scalar, operator.eq, "lhs == rhs")
not_equal = _question(
    "not_equal", c.broadcast_not_equal, c._not_equal_scalar, c._not_equal_scalar, operator.ne, "lhs != rhs"
)
greater = _question("greater", c.broadcast_greater, c._greater_scalar, c._lesser_scalar, operator.gt, "lhs > rhs")
greater_equal = _question(
    "greater_equal", c.broadcast_greater_equal, c._greater_equal_scalar, c._lesser_equal_scalar, operator.ge,
    "lhs >= rhs",
)  # fmt: skip
lesser = _question("lesser", c.broadcast_lesser, c._lesser_scalar, c._greater_scalar, operator.lt, "lhs < rhs")
lesser_equal = _question(
    "lesser_equal", c.broadcast_lesser_equal, c._lesser_equal_scalar, c._greater_equal_scalar, operator.le,
    "lhs <= rhs",
)  # fmt: skip
logical_and = _question(
    "logical_and", c.broadcast_logical_and, c._logical_and_scalar, c._logical_and_scalar,
    lambda x, y: bool(x and y), "both are not 0",
)  # fmt: skip
logical_or = _question(
    "logical_or", c.broadcast_logical_or, c._logical_or_scalar, c._logical_or_scalar,
    lambda x, y: bool(x or y), "one is not 0",
)  # fmt: skip
logical_xor = _question(
    "logical_xor", c.broadcast_logical_xor, c._logical_xor_scalar, c._logical_xor_scalar,
    lambda x, y: bool(x) != bool(y), "exactly one is not 0",
)  # fmt: skip


def concatenate(arrays: Sequence[NDArray], axis: int = 0, always_copy: bool = True) -> NDArray:
    """Arrays of one dtype one after the other along an axis; a single one is itself unless always_copy.

    Raises Unjoinable (a ShapeError, DtypeError and AssertionError) where dtypes, or lengths of other axes, differ.
    """
    if not arrays:
        raise BadCall("concatenate: no arrays came; give at least one")
    for x in arrays:
        if not isinstance(x, NDArray):
            raise NotAnArray(f"concatenate: a list of NDArrays is wanted, in it came {type(x).__name__}")
    if len(arrays) == 1 and not always_copy:
        return arrays[0]
    if any(x.dtype != arrays[0].dtype for x in arrays):
        raise Unjoinable(
            f"concatenate: the arrays are {[np.dtype(x.dtype).name for x in arrays]}: all must have one dtype"
        )
    try:
        return concat(*arrays, dim=axis)
    except ShapeError as error:
        raise Unjoinable(str(error)) from error


def moveaxis(tensor: NDArray, source: int | Sequence[int], destination: int | Sequence[int]) -> NDArray:
    """Some axes moved to other places, the rest in their order."""
    sources = [source] if isinstance(source, int) else list(source)
    targets = [destination] if isinstance(destination, int) else list(destination)
    n = tensor.ndim
    for what, axes in (("source", sources), ("destination", targets)):
        if any(not -n <= axis < n for axis in axes):
            raise ShapeError(f"moveaxis: {what} {axes} is outside of the {n} axes")
        if len({axis % n for axis in axes}) != len(axes):
            raise ShapeError(f"moveaxis: {what} {axes} has a repeated axis")
    if len(sources) != len(targets):
        raise ShapeError(f"moveaxis: source {sources} and destination {targets} must have as many axes")
    order = [axis for axis in range(n) if axis not in {s % n for s in sources}]
    for target, axis in sorted((t % n, s % n) for s, t in zip(sources, targets, strict=True)):
        order.insert(target, axis)
    return transpose(tensor, axes=tuple(order))


def split_v2(ary: NDArray, indices_or_sections: Any, axis: int = 0, squeeze_axis: bool = False) -> Any:
    """The array cut into equal sections, or before each of the indices, along an axis."""
    if isinstance(indices_or_sections, int):
        return _split_v2(ary, axis=axis, squeeze_axis=squeeze_axis, sections=indices_or_sections)
    return _split_v2(ary, indices=tuple(indices_or_sections), axis=axis, squeeze_axis=squeeze_axis)


def onehot_encode(indices: NDArray, out: NDArray) -> NDArray:
    """Write the one-hot rows of `indices` into `out`.  [N], [N, depth]"""
    return one_hot(indices, depth=out.shape[1], dtype=out.dtype, out=out)


def histogram(a: NDArray, bins: Any = 10, range: tuple[float, float] | None = None) -> tuple[NDArray, NDArray]:
    """How many elements lie in each bin, and the bins' edges."""
    edges = bins._read() if isinstance(bins, Handle) else bins
    counts, edges = np.histogram(a._read(), bins=edges, range=range)
    kind = a.dtype if range is None and not isinstance(bins, Handle) else np.int64
    return array(counts, dtype=kind), array(edges, dtype=a.dtype)
