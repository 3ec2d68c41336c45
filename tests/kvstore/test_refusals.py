"""What is well-formed and does not fit is refused by a sentence that says what is wrong; and it changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mxl.core import optimizer as optimizers
from mxl.kvstore.errors import KVStoreError
from mxl.kvstore.machine import Effects, Log, Send
from mxl.kvstore.names import SCHEDULER_NAME, WORKER
from mxl.kvstore.wire import messages as wire
from mxl.kvstore.wire.codec import decode, encode
from mxl.scheduler.state import SchedulerState
from mxl.server.state import ServerState
from mxl.worker.calls import PullKey, PushKey
from mxl.worker.state import WorkerState

WORKERS = ("worker:0:0", "worker:1:0")
SERVER_NAME = "server:0:0"
Make = Callable[[], Any]  # of a job: see conftest.py


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
def test_a_server_says_what_is_wrong(working_job: Make, case: str) -> None:
    message, sentence = TO_A_SERVER[case]
    assert re.search(sentence, refusal(working_job().machines[SERVER_NAME].handle(WORKERS[0], message, 9.0)))


@pytest.mark.parametrize("kind", [KeyError, AssertionError, RecursionError])
def test_an_error_of_any_kind_in_a_step_is_refused_and_named(
    working_job: Make, kind: type[Exception], monkeypatch: pytest.MonkeyPatch
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


def test_a_refusal_is_short_enough_to_be_read(working_job: Make) -> None:
    message = wire.SetOptimizer(2, 900, 1, 5, ("x" * 65_000, {}))
    assert len(refusal(working_job().machines[SERVER_NAME].handle(WORKERS[0], message, 9.0))) <= 4096


def test_an_answer_about_many_requests_of_many_ranks_fits_a_header(working_job: Make) -> None:
    server: ServerState = working_job().machines[SERVER_NAME]
    server.replies.held[WORKERS[0]] = dict.fromkeys(range(1, 2049), lambda: tuple(range(1000)))
    (had,) = [
        effect.message
        for effect in server.handle(WORKERS[0], wire.Have(2, 1, 0, tuple(range(1, 2049))), 9.0)
        if isinstance(effect, Send) and isinstance(effect.message, wire.Had)
    ]
    assert len(had.held) == 2048
    assert decode(encode(had)) == had


def test_slots_are_dealt_by_all_their_sizes(young_job: Make) -> None:
    job = young_job()
    scheduler: SchedulerState = job.machines[SCHEDULER_NAME]
    effects = scheduler.handle(WORKERS[0], wire.Sizes(1, 900, (1, 2)), 9.0)
    assert re.search("by the bytes of 256 slots .* came 2", refusal(effects))
    assert not scheduler.table.is_dealt


def test_what_a_node_says_of_itself_is_short(young_job: Make) -> None:
    job = young_job()
    join = wire.Join(0, 0, WORKER, -1, "here", 1, ("x" * 60_000,), "")
    effects = job.machines[SCHEDULER_NAME].handle("join:new", join, 9.0)
    assert re.search("may have 2048 characters, came 60004", refusal(effects))


def test_counters_of_all_nodes_fit_a_header(young_job: Make) -> None:
    job = young_job()
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
def test_a_table_that_is_none_changes_nothing(working_job: Make, to: str, peer: str, table: dict[str, Any]) -> None:
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
def test_a_worker_fails_the_pull_that_a_server_answered_wrongly(working_job: Make, case: str) -> None:
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
