"""Ranks: what a server knows of the workers: who is in the job, who counts just now, and each one's current life.

Pure state.  Sources: the scheduler's table, and what a worker says itself (`Leave`, `Waiting`), which counts at once.
*present*: admitted, neither left nor given up.  *live*: present and not waiting in a barrier; only live ranks are
waited for.
"""

from __future__ import annotations

from ..kvstore.names import Node
from ..kvstore.table import GIVEN_UP, LEFT, Table


class Ranks:
    """The workers as this server sees them."""

    def __init__(self) -> None:
        self.present: frozenset[int] = frozenset()
        self.live: frozenset[int] = frozenset()
        self.given_up: frozenset[int] = frozenset()
        self.left: set[int] = set()
        self.waiting: dict[int, tuple[int, int]] = {}
        self._lives: dict[int, int] = {}
        self._table = Table()

    def update(self, table: Table) -> None:
        """A newer table."""
        self._table = table
        for rank, member in table.workers.items():
            if member.incarnation > self._lives.get(rank, -1):
                self._begin_life(rank, member.incarnation)
        self.left |= {rank for rank, member in table.workers.items() if member.state == LEFT}
        self.given_up = frozenset(rank for rank, member in table.workers.items() if member.state == GIVEN_UP)
        self._count()

    def life(self, rank: int) -> int:
        """The incarnation that is the rank's current life; -1 for a rank that was never heard of."""
        return self._lives.get(rank, -1)

    def begin_life(self, node: Node) -> None:
        """A newer life's first message has come: the older one is over."""
        self._begin_life(node.rank, node.incarnation)
        self._count()

    def leave(self, rank: int) -> None:
        """The rank pushes no more."""
        self.left.add(rank)
        self._count()

    def wait(self, rank: int, store: int, number: int) -> None:
        """The rank is in a barrier: no clock waits for it."""
        self.waiting[rank] = (store, number)
        self._count()

    def count_again(self, ranks: frozenset[int]) -> None:
        """The barrier of these ranks is over."""
        for rank in ranks:
            self.waiting.pop(rank, None)
        self._count()

    def begin_anew(self) -> None:
        """Only what the table says counts: who waits, or is about to leave, says so again."""
        self.waiting.clear()
        self.left = {rank for rank, member in self._table.workers.items() if member.state == LEFT}
        self._count()

    def lowest(self) -> int | None:
        """The rank whose values and optimizer count; None if none is present."""
        return min(self.present, default=None)

    def _begin_life(self, rank: int, incarnation: int) -> None:
        self._lives[rank] = incarnation
        self.waiting.pop(rank, None)
        self.left.discard(rank)

    def _count(self) -> None:
        self.present = frozenset(self._table.present_workers()) - self.left
        self.live = self.present - frozenset(self.waiting)
