"""The allocator of arrays' buffers: one function, which a store may replace by its own memory's.

Used for buffers that live long and travel: gradients made by `attach_grad`, parameters, copies.  Results of operators
stay numpy's own.  A replacement gives a writable, C-contiguous array with undefined content, and may be called from
any thread.

A training step takes and frees the same amounts of memory again and again.  glibc gives them back to the operating
system each time, and each next step pays for the same pages anew: a sixth of a LeNet step.  So at the first use of
this file glibc is told, once in a process, to keep what is freed; nothing else in mxl changes the C library's settings.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

Allocator = Callable[[tuple[int, ...], "np.dtype[Any]"], "np.ndarray[Any, Any]"]


# mallopt's numbers of its settings, and what they are set to.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
TRIM_THRESHOLD_BYTES = 256 << 20  # free memory at the heap's end beyond this is given back
MMAP_THRESHOLD_BYTES = 32 << 20  # the most that glibc allows; larger arrays are the system's own, and go back at once
OWN_WISHES = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")


@cache
def keep_freed_memory() -> bool:
    """Have glibc keep freed memory for the next arrays; whether it does.

    Left alone where the C library is another one, or where the environment sets glibc's own variables for this.
    """
    if sys.platform != "linux" or not _is_glibc() or any(name in os.environ for name in OWN_WISHES):
        return False
    import ctypes

    mallopt = ctypes.CDLL(None).mallopt
    settings = ((M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES), (M_TRIM_THRESHOLD, TRIM_THRESHOLD_BYTES))
    return all([mallopt(setting, size_bytes) == 1 for setting, size_bytes in settings])


def _is_glibc() -> bool:
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (ValueError, OSError):  # another C library does not know the question
        return False


def _numpy_empty(shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    keep_freed_memory()
    return np.empty(shape, dtype)


_current: Allocator = _numpy_empty


def empty(shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """A new buffer with undefined content.  [shape]"""
    return _current(shape, dtype)


def zeros(shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """A new buffer of zeros.  [shape]"""
    if _current is _numpy_empty:
        keep_freed_memory()
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
