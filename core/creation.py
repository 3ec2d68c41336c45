"""New arrays: zeros, ones, full, arange, linspace, eye, from numpy.

float32 unless a dtype is given, on the current context.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from . import allocator
from .context import Context
from .dtype import resolve
from .errors import ArgumentError, ShapeError
from .ndarray import NDArray, array, wrap

__all__ = ["arange", "array", "empty", "eye", "from_numpy", "full", "linspace", "ones", "zeros"]


def _shape(shape: Any) -> tuple[int, ...]:
    try:
        sizes = tuple(map(operator.index, shape if hasattr(shape, "__iter__") else (shape,)))
    except TypeError:
        raise ArgumentError(f"a shape is a number or a tuple of numbers, not {shape!r}") from None
    if any(n < 0 for n in sizes):
        raise ShapeError(f"a shape cannot have negative lengths: {sizes}")
    return sizes


def _nothing_else(name: str, kwargs: dict[str, Any]) -> None:
    kwargs.pop("name", None)
    if kwargs:
        raise ArgumentError(f"{name}: unknown argument '{next(iter(kwargs))}'; it takes shape, ctx, dtype, out")


def _sparse_zeros(stype: str, shape: Any, ctx: Context | None, dtype: Any) -> NDArray:
    """Zeros in another storage; sparse arrays are loaded with their first use."""
    from .sparse.make import zeros

    return zeros(stype, _shape(shape), ctx, dtype)


def zeros(shape: Any, ctx: Context | None = None, dtype: Any = None, **kwargs: Any) -> NDArray:
    """An array of zeros; stype='row_sparse' or 'csr': in that storage.

    >>> import mxl as mx
    >>> mx.nd.zeros((2, 3))
    <BLANKLINE>
    [[0. 0. 0.]
     [0. 0. 0.]]
    <NDArray 2x3 @cpu(0)>
    """
    out = kwargs.pop("out", None)
    stype = kwargs.pop("stype", None)
    _nothing_else("zeros", kwargs)
    if stype not in (None, "default"):
        return _sparse_zeros(stype, shape, ctx, dtype)
    if out is not None:
        return _fill(out, shape, 0)
    return wrap(allocator.zeros(_shape(shape), resolve(dtype)), ctx)


def ones(shape: Any, ctx: Context | None = None, dtype: Any = None, **kwargs: Any) -> NDArray:
    """An array of ones."""
    out = kwargs.pop("out", None)
    _nothing_else("ones", kwargs)
    return full(shape, 1, ctx, dtype, out)


def full(shape: Any, val: Any, ctx: Context | None = None, dtype: Any = None, out: NDArray | None = None) -> NDArray:
    """An array filled with one value."""
    if out is not None:
        return _fill(out, shape, val)
    result = wrap(allocator.empty(_shape(shape), resolve(dtype)), ctx)
    result[:] = val
    return result


def _fill(out: NDArray, shape: Any, val: Any) -> NDArray:
    if _shape(shape) != out.shape:
        raise ShapeError(f"the shape is {_shape(shape)}, out= is {out.shape}")
    out[:] = val
    return out


def empty(shape: Any, ctx: Context | None = None, dtype: Any = None, stype: str | None = None) -> NDArray:
    """An array with undefined content; stype='row_sparse' or 'csr': one that stores nothing."""
    if stype not in (None, "default"):
        return _sparse_zeros(stype, shape, ctx, dtype)
    return wrap(allocator.empty(_shape(shape), resolve(dtype)), ctx)


def arange(
    start: float, stop: float | None = None, step: float = 1.0, repeat: int = 1, infer_range: bool | None = None,
    ctx: Context | None = None, dtype: Any = None,
) -> NDArray:  # fmt: skip
    """start, start + step, ... below stop (0 .. start without a stop), each `repeat` times.

    infer_range is MXNet's for graphs, where stop may follow from the neighbours; arrays have their stop.
    """
    low, high = (0, start) if stop is None else (start, stop)
    if step == 0:
        raise ArgumentError(f"arange: step is 0 between {low} and {high}; give another step")
    return wrap(np.repeat(np.arange(low, high, step, dtype=np.float64), repeat).astype(resolve(dtype)), ctx)


def linspace(
    start: float, stop: float, num: int, endpoint: bool = True, ctx: Context | None = None, dtype: Any = None
) -> NDArray:
    """`num` numbers evenly spread from start to stop, which is among them or not."""
    return wrap(np.linspace(start, stop, num, endpoint).astype(resolve(dtype)), ctx)


def eye(N: int, M: int = 0, k: int = 0, ctx: Context | None = None, dtype: Any = None, **kwargs: Any) -> NDArray:
    """A matrix with ones on its diagonal k.  [N, M], or [N, N] without M"""
    _nothing_else("eye", kwargs)
    return wrap(np.eye(N, M or N, k, dtype=resolve(dtype)), ctx)


def from_numpy(ndarray: np.ndarray[Any, Any], zero_copy: bool = True) -> NDArray:
    """An NDArray of numpy's dtype; zero_copy: on numpy's own memory, which numpy should not write any more."""
    if not isinstance(ndarray, np.ndarray):
        raise ArgumentError(f"from_numpy: a numpy array is wanted, not {type(ndarray).__name__}")
    if not zero_copy:
        return array(ndarray, dtype=ndarray.dtype)
    resolve(ndarray.dtype)
    if not ndarray.flags.c_contiguous:
        raise ValueError("from_numpy: only C-contiguous arrays can be taken without a copy; use zero_copy=False")
    return wrap(ndarray if ndarray.flags.writeable else ndarray.copy())
