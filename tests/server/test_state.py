"""A server's machine: what it takes from whom, what it answers, and what it refuses, with the sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mxl.kvstore.machine import Effects, Send
from mxl.kvstore.member import Self
from mxl.kvstore.names import SCHEDULER_NAME, SERVER, WORKER
from mxl.kvstore.placement import SLOTS
from mxl.kvstore.rows import frame
from mxl.kvstore.settings import Settings
from mxl.kvstore.table import ADMITTED, GIVEN_UP, LEFT, Member, Table
from mxl.kvstore.wire.messages import (
    Counted,
    Credit,
    Failed,
    Fetch,
    Finish,
    Had,
    Have,
    Hello,
    HyperSet,
    Init,
    InitPart,
    Joined,
    Leave,
    Message,
    Open,
    Pull,
    PullPart,
    Push,
    PushPart,
    ReadStates,
    Refused,
    SetOptimizer,
    StaleMembership,
    StatesAre,
    TableIs,
    Taken,
    Values,
    Waiting,
    Welcome,
    WriteStates,
)
from mxl.server.state import ServerState
from mxl.server.table import TableShard

SGD = ("sgd", {"learning_rate": 0.5})


class Cluster:
    """One server with joined workers, by hand: what it says to each peer is collected by `said`."""

    def __init__(self, workers: int = 2, *, staleness: int = 0, elastic: bool = False, open_store: bool = True) -> None:
        me = Self(SERVER, -1, "host", 1, ("memory://server",), "", "x")
        self.server = ServerState(me, Settings(scheduler="memory://scheduler", num_workers=workers, num_servers=1))
        self.table = Table(
            1, {r: Member(WORKER, r, 0, ADMITTED) for r in range(workers)}, {0: Member(SERVER, 0, 0, ADMITTED)},
            (0,) * SLOTS, (-1,) * SLOTS, elastic,
        )  # fmt: skip
        self.out: dict[str, list[Message]] = {}
        self.now = 0.0
        self.collect(self.server.start(0.0))
        self.collect(self.server.peer_up(SCHEDULER_NAME, 0.0))
        self.from_scheduler(Joined(0, 0, 0, 0))
        self.collect(self.server.peer_up(SCHEDULER_NAME, 0.0))
        self.from_scheduler(Welcome(1, SCHEDULER_NAME, 1, 1000))
        self.from_scheduler(TableIs(1, self.table.to_wire()))
        for rank in range(workers):
            self.tell(rank, Hello(1, f"worker:{rank}:0", 1, 1000, "host", ""))
            if open_store:
                self.tell(rank, Open(1, 1, 1, "dist_sync" if staleness == 0 else "dist_async", staleness))
        self.out.clear()

    def collect(self, effects: Effects) -> None:
        for effect in effects:
            if isinstance(effect, Send):
                self.out.setdefault(effect.peer, []).append(effect.message)
        self.server.check()

    def from_scheduler(self, message: Message) -> None:
        self.collect(self.server.handle(SCHEDULER_NAME, message, self.now))

    def tell(self, rank: int, message: Message, life: int = 0) -> None:
        self.collect(self.server.handle(f"worker:{rank}:{life}", message, self.now))

    def said(
        self, rank: int, kind: type[Message] | tuple[type[Message], ...] = (Taken, Values, Refused, Counted)
    ) -> list[Any]:
        """What it has said to a rank since last asked, of these kinds."""
        said = [m for m in self.out.get(f"worker:{rank}:0", []) if isinstance(m, kind)]
        self.out[f"worker:{rank}:0"] = []
        return said

    def member(self, rank: int, **changes: Any) -> None:
        """The scheduler's next table, in which a worker stands otherwise."""
        self.table = self.table.with_member(replace(self.table.workers[rank], **changes))
        self.from_scheduler(TableIs(self.table.membership, self.table.to_wire()))

    # ----- what workers say -----

    def init(self, rank: int, request: int, *, key: int | str = "w", value: Any = None, shape: tuple[int, ...] = (2,),
             dtype: str = "float32", **other: Any) -> None:  # fmt: skip
        size = int(np.prod(shape))
        part = InitPart(request, 1, key, 0, "default", dtype, shape, 0, size, value is not None)
        payloads = () if value is None else (np.full(size, value, dtype).tobytes(),)
        self.tell(rank, Init(self.table.membership, 8, (replace(part, **other),), payloads))

    def push(
        self, rank: int, request: int, clock: int, value: float, *, key: int | str = "w", shape: tuple[int, ...] = (2,),
        dtype: str = "float32", hypers: tuple[HyperSet, ...] = (), payload: bytes | None = None, **other: Any,
    ) -> None:  # fmt: skip
        part = PushPart(request, 1, key, 0, clock, "none", dtype, shape, -1, 1.0, 0.0, 0, 0, False, 0)
        data = np.full(int(np.prod(shape)), value, dtype).tobytes() if payload is None else payload
        self.tell(rank, Push(self.table.membership, 8 * request, (replace(part, **other),), hypers, (data,)))

    def pull(self, rank: int, request: int, clock: int, key: int | str = "w") -> None:
        self.tell(rank, Pull(self.table.membership, 0, (PullPart(request, 1, key, 0, clock, -1, 0),)))


