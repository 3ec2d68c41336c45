"""Proposals: properties over random predictions, and what is refused; values are replayed elsewhere."""

import numpy as np
import pytest

from mxl.core import nd
from mxl.core.errors import ArgumentError, DtypeError, ShapeError

C = nd.contrib
SETTINGS = {"scales": (2,), "ratios": (0.5, 1, 2), "rpn_min_size": 4, "rpn_post_nms_top_n": 6}


def predicted(seed, n=1):
    rng = np.random.default_rng(seed)
    return (
        nd.array(rng.uniform(0, 1, (n, 6, 3, 4))), nd.array(rng.uniform(-1, 1, (n, 12, 3, 4))),
        nd.array([[48, 64, 1]] * n),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_scores_fall_and_boxes_stay_in_the_image(seed):
    rois, scores = C.MultiProposal(*predicted(seed, 2), output_score=True, **SETTINGS)
    assert rois.shape == (12, 5)
    assert rois[:, 0].asnumpy().tolist() == [0] * 6 + [1] * 6
    assert (np.diff(scores.asnumpy().reshape(2, 6)) <= 0).all()
    assert (rois[:, 1:].asnumpy() >= 0).all()
    assert (rois[:, [3]].asnumpy() <= 63).all()


def test_too_few_are_repeated():
    rois = C.Proposal(*predicted(0), **{**SETTINGS, "threshold": 0.0, "rpn_post_nms_top_n": 40}).asnumpy()
    count = len(np.unique(rois, axis=0))
    assert count < 40
    assert (rois[:count] == rois[count : 2 * count]).all() or 2 * count > 40


P, B, I3 = predicted(0)
ERRORS = [
    (lambda: C.Proposal(*predicted(0, 2), **SETTINGS), ShapeError, "it takes one image; use MultiProposal"),
    (lambda: C.Proposal(P, B, I3), ShapeError, r"with 12 anchors they must be \[N, 24, H, W\], \[N, 3\]"),
    (lambda: C.Proposal(P, P, I3, **SETTINGS), ShapeError, r"bbox_pred is \[1, 6, 3, 4\]: it must be \[N, 12, H, W\]"),
    (lambda: C.Proposal(P, B, I3 * 3, **SETTINGS), ShapeError, "3 x 4 cells do not reach so far"),
    (lambda: C.Proposal(P, B.astype("float64"), I3, **SETTINGS), DtypeError, "bbox_pred is float64"),
    (lambda: C.Proposal(P, B, I3, **{**SETTINGS, "rpn_post_nms_top_n": 0}), ArgumentError, "must be 1 or more"),
]


@pytest.mark.parametrize("cause, kind, message", ERRORS)
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()
