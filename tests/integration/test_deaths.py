"""A process that dies is named, the others end within seconds with a sentence, and the exit code is passed on."""

from __future__ import annotations

import re
import textwrap
import time
from typing import Any

import pytest

pytestmark = pytest.mark.slow

SOON_S = 15.0

FOR_EVER = """
    import sys
    import mxl as mx
    kv = mx.kv.create("dist_sync")
    kv.init("w", mx.nd.zeros((100,)))
    out = mx.nd.zeros((100,))
    step = 0
    while True:
        step += 1
        kv.push("w", mx.nd.ones((100,)))
        kv.pull("w", out=out)
        out.wait_to_read()
        if step == 5:
            print("it trains", flush=True)
"""


def end_soon(job: Any) -> tuple[int, str]:
    begin = time.monotonic()
    code, out = job.end(SOON_S)
    assert time.monotonic() - begin < SOON_S
    return code, out


@pytest.mark.parametrize("role, rank, named", [
    ("worker", 1, "worker 1 was ended by signal 9 (SIGKILL)"),
    ("server", 1, "server 1 was ended by signal 9 (SIGKILL) before the workers had finished"),
    ("scheduler", 0, "scheduler was ended by signal 9 (SIGKILL) before the workers had finished"),
])
def test_a_process_killed_with_9_ends_the_job_by_name(launch, role: str, rank: int, named: str) -> None:
    job = launch(FOR_EVER, 3, 2)
    job.read_until("it trains", 3)
    job.shoot(role, rank)
    code, out = end_soon(job)
    assert code == 128 + 9, out
    assert named in out
    if role == "worker":
        assert re.search(r"JobFailed: worker 1 on \S+ was killed by SIGKILL; the others cannot go on without its", out)
    elif role == "server":
        assert re.search(r"JobFailed: server 1 on \S+ was killed by SIGKILL; its values are lost", out)


def test_without_the_scheduler_every_wait_ends_with_a_sentence(launch, impatient) -> None:
    """Where the workers notice it before the launcher ends them."""
    job = launch(FOR_EVER.replace("while True:", "while True:\n        kv.barrier()"), 2, 1, **impatient)
    job.read_until("it trains", 2)
    job.shoot("scheduler")
    code, out = end_soon(job)
    assert code == 128 + 9, out
    said = r"PeerLost: the scheduler at ipc://\S+ has been silent for 1\.\d s; the job cannot go on without it"
    assert re.search(said, out)


def test_an_exception_in_one_worker_is_shown_and_the_others_end(launch) -> None:
    code, out = end_soon(launch("""
        import mxl as mx
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((2,)))
        out = mx.nd.zeros((2,))
        for step in range(10**9):
            if kv.rank == 1 and step == 3:
                raise LookupError("no such batch")
            kv.push("w", mx.nd.ones((2,)))
            kv.pull("w", out=out)
        """, 3, 2))
    assert code == 1, out
    assert re.search(r"worker 1  \| Traceback \(most recent call last\):", out)
    assert "worker 1  | LookupError: no such batch" in out
    assert "mxl-launch: worker 1 ended with exit code 1; its last lines:" in out
    for rank in (0, 2):
        said = rf"worker {rank}  \| mxl\.\S*JobFailed: worker 1 on \S+ ended with exit code 1; the others"
        assert re.search(said, out)


def test_an_exit_code_after_training_is_the_jobs(launch) -> None:
    code, out = end_soon(launch("""
        import sys
        import mxl as mx
        kv = mx.kv.create("dist_sync")
        kv.barrier()
        print("done")
        sys.exit(3 if kv.rank == 1 else 0)
        """, 2, 1))
    assert code == 3, out
    assert out.count("done") >= 2
    assert "worker 1 ended with exit code 3" in out


def test_an_end_that_skips_leaving_is_named(launch) -> None:
    """os._exit(0) looks like success, but the others would wait for this rank for ever."""
    code, out = end_soon(launch("""
        import os
        import mxl as mx
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((2,)))
        out = mx.nd.zeros((2,))
        kv.pull("w", out=out)
        out.wait_to_read()
        if kv.rank == 1:
            os._exit(0)
        kv.push("w", mx.nd.ones((2,)))
        kv.pull("w", out=out)
        out.wait_to_read()
        """, 2, 1))
    assert code == 1, out
    assert re.search(r"JobFailed: worker 1 on \S+ ended with exit code 0 without leaving the job; the others", out)


def test_a_worker_that_dies_before_it_joins_is_named(launch) -> None:
    code, out = end_soon(launch("""
        import os
        if os.environ["MXL_RANK"] == "1":
            raise SystemExit("no data here")
        import mxl as mx
        mx.kv.create("dist_sync")
        """, 2, 1))
    assert code == 1, out
    assert "worker 1  | no data here" in out
    assert "mxl-launch: worker 1 ended with exit code 1" in out
    assert re.search(r"worker 0  \| .*JobFailed: worker 1 ended with exit code 1; the others", out)


def test_a_server_that_cannot_start_is_named(launch) -> None:
    code, out = end_soon(launch("import mxl as mx; mx.kv.create('dist_sync')", 1, 1,
                                ("--import", "no_such_module_of_mine")))
    assert code == 1, out
    assert "--import no_such_module_of_mine: it cannot be imported here" in out
    assert "every role needs it on its path" in out


def test_a_last_push_that_failed_is_not_forgotten_at_the_end(launch) -> None:
    """The script asks for nothing after it, so nobody would be told."""
    code, out = end_soon(launch("""
        import mxl as mx
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((2,)))
        kv.set_optimizer(mx.optimizer.create("sgd", learning_rate=[0.1, 0.2][kv.rank]))
        kv.push("w", mx.nd.ones((2,)))
        """, 2, 1))
    assert code == 1, out
    said = r"worker \d  \| mxl: a push failed and the script ended before it was told: server 0: key 'w', clock"
    assert re.search(said, out)


MINE = """
    import mxl as mx
    import numpy as np

    @mx.optimizer.register
    class Mine(mx.optimizer.Optimizer):
        def step(self, weight, grad, state, out, *, lr, wd, t):
            np.subtract(weight, lr * grad, out=out)

    @mx.lr_scheduler.register
    class Halves(mx.lr_scheduler.LRScheduler):
        def __init__(self, base_lr=1.0):
            super().__init__(base_lr=base_lr)

        def __call__(self, num_update):
            return self.base_lr / 2 ** num_update
"""
USES_MINE = """
    import mxl as mx
    import mine
    kv = mx.kv.create("dist_sync")
    kv.init("w", mx.nd.zeros((2,)))
    kv.set_optimizer({})
    kv.push("w", -mx.nd.ones((2,)))
    out = mx.nd.zeros((2,))
    kv.pull("w", out=out)
    print("has", out.asnumpy())
"""


def test_classes_of_ones_own_reach_the_servers_by_import_only(launch, tmp_path) -> None:
    (tmp_path / "mine.py").write_text(textwrap.dedent(MINE))
    for made, name in (("mine.Mine()", "optimizer 'mine'"),
                       ("mx.optimizer.SGD(lr_scheduler=mine.Halves())", "lr scheduler 'halves'")):
        code, out = end_soon(launch(USES_MINE.format(made), 1, 1))
        assert code == 1, out
        assert re.search(rf"{name} is not registered here; known: .*reaches the servers with mxl-launch --import", out)
    code, out = end_soon(launch(USES_MINE.format("mine.Mine(lr_scheduler=mine.Halves())"), 2, 1, ("--import", "mine")))
    assert code == 0, out
    assert out.count("has [1. 1.]") == 2
