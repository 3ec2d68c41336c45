"""Random arrays: `mx.random` and `mx.nd.random`, drawn from `streams.py`, so seeded scripts print MXNet's digits.

uniform and randint are MXNet's to the bit, normal to the last place.  All CPU contexts share one generator, as in
MXNet; its default seed is 0.
"""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np

from .context import Context, current_context
from .errors import ArgumentError, DtypeError, InvalidSetting, ShapeError
from .handle import new
from .ndarray import NDArray
from .streams import STREAMS

__all__ = ["normal", "randint", "randn", "seed", "uniform"]

FLOATS = (np.float32, np.float64, np.float16)
INTS = (np.int32, np.int64)


class _Unset:
    def __repr__(self) -> str:
        return "<unset>"


UNSET: Any = _Unset()


def seed(seed_state: int, ctx: Context | str = "all") -> None:
    """Starts the random streams anew.

    ctx: 'all' or a context; all CPU contexts share one generator, and other devices have none here.

    >>> import mxl as mx
    >>> mx.random.seed(0)
    >>> print(mx.nd.random.uniform(shape=(2,)).asnumpy())
    [0.5488135 0.5928446]
    """
    if not isinstance(seed_state, Integral):
        raise InvalidSetting(f"seed_state must be an int, got {seed_state!r}")
    if ctx == "all" or Context(ctx).device_type != "gpu":
        STREAMS.seed(int(seed_state))


def uniform(
    low: float = 0,
    high: float = 1,
    shape: Any = UNSET,
    dtype: Any = UNSET,
    ctx: Context | None = None,
    out: NDArray | None = None,
) -> NDArray:
    """Samples of the uniform distribution over [low, high).

    shape: (1,) unless given (or out's); dtype: float32 (default), float64 or float16.
    """
    low, high = _number("low", low), _number("high", high)
    if high < low:
        raise InvalidSetting(f"uniform: low is {low}, high is {high}: low must be less or equal to high")
    return _deliver("uniform", STREAMS.uniform, low, high, shape, dtype, ctx, out, FLOATS)


def normal(
    loc: float = 0,
    scale: float = 1,
    shape: Any = UNSET,
    dtype: Any = UNSET,
    ctx: Context | None = None,
    out: NDArray | None = None,
) -> NDArray:
    """Samples of the normal distribution with mean `loc` and standard deviation `scale`.

    shape: (1,) unless given (or out's); dtype: float32 (default), float64 or float16.
    """
    loc, scale = _number("loc", loc), _number("scale", scale)
    if not scale > 0:
        raise InvalidSetting(f"normal: scale is {scale}: it has to be positive")
    return _deliver("normal", STREAMS.normal, loc, scale, shape, dtype, ctx, out, FLOATS)


def randn(
    *shape: int,
    loc: float = 0,
    scale: float = 1,
    dtype: Any = UNSET,
    ctx: Context | None = None,
    out: NDArray | None = None,
) -> NDArray:
    """`normal` with the shape's lengths as arguments: randn(2, 3)."""
    return normal(loc, scale, shape, dtype, ctx, out)


def randint(
    low: int, high: int, shape: Any = UNSET, dtype: Any = UNSET, ctx: Context | None = None, out: NDArray | None = None
) -> NDArray:
    """Whole numbers, each of [low, high) as likely as the others.

    shape: (1,) unless given (or out's); dtype: int32 (default) or int64.
    """
    for name, value in (("low", low), ("high", high)):
        if isinstance(value, bool) or not isinstance(value, Integral):
            raise ArgumentError(f"randint: {name} must be an int, got {value!r}")
    if high <= low:
        raise InvalidSetting(f"randint: low is {low}, high is {high}: low must be less than high")
    return _deliver("randint", STREAMS.randint, int(low), int(high), shape, dtype, ctx, out, INTS)


def _number(name: str, value: Any) -> float:
    if isinstance(value, Real):
        return float(value)
    if isinstance(value, NDArray):
        raise ArgumentError(f"{name} is an NDArray: one distribution for each element is not available; give a number")
    raise InvalidSetting(f"{name} must be a number, got {type(value).__name__}")


def _deliver(
    op: str,
    draw: Any,
    a: Any,
    b: Any,
    shape: Any,
    dtype: Any,
    ctx: Context | None,
    out: NDArray | None,
    kinds: tuple[type, ...],
) -> NDArray:
    """Draws into `out`, or into a new array."""
    if out is not None:
        if not isinstance(out, NDArray):
            raise ArgumentError(f"{op}: out must be an NDArray, got {type(out).__name__}")
        if shape is not UNSET and _shape(op, shape) != out.shape:
            raise ShapeError(
                f"{op}: out is {list(out.shape)}, shape says {list(_shape(op, shape))}: they must be equal"
            )
        kind = _kind(op, out.dtype if dtype is UNSET else dtype, kinds)
        if kind != np.dtype(out.dtype):
            raise DtypeError(f"{op}: out is {np.dtype(out.dtype).name}, dtype says {kind.name}: they must be equal")
        values = draw(a, b, out.size, kind)
        out._for_write(keep=False)[...] = values.reshape(out.shape)
        return out
    dims = (1,) if shape is UNSET else _shape(op, shape)
    place = (current_context() if ctx is None else Context(ctx)).require()
    kind = _kind(op, kinds[0] if dtype is UNSET else dtype, kinds)
    return new(NDArray, draw(a, b, int(np.prod(dims)), kind).reshape(dims), place)


def _shape(op: str, shape: Any) -> tuple[int, ...]:
    dims = (shape,) if isinstance(shape, Integral) else shape
    if not isinstance(dims, (tuple, list)) or not all(isinstance(n, Integral) for n in dims):
        raise ArgumentError(f"{op}: shape must be an int or a tuple of ints, got {shape!r}")
    if not dims or min(dims) < 1:
        raise ShapeError(f"{op}: shape is {list(dims)}: it needs at least one axis, and lengths of 1 or more")
    return tuple(int(n) for n in dims)


def _kind(op: str, dtype: Any, kinds: tuple[type, ...]) -> np.dtype:
    kind = np.dtype(dtype)
    if kind not in kinds:
        names = ", ".join(np.dtype(known).name for known in kinds)
        raise DtypeError(f"{op}: dtype is {kind.name}; known: {names}")
    return kind
