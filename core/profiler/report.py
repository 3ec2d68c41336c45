"""What was measured as a file for chrome://tracing, and added up as a table or as JSON, in MXNet's form.

Times are microseconds in the trace, milliseconds in the sums; memory is kilobytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..files import replacing
from .recorder import MEMORY, OPERATOR, RECORDER, Event, Recorder, Sum

FORMATS = ("table", "json")
SORTS = ("total", "avg", "min", "max", "count")
_PHASES = {"range": ("B", "E"), "task": ("b", "e"), "frame": ("(", ")")}
_KEYS = {
    "total": lambda s: s.total, "avg": lambda s: s.average, "min": lambda s: s.min, "max": lambda s: s.max,
    "count": lambda s: s.count,
}  # fmt: skip


def write(recorder: Recorder) -> None:
    """Write the trace into the file of the settings, whole or not at all.  Raises FileAccessError."""
    events = list(recorder.events)
    categories = [OPERATOR, *dict.fromkeys(event.category for event in events if event.category != OPERATOR)]
    numbers = {category: number for number, category in enumerate(categories)}
    lines: list[dict[str, Any]] = [
        {"ph": "M", "args": {"name": "cpu/0" if category == OPERATOR else category}, "pid": number,
         "name": "process_name"}
        for category, number in numbers.items()
    ]  # fmt: skip
    for event in events:
        lines.extend(_lines(event, numbers[event.category]))
    text = json.dumps({"traceEvents": lines, "displayTimeUnit": "ms"}, indent=0)
    with replacing(recorder.config.filename) as file:
        file.write(text.encode())


RECORDER.on_period = write


def _lines(event: Event, pid: int) -> Iterator[dict[str, Any]]:
    line = {"name": event.name, "cat": event.category, "ts": event.begin // 1000, "pid": pid, "tid": event.thread}
    if event.kind == "counter":
        yield {**line, "ph": "C", "args": {event.name: event.value}}
    elif event.kind == "mark":
        yield {**line, "ph": "n", "s": event.value[0]}
    else:
        begin, end = _PHASES[event.kind]
        more = {"id": event.thread} if event.kind == "task" else {}
        yield {**line, "ph": begin, **more}
        yield {**line, "ph": end, "ts": event.end // 1000, **more}


def summary(recorder: Recorder, form: str, sort_by: str, ascending: bool) -> str:
    """The sums; '' where none are kept."""
    if not recorder.config.aggregate_stats:
        return ""
    sums = {
        category: dict(sorted(named.items(), key=lambda item: _KEYS[sort_by](item[1]), reverse=not ascending))
        for category, named in sorted(recorder.sums.items())
    }
    return _as_json(sums) if form == "json" else _as_table(sums)


def _numbers(total: Sum, category: str) -> dict[str, float]:
    """Milliseconds, or of memory kilobytes."""
    unit = 1e6
    found = {"Total": total.total / unit, "Min": (total.min or 0) / unit, "Max": total.max / unit,
             "Avg": total.average / unit}  # fmt: skip
    if category == MEMORY:
        del found["Total"]
    return found


def _as_json(sums: dict[str, dict[str, Sum]]) -> str:
    def part(of_memory: bool) -> dict[str, Any]:
        return {
            category: {name: {"Count": one.count, **_numbers(one, category)} for name, one in named.items()}
            for category, named in sums.items()
            if (category == MEMORY) == of_memory
        }

    return json.dumps({"Time": part(False), "Memory": part(True), "Unit": {"Time": "ms", "Memory": "kB"}}, indent=4)


def _as_table(sums: dict[str, dict[str, Sum]]) -> str:
    lines = ["", "Profile Statistics:", "\tNote the difference in units for different entries."]
    for category, named in sums.items():
        heads = (["Min Use  (kB)", "Max Use  (kB)", "Avg Use  (kB)"] if category == MEMORY
                 else ["Time (ms)", "Min Time (ms)", "Max Time (ms)", "Avg Time (ms)"])  # fmt: skip
        lines += [category, "=" * 17, _row("Name", "Total Count", heads),
                  _row("----", "-" * 11, ["-" * len(head) for head in heads])]  # fmt: skip
        lines += [_row(name, str(one.count), [f"{number:.4f}" for number in _numbers(one, category).values()])
                  for name, one in named.items()]  # fmt: skip
        lines.append("")
    return "\n".join([*lines, ""])


def _row(name: str, count: str, numbers: list[str]) -> str:
    return f"{name:<25}{count:>16}" + "".join(f" {number:>16}" for number in numbers)
