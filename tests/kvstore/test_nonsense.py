"""Well-formed messages that mean nothing: no role's machine falls over, and what it answers can be sent.

A small job is brought to work (a store, three keys, an optimizer, a push that waits); then each machine is given
messages of every class with numbers, names and payloads that do not fit, from nodes that have joined and from some
that have not.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mxl.core import optimizer as optimizers
from mxl.kvstore.errors import KVStoreError
from mxl.kvstore.machine import Connect, Effects, Log, Send
from mxl.kvstore.member import Self
from mxl.kvstore.names import LAUNCHER_NAME, SCHEDULER_NAME, SERVER, WORKER
from mxl.kvstore.settings import Settings
from mxl.kvstore.wire import messages as wire
from mxl.kvstore.wire.codec import decode, encode
from mxl.kvstore.wire.fields import plan_of
from mxl.kvstore.wire.messages import MESSAGES, Message
from mxl.scheduler.state import SchedulerState
from mxl.server.state import ServerState
from mxl.worker.calls import GetStates, InitKey, OpenStore, Optimize, PullKey, PushKey
from mxl.worker.state import WorkerState

WORKERS = ("worker:0:0", "worker:1:0")
SERVER_NAME = "server:0:0"

# ----- messages -----

NUMBERS = st.sampled_from([-(2**63), -1, 0, 1, 2, 3, 4, 7, 255, 256, 2**31, 2**40, 2**63 - 1]) | st.integers(0, 40)
FLOATS = st.sampled_from([0.0, -1.0, 1.0, 5e-324, 1e-3, 1e300, -1e308])
NAMES = st.sampled_from(
    [
        "",
        "w",
        "b",
        "0",
        WORKER,
        SERVER,
        "launcher",
        "scheduler",
        "dist_sync",
        "default",
        "row_sparse",
        "none",
        "2bit",
        "float32",
        "float16",
        "int64",
        "O",
        "S0",
        "V0",
        "M8[s]",
        "f4,f4",
        "(2,)f4",
        "(1,",
        "2f4",
        "c8",
        "U3",
        "T",
        "OutOfPlace",
        "sgd",
        "adam",
        "admitted",
        "left",
        "given_up",
        "x" * 60_000,
        *WORKERS,
        SERVER_NAME,
        SCHEDULER_NAME,
    ]
)
KEYS = st.sampled_from(["w", "b", "e", 0, 1, -1, 2**63 - 1, "x" * 1000])
SHAPES = st.sampled_from([(), (0,), (1,), (4,), (2, 2), (3,), (2**40,), (0, 5), (1,) * 32, (2**20, 2**20)])
PLAIN = st.recursive(
    st.none() | st.booleans() | NUMBERS | FLOATS | st.just(float("nan")) | NAMES,
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
SCHEDULES = st.tuples(
    st.sampled_from(["factor", "multifactor", "poly", "cosine", "no such"]),
    st.dictionaries(
        st.sampled_from(
            ["step", "factor", "max_update", "base_lr", "set_lr", "set_at", "warmup_final_lr", "warmup_steps", "pwr"]
        ),
        st.sampled_from([-1, 0, 1, 3, 0.5, -2.0, None, "x", (), (1, 2), 1e308]),
        max_size=5,
    ),
)
HYPER = st.dictionaries(
    st.sampled_from(
        [
            "learning_rate",
            "momentum",
            "wd",
            "beta1",
            "beta2",
            "epsilon",
            "clip_gradient",
            "lr_mult",
            "wd_mult",
            "lr_scheduler",
            "multi_precision",
            "begin_num_update",
            "rescale_grad",
            "param_dict",
            "self",
            "nonsense",
        ]
    ),
    PLAIN | SCHEDULES | st.sampled_from([((0, 1.0),), (("w", 2),), (("w",),), 0.1, 2.0]),
    max_size=4,
)
OPTIMIZERS = st.tuples(st.sampled_from(["sgd", "adam", "ftrl", "lamb", "test", "no such", "nadam", "signum"]), HYPER)
MEMBERS = st.lists(
    st.tuples(
        NUMBERS,
        NUMBERS,
        st.sampled_from(["admitted", "left", "given_up", "expected", "?"]),
        NAMES,
        st.just(("memory://x",)),
        NAMES,
    )
    | PLAIN,
    max_size=3,
).map(tuple)
TABLES = st.fixed_dictionaries(
    {
        "membership": NUMBERS,
        "workers": MEMBERS,
        "servers": MEMBERS,
        "primaries": st.sampled_from([(), (0,), (0,) * 256, (7,) * 256]),
        "backups": st.just(()),
        "elastic": PLAIN,
    }
) | st.dictionaries(NAMES, PLAIN, max_size=3)
BY_NAME: dict[str, st.SearchStrategy[Any]] = {
    "shape": SHAPES,
    "table": TABLES,
    "optimizer": OPTIMIZERS | st.lists(PLAIN, max_size=3).map(tuple),
    "values": HYPER,
    "membership": st.sampled_from([2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 3, -1, 2**62]),  # the job's is 2
    "store": st.just(1) | st.just(1) | NUMBERS,
    "shard": st.just(0) | st.just(0) | NUMBERS,
    "generation": st.sampled_from([0, 1, 1, 2]),
    "key": st.sampled_from(["w", "w", "b", "e"]) | KEYS,
    "dtype": st.just("float32") | NAMES,
    "codec": st.just("none") | NAMES,
    "rows": st.just(-1) | NUMBERS,
    "hyper": st.sampled_from([0, 0, 1, -1]),
    "clock": st.integers(0, 4) | NUMBERS,
    "request": st.integers(9, 12) | st.integers(1, 40) | NUMBERS,
    "connection": st.just(1) | NUMBERS,
    "rank": st.sampled_from([0, 1, -1, 7, 2**63 - 1]),
    "role": st.sampled_from([WORKER, SERVER, SERVER, "launcher", ""]),
    "slot_bytes": st.sampled_from([(), (1,), (1,) * 256, (-1,) * 256, (2**63 - 1,) * 256]),
    "counters": st.dictionaries(NAMES, PLAIN, max_size=3),
}
BY_HINT: dict[Any, st.SearchStrategy[Any]] = {
    int: NUMBERS,
    bool: st.booleans(),
    str: NAMES,
    float: FLOATS,
    int | str: KEYS,
    dict[str, Any]: st.dictionaries(NAMES, PLAIN, max_size=3),
    tuple[Any, ...]: st.lists(PLAIN, max_size=3).map(tuple),
}
PAYLOADS = st.sampled_from([b"", b"\0" * 4, b"\0" * 8, b"\0" * 12, b"\xff" * 16, b"\x7f" * 15, b"\0" * 3])


def of_hint(name: str, hint: Any) -> st.SearchStrategy[Any]:
    if name in BY_NAME:
        return BY_NAME[name]
    if hint in BY_HINT:
        return BY_HINT[hint]
    if get_origin(hint) is tuple:
        item = get_args(hint)[0]
        return st.lists(of_class(item) if is_dataclass(item) else of_hint("", item), max_size=4).map(tuple)
    raise AssertionError(f"no strategy for {name}: {hint}")


def of_class(cls: type[Any]) -> st.SearchStrategy[Any]:
    hints = get_type_hints(cls)
    return st.builds(
        cls, **{f.name: of_hint(f.name, hints[f.name]) for f in fields(cls) if not f.metadata.get("frames")}
    )


BY_OP = {op: of_class(cls) for op, cls in MESSAGES.items()}
OPS = sorted(MESSAGES)
TO_SERVER = [
    "push",
    "pull",
    "init",
    "optimizer",
    "open",
    "have",
    "waiting",
    "leave",
    "read_states",
    "write_states",
    "stale_membership",
]
TO_WORKER = ["values", "states_are", "taken", "counted", "had", "refused", "stale_membership", "table", "released"]
TO_SCHEDULER = ["join", "sizes", "waiting", "leave", "exited", "have", "status", "heartbeat", "hello"]


def payloads_needed(message: Message) -> int:
    match message:
        case wire.Push() | wire.Values():
            return len(message.parts)
        case wire.Init():
            return sum(part.has_value for part in message.parts)
        case wire.StatesAre() | wire.WriteStates():
            return len(message.dtypes)
    return 0


@st.composite
def nonsense(draw: st.DrawFn, usual: list[str]) -> Message:
    message = draw(BY_OP[draw(st.sampled_from(usual) | st.sampled_from(OPS))])
    if plan_of(type(message)).frames:
        n = payloads_needed(message)
        message = replace(message, payloads=tuple(draw(st.lists(PAYLOADS, min_size=n, max_size=n))))
    return message


def as_received(message: Message) -> Message | None:
    """What the peer's decoder makes of it; None for what it refuses."""
    try:
        return decode(encode(message))
    except ValueError:  # a WireError: too long a list, say
        return None


