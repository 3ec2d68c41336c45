"""testing/sparse_samples.py and agreement.py: what MXNet's records do not show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mxl as mx
from mxl.testing.test_utils import (
    compare_optimizer,
    create_sparse_array,
    create_sparse_array_zd,
    rand_ndarray,
    rand_sparse_ndarray,
)


def test_a_csr_array_is_about_as_full_as_wished() -> None:
    np.random.seed(1)
    matrix, (indptr, indices, data) = rand_sparse_ndarray((50, 40), "csr", density=0.3)
    assert 0.25 < (matrix.asnumpy() != 0).mean() < 0.35
    assert (indptr.asnumpy()[-1], indices.shape) == (len(data), data.shape)


def test_columns_in_any_order_are_the_same_places() -> None:
    np.random.seed(1)
    matrix = create_sparse_array((20, 30), "csr", data_init=2.0, density=0.5, shuffle_csr_indices=True)
    columns = matrix.indices.asnumpy()
    starts = matrix.indptr.asnumpy()[1:-1]
    assert (np.delete(np.diff(columns), starts - 1) < 0).any()
    assert set(matrix.asnumpy().reshape(-1).tolist()) == {0.0, 2.0}


def test_without_density_there_are_the_rows_asked_for() -> None:
    assert create_sparse_array_zd((6, 2), "row_sparse", 0.5, rsp_indices=[4, 1]).indices.asnumpy().tolist() == [1, 4]
    assert create_sparse_array_zd((6, 2), "csr", 0.0).data.shape == (0,)


@pytest.mark.parametrize("cause, kind, sentence", [
    (lambda: rand_ndarray((2, 3), "coo"), AssertionError, "'coo' of .* it makes 'row_sparse', and 'csr' of two axes"),
    (lambda: rand_ndarray((2, 3, 4), "csr"), AssertionError, "'csr' of two axes"),
    (lambda: rand_ndarray((2, 3), "csr", density=2), ValueError, "density is 2: it is a share, between 0 and 1"),
    (lambda: rand_ndarray((2, 0), "csr", density=1), ValueError, "2 rows and 0 columns: each must be 1 or more"),
    (lambda: rand_ndarray((4, 4), "csr", density=0.1, distribution="powerlaw"), ValueError, "powerlaw: .* too little"),
    (lambda: rand_sparse_ndarray((2, 3), "row_sparse", rsp_indices=[0, 1, 2]), AssertionError, "3 rows for an array"),
    (lambda: compare_optimizer(mx.optimizer.SGD(), mx.optimizer.SGD(), [(2,)], "float32", ntensors=2), ValueError,
     "1 shapes came for ntensors=2"),
])  # fmt: skip
def test_errors(cause: Any, kind: Any, sentence: str) -> None:
    with pytest.raises(kind, match=sentence):
        cause()


@pytest.mark.parametrize("name", ["sgd", "adam", "adagrad", "ftrl", "nag", "lars", "lbsgd"])
def test_rows_are_stepped_as_the_dense_array(name: str) -> None:
    """With a gradient of all rows there is nothing to be lazy about."""
    shape = (4, 3)
    dense = mx.nd.random.uniform(shape=shape)
    weights = [mx.nd.ones(shape), mx.nd.ones(shape).tostype("row_sparse")]
    for weight, grad in zip(weights, (dense, dense.tostype("row_sparse")), strict=True):
        optimizer = mx.optimizer.create(name, learning_rate=0.1, wd=0.1)
        state = optimizer.create_state(0, weight)
        for _ in range(2):
            optimizer.update(0, weight, grad, state)
    np.testing.assert_allclose(weights[0].asnumpy(), weights[1].asnumpy(), rtol=1e-6)
