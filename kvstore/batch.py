"""Batches: how many parts travel in one message, so that no list call makes a message beyond the wire's limits.

Knows: what a part takes of a message's header, and how a list is divided.  Never: payloads, credit, what a part means.
Invariant: what `divided` or `Header` let into one message is encoded and decoded under the default limits.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from .wire.limits import DEFAULT

T = TypeVar("T")

PARTS_MAX = DEFAULT.parts
HEADER_MAX_BYTES = DEFAULT.header_bytes // 2  # the other half is for hyper-parameters and the message's own fields
_NUMBERS_BYTES = 128  # a part's numbers and short names, at their longest
_DIMENSION_BYTES = 9
_CHARACTER_BYTES = 4


def header_bytes(part: Any) -> int:
    """What a part takes of a header at most."""
    key: Any = getattr(part, "key", 0)
    shape: tuple[int, ...] = getattr(part, "shape", ())
    return _NUMBERS_BYTES + _DIMENSION_BYTES * len(shape) + (_CHARACTER_BYTES * len(key) if isinstance(key, str) else 0)


class Header:
    """The header of the message that is being put together."""

    __slots__ = ("_bytes", "_parts")

    def __init__(self) -> None:
        self._parts = self._bytes = 0

    def takes(self, part: Any) -> bool:
        """Whether there is room for one more part; if so it is counted."""
        size = header_bytes(part)
        if self._parts and (self._parts >= PARTS_MAX or self._bytes + size > HEADER_MAX_BYTES):
            return False
        self._parts += 1
        self._bytes += size
        return True


def divided(parts: Iterable[T]) -> list[tuple[T, ...]]:
    """The parts in as few messages as they need, in order; one empty message if there are none."""
    groups: list[list[T]] = [[]]
    header = Header()
    for part in parts:
        if not header.takes(part):
            groups.append([])
            header = Header()
            header.takes(part)
        groups[-1].append(part)
    return [tuple(group) for group in groups]