# ----- a small job that works -----


class Job:
    """Two workers, a server and a scheduler, with what they send each other carried over at once."""

    def __init__(self) -> None:
        settings = Settings(num_workers=2, num_servers=1, scheduler="memory://s")
        self.now = 1.0
        self.machines: dict[str, Any] = {SCHEDULER_NAME: SchedulerState(settings)}
        self.names: dict[tuple[str, str], str] = {}  # (who, peer) -> the name that `who` has there
        self.queue: deque[tuple[str, str, Message]] = deque()
        server = ServerState(Self(SERVER, 0, "here", 1, ("memory://v",), "", "v"), settings)
        self.machines[SERVER_NAME] = server
        for rank, name in enumerate(WORKERS):
            self.machines[name] = WorkerState(Self(WORKER, rank, "here", 1, (), "", f"w{rank}"), settings, dict)
        for name, machine in self.machines.items():
            self.perform(name, machine.start(self.now))
        self.run()

    def perform(self, name: str, effects: Effects) -> None:
        for effect in effects:
            match effect:
                case Send(peer, message):
                    decoded = decode(encode(message))
                    to = next((who for (who, at), known in self.names.items() if known == peer and at == name), peer)
                    if to in self.machines:
                        self.queue.append((self.names.get((name, peer), name), to, decoded))
                case Connect(peer, _, identity, _):
                    self.names[name, peer] = identity
                    self.perform(name, self.machines[name].peer_up(peer, self.now))
                case _:
                    pass

    def run(self) -> None:
        while self.queue:
            peer, to, message = self.queue.popleft()
            self.now += 0.001
            self.perform(to, self.machines[to].handle(peer, message, self.now))

    def submit(self, rank: int, calls: Iterable[Any]) -> list[Any]:
        name, calls = WORKERS[rank], list(calls)
        self.perform(name, self.machines[name].submit(calls, self.now))
        self.run()
        return calls

    def give(self, to: str, peer: str, message: Message) -> None:
        """The message alone; whatever is answered must be possible to send, and goes nowhere."""
        self.now += 0.01
        machine = self.machines[to]
        for effect in [*machine.handle(peer, message, self.now), *machine.tick(self.now)]:
            if isinstance(effect, Send):
                decode(encode(effect.message))


