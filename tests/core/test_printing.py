"""The printed form of arrays; tests/core/test_facts.py compares many more with MXNet's."""

import pytest

from mxl.core import nd


@pytest.mark.parametrize(
    "make, text",
    [
        (lambda: nd.array([[0.5, 0.9]]), "\n[[0.5 0.9]]\n<NDArray 1x2 @cpu(0)>"),
        (lambda: nd.arange(3, dtype="int32"), "\n[0 1 2]\n<NDArray 3 @cpu(0)>"),
        (lambda: nd.ones((2, 1), ctx=nd.cpu(1)), "\n[[1.]\n [1.]]\n<NDArray 2x1 @cpu(1)>"),
        (lambda: nd.ones((1,), ctx=nd.cpu_pinned()), "\n[1.]\n<NDArray 1 @cpu_pinned(0)>"),
        (lambda: nd.array(3.5), "\n3.5\n<NDArray  @cpu(0)>"),
        (lambda: nd.array([1e10, 1]), "\n[1.e+10 1.e+00]\n<NDArray 2 @cpu(0)>"),
        (lambda: nd.array([]), "\n[]\n<NDArray 0 @cpu(0)>"),
    ],
)
def test_text(make, text):
    assert repr(make()) == str(make()) == text
