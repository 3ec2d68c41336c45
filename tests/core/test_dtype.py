"""Dtypes: the names that are known, what arrays of them give, and the sentences for others."""

import numpy as np
import pytest

from mxl.core import nd
from mxl.core.dtype import NAMES, resolve
from mxl.core.errors import DtypeError, MXLError


@pytest.mark.parametrize("name", NAMES)
def test_each_dtype_by_name_by_type_and_by_numpy(name):
    kind = np.dtype(name)
    assert resolve(name) == resolve(kind) == resolve(kind.type) == kind
    x = nd.ones((2,), dtype=name)
    assert x.dtype is kind.type
    assert x.asnumpy().dtype == kind
    assert nd.zeros_like(x).dtype is kind.type


def test_float32_is_the_default_whatever_the_source():
    assert resolve(None) == np.float32
    for source in ([1, 2], np.array([1, 2]), np.array([1.5]), np.array([True]), 3):
        assert nd.array(source).dtype is np.float32
    assert nd.array(nd.ones((1,), dtype="int8")).dtype is np.int8


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("bool",)])
def test_numbers_take_on_the_array_s_dtype(name):
    x = nd.array([3, 2], dtype=name)
    for result in (x + 1.5, 1.5 - x, x * 2, x / 2, x % 2, x**2, x > 1, -x, x == 3):
        assert result.dtype is np.dtype(name).type


def test_small_integers_wrap():
    x = nd.array([100, 1], dtype="int8")
    assert (x + 300).asnumpy().tolist() == [-112, 45]
    assert (nd.array([1], dtype="uint8") * -1).asnumpy().tolist() == [255]


@pytest.mark.parametrize(
    "dtype, message",
    [
        ("foo", "dtype 'foo' is not understood; known: float32, float64"),
        ("uint16", "arrays cannot have dtype 'uint16'; known: float32"),
        (object, "arrays cannot have dtype 'object'"),
        ([1], "is not understood"),
    ],
)
def test_other_dtypes(dtype, message):
    with pytest.raises(DtypeError, match=message) as caught:
        resolve(dtype)
    assert isinstance(caught.value, MXLError)
    assert isinstance(caught.value, TypeError)
