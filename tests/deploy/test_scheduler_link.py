"""The launcher's thread and its talk with a scheduler, over the memory transport and over ZeroMQ."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mxl.deploy.job import JobSpec, plan
from mxl.deploy.launcher import Exit
from mxl.deploy.reporter import Reporter
from mxl.deploy.scheduler_link import SchedulerLink
from mxl.kvstore.host import make_proof
from mxl.kvstore.loop import Loop
from mxl.kvstore.machine import Effects, Send
from mxl.kvstore.transport.base import Transport
from mxl.kvstore.transport.memory import MemoryNetwork
from mxl.kvstore.transport.zmq import ZmqTransport
from mxl.kvstore.wire.messages import Exited, Finish, Hello, Message, Status, StatusIs, Taken, Welcome

LIMIT_S = 10.0
EXIT = Exit(plan(JobSpec(2, 1, ("train",), "/run/mxl-1", 2))[3], 7)


class FakeScheduler:
    """As much of a scheduler as the launcher speaks with."""

    def __init__(self) -> None:
        self.finished = False
        self.exits: list[tuple[str, int, int]] = []

    def start(self, now: float) -> Effects:
        return []

    def handle(self, peer: str, message: Message, now: float) -> Effects:
        match message:
            case Hello():
                return [Send(peer, Welcome(1, "scheduler:0:0", message.connection, 0))]
            case Status():
                nodes = {"worker:0:0": {"state": "admitted", "silent_s": 0.0, "counters": {"step": 3}}}
                return [Send(peer, StatusIs(1, message.request, nodes))]
            case Exited():
                self.exits.append((message.role, message.rank, message.code))
                return [Send(peer, Taken(1, (message.request,))), Send(peer, Finish(1))]
            case _:
                return []

    def malformed(self, peer: str, text: str, now: float) -> Effects:
        raise AssertionError(text)

    def peer_up(self, peer: str, now: float) -> Effects:
        return []

    def peer_down(self, peer: str, now: float) -> Effects:
        return []

    def tick(self, now: float) -> Effects:
        return []

    def deadline(self, now: float) -> float | None:
        return None


@pytest.fixture(params=["memory", "zmq"])
def ends(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str, Callable[[], Transport], Transport]:
    """The scheduler's address and proof, how the launcher makes its transport, and the scheduler's own."""
    if request.param == "memory":
        network = MemoryNetwork()
        there = network.transport()
        return there.addresses[0], "", lambda: network.transport(()), there
    folder = tmp_path / "job"
    folder.mkdir(mode=0o700)
    address = f"ipc://{folder}/scheduler"
    return address, make_proof(folder), ZmqTransport, ZmqTransport([address])


@pytest.fixture
def scheduler(ends: tuple[str, str, Callable[[], Transport], Transport]) -> Iterator[FakeScheduler]:
    machine, transport = FakeScheduler(), ends[3]
    thread = threading.Thread(target=lambda: Loop(machine, transport).run())
    thread.start()
    yield machine
    machine.finished = True
    transport.wake()
    thread.join()
    transport.close()


def test_status_reports_and_the_last_word(
        ends: tuple[str, str, Callable[[], Transport], Transport], scheduler: FakeScheduler) -> None:
    address, proof, make_transport, _ = ends
    news = threading.Condition()

    def on_news() -> None:
        with news:
            news.notify_all()

    link = SchedulerLink(Reporter((address,), proof, "host", on_news), make_transport)
    link.start()
    try:
        with news:
            assert news.wait_for(lambda: link.status()[0] > 0, LIMIT_S)
        assert link.status()[1]["worker:0:0"]["counters"] == {"step": 3}
        assert not link.all_left
        link.report(EXIT)
        with news:
            assert news.wait_for(lambda: link.all_left, LIMIT_S)
        assert scheduler.exits == [("worker", 1, 7)]
        count = link.status()[0]
        before = time.monotonic()
        link.ask()
        with news:
            assert news.wait_for(lambda: link.status()[0] > count, LIMIT_S)
        assert time.monotonic() - before < 0.9  # asked for, not awaited
    finally:
        link.stop()
    assert link.problem == ""


def test_without_a_scheduler_it_stops_all_the_same(tmp_path: Path) -> None:
    link = SchedulerLink(Reporter((f"ipc://{tmp_path}/nobody",), "", "host", lambda: None), ZmqTransport)
    link.stop()  # not started yet: nothing
    link.start()
    link.report(EXIT)
    link.stop()
    assert link.status() == (0, {})
    assert link.problem == ""


def test_a_broken_view_is_told_and_breaks_nothing_else() -> None:
    class Broken(Reporter):
        def start(self, now: float) -> Effects:
            raise RuntimeError("no luck")

    link = SchedulerLink(Broken(("memory://x",), "", "host", lambda: None), MemoryNetwork().transport)
    link.start()
    link.stop()
    assert link.problem == "the view of the cluster has ended: RuntimeError: no luck"
