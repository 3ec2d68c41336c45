"""A process's output: lines, the log, the tail."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from mxl.deploy.output import LONGEST_LINE_BYTES, TAIL_LINES, Output


class Log(io.BytesIO):
    name = "worker-0.log"
    all = b""

    def close(self) -> None:
        self.all = self.all if self.closed else self.getvalue()
        super().close()


def test_lines_come_when_they_are_complete() -> None:
    log = Log()
    output = Output(log)
    assert output.feed(b"one\ntw") == ["one"]
    assert output.feed(b"o\n\nthr") == ["two", ""]
    assert output.end() == ["thr"]
    assert output.end() == []
    assert log.all == b"one\ntwo\n\nthr"


def test_a_bar_that_redraws_itself_is_its_last_state() -> None:
    output = Output(Log())
    assert output.feed(b"\r 10%\r 20%\r 30%\n") == [" 30%"]
    assert output.feed(b"done\r\n") == ["done"]


def test_memory_is_bounded_whatever_comes() -> None:
    output = Output(Log())
    lines = [line for _ in range(100) for line in output.feed(b"x" * 10_000)]
    assert lines
    assert all(len(line) < LONGEST_LINE_BYTES + 10_001 for line in lines)
    bar = Output(Log())
    assert [line for n in range(20_000) for line in bar.feed(b"\r %5d of 20000" % n)] == []
    assert bar.end() == [" 19999 of 20000"]


def test_bytes_that_are_no_text_do_no_harm() -> None:
    assert Output(Log()).feed(b"\xff\xfe ok\n") == ["\ufffd\ufffd ok"]


def test_the_tail_is_the_last_lines() -> None:
    output = Output(Log())
    output.feed(b"".join(b"%d\n" % n for n in range(100)))
    assert list(output.tail) == [str(n) for n in range(100 - TAIL_LINES, 100)]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full exists on Linux only")
def test_a_full_disk_is_told_once_and_lines_go_on() -> None:
    output = Output(open("/dev/full", "wb"))  # noqa: SIM115 - Output closes it
    assert output.feed(b"a\n") == ["a", "(its log file /dev/full ends here: No space left on device)"]
    assert output.feed(b"b\n") == ["b"]
    assert output.end() == []
