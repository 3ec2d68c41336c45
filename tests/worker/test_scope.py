"""Optimizers that are not elementwise: servers, which see keys in pieces, do not take them; one process does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import mxl as mx
from mxl.kvstore.errors import Unsupported
from mxl.kvstore.wire.messages import Open
from mxl.server.store import Store
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


def test_a_dist_store_refuses_it_in_the_call_and_stays_open(whole: type[Any]) -> None:
    def work(rank: int) -> list[float]:
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.zeros((2,)))
        with pytest.raises(Unsupported, match=r"optimizer 'WholeKey' is not elementwise \(scope 'key'\), and servers "
                                              r"see keys in pieces; use Trainer\(update_on_kvstore=False\)"):
            kv.set_optimizer(whole())
        kv.push("w", mx.nd.ones((2,)))
        out = mx.nd.zeros((2,))
        kv.pull("w", out=out)
        return out.asnumpy().tolist()

    with cluster(workers=2, servers=1) as c:
        assert c.run(work) == [[2.0, 2.0]] * 2


def test_a_server_refuses_it_too(whole: type[Any]) -> None:
    store = Store(Open(membership=1, request=1, store=1, kind="dist_sync", staleness=0), 0)
    with pytest.raises(Unsupported, match=r"optimizer 'wholekey' is not elementwise \(scope 'key'\) and servers see"):
        store.set_optimizer(1, tuple(whole().to_wire()))
    assert not store.has_optimizer(1)


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
