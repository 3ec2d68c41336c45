"""Several arrays at once: what is said of what does not fit, and answers that go on from earlier ones."""

import numpy as np
import pytest

from mxl.core import nd
from mxl.core.errors import ArgumentError, DtypeError, NotAnArray

X = nd.ones((2,))


def test_several_calls_give_one_answer():
    out = nd.ones((1,))
    nd.all_finite(X, init_output=False, out=out)
    assert out.asscalar() == 1
    nd.all_finite(nd.array([np.inf]), init_output=False, out=out)
    nd.all_finite(X, init_output=False, out=out)
    assert out.asscalar() == 0


def test_reset_arrays():
    x, y = nd.ones((2,)), nd.ones((1, 3), dtype="int32")
    assert nd.reset_arrays(x, y, num_arrays=2) is None
    assert (x.asnumpy().tolist(), y.asnumpy().tolist()) == ([0, 0], [[0, 0, 0]])


ERRORS = [
    (lambda: nd.all_finite(X.astype("int32")), DtypeError, "all_finite: data is int32: it takes floating point"),
    (lambda: nd.all_finite(3), NotAnArray, "all_finite: data must be an NDArray, not int"),
    (lambda: nd.all_finite(X, init_output=False), ArgumentError, "goes on from what out= holds; give out="),
    (lambda: nd.all_finite(X, out=X), ArgumentError, r"out= must be float32 \[1\], not float32 \[2\]"),
    (lambda: nd.multi_all_finite(X, X), ArgumentError, "2 arrays came, num_arrays is 1"),
    (lambda: nd.reset_arrays(3, num_arrays=1), NotAnArray, "reset_arrays: array 0 must be an NDArray, not int"),
]


@pytest.mark.parametrize("cause, kind, message", ERRORS)
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()
