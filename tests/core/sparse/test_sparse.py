"""Sparse arrays: what records of MXNet cannot show, and what is refused.  Records: oracle/cases/sparse_arrays.py."""

from __future__ import annotations

import copy
import sys

import numpy as np
import pytest
import scipy.sparse

import mxl as mx
from mxl import nd
from mxl.core.rowsum import RowSum, add


def rsp(rows=((1, 2), (3, 4)), ids=(0, 2), shape=(4, 2)):
    return nd.sparse.row_sparse_array((list(rows), list(ids)), shape=shape)


def csr():
    return nd.sparse.csr_matrix(([1, 2, 3], [0, 2, 1], [0, 2, 2, 3]), shape=(3, 4))


def random_csr(rows, columns, seed):
    rng = np.random.default_rng(seed)
    dense = (rng.random((rows, columns)) * (rng.random((rows, columns)) < 0.2)).astype("float32")
    return dense, nd.array(dense).tostype("csr")


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("block", [1 << 20, 7])
def test_dot_is_that_of_the_dense_matrix(seed, block, monkeypatch):
    monkeypatch.setattr("mxl.core.sparse.parts.BLOCK", block)
    dense, sparse = random_csr(17, 11, seed)
    right, below = np.random.default_rng(seed).random((2, 17, 3)).astype("float32")
    np.testing.assert_allclose(nd.dot(sparse, nd.array(right[:11])).asnumpy(), dense @ right[:11], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        nd.dot(sparse, nd.array(below), transpose_a=True).asnumpy(), dense.T @ below, rtol=1e-5, atol=1e-6
    )


def test_the_gradient_of_a_transposed_dot():
    dense, sparse = random_csr(5, 4, 3)
    w = nd.array(np.random.default_rng(1).random((5, 2)))
    w.attach_grad()
    with mx.autograd.record():
        loss = (nd.dot(sparse, w, transpose_a=True, forward_stype="default") ** 2).sum()
    loss.backward()
    np.testing.assert_allclose(w.grad.asnumpy(), 2 * dense @ (dense.T @ w.asnumpy()), rtol=1e-5)


def test_gradients_of_two_lookups_add_up_without_a_dense_table():
    w = nd.arange(12).reshape((6, 2))
    w.attach_grad("add", stype="row_sparse")
    for _ in range(2):
        with mx.autograd.record():
            a = nd.Embedding(nd.array([1, 1]), w, input_dim=6, output_dim=2, sparse_grad=True)
            b = nd.Embedding(nd.array([4, 1]), w, input_dim=6, output_dim=2, sparse_grad=True)
            loss = a.sum() + 2 * b.sum()
        loss.backward()
    assert w.grad.indices.asnumpy().tolist() == [1, 4]
    assert w.grad.data.asnumpy().tolist() == [[8, 8], [4, 4]]
    w.grad[:] = 0
    assert w.grad.indices.shape == (0,)


def test_a_gradient_that_meets_a_dense_one_is_dense():
    w = nd.arange(12).reshape((6, 2))
    w.attach_grad()
    with mx.autograd.record():
        loss = nd.Embedding(nd.array([1]), w, input_dim=6, output_dim=2, sparse_grad=True).sum() + w.sum()
    loss.backward()
    assert w.grad.asnumpy()[:, 0].tolist() == [1, 2, 1, 1, 1, 1]
    (g,) = mx.autograd.grad(_lookup(w), [w])
    assert g.asnumpy()[:, 0].tolist() == [0, 1, 0, 0, 0, 0]


def _lookup(w):
    with mx.autograd.record():
        return nd.Embedding(nd.array([1]), w, input_dim=6, output_dim=2, sparse_grad=True).sum()


def test_sums_of_rows():
    a, b = RowSum(np.array([1, 3]), np.ones((2, 2)), (5, 2)), RowSum(np.array([0, 3]), np.ones((2, 2)), (5, 2))
    total = add(a, b)
    assert total.ids.tolist() == [0, 1, 3]
    assert total.dense()[:, 0].tolist() == [1, 1, 0, 2, 0]
    assert add(a, np.ones((5, 2)))[:, 0].tolist() == [1, 2, 1, 2, 1]
    assert RowSum.of(np.array([2, 0, 2]), np.ones((3, 1)), (3, 1)).rows.tolist() == [[1], [2]]
    assert RowSum.of(np.array([], int), np.ones((0, 1)), (3, 1)).rows.shape == (0, 1)


@pytest.mark.parametrize("make", [rsp, csr])
def test_a_copy_is_whole_and_its_own(make):
    x = make()
    twin = copy.deepcopy(x)
    assert type(twin) is type(x)
    assert (twin.asnumpy() == x.asnumpy()).all()
    twin *= 2
    assert (twin.asnumpy() == 2 * x.asnumpy()).all()
    assert (x.asnumpy() == make().asnumpy()).all()


def test_coordinates_and_scipy():
    x = nd.sparse.csr_matrix(([1, 2], ([0, 1], [1, 0])), shape=(2, 2))
    assert x.asnumpy().tolist() == [[0, 1], [2, 0]]
    assert (x.asscipy().toarray() == x.asnumpy()).all()
    assert (nd.sparse.array(scipy.sparse.csr_matrix(np.eye(3))).asnumpy() == np.eye(3)).all()


