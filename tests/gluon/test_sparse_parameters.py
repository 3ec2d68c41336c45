"""Row_sparse parameters under a Trainer: the same bits in one process and over servers, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mxl as mx
from mxl.gluon.errors import BadArgument, BadRowIds, NotInitialized, OtherStorage
from mxl.testing import cluster

BOUND = {"bigarray_bound_bytes": 64, "shard_bytes": 48}
ROWS, WIDTH = 9, 3
BATCHES = [[[1, 4, 4], [0, 8, 1]], [[2, 2, 7], [7, 3, 5]], [[6, 0, 1], [1, 1, 8]]]  # step, device or rank, row numbers
OPTIMIZERS = {
    "sgd": {"learning_rate": 0.5, "momentum": 0.9, "wd": 0.01},
    "adam": {"learning_rate": 0.1},
    "adagrad": {"learning_rate": 0.1},
    "ftrl": {"learning_rate": 0.1},
}


def table(contexts: Any = None, stype: str = "row_sparse", name: str = "table") -> mx.gluon.Parameter:
    mx.random.seed(3)
    made = mx.gluon.Parameter(name, shape=(ROWS, WIDTH), stype=stype, grad_stype="row_sparse")
    made.initialize(init=mx.init.Normal(1), ctx=contexts)
    return made


def backward(param: mx.gluon.Parameter, numbers: list[int], ctx: Any = None) -> None:
    x = mx.nd.array(numbers, ctx=ctx)
    with mx.autograd.record():
        weight = param.row_sparse_data(x) if param._stype == "row_sparse" else param.data(ctx)
        rows = mx.nd.Embedding(x, weight, input_dim=ROWS, output_dim=WIDTH, sparse_grad=True)
        loss = ((rows * rows).sum(axis=1) * (x + 1)).sum()
    loss.backward()


def whole(param: mx.gluon.Parameter) -> bytes:
    return param._reduce().asnumpy().tobytes()


def two_devices(optimizer: str, stype: str, kvstore: Any = "device") -> bytes:
    """One process with a device for each rank; the Trainer sums and updates."""
    contexts = [mx.cpu(0), mx.cpu(1)]
    param = table(contexts, stype)
    trainer = mx.gluon.Trainer([param], optimizer, dict(OPTIMIZERS[optimizer]), kvstore=kvstore)
    for batches in BATCHES:
        for ctx, numbers in zip(contexts, batches, strict=True):
            backward(param, numbers, ctx)
        trainer.step(4)
    return whole(param)


@pytest.mark.parametrize("stype", ["row_sparse", "default"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_servers_have_the_bits_of_two_devices(optimizer: str, stype: str) -> None:
    expected = two_devices(optimizer, stype)

    def work(rank: int) -> bytes:
        param = table(stype=stype)
        trainer = mx.gluon.Trainer([param], optimizer, dict(OPTIMIZERS[optimizer]), kvstore="dist_sync")
        for batches in BATCHES:
            backward(param, batches[rank])
            trainer.step(4)
        return whole(param)

    with cluster(workers=2, servers=2, **BOUND) as c:
        assert c.run(work) == [expected] * 2


def test_a_given_store_has_the_bits_of_a_kind() -> None:
    assert two_devices("sgd", "row_sparse", mx.kv.create("local")) == two_devices("sgd", "row_sparse", "local")


def test_rank_0_begins_the_table_and_dense_parameters_beside_it() -> None:
    def work(rank: int) -> Any:
        param = mx.gluon.Parameter("table", shape=(ROWS, WIDTH), stype="row_sparse", grad_stype="row_sparse")
        bias = mx.gluon.Parameter("bias", shape=(2,))
        param.initialize(init=mx.init.Constant(rank + 5))
        bias.initialize(init=mx.init.Constant(rank + 7))
        mx.gluon.Trainer([param, bias], "sgd", kvstore="dist_sync")
        rows = param.row_sparse_data(mx.nd.array([8, 1]))
        return rows.indices.asnumpy().tolist(), rows.data.asnumpy()[0, 0], bias.data().asnumpy()[0]

    with cluster(workers=2, servers=2, **BOUND) as c:
        assert c.run(work) == [([1, 8], 5, 7)] * 2


def test_a_touched_row_of_zero_gradient_is_updated_on_several_devices() -> None:
    """Weight decay reaches the rows of the batch, whatever their gradients."""
    contexts = [mx.cpu(0), mx.cpu(1)]
    net = mx.gluon.nn.Embedding(4, 1, sparse_grad=True)
    net.initialize("ones", ctx=contexts)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 1.0, "wd": 0.5})
    for ctx in contexts:
        with mx.autograd.record():
            loss = (net(mx.nd.array([2], ctx=ctx)) * 0).sum()
        loss.backward()
    trainer.step(1)
    for ctx in contexts:
        assert net.weight.data(ctx).asnumpy().reshape(-1).tolist() == [1, 1, 0.5, 1]


def test_files_have_what_the_servers_have(tmp_path: Path) -> None:
    def work(rank: int) -> None:
        params = mx.gluon.ParameterDict()
        params._params["table"] = param = table()
        trainer = mx.gluon.Trainer(params, "sgd", {"learning_rate": 1.0}, kvstore="dist_sync")
        backward(param, [3])
        trainer.step(1)
        if rank == 0:
            params.save(tmp_path / "table.params")

    with cluster(workers=2, servers=2, **BOUND) as c:
        c.run(work)
    saved = mx.nd.load(tmp_path / "table.params")["table"]
    before = table()._reduce().asnumpy()
    assert saved.stype == "row_sparse"
    np.testing.assert_array_equal(np.delete(saved.asnumpy(), 3, axis=0), np.delete(before, 3, axis=0))
    np.testing.assert_allclose(saved.asnumpy()[3], before[3] * (1 - 2 * 2 * 4), rtol=1e-6)


def test_states_go_on_where_they_were(tmp_path: Path) -> None:
    def trained(steps: int, states: Path | None, value: Any = None) -> tuple[Any, Any]:
        param = table()
        if value is not None:
            param.set_data(value)
        trainer = mx.gluon.Trainer([param], "sgd", dict(OPTIMIZERS["sgd"]))
        if states is not None:
            trainer.load_states(states)
        for _ in range(steps):
            backward(param, [1, 5])
            trainer.step(8)
        return param, trainer

    param, trainer = trained(2, None)
    trainer.save_states(tmp_path / "states")
    again, _ = trained(1, tmp_path / "states", param._reduce())
    straight, _ = trained(3, None)
    assert whole(again) == whole(straight)


def test_calls_for_the_other_storage_are_refused() -> None:
    param, dense = table(), mx.gluon.Parameter("d", shape=(2, 3))
    dense.initialize()
    row = mx.nd.array([1])
    with pytest.raises(OtherStorage, match=r"'table' is row_sparse: data\(\) is for dense ones, row_sparse_data"):
        param.data()
    with pytest.raises(OtherStorage, match=r"list_data\(\) is for dense ones"):
        param.list_data()
    with pytest.raises(OtherStorage, match=r"'d' is default: row_sparse_data\(\) is for row_sparse ones, use data"):
        dense.row_sparse_data(row)
    with pytest.raises(BadRowIds, match="row_id is an NDArray of row numbers, not list"):
        param.row_sparse_data([1])
    with pytest.raises(NotInitialized, match="there is no Trainer yet"):
        param.row_sparse_data(row)
    mx.gluon.Trainer([param], "sgd")
    with pytest.raises(OtherStorage, match="another Trainer has its values: it cannot have two Trainers"):
        mx.gluon.Trainer([param], "sgd")


class Summing(mx.kv.KVStoreBase):
    """A store that sums only."""

    def pushpull(self, key: Any, value: Any, out: Any = None, priority: int = 0) -> None:
        """Nothing."""

    @staticmethod
    def is_capable(capability: str) -> bool:
        return False


@pytest.mark.parametrize("stype, kwargs, kind, sentence", [
    ("row_sparse", {"update_on_kvstore": False}, ValueError, "update_on_kvstore=False cannot be: Parameter 'table'"),
    ("row_sparse", {"kvstore": None}, TypeError, "kvstore=None: Parameter 'table' is row_sparse, and a store holds"),
    ("row_sparse", {"kvstore": 5}, TypeError, "kvstore=5: .* expected a kind of store, such as 'device', or a KVStore"),
    ("csr", {}, BadArgument, "Trainer: Parameter 'table' is csr; parameters to train are dense or row_sparse"),
    ("default", {"kvstore": Summing()}, ValueError, "has a row_sparse gradient, which .*Summing.* cannot sum"),
])  # fmt: skip
def test_stores_that_cannot_hold_rows_are_refused(stype: str, kwargs: Any, kind: Any, sentence: str) -> None:
    trainer = mx.gluon.Trainer([table(stype=stype)], "sgd", **kwargs)
    with pytest.raises(kind, match=sentence) as caught:
        trainer.step(1)
    assert isinstance(caught.value, mx.MXNetError)


def test_sums_of_rows_are_not_given_back_by_servers() -> None:
    def work(rank: int) -> None:
        with pytest.raises(BadArgument, match="update_on_kvstore=False cannot be over servers: Parameter 'table'"):
            mx.gluon.Trainer([table(stype="default")], "sgd", kvstore="dist_sync", update_on_kvstore=False)

    with cluster(workers=1, servers=1) as c:
        c.run(work)


def test_asynchronous_steps_of_rows_all_count() -> None:
    def work(rank: int) -> list[float]:
        param = mx.gluon.Parameter("table", shape=(ROWS, WIDTH), stype="row_sparse", grad_stype="row_sparse")
        param.initialize("ones")
        trainer = mx.gluon.Trainer([param], "sgd", {"learning_rate": 1.0}, kvstore="dist_async")
        for _ in range(3):
            x = mx.nd.array([1, 2 + rank])
            with mx.autograd.record():
                rows = mx.nd.Embedding(x, param.row_sparse_data(x), input_dim=ROWS, output_dim=WIDTH, sparse_grad=True)
                loss = rows.sum()
            loss.backward()
            trainer.step(1)
        trainer.kvstore.barrier()
        return param.row_sparse_data(mx.nd.arange(ROWS)).asnumpy()[:, 0].tolist()

    with cluster(workers=2, servers=2, **BOUND) as c:
        assert c.run(work) == [[1, -5, -2, -2, 1, 1, 1, 1, 1]] * 2
