"""Planted bugs in counting, summing and updating: the simulator must find each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mxl.kvstore.rows import Rows
from mxl.server import update
from mxl.server.barriers import Barriers
from mxl.server.buffers import _Buffer
from mxl.server.clocks import Arrival, Contribution, ShardClocks
from mxl.server.ranks import Ranks
from mxl.server.setup import Setup
from mxl.server.store import Store
from mxl.server.table import TableShard
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
    from mxl.server.shard import Shard

    compute = Shard._compute

    def _compute(self: Shard, *arguments: Any) -> None:
        self.generation = 0
        compute(self, *arguments)

    patch.setattr(Shard, "_compute", _compute)


def the_undo_record_is_lost(patch: pytest.MonkeyPatch) -> None:
    """A row table forgets what its last update replaced: the previous version reads as the current one."""
    patch.setattr(TableShard, "_record", lambda self, ids: None)


def the_undo_record_has_the_last_rows_only(patch: pytest.MonkeyPatch) -> None:
    """One row of an update is missing in the record."""
    original = TableShard._record

    def _record(self: TableShard, ids: Any) -> None:
        original(self, np.arange(1, len(self.table)) if ids is None else ids[1:])

    patch.setattr(TableShard, "_record", _record)


def a_row_of_two_ranks_is_taken_once(patch: pytest.MonkeyPatch) -> None:
    """Where the rows of two ranks meet the later one stands alone."""

    def add_rows(terms: Any, divisor: float = 1.0) -> Rows:
        latest = {int(i): row * scale for rows, scale in terms for i, row in zip(rows.ids, rows.rows, strict=True)}
        first = terms[0][0].rows
        total = np.array([latest[i] for i in sorted(latest)], first.dtype).reshape(-1, first.shape[1])
        return Rows(np.array(sorted(latest), np.int64), total / first.dtype.type(divisor))

    patch.setattr(update, "add_rows", add_rows)


def rows_are_added_again_when_sent_again(patch: pytest.MonkeyPatch) -> None:
    """A repeat that waits for its turn has its rows added to those that are there."""
    original = ShardClocks.push

    def push(self: ShardClocks, c: Contribution) -> Arrival:
        before = self.arrived.get(c.clock, {}).get(c.rank)
        arrival = original(self, c)
        if arrival is Arrival.REPEAT_WAITING and isinstance(c.gradient, Rows) and isinstance(before.gradient, Rows):
            twice = update.add_rows([(before.gradient, 1.0), (c.gradient, 1.0)])
            self.arrived[c.clock][c.rank] = replace(before, gradient=twice)
        return arrival

    patch.setattr(ShardClocks, "push", push)


def what_is_lent_of_a_table_is_no_copy(patch: pytest.MonkeyPatch) -> None:
    """A whole table is answered with its own memory, which the next update changes while it waits to be sent."""
    original = TableShard.lend

    def lend(self: TableShard, version: int | None, ids: Any) -> tuple[int, memoryview]:
        if ids is None and (version is None or version >= self.version) and self.table.size:
            return self.version, memoryview(self.table.reshape(-1)).cast("B")
        return original(self, version, ids)

    patch.setattr(TableShard, "lend", lend)


PLANTED = [
    the_undo_record_is_lost,
    the_undo_record_has_the_last_rows_only,
    a_row_of_two_ranks_is_taken_once,
    rows_are_added_again_when_sent_again,
    what_is_lent_of_a_table_is_no_copy,
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