def ready(workers: int = 2, **kind: Any) -> Cluster:
    """A cluster whose key 'w' holds 10, 10."""
    cluster = Cluster(workers, **kind)
    cluster.init(0, 2, value=10)
    for rank in range(1, workers):
        cluster.init(rank, 2)
    cluster.out.clear()
    return cluster


def values(messages: list[Any]) -> list[tuple[int, int, list[float]]]:
    """(request, version, numbers) of all values."""
    return [
        (part.request, part.version, list(np.frombuffer(payload, np.float32)))
        for m in messages
        if isinstance(m, Values)
        for part, payload in zip(m.parts, m.payloads, strict=True)
    ]


def taken(messages: list[Any]) -> list[int]:
    return [request for m in messages if isinstance(m, Taken) for request in m.requests]


def refusals(messages: list[Any]) -> list[tuple[int, str, str]]:
    return [(m.request, m.kind, m.text) for m in messages if isinstance(m, Refused)]


# ----- push and pull -----


def test_a_clock_is_answered_when_the_last_rank_has_pushed() -> None:
    c = ready()
    c.push(0, 3, 1, 1.0)
    c.pull(0, 4, 1)
    assert c.said(0) == []
    c.push(1, 3, 1, 2.0)
    assert taken(c.said(1)) == [3]
    said = c.said(0)
    assert taken(said) == [3]
    assert values(said) == [(4, 1, [3.0, 3.0])]


def test_a_pull_before_the_first_push_gets_the_first_value() -> None:
    c = ready()
    c.push(1, 3, 1, 1.0)
    c.pull(0, 4, 0)
    assert values(c.said(0)) == [(4, 0, [10.0, 10.0])]


def test_a_repeat_gets_the_value_of_its_clock() -> None:
    c = ready()
    for rank in (0, 1):
        c.push(rank, 3, 1, 1.0)
    c.push(1, 4, 2, 1.0)
    c.said(0)
    c.push(0, 5, 1, 1.0, wants_value=True)
    assert values(c.said(0)) == [(5, 1, [2.0, 2.0])]


def test_an_asynchronous_push_is_applied_at_once() -> None:
    c = ready(staleness=-1)
    c.tell(0, SetOptimizer(1, 3, 1, 1, SGD))
    c.push(0, 4, 1, 2.0, generation=1, wants_value=True, hypers=(HyperSet(1, 1, 0, {"learning_rate": 0.25}),))
    assert values(c.said(0)) == [(4, 1, [9.5, 9.5])]


def test_a_push_that_wants_its_value_waits_by_the_rule_of_pulls() -> None:
    c = ready(staleness=1)
    for clock in (1, 2):
        c.push(0, 3 + clock, clock, 1.0, wants_value=True)
    assert [v[0] for v in values(c.said(0))] == [4]
    c.push(1, 3, 1, 1.0)
    assert [v[0] for v in values(c.said(0))] == [5]


def test_scales_differ_between_ranks() -> None:
    c = ready()
    c.push(0, 3, 1, 1.0, scale=0.5)
    c.push(1, 3, 1, 1.0, scale=0.25, wants_value=True)
    assert values(c.said(1)) == [(3, 1, [0.75, 0.75])]


