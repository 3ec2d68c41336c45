"""What is written where: lines to standard output, the rest to standard error; colours and a live line on terminals."""

from __future__ import annotations

import io
import os
import pty
import re
import select

import pytest

from mxl.deploy.job import JobSpec, plan
from mxl.deploy.launcher import Line
from mxl.deploy.screen import OutputClosed, Screen, colour

PROCESSES = plan(JobSpec(2, 1, ("train",), "/run/mxl-1", 2))
SCHEDULER, SERVER, WORKER_0, WORKER_1 = PROCESSES


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _a_plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_terminal_lines_are_plain_and_apart_from_the_launchers_words() -> None:
    out, err = io.StringIO(), io.StringIO()
    screen = Screen(PROCESSES, stdout=out, stderr=err)
    screen.line(Line(WORKER_1, "epoch 1 [bold]\x1b[31mred\x1b[0m"))
    screen.line(Line(SCHEDULER, "x" * 300))
    screen.say("2 workers [a]")
    screen.show("step 1")
    screen.refresh()
    screen.close()
    assert out.getvalue() == "worker 1  | epoch 1 [bold]\x1b[31mred\x1b[0m\nscheduler | " + "x" * 300 + "\n"
    assert err.getvalue() == "mxl-launch: 2 workers [a]\n"


def test_progress_that_is_asked_for_is_a_line_now_and_then() -> None:
    err = io.StringIO()
    screen = Screen(PROCESSES, progress=True, stdout=io.StringIO(), stderr=err)
    for step in range(5):
        screen.show(f"step {step}")
    screen.close()
    assert err.getvalue() == "mxl-launch: step 0\n"


def test_on_a_terminal_names_are_coloured_by_role_and_rank_and_the_live_line_stays_below() -> None:
    terminal = Terminal()
    screen = Screen(PROCESSES, stdout=terminal, stderr=terminal)
    screen.line(Line(WORKER_0, "\x1b[31mred\x1b[0m plain"))
    screen.show("step 7 · loss 0.5")
    screen.refresh()
    screen.line(Line(SERVER, "w"))
    screen.close()
    written = terminal.getvalue()
    assert "\x1b[32mworker 0  | \x1b[0m\x1b[31mred\x1b[0m" in written
    assert "\x1b[35mserver 0  | \x1b[0m" in written
    assert re.search(r"step 7 · loss 0\.5", written)
    assert written.index("step 7") < written.index("server 0")
    assert written.rindex("step 7") > written.index("server 0")  # drawn again beneath the line


def test_each_rank_has_a_colour_that_its_neighbours_do_not_have() -> None:
    assert len({colour("worker", rank) for rank in range(8)}) == 8
    assert colour("worker", 8) == colour("worker", 0)
    assert {colour("server", 0), colour("scheduler", 0)}.isdisjoint({colour("worker", rank) for rank in range(8)})


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()
    screen = Screen(PROCESSES, progress=False, stdout=terminal, stderr=terminal)
    screen.line(Line(WORKER_0, "hello"))
    screen.close()
    assert terminal.getvalue() == "worker 0  | hello\n"


def test_no_progress_draws_nothing() -> None:
    terminal = Terminal()
    screen = Screen(PROCESSES, progress=False, stdout=io.StringIO(), stderr=terminal)
    screen.show("step 1")
    screen.refresh()
    screen.close()
    assert terminal.getvalue() == ""


def test_a_dumb_terminal_is_not_drawn_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    terminal = Terminal()
    screen = Screen(PROCESSES, stdout=terminal, stderr=terminal)
    screen.show("step 1")
    screen.close()
    assert "step 1" not in terminal.getvalue()


def test_a_reader_that_has_gone_is_told_and_nothing_is_written_afterwards() -> None:
    read, write = os.pipe()
    with os.fdopen(write, "w") as out:
        os.close(read)
        screen = Screen(PROCESSES, stdout=out, stderr=io.StringIO())
        screen.line(Line(WORKER_0, "into the buffer"))
        with pytest.raises(OutputClosed):
            screen.flush()
        screen.line(Line(WORKER_0, "nowhere"))
        screen.flush()
        screen.close()


def test_a_real_terminal_shows_it_too() -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as out:
        screen = Screen(PROCESSES, stdout=out, stderr=out)
        screen.line(Line(WORKER_0, "hello"))
        screen.close()
        out.flush()
        seen = b""
        while b"hello" not in seen:  # a terminal hands over what there is, in pieces of its own
            assert select.select([ours], [], [], 10)[0], seen
            seen += os.read(ours, 4096)
    os.close(ours)


def test_a_terminal_that_is_closed_ends_the_job_and_nothing_else() -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as out:
        screen = Screen(PROCESSES, stdout=out, stderr=out)
        os.close(ours)
        with pytest.raises(OutputClosed):
            screen.line(Line(WORKER_0, "hello"))
        screen.say("ending")
        screen.refresh()
        screen.close()
