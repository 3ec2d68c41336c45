"""TestStore: the smallest plug-in, MXNet's 'teststore'; one process, no key kept, no optimizer.

What a store class of one's own must have at least, and what tests of a Trainer use to see its calls.  `pushpull`
copies the sum into `out`, or into `value` if that is a list; `broadcast` copies the value into `out`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.ndarray import NDArray
from .base import KVStoreBase, check_capability
from .errors import InvalidValue


class TestStore(KVStoreBase):
    """A store that keeps nothing."""

    __test__ = False            # its name makes pytest take it for tests

    def broadcast(self, key: Any, value: NDArray, out: NDArray | Sequence[NDArray], priority: int = 0) -> None:
        """Copy `value` into each array of `out`."""
        for one in _listed(out, "broadcast"):
            _one(value, "broadcast").copyto(one)

    def pushpull(self, key: Any, value: NDArray | Sequence[NDArray], out: NDArray | Sequence[NDArray] | None = None,
                 priority: int = 0) -> None:
        """Copy the sum of `value` into each array of `out`; without it into each array of a list `value`."""
        arrays = _listed(value, "pushpull")
        total = arrays[0].copy()
        for array in arrays[1:]:
            total += array.as_in_context(total.ctx)
        if out is None and isinstance(value, NDArray):
            return
        for one in arrays if out is None else _listed(out, "pushpull"):
            total.copyto(one)

    @staticmethod
    def is_capable(capability: str) -> bool:
        """False: this store applies no updates.  Raises UnknownCapability for anything but 'optimizer'."""
        check_capability(capability)
        return False

    @property
    def type(self) -> str:
        """'teststore'"""
        return "teststore"

    @property
    def rank(self) -> int:
        """0"""
        return 0

    @property
    def num_workers(self) -> int:
        """1"""
        return 1


def _listed(arrays: NDArray | Sequence[NDArray], call: str) -> list[NDArray]:
    listed = [arrays] if isinstance(arrays, NDArray) else list(arrays)
    if not listed:
        raise InvalidValue(f"{call}: expected an NDArray or a list of them, got an empty list")
    return [_one(array, call) for array in listed]


def _one(array: Any, call: str) -> NDArray:
    if not isinstance(array, NDArray):
        raise InvalidValue(f"{call}: expected an NDArray or a list of them, got {type(array).__name__}")
    return array
