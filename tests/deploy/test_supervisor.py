"""What follows from the ends of processes: no process, no time, only decisions."""

from __future__ import annotations

import signal

import pytest

from mxl.deploy.job import JobSpec, ProcessSpec, plan
from mxl.deploy.launcher import Exit
from mxl.deploy.supervisor import (
    FINISH_S,
    SAY_S,
    TERM_S,
    VERDICT_S,
    Ask,
    Effects,
    Say,
    ShowFailure,
    Signal,
    Start,
    Supervisor,
    Tell,
)

PROCESSES = plan(JobSpec(num_workers=2, num_servers=2, command=("train",), folder="/run/mxl-1", cores=2))
BY_TITLE = {process.title: process for process in PROCESSES}


def ends(supervisor: Supervisor, title: str, code: int, now: float = 0.0) -> Effects:
    """A process ends; what follows, but for the report of it that always comes first."""
    exit = Exit(BY_TITLE[title], code)
    report, *rest = supervisor.exited(exit, now)
    assert report == Tell(exit)
    return rest


def signalled(effects: Effects) -> list[tuple[int, set[str]]]:
    return [(e.number, {p.title for p in e.processes}) for e in effects if isinstance(e, Signal)]


def failures(effects: Effects) -> list[tuple[str, ProcessSpec]]:
    return [(e.text, e.process) for e in effects if isinstance(e, ShowFailure)]


@pytest.fixture
def supervisor() -> Supervisor:
    return Supervisor(PROCESSES)


def test_a_job_in_which_all_end_in_order(supervisor: Supervisor) -> None:
    for title in ("worker 1", "worker 0", "server 0", "server 1", "scheduler"):
        assert not supervisor.finished
        assert ends(supervisor, title, 0) == []
    assert supervisor.finished
    assert (supervisor.exit_code, supervisor.failed) == (0, False)


def test_servers_that_stay_after_the_last_worker_are_ended(supervisor: Supervisor) -> None:
    ends(supervisor, "worker 0", 0, now=1)
    ends(supervisor, "worker 1", 0, now=2)
    ends(supervisor, "scheduler", 0, now=3)
    assert supervisor.deadline() == 2 + FINISH_S
    assert supervisor.tick(2 + FINISH_S - 0.1) == []
    said, *rest = supervisor.tick(2 + FINISH_S)
    assert said == Say("server 0, server 1: still running 15 s after the last worker; ended now")
    assert signalled(rest) == [(signal.SIGTERM, {"server 0", "server 1"})]
    assert signalled(supervisor.tick(2 + FINISH_S + TERM_S)) == [(signal.SIGKILL, {"server 0", "server 1"})]
    ends(supervisor, "server 0", -9)
    ends(supervisor, "server 1", -9)
    assert supervisor.finished
    assert (supervisor.exit_code, supervisor.failed) == (0, False)


@pytest.mark.parametrize("title, code, text, exit_code", [
    ("worker 1", 3, "worker 1 ended with exit code 3", 3),
    ("server 0", 4, "server 0 ended with exit code 4 before the workers had finished", 4),
    ("server 1", -9, "server 1 was ended by signal 9 (SIGKILL) before the workers had finished", 137),
    ("scheduler", -11, "scheduler was ended by signal 11 (SIGSEGV) before the workers had finished", 139),
    ("server 0", -64, "server 0 was ended by signal 64 (SIGRTMAX) before the workers had finished", 192),
    ("server 0", -45, "server 0 was ended by signal 45 before the workers had finished", 173),
])
def test_the_first_failure_ends_the_job(
        supervisor: Supervisor, title: str, code: int, text: str, exit_code: int) -> None:
    assert failures(ends(supervisor, title, code, now=10)) == [(text, BY_TITLE[title])]
    assert failures(ends(supervisor, "worker 0", 1, now=11)) == []  # it says its sentence and ends too
    assert supervisor.tick(10 + SAY_S - 0.1) == []
    rest = {process.title for process in PROCESSES} - {title, "worker 0"}
    assert signalled(supervisor.tick(10 + SAY_S)) == [(signal.SIGTERM, rest)]
    for other in rest:
        ends(supervisor, other, -15)
    assert supervisor.finished
    assert (supervisor.exit_code, supervisor.failed) == (exit_code, True)


