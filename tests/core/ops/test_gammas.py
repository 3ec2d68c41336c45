"""gamma, gammaln and erfinv against the standard library, and their gradients of both orders."""

import math

import numpy as np
import pytest

from mxl.core import nd
from mxl.core.op import TABLE
from mxl.testing.gradient import check_gradient

BETWEEN_POLES = np.array([-3.4, -1.7, -0.2, 0.3, 1.0, 2.5, 7.1])


@pytest.mark.parametrize("name", ["gamma", "gammaln"])
def test_values(name):
    x = np.concatenate([np.linspace(-6.43, 25, 400), [1e-5, 60.5, 170.2]])
    standard = {"gamma": math.gamma, "gammaln": math.lgamma}[name]
    wanted = [standard(v) for v in x]
    np.testing.assert_allclose(
        getattr(nd, name)(nd.array(x, dtype="float64")).asnumpy(), wanted, rtol=2e-13, atol=1e-13
    )


def test_poles_and_ends():
    x = nd.array([0.0, -0.0, -1.0, np.inf, np.nan], dtype="float64")
    np.testing.assert_array_equal(nd.gamma(x).asnumpy(), [np.inf, -np.inf, np.nan, np.inf, np.nan])
    np.testing.assert_array_equal(nd.gammaln(x).asnumpy(), [np.inf, np.inf, np.inf, np.inf, np.nan])
    np.testing.assert_allclose(nd.gammaln(nd.array([1e20], dtype="float64")).asnumpy(), [math.lgamma(1e20)])


def test_erfinv_undoes_erf():
    x = np.linspace(-4, 4, 81)
    p = nd.array([math.erf(v) for v in x], dtype="float64")
    np.testing.assert_allclose(nd.erfinv(p).asnumpy(), x, rtol=1e-7, atol=1e-14)


@pytest.mark.parametrize("name, options", [("gamma", {}), ("gammaln", {}), ("_polygamma", {"n": 1}),
                                           ("_polygamma", {"n": 2})])  # fmt: skip
def test_gradients(name, options):
    check_gradient(TABLE[name], BETWEEN_POLES, **options)
    check_gradient(TABLE[name], BETWEEN_POLES, order=2, rtol=1e-4, atol=1e-6, **options)


def test_gradients_of_erfinv():
    check_gradient(TABLE["erfinv"], (3, 4), low=-0.9, high=0.9)
    check_gradient(TABLE["erfinv"], (3, 4), low=-0.9, high=0.9, order=2, rtol=1e-4, atol=1e-6)
