"""The allocator of arrays' buffers: one function, which a store may replace by its own memory's.

Used for buffers that live long and travel: gradients made by `attach_grad`, parameters, copies.  Results of operators
stay numpy's own.  A replacement gives a writable, C-contiguous array with undefined content, and may be called from
any thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Allocator = Callable[[tuple[int, ...], "np.dtype[Any]"], "np.ndarray[Any, Any]"]


def _numpy_empty(shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    return np.empty(shape, dtype)


_current: Allocator = _numpy_empty


def empty(shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """A new buffer with undefined content.  [shape]"""
    return _current(shape, dtype)


def zeros(shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """A new buffer of zeros.  [shape]"""
    if _current is _numpy_empty:
        return np.zeros(shape, dtype)  # the operating system's zero pages cost nothing until touched
    buffer = _current(shape, dtype)
    buffer.fill(0)
    return buffer


def copy(source: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A new C-contiguous buffer with the content of `source`."""
    buffer = _current(source.shape, source.dtype)
    np.copyto(buffer, source)
    return buffer


def set_allocator(allocator: Allocator | None) -> Allocator:
    """Let `allocator(shape, dtype)` make buffers from now on (None: numpy again).  Returns the one before."""
    global _current
    before, _current = _current, (_numpy_empty if allocator is None else allocator)
    return before
