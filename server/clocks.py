"""Clocks of one shard: who has pushed what, which update comes next, and which pull may be answered.

Pure counting; no values, no optimizer.  One code for all kinds: with `staleness` 0 the pushes of a clock make one
update, in rank order, once every live rank has pushed it; else each push is an update of its own, in the order of its
rank's clocks.
Invariants: a rank's push of a clock enters at most one update, however often, and by whichever life,
it is sent; `applied[r]` is the last clock of r that is in the published version; what has arrived and waits for its
turn is not in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from ..kvstore.errors import OutOfPlace
from ..kvstore.rows import Rows
from .rule import Rule

Gradient = np.ndarray[Any, Any] | Rows  # flat and of the whole shard, or of some of its rows
UNBOUNDED = -1
UNANSWERED_CLOCKS = 2


@dataclass(frozen=True, slots=True)
class Asker:
    """Who is to be answered: a request of a peer."""

    peer: str
    request: int
    priority: int
    wants_value: bool


@dataclass(eq=False, slots=True)
class Contribution:
    """One rank's push of one clock, with the rule that it names (None: no optimizer).

    `gradient` None: it was refused, its clock goes on without it.
    """

    rank: int
    clock: int
    gradient: Gradient | None
    scale: float
    samples: float
    rule: Rule | None
    asker: Asker


class Arrival(Enum):
    """What a push turned out to be."""

    NEW = "new"
    REPEAT_WAITING = "repeat of one that waits"
    REPEAT_APPLIED = "repeat of one that is applied"


class ShardClocks:
    """Counts the pushes of one shard.  `staleness`: 0 is synchronous, UNBOUNDED any."""

    __slots__ = ("applied", "arrived", "staleness", "version")

    def __init__(self, staleness: int) -> None:
        self.staleness = staleness
        self.version = 0
        self.applied: dict[int, int] = {}
        self.arrived: dict[int, dict[int, Contribution]] = {}

    @property
    def is_sync(self) -> bool:
        return self.staleness == 0

    def check_clock(self, rank: int, clock: int) -> None:
        """Raises OutOfPlace for a clock beyond the two that a rank may have unanswered: what waits is bounded."""
        if clock > self.applied.get(rank, 0) + UNANSWERED_CLOCKS:
            raise OutOfPlace(
                f"rank {rank} pushed clock {clock}, and {self.applied.get(rank, 0)} is the last of it that is applied: "
                f"a rank has at most {UNANSWERED_CLOCKS} clocks unanswered"
            )

    def push(self, contribution: Contribution) -> Arrival:
        """A push has come."""
        rank, clock = contribution.rank, contribution.clock
        if clock <= self.applied.get(rank, 0):
            return Arrival.REPEAT_APPLIED
        ranks = self.arrived.setdefault(clock, {})
        if rank in ranks:
            ranks[rank].asker = contribution.asker
            return Arrival.REPEAT_WAITING
        ranks[rank] = contribution
        return Arrival.NEW

    def next_update(self, live: frozenset[int]) -> list[Contribution]:
        """The pushes of the next update, in rank order; empty while it must wait.  `updated` must follow."""
        if self.is_sync:
            ranks = self.arrived.get(self.version + 1)
            if not ranks or not live <= ranks.keys():
                return []
            return [ranks[rank] for rank in sorted(ranks)]
        for clock in sorted(self.arrived):
            for rank, contribution in self.arrived[clock].items():
                if clock == self.applied.get(rank, 0) + 1:
                    return [contribution]
        return []

    def updated(self, contributions: list[Contribution], waiting: Iterable[int]) -> None:
        """The update is published; a clock that closed without a rank that waits in a barrier counts as that rank's."""
        self.version += 1
        for c in contributions:
            self.applied[c.rank] = c.clock
            ranks = self.arrived[c.clock]
            del ranks[c.rank]
            if not ranks:
                del self.arrived[c.clock]
        if self.is_sync:
            for rank in waiting:
                self.applied[rank] = max(self.applied.get(rank, 0), self.version)

    def may_answer(self, rank: int, clock: int, live: frozenset[int]) -> bool:
        """Whether a pull of this rank at this clock may read the published version (the rule of pulls)."""
        return not self.waits_for(rank, clock, live)

    def waits_for(self, rank: int, clock: int, live: frozenset[int]) -> tuple[int, ...]:
        """The ranks whose pushes a pull waits for: its own, and those more than `staleness` behind."""
        behind = {rank} if self.applied.get(rank, 0) < clock else set[int]()
        if self.staleness != UNBOUNDED:
            behind |= {r for r in live if self.applied.get(r, 0) < clock - self.staleness}
        return tuple(sorted(behind))

    def named(self, rank: int, clock: int, live: frozenset[int]) -> tuple[int, ...]:
        """The ranks to name to whoever wonders about a pull: those that hold up the next clock, if any do."""
        return self.missing(live) or self.waits_for(rank, clock, live)

    def missing(self, live: frozenset[int]) -> tuple[int, ...]:
        """The live ranks that the next clock waits for."""
        if not self.is_sync:
            return ()
        return tuple(sorted(live - self.arrived.get(self.version + 1, {}).keys()))

    def meet(self, ranks: Iterable[int]) -> int:
        """A barrier is over: these ranks stand at the greatest clock; that clock."""
        greatest = max(self.applied.values(), default=0)
        for rank in ranks:
            self.applied[rank] = greatest
        return greatest

    def waiting_of(self, rank: int) -> bool:
        """Whether a push of this rank waits for its turn."""
        return any(rank in ranks for ranks in self.arrived.values())

    def check(self) -> None:
        """Assert the invariants (after each test and simulated step)."""
        for clock, ranks in self.arrived.items():
            for rank, c in ranks.items():
                assert (c.clock, c.rank) == (clock, rank), (clock, rank, c)
                assert clock > self.applied.get(rank, 0), f"clock {clock} of rank {rank} waits and is applied"
                assert clock <= self.applied.get(rank, 0) + 2, f"rank {rank} has more than two clocks unanswered"
        if self.is_sync:
            assert all(clock <= self.version for clock in self.applied.values()), (self.version, self.applied)
