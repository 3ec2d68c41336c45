"""Buffers of one shard: the current and the previous version, and memory for the next one.

A published version is immutable.  A buffer is used again only when it is neither current nor previous and nobody
holds it: a frame that the transport has not let go of is a holder, known by a weak reference to the view that was
handed out. At most `limit` buffers exist.  Any held buffer may outlive both kept versions, and two versions and the
one to be written need three buffers; so at most `limit` - 3 are held, and what is lent beyond that is a copy.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


class _Buffer:
    __slots__ = ("array", "holders")

    def __init__(self, array: Array) -> None:
        self.array = array
        self.holders: list[weakref.ref[Array]] = []

    def is_held(self) -> bool:
        if self.holders:
            self.holders = [h for h in self.holders if h() is not None]
        return bool(self.holders)


class VersionBuffers:
    """Two versions kept, at most `limit` buffers."""

    __slots__ = ("_buffers", "_current", "_limit", "_next", "_previous", "version")

    def __init__(self, value: Array, limit: int) -> None:
        if limit < 4:
            raise ValueError(
                f"versions_max: expected 4 or more, came {limit}: two versions kept, one held, one to write"
            )
        self._limit = limit
        self._current = _Buffer(value)
        self._previous: _Buffer | None = None
        self._next: _Buffer | None = None
        self._buffers = [self._current]
        self.version = 0

    @property
    def current(self) -> Array:
        """The published value.  Read it, never write it."""
        return self._current.array

    @property
    def previous(self) -> Array | None:
        """The version before it, if there is one."""
        return None if self._previous is None else self._previous.array

    def put(self, version: int, previous: Array | None) -> None:
        """The value is this version, and that was the one before."""
        self.version = version
        if previous is not None:
            self._previous = _Buffer(previous)
            self._buffers.append(self._previous)

    def reserve(self) -> Array:
        """Memory to write the next version into; published by `publish`."""
        if self._next is None:
            free = (b for b in self._buffers if b is not self._current and b is not self._previous and not b.is_held())
            found = next(free, None)
            if found is None:
                found = _Buffer(np.empty_like(self._current.array))
                self._buffers.append(found)
                assert len(self._buffers) <= self._limit, "more buffers than versions_max"
            self._next = found
        return self._next.array

    def discard(self) -> None:
        """What was written into `reserve()` is not wanted."""
        self._next = None

    def publish(self) -> None:
        """What was written into `reserve()` is the next version; without a reserve the value stays as it is."""
        self.version += 1
        if self._next is not None:
            self._previous, self._current, self._next = self._current, self._next, None
        else:
            self._previous = self._current

    def lend(self, version: int | None) -> tuple[int, memoryview]:
        """Bytes of a version, or of the oldest kept one that is not older (None: the newest), as (version, bytes).

        They stay as they are for as long as the view lives.
        """
        buffer = self._current
        lent = self.version
        if version is not None and version < self.version and self._previous is not None:
            buffer, lent = self._previous, self.version - 1
        others_held = sum(b is not buffer and b.is_held() for b in self._buffers)
        if others_held >= self._limit - 3:
            return lent, memoryview(buffer.array.tobytes())
        view = buffer.array.view()
        buffer.holders.append(weakref.ref(view))
        return lent, view.data.cast("B") if view.size else memoryview(b"")