def test_the_update_uses_the_hyper_parameters_that_the_push_names() -> None:
    c = ready()
    for rank in (0, 1):
        c.tell(rank, SetOptimizer(1, 3, 1, 1, SGD))
    old, new = (HyperSet(1, 1, number, {"learning_rate": lr}) for number, lr in ((0, 0.5), (1, 0.125)))
    c.push(0, 4, 1, 1.0, generation=1, hyper=0, hypers=(old,))
    c.push(0, 5, 2, 1.0, generation=1, hyper=1, hypers=(new,))
    c.push(1, 4, 1, 1.0, generation=1, hyper=0, wants_value=True, hypers=(old,))
    c.push(1, 5, 2, 1.0, generation=1, hyper=1, wants_value=True, hypers=(new,))
    assert [v[2][0] for v in values(c.said(1))] == [9.0, 8.75]


def test_credit_comes_back_with_the_message() -> None:
    c = ready()
    c.push(0, 3, 1, 1.0)
    assert c.said(0, Credit) == [Credit(1, 1, 24)]


def test_have_names_what_is_held_and_for_whom() -> None:
    c = ready()
    c.push(0, 3, 1, 1.0)
    c.tell(0, Have(1, 1, 24, (3, 4)))
    credit, had = c.said(0, (Credit, Had))[-2:]
    assert credit == Credit(1, 1, 24)
    assert (had.asked, [(w.request, w.ranks) for w in had.held]) == ((3, 4), [(3, (1,))])


# ----- refusals -----


@pytest.mark.parametrize("push, kind, text", [
    ({"shape": (3,)}, "PartShape", r"key 'w' was initialised as float32 \[2\], pushed as float32 \[3\]"),
    ({"dtype": "float64"}, "PartDtype", r"key 'w' was initialised as float32 \[2\], pushed as float64 \[2\]"),
    ({"codec": "2bit"}, "Unsupported", "key 'w': pushed as codec '2bit'; this server takes uncompressed gradients"),
    ({"rows": 1}, "PartShape", "key 'w': shard 0: row ids are from 0 to 1"),
    ({"rows": 3}, "PartShape", "key 'w': shard 0: 3 row ids are 24 bytes, came 8"),
    ({"payload": bytes(4)}, "PartShape", "key 'w': shard 0 has 8 bytes, pushed 4"),
    ({"key": "v"}, "NotInitialised", "key 'v' was not initialised; call kv.init first"),
    ({"store": 5}, "OutOfPlace", "store 5 is not open on this server"),
    ({"generation": 1}, "KVStoreError", "store 1: rank 0 named hyper-parameters 1.0 that it never sent"),
])  # fmt: skip
def test_a_push_that_does_not_fit_is_refused(push: dict[str, Any], kind: str, text: str) -> None:
    import re

    c = ready()
    c.push(0, 3, 1, 1.0, **push)
    ((request, came, said),) = refusals(c.said(0))
    assert (request, came) == (3, kind)
    assert re.search(text, said), said
    assert said.startswith("server 0: ")


def test_a_clock_goes_on_without_a_push_that_was_refused() -> None:
    c = ready()
    c.push(0, 3, 1, 1.0, shape=(3,))
    c.push(1, 3, 1, 5.0, wants_value=True)
    assert values(c.said(1)) == [(3, 1, [5.0, 5.0])]


def test_the_rest_of_a_message_is_taken() -> None:
    c = ready(workers=1)
    good = PushPart(4, 1, "w", 0, 1, "none", "float32", (2,), -1, 1.0, 0.0, 0, 0, False, 0)
    bad = replace(good, request=3, key="v")
    c.tell(0, Push(1, 16, (bad, good), (), (bytes(8), np.ones(2, np.float32).tobytes())))
    said = c.said(0)
    assert [r[0] for r in refusals(said)] == [3]
    assert taken(said) == [4]


def test_ranks_that_push_under_different_hyper_parameters_are_named() -> None:
    c = ready()
    for rank in (0, 1):
        c.tell(rank, SetOptimizer(1, 3, 1, 1, SGD))
    for rank, lr in ((0, 0.5), (1, 0.25)):
        c.push(rank, 4, 1, 1.0, generation=1, hypers=(HyperSet(1, 1, 0, {"learning_rate": lr}),))
    for rank in (0, 1):
        ((_, kind, text),) = refusals(c.said(rank))
        assert kind == "Disagreement"
        assert (
            "key 'w', clock 1: rank 0 and rank 1 pushed under different hyper-parameters: learning_rate 0.5 and 0.25"
            in text
        )
        assert "change them at the same step on every rank" in text


