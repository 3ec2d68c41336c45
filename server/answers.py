"""Answers to one worker: what is ready to go, in what order, and what its credit allows.

Knows: the queue, the credit that the worker granted for answers, and how values are put together into messages.
Never: when something may be answered, nor what it means.  Plain acknowledgements need no credit and go at once.
Invariant: a value in the queue is lent from its version, so it goes as it was when it was answered.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..kvstore.batch import PARTS_MAX, divided
from ..kvstore.credit import Window
from ..kvstore.wire.messages import Frame, Message, StatesAre, Taken, ValuePart, Values


@dataclass(eq=False, slots=True)
class _Value:
    request: int
    version: int
    priority: int
    frame: Frame
    size_bytes: int


@dataclass(eq=False, slots=True)
class _States:
    request: int
    updates: int
    dtypes: tuple[str, ...]
    frames: tuple[Frame, ...]
    size_bytes: int


class Answers:
    """The answers on their way to one life of one worker."""

    def __init__(self, message_bytes: int) -> None:
        self.message_bytes = message_bytes
        self.connection = 0
        self.is_open = False
        self.window = Window()
        self._values: list[_Value] = []
        self._states: list[_States] = []
        self._taken: list[int] = []

    def begin(self, connection: int, window_bytes: int) -> bool:
        """A new connection; False for one that is older than the present one."""
        if connection < self.connection:
            return False
        if connection > self.connection:
            self.connection = connection
            self.window.begin(window_bytes)
        self.is_open = True
        return True

    def credit(self, connection: int, offset: int) -> None:
        if connection == self.connection:
            self.window.credit(offset)

    def taken(self, request: int) -> None:
        self._taken.append(request)

    def value(self, request: int, version: int, priority: int, frame: Frame) -> None:
        self._values.append(_Value(request, version, priority, frame, memoryview(frame).nbytes))

    def states(self, request: int, updates: int, dtypes: tuple[str, ...], frames: tuple[Frame, ...]) -> None:
        self._states.append(_States(request, updates, dtypes, frames, sum(memoryview(f).nbytes for f in frames)))

    def holds(self, request: int) -> bool:
        """Whether an answer to this request waits here."""
        return any(v.request == request for v in self._values) or any(s.request == request for s in self._states)

    def flush(self, membership: int) -> list[Message]:
        """The messages that may go now."""
        messages: list[Message] = []
        if not self.is_open:
            return messages
        if self._taken:
            messages += [Taken(membership, requests) for requests in divided(self._taken)]
            self._taken.clear()
        while self._states and self.window.allows(self._states[0].size_bytes):
            s = self._states.pop(0)
            offset = self.window.send(s.size_bytes)
            messages.append(StatesAre(membership, offset, s.request, s.updates, s.dtypes, s.frames))
        if self._values:
            self._values.sort(key=lambda v: -v.priority)
            while batch := self._next_batch():
                offset = self.window.send(sum(v.size_bytes for v in batch))
                parts = tuple(ValuePart(v.request, v.version) for v in batch)
                messages.append(Values(membership, offset, parts, tuple(v.frame for v in batch)))
        return messages

    def _next_batch(self) -> list[_Value]:
        """The most urgent values that fit one message and the credit, taken out of the queue."""
        size = count = 0
        for value in self._values:
            if count and (size + value.size_bytes > self.message_bytes or count >= PARTS_MAX):
                break
            if not self.window.allows(value.size_bytes, size):
                break
            size += value.size_bytes
            count += 1
        batch = self._values[:count]
        del self._values[:count]
        return batch

    def queued(self) -> int:
        """Values that wait for credit."""
        return len(self._values) + len(self._states)
