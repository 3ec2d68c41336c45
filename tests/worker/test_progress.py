"""What a worker tells of its training, and that it is what the launcher's live line shows."""

from __future__ import annotations

import threading
import time

import mxl as mx
from mxl.deploy.progress import read
from mxl.testing import cluster
from mxl.worker.progress import RATE_OVER_S, Progress


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_steps_samples_and_waits_are_counted() -> None:
    clock = Clock()
    progress = Progress({"bytes_in": 7}, clock)
    for samples in (64, 64, 22):
        clock.now += 0.5
        progress.step(samples)
    progress.waited(0.25)
    progress.waited(0.5)
    progress.report(loss=0.75, mine=3)
    assert progress.counters() == {
        "step": 3, "samples": 150, "wait_s": 0.75, "loss": 0.75, "mine": 3, "samples_per_s": 100.0, "bytes_in": 7}


def test_the_rate_is_that_of_the_last_seconds() -> None:
    clock = Clock()
    progress = Progress({}, clock)
    assert progress.counters()["samples_per_s"] == 0.0
    for _ in range(50):
        clock.now += 1.0
        progress.step(1000)
    for _ in range(int(RATE_OVER_S) + 1):
        clock.now += 1.0
        progress.step(10)
    assert progress.counters()["samples_per_s"] == 10.0
    assert progress.counters()["samples"] == 50 * 1000 + 110


def test_a_script_that_counts_knows_better_than_its_trainer() -> None:
    progress = Progress({}, Clock())
    progress.trainer_step(256)
    progress.trainer_step(256)
    assert (progress.counters()["step"], progress.counters()["samples"]) == (2, 512)
    progress = Progress({}, Clock())
    for _ in range(3):
        progress.trainer_step(256)      # the global batch, of which the script's share is 64
        progress.step(64)
    assert (progress.counters()["step"], progress.counters()["samples"]) == (3, 192)


def test_the_live_line_shows_what_workers_tell() -> None:
    def train(rank: int) -> None:
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((100,)))
        for _ in range(5):
            kv.push("w", mx.nd.ones((100,)))
            kv.report(loss=[0.5, 0.25][rank], step_samples=32)
        mx.nd.waitall()

    with cluster(workers=2, servers=1, heartbeat_s=0.02) as c:
        c.run(train)
        deadline, pause = time.monotonic() + 10, threading.Event()
        while (shown := read(c.scheduler().status(0.0), {}, 1.0)).step != 5 or shown.loss is None:
            assert time.monotonic() < deadline, c.scheduler().status(0.0)
            pause.wait(0.005)
    assert shown.loss == 0.375
    assert shown.samples_per_s is not None
    assert shown.samples_per_s > 0
    assert shown.text.startswith("step 5 · loss 0.375 · ")