def test_a_key_that_is_initialised_otherwise_is_refused() -> None:
    c = ready()
    c.init(1, 9, shape=(3,))
    ((_, kind, text),) = refusals(c.said(1))
    assert kind == "Disagreement"
    assert (
        "key 'w' was initialised as float32 [2] with elements 0:2 in shard 0, initialised again as float32 [3]" in text
    )


def test_bytes_that_are_not_the_shard_are_refused() -> None:
    c = Cluster(1)
    c.tell(0, Init(1, 4, (InitPart(2, 1, "w", 0, "default", "float32", (2,), 0, 2, True),), (bytes(4),)))
    ((_, kind, text),) = refusals(c.said(0))
    assert (kind, "elements 0:2 of it are 8 bytes, came 4" in text) == ("PartShape", True)


def test_stores_must_be_created_alike() -> None:
    c = Cluster(2)
    c.tell(1, Open(1, 7, 1, "dist_async", -1))
    ((_, kind, text),) = refusals(c.said(1))
    assert kind == "Disagreement"
    assert "store 1: rank 0 created 'dist_sync' with staleness 0, rank 1 'dist_async' with staleness unbounded" in text


def test_an_optimizer_that_is_unknown_here_is_refused() -> None:
    c = ready(workers=1)
    c.tell(0, SetOptimizer(1, 3, 1, 1, ("nonesuch", {})))
    ((_, _, text),) = refusals(c.said(0))
    assert "nonesuch" in text


def test_a_stranger_and_an_impostor_are_refused() -> None:
    c = ready()
    c.collect(c.server.handle("join:abc", Fetch(1), 0.0))
    assert "this server talks to workers that have joined; 'join:abc' is none" in c.out["join:abc"][0].text  # type: ignore[attr-defined]
    c.tell(0, Hello(1, "worker:1:0", 2, 1000, "", ""))
    assert "'worker:0:0' says that it is 'worker:1:0'" in refusals(c.said(0))[0][2]


# ----- memberships and lives -----


def test_an_older_membership_is_refused_with_the_table() -> None:
    c = ready()
    before = c.table
    c.member(1, host="elsewhere")
    now, c.table = c.table, before
    c.push(0, 3, 1, 1.0)
    (stale,) = c.said(0, StaleMembership)
    assert (stale.requests, stale.table["membership"]) == ((3,), now.membership)


def test_a_newer_membership_is_kept_until_the_table_has_come() -> None:
    c = ready(workers=1)
    after = c.table.with_member(replace(c.table.workers[0], host="elsewhere"))
    before, c.table = c.table, after
    c.push(0, 3, 1, 4.0)
    c.pull(0, 4, 1)
    assert c.said(0) == []
    assert c.out[SCHEDULER_NAME][-1] == Fetch(before.membership)
    c.from_scheduler(TableIs(after.membership, after.to_wire()))
    said = c.said(0)
    assert taken(said) == [3]
    assert values(said) == [(4, 1, [4.0, 4.0])]


def test_an_older_life_is_refused_and_its_pushes_stay() -> None:
    c = ready()
    c.push(0, 3, 1, 1.0)
    c.member(0, incarnation=1)
    c.push(0, 5, 2, 1.0)
    assert "this is an older life of worker 0; a newer one has begun" in refusals(c.said(0))[0][2]
    c.push(1, 3, 1, 2.0, wants_value=True)
    assert values(c.said(1)) == [(3, 1, [3.0, 3.0])]


def test_a_rank_that_was_given_up_is_refused_and_not_waited_for() -> None:
    c = ready(elastic=True)
    c.push(1, 3, 1, 2.0)
    c.member(0, state=GIVEN_UP)
    assert taken(c.said(1)) == [3]
    c.push(0, 3, 1, 1.0)
    assert "worker 0 was given up" in refusals(c.said(0))[0][2]


def test_without_elastic_no_clock_closes_without_a_rank_that_was_given_up() -> None:
    c = ready()
    c.push(1, 3, 1, 2.0)
    c.member(0, state=GIVEN_UP)
    assert c.said(1) == []


