"""plot_learning_curve: the loss, and the accuracy where there is one, of a run as a picture.

Knows records and matplotlib, which is loaded when a picture is asked for. Invariant: nothing global of matplotlib is
touched, so a script's own figures stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from typing import Any

from ..core.errors import ArgumentError, MXLError

LOSS_COLOUR, ACCURACY_COLOUR = "#1f5fa8", "#c4571b"


class NoPicture(MXLError, ImportError):
    """The library that draws is not installed."""


def plot_learning_curve(
    records: Sequence[Mapping[str, float]], path: str | PathLike[str], title: str = "Learning curve"
) -> None:
    """Draws a run's learning curve into `path`, whose ending says the format (.png, .svg, .pdf).

    `records` is a list of `{"step": 20, "loss": 0.31, "accuracy": 0.93}`; accuracy (0 to 1) may be missing in some or
    all. Raises TypeError for an empty list or one without steps and losses, ImportError where matplotlib is missing.
    """
    if not records:
        raise ArgumentError("plot_learning_curve: expected records such as {'step': 1, 'loss': 0.7}, got an empty list")
    for i, record in enumerate(records):
        if "step" not in record or "loss" not in record:
            raise ArgumentError(f"plot_learning_curve: record {i} needs 'step' and 'loss', got {sorted(record)}")
    Figure = figure_class("plot_learning_curve")
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title)
    axes.set_xlabel("step")
    axes.set_ylabel("loss", color=LOSS_COLOUR)
    axes.plot([r["step"] for r in records], [r["loss"] for r in records], color=LOSS_COLOUR, linewidth=1.5)
    axes.set_ylim(bottom=0)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(alpha=0.3)
    measured = [r for r in records if r.get("accuracy") is not None]
    if measured:
        right = axes.twinx()
        right.set_ylabel("accuracy", color=ACCURACY_COLOUR)
        right.set_ylim(0, 1.02)
        steps, values = [r["step"] for r in measured], [r["accuracy"] for r in measured]
        right.plot(steps, values, color=ACCURACY_COLOUR, linewidth=1.5, marker="o", markersize=3)
        right.annotate(
            f"{values[-1]:.3f}", (steps[-1], values[-1]), xytext=(-6, -14), textcoords="offset points", ha="right"
        )
    figure.savefig(fspath(path), dpi=120)


def figure_class(caller: str) -> Any:
    """matplotlib's Figure; raises NoPicture, which names the caller, where matplotlib is missing."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise NoPicture(f"{caller} needs matplotlib: pip install 'mxl[viz]'") from error
    return Figure
