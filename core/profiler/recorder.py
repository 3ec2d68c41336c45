"""What the profiler has measured: events for the trace, and sums by name.

Knows categories, names and times; never what is measured or how it is shown.  Times are nanoseconds of one clock that
never runs backwards, shifted to the time of day.  Threads may record at once.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from ..errors import InvalidSetting, MXLError

OPERATOR, CUSTOM, STORE, MEMORY = "operator", "Custom Operator", "kvstore", "Device Storage"
MEMORY_NAME = "Memory: cpu/0"
_SHIFT = time.time_ns() - time.perf_counter_ns()


def now() -> int:
    """Nanoseconds."""
    return time.perf_counter_ns() + _SHIFT


class Config(NamedTuple):
    """The settings of `set_config`."""

    filename: str = "profile.json"
    profile_all: bool = False
    profile_symbolic: bool = True
    profile_imperative: bool = False
    profile_memory: bool = False
    profile_api: bool = False
    continuous_dump: bool = False
    dump_period: float = 1.0
    aggregate_stats: bool = False
    profile_process: str = "worker"


def config_of(settings: dict[str, Any]) -> Config:
    """The settings, checked.  Raises InvalidSetting (an MXNetError)."""
    checked: dict[str, Any] = {}
    for name, value in settings.items():
        if name not in Config._fields:
            raise InvalidSetting(f"set_config: unknown setting {name!r}; known: {', '.join(Config._fields)}")
        kind = type(Config._field_defaults[name])
        checked[name] = _boolean(name, value) if kind is bool else value
        if kind is float:
            try:
                checked[name] = float(value)
            except (TypeError, ValueError):
                raise InvalidSetting(f"set_config: {name} is a number of seconds, not {value!r}") from None
    if checked.get("profile_process", "worker") != "worker":
        process = checked["profile_process"]
        raise InvalidSetting(f"set_config: profile_process is {process!r}; only 'worker' is measured")
    if "filename" in checked:
        checked["filename"] = os.fspath(checked["filename"])
    return Config(**checked)


def _boolean(name: str, value: Any) -> bool:
    known = {"true": True, "1": True, "false": False, "0": False}
    if str(value).lower() not in known:
        raise InvalidSetting(f"set_config: {name} is True or False, not {value!r}")
    return known[str(value).lower()]


class Event(NamedTuple):
    """One event: a range (begin and end), a counter's value, or a mark."""

    kind: str  # 'range', 'task', 'frame', 'counter' or 'mark'
    category: str
    name: str
    begin: int
    end: int
    thread: int
    value: Any = None


class Sum:
    """How often something was measured, and how long it took, in nanoseconds; of a counter its values."""

    __slots__ = ("count", "is_value", "max", "min", "total")

    def __init__(self, is_value: bool) -> None:
        self.is_value = is_value
        self.count = self.total = self.max = 0
        self.min: int | None = None

    def add(self, number: int) -> None:
        self.count += 1
        self.total = number if self.is_value else self.total + number
        self.min = number if self.min is None else min(self.min, number)
        self.max = max(self.max, number)

    @property
    def average(self) -> float:
        """Of a counter half of how far its values lie apart, as MXNet has it."""
        return (self.max - (self.min or 0)) / 2 if self.is_value else self.total / self.count


class Recorder:
    """All that was measured since the last `dump` (events) and the last reset of `dumps` (sums)."""

    def __init__(self) -> None:
        self.config = Config()
        self.running = self.paused = self.has_run = False
        self.events: list[Event] = []
        self.sums: dict[str, dict[str, Sum]] = {}
        self.on_period: Callable[[Recorder], None] = lambda _: None
        self._memory = 0
        self._next_dump = 0
        self._lock = threading.Lock()

    @property
    def is_on(self) -> bool:
        """Whether what happens now is recorded."""
        return self.running and not self.paused

    @property
    def measures_operators(self) -> bool:
        """Whether operators are asked for."""
        return self.config.profile_all or self.config.profile_imperative or self.config.profile_symbolic

    @property
    def measures_stores(self) -> bool:
        """Whether calls of stores are asked for."""
        return self.config.profile_all or self.config.profile_api

    def range(self, category: str, name: str, begin: int, end: int, kind: str = "range") -> None:
        """Something that took from begin to end."""
        self._record(Event(kind, category, name, begin, end, threading.get_ident()))

    def counter(self, category: str, name: str, value: int) -> None:
        """A number's new value."""
        at = now()
        self._record(Event("counter", category, name, at, at, threading.get_ident(), value))

    def mark(self, category: str, name: str, scope: str) -> None:
        """A moment."""
        at = now()
        self._record(Event("mark", category, name, at, at, threading.get_ident(), scope))

    def memory(self) -> None:
        """The memory that the process holds, where it is asked for and has changed."""
        if self.config.profile_all or self.config.profile_memory:
            held = resident_bytes()
            if held != self._memory:
                self._memory = held
                self.counter(MEMORY, MEMORY_NAME, held)

    def _record(self, event: Event) -> None:
        if not self.is_on:
            return
        config = self.config
        with self._lock:
            self.events.append(event)
            if config.aggregate_stats:
                self._add_up(event)
            due = config.continuous_dump and event.end >= self._next_dump
            if due:
                self._next_dump = event.end + int(config.dump_period * 1e9)
        if due:
            self.on_period(self)

    def _add_up(self, event: Event) -> None:
        named = self.sums.setdefault(event.category, {})
        if event.kind == "mark":
            return
        sum_of = named.setdefault(event.name, Sum(event.kind == "counter"))
        sum_of.add(event.value * 1000 if event.kind == "counter" else event.end - event.begin)

    def forget_events(self) -> None:
        """Begin a new trace."""
        with self._lock:
            self.events = []

    def forget_sums(self) -> None:
        """Begin new sums."""
        with self._lock:
            self.sums = {}


def resident_bytes() -> int:
    """The memory that this process holds."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        raise MXLError("profile_memory needs /proc/self/statm, which this system lacks; leave it out") from None


RECORDER = Recorder()
