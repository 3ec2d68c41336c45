"""Jobs of real processes under mxl-launch: they end in order, with equal values, whatever their ranks do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

LINEAR = Path(__file__).resolve().parents[2] / "examples/linear.py"

UNEVEN = """
    import mxl as mx
    kv = mx.kv.create({kind!r})
    kv.init("w", mx.nd.zeros((100,)))
    kv.set_optimizer(mx.optimizer.create("sgd", learning_rate=1.0))
    out = mx.nd.zeros((100,))
    for _ in range([3, 4, 5, 0][kv.rank]):
        kv.push("w", -mx.nd.ones((100,)))
        kv.pull("w", out=out)
        out.wait_to_read()
    kv.barrier()
    kv.pull("w", out=out)
    print("sum", out.asnumpy()[7])
"""

DIGEST = """
    import hashlib, sys
    import mxl as mx
    kv = mx.kv.create(sys.argv[1], **({"staleness": 0} if sys.argv[1] == "dist_async" else {}))
    mx.random.seed(3)
    for name, size in (("a", 7), ("b", 3000)):
        kv.init(name, mx.nd.random.normal(shape=(size,)))
    kv.set_optimizer(mx.optimizer.create("sgd", learning_rate=0.1, momentum=0.9))
    digest = hashlib.sha256()
    mx.random.seed(100 + kv.rank)
    for _ in range(5):
        for name, size in (("a", 7), ("b", 3000)):
            out = mx.nd.zeros((size,))
            kv.push(name, mx.nd.random.normal(shape=(size,)))
            kv.pull(name, out=out)
            digest.update(out.asnumpy().tobytes())
    print("digest", digest.hexdigest())
