"""The streams give MXNet's words: draws of many sizes, one after the other, from several seeds (draws.json)."""

import hashlib
import json
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from mxl.core.streams import STATES, Streams, plan

DRAWS = json.loads((Path(__file__).parent / "draws.json").read_text())


@pytest.mark.parametrize("record", DRAWS, ids=lambda record: f"seed {record[0]}")
def test_draws_are_mxnets(record):
    seed, rows = record
    streams = Streams()
    streams.seed(seed)
    for kind, (a, b), size, dtype, ends, digest in rows:
        values = getattr(streams, kind)(a, b, size, dtype)
        assert values.dtype == dtype
        shown = np.array([values[0], values[size // 2], values[-1]])
        np.testing.assert_allclose(shown, ends, rtol={"float32": 1e-6, "float16": 1e-3}.get(dtype, 1e-8), atol=1e-7)
        if kind != "normal":  # which is within the last place
            assert hashlib.sha256(values.tobytes()).hexdigest()[:16] == digest, (kind, size, dtype)


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 1000, 65536, 65537, 100000])
def test_plan_covers_a_draw_in_equal_runs(size):
    runs = plan(size)
    assert sum(stop - start for start, stop in runs) == size
    assert [start for start, _ in runs[1:]] == [stop for _, stop in runs[:-1]]
    assert len(runs) <= STATES
    assert len({stop - start for start, stop in runs[:-1]}) <= 1


def test_seeding_starts_all_states_anew():
    streams = Streams()
    first = streams.uniform(0, 1, 200)
    streams.normal(0, 1, 77)
    streams.seed(0)
    np.testing.assert_array_equal(streams.uniform(0, 1, 200), first)
    assert not np.array_equal(streams.uniform(0, 1, 200), first)


def test_words_read_ahead_are_not_lost():
    one, other = Streams(5), Streams(5)
    drawn = one.normal(0, 1, 50)
    parts = np.concatenate([other.normal(0, 1, 1) for _ in range(50)])
    np.testing.assert_array_equal(drawn, parts)
    np.testing.assert_array_equal(one.words(3), other.words(3))


def test_uniform_is_below_its_end():
    streams = Streams()
    for dtype in ("float32", "float64"):
        values = streams.uniform(0, 1, 100000, dtype)
        assert 0 <= values.min() < values.max() < 1


def test_normal_has_mean_and_deviation():
    values = Streams(3).normal(2, 3, 200000)
    assert abs(values.mean() - 2) < 0.03
    assert abs(values.std() - 3) < 0.03


def test_threads_share_the_streams_without_repeats():
    streams, drawn = Streams(), []
    barrier = threading.Barrier(4)

    def draw():
        barrier.wait(5)
        drawn.extend(float(streams.uniform(0, 1, 1, "float64")[0]) for _ in range(50))

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(set(drawn)) == 200
    assert sorted(drawn) == sorted(float(value) for value in reference(200))


def reference(count):
    streams = Streams()
    return [streams.uniform(0, 1, 1, "float64")[0] for _ in range(count)]


def test_numpy_random_is_loaded_at_the_first_draw():
    code = (
        "import sys, mxl.core.streams as s; assert 'numpy.random' not in sys.modules; s.STREAMS.seed(3);"
        "assert 'numpy.random' not in sys.modules; s.STREAMS.words(1); assert 'numpy.random' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
