"""Planted bugs in copies, promotion and coming back: the simulator must find each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mxl.kvstore.outbox import Outbox
from mxl.kvstore.table import Table
from mxl.kvstore.wire.messages import ChangePart, CopyShard, Replicate
from mxl.scheduler import slots
from mxl.scheduler.state import SchedulerState
from mxl.server.barriers import Barriers
from mxl.server.copies import Copies
from mxl.server.ranks import Ranks
from mxl.server.shard import Shard
from mxl.server.state import ServerState
from mxl.server.stream import Stream
from mxl.server.streams import Streams
from mxl.testing.simulator import hunt
from mxl.worker.endings import Endings
from mxl.worker.servers import Servers

Plant = Callable[[pytest.MonkeyPatch], None]
SEEDS = 4000


def answered_before_the_backup_has_it(patch: pytest.MonkeyPatch) -> None:
    """A primary answers as soon as it has sent the change."""
    patch.setattr(Shard, "is_safe", property(lambda self: True))


def a_send_counts_as_an_acknowledgement(patch: pytest.MonkeyPatch) -> None:
    """What has left for the backup counts as held by it."""
    patch.setattr(Stream, "has", lambda self, sequence: sequence not in [r.id for r in self.outbox.queue])


def a_copy_that_is_under_way_is_promoted(patch: pytest.MonkeyPatch) -> None:
    """A server that is being copied to counts as in sync."""
    original = slots.copied_again

    def copied_again(table: Table, replicas: int) -> Table:
        found = original(table, replicas)
        pairs = zip(found.backups, found.copying, strict=True)
        return replace(found, backups=tuple(b if b >= 0 else c for b, c in pairs))

    patch.setattr(slots, "copied_again", copied_again)


def what_is_applied_is_not_copied(patch: pytest.MonkeyPatch) -> None:
    """A new backup gets the value, and not which pushes are in it."""
    original = Copies._put

    def _put(self: Copies, message: CopyShard) -> None:
        original(self, replace(message, ranks=(), clocks=()))

    patch.setattr(Copies, "_put", _put)


def what_is_applied_does_not_follow(patch: pytest.MonkeyPatch) -> None:
    """A backup makes the update, and does not count whose pushes were in it."""
    original = Shard.follow

    def follow(self: Shard, part: ChangePart, whole: Any) -> None:
        before = dict(self.clocks.applied)
        original(self, part, whole)
        self.clocks.applied = before

    patch.setattr(Shard, "follow", follow)


def changes_are_taken_as_they_come(patch: pytest.MonkeyPatch) -> None:
    """A change that came twice is made twice."""

    def take(self: Copies, peer: str, message: Replicate | CopyShard) -> None:
        self._put(message) if isinstance(message, CopyShard) else self._change(message)
        self._replies.taken(peer, message.request)

    patch.setattr(Copies, "take", take)


def optimizer_states_are_not_copied(patch: pytest.MonkeyPatch) -> None:
    """A new backup begins the optimizer's states anew."""
    original = Copies._put

    def _put(self: Copies, message: CopyShard) -> None:
        payloads = message.payloads[: 1 + message.undo]
        original(self, replace(message, generation=0, dtypes=(), payloads=payloads))

    patch.setattr(Copies, "_put", _put)


def the_sum_is_scaled_again(patch: pytest.MonkeyPatch) -> None:
    """The backup takes half of the sum that the primary took."""
    original = Shard.follow

    def follow(self: Shard, part: ChangePart, whole: Any) -> None:
        original(self, part, None if whole is None else replace(whole, scale=0.5))

    patch.setattr(Shard, "follow", follow)


def the_end_of_a_barrier_is_not_copied(patch: pytest.MonkeyPatch) -> None:
    """Where shards stand after a barrier is told to nobody."""
    original = Streams.changed

    def changed(self: Streams, shard: Shard, whole: Any) -> None:
        if whole is not None:
            original(self, shard, whole)

    patch.setattr(Streams, "changed", changed)


def a_rank_in_a_barrier_does_not_say_it_again(patch: pytest.MonkeyPatch) -> None:
    """The server that has taken over never hears who waits."""
    patch.setattr(Endings, "say_again", lambda self, now: None)


def who_waited_still_counts_as_waiting(patch: pytest.MonkeyPatch) -> None:
    """A server that takes over goes by what it had heard: a push on its way to the dead one is not waited for."""
    patch.setattr(Ranks, "begin_anew", lambda self: None)
    patch.setattr(Barriers, "begin_anew", lambda self: None)


def what_the_dead_server_owed_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    """Requests to a dead server are sent to nobody."""
    patch.setattr(Servers, "_hand_over", lambda self, gone, now: None)


def what_is_handed_over_goes_last(patch: pytest.MonkeyPatch) -> None:
    """A request that was a dead server's goes behind the later ones of its shard."""

    def adopt(self: Outbox, request: Any, now: float) -> None:
        request.is_held, request.held_at, request.submitted_at = False, now, now
        self.queue.append(request)
        self._enqueued(request)

    patch.setattr(Outbox, "adopt", adopt)


def a_new_server_hears_of_no_store(patch: pytest.MonkeyPatch) -> None:
    """A server that has come anew is not told what the others were told."""
    patch.setattr(Servers, "_introduce", lambda self, outbox, now: None)


def who_is_given_up_pays_what_it_owes(patch: pytest.MonkeyPatch) -> None:
    """A server that wakes and learns that another has taken over answers what no copy has."""
    original = ServerState._take_over

    def _take_over(self: ServerState) -> None:
        self._slots = frozenset()
        original(self)

    patch.setattr(ServerState, "_take_over", _take_over)


def a_report_that_comes_twice_is_two_deaths(patch: pytest.MonkeyPatch) -> None:
    """The launcher's report of an old life, sent again, ends the new one."""
    original = SchedulerState._take

    def _take(self: SchedulerState, *arguments: Any) -> None:
        self._reported.clear()
        original(self, *arguments)

    patch.setattr(SchedulerState, "_take", _take)


PLANTED = [
    answered_before_the_backup_has_it,
    a_send_counts_as_an_acknowledgement,
    a_copy_that_is_under_way_is_promoted,
    what_is_applied_is_not_copied,
    what_is_applied_does_not_follow,
    changes_are_taken_as_they_come,
    optimizer_states_are_not_copied,
    the_sum_is_scaled_again,
    the_end_of_a_barrier_is_not_copied,
    a_rank_in_a_barrier_does_not_say_it_again,
    who_waited_still_counts_as_waiting,
    what_the_dead_server_owed_is_forgotten,
    what_is_handed_over_goes_last,
    a_new_server_hears_of_no_store,
    who_is_given_up_pays_what_it_owes,
    a_report_that_comes_twice_is_two_deaths,
]


@pytest.mark.timeout(240)
@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_planted_bug_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    found = hunt(SEEDS)
    assert found is not None, f"{SEEDS} seeds are clean although: {plant.__doc__}"
