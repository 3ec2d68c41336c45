"""DLPack: memory handed over and taken, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import mxl as mx
from mxl import nd


@pytest.mark.parametrize("give", [nd.to_dlpack_for_read, nd.to_dlpack_for_write, lambda x: x.to_dlpack_for_read(),
                                  lambda x: x.to_dlpack_for_write(), lambda x: x])
def test_both_sides_see_what_either_writes(give):
    x = nd.array([[1, 2], [3, 4]])
    y = nd.from_dlpack(give(x))
    y[0] = 7
    x[1] = 9
    assert x.asnumpy().tolist() == y.asnumpy().tolist() == [[7, 7], [9, 9]]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "int32", "int64", "uint8"])
def test_numpy_takes_an_array_and_gives_one(dtype):
    x = nd.array([1, 2, 3], dtype=dtype)
    theirs = np.from_dlpack(x)
    assert theirs.dtype == dtype
    assert np.shares_memory(theirs, x._read())
    back = nd.from_dlpack(theirs)
    assert (back.dtype, back.asnumpy().tolist()) == (np.dtype(dtype).type, [1, 2, 3])


def test_memory_stays_while_somebody_holds_it():
    y = nd.from_dlpack(nd.arange(100000).to_dlpack_for_read())
    assert y[99999].asscalar() == 99999


def test_what_cannot_be_shared_is_copied():
    strided = np.arange(6.0).reshape(2, 3).T
    x = nd.from_dlpack(strided)
    x[:] = 0
    assert strided.sum() == 15


def test_what_is_refused():
    capsule = nd.ones(3).to_dlpack_for_read()
    nd.from_dlpack(capsule)
    with pytest.raises(AssertionError, match="a capsule is taken only once"):
        nd.from_dlpack(capsule)
    with pytest.raises(mx.MXLError, match="expected a DLPack capsule, or an array with __dlpack__, not int"):
        nd.from_dlpack(3)
    with pytest.raises(mx.MXLError, match="not written in place"):
        nd.ones((2, 2)).tostype("csr").to_dlpack_for_write()
