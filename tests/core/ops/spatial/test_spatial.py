"""Samplers, transformers and deformable convolutions: gradients of both orders, known cases, and what is refused."""

import numpy as np
import pytest

from mxl.core import nd
from mxl.core.errors import ArgumentError, DtypeError, ShapeError
from mxl.core.op import TABLE
from mxl.testing.gradient import check_gradient

RNG = np.random.default_rng(4)
X, Y = RNG.uniform(-0.9, 3.9, (2, 5)), RNG.uniform(-0.9, 2.9, (2, 5))
GRID = RNG.uniform(-1.2, 1.2, (2, 2, 3, 2))
OFFSET, MOVES = RNG.uniform(-0.4, 0.4, (2, 8, 2, 3)) + 0.5, RNG.uniform(-0.4, 0.4, (1, 16, 3, 3)) - 0.5
LOC = np.array([[0.91, 0.12, 0.05, -0.13, 0.83, 0.11], [0.72, -0.23, 0.11, 0.31, 0.87, -0.13]])
KERNEL = {"kernel": (2, 2), "num_filter": 2}
GROUPED = {**KERNEL, "num_group": 2, "num_deformable_group": 2, "pad": (1, 1), "stride": (2, 2), "no_bias": True}
DEFORM, MODULATE = "_contrib_DeformableConvolution", "_contrib_ModulatedDeformableConvolution"
GRADIENTS = [
    ("_sample", [(2, 3, 3, 4), X, Y], {}),
    ("_sample", [(2, 3, 3, 4), X, Y], {"dx": 1}),
    ("_sample", [(2, 3, 3, 4), X, Y], {"dx": 1, "dy": 1, "cut": True}),
    ("_spread", [(2, 3, 5), X, Y], {"size": (3, 4)}),
    ("_spread", [(2, 3, 5), X, Y], {"size": (3, 4), "dy": 1, "cut": True}),
    ("GridGenerator", [(2, 6)], {"transform_type": "affine", "target_shape": (3, 4)}),
    ("GridGenerator", [(2, 2, 3, 4)], {"transform_type": "warp"}),
    ("_affine_back", [(2, 2, 3, 4)], {}),
    ("_over_half", [(2, 2, 3, 4)], {}),
    ("_shifted", [(2, 3)], {"by": np.arange(3)}),
    ("BilinearSampler", [(2, 3, 3, 4), GRID], {}),
    ("SpatialTransformer", [(2, 2, 5, 4), LOC],
     {"target_shape": (3, 4), "transform_type": "affine", "sampler_type": "bilinear"}),
    (DEFORM, [(2, 2, 3, 4), OFFSET, (2, 2, 2, 2), (2,)], KERNEL),
    (DEFORM, [(1, 4, 4, 4), MOVES, (2, 2, 2, 2)], GROUPED),
    (MODULATE, [(2, 2, 3, 4), OFFSET, (2, 4, 2, 3), (2, 2, 2, 2), (2,)], KERNEL),
    (MODULATE, [(1, 4, 4, 4), MOVES, (1, 8, 3, 3), (2, 2, 2, 2)], GROUPED),
]  # fmt: skip


@pytest.mark.parametrize("name, arguments, options", GRADIENTS)
def test_gradients(name, arguments, options):
    check_gradient(TABLE[name], *arguments, **options)
    check_gradient(TABLE[name], *arguments, order=2, rtol=1e-4, atol=1e-6, **options)


def test_the_identity_reads_the_image():
    x = nd.random.uniform(shape=(2, 3, 4, 5))
    same = nd.array([[1, 0, 0, 0, 1, 0]] * 2)
    out = nd.SpatialTransformer(x, same, target_shape=(4, 5), transform_type="affine", sampler_type="bilinear")
    np.testing.assert_allclose(out.asnumpy(), x.asnumpy(), atol=1e-5)
    still = nd.GridGenerator(nd.zeros((2, 2, 4, 5)), transform_type="warp")
    np.testing.assert_allclose(nd.BilinearSampler(x, still).asnumpy(), x.asnumpy(), atol=1e-5)


