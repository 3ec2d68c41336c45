"""Coordinates: flat and back, gradients of rows chosen and replaced, and what is said of places outside."""

import numpy as np
import pytest

from mxl.core import nd
from mxl.core.errors import ArgumentError, OutOfBounds, ShapeError
from mxl.core.op import TABLE
from mxl.testing.gradient import check_gradient

GRADIENTS = [
    ("_contrib_boolean_mask", [(3, 2), np.array([1, 0, 1])], (1,)),
    ("_contrib_index_copy", [(5, 2), np.array([0, 4, 2]), (3, 2)], (1,)),
    ("_clear_rows", [(3, 2), np.array([2, 0])], (1,)),
]


@pytest.mark.parametrize("name, arguments, constants", GRADIENTS)
def test_gradients(name, arguments, constants):
    check_gradient(TABLE[name], *arguments, constants=constants)
    check_gradient(TABLE[name], *arguments, constants=constants, order=2, rtol=1e-4, atol=1e-6)


def test_unravel_undoes_ravel():
    flat = nd.arange(2 * 3 * 4)
    places = nd.unravel_index(flat, shape=(2, 3, 4))
    assert nd.ravel_multi_index(places, shape=(-1, 3, 4)).asnumpy().tolist() == flat.asnumpy().tolist()
    np.testing.assert_array_equal(places.asnumpy(), np.unravel_index(np.arange(24), (2, 3, 4)))


A = nd.ones((3, 2))
ERRORS = [
    (lambda: nd.ravel_multi_index(A), ArgumentError, "ravel_multi_index: shape is None: give the lengths of the axes"),
    (lambda: nd.ravel_multi_index(A, shape=(2, 2)), ShapeError, r"shape \(2, 2\) takes \[2, N\]"),
    (lambda: nd.contrib.arange_like(A, axis=2), ShapeError, "arange_like: axis 2 does not exist"),
    (lambda: nd.contrib.arange_like(A, repeat=0), ArgumentError, "repeat must be 1 or more, not 0"),
    (lambda: nd.contrib.boolean_mask(A, nd.ones((2,))), ShapeError, "boolean_mask: .* it takes one for each row"),
    (lambda: nd.contrib.boolean_mask(A, nd.ones((3,)), axis=1), ArgumentError, "axis is 1; only 0 is known"),
    (lambda: nd.contrib.index_copy(A, nd.array([3]), nd.ones((1, 2))), OutOfBounds, "rows 3 .. 3 came; old_.* has 3"),
    (lambda: nd.contrib.index_copy(A, nd.array([1]), A), ShapeError, "a row of old_tensor's for each index"),
]


@pytest.mark.parametrize("cause, kind, message", ERRORS)
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()
