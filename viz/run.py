"""Run: what a training loop records of itself, one line of JSON for each step: loss, metrics, time and bytes.

Knows records and the file they go to; `training.py` draws them. Invariant: a record is in its file before `step`
returns, so that a run that is killed leaves all its steps; a line that was cut off then is passed over by who reads.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from ..core.errors import ArgumentError
from ..core.files import opened

Record = Mapping[str, Any]

BYTES = ("bytes_in", "bytes_out")
OWN = ("step", "step_s", "samples", *BYTES)  # what is counted here, beside what the script measures


class Run:
    """Records a run: `run.step(loss=..., accuracy=...)` after each step; `mx.viz.plot_training(run)` draws it.

    path: a file of JSON lines, made anew with its folders; None keeps the records in memory alone. kvstore: the store
    whose bytes are recorded too, such as `trainer.kvstore`; those of one process have none. Among several workers each
    records its own file: `mx.viz.Run(f"runs/digits/worker{kv.rank}.jsonl", kvstore=kv)`. Raises OSError where the file
    cannot be written.

    >>> run = Run()
    >>> for loss in (0.9, 0.5):
    ...     record = run.step(loss=loss, samples=32)
    >>> run.records[-1]["step"], run.records[-1]["loss"]
    (2, 0.5)
    """

    def __init__(
        self,
        path: str | PathLike[str] | None = None,
        kvstore: Any = None,
        time_now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.path = None if path is None else fspath(path)
        self.records: list[dict[str, Any]] = []
        self._kvstore = kvstore
        self._time_now = time_now
        if self.path is not None:
            Path(self.path).parent.mkdir(parents=True, exist_ok=True)
            with opened(self.path, "wb"):
                pass
        self._bytes = self._moved()
        self._last_s = time_now()

    def step(self, samples: int | None = None, **measured: Any) -> dict[str, Any]:
        """Records one step: the seconds and bytes since the one before, and what is given, such as `loss=`; returns it.

        Each value is one number, or an array of one element, which is waited for. Raises TypeError for anything else.
        """
        if taken := [name for name in measured if name in OWN]:
            raise ArgumentError(f"Run.step: {taken[0]} is counted by the Run itself; give it another name")
        numbers = {name: _number(name, value) for name, value in measured.items()}
        now, moved = self._time_now(), self._moved()
        record: dict[str, Any] = {"step": len(self.records) + 1, "step_s": now - self._last_s, **numbers}
        if samples is not None:
            record["samples"] = int(samples)
        record.update({name: moved[name] - self._bytes.get(name, 0) for name in moved})
        self._last_s, self._bytes = now, moved
        self.records.append(record)
        if self.path is not None:
            with opened(self.path, "ab") as file:
                file.write((json.dumps(record) + "\n").encode())
        return record

    def _moved(self) -> dict[str, int]:
        counters = getattr(self._kvstore, "counters", dict)()
        return {name: counters[name] for name in BYTES if name in counters}


def read_runs(run: Any) -> dict[str, list[Record]]:
    """The records of a Run, of a list, of a file of JSON lines, or of each such file in a folder, by their names."""
    if isinstance(run, Run):
        runs: dict[str, list[Record]] = {"": list(run.records)}
    elif isinstance(run, str | PathLike):
        path = Path(fspath(run))
        files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
        if not files:
            raise ArgumentError(f"plot_training: the folder {path} has no files *.jsonl; give mx.viz.Run a path in it")
        runs = {file.stem if len(files) > 1 else "": list(_lines(file)) for file in files}
    elif isinstance(run, Sequence):
        runs = {"": list(run)}
    else:
        raise ArgumentError(f"plot_training: expected a Run, a list of records or a path, got {type(run).__name__}")
    for name, records in runs.items():
        if not records:
            raise ArgumentError(f"plot_training: the run {name or run!r:.60} has no steps; call run.step(loss=...)")
        for i, record in enumerate(records):
            if not isinstance(record, Mapping) or "step" not in record:
                raise ArgumentError(f"plot_training: record {i} needs 'step', such as {{'step': 1, 'loss': 0.7}}, "
                                    f"got {record!r:.60}")
    return runs


def _lines(path: Path) -> Iterator[Record]:
    with opened(path, "rb") as file:
        lines = file.read().split(b"\n")
    for i, line in enumerate(lines[:-1]):  # what follows the last newline was cut off
        try:
            yield json.loads(line)
        except ValueError as error:
            raise ArgumentError(f"plot_training: line {i + 1} of {path} is no JSON: {line!r:.60}") from error


def _number(name: str, value: Any) -> float:
    try:
        return float(value.asscalar() if hasattr(value, "asscalar") else value)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"Run.step: {name} must be one number, got {type(value).__name__} "
                            f"{getattr(value, 'shape', '')}; of an array take the mean()") from error