def test_the_job_has_failed() -> None:
    c = ready()
    c.from_scheduler(Failed(1, "worker 1 was killed"))
    assert (c.server.finished, c.server.failure) == (True, "worker 1 was killed")


def test_the_job_is_over() -> None:
    c = ready()
    c.from_scheduler(Finish(1))
    assert (c.server.finished, c.server.failure) == (True, None)


# ----- init -----


def test_only_the_lowest_ranks_value_counts() -> None:
    c = Cluster(2)
    c.init(1, 2, value=7)
    assert c.said(1) == []
    c.init(0, 2, value=3)
    assert (taken(c.said(0)), taken(c.said(1))) == ([2], [2])
    c.pull(1, 3, 0)
    assert values(c.said(1)) == [(3, 0, [3.0, 3.0])]


def test_when_the_lowest_rank_has_left_the_next_ones_value_counts() -> None:
    c = Cluster(2)
    c.tell(0, Leave(1, 2))
    c.init(1, 2, value=7)
    assert taken(c.said(1)) == [2]


def test_when_the_lowest_rank_has_left_the_next_ones_optimizer_counts() -> None:
    c = ready()
    c.tell(1, SetOptimizer(1, 3, 1, 1, SGD))
    assert c.said(1) == []
    c.tell(0, Leave(1, 3))
    assert taken(c.said(1)) == [3]


# ----- barriers and leaving -----


def test_a_barrier_ends_when_all_have_entered_and_tells_the_clocks() -> None:
    c = ready()
    c.push(0, 3, 1, 1.0)
    c.tell(0, Waiting(1, 4, 1, 1))
    assert c.said(0) == []
    c.push(1, 3, 1, 1.0)
    c.push(1, 4, 2, 1.0)
    assert taken(c.said(1)) == [3, 4]  # clock 2 closes without the rank in the barrier
    assert taken(c.said(0)) == [3]
    c.tell(1, Waiting(1, 5, 1, 1))
    for rank, request in ((0, 4), (1, 5)):
        (counted,) = c.said(rank)
        assert (counted.request, [(p.key, p.shard, p.clock) for p in counted.clocks]) == (request, [("w", 0, 2)])
    c.push(0, 6, 3, 1.0)
    assert c.said(0) == []  # it counts again


def test_a_barrier_that_is_over_is_answered_at_once() -> None:
    c = ready()
    for rank in (0, 1):
        c.tell(rank, Waiting(1, 4, 1, 1))
    c.said(0)
    c.tell(0, Waiting(1, 4, 1, 1))
    assert [m.request for m in c.said(0)] == [4]


def test_who_has_gone_on_from_a_barrier_says_that_it_is_over() -> None:
    """A server that has taken over may hear of the next barrier before a rank says the last one again."""
    c = ready()
    c.tell(0, Waiting(1, 4, 1, 1))
    assert c.said(0) == []
    c.tell(1, Waiting(1, 5, 1, 2))
    assert [m.request for m in c.said(0)] == [4]
    assert c.said(1) == []
    c.tell(0, Waiting(1, 6, 1, 2))
    assert [m.request for m in c.said(0)] == [6]
    assert [m.request for m in c.said(1)] == [5]


def test_a_leave_counts_at_once_and_is_answered_behind_the_last_push() -> None:
    c = ready()
    c.push(0, 3, 1, 1.0)
    c.tell(0, Leave(1, 4))
    assert c.said(0) == []
    c.push(1, 3, 1, 1.0)
    assert taken(c.said(0)) == [3, 4]
    c.push(1, 4, 2, 1.0)
    assert taken(c.said(1)) == [3, 4]


def test_a_rank_that_has_left_frees_those_who_wait() -> None:
    c = ready()
    c.push(1, 3, 1, 1.0)
    c.pull(1, 4, 1)
    c.tell(1, Waiting(1, 5, 1, 1))
    c.member(0, state=LEFT)
    assert sorted(type(m).__name__ for m in c.said(1)) == ["Counted", "Taken", "Values"]


# ----- optimizer states -----


