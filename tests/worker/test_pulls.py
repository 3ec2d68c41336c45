"""Pulls into arrays that share memory, reports, and calls that are interrupted: what must not hang or end the node."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mxl as mx
from mxl.core.errors import ArgumentError
from mxl.testing import cluster
from mxl.worker.progress import COUNTERS_MAX, Progress


def begun(kind: str) -> Any:
    kv = mx.kv.create(kind)
    kv.init(["a", "b"], [mx.nd.ones((2,)), mx.nd.ones((2,)) * 2])
    return kv


def into_parts(kv: Any) -> list[float]:
    x = mx.nd.zeros((4,))
    kv.pull(["a", "b"], out=[x[0:2], x[2:4]])
    return x.asnumpy().tolist()


def twice_into_one(kv: Any) -> list[float]:
    x = mx.nd.zeros((2,))
    kv.pull("a", out=[x, x])
    return x.asnumpy().tolist()


def pushpull_into_views(kv: Any) -> list[float]:
    x = mx.nd.zeros((2, 2))
    kv.pushpull(["a", "b"], [mx.nd.ones((2,)) * 5, mx.nd.ones((2,)) * 7], out=[x[0], x[1]])
    return x.asnumpy().reshape(-1).tolist()


@pytest.mark.parametrize("case", [into_parts, twice_into_one, pushpull_into_views])
def test_outs_that_share_memory_are_filled_as_in_one_process(case: Any) -> None:
    expected = case(begun("local"))
    with cluster(workers=1, servers=1) as c:
        assert c.run(lambda rank: case(begun("dist_sync"))) == [expected]


def test_waitall_waits_for_pulls() -> None:
    def work(rank: int) -> bool:
        kv = begun("dist_sync")
        x = mx.nd.zeros((2,))
        kv.push("a", mx.nd.ones((2,)))
        kv.pull("a", out=x)
        mx.nd.waitall()
        return x._state.pending.done()

    with cluster(workers=2, servers=1) as c:
        assert c.run(work) == [True, True]


def test_reports_are_numbers_and_short_texts() -> None:
    def work(rank: int) -> float:
        kv = begun("dist_sync")
        kv.report(loss=np.float32(0.5), step_samples=np.int64(3), phase="warm-up")
        with pytest.raises(ArgumentError, match="report: loss must be a number or a text of at most 80 char"):
            kv.report(loss=mx.nd.ones((1,)))
        with pytest.raises(ArgumentError, match="report: phase must be a number or a text"):
            kv.report(phase="x" * 81)
        return kv._runtime.progress.counters()["loss"]

    with cluster(workers=1, servers=1) as c:
        assert c.run(work) == [0.5]


def test_a_node_tells_a_bounded_number_of_counters() -> None:
    progress = Progress({})
    with pytest.raises(ArgumentError, match=f"a node tells at most {COUNTERS_MAX} counters"):
        progress.report(**{f"c{i}": i for i in range(COUNTERS_MAX)})
