"""What a process prints: cut into lines, its last ones remembered, all of it written to its log file.

Knows: bytes and lines.  Never: how a line is shown (`screen.py`).
Invariant: the log file has every byte as it came;
memory holds one unfinished line and the last few, however much comes.
"""

from __future__ import annotations

from collections import deque
from typing import BinaryIO

TAIL_LINES = 20
LONGEST_LINE_BYTES = 1 << 16


class Output:
    """The output of one process, going to `log`."""

    def __init__(self, log: BinaryIO) -> None:
        self._log = log
        self._rest = b""
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)

    def feed(self, data: bytes) -> list[str]:
        """Take what has been read; the lines that are complete now."""
        problem = self._write(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST_LINE_BYTES:  # a bar that redraws itself, or no line at all
            kept = _last_drawn(self._rest)
            if len(kept) > LONGEST_LINE_BYTES:
                lines.append(kept)
                kept = b""
            self._rest = kept
        return self._decoded(lines) + problem

    def end(self) -> list[str]:
        """The process prints no more: what is left is a line too."""
        rest, self._rest = self._rest, b""
        self._close()
        return self._decoded([rest] if rest else [])

    def _write(self, data: bytes) -> list[str]:
        """To the log; a full disk is told once, and does not end the job."""
        if self._log.closed:
            return []
        try:
            self._log.write(data)
            self._log.flush()
        except OSError as error:
            self._close()
            return [f"(its log file {self._log.name} ends here: {error.strerror})"]
        return []

    def _close(self) -> None:
        try:
            self._log.close()
        except OSError:  # what was in its buffer could not be written; the file is closed all the same
            pass

    def _decoded(self, lines: list[bytes]) -> list[str]:
        texts = [_last_drawn(line).decode("utf-8", "replace") for line in lines]
        self.tail.extend(texts)
        return texts


def _last_drawn(line: bytes) -> bytes:
    """What a terminal would show of a line that was drawn over itself by carriage returns (a progress bar)."""
    return next((part for part in reversed(line.split(b"\r")) if part), b"")
