"""Blocks: an elementwise step over pieces of its arrays that fit the cache.

Weight, gradient and state of a key are streams of numbers; a step needs several passes over them.  Cut into blocks,
all passes but the first find their numbers in the cache, and temporaries are one block long.  The bits are those of
the whole.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np

BLOCK = 1 << 16  # elements (measured: 2**15 to 2**16 are the quickest); five arrays of float32 are 1.3 MB

_local = threading.local()


def cut(*arrays: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
    """The arrays' elements, flat, block by block.  All have one size and are C-contiguous."""
    size = arrays[0].size
    if size <= BLOCK:
        yield arrays
        return
    flat = [array.reshape(-1) for array in arrays]
    for start in range(0, size, BLOCK):
        yield tuple([array[start : start + BLOCK] for array in flat])


def complement(share: Any, like: np.ndarray) -> Any:
    """1 - share in like's dtype, both rounded to it before, as MXNet's kernels have it: 1 - 0.999 differs by 5e-5."""
    return like.dtype.type(1) - like.dtype.type(share)


def scratch(like: np.ndarray, slot: int = 0) -> np.ndarray:
    """An array of like's shape and dtype with any content; the thread's next call for this slot may give it again."""
    if like.size > BLOCK:
        return np.empty_like(like)
    pool: dict[Any, np.ndarray] | None = getattr(_local, "pool", None)
    if pool is None:
        pool = _local.pool = {}
    buffer = pool.get((like.dtype, slot))
    if buffer is None:
        buffer = pool[like.dtype, slot] = np.empty(BLOCK, like.dtype)
    return buffer[: like.size].reshape(like.shape)
