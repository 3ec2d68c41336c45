"""First versions of operators: gradients, what they share with their successors, and what is refused."""

import numpy as np
import pytest

from mxl.core import autograd, nd
from mxl.core.errors import ArgumentError, ShapeError
from mxl.core.op import TABLE
from mxl.testing.gradient import check_gradient

DISTINCT = np.random.default_rng(1).permutation(40).reshape(1, 2, 5, 4) / 20
GRADIENTS = [
    ("Convolution_v1", [(1, 2, 4, 5), (2, 2, 2, 3), (2,)], {"kernel": (2, 3), "num_filter": 2, "pad": (1, 0)}),
    ("Pooling_v1", [DISTINCT], {"kernel": (2, 2)}),
    ("Pooling_v1", [(1, 2, 5, 4)], {"kernel": (3, 2), "pool_type": "avg", "pad": (1, 1), "stride": (2, 2)}),
    ("Pooling_v1", [(1, 2, 5, 4)], {"global_pool": True, "pool_type": "avg"}),
    ("Pooling_v1", [(1, 2, 5, 4)], {"kernel": (3, 2), "pool_type": "sum"}),
    ("Crop", [(1, 2, 4, 5)], {"h_w": (2, 3), "offset": (1, 2)}),
    ("Crop", [(1, 2, 4, 5), (1, 1, 3, 3)], {"center_crop": True, "constants": (1,)}),
    ("_contrib_SparseEmbedding", [np.array([0, 2, 0]), (3, 2)],
     {"input_dim": 3, "output_dim": 2, "constants": (0,)}),
]  # fmt: skip


@pytest.mark.parametrize("name, arguments, options", GRADIENTS)
def test_gradients(name, arguments, options):
    check_gradient(TABLE[name], *arguments, **options)
    check_gradient(TABLE[name], *arguments, order=2, rtol=1e-4, atol=1e-6, **options)


def test_gradients_of_synced_statistics():
    def normal(x, gamma, beta):
        moving = nd.zeros(2, dtype="float64"), nd.ones(2, dtype="float64")
        return nd.contrib.SyncBatchNorm(x, gamma, beta, *moving, key="a", fix_gamma=False)

    check_gradient(normal, (4, 2, 3), (2,), (2,))
    check_gradient(normal, (4, 2, 3), (2,), (2,), order=2, rtol=1e-4, atol=1e-6)


def test_the_penalty_of_sparse_units():
    """Its first step by hand: means of 0.15, 0.45 and 0.8, with a fifth of them new."""
    x, moving = nd.array([[0.2, 0.5, 0.7], [0.1, 0.4, 0.9]]), nd.zeros(3)
    x.attach_grad()
    with autograd.record():
        y = nd.IdentityAttachKLSparseReg(x, moving, sparseness_target=0.2, penalty=0.1, momentum=0.8)
    y.backward()
    average = np.array([0.15, 0.45, 0.8]) / 5
    np.testing.assert_allclose(moving.asnumpy(), average, rtol=1e-5)
    expected = 1 + 0.1 * (0.8 / (1 - average) - 0.2 / average)
    np.testing.assert_allclose(x.grad.asnumpy(), [expected] * 2, rtol=1e-5)
    assert (y == x).asnumpy().all()


X = nd.ones((1, 2, 3, 4))
ERRORS = [
    (lambda: nd.Convolution_v1(X[0], X, kernel=(2,), num_filter=1), ShapeError, "it takes images, .*; use Convolution"),
    (lambda: nd.Pooling_v1(X, kernel=(2,)), ShapeError, r"Pooling_v1: data is \[1, 2, 3, 4\], kernel \(2,\)"),
    (lambda: nd.Pooling_v1(X, kernel=(2, 2), pool_type="lp"), ArgumentError, "is 'lp'; known: 'max', 'avg', 'sum'"),
    (lambda: nd.Crop(X), ShapeError, r"0 x 0 do not fit data \[1, 2, 3, 4\]: give h_w"),
    (lambda: nd.Crop(X, h_w=(2, 2), offset=(2, 0)), ShapeError, r"offset \(2, 0\) leaves no 2 x 2"),
    (lambda: nd.Crop(X, X, X), ShapeError, "it takes one or two arrays"),
    (lambda: nd.IdentityAttachKLSparseReg(X[0, 0], nd.ones(3)), ShapeError, r"they must be \[N, C\], \[C\]"),
    (lambda: nd.fill_element_0index(X[0, 0], nd.ones(2), nd.ones(3)), ShapeError, r"they must be \[N, C\], \[N\], \[N"),
    (lambda: nd.contrib.SyncBatchNorm(X, *[nd.ones(2)] * 4, key="a", ndev=2), ArgumentError, "ndev is 2"),
]  # fmt: skip


@pytest.mark.parametrize("cause, kind, message", ERRORS)
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()
