"""Planted bugs in counting, summing and updating: the simulator must find each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mxl.server import update
from mxl.server.barriers import Barriers
from mxl.server.buffers import _Buffer
from mxl.server.clocks import Arrival, Contribution, ShardClocks
from mxl.server.ranks import Ranks
from mxl.server.setup import Setup
from mxl.server.store import Store
from mxl.testing.simulator import hunt
from mxl.worker.first_values import FirstValues

Plant = Callable[[pytest.MonkeyPatch], None]
SEEDS = 2000


def a_repeat_is_counted(patch: pytest.MonkeyPatch) -> None:
    """Which pushes are applied is forgotten: one that is sent again enters another update."""

    def push(self: ShardClocks, c: Contribution) -> Arrival:
        self.arrived.setdefault(c.clock, {})[c.rank] = c
        return Arrival.NEW

    def next_update(self: ShardClocks, live: frozenset[int]) -> list[Contribution]:
        if self.is_sync:
            return original(self, live)
        return next(([c] for ranks in self.arrived.values() for c in ranks.values()), [])

    original = ShardClocks.next_update
    patch.setattr(ShardClocks, "push", push)
    patch.setattr(ShardClocks, "next_update", next_update)


def a_push_that_came_early_is_applied_early(patch: pytest.MonkeyPatch) -> None:
    """An asynchronous push does not wait for the one before it, which was lost and comes again."""

    def next_update(self: ShardClocks, live: frozenset[int]) -> list[Contribution]:
        if self.is_sync:
            return original(self, live)
        return next(([c] for _, ranks in sorted(self.arrived.items()) for c in ranks.values()), [])

    original = ShardClocks.next_update
    patch.setattr(ShardClocks, "next_update", next_update)


def summed_in_order_of_arrival(patch: pytest.MonkeyPatch) -> None:
    """The sum depends on who came first."""
    original = ShardClocks.next_update

    def next_update(self: ShardClocks, live: frozenset[int]) -> list[Contribution]:
        contributions = original(self, live)
        return list(self.arrived[contributions[0].clock].values()) if self.is_sync and contributions else contributions

    patch.setattr(ShardClocks, "next_update", next_update)


def a_clock_closes_with_one_rank_missing(patch: pytest.MonkeyPatch) -> None:
    """All but one are enough."""
    original = ShardClocks.next_update

    def next_update(self: ShardClocks, live: frozenset[int]) -> list[Contribution]:
        missing = self.missing(live)
        return original(self, live - {missing[0]} if len(missing) == 1 and len(live) > 1 else live)

    patch.setattr(ShardClocks, "next_update", next_update)


def a_rank_in_a_barrier_is_waited_for(patch: pytest.MonkeyPatch) -> None:
    """Waiting in a barrier does not take a rank out of the clocks."""
    count = Ranks._count

    def _count(self: Ranks) -> None:
        count(self)
        self.live = self.present

    patch.setattr(Ranks, "_count", _count)


def a_rank_that_left_is_waited_for(patch: pytest.MonkeyPatch) -> None:
    """Leaving is noted and changes nothing."""

    def _count(self: Ranks) -> None:
        self.present = frozenset(rank for rank, m in self._table.workers.items() if m.incarnation >= 0)
        self.live = self.present - frozenset(self.waiting)

    patch.setattr(Ranks, "_count", _count)


def a_barrier_ends_for_whoever_is_there(patch: pytest.MonkeyPatch) -> None:
    """A server ends a barrier when half of the ranks are in it."""
    original = Barriers.end

    def end(self: Barriers) -> bool:
        present = self._ranks.present
        if 2 * len(self._ranks.waiting) > len(present):
            self._ranks.present = frozenset(self._ranks.waiting)
        has_ended = original(self)
        self._ranks.present = present
        return has_ended

    patch.setattr(Barriers, "end", end)


def the_scale_is_applied_twice(patch: pytest.MonkeyPatch) -> None:
    """A gradient is multiplied as it enters the sum, and was before."""
    add_up = update.add_up

    def twice(contributions: list[Contribution], *arguments: Any) -> Any:
        return add_up([replace(c, scale=c.scale * c.scale) for c in contributions], *arguments)

    patch.setattr(update, "add_up", twice)


def the_scale_is_left_out(patch: pytest.MonkeyPatch) -> None:
    """Only the sum counts."""
    add_up = update.add_up

    def unscaled(contributions: list[Contribution], *arguments: Any) -> Any:
        return add_up([replace(c, scale=1.0) for c in contributions], *arguments)

    patch.setattr(update, "add_up", unscaled)


def the_batch_of_one_rank_is_divided_by(patch: pytest.MonkeyPatch) -> None:
    """The sum is divided by the first rank's samples instead of those of all."""
    patch.setattr(update, "total_samples", lambda contributions: contributions[0].samples or 1.0)


def the_newest_hyper_parameters_are_used(patch: pytest.MonkeyPatch) -> None:
    """A push is applied under the last set that its rank has sent, not under the one that it names."""
    rule = Store.rule

    def newest(self: Store, rank: int, generation: int, number: int) -> Any:
        numbers = [n for r, g, n in self._rules if (r, g) == (rank, generation)]
        return rule(self, rank, generation, max([number, *numbers]))

    patch.setattr(Store, "rule", newest)


def a_lent_buffer_is_written(patch: pytest.MonkeyPatch) -> None:
    """Nobody asks whether the frames of a version are still on their way."""
    patch.setattr(_Buffer, "is_held", lambda self: False)


def a_value_that_does_not_count_is_taken(patch: pytest.MonkeyPatch) -> None:
    """Every rank sends its value to begin with, and a server takes the first that comes."""
    original = Setup._init_part

    def _init_part(self: Setup, node: Any, *arguments: Any) -> None:
        patch.setattr(self._ranks, "lowest", lambda: node.rank)
        original(self, node, *arguments)
        patch.delattr(self._ranks, "lowest")

    patch.setattr(Setup, "_init_part", _init_part)
    patch.setattr(FirstValues, "_is_lowest", lambda self: self._membership.node is not None)


def a_state_is_begun_with_each_update(patch: pytest.MonkeyPatch) -> None:
    """The optimizer's state is fresh each time, as if its generation were new."""
    from mxl.server.shard import DenseShard

    compute = DenseShard._compute

    def _compute(self: DenseShard, *arguments: Any) -> None:
        self.generation = 0
        compute(self, *arguments)

    patch.setattr(DenseShard, "_compute", _compute)


PLANTED = [
    a_repeat_is_counted,
    a_push_that_came_early_is_applied_early,
    summed_in_order_of_arrival,
    a_clock_closes_with_one_rank_missing,
    a_rank_in_a_barrier_is_waited_for,
    a_rank_that_left_is_waited_for,
    a_barrier_ends_for_whoever_is_there,
    the_scale_is_applied_twice,
    the_scale_is_left_out,
    the_batch_of_one_rank_is_divided_by,
    the_newest_hyper_parameters_are_used,
    a_lent_buffer_is_written,
    a_value_that_does_not_count_is_taken,
    a_state_is_begun_with_each_update,
]


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_planted_bug_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    found = hunt(SEEDS)
    assert found is not None, f"{SEEDS} seeds are clean although: {plant.__doc__}"
