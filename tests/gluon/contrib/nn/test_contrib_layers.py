"""Layers of gluon.contrib.nn: gradients through them, and what they refuse; values are replayed from records."""

from __future__ import annotations

import pytest

from mxl import nd
from mxl.gluon import nn
from mxl.gluon.contrib import nn as contrib
from mxl.testing import check_gradient


@pytest.mark.parametrize("layer, shape", [
    (contrib.PixelShuffle1D(3), (1, 6, 2)),
    (contrib.PixelShuffle2D((1, 2)), (2, 4, 2, 3)),
    (contrib.PixelShuffle3D(2), (1, 8, 1, 2, 1)),
])
def test_shuffled_pixels_have_gradients(layer, shape):
    check_gradient(lambda x: layer(x), shape)


def test_a_side_by_side_network_is_saved_and_loaded(tmp_path):
    def network():
        net = contrib.HybridConcurrent(axis=1)
        net.add(contrib.Identity(), nn.Dense(2, in_units=3))
        net.initialize()
        return net

    first, second = network(), network()
    first.save_parameters(str(tmp_path / "net.params"))
    second.load_parameters(str(tmp_path / "net.params"))
    x = nd.ones((2, 3))
    assert (first(x) == second(x)).asnumpy().all()
    assert first(x).shape == (2, 5)


def test_several_devices_are_refused():
    with pytest.warns(UserWarning, match="num_devices is not given, and taken as 1"):
        contrib.SyncBatchNorm()
    layer = contrib.SyncBatchNorm(num_devices=2)
    layer.initialize()
    with pytest.raises(TypeError, match="ndev is 2"):
        layer(nd.ones((2, 3)))


def test_factors_must_be_as_many_as_dimensions():
    with pytest.raises(AssertionError, match="PixelShuffle2D: factor has 3 numbers, for 2 dimensions"):
        contrib.PixelShuffle2D((1, 2, 3))
