"""A worker's machine: calls in, messages out, futures done; every call ends answered or failed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mxl.kvstore.errors import JobFailed, NotInitialised, OutOfPlace, PeerLost, StoreClosed
from mxl.kvstore.machine import Connect, Effects, Log, Send
from mxl.kvstore.member import Self
from mxl.kvstore.names import SCHEDULER_NAME, SERVER, WORKER
from mxl.kvstore.placement import SLOTS
from mxl.kvstore.settings import Settings
from mxl.kvstore.table import ADMITTED, GIVEN_UP, LEFT, Member, Table
from mxl.kvstore.wire.messages import (
    Beat,
    ClockPart,
    Counted,
    Credit,
    Failed,
    Had,
    Have,
    Hello,
    Init,
    Join,
    Joined,
    Leave,
    Message,
    Open,
    Pull,
    Push,
    ReadStates,
    Refused,
    Released,
    SetOptimizer,
    Sizes,
    StaleMembership,
    StatesAre,
    TableIs,
    Taken,
    ValuePart,
    Values,
    Waiting,
    Welcome,
    WriteStates,
)
from mxl.worker.calls import (
    Barrier,
    Call,
    GetStates,
    InitKey,
    LeaveJob,
    OpenStore,
    Optimize,
    PullKey,
    PushKey,
    PutStates,
)
from mxl.worker.state import WorkerState

SERVERS = ("server:0:0", "server:1:0")


class Job:
    """One worker, and whoever speaks with it by hand; slots lie on server 0, or on both in turn."""

    def __init__(
        self, rank: int = 0, workers: int = 2, servers: int = 1, *, dealt: bool = False, **settings: Any
    ) -> None:
        me = Self(WORKER, rank, "host", 1, (), "", "x")
        self.worker = WorkerState(me, Settings(scheduler="memory://scheduler", num_workers=workers, **settings), dict)
        self.rank, self.now = rank, 0.0
        self.out: dict[str, list[Message]] = {}
        self.logs: list[str] = []
        self.connected: list[str] = []
        self.table = Table(
            1, {r: Member(WORKER, r, 0, ADMITTED) for r in range(workers)},
            {r: Member(SERVER, r, 0, ADMITTED, "h", (f"memory://server-{r}",)) for r in range(servers)},
        )  # fmt: skip
        if dealt:
            self.table = self.dealt()
        self.do(self.worker.start(0.0))
        self.do(self.worker.peer_up(SCHEDULER_NAME, 0.0))
        assert self.said(SCHEDULER_NAME, Join)
        self.hear(SCHEDULER_NAME, Joined(0, 0, rank, 0))
        self.do(self.worker.peer_up(SCHEDULER_NAME, 0.0))
        self.hear(SCHEDULER_NAME, Welcome(0, SCHEDULER_NAME, 1, 10_000))
        self.learn(self.table)
        for peer in SERVERS[:servers]:
            self.do(self.worker.peer_up(peer, 0.0))
            self.hear(peer, Welcome(1, peer, 1, 10_000))
        self.out.clear()

    def dealt(self) -> Table:
        servers = len(self.table.servers)
        return replace(
            self.table, membership=self.table.membership + 1, primaries=tuple(i % servers for i in range(SLOTS)),
            backups=(-1,) * SLOTS,
        )  # fmt: skip

    def learn(self, table: Table) -> None:
        self.table = table
        self.hear(SCHEDULER_NAME, TableIs(table.membership, table.to_wire()))

    def do(self, effects: Effects) -> None:
        for effect in effects:
            if isinstance(effect, Send):
                self.out.setdefault(effect.peer, []).append(effect.message)
            elif isinstance(effect, Connect):
                self.connected.append(effect.peer)
            elif isinstance(effect, Log):
                self.logs.append(effect.text)
        self.worker.check()

    def hear(self, peer: str, message: Message) -> None:
        self.do(self.worker.handle(peer, message, self.now))

    def submit(self, *calls: Call) -> None:
        self.do(self.worker.submit(calls, self.now))

    def tick(self, now: float) -> None:
        self.now = now
        self.do(self.worker.tick(now))

    def said(self, peer: str, kind: type[Any]) -> list[Any]:
        """What it has said to a peer since last asked, of this kind; the rest stays."""
        there = self.out.get(peer, [])
        self.out[peer] = [m for m in there if not isinstance(m, kind)]
        return [m for m in there if isinstance(m, kind)]

    def taken(self, *requests: int, peer: str = SERVERS[0]) -> None:
        self.hear(peer, Taken(self.table.membership, requests))

    def values(self, request: int, value: Any, version: int = 1) -> None:
        part = ValuePart(request, version)
        self.hear(SERVERS[0], Values(self.table.membership, 8, (part,), (np.asarray(value, np.float32).tobytes(),)))

    # ----- a job that runs -----

    def opened(self) -> Job:
        self.submit(OpenStore("dist_sync", 0))
        for peer in self.worker.servers:
            self.taken(*(m.request for m in self.said(peer, Open)), peer=peer)
        return self

    def ready(self, *shape: int) -> Job:
        """Its store is open and its key 'w' held."""
        self.opened()
        size = int(np.prod(shape or (2,)))
        self.submit(InitKey(1, "w", np.zeros(size, np.float32), shape or (2,)))
        if not self.table.is_dealt:
            self.submit(Optimize(1, 1, ("sgd", {})))
            self.learn(self.dealt())
            for m in self.said(SERVERS[0], SetOptimizer):
                self.taken(m.request)
        for peer in self.worker.servers:
            for m in self.said(peer, Init):
                self.taken(*(part.request for part in m.parts), peer=peer)
        self.out.clear()
        return self


def push(value: float = 1.0, key: int | str = "w", size: int = 2, **other: Any) -> PushKey:
    return PushKey(1, key, np.full(size, value, np.float32), 1.0, 0.0, 0, 0, {}, other.get("priority", 0))


def pull(size: int = 2) -> PullKey:
    return PullKey(1, "w", np.full(size, np.nan, np.float32), 0)


def requests(messages: list[Any]) -> list[int]:
    return [part.request for m in messages for part in m.parts]


def error(call: Call) -> BaseException:
    found = call.answered.exception(timeout=0)
    assert found is not None
    return found


# ----- create and init -----


def test_create_returns_when_all_are_there_and_every_server_knows() -> None:
    job = Job(servers=2)
    call = OpenStore("dist_sync", 0)
    job.submit(call)
    first, second = (job.said(peer, Open)[0] for peer in SERVERS)
    job.taken(first.request, peer=SERVERS[0])
    assert not call.answered.done()
    job.taken(second.request, peer=SERVERS[1])
    assert call.answered.result(0) == 1


def test_create_before_the_job_has_gathered_waits_for_the_table() -> None:
    me = Self(WORKER, 0, "host", 1, (), "", "x")
    worker = WorkerState(me, Settings(scheduler="memory://scheduler"), dict)
    worker.start(0.0)
    assert worker.submit([OpenStore("dist_sync", 0)], 0.0) == []


def test_the_lowest_ranks_init_returns_at_once_and_its_sizes_deal_the_slots() -> None:
    job = Job(servers=2).opened()
    calls = [InitKey(1, key, np.ones(2, np.float32), (2,)) for key in ("a", "b")]
    job.submit(*calls)
    assert all(call.accepted.done() for call in calls)
    assert job.said(SCHEDULER_NAME, Sizes) == []
    job.submit(Optimize(1, 1, ("sgd", {})))
    (sizes,) = job.said(SCHEDULER_NAME, Sizes)
    assert (sum(sizes.slot_bytes), sorted(sizes.slot_bytes)[-2:]) == (16, [8, 8])
    job.learn(job.dealt())
    inits = [m for peer in SERVERS for m in job.said(peer, Init)]
    assert sorted(part.key for m in inits for part in m.parts) == ["a", "b"]
    assert all(part.has_value for m in inits for part in m.parts)


def test_the_others_send_no_value_and_wait() -> None:
    job = Job(rank=1, dealt=True).opened()
    call = InitKey(1, "w", np.ones(2, np.float32), (2,))
    job.submit(call)
    (init,) = job.said(SERVERS[0], Init)
    assert ([p.has_value for p in init.parts], init.payloads) == ([False], ())
    assert not call.accepted.done()
    job.taken(init.parts[0].request)
    assert call.answered.done()


def test_who_becomes_lowest_sends_its_value_by_another_request() -> None:
    job = Job(rank=1, dealt=True).opened()
    job.submit(InitKey(1, "w", np.full(2, 7, np.float32), (2,)))
    (waiting,) = job.said(SERVERS[0], Init)
    job.learn(job.table.with_member(replace(job.table.workers[0], state=LEFT)))
    (init,) = job.said(SERVERS[0], Init)
    assert init.parts[0].has_value
    assert init.parts[0].request != waiting.parts[0].request
    assert list(np.frombuffer(init.payloads[0], np.float32)) == [7, 7]


def test_a_barrier_waits_until_inits_are_on_their_way() -> None:
    job = Job().opened()
    job.submit(InitKey(1, "w", np.ones(2, np.float32), (2,)), LeaveJob())
    assert job.said(SERVERS[0], Leave) == []
    job.learn(job.dealt())
    sent = job.out[SERVERS[0]]
    assert [type(m) for m in sent if isinstance(m, (Init, Leave, Have))] == [Init, Have]


# ----- push and pull -----


def test_a_push_and_its_pull_are_one_round_trip_while_the_push_is_queued() -> None:
    job = Job(dealt=True).ready()
    job.do(job.worker.peer_up(SERVERS[0], 0.0))
    one, two = push(), pull()
    job.submit(one, two)
    job.hear(SERVERS[0], Welcome(2, SERVERS[0], 2, 10_000))
    (sent,) = job.said(SERVERS[0], Push)
    assert (sent.parts[0].wants_value, job.said(SERVERS[0], Pull)) == (True, [])
    job.values(sent.parts[0].request, [3, 4])
    assert one.answered.done()
    assert two.answered.done()
    assert list(two.target) == [3, 4]


def test_a_push_that_was_sent_is_pulled_by_a_message_of_its_own() -> None:
    job = Job(dealt=True).ready()
    two = pull()
    job.submit(push())
    job.submit(two)
    (pushed,), (pulled,) = job.said(SERVERS[0], Push), job.said(SERVERS[0], Pull)
    assert (pushed.parts[0].clock, pulled.parts[0].clock) == (1, 1)
    job.taken(pushed.parts[0].request)
    job.values(pulled.parts[0].request, [5, 6])
    assert list(two.target) == [5, 6]


def test_a_large_key_goes_in_shards_to_their_servers() -> None:
    job = Job(servers=2, dealt=True, bigarray_bound_bytes=64, shard_bytes=32).ready(20)
    call = push(size=20)
    job.submit(call)
    sent = {peer: job.said(peer, Push)[0] for peer in SERVERS}
    assert sorted(p.shard for m in sent.values() for p in m.parts) == [0, 1, 2]
    for peer, message in sent.items():
        job.taken(*requests([message]), peer=peer)
    assert call.answered.done()


def test_a_third_clock_blocks_the_script() -> None:
    job = Job(dealt=True).ready()
    calls = [push() for _ in range(3)]
    job.submit(*calls)
    assert [c.accepted.done() for c in calls] == [True, True, False]
    first = requests(job.said(SERVERS[0], Push))[0]
    job.taken(first)
    assert calls[2].accepted.done()


def test_without_credit_the_script_is_blocked() -> None:
    job = Job(dealt=True, push_window_bytes=16).ready()
    job.worker.servers[SERVERS[0]].window.begin(8)
    for key in "abc":
        job.submit(InitKey(1, key, np.zeros(4, np.float32), (4,)))
        job.worker.stores[1].flows[key].is_held = True
    calls = [push(key=key, size=4) for key in "abc"]
    job.submit(*calls)
    assert [c.accepted.done() for c in calls] == [False, False, False]
    window = job.worker.servers[SERVERS[0]].window
    while not calls[2].accepted.done() and window.on_the_way:
        job.hear(SERVERS[0], Credit(2, 1, window.sent))
    assert all(c.accepted.done() for c in calls)


def test_answers_give_their_credit_back() -> None:
    job = Job(dealt=True).ready()
    job.submit(pull())
    (pulled,) = job.said(SERVERS[0], Pull)
    job.values(pulled.parts[0].request, [1, 2])
    assert job.said(SERVERS[0], Credit)[-1] == Credit(2, 1, 8)


def test_an_answer_of_an_older_membership_is_asked_for_again() -> None:
    job = Job(dealt=True).ready()
    call = push()
    job.submit(call)
    (sent,) = job.said(SERVERS[0], Push)
    job.learn(job.table.with_member(replace(job.table.workers[1], state=LEFT)))
    job.hear(SERVERS[0], Taken(2, (sent.parts[0].request,)))
    assert not call.answered.done()
    assert job.said(SERVERS[0], StaleMembership)[0].table["membership"] == 3
    (again,) = job.said(SERVERS[0], Push)
    assert (again.membership, again.parts) == (3, sent.parts)


def test_a_stale_request_is_sent_again_under_the_new_table() -> None:
    job = Job(dealt=True).ready()
    job.submit(push())
    (sent,) = job.said(SERVERS[0], Push)
    newer = job.table.with_member(replace(job.table.workers[1], state=LEFT))
    job.table = newer
    job.hear(SERVERS[0], StaleMembership(3, (sent.parts[0].request,), newer.to_wire()))
    (again,) = job.said(SERVERS[0], Push)
    assert (again.membership, again.payloads[0].tobytes()) == (3, sent.payloads[0].tobytes())


def test_a_lost_answer_is_asked_for_and_the_request_repeated() -> None:
    job = Job(dealt=True).ready()
    call = push()
    job.submit(call)
    (sent,) = job.said(SERVERS[0], Push)
    job.tick(4.0)
    (have,) = job.said(SERVERS[0], Have)
    assert have.requests == tuple(requests([sent]))
    job.hear(SERVERS[0], Had(2, 1, 24, have.requests, ()))
    assert requests(job.said(SERVERS[0], Push)) == requests([sent])
    assert job.said(SERVERS[0], Credit)[-1].offset == 24  # what was sent before and has not come is lost


# ----- barriers, leaving -----


def test_a_barrier_ends_when_scheduler_and_servers_have_answered() -> None:
    job = Job(dealt=True).ready()
    barrier, later = Barrier(1), push()
    job.submit(barrier)
    (at_server,), (at_scheduler,) = job.said(SERVERS[0], Waiting), job.said(SCHEDULER_NAME, Waiting)
    job.hear(SCHEDULER_NAME, Released(2, at_scheduler.request, 1, 1))
    assert not barrier.answered.done()
    job.hear(SERVERS[0], Counted(2, at_server.request, (ClockPart(1, "w", 0, 6),)))
    assert barrier.answered.done()
    job.submit(later)
    assert job.said(SERVERS[0], Push)[0].parts[0].clock == 7


def test_a_repeated_end_of_a_barrier_changes_nothing() -> None:
    job = Job(dealt=True).ready()
    job.submit(Barrier(1))
    (at_server,), (at_scheduler,) = job.said(SERVERS[0], Waiting), job.said(SCHEDULER_NAME, Waiting)
    counted = Counted(2, at_server.request, (ClockPart(1, "w", 0, 6),))
    job.hear(SERVERS[0], counted)
    job.hear(SCHEDULER_NAME, Released(2, at_scheduler.request, 1, 1))
    job.submit(push())
    job.hear(SERVERS[0], counted)
    job.submit(push())
    assert [p.clock for m in job.said(SERVERS[0], Push) for p in m.parts] == [7, 8]


def test_leaving_tells_the_servers_then_the_scheduler() -> None:
    job = Job(dealt=True).ready()
    last, unread, leave = push(), pull(), LeaveJob()
    for call in (last, unread, leave):
        job.submit(call)
    pushed, pulled = requests(job.said(SERVERS[0], Push))[0], requests(job.said(SERVERS[0], Pull))[0]
    (have,) = job.said(SERVERS[0], Have)
    job.hear(SERVERS[0], Had(2, 1, 0, have.requests, ()))  # both were lost
    assert requests(job.said(SERVERS[0], Push)) == [pushed]
    assert job.said(SERVERS[0], Leave) == []
    job.taken(pushed)
    job.values(pulled, [1, 2])
    job.hear(SERVERS[0], Had(2, 1, 0, (), ()))
    (told,) = job.said(SERVERS[0], Leave)
    job.taken(told.request)
    (told,) = job.said(SCHEDULER_NAME, Leave)
    assert not job.worker.finished
    job.hear(SCHEDULER_NAME, Taken(2, (told.request,)))
    assert (leave.answered.done(), unread.answered.done(), job.worker.finished) == (True, True, True)


def test_a_call_after_leaving_is_refused() -> None:
    job = Job(dealt=True).ready()
    job.submit(LeaveJob())
    late = push()
    job.submit(late)
    with pytest.raises(StoreClosed, match=r"push of 'w' \(clock 0\): this worker has left the job"):
        late.answered.result(0)


# ----- optimizer states -----


def test_optimizer_states_of_all_shards_are_put_together() -> None:
    job = Job(dealt=True, bigarray_bound_bytes=64, shard_bytes=32).ready(20)
    call = GetStates(1, "w")
    job.submit(call)
    asked = job.said(SERVERS[0], ReadStates)
    for m, (start, stop) in zip(asked, [(0, 8), (8, 16), (16, 20)], strict=True):
        state = np.arange(start, stop, dtype=np.float32).tobytes()
        job.hear(SERVERS[0], StatesAre(2, 0, m.request, 3, ("float32",), (state,)))
    updates, (state,) = call.answered.result(0)
    assert (updates, list(state)) == (3, list(range(20)))


def test_optimizer_states_are_written_shard_by_shard() -> None:
    job = Job(dealt=True, bigarray_bound_bytes=64, shard_bytes=32).ready(20)
    call = PutStates(1, "w", 3, [np.arange(20, dtype=np.float32)])
    job.submit(call)
    written = job.said(SERVERS[0], WriteStates)
    assert [len(m.payloads[0]) for m in written] == [32, 32, 16]
    job.taken(*(m.request for m in written))
    assert call.answered.done()


# ----- failing -----


def test_a_refused_push_closes_its_store_with_the_sentence() -> None:
    job = Job(dealt=True).ready()
    bad, waiting = push(), [push(), push()]
    job.submit(bad, *waiting)
    job.hear(SERVERS[0], Refused(2, requests(job.said(SERVERS[0], Push))[0], "NotInitialised", "server 0: no such key"))
    assert isinstance(error(bad), NotInitialised)
    assert str(error(waiting[1])) == "server 0: no such key"
    late = pull()
    job.submit(late)
    with pytest.raises(
        StoreClosed, match=r"pull of 'w' \(clock 0\): the store is closed after an error: server 0: no such"
    ):
        late.answered.result(0)


def test_when_the_job_fails_every_wait_ends_with_its_sentence() -> None:
    job = Job(dealt=True).ready()
    calls = [push(), pull(), Barrier(1)]
    job.submit(*calls)
    job.hear(SCHEDULER_NAME, Failed(2, "worker 1 was killed by SIGKILL"))
    for call in calls:
        with pytest.raises(JobFailed, match="worker 1 was killed by SIGKILL"):
            call.answered.result(0)
    late = push()
    job.submit(late)
    assert isinstance(error(late), JobFailed)


def test_a_worker_that_was_given_up_is_told_so() -> None:
    job = Job(dealt=True).ready()
    call = push()
    job.submit(call)
    job.learn(job.table.with_member(replace(job.table.workers[0], state=GIVEN_UP)))
    with pytest.raises(JobFailed, match="worker 0 was given up by the scheduler; it is no part of the job any more"):
        call.answered.result(0)


def test_a_server_that_acknowledges_nothing_is_named() -> None:
    job = Job(dealt=True).ready()
    call = push()
    job.submit(call)
    for now in range(1, 93):
        job.hear(SCHEDULER_NAME, Beat(2, ()))
        job.tick(float(now))
    text = (
        r"push of 'w' \(clock 1\): server 0 of 1 at memory://server-0 has not acknowledged it for 91.0 s "
        r"\(connected, silent for 91.0 s\); is it running and reachable\?"
    )
    with pytest.raises(PeerLost, match=text):
        call.answered.result(0)


def test_a_silent_scheduler_ends_the_waits() -> None:
    job = Job(dealt=True).ready()
    call = push()
    job.submit(call)
    for now in range(1, 63):
        job.tick(float(now))
    with pytest.raises(PeerLost, match="the scheduler at memory://scheduler has been silent for 6"):
        call.answered.result(0)


def test_an_older_life_is_told_to_end() -> None:
    job = Job(dealt=True).ready()
    call = push()
    job.submit(call)
    job.hear(SCHEDULER_NAME, Refused(2, 0, "OutOfPlace", "this is an older life of worker 0; a newer one has begun"))
    assert isinstance(error(call), OutOfPlace)


def test_it_connects_to_every_server_and_says_hello() -> None:
    job = Job(servers=2)
    assert job.connected == [SCHEDULER_NAME, SCHEDULER_NAME, *SERVERS]
    job.do(job.worker.peer_down(SERVERS[1], 1.0))
    job.do(job.worker.peer_up(SERVERS[1], 2.0))
    (hello,) = job.said(SERVERS[1], Hello)
    assert (hello.node, hello.connection) == ("worker:0:0", 2)


def test_a_server_whose_connection_breaks_is_named() -> None:
    job = Job(dealt=True).ready()
    (log,) = job.worker.peer_down(SERVERS[0], 1.0)
    assert isinstance(log, Log)
    assert log.text == "the connection to server 0 is broken: it is suspect, and tried again"
    assert job.worker.peer_down(SERVERS[0], 2.0) == []  # said once, until it stands again


# ----- rows -----


def table_ready() -> Job:
    """A job whose key 'w', [6, 2], is a row table of three shards; row 4 has 10."""
    job = Job(dealt=True, bigarray_bound_bytes=16, shard_bytes=16).opened()
    call = InitKey(1, "w", np.full(2, 10, np.float32), (6, 2), "row", np.array([4]))
    job.submit(call)
    (init,) = job.said(SERVERS[0], Init)
    assert [(p.stype, p.start, p.stop) for p in init.parts] == [
        ("row_sparse", 0, 4), ("row_sparse", 4, 8), ("row_sparse", 8, 12),
    ]  # fmt: skip
    assert [len(payload) for payload in init.payloads] == [0, 0, 16]
    job.taken(*requests([init]))
    job.out.clear()
    return job


def row_pull(*ids: int) -> PullKey:
    return PullKey(1, "w", np.full(2 * len(ids), np.nan, np.float32), 0, (), np.array(ids, np.int64))


def test_a_push_of_rows_has_a_frame_for_every_shard() -> None:
    job = table_ready()
    values = np.arange(6, dtype=np.float32)
    job.submit(PushKey(1, "w", values, 1.0, 0.0, 0, 0, {}, 0, np.array([0, 1, 5])))
    (message,) = job.said(SERVERS[0], Push)
    assert [(part.clock, part.rows) for part in message.parts] == [(1, 2), (1, 0), (1, 1)]
    first, second, third = (bytes(payload) for payload in message.payloads)
    assert first == np.array([0, 1], "<i8").tobytes() + values[:4].tobytes()
    assert (second, third) == (b"", np.array([5], "<i8").tobytes() + values[4:].tobytes())


def test_rows_are_pulled_from_the_shards_that_have_them() -> None:
    job, call = table_ready(), row_pull(1, 4, 5)
    job.submit(call)
    (message,) = job.said(SERVERS[0], Pull)
    assert [(part.shard, part.rows) for part in message.parts] == [(0, 1), (2, 2)]
    assert [np.frombuffer(p, "<i8").tolist() for p in message.payloads] == [[1], [4, 5]]
    assert message.offset == 16 + 24  # of the table's first value, and of the ids: they take credit
    job.values(message.parts[1].request, [4, 4, 5, 5])
    assert not call.answered.done()
    job.values(message.parts[0].request, [1, 1])
    assert call.target.tolist() == [1, 1, 4, 4, 5, 5]
    assert call.answered.done()


def test_a_pull_of_no_rows_is_answered_by_somebody() -> None:
    job, call = table_ready(), row_pull()
    job.submit(call)
    (message,) = job.said(SERVERS[0], Pull)
    assert [(part.shard, part.rows) for part in message.parts] == [(0, 0)]
    job.values(message.parts[0].request, [])
    assert call.answered.done()


def test_a_pull_of_rows_never_rides_on_a_push() -> None:
    job = table_ready()
    rows = PushKey(1, "w", np.ones(2, np.float32), 1.0, 0.0, 0, 0, {}, 0, np.array([0]))
    job.submit(rows, row_pull(0))
    assert not any(part.wants_value for part in job.said(SERVERS[0], Push)[0].parts)
    assert [part.clock for part in job.said(SERVERS[0], Pull)[0].parts] == [1]


def test_an_optimizer_before_all_inits_leaves_the_sizes_to_come() -> None:
    job = Job().opened()
    job.submit(Optimize(1, 1, ("sgd", {})))
    job.submit(InitKey(1, "w", np.ones(40, np.float32), (40,)))
    assert job.said(SCHEDULER_NAME, Sizes) == []
    job.submit(push(size=40))
    assert sum(job.said(SCHEDULER_NAME, Sizes)[0].slot_bytes) == 160


def test_what_answers_an_earlier_copy_of_a_push_is_no_answer_to_its_pull() -> None:
    """The push was sent, and again with the pull that joined it: the value comes with the answer to that."""
    job = Job(dealt=True).ready()
    one, two = push(), pull()
    job.submit(one)
    (number,) = requests(job.said(SERVERS[0], Push))
    job.do(job.worker.peer_down(SERVERS[0], 0.0))
    job.do(job.worker.peer_up(SERVERS[0], 0.0))
    job.worker.servers[SERVERS[0]].send_again([number])
    job.submit(two)
    job.taken(number)
    job.hear(SERVERS[0], Welcome(2, SERVERS[0], 2, 10_000))
    (again,) = job.said(SERVERS[0], Push)
    assert (requests([again]), again.parts[0].wants_value, job.said(SERVERS[0], Pull)) == ([number], True, [])
    assert not two.answered.done()
    job.values(number, [7, 8])
    assert one.answered.done()
    assert two.answered.done()
    assert list(two.target) == [7, 8]


# ----- servers that come and go -----


def with_servers(job: Job, *members: Member, **slots: Any) -> Table:
    servers = {**job.table.servers, **{m.rank: m for m in members}}
    return replace(job.table, membership=job.table.membership + 1, servers=servers, **slots)


def test_what_a_dead_server_owes_is_asked_of_its_successor_in_order() -> None:
    job = Job(servers=2, dealt=True).ready()
    calls = [push(), pull(), push(2.0)]
    for call in calls:
        job.submit(call)
    (home,) = [peer for peer in SERVERS if (requests(job.said(peer, Push)))]
    other = next(peer for peer in SERVERS if peer != home)
    dead = job.table.servers[SERVERS.index(home)]
    job.learn(with_servers(job, replace(dead, state=GIVEN_UP), primaries=(SERVERS.index(other),) * SLOTS))
    assert home not in job.worker.servers
    pushes, pulls = job.said(other, Push), job.said(other, Pull)
    assert [part.clock for m in pushes for part in m.parts] == [1, 2]
    assert [part.clock for m in pulls for part in m.parts] == [1]


def test_a_call_waits_for_a_server_that_comes_while_it_waits_for_the_others() -> None:
    """The old server may be gone before it answers; the new one has to know the optimizer before anything is pushed."""
    job = Job(dealt=True).ready()
    call = Optimize(1, 1, ("sgd", {}))
    job.submit(call)
    new = Member(SERVER, 1, 0, ADMITTED, "h", ("memory://server-1",))
    job.learn(with_servers(job, new))
    job.do(job.worker.peer_up(SERVERS[1], 0.0))
    job.hear(SERVERS[1], Welcome(job.table.membership, SERVERS[1], 1, 10_000))
    job.learn(with_servers(job, replace(job.table.servers[0], state=GIVEN_UP), primaries=(1,) * SLOTS))
    assert not call.answered.done()
    while not call.answered.done():
        told = [*job.said(SERVERS[1], Open), *job.said(SERVERS[1], SetOptimizer)]
        assert told, "nothing more is said to the new server, and the call waits"
        job.taken(*(m.request for m in told), peer=SERVERS[1])
        for asked in job.said(SERVERS[1], Have):
            job.hear(SERVERS[1], Had(job.table.membership, 1, 0, asked.requests, ()))


def test_a_barrier_is_said_again_to_a_later_life_that_has_the_same_slots() -> None:
    """While this worker heard nothing, its server died, another took over, died too, and the first came back."""
    job = Job(dealt=True).ready()
    call = Barrier(1)
    job.submit(call)
    assert job.said(SERVERS[0], Waiting)
    again = replace(job.table.servers[0], incarnation=1)
    job.learn(with_servers(job, again))
    assert not call.answered.done()
    job.do(job.worker.peer_up("server:0:1", 0.0))
    job.hear("server:0:1", Welcome(job.table.membership, "server:0:1", 1, 10_000))
    for _ in range(2):  # behind what it hears of the store
        job.taken(*(m.request for m in job.said("server:0:1", Open)), peer="server:0:1")
        for asked in job.said("server:0:1", Have):
            job.hear("server:0:1", Had(job.table.membership, 1, 0, asked.requests, ()))
    assert [m.number for m in job.said("server:0:1", Waiting)] == [1]
