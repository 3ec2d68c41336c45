"""Membership of a node: joining under a random name, the newest table, and what came too early."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mxl.kvstore.errors import JobFailed, PeerLost
from mxl.kvstore.machine import Connect, Effects, Send
from mxl.kvstore.member import Membership, Self
from mxl.kvstore.names import SCHEDULER_NAME, WORKER
from mxl.kvstore.settings import Settings
from mxl.kvstore.table import ADMITTED, LEFT, Member, Table
from mxl.kvstore.wire.messages import (
    Beat,
    Failed,
    Fetch,
    Finish,
    Heartbeat,
    Hello,
    Join,
    Joined,
    Message,
    Pull,
    Push,
    Refused,
    StaleMembership,
    TableIs,
    Welcome,
)

ME = Self(WORKER, -1, "here", 7, (), "", "x1")


def sent(effects: Effects) -> list[Message]:
    return [e.message for e in effects if isinstance(e, Send)]


def table(membership: int = 1) -> Table:
    return Table(membership, {r: Member(WORKER, r, 0, ADMITTED) for r in (0, 1)})


def is_table(t: Table) -> TableIs:
    return TableIs(t.membership, t.to_wire())


def member(**settings: Any) -> Membership:
    return Membership(ME, Settings(scheduler="memory://scheduler", **settings), lambda: {"step": 3})


def joined(**settings: Any) -> Membership:
    m = member(**settings)
    m.start(0.0)
    m.peer_up(0.0)
    m.take(Joined(0, 0, 0, 0), 0.0)
    m.peer_up(0.0)
    m.take(Welcome(0, SCHEDULER_NAME, 1, 100), 0.0)
    m.take(is_table(table()), 0.0)
    return m


def test_it_joins_under_a_random_name_and_connects_anew_under_its_own() -> None:
    m = member()
    (connect,) = m.start(0.0)
    assert isinstance(connect, Connect)
    assert (connect.peer, connect.identity, connect.addresses) == (SCHEDULER_NAME, "join:x1", ("memory://scheduler",))
    (join,) = sent(m.peer_up(0.0))
    assert isinstance(join, Join)
    assert (join.role, join.rank, join.host, join.pid) == (WORKER, -1, "here", 7)
    effects, left = m.take(Joined(3, 0, 2, 1), 0.1)
    assert left == []
    assert [e.identity for e in effects if isinstance(e, Connect)] == ["worker:2:1"]
    assert sent(effects) == []  # nothing more under the random name
    (hello,) = sent(m.peer_up(0.2))
    assert isinstance(hello, Hello)
    assert hello.node == "worker:2:1"
    assert not m.is_admitted


def test_a_lost_join_is_repeated() -> None:
    m = member()
    m.start(0.0)
    m.peer_up(0.0)
    assert sent(m.tick(3.9)) == []
    assert isinstance(sent(m.tick(4.0))[0], Join)


def test_it_beats_with_its_counters() -> None:
    m = joined()
    (beat,) = [s for s in sent(m.tick(1.0)) if isinstance(s, Heartbeat)]
    assert beat.counters == {"step": 3}
    m.take(Beat(1, ("server:0:0",)), 1.1)
    assert m.suspects == ("server:0:0",)


def test_the_membership_never_falls() -> None:
    m = joined()
    newer = replace(table(4), elastic=True)
    m.take(is_table(newer), 1.0)
    m.take(is_table(table(2)), 1.1)
    m.learn(table(3).to_wire(), 1.2)
    assert m.table == newer


def test_a_higher_number_anywhere_fetches_the_table_once() -> None:
    m = joined()
    assert sent(m.take(Beat(2, ()), 1.0)[0]) == [Fetch(1)]
    assert sent(m.take(Beat(2, ()), 1.1)[0]) == []
    assert Fetch(1) in sent(m.take(Beat(2, ()), 6.0)[0])


def test_what_comes_too_early_is_kept_in_order_per_peer() -> None:
    m = joined()
    early, late, other = Push(2, 0, (), ()), Pull(1, 0, ()), Pull(1, 0, ())
    assert sent(m.keep("worker:1:0", early, 1.0) or []) == [Fetch(1)]
    assert m.keep("worker:1:0", late, 1.1) is not None
    assert m.keep("worker:0:0", other, 1.2) is None
    assert m.ripe() == []
    m.take(is_table(table(2)), 1.3)
    assert m.ripe() == [("worker:1:0", early), ("worker:1:0", late)]
    assert m.keep("worker:1:0", late, 1.4) is None


def test_a_message_that_brings_the_table_is_never_kept() -> None:
    m = joined()
    assert m.keep("worker:1:0", StaleMembership(2, (), table(2).to_wire()), 1.0) is None


def test_what_a_dead_life_sent_too_early_is_forgotten() -> None:
    m = joined()
    m.keep("worker:1:0", Push(2, 0, (), ()), 1.0)
    m.forget("worker:1:0")
    m.take(is_table(table(2)), 1.3)
    assert m.ripe() == []


def test_a_failed_job_is_its_sentence() -> None:
    m = joined()
    m.take(Failed(1, "worker 1 died"), 1.0)
    m.take(Failed(1, "and then more"), 1.1)
    assert isinstance(m.failure, JobFailed)
    assert str(m.failure) == "worker 1 died"


def test_a_refused_join_is_its_sentence() -> None:
    m = member()
    m.start(0.0)
    m.peer_up(0.0)
    m.take(Refused(0, 0, "OutOfPlace", "the job has its 2 workers already"), 0.1)
    assert str(m.failure) == "the job has its 2 workers already"


def test_the_rest_is_the_roles() -> None:
    assert joined().take(Finish(1), 1.0)[1] == [Finish(1)]


def test_a_table_without_this_node_is_none() -> None:
    m = joined()
    strange = Table(2, {5: Member(WORKER, 5, 0, LEFT)})
    m.take(is_table(strange), 1.0)
    assert m.number == 1


@pytest.mark.parametrize("has_joined, until, text", [
    (False, 91, "the scheduler at memory://scheduler did not answer for 91.0 s; is it running, and is it reachable"),
    (True, 61, "the scheduler at memory://scheduler has been silent for 61.0 s; the job cannot go on without it"),
])  # fmt: skip
def test_a_silent_scheduler_is_given_up(has_joined: bool, until: int, text: str) -> None:
    m = joined() if has_joined else member()
    if not has_joined:
        m.start(0.0)
    for now in range(1, until):
        m.tick(float(now))
    assert m.failure is None
    m.tick(float(until))
    assert isinstance(m.failure, PeerLost)
    assert text in str(m.failure)


def test_a_node_that_was_stopped_does_not_blame_the_scheduler() -> None:
    m = joined()
    m.tick(1.0)
    m.tick(500.0)
    assert m.failure is None


def test_a_job_that_does_not_gather_is_given_up() -> None:
    m = member(start_limit_s=30.0)
    m.start(0.0)
    m.peer_up(0.0)
    m.take(Joined(0, 0, 0, 0), 0.0)
    for now in range(1, 32):
        m.take(Beat(0, ()), float(now))
        m.tick(float(now))
    assert "the job did not gather within 30 s" in str(m.failure)