def test_what_does_not_end_by_term_is_killed(supervisor: Supervisor) -> None:
    ends(supervisor, "worker 0", 1, now=0)
    supervisor.tick(SAY_S)
    assert supervisor.deadline() == SAY_S + TERM_S
    ends(supervisor, "worker 1", -15)
    assert signalled(supervisor.tick(SAY_S + TERM_S)) == [(signal.SIGKILL, {"scheduler", "server 0", "server 1"})]
    assert supervisor.tick(1000) == []


def test_a_worker_killed_after_it_has_left_ended_in_order(supervisor: Supervisor) -> None:
    supervisor.has_left([("worker", 1)], now=0)
    assert ends(supervisor, "worker 1", -9) == []
    assert ends(supervisor, "worker 0", 0) == []
    assert not supervisor.failed


def test_the_scheduler_is_asked_about_a_killed_worker(supervisor: Supervisor) -> None:
    assert ends(supervisor, "worker 1", -11, now=5) == [Ask()]
    assert supervisor.has_left([("worker", 0)], now=5.1) == []
    assert supervisor.has_left([("worker", 0), ("worker", 1)], now=5.2) == []
    assert supervisor.tick(5 + VERDICT_S) == []
    ends(supervisor, "worker 0", 0, now=9)
    assert (supervisor.failed, supervisor.deadline()) == (False, 9 + FINISH_S)


def test_a_killed_worker_of_whom_nothing_is_heard_has_failed(supervisor: Supervisor) -> None:
    ends(supervisor, "worker 1", -9, now=5)
    assert supervisor.deadline() == 5 + VERDICT_S
    assert failures(supervisor.tick(5 + VERDICT_S)) == [
        ("worker 1 was ended by signal 9 (SIGKILL)", BY_TITLE["worker 1"])]
    assert supervisor.exit_code == 137


def test_a_killed_worker_is_named_though_those_it_takes_along_end_before_its_verdict(supervisor: Supervisor) -> None:
    ends(supervisor, "worker 1", -9, now=5)
    assert failures(ends(supervisor, "server 1", 1, now=5.1)) == []
    assert failures(ends(supervisor, "worker 0", 1, now=5.2)) == []
    assert failures(supervisor.tick(5 + VERDICT_S)) == [
        ("worker 1 was ended by signal 9 (SIGKILL)", BY_TITLE["worker 1"])]
    assert supervisor.exit_code == 137


def test_a_failure_beside_a_worker_killed_after_leaving_is_named_once_that_is_known(supervisor: Supervisor) -> None:
    ends(supervisor, "worker 1", -9, now=5)
    assert failures(ends(supervisor, "server 1", 4, now=5.1)) == []
    assert failures(supervisor.has_left([("worker", 1)], now=5.2)) == [
        ("server 1 ended with exit code 4 before the workers had finished", BY_TITLE["server 1"])]
    assert supervisor.exit_code == 4


def test_several_killed_at_once_are_one_failure(supervisor: Supervisor) -> None:
    for title in ("worker 1", "worker 0"):
        ends(supervisor, title, -9, now=5)
    ((text, _),) = failures(supervisor.tick(5 + VERDICT_S))
    assert text == "worker 1 was ended by signal 9 (SIGKILL)"


def test_a_non_zero_code_is_a_failure_even_after_leaving(supervisor: Supervisor) -> None:
    supervisor.has_left([("worker", 1)], now=0)
    assert len(failures(ends(supervisor, "worker 1", 1))) == 1


def test_servers_may_end_before_the_workers_once_every_rank_has_left(supervisor: Supervisor) -> None:
    assert ends(supervisor, "server 0", 0, now=1) == [Ask()]
    assert supervisor.all_left(now=1.5) == []
    assert ends(supervisor, "scheduler", 0, now=1.6) == []
    assert supervisor.tick(100) == []
    assert not supervisor.failed


def test_a_server_that_ends_quietly_before_the_workers_has_failed(supervisor: Supervisor) -> None:
    ends(supervisor, "server 0", 0, now=1)
    assert failures(supervisor.tick(1 + VERDICT_S)) == [
        ("server 0 ended with exit code 0 before the workers had finished", BY_TITLE["server 0"])]
    assert supervisor.exit_code == 1


def test_a_server_that_ends_with_the_last_worker_is_in_order(supervisor: Supervisor) -> None:
    ends(supervisor, "worker 0", 0, now=1)
    assert ends(supervisor, "server 0", 0, now=1) == [Ask()]
    assert ends(supervisor, "worker 1", 0, now=1) == []
    assert supervisor.deadline() == 1 + FINISH_S
    assert not supervisor.failed


