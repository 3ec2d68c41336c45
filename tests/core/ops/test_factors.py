"""Factors and inverses of matrices: they give the matrix back, gradients are right, and what cannot be is told."""

import numpy as np
import pytest

from mxl.core import autograd, nd
from mxl.core.errors import MXLError, ShapeError
from mxl.core.op import TABLE
from mxl.testing.gradient import check_gradient

RANDOM = np.random.default_rng(4).uniform(-1, 1, (2, 3, 3))
DEFINITE = RANDOM @ RANDOM.swapaxes(-1, -2) + np.eye(3)
REGULAR = RANDOM + 2 * np.eye(3)


def of_symmetric(name, **params):
    """The operator on (x + x.T) / 2, since it reads one triangle only."""
    return lambda x: TABLE[name]((x + nd.swapaxes(x, 1, 2)) / 2, **params)


GRADIENTS = [
    (of_symmetric("linalg_potrf"), [DEFINITE]),
    (of_symmetric("linalg_potrf", lower=False), [DEFINITE]),
    (TABLE["linalg_potri"], [REGULAR]),
    (lambda x: nd.linalg_potri(x, lower=False), [REGULAR]),
    (TABLE["linalg_sumlogdiag"], [DEFINITE]),
    (TABLE["linalg_gelqf"], [RANDOM[:, :2]]),
    (of_symmetric("_linalg_syevd"), [DEFINITE + np.diag([0.0, 2.0, 5.0])]),
    (TABLE["linalg_inverse"], [REGULAR]),
    (TABLE["_inverse_or_zero"], [REGULAR]),
    (TABLE["linalg_det"], [REGULAR]),
    (lambda x: TABLE["linalg_slogdet"](x)[1], [REGULAR]),
]


@pytest.mark.parametrize("fn, arguments", GRADIENTS)
def test_gradients(fn, arguments):
    check_gradient(fn, *arguments)
    check_gradient(fn, *arguments, order=2, rtol=1e-4, atol=1e-6)


def test_factors_give_the_matrix_back():
    a = nd.array(DEFINITE, dtype="float64")
    lower = nd.linalg.potrf(a)
    q, triangle = nd.linalg.gelqf(a)
    u, values = nd.linalg.syevd(a)
    eye = nd.linalg.makediag(nd.ones((2, 3), dtype="float64"))
    for ours, wanted in (
        (nd.linalg.syrk(lower), a), (nd.linalg.gemm2(triangle, q), a), (nd.linalg.syrk(q), eye),
        (nd.linalg.gemm2(nd.linalg.makediag(values), u), nd.linalg.gemm2(u, a)),
        (nd.linalg.gemm2(nd.linalg.potri(lower), a), eye), (nd.linalg.gemm2(nd.linalg.inverse(a), a), eye),
    ):  # fmt: skip
        np.testing.assert_allclose(ours.asnumpy(), wanted.asnumpy(), atol=1e-12)


def test_a_singular_matrix_of_a_batch_has_no_gradient_of_det():
    x = nd.array([[[1.0, 2.0], [2.0, 4.0]], [[1.0, 2.0], [3.0, 4.0]]])
    x.attach_grad()
    with autograd.record():
        y = nd.linalg.det(x)
    y.backward()
    np.testing.assert_allclose(x.grad.asnumpy(), [[[0, 0], [0, 0]], [[4, -3], [-2, 1]]], rtol=1e-5)


ERRORS = [
    (lambda: nd.linalg.potrf(nd.array([[1.0, 2.0], [2.0, 1.0]])), MXLError, r"A \[2, 2\] is not positive definite"),
    (lambda: nd.linalg.potri(nd.zeros((2, 2))), MXLError, "has a zero on its diagonal: it is no Cholesky factor"),
    (lambda: nd.linalg.inverse(nd.zeros((2, 2))), MXLError, r"linalg_inverse: A \[2, 2\] is singular"),
    (lambda: nd.linalg.gelqf(nd.ones((3, 2))), ShapeError, "it takes at most as many rows as columns"),
    (lambda: nd.linalg.det(nd.ones((3, 2))), ShapeError, r"linalg_det: A is \[3, 2\]: its matrices must be square"),
]


@pytest.mark.parametrize("cause, kind, message", ERRORS)
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()
