"""Transforms and sketches: against numpy, gradients of both orders, and what is refused."""

import numpy as np
import pytest

from mxl.core import nd
from mxl.core.errors import ArgumentError, DtypeError, ShapeError
from mxl.core.op import TABLE
from mxl.testing.gradient import check_gradient

PLACES, SIGNS = np.array([[0, 2, 2, 1]]), np.array([[1, -1, 1, -1]])
GRADIENTS = [
    ("_contrib_fft", [(2, 5)], {}),
    ("_contrib_ifft", [(2, 3, 8)], {}),
    ("_contrib_count_sketch", [(2, 4), PLACES, SIGNS], {"out_dim": 3, "constants": (1, 2)}),
    ("_contrib_count_sketch", [(2, 3, 4), PLACES, SIGNS], {"out_dim": 5, "constants": (1, 2)}),
]


@pytest.mark.parametrize("name, arguments, options", GRADIENTS)
def test_gradients(name, arguments, options):
    check_gradient(TABLE[name], *arguments, **options)
    check_gradient(TABLE[name], *arguments, order=2, rtol=1e-4, atol=1e-6, **options)


def test_a_transform_and_back():
    x = nd.random.uniform(shape=(2, 3, 6))
    pairs = nd.contrib.fft(x)
    expected = np.fft.fft(x.asnumpy())
    np.testing.assert_allclose(pairs.asnumpy()[..., ::2], expected.real, atol=1e-5)
    np.testing.assert_allclose(pairs.asnumpy()[..., 1::2], expected.imag, atol=1e-5)
    np.testing.assert_allclose((nd.contrib.ifft(pairs) / 6).asnumpy(), x.asnumpy(), atol=1e-5)


def test_a_sketch_adds_what_falls_together():
    out = nd.contrib.count_sketch(nd.array([[1, 2, 4, 8]]), nd.array(PLACES), nd.array(SIGNS), out_dim=3)
    assert out.asnumpy().tolist() == [[1, -8, 2]]


C = nd.contrib
ERRORS = [
    (lambda: C.fft(nd.ones((2, 2), dtype="int32")), DtypeError, "fft: data is int32: it takes floating point"),
    (lambda: C.ifft(nd.ones((2, 3))), ShapeError, r"ifft: data is \[2, 3\]: its last axis holds pairs"),
    (lambda: C.count_sketch(nd.ones((2, 3)), nd.ones(2), nd.ones(3), out_dim=3), ShapeError, r"must be \[1, 3\]"),
    (lambda: C.count_sketch(nd.ones((2, 1)), nd.ones(1), nd.ones(1), out_dim=1), ArgumentError, "0 .. out_dim - 1"),
]


@pytest.mark.parametrize("cause, kind, message", ERRORS)
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()
