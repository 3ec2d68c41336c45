"""Deconvolution, UpSampling and LRN: gradients of both orders, Convolution undone, and what is said of bad shapes."""

import pytest

from mxl.core import nd
from mxl.core.errors import ArgumentError, ShapeError
from mxl.testing.gradient import check_gradient


def dec(**params):
    return lambda *arrays: nd.Deconvolution(*arrays, no_bias=len(arrays) == 2, **params)


def up(**params):
    return lambda *arrays: nd.UpSampling(*arrays, **params)


GRADIENTS = {
    "plain": (dec(kernel=(3, 2), num_filter=3), [(2, 2, 3, 4), (2, 3, 3, 2), (3,)]),
    "stride": (
        dec(kernel=(3, 2), num_filter=2, stride=(2, 3), pad=(1, 0), adj=(1, 2)), [(1, 2, 3, 2), (2, 2, 3, 2), (2,)]
    ),
    "groups": (dec(kernel=(2, 2), num_filter=4, num_group=2, dilate=(2, 1)), [(2, 2, 3, 3), (2, 2, 2, 2)]),
    "target": (dec(kernel=(3,), num_filter=1, stride=(2,), target_shape=(6,)), [(2, 2, 3), (2, 1, 3)]),
    "3d": (dec(kernel=(2, 2, 2), num_filter=1), [(1, 2, 2, 2, 2), (2, 1, 2, 2, 2)]),
    "nearest": (up(scale=2, sample_type="nearest"), [(1, 2, 2, 3), (1, 1, 4, 6)]),
    "sum": (up(scale=2, sample_type="nearest", multi_input_mode="sum"), [(1, 1, 2, 3)]),
    "bilinear": (up(scale=2, sample_type="bilinear", num_filter=2), [(1, 2, 2, 3), (2, 1, 4, 4)]),
    "LRN": (lambda x: nd.LRN(x, alpha=0.5, beta=0.6, knorm=1.5, nsize=3), [(2, 5, 2, 2)]),
    "_channel_window": (lambda x: nd._channel_window(x, nsize=5), [(1, 3, 2, 2)]),
}  # fmt: skip


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients(name):
    fn, arguments = GRADIENTS[name]
    check_gradient(fn, *arguments)
    check_gradient(fn, *arguments, order=2, rtol=1e-4, atol=1e-6)


def test_target_shape_is_the_shape_that_comes():
    x, w = nd.ones((1, 1, 3, 4)), nd.ones((1, 1, 3, 2))
    for target in ((6, 7), (5, 8), (7, 8), (1, 1)):
        y = nd.Deconvolution(x, w, kernel=(3, 2), num_filter=1, stride=(2, 2), target_shape=target)
        assert y.shape[2:] == target


def test_it_is_convolution_s_transpose():
    x, y = nd.random.normal(shape=(1, 3, 5, 6)), nd.random.normal(shape=(1, 2, 3, 3))
    w = nd.random.normal(shape=(2, 3, 3, 2))
    params = {"kernel": (3, 2), "stride": (2, 2), "pad": (1, 0)}
    there = (nd.Convolution(x, w, num_filter=2, no_bias=True, **params) * y).sum()
    back = (nd.Deconvolution(y, w, num_filter=3, **params) * x).sum()
    assert abs((there - back).asscalar()) < 1e-4


X, W, Y = nd.ones((1, 2, 3, 3)), nd.ones((2, 1, 2, 2)), nd.ones((1, 2, 3))
ERRORS = [
    (lambda: dec(kernel=(2, 2), num_filter=1)(Y, W), ShapeError, r"data is \[1, 2, 3\], kernel has 2 axes"),
    (lambda: dec(kernel=(2, 2), num_filter=1, adj=1)(X, W), ArgumentError, r"adj is \[1\]: it takes one int for each"),
    (lambda: dec(kernel=(2, 2), num_filter=1, pad=(2, 2))(X, W), ShapeError, r"the output would be \[0, 0\]: pad"),
    (lambda: dec(kernel=(2, 2), num_filter=1, target_shape=(9, 9))(X, W), ShapeError, r"it takes at most \[4, 4\] her"),
    (lambda: dec(kernel=(2, 2), num_filter=3)(X, W), ShapeError, r"weight is \[2, 1, 2, 2\]; .* need \[2, 3, 2, 2\]"),
    (lambda: dec(kernel=(2, 2), num_filter=1, num_group=2)(X, W), ShapeError, "both must be multiples of num_group 2"),
    (lambda: dec(kernel=(2, 2), num_filter=1, layout="NHWC")(X, W), ArgumentError, "layout 'NHWC' is not available"),
    (lambda: up(scale=0, sample_type="nearest")(X), ArgumentError, "scale must be 1 or more, not 0"),
    (lambda: up(scale=2, sample_type="foo")(X), ArgumentError, "sample_type is 'foo', known: nearest, bilinear"),
    (lambda: up(scale=2, sample_type="nearest")(Y), ShapeError, r"UpSampling: .* it takes \[N, C, H, W\]"),
    (lambda: up(scale=2, sample_type="nearest")(X, nd.ones((1, 1, 5, 5))), ShapeError, "array 1 is .* cannot be enlar"),
    (lambda: up(scale=2, sample_type="bilinear")(X), ArgumentError, "bilinear takes data, a kernel and num_filter=2"),
    (lambda: nd.LRN(X, nsize=0), ArgumentError, "LRN: nsize must be 1 or more, not 0"),
    (lambda: nd.LRN(Y, nsize=3), ShapeError, r"LRN: data is \[1, 2, 3\]: it takes \[N, C, H, W\]"),
]


@pytest.mark.parametrize("cause, kind, message", ERRORS)
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()
