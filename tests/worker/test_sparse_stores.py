"""Row_sparse keys and gradients over servers, with real stores in one process."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mxl as mx
from mxl.kvstore.errors import InvalidValue
from mxl.testing import cluster

BOUND = {"bigarray_bound_bytes": 64, "shard_bytes": 48}
SHAPE = (9, 3)


def rows(ids: list[int], value: Any = 1.0) -> Any:
    data = np.full((len(ids), SHAPE[1]), value, "float32")
    return mx.nd.sparse.row_sparse_array((data, ids), shape=SHAPE)


def gradient(step: int, rank: int) -> Any:
    rng = np.random.default_rng([step, rank])
    ids = np.flatnonzero(rng.random(SHAPE[0]) < 0.4)
    data = rng.standard_normal((len(ids), SHAPE[1])).astype("float32")
    return mx.nd.sparse.row_sparse_array((data, ids), shape=SHAPE)


def pulled(kv: Any, key: Any, ids: list[int]) -> Any:
    out = mx.nd.sparse.zeros("row_sparse", SHAPE)
    kv.row_sparse_pull(key, out=out, row_ids=mx.nd.array(ids))
    return out


OPTIMIZERS = {
    "sgd": lambda: mx.optimizer.SGD(learning_rate=0.1, momentum=0.9, wd=0.01),
    "adam": lambda: mx.optimizer.Adam(learning_rate=0.1),
    "adagrad": lambda: mx.optimizer.AdaGrad(learning_rate=0.1),
    "ftrl": lambda: mx.optimizer.Ftrl(learning_rate=0.1),
    "not lazy": lambda: mx.optimizer.SGD(learning_rate=0.1, momentum=0.9, wd=0.01, lazy_update=False),
    "none": lambda: None,
}


def trained(kv: Any, first: Any, optimizer: Any, ranks: Any) -> bytes:
    kv.init("w", first)
    if optimizer is not None:
        kv.set_optimizer(optimizer)
    for step in range(5):
        kv.push("w", [gradient(step, rank) for rank in ranks])
    out = mx.nd.zeros(SHAPE)
    kv.pull("w", out=out, ignore_sparse=False)
    return out.asnumpy().tobytes()


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("stype", ["row_sparse", "default"])
def test_servers_have_the_bits_of_one_process(name: str, stype: str) -> None:
    first = mx.nd.array(np.random.default_rng(1).standard_normal(SHAPE)).tostype(stype)
    expected = trained(mx.kv.create("local"), first, OPTIMIZERS[name](), (0, 1))

    def work(rank: int) -> bytes:
        return trained(mx.kv.create("dist_sync"), first, OPTIMIZERS[name](), (rank,))

    with cluster(workers=2, servers=2, **BOUND) as c:
        assert c.run(work) == [expected] * 2


@pytest.mark.parametrize("stype", ["row_sparse", "default"])
@pytest.mark.parametrize("name", ["lars", "nag", "lbsgd"])
def test_rows_of_whole_keys_have_the_bits_of_one_process(name: str, stype: str) -> None:
    """LARS measures the whole weight, and then steps the gradient's rows."""
    first = mx.nd.array(np.random.default_rng(1).standard_normal(SHAPE)).tostype(stype)

    def steps(kv: Any, ranks: Any) -> bytes:
        kv.set_optimizer(mx.optimizer.create(name, learning_rate=0.1, wd=0.01))
        kv.init("w", first)
        for step in range(5):
            kv.push("w", [gradient(step, rank) for rank in ranks])
        out = mx.nd.zeros(SHAPE)
        kv.pull("w", out=out, ignore_sparse=False)
        return out.asnumpy().tobytes()

    expected = steps(mx.kv.create("local"), (0, 1))
    with cluster(workers=2, servers=2, **BOUND) as c:
        assert c.run(lambda rank: steps(mx.kv.create("dist_sync"), (rank,))) == [expected] * 2


def test_rows_are_pulled_after_ones_own_push() -> None:
    def work(rank: int) -> Any:
        kv = mx.kv.create("dist_sync")
        kv.init("w", mx.nd.sparse.zeros("row_sparse", SHAPE))
        kv.push("w", rows([rank, 8], rank + 1.0))
        out = pulled(kv, "w", [8, 0, 1, 8, 4])
        assert out.stype == "row_sparse"
        return out.indices.asnumpy().tolist(), out.asnumpy()[:, 0].tolist()

    with cluster(workers=2, servers=2, **BOUND) as c:
        assert c.run(work) == [([0, 1, 4, 8], [1, 2, 0, 0, 0, 0, 0, 0, 3])] * 2


