"""Ranges, counters and marks of a script's own: Domain, Task, Frame, Event, Counter, Marker.

They are recorded while the profiler runs and is not paused; else they cost next to nothing and leave no trace.
"""

from __future__ import annotations

from ..errors import InvalidSetting
from .recorder import RECORDER, now

SCOPES = ("global", "process", "thread", "task", "marker")


class Domain:
    """A name under which tasks, frames, counters and markers stand together; a category of the trace."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return self.name

    def new_task(self, name: str) -> Task:
        """A Task of this domain."""
        return Task(self, name)

    def new_frame(self, name: str) -> Frame:
        """A Frame of this domain."""
        return Frame(self, name)

    def new_counter(self, name: str, value: int | None = None) -> Counter:
        """A Counter of this domain."""
        return Counter(self, name, value)

    def new_marker(self, name: str) -> Marker:
        """A Marker of this domain."""
        return Marker(self, name)


class _Range:
    """What has a begin and an end."""

    kind = "range"

    def __init__(self, name: str, category: str) -> None:
        self.name = name
        self._category = category
        self._begin: int | None = None

    def __str__(self) -> str:
        return self.name

    def start(self) -> None:
        """Begin."""
        self._begin = now()

    def stop(self) -> None:
        """End; nothing without a start before it."""
        if self._begin is not None:
            RECORDER.range(self._category, self.name, self._begin, now(), self.kind)
        self._begin = None


class Task(_Range):
    """A piece of work: `start()`, `stop()`, as often as it comes; its times are added up."""

    kind = "task"

    def __init__(self, domain: Domain, name: str) -> None:
        super().__init__(name, domain.name)


class Frame(_Range):
    """One of a row of passes, such as a batch: `start()`, `stop()`."""

    kind = "frame"

    def __init__(self, domain: Domain, name: str) -> None:
        super().__init__(name, f"{domain.name},frame")


class Event(_Range):
    """A range without a domain: `start()`, `stop()`."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "event")


class Counter:
    """A whole number over time.  `counter += 2` and `counter -= 2` change it."""

    def __init__(self, domain: Domain, name: str, value: int | None = None) -> None:
        self.name = name
        self._category = domain.name
        self._value = 0
        if value is not None:
            self.set_value(value)

    def __str__(self) -> str:
        return self.name

    def set_value(self, value: int) -> None:
        """The new value."""
        self._value = int(value)
        RECORDER.counter(self._category, self.name, self._value)

    def increment(self, delta: int = 1) -> None:
        """Add delta."""
        self.set_value(self._value + int(delta))

    def decrement(self, delta: int = 1) -> None:
        """Take delta off."""
        self.set_value(self._value - int(delta))

    def __iadd__(self, delta: int) -> Counter:
        self.increment(delta)
        return self

    def __isub__(self, delta: int) -> Counter:
        self.decrement(delta)
        return self


class Marker:
    """A moment, each time that `mark()` is called."""

    def __init__(self, domain: Domain, name: str) -> None:
        self.name = name
        self.domain = domain

    def mark(self, scope: str = "process") -> None:
        """Now.  scope: 'global', 'process', 'thread', 'task' or 'marker'.  Raises MXNetError for another."""
        if scope not in SCOPES:
            raise InvalidSetting(f"mark: scope is {scope!r}; known: {', '.join(SCOPES)}")
        RECORDER.mark(f"{self.domain.name},instant_marker", self.name, scope)
