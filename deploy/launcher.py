"""The launcher interface: start processes, hear of their ends and of what they print, signal them.

Knows: what every launcher (this machine's, later those of other hosts) keeps to.  Never: decides what is started, or
what an end means (`job.py`, `supervisor.py`).
"""

from __future__ import annotations

import signal
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from .job import ProcessSpec


@dataclass(frozen=True)
class Exit:
    """A process has ended: `code` is its exit code, or minus the number of the signal that ended it."""

    process: ProcessSpec
    code: int

    @property
    def shell_code(self) -> int:
        """The code as a shell gives it: 128 + n for signal n."""
        return self.code if self.code >= 0 else 128 - self.code

    @property
    def text(self) -> str:
        """`worker 2 ended with exit code 3`, `server 0 was ended by signal 9 (SIGKILL)`."""
        if self.code >= 0:
            return f"{self.process.title} ended with exit code {self.code}"
        name = signal_name(-self.code)
        named = f" ({name})" if name.startswith("SIG") else ""
        return f"{self.process.title} was ended by signal {-self.code}{named}"


def signal_name(number: int) -> str:
    """`SIGKILL` for 9; a number without a name (a real-time signal) as it is."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


@dataclass(frozen=True)
class Line:
    """A line that a process has printed, without its end."""

    process: ProcessSpec
    text: str


class Launcher(ABC):
    """Starts processes and watches over them.  Owned by one thread; `wake` may be called from another, or a handler."""

    @abstractmethod
    def start(self, process: ProcessSpec) -> None:
        """Start a process; LaunchError if its command cannot be run."""

    @abstractmethod
    def wait(self, timeout_s: float) -> None:
        """Wait until a process has ended or printed something, `wake` was called, or `timeout_s` has passed."""

    @abstractmethod
    def poll(self) -> list[Exit]:
        """The processes that have ended since the last call, each once; all that they printed is in `output` before."""

    @abstractmethod
    def output(self) -> list[Line]:
        """The lines that have come since the last call."""

    @abstractmethod
    def signal(self, processes: Sequence[ProcessSpec], number: int) -> None:
        """Send a signal to these processes and to those in their groups; nothing to those that have ended."""

    @abstractmethod
    def tail(self, process: ProcessSpec) -> list[str]:
        """The last lines that a process has printed."""

    @abstractmethod
    def log_path(self, process: ProcessSpec) -> str:
        """The file that holds all that a process has printed."""

    @abstractmethod
    def wake(self) -> None:
        """Let a running or the next `wait` return at once."""

    @abstractmethod
    def close(self, keep_logs: bool) -> None:
        """End whatever is left, at once; remove what was made, but the logs if they are to be kept.  Twice is once."""