KEYS_OF_THE_JOB = {"w": (4,), "b": (), "e": (0,)}


def working_job() -> Job:
    job = Job()
    opened = [job.submit(rank, [OpenStore("dist_sync", 0)])[0] for rank in (0, 1)]
    assert [call.answered.result(0) for call in opened] == [1, 1]
    for rank in (0, 1):
        job.submit(
            rank,
            [InitKey(1, key, np.zeros(shape, "float32").reshape(-1), shape) for key, shape in KEYS_OF_THE_JOB.items()],
        )
    data = tuple(optimizers.create("sgd", learning_rate=0.1, momentum=0.9).to_wire())
    for rank in (0, 1):
        job.submit(rank, [Optimize(1, 1, data)])
    hyper = optimizers.create("sgd", learning_rate=0.1, momentum=0.9).hyper()
    for rank in (0, 1):
        for key, shape in KEYS_OF_THE_JOB.items():
            gradient = np.ones(shape, "float32").reshape(-1)
            job.submit(
                rank, [PushKey(1, key, gradient, 1.0, 0.0, 1, 0, hyper, 0), PullKey(1, key, np.empty_like(gradient), 0)]
            )
    waiting = job.submit(
        0,
        [PushKey(1, "w", np.ones(4, "float32"), 1.0, 0.0, 1, 0, hyper, 0), PullKey(1, "w", np.empty(4, "float32"), 0)],
    )
    waiting += job.submit(0, [GetStates(1, "b")])
    assert not waiting[0].answered.done()
    return job


