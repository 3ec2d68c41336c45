"""The launcher's side of its talk with the scheduler."""

from __future__ import annotations

import pytest

from mxl.deploy.job import JobSpec, plan
from mxl.deploy.launcher import Exit
from mxl.deploy.reporter import STATUS_S, Reporter
from mxl.kvstore.machine import Connect, Disconnect, Log, Send
from mxl.kvstore.wire.messages import (
    Exited,
    Failed,
    Finish,
    Hello,
    Message,
    Refused,
    StaleMembership,
    Status,
    StatusIs,
    TableIs,
    Taken,
    Welcome,
)

S = "scheduler:0:0"
WELCOME = Welcome(3, S, 1, 0)
EXIT = Exit(plan(JobSpec(2, 1, ("train",), "/run/mxl-1", 2))[2], -9)


@pytest.fixture
def news() -> list[int]:
    return []


@pytest.fixture
def reporter(news: list[int]) -> Reporter:
    reporter = Reporter(("ipc:///run/mxl-1/scheduler",), "/run/mxl-1/nonce", "host", lambda: news.append(1))
    assert reporter.start(0.0) == [Connect(S, ("ipc:///run/mxl-1/scheduler",), "launcher:0:0", "/run/mxl-1/nonce")]
    return reporter


def welcomed(reporter: Reporter, now: float = 0.0) -> list[Message]:
    """Connected and greeted; what is sent then."""
    (hello,) = reporter.peer_up(S, now)
    assert isinstance(hello, Send)
    assert isinstance(hello.message, Hello)
    assert (hello.message.node, hello.message.host, hello.message.proof) == ("launcher:0:0", "host", "/run/mxl-1/nonce")
    return [effect.message for effect in reporter.handle(S, WELCOME, now) if isinstance(effect, Send)]


def test_status_is_asked_for_at_once_and_then_every_second(reporter: Reporter, news: list[int]) -> None:
    assert reporter.deadline(0.0) is None
    assert welcomed(reporter, now=5.0) == [Status(0, 1)]
    assert reporter.deadline(5.0) == 5.0 + STATUS_S
    assert reporter.tick(5.5) == []
    assert reporter.tick(5.0 + STATUS_S) == [Send(S, Status(0, 2))]
    assert reporter.ask(6.1) == [Send(S, Status(0, 3))]
    before = len(news)
    assert reporter.handle(S, StatusIs(3, 1, {"worker:0:0": {"state": "left"}}), 6.2) == []
    assert (reporter.status_count, reporter.nodes) == (1, {"worker:0:0": {"state": "left"}})
    assert len(news) == before + 1


def test_an_end_is_reported_until_it_is_taken(reporter: Reporter) -> None:
    assert reporter.report(EXIT) == []  # nobody to tell yet
    exited = Exited(0, 1, "worker", 0, -1, -9)
    assert welcomed(reporter)[0] == exited
    reporter.peer_down(S, 1.0)
    assert reporter.ask(1.0) == []
    assert welcomed(reporter, now=2.0)[0] == exited
    assert reporter.handle(S, StaleMembership(5, (1, 99), {}), 2.1) == [Send(S, exited)]
    reporter.handle(S, Taken(3, (1,)), 3.0)
    reporter.peer_down(S, 4.0)
    assert [type(message) for message in welcomed(reporter, now=5.0)] == [Status]


def test_each_end_is_reported_when_it_comes(reporter: Reporter) -> None:
    welcomed(reporter)
    assert reporter.report(EXIT) == [Send(S, Exited(0, 2, "worker", 0, -1, -9))]


def test_the_schedulers_word_on_the_end(reporter: Reporter) -> None:
    welcomed(reporter)
    assert not reporter.all_left
    reporter.handle(S, Finish(9), 1.0)
    assert reporter.all_left
    reporter.handle(S, Failed(9, "worker 1 has failed"), 1.0)
    reporter.handle(S, Failed(9, "another"), 1.0)
    assert reporter.failure == "worker 1 has failed"


def test_what_it_need_not_know_is_passed_over(reporter: Reporter, news: list[int]) -> None:
    assert reporter.handle(S, TableIs(3, {}), 0.0) == []
    assert news == []


def test_trouble_is_logged(reporter: Reporter) -> None:
    assert reporter.malformed(S, "no header", 0.0) == [
        Log("warning", "the scheduler sent something that is no message: no header")]
    assert reporter.handle(S, Refused(3, 1, "ProtocolError", "who are you?"), 0.0) == [
        Log("warning", "the scheduler refused a report: who are you?")]


def test_stop_ends_the_loop(reporter: Reporter) -> None:
    assert not reporter.finished
    assert reporter.stop() == [Disconnect(S)]
    assert reporter.finished
