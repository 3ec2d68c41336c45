"""Row_sparse arrays at a dist store: whatever gives and takes rows, here a stand-in over a dense array."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mxl as mx
from mxl.core.handle import new
from mxl.kvstore.errors import InvalidValue
from mxl.testing import cluster
from mxl.worker.sparse import rows_of, summed

BOUND = {"bigarray_bound_bytes": 64, "shard_bytes": 48}
SHAPE = (9, 3)


class Sparse(mx.nd.NDArray):
    """All that a store needs of a row_sparse array."""

    ids: Any

    @property
    def stype(self) -> str:
        return "row_sparse"

    def _rows(self) -> Any:
        return self.ids, self._read()[self.ids]

    def _set_rows(self, ids: Any, rows: Any) -> None:
        buffer = self._for_write()
        buffer[...] = 0
        buffer[ids] = rows
        self.ids = np.array(ids)


def rows(ids: list[int], value: Any = 1.0) -> Any:
    data = np.zeros(SHAPE, np.float32)
    data[ids] = value
    array = new(Sparse, data, mx.cpu())
    array.ids = np.array(ids, np.int64)
    return array


def pulled(kv: Any, key: str, ids: list[int]) -> Any:
    out = rows([])
    kv._pull_rows([(key, out, mx.nd.array(ids))], 0)
    return out


def test_rows_of_several_arrays_are_summed_and_sorted() -> None:
    total, ids = summed([rows([5, 1], 2.0), rows([1], 3.0)])
    assert ids is not None
    assert (ids.tolist(), total.reshape(-1, 3)[:, 0].tolist()) == ([1, 5], [5, 2])
    dense, ids = summed([rows([5], 2.0), mx.nd.ones(SHAPE)])
    assert (ids, dense.reshape(SHAPE)[4:6, 0].tolist()) == (None, [1, 3])
    with pytest.raises(InvalidValue, match="a row_sparse array has row 4 more than once"):
        rows_of(rows([4, 1, 4]))


@pytest.mark.parametrize("first", [rows([0, 1, 2], 10.0), mx.nd.zeros(SHAPE)], ids=["table", "dense key"])
def test_rows_of_all_workers_count_once(first: Any) -> None:
    def work(rank: int) -> list[float]:
        kv = mx.kv.create("dist_sync")
        kv.init("w", first)
        kv.set_optimizer(mx.optimizer.SGD(learning_rate=1.0))
        for _ in range(5):
            kv.push("w", rows([1, 2 + rank]))
        out = mx.nd.zeros(SHAPE)
        kv.pull("w", out=out)
        return (out - mx.nd.array(first.asnumpy())).asnumpy()[:, 0].tolist()

    with cluster(workers=2, servers=2, **BOUND) as c:
        assert c.run(work) == [[0, -10, -5, -5, 0, 0, 0, 0, 0]] * 2


def test_asynchronous_pushes_of_rows_all_count() -> None:
    def work(rank: int) -> list[float]:
        kv = mx.kv.create("dist_async")
        kv.init("w", rows([0, 1, 2], 10.0))
        kv.set_optimizer(mx.optimizer.SGD(learning_rate=1.0))
        for _ in range(5):
            kv.push("w", rows([1, 2 + rank]))
        kv.barrier()
        return pulled(kv, "w", list(range(9))).asnumpy()[:, 0].tolist()

    with cluster(workers=2, servers=2, **BOUND) as c:
        assert c.run(work) == [[10, 0, 5, -5, 0, 0, 0, 0, 0]] * 2


def test_rows_are_pulled_after_ones_own_push() -> None:
    def work(rank: int) -> Any:
        kv = mx.kv.create("dist_sync")
        kv.init("w", rows([]))
        kv.push("w", rows([rank, 8], rank + 1.0))
        out = pulled(kv, "w", [8, 0, 1, 8, 4])
        return out.ids.tolist(), out.asnumpy()[:, 0].tolist()

    with cluster(workers=2, servers=2, **BOUND) as c:
        assert c.run(work) == [([0, 1, 4, 8], [1, 2, 0, 0, 0, 0, 0, 0, 3])] * 2


def test_a_whole_table_fills_any_array_and_wrong_rows_are_told() -> None:
    def work(rank: int) -> Any:
        kv = mx.kv.create("dist_sync")
        kv.init(["w", "d"], [rows([2], 4.0), mx.nd.ones(SHAPE)])
        sparse, dense, of_dense = rows([5]), mx.nd.zeros(SHAPE), rows([5])
        kv._pull([("w", [sparse, dense]), ("d", [of_dense])], 0)
        with pytest.raises(InvalidValue, match="row_sparse_pull: key 'd' is dense"):
            pulled(kv, "d", [1])
        with pytest.raises(InvalidValue, match="key 'w' has rows 0 to 8, row_ids go from 1 to 9"):
            pulled(kv, "w", [1, 9])
        return [array.asnumpy()[1:4, 0].tolist() for array in (sparse, dense, of_dense)]

    with cluster(workers=1, servers=1, **BOUND) as c:
        assert c.run(work) == [[[0, 4, 0], [0, 4, 0], [1, 1, 1]]]
