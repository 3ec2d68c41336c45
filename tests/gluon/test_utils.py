"""split_data, split_and_load, clip_global_norm."""

from __future__ import annotations

import numpy as np
import pytest

import mxl as mx
from mxl.gluon import utils

BATCH = np.arange(10, dtype="float32").reshape(5, 2)


@pytest.mark.parametrize(
    "size, slices, lengths",
    [(5, 2, [3, 2]), (7, 3, [3, 2, 2]), (5, 6, [1, 1, 1, 1, 1, 0]), (4, 1, [4]), (6, 3, [2, 2, 2])],
)
def test_uneven_slices(size, slices, lengths):
    parts = utils.split_data(mx.nd.ones((size, 2)), slices, even_split=False)
    assert [len(part) for part in parts] == lengths


def test_slices_are_the_batch():
    parts = utils.split_data(mx.nd.array(BATCH), 2, batch_axis=1)
    np.testing.assert_array_equal(np.concatenate([part.asnumpy() for part in parts], axis=1), BATCH)


def test_uneven_batches_are_refused():
    with pytest.raises(ValueError, match=r"axis 0 of \[5, 2\] does not divide into 2 equal slices; even_split=False"):
        utils.split_data(mx.nd.array(BATCH), 2)
    with pytest.raises(ValueError, match="num_slice is 0; expected at least 1"):
        utils.split_data(mx.nd.array(BATCH), 0)


def test_split_and_load():
    contexts = [mx.cpu(0), mx.cpu(1)]
    parts = utils.split_and_load(BATCH, contexts, even_split=False)
    assert [part.context for part in parts] == contexts
    assert [part.shape for part in parts] == [(3, 2), (2, 2)]
    (whole,) = utils.split_and_load([[1, 2]], [mx.cpu(1)])
    assert whole.context == mx.cpu(1)


def test_clipping():
    arrays = [mx.nd.ones((2, 2)), mx.nd.ones((2,)) * 3]
    norm = utils.clip_global_norm(arrays, 1.0)
    assert isinstance(norm, np.float32)  # so it is printed as MXNet prints it
    assert norm == pytest.approx(22**0.5)
    np.testing.assert_allclose(arrays[0].asnumpy(), 0.2132007, rtol=1e-6)
    np.testing.assert_allclose(arrays[1].asnumpy(), 0.6396021, rtol=1e-6)
    assert utils.clip_global_norm(arrays, 10.0) == pytest.approx(1.0)
    assert utils.clip_global_norm(arrays, 10.0, check_isfinite=False).shape == (1,)
    np.testing.assert_allclose(arrays[1].asnumpy(), 0.6396021, rtol=1e-6)


def test_clipping_what_is_not_finite():
    arrays = [mx.nd.array([np.nan, 1])]
    with pytest.warns(UserWarning, match="clip_global_norm: the norm is (nan|inf)"):
        utils.clip_global_norm(arrays, 1.0)
    assert np.isnan(arrays[0].asnumpy()).all()


def test_clipping_nothing():
    with pytest.raises(AssertionError, match="expected at least one array"):
        utils.clip_global_norm([], 1.0)


@pytest.mark.parametrize(
    "shape, known", [((2, 3), True), ((0, 2), False), ((-1, 2), False), (None, False), ((), False)]
)
def test_shape_is_known(shape, known):
    assert utils.shape_is_known(shape) is known
