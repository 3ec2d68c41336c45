"""Rearranging: gradients of both orders, what undoes what, and what is said of shapes that do not fit."""

import pytest

from mxl.core import nd
from mxl.core.errors import ArgumentError, ShapeError
from mxl.core.op import TABLE
from mxl.testing.gradient import check_gradient

GRADIENTS = [
    ("depth_to_space", [(2, 4, 2, 3)], {"block_size": 2}),
    ("space_to_depth", [(2, 1, 4, 6)], {"block_size": 2}),
    ("im2col", [(2, 2, 4, 3)], {"kernel": (2, 2), "pad": (1, 0), "stride": (2, 1)}),
    ("im2col", [(2, 2, 7)], {"kernel": (2,), "dilate": (3,)}),
    ("col2im", [(2, 8, 6)], {"kernel": (2, 2), "output_size": (4, 3)}),
    ("cumsum", [(2, 3)], {}),
    ("cumsum", [(2, 3, 2)], {"axis": -2}),
    ("khatri_rao", [(2, 3), (4, 3), (1, 3)], {}),
    ("khatri_rao", [(2, 3)], {}),
]


@pytest.mark.parametrize("name, arguments, options", GRADIENTS)
def test_gradients(name, arguments, options):
    check_gradient(TABLE[name], *arguments, **options)
    check_gradient(TABLE[name], *arguments, order=2, rtol=1e-4, atol=1e-6, **options)


def test_space_and_depth_undo_each_other():
    x = nd.random.uniform(shape=(2, 8, 3, 3))
    assert (nd.space_to_depth(nd.depth_to_space(x, 2), 2) == x).asnumpy().all()


def test_the_columns_of_a_kernel_are_a_convolution():
    x, w = nd.random.uniform(shape=(2, 3, 5, 6)), nd.random.uniform(shape=(4, 3, 2, 3))
    columns = nd.im2col(x, kernel=(2, 3), pad=(1, 1), stride=(2, 1))
    product = nd.batch_dot(nd.broadcast_axis(w.reshape((1, 4, -1)), axis=0, size=2), columns)
    wanted = nd.Convolution(x, w, kernel=(2, 3), pad=(1, 1), stride=(2, 1), num_filter=4, no_bias=True)
    assert abs(product - wanted.reshape((2, 4, -1))).max().asscalar() < 1e-5


X = nd.ones((1, 3, 2, 3))
ERRORS = [
    (lambda: nd.depth_to_space(X, 2), ShapeError, "its 3 channels are no multiple of 4"),
    (lambda: nd.depth_to_space(X, 0), ArgumentError, "block_size must be 1 or more, not 0"),
    (lambda: nd.space_to_depth(X, 2), ShapeError, "2 x 3 is not made of blocks of 2 x 2"),
    (lambda: nd.space_to_depth(X[0], 1), ShapeError, r"it takes \[N, C, H, W\]"),
    (lambda: nd.im2col(X, kernel=(2,)), ShapeError, r"im2col: the space is \[2, 3\], kernel has 1 axes"),
    (lambda: nd.im2col(X[0, 0], kernel=(2,)), ShapeError, "im2col: data is .* it takes .N, C. and the axes of kernel"),
    (lambda: nd.col2im(X[0], output_size=3, kernel=2), ShapeError, r"output_size \[3\] and kernel \[2\] take"),
    (lambda: nd.khatri_rao(), ArgumentError, "khatri_rao: no arrays came"),
    (lambda: nd.khatri_rao(X[0, 0], X[0]), ShapeError, "it takes matrices of one dtype with as many columns"),
    (lambda: nd.cumsum(X, axis=4), ShapeError, "cumsum: axis 4 does not exist"),
]


@pytest.mark.parametrize("cause, kind, message", ERRORS)
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()