def test_without_scipy_asscipy_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    with pytest.raises(ImportError, match="pip install scipy"):
        csr().asscipy()


def test_dense_operators_take_sparse_arrays():
    x = rsp()
    assert nd.exp(x).stype == "default"
    assert nd.broadcast_add(x, nd.ones((1, 2))).asnumpy().tolist() == [[2, 3], [1, 1], [4, 5], [1, 1]]
    assert (x > 1).asnumpy().tolist() == [[0, 1], [0, 0], [1, 1], [0, 0]]
    assert nd.transpose(csr()).shape == (4, 3)


def test_the_gradient_flows_through_a_dense_form():
    x = rsp()
    x.attach_grad()
    assert x.grad.stype == "row_sparse"
    with mx.autograd.record():
        loss = (nd.sigmoid(x) * 2).sum()
    loss.backward()
    s = 1 / (1 + np.exp(-x.asnumpy()))
    np.testing.assert_allclose(x.grad.asnumpy(), 2 * s * (1 - s), rtol=1e-5)


@pytest.mark.parametrize("call, kind, text", [
    (lambda: nd.sparse.row_sparse_array(([[1, 2]], [0, 1]), shape=(4, 2)), ValueError, "for 2 rows of"),
    (lambda: nd.sparse.row_sparse_array((1, 2, [3])), TypeError, "expected .data, indices., got a tuple of 3"),
    (lambda: nd.sparse.csr_matrix(([1], [0], [0, 1]), shape=(2, 2)), ValueError, "1 columns and 2 bounds for"),
    (lambda: nd.sparse.csr_matrix((1, "x")), TypeError, "expected .data, indices, indptr. or .data, .row, col.."),
    (lambda: nd.sparse.array([1]), TypeError, "expected a sparse array, got list"),
    (lambda: nd.sparse.zeros("csr", (2,)), ValueError, "csr: it takes a matrix"),
    (lambda: nd.ones((2, 2, 2)).tostype("csr"), ValueError, "csr: it takes a matrix"),
    (lambda: nd.sparse.zeros("foo", (2,)), ValueError, "storage 'foo' is not known"),
    (lambda: rsp().tostype("csr"), ValueError, "row_sparse cannot become 'csr'"),
    (lambda: rsp().reshape((2, 4)), RuntimeError, "a sparse array keeps its shape"),
    (lambda: rsp()[0], ValueError, "a RowSparseNDArray is read as a whole"),
    (lambda: csr()[0, 1], ValueError, "indexed by a row or a slice of rows"),
    (lambda: csr()[7], ValueError, "row 7 is outside of"),
    (lambda: csr()[::2], ValueError, "no step but 1"),
    (lambda: csr().size, NotImplementedError, "use shape for all elements"),
    (lambda: rsp() + rsp(shape=(5, 2)), ValueError, "sparse arrays are not broadcast"),
    (lambda: rsp().copyto(nd.sparse.zeros("csr", (4, 2))), TypeError, "row_sparse is not copied into csr"),
    (lambda: rsp().asscalar(), NotImplementedError, "asscalar of a sparse array"),
    (lambda: nd.dot(rsp(), rsp().T, forward_stype="odd"), TypeError, "forward_stype 'odd' is not known; known: 'def"),
    (lambda: rsp().copyto(nd.ones((2, 2))), ValueError, "the target is"),
    (lambda: rsp().copyto(3), TypeError, "expected an NDArray or a context"),
    (lambda: nd.dot(csr(), nd.ones((3, 2))), ValueError, "the inner sizes must be equal"),
    (lambda: nd.dot(csr(), nd.ones((4, 2), dtype="float64")), TypeError, "dot: lhs is float32, rhs is float64"),
    (lambda: rsp(ids=(0, 0)).check_format(), RuntimeError, "indices must rise"),
    (lambda: nd.sparse.retain(csr(), nd.array([0])), TypeError, "expected a RowSparseNDArray"),
    (lambda: nd.sparse.nonsense, AttributeError, "mx.nd.sparse has no function or operator 'nonsense'"),
    (lambda: nd.clip(rsp(), 0, 1, out=nd.ones((9, 9))), ValueError, "the target is"),
])
def test_what_is_refused(call, kind, text):
    with pytest.raises(kind, match=text):
        call()


def test_a_quick_check_passes_over_the_order_of_rows():
    x = rsp(ids=(0, 0))
    x.check_format(full_check=False)
    x._ids = x._ids[:1]
    with pytest.raises(mx.MXLError, match="1 indices for 2 rows"):
        x.check_format(full_check=False)


def test_no_gradient_of_the_gradient_of_a_sparse_dot():
    w = nd.ones((4, 2))
    w.attach_grad()
    with mx.autograd.record():
        y = nd.dot(csr(), w)
        with pytest.raises(mx.MXLError, match="dot with a csr matrix cannot be differentiated"):
            mx.autograd.grad(y, w, create_graph=True)


def test_dir_lists_what_has_a_sparse_form() -> None:
    assert {"dot", "retain", "sqrt", "Embedding", "adagrad_update", "csr_matrix"} <= {*dir(mx.nd.sparse)}
    assert not [name for name in dir(mx.nd.sparse) if name.startswith("_")]
