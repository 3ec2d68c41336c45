"""Densities: gradients of both orders, totals of 1, and what is refused; values are replayed from records."""

import numpy as np
import pytest

from mxl.core import nd
from mxl.core.errors import DtypeError, ShapeError
from mxl.core.op import TABLE
from mxl.testing.gradient import check_gradient

COUNTS = np.array([[0, 1, 4], [2, 3, 0]])
SHARES = np.array([[[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]], [[0.3, 0.3, 0.4], [0.6, 0.2, 0.2]]])
RNG = np.random.default_rng(2)
A, B, HALF = RNG.uniform(0.5, 2, 2), RNG.uniform(0.5, 2, 2), RNG.uniform(0.2, 0.8, 2)
X = RNG.uniform(0.3, 2, (2, 3))
GRADIENTS = [
    ("random_pdf_uniform", [X, A, B + 3], (0,)),
    ("random_pdf_normal", [X, A, B], ()),
    ("random_pdf_exponential", [X, A], ()),
    ("random_pdf_gamma", [X, A, B], ()),
    ("random_pdf_poisson", [COUNTS, A], (0,)),
    ("random_pdf_negative_binomial", [COUNTS, A, HALF], (0,)),
    ("random_pdf_generalized_negative_binomial", [COUNTS, A, HALF], (0,)),
    ("random_pdf_dirichlet", [SHARES, RNG.uniform(0.5, 2, (2, 3))], ()),
]


@pytest.mark.parametrize("is_log", [False, True])
@pytest.mark.parametrize("name, arguments, constants", GRADIENTS)
def test_gradients(name, arguments, constants, is_log):
    check_gradient(TABLE[name], *arguments, constants=constants, is_log=is_log)
    check_gradient(
        TABLE[name], *arguments, constants=constants, is_log=is_log, order=2, rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize("name, parameters", [
    ("poisson", (2.5,)), ("negative_binomial", (1.5, 0.4)), ("generalized_negative_binomial", (2.0, 0.5)),
])
def test_probabilities_of_all_counts_are_1_together(name, parameters):
    counts = nd.arange(200).reshape((1, -1))
    shares = getattr(nd, f"random_pdf_{name}")(counts, *(nd.array([p]) for p in parameters))
    assert abs(shares.sum().asscalar() - 1) < 1e-4


@pytest.mark.parametrize("cause, kind, message", [
    (lambda: nd.random_pdf_normal(nd.ones((2, 3)), nd.ones(3), nd.ones(3)), ShapeError, "parameters have one shape"),
    (lambda: nd.random_pdf_poisson(nd.ones(2, dtype="int32"), nd.ones(2)), DtypeError, "sample is int32, lam float32"),
    (lambda: nd.random_pdf_dirichlet(nd.ones((2, 3)), nd.ones((2, 2))), ShapeError, r"must be \[S, ..., K\] and \[S,"),
    (lambda: nd.random_pdf_dirichlet(nd.ones(2), nd.ones(2, dtype="float64")), DtypeError, "alpha float64: both take"),
])  # fmt: skip
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()
