"""What the user sees of a job: the processes' lines under their names, the launcher's own, and a live line.

Knows: the terminal (colours, whether a line can be redrawn).  Never: what the lines mean.
The processes' lines go to
standard output, all else to standard error, so that `mxl-launch ... > out.txt` holds what the scripts printed; on a
terminal both go through one console, which keeps the live line at the bottom.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from ..kvstore.names import SCHEDULER, SERVER, WORKER
from .job import ProcessSpec
from .launcher import Line

WORKER_COLOURS = ("green", "cyan", "yellow", "blue", "bright_green", "bright_cyan", "bright_yellow", "bright_blue")
COLOURS = {SERVER: "magenta", SCHEDULER: "bright_black"}
PLAIN_PROGRESS_S = 10.0  # where a line cannot be redrawn and progress is asked for all the same


class OutputClosed(Exception):
    """Whoever read the launcher's standard output has gone."""


def colour(role: str, rank: int) -> str:
    """The colour of a process's name."""
    return WORKER_COLOURS[rank % len(WORKER_COLOURS)] if role == WORKER else COLOURS[role]


class Screen:
    """Shows a job's lines.  `progress` None: a live line where the terminal allows it; True and False insist."""

    def __init__(self, processes: Sequence[ProcessSpec], progress: bool | None = None,
                 stdout: TextIO | None = None, stderr: TextIO | None = None) -> None:
        self._width = max((len(process.title) for process in processes), default=0)
        self._stdout = sys.stdout if stdout is None else stdout
        self._stderr = Console(file=sys.stderr if stderr is None else stderr, highlight=False)
        can_redraw = self._stderr.is_terminal and not self._stderr.is_dumb_terminal
        self._same_terminal = self._stdout.isatty() and self._stderr.is_terminal
        self._colours = self._stdout.isatty() and not os.environ.get("NO_COLOR")
        self._out = self._stderr if self._same_terminal else Console(file=self._stdout, highlight=False)
        self._plain_progress = bool(progress) and not can_redraw
        self._plain_at = 0.0
        self._status = Text("starting", style="dim")
        self._live: Live | None = None
        if can_redraw and progress is not False:
            self._live = Live(Spinner("dots", self._status), console=self._stderr, transient=True,
                              auto_refresh=False, redirect_stdout=False, redirect_stderr=False)
            self._live.start()

    def line(self, line: Line) -> None:
        """A line of a process."""
        name = line.process.title.ljust(self._width)
        try:
            if self._colours or (self._live is not None and self._same_terminal):
                text = Text(f"{name} | ", style=colour(line.process.role, line.process.rank) if self._colours else "")
                text.append_text(Text.from_ansi(line.text, style="default"))
                self._out.print(text, soft_wrap=True)
            else:
                self._stdout.write(f"{name} | {line.text}\n")
        except OSError as error:  # a pipe without a reader, a terminal that has been closed
            raise self._closed() from error

    def flush(self) -> None:
        """Hand over what has been written."""
        try:
            self._stdout.flush()
        except OSError as error:  # a pipe without a reader, a terminal that has been closed
            raise self._closed() from error

    def _closed(self) -> OutputClosed:
        """What is printed from now on goes nowhere, here and when the interpreter ends."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stdout.fileno())
        os.close(nowhere)
        return OutputClosed()

    def say(self, text: str) -> None:
        """A line of the launcher itself."""
        try:
            self._stderr.print(Text(f"mxl-launch: {text}"), soft_wrap=True)
        except OSError:  # nobody reads it; the job does not depend on that
            pass

    def show(self, progress: str) -> None:
        """The live line's new text."""
        if not progress:
            return
        self._status.plain = progress
        if self._plain_progress and time.monotonic() >= self._plain_at:
            self._plain_at = time.monotonic() + PLAIN_PROGRESS_S
            self.say(progress)

    def refresh(self) -> None:
        """Draw the live line."""
        if self._live is not None:
            try:
                self._live.refresh()
            except OSError:  # the terminal has been closed
                self._live = None

    def close(self) -> None:
        """Take the live line away."""
        live, self._live = self._live, None
        if live is not None:
            try:
                live.stop()
            except OSError:  # the terminal has been closed
                pass
