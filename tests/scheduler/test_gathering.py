"""The beginning of a job, as the scheduler sees it: who is missing is told, late servers are let in and told to end."""

from __future__ import annotations

from mxl.kvstore.machine import Effects, Log, Send
from mxl.kvstore.names import LAUNCHER_NAME
from mxl.kvstore.settings import Settings
from mxl.kvstore.wire.messages import Exited, Failed, Finish, Hello, Join, Message, Refused
from mxl.scheduler.state import SchedulerState


def ticks(state: SchedulerState, begin: float, end: float) -> Effects:
    """A second's ticks, as a process has them that was never stopped."""
    effects: Effects = []
    now = begin
    while now < end:
        now = min(now + 0.5, end)
        effects += state.tick(now)
    return effects


def begun(**settings: float) -> SchedulerState:
    state = SchedulerState(Settings(num_workers=2, num_servers=1, **settings))  # type: ignore[arg-type]
    state.start(0.0)
    return state


def join(state: SchedulerState, role: str, rank: int, now: float = 0.0) -> Effects:
    return state.handle(f"join:{role}{rank}", Join(0, 1, role, rank, "here", 7, ("ipc:///x",), ""), now)


def hello(state: SchedulerState, name: str, now: float = 0.0) -> Effects:
    return state.handle(name, Hello(0, name, 1, 1000, "here", ""), now)


def sent(effects: Effects, kind: type[Message]) -> list[tuple[str, Message]]:
    return [(e.peer, e.message) for e in effects if isinstance(e, Send) and isinstance(e.message, kind)]


def lines(effects: Effects) -> list[str]:
    return [e.text for e in effects if isinstance(e, Log) and e.level == "warning"]


def test_who_is_missing_is_told_at_doubling_intervals() -> None:
    state = begun(warn_after_s=5.0, suspect_after_s=50.0)
    join(state, "worker", 0)
    told = {now: lines(state.tick(float(now))) for now in range(1, 41)}
    text = "the job has not gathered after {} s: still missing worker 1, server 0; here: worker 0 on here"
    assert {now: each for now, each in told.items() if each} == {now: [text.format(now)] for now in (5, 10, 20, 40)}


def test_a_start_that_takes_too_long_ends_the_job_for_all_who_came() -> None:
    state = begun(start_limit_s=30.0)
    join(state, "worker", 0)
    hello(state, "worker:0:0")
    ((peer, message),) = sent(ticks(state, 0.0, 30.5), Failed)
    assert peer == "worker:0:0"
    assert isinstance(message, Failed)
    assert message.text.startswith("the job did not gather within 30 s (MXL_START_LIMIT_S): still missing worker 1, "
                                   "server 0; here: worker 0 on here. Start the missing ones")
    ((_, refused),) = sent(join(state, "worker", 1, 31.0), Refused)
    assert isinstance(refused, Refused)
    assert "did not gather" in refused.text


def test_servers_that_come_after_the_last_worker_has_ended_are_told_to_end() -> None:
    state = begun()
    for rank in range(2):
        state.handle(LAUNCHER_NAME, Exited(0, rank + 1, "worker", rank, -1, 0), 1.0)
    assert state.is_over
    state.tick(2.0)
    assert not state.finished  # the server is still on its way
    assert sent([*join(state, "server", 0, 3.0), *hello(state, "server:0:0", 3.1)], Finish)
    ((_, refused),) = sent(join(state, "worker", 1, 3.2), Refused)
    assert isinstance(refused, Refused)
    assert refused.text == "the job is over: every rank has left"
    state.handle(LAUNCHER_NAME, Exited(0, 3, "server", 0, -1, 0), 3.3)
    assert state.finished


def test_a_server_that_never_comes_does_not_keep_the_scheduler() -> None:
    for code in (0, 1):
        state = begun()
        for rank in range(2):
            state.handle(LAUNCHER_NAME, Exited(0, rank + 1, "worker", rank, -1, 0), 1.0)
        state.handle(LAUNCHER_NAME, Exited(0, 3, "server", 0, -1, code), 2.0)
        assert state.finished
    state = begun(start_limit_s=60.0)
    for rank in range(2):
        state.handle(LAUNCHER_NAME, Exited(0, rank + 1, "worker", rank, -1, 0), 1.0)
    ticks(state, 0.0, 59.0)
    assert not state.finished
    ticks(state, 59.0, 61.0)
    assert state.finished


def test_a_job_that_fails_at_its_start_is_told_to_those_who_come_late() -> None:
    state = begun(heartbeat_s=1.0)
    state.handle(LAUNCHER_NAME, Exited(0, 1, "worker", 1, -1, 1), 1.0)
    state.tick(2.0)
    assert not state.finished
    ((_, refused),) = sent(join(state, "worker", 0, 3.0), Refused)
    assert isinstance(refused, Refused)
    assert (refused.kind, refused.text.partition(";")[0]) == ("JobFailed", "worker 1 ended with exit code 1")
    ticks(state, 2.0, 6.0)
    assert state.finished
