"""How a draw reaches its caller: parameters, shape, dtype and `out=` of mx.nd.random's functions, checked once.

A sampler is plain: draw(*parameters, size, dtype) -> 1-d array.  Parameters are numbers, or all NDArrays of one shape:
then each of their elements has `shape` samples of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any

import numpy as np

from .context import Context, current_context
from .errors import ArgumentError, DtypeError, InvalidSetting, NotAnArray, ShapeError
from .handle import new
from .ndarray import NDArray

FLOATS = (np.float32, np.float64, np.float16)


class _Unset:
    def __repr__(self) -> str:
        return "<unset>"


UNSET: Any = _Unset()


def number(name: str, value: Any) -> Any:
    """A parameter: a number as float, an NDArray as it is."""
    if isinstance(value, Real):
        return float(value)
    if isinstance(value, NDArray):
        return value
    raise InvalidSetting(f"{name} must be a number or an NDArray, got {type(value).__name__}")


def are_numbers(*parameters: Any) -> bool:
    """Whether the parameters are numbers, whose values can be checked."""
    return not any(isinstance(p, NDArray) for p in parameters)


def deliver(
    op: str, draw: Callable[..., np.ndarray], parameters: tuple[Any, ...], shape: Any, dtype: Any,
    ctx: Context | None, out: NDArray | None, kinds: tuple[type, ...] = FLOATS,
) -> NDArray:  # fmt: skip
    """Draws into `out`, or into a new array."""
    if out is not None and not isinstance(out, NDArray):
        raise ArgumentError(f"{op}: out must be an NDArray, got {type(out).__name__}")
    numbers = are_numbers(*parameters)
    if numbers:
        dims = out.shape if out is not None and shape is UNSET else (1,) if shape is UNSET else shape_of(op, shape)
        plain = parameters
    else:
        plain, dims, ctx = _for_each(op, parameters, shape)
    if out is None:
        place = (current_context() if ctx is None else Context(ctx)).require()
        kind = kind_of(op, kinds[0] if dtype is UNSET or dtype is None else dtype, kinds)
        return new(NDArray, draw(*plain, math.prod(dims), kind).reshape(dims), place)
    if dims != out.shape:
        raise ShapeError(f"{op}: out is {list(out.shape)}, shape says {list(dims)}: they must be equal")
    kind = kind_of(op, out.dtype if dtype is UNSET or dtype is None else dtype, kinds)
    if kind != np.dtype(out.dtype):
        raise DtypeError(f"{op}: out is {np.dtype(out.dtype).name}, dtype says {kind.name}: they must be equal")
    values = draw(*plain, out.size, kind)
    out._for_write(keep=False)[...] = values.reshape(out.shape)
    return out


def _for_each(op: str, parameters: tuple[Any, ...], shape: Any) -> tuple[tuple[Any, ...], tuple[int, ...], Context]:
    """Parameters repeated for the samples of each of their elements, the result's shape, and its context."""
    for p in parameters:
        if not isinstance(p, NDArray):
            raise NotAnArray(f"{op}: its parameters must all be NDArrays or all numbers; {p!r} came beside an NDArray")
    first = parameters[0]
    if any(p.shape != first.shape for p in parameters):
        raise ShapeError(f"{op}: its parameters are {[list(p.shape) for p in parameters]}: they must be equal")
    dims = () if shape is UNSET or shape == () else shape_of(op, shape)
    each = math.prod(dims)
    return tuple(np.repeat(p._read().reshape(-1), each) for p in parameters), (*first.shape, *dims), first.ctx


def shape_of(op: str, shape: Any) -> tuple[int, ...]:
    """A shape that a draw can have."""
    dims = (shape,) if isinstance(shape, Integral) else shape
    if not isinstance(dims, (tuple, list)) or not all(isinstance(n, Integral) for n in dims):
        raise ArgumentError(f"{op}: shape must be an int or a tuple of ints, got {shape!r}")
    if not dims or min(dims) < 1:
        raise ShapeError(f"{op}: shape is {list(dims)}: it needs at least one axis, and lengths of 1 or more")
    return tuple(int(n) for n in dims)


def kind_of(op: str, dtype: Any, kinds: tuple[type, ...]) -> np.dtype:
    """A dtype that a draw can have."""
    kind = np.dtype(dtype)
    if kind not in kinds:
        names = ", ".join(np.dtype(known).name for known in kinds)
        raise DtypeError(f"{op}: dtype is {kind.name}; known: {names}")
    return kind