def test_optimizer_states_are_read_and_written() -> None:
    c = ready(workers=1)
    c.tell(0, SetOptimizer(1, 3, 1, 1, ("sgd", {"learning_rate": 1.0, "momentum": 0.5})))
    c.push(0, 4, 1, 2.0, generation=1, hypers=(HyperSet(1, 1, 0, {}),))
    c.tell(0, ReadStates(1, 5, 1, "w", 0, 1))
    (states,) = c.said(0, StatesAre)
    assert (states.updates, states.dtypes, list(np.frombuffer(states.payloads[0], np.float32))) == (
        1,
        ("float32",),
        [-2.0, -2.0],
    )
    saved = np.full(2, -8, np.float32).tobytes()
    c.tell(0, WriteStates(1, 8, 6, 1, "w", 0, 7, ("float32",), (saved,)))
    c.tell(0, ReadStates(1, 7, 1, "w", 0, 1))
    assert c.said(0, StatesAre)[-1].updates == 7


def test_states_are_read_at_the_ranks_own_clock() -> None:
    c = ready()
    c.tell(0, SetOptimizer(1, 3, 1, 1, ("sgd", {"learning_rate": 1.0, "momentum": 0.5})))
    c.push(0, 4, 1, 2.0, generation=1, hypers=(HyperSet(1, 1, 0, {}),))
    c.tell(0, ReadStates(1, 5, 1, "w", 0, 1))
    assert c.said(0, StatesAre) == []
    c.push(1, 4, 1, 2.0, generation=1, hypers=(HyperSet(1, 1, 0, {}),))
    (states,) = c.said(0, StatesAre)
    assert list(np.frombuffer(states.payloads[0], np.float32)) == [-4.0, -4.0]


@pytest.mark.parametrize("dtypes, payloads, text", [
    ((), (), r"optimizer states of shard 0 are \[\('float32', 2\)\], loaded \[\]"),
    (("float64",), (bytes(16),), r"loaded \[\('float64', 2\)\]"),
])  # fmt: skip
def test_states_of_another_optimizer_are_refused(
    dtypes: tuple[str, ...], payloads: tuple[bytes, ...], text: str
) -> None:
    import re

    c = ready(workers=1)
    c.tell(0, SetOptimizer(1, 3, 1, 1, ("sgd", {"learning_rate": 1.0, "momentum": 0.5})))
    c.tell(0, WriteStates(1, 8, 6, 1, "w", 0, 7, dtypes, payloads))
    assert re.search(text, refusals(c.said(0))[-1][2])


def test_states_without_an_optimizer_are_refused() -> None:
    c = ready(workers=1)
    c.tell(0, ReadStates(1, 5, 1, "w", 0, 0))
    assert "store 1: no optimizer is set; call kv.set_optimizer first" in refusals(c.said(0))[0][2]


# ----- what is bounded -----


def test_a_clock_beyond_two_unanswered_ones_is_refused() -> None:
    c = ready()
    for clock in (1, 2):
        c.push(0, 2 + clock, clock, 1.0)
    c.said(0)
    c.push(0, 5, 3, 1.0)
    [(request, kind, text)] = refusals(c.said(0))
    assert (request, kind) == (5, "OutOfPlace")
    assert "rank 0 pushed clock 3, and 0 is the last of it that is applied" in text


def test_whole_numbers_are_not_scaled_to_nothing() -> None:
    c = Cluster()
    c.init(0, 2, value=10, dtype="int32")
    c.init(1, 2, dtype="int32")
    c.said(0)
    c.push(0, 3, 1, 4, dtype="int32", scale=0.5)
    [(request, kind, text)] = refusals(c.said(0))
    assert (request, kind) == (3, "Unsupported")
    assert "key 'w' is int32: its gradients cannot be scaled by 0.5" in text


def test_a_staleness_below_any_is_refused() -> None:
    c = Cluster(open_store=False)
    c.tell(0, Open(1, 1, 1, "dist_async", -5))
    [(_, _, text)] = refusals(c.said(0))
    assert "staleness is -1 (any) or 0 and up, came -5" in text


def test_only_the_newest_hyper_parameters_are_kept() -> None:
    c = ready(staleness=-1)
    c.tell(0, SetOptimizer(1, 3, 1, 1, SGD))
    for clock in range(1, 51):
        hypers = (HyperSet(1, 1, clock, {"learning_rate": 1.0 / clock}),)
        c.push(0, 3 + clock, clock, 0.0, generation=1, hyper=clock, hypers=hypers)
    assert len(c.server.stores[1]._rules) <= 4
    assert sorted(taken(c.said(0))) == list(range(3, 54))


