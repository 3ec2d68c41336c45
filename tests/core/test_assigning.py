"""slice_assign, slice_assign_scalar, and graphs kept in csr arrays: what is refused; values are replayed elsewhere."""

import numpy as np
import pytest

from mxl.core import nd
from mxl.core.errors import ArgumentError, NotAnArray, OutOfBounds, ShapeError

X, CSR = nd.zeros((3, 4)), nd.array([[0, 2], [1, 0]]).tostype("csr")


def test_a_part_is_written_and_the_array_given_back():
    x = nd.zeros((3, 4))
    assert x.slice_assign(nd.ones((2, 2)), (0, None), (3, None), (2, 3)) is x
    assert x.slice_assign_scalar(5, (1,), (2,), ()) is x
    assert x.asnumpy().tolist() == [[1, 0, 0, 1], [5] * 4, [1, 0, 0, 1]]
    assert x.writable


def test_an_empty_graph_has_no_edges():
    empty = nd.sparse.zeros("csr", (2, 2))
    assert nd.contrib.getnnz(empty).asscalar() == 0
    assert nd.contrib.edge_id(empty, nd.array([0, 1]), nd.array([1, 1])).asnumpy().tolist() == [-1, -1]


@pytest.mark.parametrize("cause, kind, message", [
    (lambda: X.slice_assign(1, (0,), (1,), ()), NotAnArray, "rhs must be an NDArray, not int; use slice_assign_scalar"),
    (lambda: X.slice_assign(nd.ones((1, 4)), (0,), (2,), ()), ShapeError, r"the part is \[2, 4\], rhs \[1, 4\]"),
    (lambda: X.slice_assign_scalar(1, (0, 0), (1,), ()), ArgumentError, "must have as many entries"),
    (lambda: nd.contrib.getnnz(X), NotAnArray, "getnnz: data must be a csr array, not default"),
    (lambda: nd.contrib.getnnz(CSR, axis=0), ArgumentError, "axis is 0; known: None"),
    (lambda: nd.contrib.edge_id(CSR, nd.ones(2), nd.ones(1)), ShapeError, r"both must be \[N\]"),
    (lambda: nd.contrib.edge_id(CSR, nd.array([2]), nd.ones(1)), OutOfBounds, r"u has rows 2 .. 2, data has 2"),
    (lambda: nd.op.zeros, AttributeError, "mx.nd.op has no operator 'zeros'"),
])  # fmt: skip
def test_what_is_refused(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()


def test_op_has_the_operators_of_nd():
    assert nd.op.Convolution is nd.Convolution
    assert {"relu", "broadcast_add", "sgd_update", "uniform"} <= set(dir(nd.op))
    assert not {"zeros", "contrib", "NDArray"} & set(dir(nd.op))
    assert np.array_equal(nd.ndarray.array([1, 2]).asnumpy(), [1, 2])
