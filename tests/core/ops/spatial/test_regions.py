"""Regions of interest: gradients of both orders, MXNet's own example, and what is refused; values are replayed."""

import numpy as np
import pytest

from mxl.core import nd
from mxl.core.errors import ArgumentError, DtypeError, InvalidSetting, OutOfBounds, ShapeError
from mxl.core.op import TABLE
from mxl.core.ops.nn.saved import Kept
from mxl.testing.gradient import check_gradient

ROIS = np.array([[0, 0, 0, 4, 4], [1, 1, 2, 3, 3], [0, -2, -1, 2, 3], [1, 0.5, 0.5, 5.5, 3.5], [-1, 0, 0, 2, 2]])
IMAGES = np.random.default_rng(3).permutation(2 * 4 * 5 * 6).reshape(2, 4, 5, 6) / 50
PLACES = Kept(np.array([[[3, -1], [0, 2]], [[3, 4], [11, 2]]]))
POOL = {"pooled_size": (2, 3), "spatial_scale": 1.0}
SENSITIVE = {"pooled_size": (2, 2), "spatial_scale": 0.5, "sample_ratio": 2, "position_sensitive": True,
             "aligned": True}  # fmt: skip
TURNED = np.array([[0, 3, 3, 2, 2, 30], [1, 2, 3, 4, 1, -75], [0, 0, 0, 5, 5, 45]])
GRADIENTS = [
    ("_pixels_at", [(2, 2, 2, 3)], {"places": PLACES}),
    ("_pixels_back", [(2, 2, 2)], {"places": PLACES, "shape": (2, 2, 2, 3)}),
    ("ROIPooling", [IMAGES, ROIS], {**POOL, "constants": (1,)}),
    ("_contrib_ROIAlign", [(2, 2, 5, 6), ROIS], {**POOL, "constants": (1,)}),
    ("_contrib_ROIAlign", [(2, 4, 5, 6), ROIS], {**SENSITIVE, "constants": (1,)}),
    ("_roi_align_back", [(5, 2, 2, 3), ROIS], {**POOL, "shape": (2, 2, 5, 6), "constants": (1,)}),
    ("_roi_align_back", [(5, 1, 2, 2), ROIS], {**SENSITIVE, "shape": (2, 4, 5, 6), "constants": (1,)}),
    ("_contrib_RROIAlign", [(2, 2, 5, 6), TURNED], {**POOL, "constants": (1,)}),
    ("_rroi_align_back", [(3, 2, 2, 3), TURNED], {**POOL, "shape": (2, 2, 5, 6), "constants": (1,)}),
]


@pytest.mark.parametrize("name, arguments, options", GRADIENTS)
def test_gradients(name, arguments, options):
    check_gradient(TABLE[name], *arguments, **options)
    check_gradient(TABLE[name], *arguments, order=2, rtol=1e-4, atol=1e-6, **options)


def test_the_largest_in_each_quarter():
    x = nd.arange(48).reshape((1, 1, 8, 6))
    region = nd.array([[0, 0, 0, 4, 4]])
    assert nd.ROIPooling(x, region, (2, 2), 1.0).asnumpy().ravel().tolist() == [14, 16, 26, 28]
    assert nd.ROIPooling(x, region, (2, 2), 0.7).asnumpy().ravel().tolist() == [7, 9, 19, 21]


def test_a_whole_region_is_the_mean_of_its_samples():
    x = nd.random.uniform(shape=(1, 2, 4, 4))
    out = nd.contrib.ROIAlign(x, nd.array([[0, 0, 0, 4, 4]]), (4, 4), 1.0, sample_ratio=1, aligned=True)
    np.testing.assert_allclose(out.asnumpy(), x.asnumpy(), rtol=1e-5)
    upright = nd.contrib.RROIAlign(x, nd.array([[0, 1.5, 1.5, 3, 2, 0]]), (2, 2), 1.0)
    same = nd.contrib.ROIAlign(x, nd.array([[0, 0, 0.5, 3, 2.5]]), (2, 2), 1.0)
    np.testing.assert_allclose(upright.asnumpy(), same.asnumpy(), rtol=1e-4)


def test_many_regions_are_read_in_parts(monkeypatch):
    from mxl.core.ops.spatial import roi_align

    x, regions = nd.random.uniform(shape=(2, 3, 8, 8)), nd.array(np.tile(ROIS[:4], (5, 1)))
    whole = nd.contrib.ROIAlign(x, regions, (2, 2), 1.0).asnumpy()
    monkeypatch.setattr(roi_align, "MOST", 1)
    assert (nd.contrib.ROIAlign(x, regions, (2, 2), 1.0).asnumpy() == whole).all()


def test_no_regions():
    for fn in (nd.ROIPooling, nd.contrib.ROIAlign):
        assert fn(nd.ones((1, 2, 3, 3)), nd.zeros((0, 5)), (2, 2), 1.0).shape == (0, 2, 2, 2)


X, R = nd.ones((2, 3, 4, 5)), nd.array([[0, 0, 0, 2, 2]])
ERRORS = [
    (lambda: nd.ROIPooling(X, R, (2, 2), 2.0), ArgumentError, "spatial_scale is 2.0: it takes the features' size over"),
    (lambda: nd.ROIPooling(X, R, (2, 0), 1.0), ArgumentError, r"pooled_size is \(2, 0\): it takes \(height, width\)"),
    (lambda: nd.ROIPooling(X, R + 2, (2, 2), 1.0), OutOfBounds, "a region is of image 2, data has 2"),
    (lambda: nd.ROIPooling(X[0], R, (2, 2), 1.0), ShapeError, r"data is \[3, 4, 5\]: it takes \[N, C, H, W\]"),
    (lambda: nd.contrib.ROIAlign(X, R[:, :4], (2, 2), 1.0), ShapeError, r"rois is \[1, 4\]: it takes \[R, 5\]"),
    (lambda: nd.contrib.ROIAlign(X, R.astype("float64"), (2, 2), 1.0), DtypeError, "data is float32, rois float64"),
    (lambda: nd.contrib.ROIAlign(X, R, (2, 2), 1.0, position_sensitive=True), ShapeError, "data has 3 channels"),
    (lambda: nd.contrib.ROIAlign(X, R * 0, (2, 2), 1.0, aligned=True), InvalidSetting, "wider and higher than 0"),
    (lambda: nd.contrib.RROIAlign(X, R, (2, 2), 1.0), ShapeError, r"rois is \[1, 5\]: it takes \[R, 6\]"),
]  # fmt: skip


@pytest.mark.parametrize("cause, kind, message", ERRORS)
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()