@pytest.fixture(scope="module")
def frozen_job() -> Job:
    return working_job()


def test_the_small_job_works(frozen_job: Job) -> None:
    server: ServerState = frozen_job.machines[SERVER_NAME]
    assert {shard.buffers.version for shard in server.stores[1].shards.values()} == {1}
    assert frozen_job.machines[WORKERS[0]].membership.number == 2


STRANGERS = ("join:abc", "worker:7:0", "worker:0:3", "server:0:4", "", "\xff\0", "launcher:4:0")
FEW = settings(
    max_examples=100,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes here
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def sent_by(peers: Iterable[str], usual: list[str]) -> st.SearchStrategy[list[tuple[str, Message]]]:
    return st.lists(st.tuples(st.sampled_from([*peers, *STRANGERS]), nonsense(usual)), min_size=1, max_size=8)


def give_all(job: Job, to: str, given_messages: list[tuple[str, Message]]) -> None:
    for peer, message in given_messages:
        received = as_received(message)
        if received is not None:
            job.give(to, peer, received)


@FEW
@given(sent_by([*WORKERS * 3, SCHEDULER_NAME], TO_SERVER))
def test_a_server_stands(given_messages: list[tuple[str, Message]]) -> None:
    give_all(working_job(), SERVER_NAME, given_messages)


@FEW
@given(sent_by([*WORKERS * 3, SERVER_NAME, LAUNCHER_NAME], TO_SCHEDULER), st.booleans())
def test_the_scheduler_stands(given_messages: list[tuple[str, Message]], is_young: bool) -> None:
    give_all(Job() if is_young else working_job(), SCHEDULER_NAME, given_messages)


@FEW
@given(sent_by([SERVER_NAME] * 8 + [SCHEDULER_NAME] * 4, TO_WORKER), st.booleans())
def test_a_worker_stands(given_messages: list[tuple[str, Message]], is_young: bool) -> None:
    give_all(Job() if is_young else working_job(), WORKERS[0], given_messages)


# ----- what each is refused by -----


def first_part(dtype: str = "float32", stop: int = 1) -> wire.InitPart:
    return wire.InitPart(900, 1, "new", 0, "default", dtype, (1,), 0, stop, True)


TO_A_SERVER = {
    "a dtype that numpy would compile": (
        wire.Init(2, 0, (first_part("(1,"),), (b"1234",)),
        r"dtype '\(1,' cannot be that of a value; known: fl",
    ),
    "a dtype of objects": (wire.Init(2, 0, (first_part("O"),), (b"12345678",)), "dtype 'O' cannot be"),
    "more than its shape": (
        wire.Init(2, 0, (first_part(stop=2),), (b"12345678",)),
        "elements 0:2 of it are 8 bytes, came 8",
    ),
    "states of objects": (wire.WriteStates(2, 0, 900, 1, "w", 0, 1, ("O",), (b"12345678",)), "dtype 'O' cannot be"),
}


@pytest.mark.parametrize("case", TO_A_SERVER)
def test_a_server_says_what_is_wrong(case: str) -> None:
    message, sentence = TO_A_SERVER[case]
    assert re.search(sentence, refusal(working_job().machines[SERVER_NAME].handle(WORKERS[0], message, 9.0)))


@pytest.mark.parametrize("kind", [KeyError, AssertionError, RecursionError])
def test_an_error_of_any_kind_in_a_step_is_refused_and_named(
    kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(self: Any, *arguments: Any, **numbers: Any) -> None:
        raise kind("what the user forgot")

    job = working_job()
    monkeypatch.setattr(optimizers.SGD, "step", step)
    hyper = optimizers.create("sgd", learning_rate=0.1, momentum=0.9).hyper()
    (push,) = job.submit(1, [PushKey(1, "w", np.ones(4, "float32"), 1.0, 0.0, 1, 0, hyper, 0)])
    told = rf"server 0: key 'w', clock 2: the update failed: {kind.__name__}\('what the user forgot'\)"
    with pytest.raises(KVStoreError, match=told):
        push.answered.result(0)


def test_a_refusal_is_short_enough_to_be_read() -> None:
    message = wire.SetOptimizer(2, 900, 1, 5, ("x" * 65_000, {}))
    assert len(refusal(working_job().machines[SERVER_NAME].handle(WORKERS[0], message, 9.0))) <= 4096


def test_an_answer_about_many_requests_of_many_ranks_fits_a_header() -> None:
    server: ServerState = working_job().machines[SERVER_NAME]
    server.replies.held[WORKERS[0]] = dict.fromkeys(range(1, 2049), lambda: tuple(range(1000)))
    (had,) = [
        effect.message
        for effect in server.handle(WORKERS[0], wire.Have(2, 1, 0, tuple(range(1, 2049))), 9.0)
        if isinstance(effect, Send) and isinstance(effect.message, wire.Had)
    ]
    assert len(had.held) == 2048
    assert decode(encode(had)) == had


def test_slots_are_dealt_by_all_their_sizes() -> None:
    job = Job()
    scheduler: SchedulerState = job.machines[SCHEDULER_NAME]
    effects = scheduler.handle(WORKERS[0], wire.Sizes(1, 900, (1, 2)), 9.0)
    assert re.search("by the bytes of 256 slots .* came 2", refusal(effects))
    assert not scheduler.table.is_dealt


def test_what_a_node_says_of_itself_is_short() -> None:
    job = Job()
    join = wire.Join(0, 0, WORKER, -1, "here", 1, ("x" * 60_000,), "")
    effects = job.machines[SCHEDULER_NAME].handle("join:new", join, 9.0)
    assert re.search("may have 2048 characters, came 60004", refusal(effects))


def test_counters_of_all_nodes_fit_a_header() -> None:
    job = Job()
    for name in WORKERS:
        job.give(SCHEDULER_NAME, name, wire.Heartbeat(1, {"step": 3, **{f"x{i}": "y" * 60_000 for i in range(8)}}))
    job.give(SCHEDULER_NAME, WORKERS[0], wire.Status(1, 900))
    assert job.machines[SCHEDULER_NAME].status(9.0)[WORKERS[0]]["counters"]["step"] == 3


@pytest.mark.parametrize(
    "table", [{}, {"membership": 7, "workers": (), "servers": (), "primaries": (), "backups": (), "elastic": False}]
)
@pytest.mark.parametrize(
    "to, peer", [(SERVER_NAME, WORKERS[0]), (SERVER_NAME, SCHEDULER_NAME), (WORKERS[0], SERVER_NAME)]
)
def test_a_table_that_is_none_changes_nothing(to: str, peer: str, table: dict[str, Any]) -> None:
    machine = working_job().machines[to]
    effects = machine.handle(peer, wire.StaleMembership(2, (), table), 9.0)
    assert machine.membership.number == 2
    assert any(re.search("what is no table|table without", e.text) for e in effects if isinstance(e, Log))


TO_A_WORKER = {
    "three bytes of four": (
        lambda r: wire.Values(2, 0, (wire.ValuePart(r, 1),), (b"123",)),
        "expected 16 bytes of shard 0, came 3",
    ),
    "no value for a pull": (lambda r: wire.Taken(2, (r,)), "server 0 acknowledged it without a value"),
    "states for a value": (
        lambda r: wire.StatesAre(2, 0, r, 1, ("float32",), (b"1234",)),
        "states that are none of its",
    ),
}


@pytest.mark.parametrize("case", TO_A_WORKER)
def test_a_worker_fails_the_pull_that_a_server_answered_wrongly(case: str) -> None:
    message, sentence = TO_A_WORKER[case]
    job = working_job()
    worker: WorkerState = job.machines[WORKERS[0]]
    call = PullKey(1, "w", np.empty(4, "float32"), 0)
    job.perform(WORKERS[0], worker.submit([call], job.now))
    (request,) = [r.id for r in worker.servers[SERVER_NAME].out.values() if r.owner.call is call]
    worker.handle(SERVER_NAME, message(request), 9.0)
    with pytest.raises(KVStoreError, match=sentence):
        call.answered.result(0)


def refusal(effects: Effects) -> str:
    (text,) = [e.message.text for e in effects if isinstance(e, Send) and isinstance(e.message, wire.Refused)]
    return text
