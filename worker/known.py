"""Known: what a worker's store knows of its keys, and whether an optimizer may step over the pieces of them.

Plain data and pure functions.  Never: a value, a server.  Every rank knows the same, and cuts alike.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.optimizer import Optimizer
from ..kvstore import keys
from ..kvstore.errors import Unsupported
from ..kvstore.keys import Key
from ..kvstore.placement import cut, keeps_whole
from ..kvstore.settings import Settings
from .calls import Array


@dataclass(frozen=True, slots=True)
class Known:
    """A key that has its first value; `scope` is what its cut left whole."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    scope: str
    stype: str


def require_whole(optimizer: Optimizer, known: Mapping[Key, Known], settings: Settings) -> None:
    """Raise where the cut of a key went through what the optimizer's step needs whole."""
    for key, one in known.items():
        pieces = cut(one.shape, one.dtype.itemsize, settings.bigarray_bound_bytes, settings.shard_bytes, one.scope)
        if not keeps_whole(one.shape, pieces, optimizer.scope):
            raise Unsupported(
                f"optimizer {type(optimizer).__name__!r} needs each {optimizer.scope} whole, and key {key!r}, "
                f"{keys.described(one.dtype, one.shape)}, was cut into {len(pieces)} pieces at init; call "
                f"set_optimizer before init"
            )


def shaped(optimizer: Optimizer, dtype: Any, shape: tuple[int, ...], arrays: list[Array]) -> tuple[Array, ...]:
    """Flat states of a whole key, in the shapes that the optimizer keeps."""
    if all(a.size == math.prod(shape) for a in arrays):
        return tuple(a.reshape(shape) for a in arrays)
    fresh = optimizer.new_state_multi_precision(np.zeros(shape, dtype))
    return tuple(a.reshape(f.shape) if a.size == f.size else a for a, f in zip(arrays, fresh, strict=True))
