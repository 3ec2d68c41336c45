"""The cluster's numbers as a line."""

from __future__ import annotations

import math
from typing import Any

import pytest

from mxl.deploy.progress import Progress, read, short


def node(state: str = "admitted", **counters: Any) -> dict[str, Any]:
    return {"state": state, "silent_s": 0.1, "counters": counters}


def test_numbers_of_the_workers_together() -> None:
    before = {"worker:0:0": node(bytes_in=100, bytes_out=100), "worker:1:0": node(bytes_in=0, bytes_out=0)}
    nodes = {
        "scheduler:0:0": node(),
        "server:0:0": node(bytes_in=10**9, updates=3),
        "worker:0:0": node(
            step=12, loss=0.5, samples_per_s=100.0, bytes_in=1100, bytes_out=1100, staleness=0, wait_s=0.0),
        "worker:1:0": node(
            step=10, loss=0.25, samples_per_s=50.0, bytes_in=500, bytes_out=500, staleness=2, wait_s=0.5),
    }
    progress = read(nodes, before, between_s=2.0)
    assert progress == Progress(step=10, loss=0.375, samples_per_s=150.0, bytes_per_s=1500.0, staleness=2,
                                slowest="worker 1 (2 behind)")
    assert progress.text == (
        "step 10 · loss 0.375 · 150 samples/s · 1.50 kB/s · staleness 2 · slowest worker 1 (2 behind)")


def test_at_the_same_step_the_slowest_has_waited_least() -> None:
    before = {f"worker:{rank}:0": node(step=4, wait_s=9.0 - rank) for rank in range(3)}
    nodes = {f"worker:{rank}:0": node(step=5, wait_s=9.0 - rank + wait) for rank, wait in enumerate((0.5, 0.25, 0.75))}
    assert read(nodes, before, 1.0).slowest == "worker 1"
    assert read(nodes, {}, 1.0).slowest == "worker 2"
    nodes = {f"worker:{rank}:0": node(step=5, wait_s=0.2) for rank in range(3)}
    assert read(nodes, {}, 1.0).slowest == ""


def test_who_is_silent_or_waited_for_is_named() -> None:
    nodes = {"worker:0:0": node(step=5, waiting_for="worker 1"), "worker:1:0": node("suspect", step=4),
             "server:0:0": node("suspect")}
    assert read(nodes, {}, 1.0).text == (
        "step 4 · slowest worker 1 (1 behind) · server 0 is silent · worker 1 is silent · worker 0 waits for worker 1")


def test_who_has_left_no_longer_counts() -> None:
    nodes = {"worker:0:0": node("left", step=3), "worker:1:0": node(step=9)}
    assert read(nodes, {}, 1.0).text == "step 9"


@pytest.mark.parametrize("nodes", [
    {}, {"worker:0:0": node()}, {"worker:0:0": "what"}, {"worker:0:0": {"state": "admitted", "counters": 3}},
    {"nobody": node(step=1)}, {"worker:0:0": node(step="x", loss=None, samples_per_s=True)},
])
def test_what_is_not_known_is_not_shown(nodes: dict[str, Any]) -> None:
    assert read(nodes, {}, 1.0).text == ""


def test_a_loss_that_is_no_number_is_left_out() -> None:
    assert read({"worker:0:0": node(loss=math.nan), "worker:1:0": node(loss=2.0)}, {}, 1.0).loss == 2.0


@pytest.mark.parametrize("number, unit, text", [
    (0, "", "0"), (3.14159, "", "3.14"), (42.4, "", "42"), (999, "", "999"), (5123, "", "5.12k"), (51234, "", "51.2k"),
    (512345, "", "512k"), (38e6, "B", "38.0 MB"), (2.5e9, "B", "2.50 GB"), (950, "B", "950 B"), (0, "B", "0 B"),
])
def test_short_numbers(number: float, unit: str, text: str) -> None:
    assert short(number, unit) == text