@pytest.mark.parametrize("modulated", [False, True])
def test_without_moves_it_is_a_convolution(modulated):
    x, w, b = nd.random.uniform(shape=(2, 4, 5, 6)), nd.random.uniform(shape=(6, 2, 3, 2)), nd.arange(6)
    options = {"kernel": (3, 2), "num_filter": 6, "num_group": 2, "pad": (1, 0), "stride": (2, 1)}
    offset, mask = nd.zeros((2, 12, 3, 5)), [nd.ones((2, 6, 3, 5))] if modulated else []
    fn = TABLE[MODULATE if modulated else DEFORM]
    out = fn(x, offset, *mask, w, b, **options)
    np.testing.assert_allclose(out.asnumpy(), nd.Convolution(x, w, b, **options).asnumpy(), rtol=1e-5)


def test_rows_that_come_several_times_are_summed():
    from mxl.core.ops.spatial.sampling import add_rows

    total = np.ones((4, 2))
    add_rows(total, np.array([3, 0, 3, 3]), np.arange(8.0).reshape(4, 2))
    assert total.tolist() == [[3, 4], [1, 1], [1, 1], [11, 14]]


X4, G, LAYERS = nd.ones((2, 3, 4, 5)), nd.ones((2, 2, 3, 3)), {"kernel": (2, 2), "num_filter": 1, "no_bias": True}
AFFINE = {"transform_type": "affine", "sampler_type": "bilinear"}
C = nd.contrib
ERRORS = [
    (lambda: nd.GridGenerator(G, transform_type="bend"), ArgumentError, "is 'bend'; known: 'affine', 'warp'"),
    (lambda: nd.GridGenerator(nd.ones((2, 6)), transform_type="affine"), ArgumentError, r"target_shape is \(0, 0\)"),
    (lambda: nd.GridGenerator(nd.ones((2, 5)), transform_type="affine", target_shape=2), ArgumentError, "it takes"),
    (lambda: nd.GridGenerator(nd.ones((2, 5)), "affine", (2, 2)), ShapeError, r"are \[2, 5\]: they must be \[N, 6\]"),
    (lambda: nd.GridGenerator(X4, transform_type="warp"), ShapeError, r"it takes \[N, 2, H, W\]"),
    (lambda: nd.BilinearSampler(X4, X4), ShapeError, r"grid must be \[2, 2, H, W\]"),
    (lambda: nd.BilinearSampler(X4[0], G), ShapeError, r"data is \[3, 4, 5\]: it takes \[N, C, H, W\]"),
    (lambda: nd.BilinearSampler(X4, G.astype("float64")), DtypeError, "grid is float64"),
    (lambda: nd.SpatialTransformer(X4, nd.ones((1, 6)), (2, 2), **AFFINE), ShapeError, r"loc must be \[2, 6\]"),
    (lambda: nd.SpatialTransformer(X4, nd.ones((2, 6)), (2, 2), "affine", "x"), ArgumentError, "known: 'affine', 'bi"),
    (lambda: C.DeformableConvolution(X4, G, G, **LAYERS), ShapeError, r"offset must be \[2, 8, 3, 4\]"),
    (lambda: C.DeformableConvolution(X4[0], G, G, **LAYERS), ShapeError, r"it takes \[N, C, H, W\]"),
    (lambda: C.DeformableConvolution(X4, G, G, num_group=2, **LAYERS), ShapeError, "num_group is 2: it must divide"),
    (lambda: C.DeformableConvolution(X4, G, G, num_deformable_group=2, **LAYERS), ShapeError, "num_deformable_group"),
    (lambda: C.DeformableConvolution(X4, G, G, layout="NHWC", **LAYERS), ArgumentError, "'NHWC' is not available"),
    (lambda: C.ModulatedDeformableConvolution(X4, nd.ones((2, 8, 3, 4)), G, G, **LAYERS), ShapeError, "mask must be"),
    (lambda: C.ModulatedDeformableConvolution(nd.ones((3, 1, 4, 4)), G, G, G, im2col_step=2, **LAYERS),
     ArgumentError, "im2col_step is 2: it must divide the batch of 3"),
]  # fmt: skip


@pytest.mark.parametrize("cause, kind, message", ERRORS)
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()
