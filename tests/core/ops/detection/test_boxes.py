"""Boxes: what is refused, gradients of suppression, and properties over random boxes; values are replayed elsewhere."""

import numpy as np
import pytest

from mxl.core import autograd, nd
from mxl.core.errors import ArgumentError, DtypeError, InvalidSetting, ShapeError
from mxl.core.op import TABLE
from mxl.core.ops.nn.saved import Kept
from mxl.testing.gradient import check_gradient

ORIGIN = Kept(np.array([[2, 0, -1], [1, -1, -1]]))


def some_boxes(seed, *lead, extra=()):
    """Random corners, after columns of random numbers."""
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, 0.6, (*lead, 2))
    return np.concatenate([*extra, low, low + rng.uniform(0.1, 0.4, (*lead, 2))], -1)


@pytest.mark.parametrize("name", ["_rows_back", "_rows_of"])
def test_gradients_of_rows(name):
    check_gradient(TABLE[name], (2, 3, 4), origin=ORIGIN)
    check_gradient(TABLE[name], (2, 3, 4), origin=ORIGIN, order=2, rtol=1e-4, atol=1e-6)


def test_gradient_of_suppression():
    """"_contrib_box_nms" moves rows: what was kept has a gradient of its own, what was beaten none."""
    rng = np.random.default_rng(1)
    rows = some_boxes(0, 2, 6, extra=(np.zeros((2, 6, 1)), rng.permutation(12).reshape(2, 6, 1) / 20 + 0.1))
    check_gradient(TABLE["_contrib_box_nms"], rows, overlap_thresh=0.2)
    check_gradient(TABLE["_contrib_box_nms"], rows, overlap_thresh=0.2, order=2, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("seed", range(10))
def test_survivors_do_not_overlap_and_the_beaten_do(seed):
    rng = np.random.default_rng(seed)
    scores = rng.permutation(30).reshape(30, 1) / 30 + 0.01
    rows = nd.array(some_boxes(seed, 30, extra=(np.zeros((30, 1)), scores)))
    out = nd.contrib.box_nms(rows, overlap_thresh=0.3)
    kept = out[: int((out[:, 1] > 0).sum().asscalar())]
    shares = nd.contrib.box_iou(kept[:, 2:], kept[:, 2:]).asnumpy() - np.eye(len(kept))
    assert shares.max() <= 0.3
    assert (np.diff(kept[:, 1].asnumpy()) < 0).all()
    with_all = nd.contrib.box_iou(rows[:, 2:], kept[:, 2:]).asnumpy()
    better = kept[:, 1].asnumpy() >= rows[:, 1:2].asnumpy()
    assert ((with_all > 0.3) & better).any(axis=1).all()


@pytest.mark.parametrize("seed", range(5))
def test_decoding_undoes_encoding(seed):
    anchors, refs = nd.array(some_boxes(seed, 1, 5)), nd.array(some_boxes(seed + 9, 1, 5))
    targets, mask = nd.contrib.box_encode(
        nd.ones((1, 5)), nd.array([range(5)]), anchors, refs, nd.zeros(4), nd.array([0.1, 0.1, 0.2, 0.2])
    )
    found = nd.contrib.box_decode(targets, anchors, 0.1, 0.1, 0.2, 0.2, format="corner")
    np.testing.assert_allclose(found.asnumpy(), refs.asnumpy(), rtol=1e-4)
    assert mask.asnumpy().all()


@pytest.mark.parametrize("seed", range(5))
def test_pairs_are_mutual(seed):
    rows, columns = nd.contrib.bipartite_matching(nd.random.uniform(shape=(4, 6)), threshold=0.3)
    for row, column in enumerate(rows.asnumpy().astype(int)):
        assert column == -1 or columns[int(column)].asscalar() == row


def test_detection_without_gradient_is_recorded_as_a_constant():
    x = nd.ones((2, 4))
    x.attach_grad()
    with autograd.record():
        y = nd.contrib.box_iou(x, x).sum() + x.sum()
    y.backward()
    assert x.grad.asnumpy().tolist() == np.ones((2, 4)).tolist()


C = nd.contrib
B, ANCHOR, PROB = nd.ones((1, 3, 4)), nd.ones((1, 3, 4)), nd.ones((2, 4, 3))
ERRORS = [
    (lambda: C.box_iou(B, B, format="edge"), ArgumentError, "format is 'edge'; known: 'corner', 'center'"),
    (lambda: C.box_iou(B[0, 0], B), ShapeError, r"lhs is \[4\]: it takes boxes, \[..., N, 4\]"),
    (lambda: C.box_iou(B, B.astype("int32")), DtypeError, "rhs is int32: it takes floating point"),
    (lambda: C.box_encode(B, B, B, B, B, B), ShapeError, r"they must be \[B, N\], \[B, N\], \[B, N, 4\], \[B, M, 4\]"),
    (lambda: C.box_encode(B[0, :, 0:3].T, B[0, :, 0:3], B, B, B, B), ShapeError, "box_encode: samples is"),
    (lambda: C.box_encode(nd.ones((1, 3)), nd.ones((1, 3)), B, B, nd.ones(3), nd.ones(4)), ShapeError, "means is"),
    (lambda: C.box_decode(B, nd.ones((1, 2, 4))), ShapeError, r"they must be \[B, N, 4\], \[1, N, 4\]"),
    (lambda: C.box_nms(nd.ones((2, 6)), coord_start=3), ArgumentError, "coord_start is 3: the 4 numbers of a box"),
    (lambda: C.box_nms(nd.ones((2, 6)), score_index=2), ArgumentError, "score_index is 2: it must be within"),
    (lambda: C.box_nms(nd.ones((2, 6)), id_index=1), ArgumentError, "id_index is 1: it must be a place of its own"),
    (lambda: C.box_nms(nd.ones((2, 4))), ShapeError, "a score and a box a row"),
    (lambda: C.box_nms(nd.ones((2, 6), dtype="int32")), DtypeError, "box_nms: data is int32"),
    (lambda: C.bipartite_matching(nd.ones(3), threshold=0), ShapeError, r"is \[3\]: it takes \[..., N, M\]"),
    (lambda: C.bipartite_matching(nd.ones((3, 3), dtype="int8"), threshold=0), DtypeError, "data is int8"),
    (lambda: C.MultiBoxPrior(nd.ones((2, 2))), ShapeError, r"MultiBoxPrior: data is \[2, 2\]: it takes \[N, C, H, W\]"),
    (lambda: C.MultiBoxPrior(nd.ones((1, 1, 2, 2)), steps=(1,)), ArgumentError, r"steps is \(1,\): it takes 2 numbers"),
    (lambda: C.MultiBoxTarget(B[0], B, B), ShapeError, r"anchor is \[3, 4\]: it takes \[1, A, 4\]"),
    (lambda: C.MultiBoxTarget(ANCHOR, B, PROB), ShapeError, r"label is \[1, 3, 4\]: it takes \[B, objects, 5"),
    (lambda: C.MultiBoxTarget(ANCHOR, nd.ones((2, 1, 5)), B), ShapeError, r"must be \[2, classes \+ 1, 3\]"),
    (lambda: C.MultiBoxTarget(ANCHOR, B.astype("float64"), PROB), DtypeError, "label is float64, anchor float32"),
    (lambda: C.MultiBoxTarget(nd.array([[[0, 0, 1, 1]] * 3]), nd.array([[[0, 0, 0, 1, 1]]]), nd.ones((1, 2, 3)),
                              overlap_threshold=1, negative_mining_ratio=2), InvalidSetting, "asks for 2 background"),
    (lambda: C.MultiBoxDetection(PROB, nd.ones((2, 9)), ANCHOR), ShapeError, r"must be \[B, classes \+ 1, A\], \[B, A"),
    (lambda: C.MultiBoxDetection(PROB, nd.ones((2, 12)), ANCHOR, background_id=1), ArgumentError, "the background is"),
]  # fmt: skip


@pytest.mark.parametrize("cause, kind, message", ERRORS)
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()
