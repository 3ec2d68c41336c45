"""A small job, all its machines in one place, with what they send each other carried over at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest

from mxl.core import optimizer as optimizers
from mxl.kvstore.machine import Connect, Effects, Send
from mxl.kvstore.member import Self
from mxl.kvstore.names import SCHEDULER_NAME, SERVER, WORKER
from mxl.kvstore.settings import Settings
from mxl.kvstore.wire.codec import decode, encode
from mxl.kvstore.wire.messages import Message
from mxl.scheduler.state import SchedulerState
from mxl.server.state import ServerState
from mxl.worker.calls import GetStates, InitKey, OpenStore, Optimize, PullKey, PushKey
from mxl.worker.state import WorkerState

WORKERS = ("worker:0:0", "worker:1:0")
SERVER_NAME = "server:0:0"


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


def at_work() -> Job:
    job = Job()
    opened = [job.submit(rank, [OpenStore("dist_sync", 0)])[0] for rank in (0, 1)]
    assert [call.answered.result(0) for call in opened] == [1, 1]
    for rank in (0, 1):
        job.submit(
            rank,
            [InitKey(1, key, np.zeros(shape, "float32").reshape(-1), shape) for key, shape in KEYS_OF_THE_JOB.items()],
        )
        job.submit(rank, [InitKey(1, "t", np.ones(2, "float32"), (2, 2), "row", np.array([1]))])
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
        rows = np.ones(2, "float32"), 1.0, 0.0, 1, 0, hyper, 0, np.array([rank])
        job.submit(rank, [PushKey(1, "t", *rows), PullKey(1, "t", np.empty(2, "float32"), 0, (), np.array([0]))])
    waiting = job.submit(
        0,
        [PushKey(1, "w", np.ones(4, "float32"), 1.0, 0.0, 1, 0, hyper, 0), PullKey(1, "w", np.empty(4, "float32"), 0)],
    )
    waiting += job.submit(0, [GetStates(1, "b")])
    assert not waiting[0].answered.done()
    return job


@pytest.fixture(scope="session")
def young_job() -> Callable[[], Job]:
    """Makes a job in which everybody has joined and nothing else has happened."""
    return Job


@pytest.fixture(scope="session")
def working_job() -> Callable[[], Job]:
    """Makes a job at work: a store, keys and a row table, an optimizer, a push that waits; its membership is 2."""
    return at_work
