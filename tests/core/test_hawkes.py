"""Likelihoods of events: gradients of both orders, a process that is not excited, and what is refused."""

import numpy as np
import pytest

from mxl.core import nd
from mxl.core.errors import Mismatch, NotAnArray, OutOfBounds
from mxl.testing.gradient import check_gradient

RNG = np.random.default_rng(1)
MARKS, COUNTS, ENDS = nd.array([[0, 1, 0], [1, 1, 0]]), nd.array([3, 2]), nd.array([4, 3])
LAGS, STATE = nd.array(RNG.uniform(0.1, 1, (2, 3))), nd.array(RNG.uniform(0, 1, (2, 2)))
PARAMETERS = RNG.uniform(0.5, 2, (2, 2)), RNG.uniform(0.1, 0.9, 2), RNG.uniform(0.5, 2, 2)


def likelihood(lda, alpha, beta):
    return nd.contrib.hawkesll(lda, alpha, beta, STATE.astype("float64"), LAGS, MARKS, COUNTS, ENDS)[0]


def test_gradients():
    check_gradient(likelihood, *PARAMETERS)
    check_gradient(likelihood, *PARAMETERS, order=2, rtol=1e-4, atol=1e-6)


def test_without_excitement_events_come_at_a_steady_rate():
    lda = nd.array([[2.0, 3.0], [0.5, 1.0]])
    ll, state = nd.contrib.hawkesll(lda, nd.zeros(2), nd.ones(2), nd.zeros((2, 2)), LAGS, MARKS, COUNTS, ENDS)
    expected = [2 * np.log(2) + np.log(3) - 5 * 4, 2 * np.log(1) - 1.5 * 3]
    np.testing.assert_allclose(ll.asnumpy(), expected, rtol=1e-5)
    assert (state.asnumpy() >= 0).all()


def call(**changed):
    arrays = {"lda": nd.ones((2, 2)), "alpha": nd.ones(2), "beta": nd.ones(2), "state": STATE, "lags": LAGS,
              "marks": MARKS, "valid_length": COUNTS, "max_time": ENDS}  # fmt: skip
    return nd.contrib.hawkesll(**{**arrays, **changed})


@pytest.mark.parametrize("changed, kind, message", [
    ({"alpha": 1.0}, NotAnArray, "alpha must be an NDArray, not float"),
    ({"beta": nd.ones(3)}, Mismatch, r"beta is \[3\]: with lda \[2, 2\] and lags \[2, 3\] it must be \[K\], \[2\]"),
    ({"marks": MARKS + 1}, OutOfBounds, "marks has 1 .. 2, there are 2 kinds"),
])  # fmt: skip
def test_what_is_refused(changed, kind, message):
    with pytest.raises(kind, match=message):
        call(**changed)
