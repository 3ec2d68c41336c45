"""Pooling whose bins move: gradients of both orders, what it is without moves, and what is refused."""

import numpy as np
import pytest

from mxl.core import nd
from mxl.core.errors import ShapeError
from mxl.core.op import TABLE
from mxl.core.ops.nn.saved import Kept
from mxl.testing.gradient import check_gradient

RNG = np.random.default_rng(3)
ROIS = np.array([[0, 0, 0, 4, 4], [1, 1, 2, 3, 3], [-1, 0, 0, 2, 2]])
TRANS = RNG.uniform(-0.5, 0.5, (3, 4, 2, 2))
SIZES = {"spatial_scale": 1.0, "output_dim": 2, "group_size": 2, "pooled_size": 2}
MOVING = {**SIZES, "sample_per_part": 2, "trans_std": 0.3}
X, Y, PLANES = RNG.uniform(0.1, 3.9, 6), RNG.uniform(0.1, 2.9, 6), Kept(np.array([0, 3, 1, 1, 2, 0]))
PLANE = {"planes": PLANES}
POOL = "_contrib_DeformablePSROIPooling"
GRADIENTS = [
    ("_read_planes", [(2, 2, 4, 5), X, Y], PLANE),
    ("_read_planes", [(2, 2, 4, 5), X, Y], {**PLANE, "dx": 1}),
    ("_write_planes", [(6,), X, Y], {**PLANE, "shape": (2, 2, 4, 5)}),
    ("_write_planes", [(6,), X, Y], {**PLANE, "shape": (2, 2, 4, 5), "dx": 1, "dy": 1}),
    (POOL, [(2, 8, 6, 7), ROIS, TRANS], {**MOVING, "constants": (1,)}),
    (POOL, [(2, 8, 6, 7), ROIS], {**SIZES, "no_trans": True, "sample_per_part": 3, "constants": (1,)}),
]


@pytest.mark.parametrize("name, arguments, options", GRADIENTS)
def test_gradients(name, arguments, options):
    check_gradient(TABLE[name], *arguments, **options)
    check_gradient(TABLE[name], *arguments, order=2, rtol=1e-4, atol=1e-6, **options)


def test_moves_of_zero_are_none():
    x, rois = nd.random.uniform(shape=(2, 8, 6, 7)), nd.array(ROIS)
    still = nd.contrib.DeformablePSROIPooling(x, rois, no_trans=True, **SIZES)
    moved = nd.contrib.DeformablePSROIPooling(x, rois, nd.zeros((3, 2, 2, 2)), trans_std=0.5, **SIZES)
    assert (still == moved).asnumpy().all()
    assert not still[2].asnumpy().any()


def test_each_bin_has_channels_of_its_own():
    x = nd.array(np.arange(8).reshape(1, 8, 1, 1) * np.ones((1, 8, 4, 4)))
    out = nd.contrib.DeformablePSROIPooling(x, nd.array([[0, 0, 0, 3, 3]]), no_trans=True, **SIZES)
    np.testing.assert_allclose(out.asnumpy().reshape(2, 4), [[0, 1, 2, 3], [4, 5, 6, 7]], rtol=1e-6)


@pytest.mark.parametrize("arrays, message", [
    ((nd.ones((1, 4, 3, 3)), nd.array([[0, 0, 0, 2, 2]]), nd.ones((1, 2, 2, 2))), "need 8 channels, data .* has 4"),
    ((nd.ones((1, 8, 3, 3)), nd.array([[0, 0, 0, 2, 2]]), nd.ones((1, 3, 2, 2))), r"it must be \[1, 2 \* classes, 2, "),
])  # fmt: skip
def test_what_is_refused(arrays, message):
    with pytest.raises(ShapeError, match=message):
        nd.contrib.DeformablePSROIPooling(*arrays, **SIZES)