# ----- rows -----


def table(workers: int = 2, **kind: Any) -> Cluster:
    """A cluster whose row table 'w', [4, 2], has 10 in row 1."""
    c = Cluster(workers, **kind)
    part = InitPart(2, 1, "w", 0, "row_sparse", "float32", (4, 2), 0, 8, True)
    c.tell(0, Init(1, 8, (part,), (rows_frame([1], 10.0),)))
    for rank in range(1, workers):
        c.init(rank, 2, shape=(4, 2), stype="row_sparse")
    return c


def rows_frame(ids: list[int], value: float) -> bytes:
    return np.array(ids, "<i8").tobytes() + np.full((len(ids), 2), value, "float32").tobytes()


def push_rows(c: Cluster, rank: int, request: int, clock: int, ids: list[int], value: float, **other: Any) -> None:
    c.push(rank, request, clock, 0, shape=(4, 2), rows=len(ids), payload=rows_frame(ids, value), **other)


def pull_rows(c: Cluster, rank: int, request: int, clock: int, ids: list[int]) -> None:
    part = PullPart(request, 1, "w", 0, clock, len(ids), 0)
    c.tell(rank, Pull(c.table.membership, 40, (part,), (np.array(ids, "<i8").tobytes(),)))


def test_rows_of_two_ranks_are_summed_where_they_meet() -> None:
    c = table()
    c.tell(0, SetOptimizer(1, 4, 1, 1, SGD))
    hyper = (HyperSet(1, 1, 1, {}),)
    push_rows(c, 0, 5, 1, [0, 1], 2.0, generation=1, hyper=1, hypers=hyper)
    push_rows(c, 1, 5, 1, [1, 3], 4.0, generation=1, hyper=1, hypers=hyper)
    pull_rows(c, 0, 6, 1, [0, 1, 2, 3])
    assert values(c.said(0, Values)) == [(6, 1, [-1, -1, 7, 7, 0, 0, -2, -2])]


def test_rows_of_the_version_before_the_last_are_read_from_the_record() -> None:
    c = table()
    for rank in range(2):
        push_rows(c, rank, 5, 1, [1, 2], 1.0)
    push_rows(c, 0, 6, 2, [0], 5.0)
    push_rows(c, 1, 6, 2, [2], 7.0)
    c.out.clear()
    pull_rows(c, 0, 7, 1, [0, 2])
    pull_rows(c, 0, 8, 2, [0, 2])
    assert values(c.said(0)) == [(7, 1, [0, 0, 2, 2]), (8, 2, [5, 5, 7, 7])]
    c.tell(1, Pull(1, 40, (PullPart(9, 1, "w", 0, 1, -1, 0),)))
    assert values(c.said(1)) == [(9, 1, [0, 0, 2, 2, 2, 2, 0, 0])]


def test_without_a_value_a_table_is_zero() -> None:
    c = Cluster(1)
    c.tell(0, Init(1, 8, (InitPart(2, 1, "w", 0, "row_sparse", "float32", (4, 2), 0, 8, True),), (b"",)))
    pull_rows(c, 0, 3, 0, [3])
    assert values(c.said(0)) == [(3, 0, [0, 0])]


def test_an_empty_push_closes_the_clock() -> None:
    c = table()
    push_rows(c, 0, 5, 1, [], 0.0)
    push_rows(c, 1, 5, 1, [], 0.0, wants_value=True)
    assert (taken(c.said(0)), values(c.said(1))) == ([2, 5], [(5, 1, [0.0] * 8)])


def test_a_dense_gradient_has_all_rows_of_a_table() -> None:
    c = table(1, staleness=0)
    c.push(0, 5, 1, 3.0, shape=(4, 2), wants_value=True)
    assert values(c.said(0)) == [(5, 1, [3.0] * 8)]


def test_a_step_that_fails_in_the_middle_is_undone() -> None:
    c = table(1)
    shard = c.server.stores[1].shard("w", 0)
    assert isinstance(shard, TableShard)
    shard.state = (np.ones(8, np.float32),)
    shard._record(np.array([1, 3]))
    shard.table[[1, 3]] = 99
    shard.state[0][2:4] = 99
    shard._publish(has_failed=True)
    shard.clocks.version = shard.version
    assert shard.table.tolist() == [[0, 0], [10, 10], [0, 0], [0, 0]]
    assert shard.state[0].tolist() == [1] * 8
    assert np.frombuffer(shard.lend(0, None)[1], np.float32).tolist() == shard.current.tolist()