def test_asynchronous_pushes_of_rows_all_count() -> None:
    def work(rank: int) -> Any:
        kv = mx.kv.create("dist_async")
        kv.init("w", rows([0, 1, 2], 10.0))
        kv.set_optimizer(mx.optimizer.SGD(learning_rate=1.0))
        for _ in range(5):
            kv.push("w", rows([1, 2 + rank]))
        kv.barrier()
        return pulled(kv, "w", list(range(9))).asnumpy()[:, 0].tolist()

    with cluster(workers=2, servers=2, **BOUND) as c:
        assert c.run(work) == [[10, 0, 5, -5, 0, 0, 0, 0, 0]] * 2


def test_a_pull_that_ignores_sparse_leaves_row_sparse_arrays_alone() -> None:
    def work(rank: int) -> Any:
        kv = mx.kv.create("dist_sync")
        kv.init("w", rows([2], 4.0))
        ignored, filled, dense = rows([5]), rows([5]), mx.nd.zeros(SHAPE)
        kv.pull("w", out=[ignored, dense])
        kv.pull("w", out=filled, ignore_sparse=False)
        return [array.asnumpy()[:, 0].tolist() for array in (ignored, filled, dense)]

    value = [0, 0, 4, 0, 0, 0, 0, 0, 0]
    with cluster(workers=1, servers=1, **BOUND) as c:
        assert c.run(work) == [[[0, 0, 0, 0, 0, 1, 0, 0, 0], value, value]]


def test_wrong_calls_raise_in_the_call_and_leave_the_store_open() -> None:
    def work(rank: int) -> None:
        kv = mx.kv.create("dist_sync")
        kv.init(["w", "d"], [rows([2], 4.0), mx.nd.zeros(SHAPE)])
        with pytest.raises(InvalidValue, match="row_sparse_pull: key 'd' is dense"):
            pulled(kv, "d", [1])
        with pytest.raises(InvalidValue, match="key 'w' has rows 0 to 8, row_ids go from 1 to 9"):
            pulled(kv, "w", [1, 9])
        assert pulled(kv, "w", [2]).asnumpy()[2].tolist() == [4, 4, 4]

    with cluster(workers=1, servers=1, **BOUND) as c:
        c.run(work)


def factorised(kv: Any, rank: int, ranks: int) -> bytes:
    """Matrix factorisation: users and items are row tables, of which a batch touches a few rows."""
    rng = np.random.default_rng(3)
    ratings = [(int(rng.integers(9)), int(rng.integers(9)), float(rng.random())) for _ in range(40)]
    first = mx.nd.array(rng.standard_normal(SHAPE)).tostype("row_sparse")
    kv.init(["users", "items"], [first, first])
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.125, momentum=0.5))
    for batch in range(rank, 10, ranks):
        users, items, scores = zip(*ratings[4 * batch : 4 * batch + 4], strict=True)
        left, right = pulled(kv, "users", list(users)), pulled(kv, "items", list(items))
        u, v = mx.nd.array(left.asnumpy()), mx.nd.array(right.asnumpy())
        u.attach_grad()
        v.attach_grad()
        with mx.autograd.record():
            guess = (mx.nd.take(u, mx.nd.array(users)) * mx.nd.take(v, mx.nd.array(items))).sum(axis=1)
            loss = ((guess - mx.nd.array(scores)) ** 2).sum()
        loss.backward()
        kv.push("users", u.grad.tostype("row_sparse"))
        kv.push("items", v.grad.tostype("row_sparse"))
    return b"".join(pulled(kv, key, list(range(9))).asnumpy().tobytes() for key in ("users", "items"))


@pytest.mark.parametrize("kind", ["dist_sync", "dist_async"])
def test_a_factorisation_has_the_bits_of_one_process(kind: str) -> None:
    expected = factorised(mx.kv.create("local"), 0, 1)
    with cluster(workers=1, servers=2, **BOUND) as c:
        assert c.run(lambda rank: factorised(mx.kv.create(kind), rank, 1)) == [expected]


def test_states_of_a_table_go_into_any_store(tmp_path: Any) -> None:
    file = tmp_path / "states"

    def work(rank: int) -> None:
        kv = mx.kv.create("dist_sync")
        trained(kv, rows([1], 2.0), OPTIMIZERS["adam"](), (rank,))
        if rank == 0:
            kv.save_optimizer_states(file)

    with cluster(workers=2, servers=2, **BOUND) as c:
        c.run(work)
    kv = mx.kv.create("local")
    trained(kv, rows([1], 2.0), OPTIMIZERS["adam"](), (0, 1))
    kv.save_optimizer_states(tmp_path / "local")
    assert file.read_bytes() == (tmp_path / "local").read_bytes()
