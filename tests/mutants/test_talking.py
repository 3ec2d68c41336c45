"""Planted bugs in what is said between the processes, and who is believed: the simulator must find each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from mxl.kvstore import outbox
from mxl.kvstore.credit import Window
from mxl.kvstore.machine import Send
from mxl.kvstore.member import Membership
from mxl.kvstore.outbox import Outbox, Request
from mxl.kvstore.table import Table
from mxl.kvstore.wire.messages import Had, Have, Message, Waited
from mxl.scheduler.barriers import Barriers
from mxl.scheduler.state import SchedulerState
from mxl.server.clocks import UNBOUNDED, ShardClocks
from mxl.server.exchange import Exchange
from mxl.server.ranks import Ranks
from mxl.server.replies import Replies
from mxl.server.state import ServerState
from mxl.testing.simulator import hunt
from mxl.worker import flow
from mxl.worker.calls import Barrier, LeaveJob
from mxl.worker.endings import Endings

Plant = Callable[[pytest.MonkeyPatch], None]
SEEDS = 2000


def an_older_life_is_believed(patch: pytest.MonkeyPatch) -> None:
    """What a killed process had sent is taken after its next life has begun."""
    patch.setattr(ServerState, "_is_current", lambda self, node: True)


def an_older_table_is_believed(patch: pytest.MonkeyPatch) -> None:
    """The last table that comes counts, whatever its number."""

    def _learn(self: Membership, data: dict[str, Any], giver: str) -> list[Any]:
        self.table = Table.from_wire(data)
        return []

    patch.setattr(Membership, "_learn", _learn)


def an_older_membership_is_served(patch: pytest.MonkeyPatch) -> None:
    """A server takes what was sent by an older table."""
    patch.setattr(ServerState, "_is_stale", lambda self, message: False)


def a_newer_membership_is_not_waited_for(patch: pytest.MonkeyPatch) -> None:
    """What comes under a table that a server does not have yet is taken under its own."""
    patch.setattr(Membership, "keep", lambda self, peer, message, now: None)


def what_was_stale_is_not_sent_again(patch: pytest.MonkeyPatch) -> None:
    """A request that was refused as stale is forgotten by its sender."""

    def send_again(self: Outbox, request_ids: Iterable[int]) -> None:
        for request_id in request_ids:
            self.out.pop(request_id, None)

    patch.setattr(Outbox, "send_again", send_again)


def other_bytes_are_sent_again(patch: pytest.MonkeyPatch) -> None:
    """A push that is sent again is encoded again, from a buffer that has gone on."""
    original = Outbox.send_again

    def send_again(self: Outbox, request_ids: Iterable[int]) -> None:
        ids = list(request_ids)
        for request in (self.out[i] for i in ids if i in self.out):
            request.payloads = tuple(bytes(p)[4:] + bytes(p)[:4] for p in request.payloads)
        original(self, ids)

    patch.setattr(Outbox, "send_again", send_again)


def what_is_lost_is_said_to_be_held(patch: pytest.MonkeyPatch) -> None:
    """A server says that it holds whatever it is asked for."""
    original = Replies.have

    def have(self: Replies, peer: str, message: Have) -> None:
        original(self, peer, message)
        said = self.effects.pop()
        assert isinstance(said, Send)
        assert isinstance(said.message, Had)
        held = tuple(Waited(r, ()) for r in message.requests)
        self.effects.append(Send(peer, replace(said.message, held=held)))

    patch.setattr(Replies, "have", have)


def a_credit_is_never_returned(patch: pytest.MonkeyPatch) -> None:
    """What was sent counts as on the way for ever."""
    patch.setattr(Window, "credit", lambda self, offset: None)


def a_lost_credit_is_never_asked_for(patch: pytest.MonkeyPatch) -> None:
    """Only requests that are out are asked after, not what waits for credit."""
    original = Outbox.tick

    def tick(self: Outbox, membership: int, now: float) -> list[Message]:
        return original(self, membership, now) if self.out or not self.is_open else []

    patch.setattr(Outbox, "tick", tick)


def the_window_is_not_kept(patch: pytest.MonkeyPatch) -> None:
    """Whatever is ready goes."""
    patch.setattr(Window, "allows", lambda self, size_bytes, beside_bytes=0: True)


def a_fence_overtakes_what_was_lost(patch: pytest.MonkeyPatch) -> None:
    """A barrier or a leave goes behind the pushes that were sent, held by the server or not."""
    patch.setattr(Outbox, "_holds_all", lambda self: True)


def a_key_is_reordered_by_priority(patch: pytest.MonkeyPatch) -> None:
    """The most urgent request goes first, also before an older one of its own key."""

    def stages(requests: list[Request]) -> list[tuple[Any, list[Request]]]:
        urgent = sorted(requests, key=lambda r: (-r.priority, r.id))
        return [(kind, [r for r in urgent if r.kind == kind]) for kind in ("init", "pull", "push")]

    patch.setattr(outbox, "stages", stages)


def a_third_clock_is_let_in(patch: pytest.MonkeyPatch) -> None:
    """Three clocks of a key may be unanswered, and two versions are kept."""
    patch.setattr(flow, "UNANSWERED_CLOCKS", 3)


def a_pull_is_answered_one_version_early(patch: pytest.MonkeyPatch) -> None:
    """A pull does not wait for the clock at which it was made."""
    original = ShardClocks.waits_for
    patch.setattr(ShardClocks, "waits_for", lambda self, rank, clock, live: original(self, rank, clock - 1, live))


def staleness_is_off_by_one(patch: pytest.MonkeyPatch) -> None:
    """A bound of N lets ranks run N + 1 ahead."""
    original = ShardClocks.waits_for

    def waits_for(self: ShardClocks, rank: int, clock: int, live: frozenset[int]) -> tuple[int, ...]:
        if self.staleness in (0, UNBOUNDED):
            return original(self, rank, clock, live)
        self.staleness += 1
        try:
            return original(self, rank, clock, live)
        finally:
            self.staleness -= 1

    patch.setattr(ShardClocks, "waits_for", waits_for)


def a_push_that_wants_its_value_gets_it_at_once(patch: pytest.MonkeyPatch) -> None:
    """A pull that rides on its push does not keep to the rule of pulls."""

    original = Exchange._answer_push

    def _answer_push(self: Exchange, shard: Any, rank: int, clock: int, asker: Any) -> None:
        staleness = shard.clocks.staleness
        shard.clocks.staleness = UNBOUNDED if staleness else 0
        original(self, shard, rank, clock, asker)
        shard.clocks.staleness = staleness

    patch.setattr(Exchange, "_answer_push", _answer_push)


def a_barrier_is_counted_and_not_named(patch: pytest.MonkeyPatch) -> None:
    """Whoever says twice that it waits counts for two."""
    wait, missing = Barriers.wait, Barriers.missing
    said: dict[tuple[int, tuple[int, int]], int] = {}

    def counting(self: Barriers, rank: int, store: int, number: int, peer: str, request: int) -> bool:
        said[id(self), (store, number)] = said.get((id(self), (store, number)), 0) + 1
        return wait(self, rank, store, number, peer, request)

    def missing_of(self: Barriers, store: int, number: int, present: Any) -> tuple[int, ...]:
        return () if said.get((id(self), (store, number)), 0) >= len(present) else missing(self, store, number, present)

    patch.setattr(Barriers, "wait", counting)
    patch.setattr(Barriers, "missing", missing_of)


def a_rank_leaves_with_calls_unanswered(patch: pytest.MonkeyPatch) -> None:
    """The scheduler is told as soon as the servers have heard the leave."""
    original = Endings._may_end

    def _may_end(self: Endings, call: Barrier | LeaveJob) -> bool:
        return (isinstance(call, LeaveJob) and call.servers_know) or original(self, call)

    patch.setattr(Endings, "_may_end", _may_end)


def a_dead_rank_is_not_waited_for_where_it_must(patch: pytest.MonkeyPatch) -> None:
    """Clocks close without a rank that was given up although the job is not elastic."""
    original = Ranks._count

    def _count(self: Ranks) -> None:
        original(self)
        self.present -= self.given_up
        self.live -= self.given_up

    patch.setattr(Ranks, "_count", _count)


def a_silent_node_is_never_given_up(patch: pytest.MonkeyPatch) -> None:
    """Silence has no end."""
    patch.setattr(SchedulerState, "_lost", lambda self, name, why, now: None)


PLANTED = [
    an_older_life_is_believed,
    an_older_table_is_believed,
    an_older_membership_is_served,
    a_newer_membership_is_not_waited_for,
    what_was_stale_is_not_sent_again,
    other_bytes_are_sent_again,
    what_is_lost_is_said_to_be_held,
    a_credit_is_never_returned,
    a_lost_credit_is_never_asked_for,
    the_window_is_not_kept,
    a_fence_overtakes_what_was_lost,
    a_key_is_reordered_by_priority,
    a_third_clock_is_let_in,
    a_pull_is_answered_one_version_early,
    staleness_is_off_by_one,
    a_push_that_wants_its_value_gets_it_at_once,
    a_barrier_is_counted_and_not_named,
    a_rank_leaves_with_calls_unanswered,
    a_dead_rank_is_not_waited_for_where_it_must,
    a_silent_node_is_never_given_up,
]


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_planted_bug_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    found = hunt(SEEDS)
    assert found is not None, f"{SEEDS} seeds are clean although: {plant.__doc__}"