@pytest.mark.parametrize("ids, rows, kind, text", [
    ([2, 1], 2, "PartShape", "key 'w': shard 0: row ids rise and none comes twice, came [2, 1]"),
    ([1, 1], 2, "PartShape", "key 'w': shard 0: row ids rise and none comes twice, came [1, 1]"),
    ([4], 1, "PartShape", "key 'w': shard 0: row ids are from 0 to 3, came [4]"),
    ([1], 2, "PartShape", "key 'w': shard 0: row ids"),
])  # fmt: skip
def test_rows_that_do_not_fit_are_refused_and_the_clock_goes_on(ids: Any, rows: int, kind: str, text: str) -> None:
    c = table()
    c.out.clear()
    c.push(0, 5, 1, 0, shape=(4, 2), rows=rows, payload=rows_frame(ids, 1.0))
    push_rows(c, 1, 5, 1, [0], 1.0, wants_value=True)
    ((request, came, said),) = refusals(c.said(0))
    assert (request, came) == (5, kind)
    assert text in said
    assert values(c.said(1)) == [(5, 1, [1, 1, 0, 0, 0, 0, 0, 0])]


def test_rows_are_pulled_of_tables_only_and_within_them() -> None:
    c = ready()
    pull_rows(c, 0, 5, 0, [0])
    assert "key 'w' is dense: it is pulled whole, and rows are pulled of row_sparse keys" in refusals(c.said(0))[0][2]
    c = table()
    c.out.clear()
    pull_rows(c, 0, 5, 0, [1, 9])
    assert "row ids are from 0 to 3, came [1, 9]" in refusals(c.said(0))[0][2]


def test_the_credit_of_row_ids_comes_back() -> None:
    c = table()
    pull_rows(c, 0, 5, 0, [1])
    assert [m.offset for m in c.said(0, Credit)] == [8, 40]
    c.tell(0, Pull(1, 40, (PullPart(6, 1, "w", 0, 0, -1, 0),)))
    assert c.said(0, Credit) == []


def test_ranks_that_initialise_a_key_dense_and_as_a_table_are_told() -> None:
    c = table()
    c.init(1, 9, shape=(4, 2))
    assert "initialised as row_sparse float32 [4, 2]" in refusals(c.said(1))[0][2]
    c.init(0, 9, key="x", value=1, stype="csr")
    assert "a value is default or row_sparse, came stype 'csr'" in refusals(c.said(0))[0][2]
    c.tell(0, Init(1, 8, (InitPart(11, 1, "y", 0, "row_sparse", "float32", (4, 2), 0, 3, True),), (b"",)))
    assert "a row_sparse key is cut between rows, came elements 0:3 of [4, 2]" in refusals(c.said(0))[0][2]


def test_a_table_too_large_for_an_answer_is_refused_before_memory_is_taken() -> None:
    c = Cluster(1)
    part = InitPart(2, 1, "w", 0, "row_sparse", "float32", (2**20, 2**20), 0, 2**40, True)
    c.tell(0, Init(1, 8, (part,), (b"",)))
    assert "a shard may have 2147483648 bytes, shard 0 has 4398046511104" in refusals(c.said(0))[0][2]


@pytest.mark.parametrize("start, stop", [(0, 3), (3, 8)])
def test_rows_reach_a_dense_key_that_is_cut_through_them(start: int, stop: int) -> None:
    c = Cluster(1)
    part = InitPart(2, 1, "w", 0, "default", "float32", (4, 2), start, stop, True)
    c.tell(0, Init(1, 8, (part,), (np.zeros(stop - start, "float32").tobytes(),)))
    whole = np.zeros((4, 2), np.float32)
    whole[[1, 3]] = [[1, 2], [3, 4]]
    count, data = frame(np.array([1, 3]), whole[[1, 3]].reshape(-1), 2, start, stop)
    c.push(0, 5, 1, 0, shape=(4, 2), rows=count, payload=bytes(data), wants_value=True)
    assert values(c.said(0)) == [(5, 1, whole.reshape(-1)[start:stop].tolist())]
