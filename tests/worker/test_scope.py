"""Optimizers that are not elementwise: servers leave whole what their steps need whole, and have one process's bits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import mxl as mx
from mxl.kvstore.errors import Unsupported
from mxl.kvstore.wire.messages import InitPart
from mxl.server.dense import DenseShard
from mxl.testing import cluster


@pytest.fixture
def whole() -> Iterator[type[Any]]:
    """An optimizer that divides by the gradient's norm: over the whole key, which a piece of it does not know."""

    class WholeKey(mx.optimizer.Optimizer):
        scope = "key"

        def new_state(self, weight: np.ndarray) -> tuple[()]:
            return ()

        def step(self, weight: Any, grad: Any, state: Any, out: Any, *, lr: float, wd: float, t: int) -> None:
            np.subtract(weight, lr * grad / np.linalg.norm(grad), out=out)

    mx.optimizer.register(WholeKey)
    yield WholeKey
    del mx.optimizer.Optimizer.opt_registry["wholekey"]


def test_one_process_steps_over_the_whole_key(whole: type[Any]) -> None:
    kv, out = mx.kv.create("local"), mx.nd.zeros((100_000,))
    kv.init("w", out)
    kv.set_optimizer(whole(learning_rate=1.0))
    kv.push("w", mx.nd.ones((100_000,)))
    kv.pull("w", out=out)
    np.testing.assert_allclose(out.asnumpy(), -1 / np.sqrt(100_000), rtol=1e-5)


@pytest.fixture
def rowwise() -> Iterator[type[Any]]:
    """An optimizer with one number of state for each row, the sum of the squares of its gradients."""

    class RowWise(mx.optimizer.Optimizer):
        scope = "row"

        def new_state(self, weight: np.ndarray) -> tuple[np.ndarray]:
            return (np.zeros((weight.shape[0], 1), weight.dtype),)

        def step(self, weight: Any, grad: Any, state: Any, out: Any, *, lr: float, wd: float, t: int) -> None:
            (history,) = state
            history += np.square(grad).mean(axis=1, keepdims=True)
            np.subtract(weight, lr * grad / np.sqrt(history), out=out)

    mx.optimizer.register(RowWise)
    yield RowWise
    del mx.optimizer.Optimizer.opt_registry["rowwise"]


BOUND = {"bigarray_bound_bytes": 64, "shard_bytes": 48}
SHAPES = {"large": (7, 5), "small": (3,), "flat": (40,), "fc_bias": (20,)}


def gradient(name: str, step: int, rank: int) -> Any:
    rng = np.random.default_rng([len(name), step, rank])
    return mx.nd.array(rng.standard_normal(SHAPES[name]))


def trained(kv: Any, optimizer: Any, names: list[str], ranks: Any) -> list[bytes]:
    kv.set_optimizer(optimizer)
    kv.init(names, [mx.nd.ones(SHAPES[name]) for name in names])
    for step in range(3):
        for name in names:
            kv.push(name, [gradient(name, step, rank) for rank in ranks])
    outs = [mx.nd.zeros(SHAPES[name]) for name in names]
    kv.pull(names, out=outs)
    return [out.asnumpy().tobytes() for out in outs]


@pytest.mark.parametrize("scope, names, shards", [("key", ["large", "small", "flat"], 3), ("row", ["large"], 4)])
def test_servers_have_the_bits_of_one_process(
    scope: str, names: list[str], shards: int, whole: type[Any], rowwise: type[Any]
) -> None:
    make = {"key": whole, "row": rowwise}[scope]
    expected = trained(mx.kv.create("local"), make(learning_rate=0.5), names, (0, 1))

    def work(rank: int) -> list[bytes]:
        return trained(mx.kv.create("dist_sync"), make(learning_rate=0.5), names, (rank,))

    with cluster(workers=2, servers=2, **BOUND) as c:
        assert c.run(work) == [expected] * 2
        assert sum(len(c.server(rank).stores[1].shards) for rank in range(2)) == shards


def test_an_optimizer_that_comes_after_the_cut_is_refused_in_the_call(whole: type[Any], rowwise: type[Any]) -> None:
    def work(rank: int) -> list[float]:
        kv = mx.kv.create("dist_sync")
        kv.init(["s", "w"], [mx.nd.zeros((2,)), mx.nd.zeros((7, 5))])
        with pytest.raises(Unsupported, match=r"optimizer 'WholeKey' needs each key whole, and key 'w', "
                                              r"float32 \[7, 5\], was cut into 3 pieces at init; call set_opt"):
            kv.set_optimizer(whole())
        with pytest.raises(Unsupported, match="optimizer 'RowWise' needs each row whole, and key 'w'"):
            kv.set_optimizer(rowwise())
        kv.push("s", mx.nd.ones((2,)))
        out = mx.nd.zeros((2,))
        kv.pull("s", out=out)
        return out.asnumpy().tolist()

    with cluster(workers=2, servers=1, **BOUND) as c:
        assert c.run(work) == [[2.0, 2.0]] * 2


def test_below_the_bound_the_order_does_not_matter(whole: type[Any]) -> None:
    def work(rank: int) -> list[float]:
        kv, out = mx.kv.create("dist_sync"), mx.nd.zeros((2,))
        kv.init("w", out)
        kv.set_optimizer(whole(learning_rate=5.0))
        kv.pushpull("w", mx.nd.array([1.5, 2.0]), out=out)
        return out.asnumpy().tolist()

    with cluster(workers=2, servers=1) as c:
        assert c.run(work) == [[-3.0, -4.0]] * 2


