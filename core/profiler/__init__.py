"""`mx.profiler`: where the time goes, as a Chrome trace and as a table.

    mx.profiler.set_config(profile_all=True, aggregate_stats=True, filename="profile.json")
    mx.profiler.set_state("run")
    ...                              # operators, backwards and store calls are measured, and ranges of one's own
    mx.profiler.set_state("stop")
    print(mx.profiler.dumps())       # the table
    mx.profiler.dump()               # the file, for chrome://tracing or Perfetto

Nothing is measured, and nothing paid, before `set_state("run")`: the measuring stands before the operators only while
it runs (hooks.py).  This file has MXNet's calls; recorder.py keeps what was measured, report.py writes it.
"""

from __future__ import annotations

import atexit
import warnings
from typing import Any

from ..errors import InvalidSetting, MXLError, RefusedSetting, UnknownName
from . import hooks, report
from .ranges import Counter, Domain, Event, Frame, Marker, Task
from .recorder import RECORDER, config_of

__all__ = [
    "Counter", "Domain", "Event", "Frame", "Marker", "Task", "dump", "dump_profile", "dumps", "pause",
    "profiler_set_config", "profiler_set_state", "resume", "set_config", "set_state",
]  # fmt: skip


def set_config(**kwargs: Any) -> None:
    """What to measure, and where to write it.

    filename: the trace's file, 'profile.json'.  profile_all: all of the following.  profile_imperative, or
    profile_symbolic: operators and their gradients.  profile_api: calls of stores.  profile_memory: the process's
    memory beside them.  aggregate_stats: keep the numbers that `dumps` shows.  continuous_dump: write the file every
    dump_period seconds.  profile_process: 'worker'; servers are not measured.  Raises MXNetError for anything else.
    """
    RECORDER.config = config_of(kwargs)


def set_state(state: str = "stop", profile_process: str = "worker") -> None:
    """'run' to begin measuring, 'stop' to end. Raises KeyError for another state."""
    _require_worker(profile_process)
    if state not in ("run", "stop"):
        raise UnknownName(f"set_state: {state!r} is no state of the profiler; known: 'run', 'stop'")
    if state == "run":
        RECORDER.has_run = True
        atexit.unregister(_dump_at_exit)
        atexit.register(_dump_at_exit)
    RECORDER.running = state == "run"
    _adjust()


def pause(profile_process: str = "worker") -> None:
    """Measure nothing until `resume`."""
    _require_worker(profile_process)
    RECORDER.paused = True
    _adjust()


def resume(profile_process: str = "worker") -> None:
    """Measure again after `pause`."""
    _require_worker(profile_process)
    RECORDER.paused = False
    _adjust()


def dump(finished: bool = True, profile_process: str = "worker") -> None:
    """Write the trace to the file that `set_config` named; finished=True: and forget it.

    A trace that was never written is written when the process ends.  Raises MXNetError where it has not run since.
    """
    _require_worker(profile_process)
    if not RECORDER.has_run:
        raise MXLError("dump: the profiler has not run since the last dump; set_state('run') begins")
    report.write(RECORDER)
    if finished:
        RECORDER.forget_events()
        RECORDER.has_run = RECORDER.running


def dumps(reset: bool = False, format: str = "table", sort_by: str = "total", ascending: bool = False) -> str:
    """What was measured, added up by name, as a table or as JSON; '' without aggregate_stats.

    sort_by: 'total', 'avg', 'min', 'max' or 'count'.  reset: begin anew.  Raises AssertionError for other words.

    >>> import mxl as mx
    >>> mx.profiler.set_config(aggregate_stats=True, profile_imperative=True)
    >>> mx.profiler.set_state("run")
    >>> y = mx.nd.sqrt(mx.nd.ones((2, 2)))
    >>> mx.profiler.set_state("stop")
    >>> import json
    >>> json.loads(mx.profiler.dumps(format="json", reset=True))["Time"]["operator"]["sqrt"]["Count"]
    1
    """
    for name, value, known in (
        ("format", format, report.FORMATS), ("sort_by", sort_by, report.SORTS), ("ascending", ascending, (False, True)),
        ("reset", reset, (False, True)),
    ):  # fmt: skip
        if value not in known:
            raise RefusedSetting(f"dumps: {name} is {value!r}; known: {', '.join(map(repr, known))}")
    text = report.summary(RECORDER, format, sort_by, ascending)
    if reset:
        RECORDER.forget_sums()
    return text


def profiler_set_config(mode: str = "symbolic", filename: str = "profile.json") -> None:
    """The older name: set_config(profile_MODE=True, filename=...)."""
    warnings.warn("profiler_set_config is MXNet's older name of set_config", stacklevel=2)
    set_config(**{f"profile_{mode}": True, "filename": filename})


def profiler_set_state(state: str = "stop") -> None:
    """The older name of `set_state`."""
    warnings.warn("profiler_set_state is MXNet's older name of set_state", stacklevel=2)
    set_state(state)


def dump_profile() -> None:
    """The older name of `dump`."""
    warnings.warn("dump_profile is MXNet's older name of dump", stacklevel=2)
    dump(True)


def _adjust() -> None:
    if RECORDER.is_on:
        hooks.install(RECORDER)
    else:
        hooks.remove()


def _require_worker(profile_process: str) -> None:
    if profile_process == "server":
        raise InvalidSetting("profile_process='server': servers are not measured here; mxl-launch's numbers show them")
    if profile_process != "worker":
        raise UnknownName(f"profile_process is {profile_process!r}; known: 'worker'")


def _dump_at_exit() -> None:
    if RECORDER.has_run and RECORDER.events:
        report.write(RECORDER)