"""


@pytest.mark.parametrize("servers", [1, 2])
def test_the_linear_example_converges(launch, servers: int) -> None:
    workers = 1 if servers == 1 else 2
    code, out = launch(LINEAR, workers, servers, words=("--steps", "60")).end()
    assert code == 0, out
    losses = [float(loss) for loss in re.findall(r"loss ([\d.]+)", out)]
    assert len(losses) == workers
    assert max(losses) < 1e-3
    assert out.count("weights 2.00, -3.40, 0.50") == workers


@pytest.mark.parametrize("kind", ["dist_sync", "dist_async"])
def test_3_4_5_and_0_batches_on_four_workers_end(launch, kind: str) -> None:
    code, out = launch(UNEVEN.format(kind=kind), 4, 2).end()
    assert code == 0, out
    assert out.count("sum 12.0") == 4


def test_staleness_0_of_async_gives_the_digest_of_sync(launch) -> None:
    digests: set[str] = set()
    for kind in ("dist_sync", "dist_async"):
        code, out = launch(DIGEST, 2, 2, words=(kind,), MXL_BIGARRAY_BOUND_BYTES="1000", MXL_SHARD_BYTES="1000").end()
        assert code == 0, out
        found = re.findall(r"digest (\w{64})", out)
        assert len(found) == 2
        digests |= set(found)
    assert len(digests) == 1


def test_a_worker_that_never_creates_a_store_is_no_hindrance(launch) -> None:
    """The job begins when it has ended, whether it or the others come first."""
    code, out = launch("""
        import os
        if os.environ["MXL_RANK"] == "0":
            print("not needed")
            raise SystemExit
        import mxl as mx
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.ones((2,)))
        kv.push("w", mx.nd.ones((2,)) * 5)
        out = mx.nd.zeros((2,))
        kv.pull("w", out=out)
        print("rank", kv.rank, "of", kv.num_workers, "has", out.asnumpy())
        """, 3, 2).end()
    assert code == 0, out
    assert "rank 1 of 3 has [10. 10.]" in out
    assert "rank 2 of 3 has [10. 10.]" in out


def test_a_script_without_any_store_ends_at_once(launch) -> None:
    code, out = launch("print('no store')", 2, 2).end(12.0)
    assert code == 0, out
    assert out.count("no store") == 2
    assert "still running" not in out


def test_ranks_that_leave_one_after_another(launch) -> None:
    """Each rank pushes as often as it can alone: who is done leaves, and clocks close without him."""
    code, out = launch("""
        import mxl as mx
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((3,)))
        kv.set_optimizer(mx.optimizer.create("sgd", learning_rate=1.0))
        out = mx.nd.zeros((3,))
        for step in range(10 * (kv.rank + 1)):
            kv.push("w", -mx.nd.ones((3,)))
            kv.pull("w", out=out)
        out.wait_to_read()
        print("rank", kv.rank, "saw", out.asnumpy()[0], "", end="")
        """, 3, 1).end()
    assert code == 0, out
    assert "rank 0 saw 30.0" in out
    assert "rank 2 saw 60.0" in out  # 30 + 20 + 10


def test_two_stores_and_two_trainers_share_nothing(launch) -> None:
    code, out = launch("""
        import mxl as mx
        from mxl import autograd, gluon
        nets = [gluon.nn.Dense(1, in_units=2, use_bias=False) for _ in range(2)]
        for n, net in enumerate(nets):
            net.initialize(mx.init.Constant(n + 1))
        trainers = [gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 1.0}, kvstore="dist_sync")
                    for net in nets]
        for net, trainer in zip(nets, trainers):
            with autograd.record():
                loss = net(mx.nd.ones((1, 2))).sum()
            loss.backward()
            trainer.step(2)
        print("weights", [net.weight.data().asnumpy().tolist() for net in nets])
        """, 2, 1).end()
    assert code == 0, out
    assert out.count("weights [[[0.0, 0.0]], [[1.0, 1.0]]]") == 2


def test_rank_0_may_be_slow_to_start(launch, tmp_path) -> None:
    """It joins when the others have waited long enough to say so."""
    flag = tmp_path / "go"
    job = launch(f"""
        import os, sys
        if os.environ["MXL_RANK"] == "0":
            print("rank 0 waits", flush=True)
            while not os.path.exists({str(flag)!r}):
                os.sched_yield()
        import mxl as mx
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.ones((2,)) * (5 if kv.rank == 0 else 9))
        out = mx.nd.zeros((2,))
        kv.pull("w", out=out)
        print("first value", out.asnumpy())
        """, 2, 1, MXL_WARN_AFTER_S="0.5")
    job.read_until("has not gathered after")
    flag.touch()
    code, out = job.end()
    assert code == 0, out
    assert re.search(r"the job has not gathered after \d s: still missing worker 0; here: .*server 0 on ", out)
    assert out.count("first value [5. 5.]") == 2


def test_children_of_a_script_disturb_nothing(launch) -> None:
    """Forked ones, subprocesses, and what each of them may not do is told."""
    code, out = launch("""
        import multiprocessing, os, subprocess, sys
        import mxl as mx
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((2,)))
        late = mx.nd.zeros((2,))
        kv.pull("w", out=late)

        def tries(what):
            try:
                print("child:", what())
            except mx.MXNetError as error:
                print("child:", type(error).__name__, error)
            sys.stdout.flush()

        def child():
            tries(lambda: kv.push("w", mx.nd.ones((2,))))
            tries(lambda: kv.barrier())
            tries(lambda: mx.kv.create("dist_sync"))
            tries(lambda: mx.kv.create("local").rank)

        fork = multiprocessing.get_context("fork")
        process = fork.Process(target=child)
        process.start()
        process.join()
        print("forked child ended with", process.exitcode)
        pid = os.fork()
        if not pid:
            sys.exit(5)             # an end with atexit: it must not leave the job for its parent
        print("second child ended with", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        if kv.rank == 0:
            command = [sys.executable, "-c", "import mxl as mx; mx.kv.create('dist_sync')"]
            print(subprocess.run(command, capture_output=True, text=True).stderr.splitlines()[-1])
        kv.push("w", mx.nd.ones((2,)))
        out = mx.nd.zeros((2,))
        kv.pull("w", out=out)
        print("sum", out.asnumpy())
        """, 2, 1).end()
    assert code == 0, out
    assert out.count("this store belongs to process ") == 4
    assert out.count("a forked child cannot use it: create its own, or leave the work to the parent") == 4
    assert len(re.findall(r"child: OutOfPlace .*worker rank \d is admitted already", out)) == 2
    assert out.count("child: 0") == 2
    assert out.count("forked child ended with 0") == 2
    assert out.count("second child ended with 5") == 2
    assert re.search(r"OutOfPlace: .*worker rank 0 is admitted already", out)
    assert out.count("sum [2. 2.]") == 2


def test_what_is_printed_last_is_seen(launch) -> None:
    code, out = launch("""
        import sys
        import mxl as mx
        mx.kv.create("dist_sync").barrier()
        sys.stdout.write("no end of line")
        """, 2, 1, PYTHONUNBUFFERED="").end()
    assert code == 0, out
    assert out.count("no end of line") == 2