def test_a_server_refuses_a_piece_of_what_must_be_whole(whole: type[Any]) -> None:
    part = InitPart(1, 1, "w", 0, "default", "float32", (4,), 0, 2, True)
    shard = DenseShard(part, np.zeros(2, np.float32), 0, 4)
    with pytest.raises(Unsupported, match=r"key 'w': optimizer 'WholeKey' needs each key whole, and shard 0 has "
                                          r"elements 0:2 of float32 \[4\]; call set_optimizer before init"):
        shard.begin_states(whole(), 1)
    assert shard.generation == 0


def test_states_of_rows_are_saved_and_loaded(rowwise: type[Any], tmp_path: Any) -> None:
    file = tmp_path / "states"

    def save(rank: int) -> None:
        kv = mx.kv.create("dist_sync")
        trained(kv, rowwise(learning_rate=0.5), ["large"], (rank,))
        if rank == 0:
            kv.save_optimizer_states(file)

    def load(rank: int) -> bytes:
        kv = mx.kv.create("dist_sync")
        kv.set_optimizer(rowwise())
        kv.init("large", mx.nd.ones(SHAPES["large"]))
        kv.load_optimizer_states(file)
        kv.save_optimizer_states(tmp_path / "again")
        return (tmp_path / "again").read_bytes()

    with cluster(workers=2, servers=2, **BOUND) as c:
        c.run(save)
    with cluster(workers=1, servers=1, **BOUND) as c:
        assert c.run(load) == [file.read_bytes()]
    kv = mx.kv.create("local")
    kv.init("large", mx.nd.ones(SHAPES["large"]))
    kv.set_optimizer(rowwise())
    kv.load_optimizer_states(file)
    kv.push("large", gradient("large", 0, 0))  # the shapes are those that the local store keeps


def test_a_trainer_tells_the_servers_before_they_cut(whole: type[Any]) -> None:
    def work(rank: int) -> bytes:
        net = mx.gluon.nn.Dense(6, in_units=4, use_bias=False)
        net.initialize(mx.init.One())
        trainer = mx.gluon.Trainer(net.collect_params(), whole(learning_rate=5.0), kvstore="dist_sync")
        with mx.autograd.record():
            loss = net(mx.nd.array([[3.0, 4.0, 1.0, 2.0]]) * (rank + 1)).sum()
        loss.backward()
        trainer.step(1)
        return net.weight.data().asnumpy().tolist()

    with cluster(workers=2, servers=2, **BOUND) as c:
        row = np.array([3.0, 4.0, 1.0, 2.0])
        for weight in c.run(work):
            np.testing.assert_allclose(weight, [1 - 5 * row / np.sqrt(6 * 30.0)] * 6, rtol=1e-6)


def test_a_trainer_takes_its_steps_in_the_workers(whole: type[Any]) -> None:
    """Where updates run in the workers, the sum comes whole."""
    def work(rank: int) -> list[list[float]]:
        net = mx.gluon.nn.Dense(1, in_units=2, use_bias=False)
        net.initialize(mx.init.Zero())
        trainer = mx.gluon.Trainer(net.collect_params(), whole(learning_rate=5.0), kvstore="dist_sync",
                                   update_on_kvstore=False)
        with mx.autograd.record():
            loss = net(mx.nd.array([[3.0, 4.0]]) * (rank + 1)).sum()
        loss.backward()
        trainer.step(1)
        return net.weight.data().asnumpy().tolist()

    with cluster(workers=2, servers=1) as c:
        for weight in c.run(work):
            np.testing.assert_allclose(weight, [[-3.0, -4.0]], rtol=1e-6)


def test_every_optimizer_has_the_bits_of_one_process_on_a_key_above_the_bound() -> None:
    names = sorted(
        name for name, klass in mx.optimizer.Optimizer.opt_registry.items()
        if klass.step is not mx.optimizer.Optimizer.step and klass.__module__.startswith("mxl.") and name != "sgld"
    )  # fmt: skip
    assert len(names) >= 12
    expected = {name: trained(mx.kv.create("local"), mx.optimizer.create(name), ["large"], (0, 1)) for name in names}

    def work(rank: int) -> None:
        for name in names:
            came = trained(mx.kv.create("dist_sync"), mx.optimizer.create(name), ["large"], (rank,))
            assert came == expected[name], name

    with cluster(workers=2, servers=2, **BOUND) as c:
        c.run(work)


def test_an_optimizer_that_goes_by_names_goes_by_the_key() -> None:
    expected = trained(mx.kv.create("local"), mx.optimizer.create("lars"), ["fc_bias", "flat"], (0,))

    def work(rank: int) -> list[bytes]:
        return trained(mx.kv.create("dist_sync"), mx.optimizer.create("lars"), ["fc_bias", "flat"], (rank,))

    with cluster(workers=1, servers=1, **BOUND) as c:
        assert c.run(work) == [expected]


@pytest.mark.parametrize("settings", [{"batch_scale": 2}, {"warmup_strategy": "lars", "momentum": 0.9}])
def test_large_batches_of_small_ones_are_the_same_on_servers(settings: dict[str, Any]) -> None:
    def made() -> Any:
        return mx.optimizer.create("lbsgd", learning_rate=0.1, **settings)

    expected = trained(mx.kv.create("local"), made(), ["large"], (0, 1))
    with cluster(workers=2, servers=2, **BOUND) as c:
        assert c.run(lambda rank: trained(mx.kv.create("dist_sync"), made(), ["large"], (rank,))) == [expected] * 2