def test_a_server_that_fails_after_the_workers_fails_the_job(supervisor: Supervisor) -> None:
    ends(supervisor, "worker 0", 0)
    ends(supervisor, "worker 1", 0)
    assert failures(ends(supervisor, "server 0", 7)) == [("server 0 ended with exit code 7", BY_TITLE["server 0"])]
    assert supervisor.exit_code == 7


@pytest.mark.parametrize("number, name, code", [(signal.SIGINT, "SIGINT", 130), (signal.SIGTERM, "SIGTERM", 143)])
def test_an_interruption_ends_all_and_a_second_one_at_once(
        supervisor: Supervisor, number: int, name: str, code: int) -> None:
    said, *rest = supervisor.interrupted(number, now=3)
    assert said == Say(f"{name}: ending the job")
    assert signalled(rest) == [(signal.SIGTERM, set(BY_TITLE))]
    ends(supervisor, "worker 0", -15)
    said, *rest = supervisor.interrupted(number, now=3.5)
    assert said == Say("killing what is left")
    assert signalled(rest) == [(signal.SIGKILL, set(BY_TITLE) - {"worker 0"})]
    assert supervisor.interrupted(number, now=3.6) == []
    for title in set(BY_TITLE) - {"worker 0"}:
        assert ends(supervisor, title, -9) == []
    assert supervisor.finished
    assert (supervisor.exit_code, supervisor.failed) == (code, False)


def test_an_interruption_after_a_failure_keeps_the_failures_code(supervisor: Supervisor) -> None:
    ends(supervisor, "worker 0", 5)
    assert signalled(supervisor.interrupted(signal.SIGINT, now=1)) == [(signal.SIGTERM, set(BY_TITLE) - {"worker 0"})]
    assert supervisor.exit_code == 5


def test_an_interruption_kills_after_its_grace(supervisor: Supervisor) -> None:
    supervisor.interrupted(signal.SIGINT, now=0)
    assert signalled(supervisor.tick(TERM_S)) == [(signal.SIGKILL, set(BY_TITLE))]


# ----- servers that are started again -----


def dies(supervisor: Supervisor, title: str, code: int = -9) -> Effects:
    return supervisor.exited(Exit(BY_TITLE[title], code), 1.0)


def test_a_server_is_started_again_when_the_scheduler_knows_of_its_end() -> None:
    supervisor = Supervisor(PROCESSES, restarts=2)
    told, said = dies(supervisor, "server 1")
    assert told == Tell(Exit(BY_TITLE["server 1"], -9), again=True)
    assert said == Say("server 1 was ended by signal 9 (SIGKILL); it is started again (1 restart left)")
    assert not supervisor.finished
    assert supervisor.all_reported() == [Start(BY_TITLE["server 1"])]
    assert supervisor.all_reported() == []
    for title in ("worker 1", "worker 0", "server 0", "server 1", "scheduler"):
        assert ends(supervisor, title, 0) == []
    assert (supervisor.finished, supervisor.exit_code) == (True, 0)


def test_restarts_are_counted_over_all_servers() -> None:
    supervisor = Supervisor(PROCESSES, restarts=1)
    dies(supervisor, "server 1")
    supervisor.all_reported()
    told, failure = dies(supervisor, "server 0")
    assert told == Tell(Exit(BY_TITLE["server 0"], -9))
    assert isinstance(failure, ShowFailure)
    assert supervisor.failed


@pytest.mark.parametrize("title", ["worker 1", "scheduler"])
def test_only_servers_are_started_again(title: str) -> None:
    supervisor = Supervisor(PROCESSES, restarts=3)
    assert not any(isinstance(e, Tell) and e.again for e in dies(supervisor, title))
    assert supervisor.all_reported() == []


def test_nothing_is_started_again_in_a_job_that_has_failed_or_ends() -> None:
    failed = Supervisor(PROCESSES, restarts=3)
    failed.job_has_failed()
    assert not any(isinstance(e, Tell) and e.again for e in dies(failed, "server 0"))
    ending = Supervisor(PROCESSES, restarts=3)
    dies(ending, "server 0")
    ending.interrupted(signal.SIGINT, 1.0)
    assert ending.all_reported() == []


def test_a_server_that_dies_as_the_workers_end_is_needed_no_more() -> None:
    """The scheduler may end before it acknowledges that death; nobody waits for that."""
    supervisor = Supervisor(PROCESSES, restarts=3)
    dies(supervisor, "server 0")
    for title in ("worker 0", "worker 1", "server 1", "scheduler"):
        assert ends(supervisor, title, 0) == []
    assert (supervisor.finished, supervisor.exit_code) == (True, 0)
