"""The dist store over a whole in-process cluster: what a script sees, held against one process on the whole batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mxl as mx
from mxl.core.errors import ArgumentError
from mxl.core.optimizer import states
from mxl.kvstore.errors import (
    Disagreement,
    JobFailed,
    KVStoreError,
    NoOptimizer,
    NotInitialised,
    PartDtype,
    PartShape,
    StoreClosed,
    Unsupported,
)
from mxl.testing import cluster

SMALL = {"bigarray_bound_bytes": 256, "shard_bytes": 64}  # a key of 100 numbers is cut into 7 shards


def gradient(rank: int, step: int, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    return np.random.default_rng((rank, step)).normal(size=shape).astype(np.float32)


def pulled(kv: Any, key: Any, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    out = mx.nd.zeros(shape)
    kv.pull(key, out=out)
    return out.asnumpy()


# ----- values -----


def test_push_sums_over_workers_and_devices() -> None:
    def work(rank: int) -> list[float]:
        kv = mx.kv.create("dist_sync")
        assert (kv.rank, kv.num_workers, kv.type) == (rank, 3, "dist_sync")
        kv.init(3, mx.nd.ones((2, 3)))
        assert pulled(kv, 3, (2, 3)).tolist() == [[1] * 3] * 2
        kv.push(3, [mx.nd.ones((2, 3)) * (rank + 1), mx.nd.ones((2, 3)) * 10])
        return pulled(kv, 3, (2, 3))[1].tolist()

    with cluster(workers=3, servers=2) as c:
        assert c.run(work) == [[36.0] * 3] * 3


def test_rank_0_decides_the_first_value() -> None:
    def work(rank: int) -> list[float]:
        kv = mx.kv.create("dist_sync")
        kv.init(["a", "b"], [mx.nd.ones((2,)) * rank, mx.nd.ones((2,)) * (rank + 5)])
        return [*pulled(kv, "a", (2,)).tolist(), *pulled(kv, "b", (2,)).tolist()]

    with cluster(workers=3, servers=2) as c:
        assert c.run(work) == [[0.0, 0.0, 5.0, 5.0]] * 3


def test_when_rank_0_leaves_without_init_the_next_ranks_value_counts() -> None:
    def work(rank: int) -> list[float]:
        kv = mx.kv.create("dist_sync")
        if rank == 0:
            kv._runtime.leave()
            return []
        kv.init("a", mx.nd.ones((2,)) * rank)
        return pulled(kv, "a", (2,)).tolist()

    with cluster(workers=3, servers=2) as c:
        assert c.run(work) == [[], [1.0, 1.0], [1.0, 1.0]]


def test_lists_of_keys_priorities_and_several_outs() -> None:
    shapes = {"w": (100,), "b": (3,), "c": (7, 5)}

    def work(rank: int) -> list[Any]:
        kv = mx.kv.create("dist_sync")
        names = list(shapes)
        kv.init(names, [mx.nd.zeros(s) for s in shapes.values()])
        outs = [[mx.nd.zeros(s), mx.nd.zeros(s, dtype="float64")] for s in shapes.values()]
        for step in range(4):
            for i, name in enumerate(names):
                kv.push(name, mx.nd.array(gradient(rank, step, shapes[name])), priority=-i)
        kv.pull(names, out=outs)
        assert [o.dtype.__name__ for o in outs[0]] == ["float32", "float64"]
        return [o.asnumpy() for pair in outs for o in pair]

    with cluster(workers=2, servers=3, **SMALL) as c:
        results = c.run(work)
    for got in results:
        for i, shape in enumerate(shapes.values()):
            expected = gradient(0, 3, shape) + gradient(1, 3, shape)
            assert np.array_equal(got[2 * i], expected)
            assert np.array_equal(got[2 * i + 1], expected.astype(np.float64))


def test_a_pull_returns_at_once_and_the_array_waits() -> None:
    import threading

    seen = threading.Event()

    def work(rank: int) -> float:
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((2,)))
        out = mx.nd.zeros((2,))
        if rank == 1:
            assert seen.wait(20)
        kv.push("w", mx.nd.ones((2,)))
        kv.pull("w", out=out)
        if rank == 0:
            assert out.shape == (2,)
            assert out._state is not None  # the clock waits for rank 1, which waits for this thread
            seen.set()
        return float(out.sum().asscalar())

    with cluster(workers=2, servers=1) as c:
        assert c.run(work) == [4.0, 4.0]


def test_a_pushed_array_may_be_altered_at_once() -> None:
    def work(rank: int) -> list[float]:
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((1000,)))
        g = mx.nd.ones((1000,))
        kv.push("w", g)
        g[:] = 77
        return sorted(set(pulled(kv, "w", (1000,)).tolist()))

    with cluster(workers=2, servers=2) as c:
        assert c.run(work) == [[2.0], [2.0]]


def test_keys_3_and_text_3_differ_and_stores_share_nothing() -> None:
    def work(rank: int) -> list[float]:
        one, two = mx.kv.create("dist_sync"), mx.kv.create("dist_sync")
        one.init(3, mx.nd.ones((1,)))
        one.init("3", mx.nd.ones((1,)) * 2)
        two.init(3, mx.nd.ones((1,)) * 3)
        return [float(pulled(s, k, (1,))[0]) for s, k in ((one, 3), (one, "3"), (two, 3))]

    with cluster(workers=2, servers=2) as c:
        assert c.run(work) == [[1.0, 2.0, 3.0]] * 2


# ----- equal to one process on the whole batch -----


OPTIMIZERS: dict[str, dict[str, Any]] = {
    "sgd": {"learning_rate": 0.1, "momentum": 0.9, "wd": 0.01},
    "adam": {"learning_rate": 0.05, "wd": 0.01},
    "nag": {"learning_rate": 0.1, "momentum": 0.9},
    "adagrad": {"learning_rate": 0.1},
    "rmsprop": {"learning_rate": 0.01},
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_dist_sync_equals_one_process_to_the_bit(name: str) -> None:
    """The local store sums lists in the order of ranks, and takes the same step: the same bits, cut or not."""
    shape, steps = (10, 10), 6

    def optimizer() -> Any:
        return mx.optimizer.create(name, rescale_grad=1.0, **OPTIMIZERS[name])

    local = mx.kv.create("local")
    local.init("w", mx.nd.array(gradient(9, 0, shape)))
    local.set_optimizer(optimizer())
    for step in range(steps):
        local.push("w", [mx.nd.array(gradient(rank, step, shape)) for rank in range(3)])
    expected = pulled(local, "w", shape)

    def work(rank: int) -> Any:
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.array(gradient(9, 0, shape)))
        kv.set_optimizer(optimizer())
        for step in range(steps):
            kv.push("w", mx.nd.array(gradient(rank, step, shape)))
        return pulled(kv, "w", shape)

    with cluster(workers=3, servers=2, **SMALL) as c:
        for got in c.run(work):
            assert np.array_equal(got, expected)


@pytest.mark.parametrize("kind", ["dist_sync", "dist_async"])
def test_staleness_0_equals_dist_sync(kind: str) -> None:
    def work(rank: int) -> Any:
        kv = mx.kv.create(kind, staleness=0)
        kv.init("w", mx.nd.zeros((50,)))
        kv.set_optimizer(mx.optimizer.create("sgd", learning_rate=0.3, momentum=0.5))
        for step in range(5):
            kv.push("w", mx.nd.array(gradient(rank, step, (50,))))
        return pulled(kv, "w", (50,))

    velocity, expected = np.zeros(50, np.float32), np.zeros(50, np.float32)
    for step in range(5):
        velocity = np.float32(0.5) * velocity - np.float32(0.3) * (gradient(0, step, (50,)) + gradient(1, step, (50,)))
        expected = expected + velocity
    with cluster(workers=2, servers=2) as c:
        one, other = c.run(work)
    assert np.array_equal(one, other)
    np.testing.assert_allclose(one, expected, rtol=1e-5, atol=1e-6)


def test_async_applies_every_push_once() -> None:
    def work(rank: int) -> float:
        kv = mx.kv.create("dist_async")
        kv.init("w", mx.nd.zeros((50,)))
        kv.set_optimizer(mx.optimizer.create("sgd", learning_rate=1.0))
        for _ in range(7):
            kv.push("w", -mx.nd.ones((50,)))
        kv.barrier()
        return float(pulled(kv, "w", (50,))[49])

    with cluster(workers=3, servers=2) as c:
        assert c.run(work) == [21.0] * 3


def test_bounded_staleness_holds_the_fastest_back() -> None:
    def work(rank: int) -> int:
        kv = mx.kv.create("dist_async", staleness=2)
        kv.init("w", mx.nd.zeros((1,)))
        kv.set_optimizer(mx.optimizer.create("sgd", learning_rate=1.0))
        ahead = 0
        for step in range(1, 20):
            kv.push("w", -mx.nd.ones((1,)))
            seen = round(float(pulled(kv, "w", (1,))[0]))  # all pushes applied so far
            others = seen - step
            ahead = max(ahead, step - others)
        return ahead

    with cluster(workers=2, servers=1) as c:
        assert max(c.run(work)) <= 2


@pytest.mark.parametrize("kind", ["dist_sync", "dist_async"])
def test_uneven_batches_end(kind: str) -> None:
    """3, 4, 5 and 0 batches on four workers: whoever is done leaves or waits, and the others go on."""
    batches = [3, 4, 5, 0]

    def work(rank: int) -> float:
        kv = mx.kv.create(kind)
        kv.init("w", mx.nd.zeros((100,)))
        kv.set_optimizer(mx.optimizer.create("sgd", learning_rate=1.0))
        out = mx.nd.zeros((100,))
        for _ in range(batches[rank]):
            kv.push("w", -mx.nd.ones((100,)))
            kv.pull("w", out=out)
            out.wait_to_read()
        kv.barrier()
        return float(pulled(kv, "w", (100,))[7])

    with cluster(workers=4, servers=2, **SMALL) as c:
        assert c.run(work) == [12.0] * 4


def test_after_a_barrier_all_ranks_stand_at_one_clock() -> None:
    def work(rank: int) -> list[float]:
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((2,)))
        seen: list[float] = []
        for epoch in range(3):
            for _ in range(rank + 1):
                kv.push("w", mx.nd.ones((2,)) * 10**epoch)
            kv.barrier()
            kv.push("w", mx.nd.ones((2,)) * 10**epoch)
            seen.append(float(pulled(kv, "w", (2,))[0]))
        return seen

    with cluster(workers=3, servers=2) as c:
        assert c.run(work) == [[3.0, 30.0, 300.0]] * 3


# ----- optimizers and their numbers -----


def test_a_changed_learning_rate_reaches_the_servers() -> None:
    def work(rank: int) -> list[float]:
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((1,)))
        optimizer = mx.optimizer.create("sgd", learning_rate=1.0)
        kv.set_optimizer(optimizer)
        seen: list[float] = []
        for lr in (1.0, 0.5, 0.25):
            optimizer.set_learning_rate(lr)
            kv.push("w", -mx.nd.ones((1,)))
            seen.append(float(pulled(kv, "w", (1,))[0]))
        return seen

    with cluster(workers=2, servers=1) as c:
        assert c.run(work) == [[2.0, 3.0, 3.5]] * 2


def test_ranks_that_name_different_numbers_are_told_of_both() -> None:
    def work(rank: int) -> str:
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((1,)))
        kv.set_optimizer(mx.optimizer.create("sgd", learning_rate=0.5 if rank else 1.0))
        kv.push("w", mx.nd.ones((1,)))
        with pytest.raises(
            Disagreement, match=r"'w', clock 1: rank 0 and rank 1 .*learning_rate 1.0 and 0.5"
        ) as caught:
            mx.nd.waitall()
        with pytest.raises(StoreClosed, match="closed after an error"):
            kv.push("w", mx.nd.ones((1,)))
        return str(caught.value)

    with cluster(workers=2, servers=1) as c:
        c.run(work)


def test_each_rank_has_its_own_scale() -> None:
    def work(rank: int) -> float:
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((1,)))
        kv.set_optimizer(mx.optimizer.create("sgd", learning_rate=1.0, rescale_grad=[1.0, 0.25][rank]))
        kv.push("w", -mx.nd.ones((1,)) * 4)
        return float(pulled(kv, "w", (1,))[0])

    with cluster(workers=2, servers=1) as c:
        assert c.run(work) == [5.0, 5.0]


def test_the_mean_over_a_global_batch() -> None:
    def work(rank: int) -> float:
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((1,)))
        kv.set_optimizer(mx.optimizer.create("sgd", learning_rate=1.0))
        kv.set_batch([3, 1][rank])
        kv.push("w", -mx.nd.ones((1,)) * [6, 10][rank])  # sums over 3 samples and 1 sample
        return float(pulled(kv, "w", (1,))[0])

    with cluster(workers=2, servers=1) as c:
        assert c.run(work) == [4.0, 4.0]


@pytest.mark.parametrize("into", ["local", "dist_sync"])
def test_optimizer_states_survive_a_file(tmp_path: Any, into: str) -> None:
    name = str(tmp_path / "states")
    shape = (10, 10)

    def begin(kv: Any) -> None:
        kv.init("w", mx.nd.zeros(shape))
        kv.set_optimizer(mx.optimizer.create("adam", learning_rate=0.1))

    def save(rank: int) -> Any:
        kv = mx.kv.create("dist_sync")
        begin(kv)
        for step in range(3):
            kv.push("w", mx.nd.array(gradient(rank, step, shape)))
        if rank == 0:
            kv.save_optimizer_states(name, dump_optimizer=True)
        kv.barrier()
        before = pulled(kv, "w", shape)
        kv.push("w", mx.nd.array(gradient(rank, 3, shape)))
        return before, pulled(kv, "w", shape)

    with cluster(workers=2, servers=2, **SMALL) as c:
        before, after = c.run(save)[0]
    optimizer, saved = states.load_states(name)
    assert optimizer is not None
    assert optimizer[0] == "adam"
    assert saved["w"][0] == 3

    def load(rank: int = 0) -> Any:
        kv = mx.kv.create(into)
        kv.init("w", mx.nd.array(before))
        kv.set_optimizer(mx.optimizer.create("adam", learning_rate=0.1))
        kv.load_optimizer_states(name)
        last = [mx.nd.array(gradient(r, 3, shape)) for r in range(2)]
        kv.push("w", last if into == "local" else last[rank])
        return pulled(kv, "w", shape)

    if into == "local":
        assert np.array_equal(load(), after)
    else:
        with cluster(workers=2, servers=3, **SMALL) as c:
            for got in c.run(load):
                assert np.array_equal(got, after)


# ----- what goes wrong is said at once, and leaves the store open -----


def test_wrong_calls_raise_in_the_call_and_change_nothing() -> None:
    def work(rank: int) -> float:
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((2,)))
        with pytest.raises(NotInitialised, match=r"key 'v' was not initialised; call kv.init first"):
            kv.push("v", mx.nd.ones((2,)))
        with pytest.raises(NotInitialised, match=r"key 'v' was not initialised"):
            kv.pull("v", out=mx.nd.ones((2,)))
        with pytest.raises(PartShape, match=r"'w' was initialised as float32 \[2\], pushed as float32 \[3\]"):
            kv.push("w", mx.nd.ones((3,)))
        with pytest.raises(PartDtype, match=r"'w' was initialised as float32 \[2\], pushed as float64 \[2\]"):
            kv.push("w", mx.nd.ones((2,), dtype="float64"))
        with pytest.raises(KVStoreError, match="'w' was initialised already"):
            kv.init("w", mx.nd.zeros((2,)))
        with pytest.raises(ArgumentError, match="set_optimizer expects"):
            kv.set_optimizer("sgd")
        with pytest.raises(ArgumentError, match="set_batch expects"):
            kv.set_batch(-1)
        with pytest.raises(NoOptimizer, match="has no optimizer; call set_optimizer first"):
            kv.save_optimizer_states("/nowhere")
        with pytest.raises(Unsupported, match="no gradient compression of type '2bit'"):
            kv.set_gradient_compression({"type": "2bit"})
        kv.push("w", mx.nd.ones((2,)))
        return float(pulled(kv, "w", (2,))[0])

    with cluster(workers=2, servers=1) as c:
        assert c.run(work) == [2.0, 2.0]


def test_async_without_an_optimizer_is_refused_before_anything_is_sent() -> None:
    def work(rank: int) -> float:
        kv = mx.kv.create("dist_async")
        kv.init("w", mx.nd.zeros((1,)))
        with pytest.raises(NoOptimizer, match="'dist_async' applies each push as it comes, which needs an optimizer"):
            kv.push("w", mx.nd.ones((1,)))
        kv.set_optimizer(mx.optimizer.create("sgd", learning_rate=1.0))
        kv.push("w", -mx.nd.ones((1,)))
        kv.barrier()
        return float(pulled(kv, "w", (1,))[0])

    with cluster(workers=2, servers=1) as c:
        assert c.run(work) == [2.0, 2.0]


def test_ranks_that_create_different_kinds_are_told_of_both() -> None:
    def work(rank: int) -> None:
        mx.kv.create(["dist_sync", "dist_async"][rank]).barrier()

    told = r"store 1: rank \d created 'dist_a?sync'.*rank \d 'dist_a?sync'"
    with cluster(workers=2, servers=1) as c, pytest.raises(Disagreement, match=told):
        c.run(work)


def test_ranks_that_initialise_different_shapes_are_told_of_both() -> None:
    def work(rank: int) -> None:
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((2 + rank,)))
        kv.pull("w", out=mx.nd.zeros((2 + rank,)))
        kv.barrier()

    told = r"'w' was initialised as float32 \[2\].*initialised again as float32 \[3\]"
    with cluster(workers=2, servers=1) as c, pytest.raises(KVStoreError, match=told):
        c.run(work)


def test_a_worker_that_dies_ends_every_wait_with_its_name() -> None:
    import threading

    both = threading.Barrier(2, timeout=20)

    def work(rank: int) -> None:
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((2,)))
        pulled(kv, "w", (2,))  # rank 0's values are sent with its first call behind init
        both.wait()
        if rank == 1:
            raise LookupError("boom")
        kv.push("w", mx.nd.ones((2,)))
        with pytest.raises(JobFailed, match=r"worker 1 .*ended with exit code 1"):
            pulled(kv, "w", (2,))
        with pytest.raises(StoreClosed, match="worker 1"):
            kv.push("w", mx.nd.ones((2,)))

    with cluster(workers=2, servers=1) as c, pytest.raises(LookupError, match="boom"):
        c.run(work)


def test_thousands_of_small_keys_in_one_call() -> None:
    """More than one message may carry, on every way: init, push, pull, their answers, a barrier's clocks."""
    names = [f"{n}{'é' * 150}" for n in range(2500)]

    def work(rank: int) -> float:
        kv = mx.kv.create("dist_sync")
        kv.init(names, [mx.nd.zeros((1,)) for _ in names])
        kv.push(names, [mx.nd.ones((1,)) * n for n in range(len(names))])
        kv.barrier()
        kv.push(names, [mx.nd.ones((1,)) * n for n in range(len(names))])
        outs = [mx.nd.zeros((1,)) for _ in names]
        kv.pull(names, out=outs)
        return sum(float(out.asscalar()) == 2 * n for n, out in enumerate(outs))

    with cluster(workers=2, servers=1) as c:
        assert c.run(work) == [2500] * 2
