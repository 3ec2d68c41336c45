"""Embedding and dot of row_sparse tables: what the dense table gives, from the stored rows alone."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

import mxl as mx
from mxl.core.errors import GraphError, MXLError, ShapeError

NUMBERS = [[2, 0], [3, 3]]


def table(rows: int = 4) -> Any:
    return mx.nd.sparse.row_sparse_array(([[1, 2], [3, 4], [5, 6]], [0, 2, 3]), shape=(rows, 2))


def looked_up(weight: Any, **kwargs: Any) -> Any:
    return mx.nd.Embedding(mx.nd.array(NUMBERS), weight, input_dim=weight.shape[0], output_dim=2, **kwargs)


@pytest.mark.parametrize("sparse_grad", [True, False])
@pytest.mark.parametrize("stype", ["row_sparse", "default"])
def test_gradients_are_those_of_the_dense_table(sparse_grad: bool, stype: str) -> None:
    gradients = []
    for weight in (table(), table().tostype("default")):
        weight.attach_grad(stype=stype)
        with mx.autograd.record():
            loss = (looked_up(weight, sparse_grad=sparse_grad) ** 2).sum() + (looked_up(weight) * 3).sum()
        loss.backward()
        gradients.append(weight.grad.asnumpy())
    np.testing.assert_array_equal(*gradients)


def test_a_large_table_costs_what_its_rows_cost() -> None:
    weight = table(50_000_000)
    x = mx.nd.sparse.csr_matrix(([1.0, 2.0], [3, 49_999_999], [0, 1, 2]), shape=(2, 50_000_000))
    weight.attach_grad(stype="row_sparse")
    tracemalloc.start()
    try:
        with mx.autograd.record():
            loss = looked_up(weight, sparse_grad=True).sum() + mx.nd.dot(x, weight).sum()
        loss.backward()
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
    assert loss.asscalar() == 3 + 7 + 11 + 11 + 11
    assert weight.grad.indices.asnumpy().tolist() == [0, 2, 3, 49_999_999]


def test_what_is_refused() -> None:
    weight = table()
    with pytest.raises(MXLError, match=r"row numbers go from 1\.0 to 4\.0, and the row_sparse table has rows 0 to 3"):
        mx.nd.Embedding(mx.nd.array([1, 4]), weight, input_dim=4, output_dim=2)
    with pytest.raises(ShapeError, match=r"weight is \[4, 2\]; input_dim 5 and output_dim 2 need \[5, 2\]"):
        mx.nd.Embedding(mx.nd.array([1]), weight, input_dim=5, output_dim=2)
    weight.attach_grad(stype="row_sparse")
    with mx.autograd.record():
        loss = looked_up(weight).sum()
    with pytest.raises(GraphError, match="gradient of Embedding with a row_sparse table cannot be differentiated"):
        mx.autograd.grad(loss, [weight], create_graph=True)
