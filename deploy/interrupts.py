"""Signals to the launcher, kept until its loop asks for them.

Knows: which signals mean "end the job".  Never: ends it.  Only in the main thread, as Python has it.
"""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """Within `with`, signals that end the job are collected, and each writes to `wake_fd`; then all is as before."""

    def __init__(self, wake_fd: int) -> None:
        self._wake_fd = wake_fd
        self._taken: list[int] = []
        self._before: dict[int, Any] = {}
        self._wakeup_before = -1

    def taken(self) -> list[int]:
        """The signals that came since the last call."""
        numbers, self._taken = self._taken, []
        return numbers

    def _take(self, number: int, frame: FrameType | None) -> None:
        self._taken.append(number)

    def __enter__(self) -> Interrupts:
        self._wakeup_before = signal.set_wakeup_fd(self._wake_fd, warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, self._take) for number in ENDING}
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup_before)
