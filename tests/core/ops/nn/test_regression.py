"""Outputs with a gradient of their own: what is said of what does not fit.  Values are in the records."""

import pytest

from mxl.core import autograd, nd
from mxl.core.errors import ArgumentError, ShapeError

X = nd.ones((2, 3))


def test_what_comes_from_above_is_not_used():
    x = nd.array([[1.0, 2.0]])
    x.attach_grad()
    with autograd.record():
        y = nd.LinearRegressionOutput(x, nd.zeros((1, 2))) * 5
    y.backward()
    assert x.grad.asnumpy().tolist() == [[0.5, 1.0]]


ERRORS = [
    (lambda: nd.LinearRegressionOutput(X, nd.ones((2,))), ShapeError, r"data is \[2, 3\], label is \[2\]: they"),
    (lambda: nd.SVMOutput(X, nd.ones((3,))), ShapeError, r"SVMOutput: data is \[2, 3\], label is \[3\]: it takes"),
    (lambda: nd.MakeLoss(X, normalization="x"), ArgumentError, "normalization is 'x'; known: null, batch, valid"),
]  # fmt: skip


@pytest.mark.parametrize("cause, kind, message", ERRORS)
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()
