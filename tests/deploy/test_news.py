"""What a run makes of the scheduler's word: no process, no thread, fakes on either side."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from mxl.deploy.errors import LaunchError
from mxl.deploy.job import JobSpec, ProcessSpec, plan
from mxl.deploy.launcher import Exit, Launcher, Line
from mxl.deploy.run import Run
from mxl.deploy.screen import Screen
from mxl.kvstore.names import WORKER

PROCESSES = plan(JobSpec(2, 1, ("train",), "/run/mxl-1", 2))


class FakeLauncher(Launcher):
    """Ends processes by a script: one list of (title, code) for each wait; whoever is signalled ends too."""

    def __init__(self, script: list[list[tuple[str, int]]], refuses: str = "") -> None:
        self.script, self.refuses = script, refuses
        self.started: list[str] = []
        self.signals: list[tuple[str, int]] = []
        self.ended: list[Exit] = []

    def start(self, process: ProcessSpec) -> None:
        if process.title == self.refuses:
            raise LaunchError(f"cannot start {process.title}")
        self.started.append(process.title)

    def wait(self, timeout_s: float) -> None:
        for title, code in self.script.pop(0) if self.script else []:
            self.ended.append(Exit(next(p for p in PROCESSES if p.title == title), code))

    def poll(self) -> list[Exit]:
        ended, self.ended = self.ended, []
        return ended

    def output(self) -> list[Line]:
        return [Line(PROCESSES[2], "hello")] if len(self.script) == 1 else []

    def signal(self, processes: Sequence[ProcessSpec], number: int) -> None:
        self.signals += [(process.title, number) for process in processes]
        self.ended += [Exit(process, -number) for process in processes]

    def tail(self, process: ProcessSpec) -> list[str]:
        return []

    def log_path(self, process: ProcessSpec) -> str:
        return f"/logs/{process.log_name}"

    def wake(self) -> None:
        pass

    def close(self, keep_logs: bool) -> None:
        pass


class FakeLink:
    """A scheduler link that knows all from the start."""

    def __init__(self, nodes: dict[str, Any] | None = None, all_left: bool = False, problem: str = "",
                 failure: str = "") -> None:
        self.nodes, self.all_left, self.problem, self.failure = nodes, all_left, problem, failure
        self.reported: list[Exit] = []
        self.asked = 0

    def start(self) -> None:
        pass

    def status(self) -> tuple[int, dict[str, Any]]:
        return (0, {}) if self.nodes is None else (1, self.nodes)

    def report(self, exit: Exit, again: bool = False) -> None:
        self.reported.append(exit)

    @property
    def all_reported(self) -> bool:
        return True

    def ask(self) -> None:
        self.asked += 1


@pytest.fixture
def wake_fd() -> Iterator[int]:
    read, write = os.pipe()
    os.set_blocking(write, False)
    yield write
    os.close(read)
    os.close(write)


def executed(
        script: list[list[tuple[str, int]]], link: FakeLink, wake_fd: int, **more: Any) -> tuple[int, str, str, Any]:
    """Exit code, standard output, standard error and launcher of a run."""
    out, err = io.StringIO(), io.StringIO()
    launcher = FakeLauncher(script, **more)
    screen = Screen(PROCESSES, progress=True, stdout=out, stderr=err)
    code = Run(PROCESSES, launcher, link, screen).execute(wake_fd)  # type: ignore[arg-type]
    screen.close()
    return code, out.getvalue(), err.getvalue(), launcher


ALL_END = [(p.title, 0) for p in PROCESSES]


def test_every_end_is_reported_and_progress_shown(wake_fd: int) -> None:
    link = FakeLink({"worker:0:0": {"state": "admitted", "counters": {"step": 3}}})
    code, out, err, _ = executed([[], ALL_END], link, wake_fd)
    assert (code, out, err) == (0, "worker 0  | hello\n", "mxl-launch: step 3\n")
    assert [exit.process.title for exit in link.reported] == [p.title for p in PROCESSES]


def test_a_worker_killed_after_leaving_is_no_failure(wake_fd: int) -> None:
    link = FakeLink({"worker:1:0": {"state": "left"}, "worker:0:0": {"state": "admitted"}, "x": {"state": "left"}})
    code, _, err, _ = executed([[], [("worker 1", -9)], [t for t in ALL_END if t[0] != "worker 1"]], link, wake_fd)
    assert (code, err) == (0, "")


def test_servers_that_end_when_all_ranks_have_left_are_in_order(wake_fd: int) -> None:
    link = FakeLink(all_left=True)
    servers = [t for t in ALL_END if not t[0].startswith(WORKER)]
    code, _, err, _ = executed([[], servers, [t for t in ALL_END if t not in servers]], link, wake_fd)
    assert (code, err) == (0, "")


def test_the_schedulers_reason_and_a_broken_view_are_told_once(wake_fd: int) -> None:
    link = FakeLink(problem="the view has ended", failure="worker 1 has failed")
    _, _, err, _ = executed([[], [], ALL_END], link, wake_fd)
    assert err == "mxl-launch: the view has ended\nmxl-launch: the scheduler says: worker 1 has failed\n"


def test_a_silent_failure_says_so(wake_fd: int) -> None:
    code, _, err, _ = executed([[("worker 1", 3)], [t for t in ALL_END if t[0] != "worker 1"]], FakeLink(), wake_fd)
    assert (code, err) == (3, "mxl-launch: worker 1 ended with exit code 3; it printed nothing\n"
                              "mxl-launch: all that it printed is in /logs/worker-1.log\n")


def test_a_process_that_cannot_be_started_ends_the_job(wake_fd: int) -> None:
    code, _, err, launcher = executed([], FakeLink(), wake_fd, refuses="worker 1")
    assert (code, err) == (127, "mxl-launch: cannot start worker 1\n")
    assert launcher.started == ["scheduler", "server 0", "worker 0"]
