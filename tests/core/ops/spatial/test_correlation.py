"""Correlation and position-sensitive pooling: gradients of both orders, a case by hand, and what is refused."""

import numpy as np
import pytest

from mxl.core import nd
from mxl.core.errors import ArgumentError, DtypeError, ShapeError
from mxl.core.op import TABLE
from mxl.testing.gradient import check_gradient

ROIS = np.array([[0, 0, 0, 4, 4], [0, 1, 1, 3, 3], [1, 3, 4, 9, 9], [0, -3, -3, -2, -2], [1, 0.5, 1.5, 2.5, 5]])
WIDE = {"kernel_size": 3, "max_displacement": 2, "stride1": 2, "stride2": 2, "pad_size": 2}
BINS = {"spatial_scale": 1.0, "output_dim": 2, "pooled_size": 3, "group_size": 2}
MAPS = [(2, 2, 4, 5), (2, 2, 4, 5)]
HEADS = [(2, 9, 1, 2), (2, 2, 4, 5)]
GRADIENTS = [
    ("Correlation", MAPS, {}),
    ("Correlation", MAPS, WIDE),
    ("Correlation", MAPS, {**WIDE, "is_multiply": False}),
    ("_correlation_left", HEADS, WIDE),
    ("_correlation_right", HEADS, WIDE),
    ("_distance_back", [HEADS[0], *MAPS], {**WIDE, "to": 1}),
    ("_distance_back", [HEADS[0], *MAPS], {**WIDE, "to": 2}),
    ("_distance_along", [*MAPS, MAPS[0]], {**WIDE, "to": 1}),
    ("_distance_along", [*MAPS, MAPS[0]], {**WIDE, "to": 2}),
    ("_contrib_PSROIPooling", [(2, 8, 6, 7), ROIS], {**BINS, "constants": (1,)}),
    ("_psroi_pooling_back", [(5, 2, 3, 3), ROIS], {**BINS, "shape": (2, 8, 6, 7), "constants": (1,)}),
]


@pytest.mark.parametrize("name, arguments, options", GRADIENTS)
def test_gradients(name, arguments, options):
    if name in ("_distance_back", "_distance_along"):
        options = {**options, "constants": (1, 2)}
    check_gradient(TABLE[name], *arguments, **options)
    check_gradient(TABLE[name], *arguments, order=2, rtol=1e-4, atol=1e-6, **options)


def test_each_displacement_by_hand():
    a, b = nd.random.uniform(shape=(1, 3, 5, 6)), nd.random.uniform(shape=(1, 3, 5, 6))
    out = nd.Correlation(a, b, max_displacement=1).asnumpy()
    x, y = a.asnumpy()[0], b.asnumpy()[0]
    for q in range(9):
        down, along = q // 3 - 1, q % 3 - 1
        moved = y[:, 1 + down : 4 + down, 1 + along : 5 + along]
        np.testing.assert_allclose(out[0, q], (x[:, 1:4, 1:5] * moved).mean(axis=0), rtol=1e-5)


def test_each_bin_has_channels_of_its_own():
    """Channels that hold their number: a bin of the result shows which channel it was read from."""
    x = nd.array(np.arange(8).reshape(1, 8, 1, 1) * np.ones((1, 8, 4, 4)))
    out = nd.contrib.PSROIPooling(x, nd.array([[0, 0, 0, 3, 3]]), spatial_scale=1, output_dim=2, pooled_size=2)
    assert out.asnumpy().reshape(2, 4).tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]


X, R = nd.ones((1, 4, 5, 5)), nd.array([[0, 0, 0, 2, 2]])
ERRORS = [
    (lambda: nd.Correlation(X, X[:, :2]), ShapeError, r"data2 \[1, 2, 5, 5\]: both take one \[N, C, H, W\]"),
    (lambda: nd.Correlation(X, X.astype("float64")), DtypeError, "data2 float64: both take one"),
    (lambda: nd.Correlation(X, X, kernel_size=2), ArgumentError, "kernel_size is 2: it must be odd"),
    (lambda: nd.Correlation(X, X, stride1=0), ArgumentError, "stride1 0, stride2 1 must be 1 or more"),
    (lambda: nd.Correlation(X, X, max_displacement=3), ShapeError, "has no room for a border of 3"),
    (lambda: nd.contrib.PSROIPooling(X, R, 1.0, 2, 2), ShapeError, "need 8 channels, data .* has 4"),
]


@pytest.mark.parametrize("cause, kind, message", ERRORS)
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()
