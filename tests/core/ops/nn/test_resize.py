"""Resizing: gradients of both orders, and what is said of what does not fit."""

import pytest

from mxl.core import nd
from mxl.core.errors import ArgumentError, ShapeError
from mxl.core.op import TABLE
from mxl.testing.gradient import check_gradient

GRADIENTS = [
    ("_contrib_AdaptiveAvgPooling2D", {"output_size": (2, 3)}),
    ("_contrib_BilinearResize2D", {"height": 5, "width": 2}),
    ("_contrib_BilinearResize2D", {"scale_height": 2, "scale_width": 0.5, "align_corners": False}),
    ("_contrib_BilinearResize2D", {"scale_height": 2, "scale_width": 0.5, "mode": "odd_scale"}),
    ("_contrib_BilinearResize2D", {"mode": "to_even_up"}),
]


@pytest.mark.parametrize("name, options", GRADIENTS)
def test_gradients(name, options):
    check_gradient(TABLE[name], (2, 2, 3, 4), **options)
    check_gradient(TABLE[name], (2, 2, 3, 4), order=2, rtol=1e-4, atol=1e-6, **options)


def test_gradients_with_a_model():
    check_gradient(lambda x, like: nd.contrib.BilinearResize2D(x, like, mode="like"), (1, 2, 3, 3), (1, 1, 4, 5))


X, RESIZE = nd.ones((1, 2, 3, 4)), nd.contrib.BilinearResize2D
ERRORS = [
    (lambda: nd.contrib.AdaptiveAvgPooling2D(X[0]), ShapeError, r"it takes floating-point \[N, C, H, W\]"),
    (lambda: nd.contrib.AdaptiveAvgPooling2D(X, (1, 2, 3)), ArgumentError, r"is \(1, 2, 3\): it takes one or two len"),
    (lambda: RESIZE(X, mode="like"), ShapeError, "mode 'like' needs a second array"),
    (lambda: RESIZE(X, mode="larger"), ArgumentError, r"mode is 'larger'; known: 'like' \(two arrays\), and of one"),
    (lambda: RESIZE(X, mode="odd_scale"), ArgumentError, "mode 'odd_scale' needs scale_height and scale_width"),
    (lambda: RESIZE(X, scale_width=2), ArgumentError, "scale_height and scale_width go together; one is missing"),
    (lambda: RESIZE(X, height=0), ArgumentError, "the result would be 0 x 1: both must be 1 or more"),
]


@pytest.mark.parametrize("cause, kind, message", ERRORS)
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()
