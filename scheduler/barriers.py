"""Barriers: which rank waits in which barrier of which store, and which barriers are over.

Pure state.  A barrier is named by (store, number), never counted: a repeat changes nothing, and one that was released
is answered at once.
"""

from __future__ import annotations

from collections.abc import Collection


class Barriers:
    """The barriers of all stores."""

    def __init__(self) -> None:
        self._released: dict[int, int] = {}
        self._waiting: dict[tuple[int, int], dict[int, tuple[str, int]]] = {}

    def wait(self, rank: int, store: int, number: int, peer: str, request: int) -> bool:
        """A rank is in a barrier; True if that one was released before."""
        if number <= self._released.get(store, 0):
            return True
        self._waiting.setdefault((store, number), {})[rank] = (peer, request)
        return False

    def holds(self, peer: str, request: int) -> tuple[int, int] | None:
        """The barrier that this request waits in."""
        return next((name for name, ranks in self._waiting.items() if (peer, request) in ranks.values()), None)

    def missing(self, store: int, number: int, present: Collection[int]) -> tuple[int, ...]:
        """The present ranks that are not in this barrier."""
        return tuple(sorted(set(present) - self._waiting.get((store, number), {}).keys()))

    def release(self, present: Collection[int]) -> list[tuple[str, int, int, int]]:
        """(peer, request, store, number) of every rank whose barrier has all present ranks; those barriers are over."""
        released: list[tuple[str, int, int, int]] = []
        for (store, number), ranks in sorted(self._waiting.items()):
            if ranks and not self.missing(store, number, present):
                released += [(peer, request, store, number) for _, (peer, request) in sorted(ranks.items())]
                self._released[store] = max(number, self._released.get(store, 0))
        self._waiting = {
            name: ranks for name, ranks in self._waiting.items() if name[1] > self._released.get(name[0], 0)
        }
        return released
