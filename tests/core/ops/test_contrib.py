"""Small operators of contrib: gradients of both orders, and what is said of what does not fit."""

import numpy as np
import pytest

from mxl.core import autograd, nd
from mxl.core.errors import ArgumentError, DtypeError, ShapeError
from mxl.core.op import TABLE
from mxl.testing.gradient import check_gradient

GRADIENTS = [
    ("_contrib_div_sqrt_dim", [(2, 3)], {}),
    ("_contrib_quadratic", [(2, 3)], {"a": 1.5, "b": -2.0, "c": 0.5}),
    ("amp_cast", [(2, 3)], {"dtype": "float64"}),
    ("amp_multicast", [(2, 3), (2,)], {"num_outputs": 2}),
    ("amp_multicast", [(2, 3)], {"num_outputs": 1}),
]


@pytest.mark.parametrize("name, arguments, options", GRADIENTS)
def test_gradients(name, arguments, options):
    check_gradient(TABLE[name], *arguments, **options)
    check_gradient(TABLE[name], *arguments, order=2, rtol=1e-4, atol=1e-6, **options)


def test_the_gradient_of_multi_sum_sq_is_twice_the_array():
    x, y = nd.array([1.0, 2.0]), nd.array([[3.0]], dtype="float64")
    for a in (x, y):
        a.attach_grad()
    with autograd.record():
        total = nd.multi_sum_sq(x, y, num_arrays=2)
    total.backward(nd.array([1.0, 10.0]))
    assert (x.grad.asnumpy().tolist(), y.grad.asnumpy().tolist()) == ([2.0, 4.0], [[60.0]])


@pytest.mark.parametrize("name, options", [
    ("_contrib_round_ste", {}), ("_contrib_sign_ste", {}), ("_contrib_gradientmultiplier", {"scalar": 1.0}),
])  # fmt: skip
def test_gradients_pass_straight_through(name, options):
    x = nd.array([0.4, -1.6])
    x.attach_grad()
    with autograd.record():
        y = TABLE[name](x, **options)
    y.backward(nd.array([2.0, 3.0]))
    assert x.grad.asnumpy().tolist() == [2.0, 3.0]


def test_multicast_takes_the_widest_or_the_narrowest():
    arrays = [nd.ones((2,)), nd.ones((2,), dtype="float16"), nd.ones((2,), dtype="int32")]
    wide = nd.amp_multicast(*arrays, num_outputs=3)
    narrow = nd.amp_multicast(*arrays, num_outputs=3, cast_narrow=True)
    assert [x.dtype for x in wide] == [np.float32, np.float32, np.int32]
    assert [x.dtype for x in narrow] == [np.float16, np.float16, np.int32]


A = nd.ones((2, 3))
ERRORS = [
    (lambda: nd.contrib.div_sqrt_dim(nd.array(1.0).reshape(())), ShapeError, "div_sqrt_dim: data has no axis"),
    (lambda: nd.contrib.quadratic(A, a="x"), ArgumentError, "quadratic: a must be a number, not 'x'"),
    (lambda: nd.contrib.gradientmultiplier(A, "x"), ArgumentError, "scalar must be a number, not 'x'"),
    (lambda: nd.contrib.allclose(A, A[0]), ShapeError, r"allclose: a is float32 \[2, 3\], b is float32 \[3\]"),
    (lambda: nd.amp_multicast(A, num_outputs=2), ArgumentError, "1 arrays came, num_outputs is 2"),
    (lambda: nd.multi_sum_sq(A.astype("int32"), num_arrays=1), DtypeError, "array 0 is int32: it takes floating point"),
]  # fmt: skip


@pytest.mark.parametrize("cause, kind, message", ERRORS)
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()
