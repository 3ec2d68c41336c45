"""Real servers killed with -9 while a job trains: it goes on by itself and ends with the bits of a run without."""

from __future__ import annotations

import re
from typing import Any

import pytest

WHOLE_AGAIN = "every value has a copy again"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

TRAINS = """
    import hashlib
    import mxl as mx
    import numpy as np
    kv = mx.kv.create("{kind}")
    shapes = {{"w": (300, 100), "b": (7,), "e": (600, 100)}}
    for key, shape in shapes.items():
        kv.init(key, mx.nd.array(np.linspace(-1, 1, int(np.prod(shape))).reshape(shape)))
    kv.set_optimizer(mx.optimizer.create("adam", learning_rate=0.01))
    outs = {{key: mx.nd.zeros(shape) for key, shape in shapes.items()}}
    for step in range({steps}):
        for key, out in outs.items():
            kv.push(key, out * 0.1 + (kv.rank + 1) * 0.01)
            kv.pull(key, out=out)
        for out in outs.values():
            out.wait_to_read()
        if step % 60 == 20:
            print(f"step {{step}}", flush=True)
            kv.barrier()
    kv.barrier()
    if kv.rank == 0:
        digest = hashlib.sha256(b"".join(outs[key].asnumpy().tobytes() for key in sorted(outs))).hexdigest()
        print(f"digest {{digest}}", flush=True)
"""


def trains(kind: str, steps: int = 1500) -> str:
    return TRAINS.format(kind=kind, steps=steps)


def digest_of(out: str) -> str:
    found = re.search(r"digest (\w{64})", out)
    assert found is not None, out
    return found[1]


def test_each_server_in_turn_is_killed_and_the_bits_are_those_of_a_run_without(launch: Any) -> None:
    code, out = launch(trains("dist_sync"), 2, 2).end(60)
    assert code == 0, out
    expected = digest_of(out)
    job = launch(trains("dist_sync"), 2, 2, options=("--max-restarts", "4"))
    job.read_until("servers are protected", 1)
    job.read_until("step 20", 1)
    for times, number in enumerate((0, 1, 0)):
        job.shoot("server", number)
        job.read_until(WHOLE_AGAIN, times + 1)
    code, out = job.end(90)
    assert code == 0, out
    assert digest_of(out) == expected
    assert out.count("it is started again") == 3, out


def test_an_asynchronous_job_goes_on_and_ends_in_order(launch: Any) -> None:
    job = launch(trains("dist_async"), 2, 3, options=("--max-restarts", "1"))
    job.read_until("step 20", 1)
    job.shoot("server", 1)
    code, out = job.end(90)
    assert code == 0, out
    assert "server 1 was ended by signal 9 (SIGKILL); it is started again (0 restarts left)" in out


def test_the_death_after_the_last_restart_ends_the_job_by_name(launch: Any) -> None:
    job = launch(trains("dist_sync"), 2, 2, options=("--max-restarts", "1"))
    job.read_until("step 20", 1)
    job.shoot("server", 1)
    job.read_until(WHOLE_AGAIN, 1)
    job.shoot("server", 0)
    code, out = job.end(30)
    assert code == 128 + 9, out
    assert "server 0 was ended by signal 9 (SIGKILL) before the workers had finished" in out


def test_without_copies_the_death_of_a_server_still_ends_the_job_by_name(launch: Any) -> None:
    job = launch(trains("dist_sync"), 2, 2, options=("--replicas", "0", "--max-restarts", "4"))
    job.read_until("step 20", 1)
    job.shoot("server", 1)
    code, out = job.end(30)
    assert code == 128 + 9, out
    assert "its values are lost" in out
