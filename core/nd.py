"""`mx.nd`: arrays, ways to make them, and every operator of the table by its MXNet name."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import allocator, ops, pending
from .context import Context, current_context
from .dtype import resolve
from .errors import ArgumentError
from .ndarray import NDArray, array, wrap
from .op import TABLE
from .ops import arithmetic as _a
from .ops import comparison as _c

waitall = pending.wait_for_all


def zeros(shape: Any, ctx: Context | None = None, dtype: Any = None, **kwargs: Any) -> NDArray:
    """An array of zeros, float32 by default."""
    return wrap(allocator.zeros(_shape(shape), resolve(dtype)), ctx)


def ones(shape: Any, ctx: Context | None = None, dtype: Any = None, **kwargs: Any) -> NDArray:
    """An array of ones, float32 by default."""
    return full(shape, 1, ctx, dtype)


def full(shape: Any, val: Any, ctx: Context | None = None, dtype: Any = None, out: NDArray | None = None) -> NDArray:
    """An array of one value, float32 by default."""
    if out is not None:
        out[:] = val
        return out
    result = wrap(allocator.empty(_shape(shape), resolve(dtype)), ctx)
    result[:] = val
    return result


def empty(shape: Any, ctx: Context | None = None, dtype: Any = None) -> NDArray:
    """An array with undefined content, float32 by default."""
    return wrap(allocator.empty(_shape(shape), resolve(dtype)), ctx)


def arange(
    start: float, stop: float | None = None, step: float = 1.0, repeat: int = 1, infer_range: bool | None = None,
    ctx: Context | None = None, dtype: Any = None,
) -> NDArray:  # fmt: skip
    """start, start + step, ... below stop (0 .. start where stop is None), each `repeat` times."""
    low, high = (0, start) if stop is None else (start, stop)
    return wrap(np.repeat(np.arange(low, high, step, dtype=np.float64), repeat).astype(resolve(dtype)), ctx)


def linspace(
    start: float, stop: float, num: int, endpoint: bool = True, ctx: Context | None = None, dtype: Any = None
) -> NDArray:
    """`num` numbers evenly spread over start .. stop."""
    return wrap(np.linspace(start, stop, num, endpoint).astype(resolve(dtype)), ctx)


def eye(N: int, M: int = 0, k: int = 0, ctx: Context | None = None, dtype: Any = None, **kwargs: Any) -> NDArray:
    """A matrix with ones on diagonal k.  [N, M or N]"""
    return wrap(np.eye(N, M or N, k, dtype=resolve(dtype)), ctx)


def _shape(shape: Any) -> tuple[int, ...]:
    sizes = (int(shape),) if isinstance(shape, (int, np.integer)) else tuple(int(n) for n in shape)
    if any(n < 0 for n in sizes):
        raise ArgumentError(f"a shape cannot have negative lengths: {sizes}")
    return sizes


def __getattr__(name: str) -> Any:
    try:
        return TABLE[name]
    except KeyError:
        pass
    if name == "random":
        import importlib

        return importlib.import_module(".random", __package__)
    raise AttributeError(f"mx.nd has no {name!r}")


__all__ = ["NDArray", "arange", "array", "current_context", "empty", "eye", "full", "linspace", "ones", "waitall", "zeros"]
_ = (_a, _c, ops)
