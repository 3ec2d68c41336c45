"""Well-formed messages that mean nothing: no role's machine falls over, and what it answers can be sent.

A small job is brought to work (a store, three keys and a row table, an optimizer, a push that waits); then each
machine is given messages of every class with numbers, names and payloads that do not fit, from nodes that have joined
and from some that have not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass, replace
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mxl.kvstore.names import LAUNCHER_NAME, SCHEDULER_NAME, SERVER, WORKER
from mxl.kvstore.wire import messages as wire
from mxl.kvstore.wire.codec import decode, encode
from mxl.kvstore.wire.fields import plan_of
from mxl.kvstore.wire.messages import MESSAGES, Message
from mxl.server.state import ServerState

Make = Callable[[], Any]  # of a job: see conftest.py
WORKERS = ("worker:0:0", "worker:1:0")
SERVER_NAME = "server:0:0"

# ----- messages -----

NUMBERS = st.sampled_from([-(2**63), -1, 0, 1, 2, 3, 4, 7, 255, 256, 2**31, 2**40, 2**63 - 1]) | st.integers(0, 40)
FLOATS = st.sampled_from([0.0, -1.0, 1.0, 5e-324, 1e-3, 1e300, -1e308])
NAMES = st.sampled_from(
    [
        "", "w", "b", "0", WORKER, SERVER, "launcher", "scheduler", "dist_sync", "default", "row_sparse", "none",
        "2bit", "float32", "float16", "int64", "O", "S0", "V0", "M8[s]", "f4,f4", "(2,)f4", "(1,", "2f4", "c8", "U3",
        "T", "OutOfPlace", "sgd", "adam", "admitted", "left", "given_up", "x" * 60_000, *WORKERS, SERVER_NAME,
        SCHEDULER_NAME,
    ]
)  # fmt: skip
KEYS = st.sampled_from(["w", "b", "e", "t", "t", 0, 1, -1, 2**63 - 1, "x" * 1000])
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
    "push", "pull", "init", "optimizer", "open", "have", "waiting", "leave", "read_states", "write_states",
    "stale_membership",
]  # fmt: skip
TO_WORKER = ["values", "states_are", "taken", "counted", "had", "refused", "stale_membership", "table", "released"]
TO_SCHEDULER = ["join", "sizes", "waiting", "leave", "exited", "have", "status", "heartbeat", "hello"]


def payloads_needed(message: Message) -> int:
    match message:
        case wire.Push() | wire.Values():
            return len(message.parts)
        case wire.Init():
            return sum(part.has_value for part in message.parts)
        case wire.Pull():
            return sum(part.rows >= 0 for part in message.parts)
        case wire.StatesAre() | wire.WriteStates():
            return len(message.dtypes)
    if isinstance(message, wire.Replicate):
        return sum(part.rows >= -1 for part in message.parts)
    if isinstance(message, wire.CopyShard):
        return max(0, 1 + message.undo + len(message.dtypes))
    return 0


@st.composite
def nonsense(draw: st.DrawFn, usual: list[str]) -> Message:
    message = draw(BY_OP[draw(st.sampled_from(usual) | st.sampled_from(OPS))])
    if isinstance(message, wire.CopyShard):
        message = replace(message, undo=draw(st.integers(0, 3)))
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


# ----- nobody falls over -----


@pytest.fixture(scope="module")
def frozen_job(working_job: Make) -> Any:
    return working_job()


def test_the_small_job_works(frozen_job: Any) -> None:
    server: ServerState = frozen_job.machines[SERVER_NAME]
    assert {shard.version for shard in server.stores[1].shards.values()} == {1}
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


def give_all(job: Any, to: str, given_messages: list[tuple[str, Message]]) -> None:
    for peer, message in given_messages:
        received = as_received(message)
        if received is not None:
            job.give(to, peer, received)


@FEW
@given(sent_by([*WORKERS * 3, SCHEDULER_NAME], TO_SERVER))
def test_a_server_stands(working_job: Make, given_messages: list[tuple[str, Message]]) -> None:
    give_all(working_job(), SERVER_NAME, given_messages)


@FEW
@given(sent_by([*WORKERS * 3, SERVER_NAME, LAUNCHER_NAME], TO_SCHEDULER), st.booleans())
def test_the_scheduler_stands(
    working_job: Make, young_job: Make, given_messages: list[tuple[str, Message]], is_young: bool
) -> None:
    give_all(young_job() if is_young else working_job(), SCHEDULER_NAME, given_messages)


@FEW
@given(sent_by([SERVER_NAME] * 8 + [SCHEDULER_NAME] * 4, TO_WORKER), st.booleans())
def test_a_worker_stands(
    working_job: Make, young_job: Make, given_messages: list[tuple[str, Message]], is_young: bool
) -> None:
    give_all(young_job() if is_young else working_job(), WORKERS[0], given_messages)
