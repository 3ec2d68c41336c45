"""plot_training: the curves of a run (loss and metrics), its step times and its bytes, as one picture.

Knows records (`run.py`) and matplotlib, which is loaded when a picture is asked for. Invariant: nothing global of
matplotlib is touched, so a script's own figures stay as they are; a figure has the panels for which there are numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from os import PathLike, fspath
from typing import Any

from ..core.errors import ArgumentError
from .curve import figure_class
from .run import BYTES, OWN, Record, Run, read_runs

Runs = dict[str, list[Record]]


def plot_training(
    run: Run | Sequence[Record] | str | PathLike[str],
    path: str | PathLike[str] | None = None,
    title: str = "Training",
) -> Any:
    """Draws a run: loss and metrics over the steps, the time of each step, the bytes so far. Returns the figure.

    `run` is an `mx.viz.Run`, a list of records such as `{"step": 1, "step_s": 0.02, "loss": 0.7, "accuracy": 0.5}`, a
    file of JSON lines, or a folder with one such file for each worker. `path`, where it is given, is the file to draw
    into, whose ending says the format (.png, .svg, .pdf). What is not in the records is left out. Raises TypeError for
    records without steps or without numbers, ImportError where matplotlib is missing.

    >>> run = Run()
    >>> for loss, accuracy in [(0.9, 0.5), (0.4, 0.75)]:
    ...     record = run.step(loss=loss, accuracy=accuracy)
    >>> figure = plot_training(run)
    >>> [axes.get_ylabel() for axes in figure.axes]
    ['loss', 'metrics', 'ms a step']
    """
    runs = read_runs(run)
    names = list(dict.fromkeys(name for records in runs.values() for record in records for name in record))
    metrics = [name for name in names if name not in OWN and name != "loss"]
    panels: list[tuple[str, list[str], float]] = [
        ("loss", ["loss"], 1), ("metrics", metrics, 1), ("ms a step", ["step_s"], 1e3),
        ("kB so far", list(BYTES), 1e-3),
    ]  # fmt: skip
    panels = [(label, [c for c in columns if c in names], scale) for label, columns, scale in panels]
    panels = [panel for panel in panels if panel[1]]
    if not panels:
        raise ArgumentError(f"plot_training: the records have no loss, metrics, step_s or bytes, only {sorted(names)}")
    figure = figure_class("plot_training")(figsize=(8, 1.2 + 1.9 * len(panels)), layout="constrained")
    figure.suptitle(title)
    rows = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (label, columns, scale) in zip(rows, panels, strict=True):
        _draw(axes, runs, columns, scale)
        axes.set_ylabel(label)
        axes.grid(alpha=0.3)
        if len(runs) > 1 or columns not in (["loss"], ["step_s"]):
            axes.legend(fontsize="small")
    rows[-1].set_xlabel("step")
    rows[-1].xaxis.get_major_locator().set_params(integer=True)
    if path is not None:
        figure.savefig(fspath(path), dpi=120)
    return figure


def _draw(axes: Any, runs: Runs, columns: Sequence[str], scale: float) -> None:
    """A line for each run and column; a column that only some records have is marked where it was measured."""
    for name, records in runs.items():
        for column in columns:
            measured = [record for record in records if record.get(column) is not None]
            if measured:
                values = [record[column] * scale for record in measured]
                if column in BYTES:  # of one step alone they say little: what is late counts in the next one
                    values = list(accumulate(values))
                marker = "o" if len(measured) < len(records) else None
                axes.plot([record["step"] for record in measured], values, linewidth=1.5, marker=marker, markersize=3,
                          label=f"{name} {column}".strip())
