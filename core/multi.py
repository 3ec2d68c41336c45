"""Several arrays at once: whether all their numbers are finite, and setting all to zero; for mixed precision."""

from __future__ import annotations

from typing import Any

import numpy as np

from .creation import array
from .errors import ArgumentError, DtypeError, NotAnArray
from .ndarray import NDArray

__all__ = ["all_finite", "multi_all_finite", "reset_arrays"]


def all_finite(
    data: NDArray, init_output: bool = True, out: NDArray | None = None, name: str | None = None
) -> NDArray:
    """1 if all of data is finite, else 0, as one float32.  [...] -> [1]

    init_output=False: 1 only if out was not 0 before, so that several calls give one answer.  `name` is for graphs.
    """
    return _finite("all_finite", (data,), init_output, out)


def multi_all_finite(
    *data: NDArray, num_arrays: int = 1, init_output: bool = True, out: NDArray | None = None
) -> NDArray:
    """1 if all of num_arrays arrays are finite, else 0, as one float32; init_output as there.  [...]... -> [1]"""
    _count("multi_all_finite", data, num_arrays)
    return _finite("multi_all_finite", data, init_output, out)


def reset_arrays(*data: NDArray, num_arrays: int) -> None:
    """Set num_arrays arrays to zero, in place."""
    _count("reset_arrays", data, num_arrays)
    for x in data:
        x[:] = 0


def _count(name: str, data: tuple[Any, ...], number: Any) -> None:
    if number != len(data):
        raise ArgumentError(f"{name}: {len(data)} arrays came, num_arrays is {number}: they must be as many")
    for i, x in enumerate(data):
        if not isinstance(x, NDArray):
            raise NotAnArray(f"{name}: array {i} must be an NDArray, not {type(x).__name__}")


def _finite(name: str, data: tuple[Any, ...], init_output: bool, out: NDArray | None) -> NDArray:
    if not init_output and out is None:
        raise ArgumentError(f"{name}: init_output=False goes on from what out= holds; give out=")
    if out is not None and (out.shape != (1,) or out.dtype != np.float32):
        raise ArgumentError(f"{name}: out= must be float32 [1], not {np.dtype(out.dtype).name} {list(out.shape)}")
    for x in data:
        if not isinstance(x, NDArray):
            raise NotAnArray(f"{name}: data must be an NDArray, not {type(x).__name__}")
        if np.dtype(x.dtype).kind != "f":
            raise DtypeError(f"{name}: data is {np.dtype(x.dtype).name}: it takes floating point; use astype")
    good = all(bool(np.isfinite(x._read()).all()) for x in data)
    if out is not None:
        out[:] = float(good and (bool(init_output) or out.asscalar() != 0))
        return out
    return array([float(good)], ctx=data[0].ctx)
