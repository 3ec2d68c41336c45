"""Proposals of a region network (Ren et al. 2015): anchors moved by what it predicts, the best that do not overlap."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import ArgumentError, DtypeError, ShapeError
from ...op import op
from ..matrices import real
from ..shape import whole


def _anchors(stride: int, ratios: Any, scales: Any, kind: Any) -> Any:
    """Boxes around the first cell, in all ratios and scales.  -> [A, 4]"""
    found = []
    middle = (stride - 1) / 2
    for ratio in ratios:
        narrow = np.floor(np.sqrt(np.floor(stride * stride / ratio)) + 0.5)
        high = np.floor(narrow * ratio + 0.5)
        for scale in scales:
            half = np.array([narrow * scale - 1, high * scale - 1]) / 2
            found.append([middle - half[0], middle - half[1], middle + half[0], middle + half[1]])
    return np.array(found, kind)


def _moved(anchors: Any, moves: Any, iou_loss: Any) -> Any:
    """The boxes that predictions stand for.  [K, 4], [K, 4] -> [K, 4]"""
    if iou_loss:
        return anchors + moves
    size = anchors[:, 2:] - anchors[:, :2] + 1
    centre = anchors[:, :2] + (size - 1) / 2 + moves[:, :2] * size
    half = (np.exp(moves[:, 2:]) * size - 1) / 2
    return np.concatenate([centre - half, centre + half], 1)


def _best(boxes: Any, scores: Any, threshold: float, most: int) -> list[int]:
    """Which boxes, best first, overlap none that is better by more than threshold; at most so many."""
    area = (boxes[:, 2] - boxes[:, 0] + 1) * (boxes[:, 3] - boxes[:, 1] + 1)
    alive = np.ones(len(boxes), bool)
    kept: list[int] = []
    for i in range(len(boxes)):
        if not alive[i]:
            continue
        kept.append(i)
        if len(kept) >= most:
            break
        corner = np.maximum(boxes[i, :2], boxes[i + 1 :, :2])
        side = np.maximum(np.minimum(boxes[i, 2:], boxes[i + 1 :, 2:]) - corner + 1, 0)
        both = side[:, 0] * side[:, 1]
        alive[i + 1 :] &= both / (area[i] + area[i + 1 :] - both) <= threshold
    return kept


def _proposals(
    name, cls_prob, bbox_pred, im_info, rpn_pre_nms_top_n, rpn_post_nms_top_n, threshold, rpn_min_size, scales, ratios,
    feature_stride, output_score, iou_loss,
):  # fmt: skip
    for key, x in (("cls_prob", cls_prob), ("bbox_pred", bbox_pred), ("im_info", im_info)):
        if x.dtype.kind != "f" or x.dtype != cls_prob.dtype:
            raise DtypeError(f"{name}: {key} is {x.dtype}: all arrays take one floating-point dtype")
    scales, ratios = ([real(name, key, v) for v in value] for key, value in (("scales", scales), ("ratios", ratios)))
    n, kinds = len(cls_prob), len(scales) * len(ratios)
    if cls_prob.ndim != 4 or cls_prob.shape[1] != 2 * kinds or im_info.shape != (n, 3):
        raise ShapeError(
            f"{name}: cls_prob is {list(cls_prob.shape)}, im_info {list(im_info.shape)}: with {kinds} anchors they "
            f"must be [N, {2 * kinds}, H, W], [N, 3]"
        )
    if bbox_pred.shape != (n, 4 * kinds, *cls_prob.shape[2:]):
        raise ShapeError(f"{name}: bbox_pred is {list(bbox_pred.shape)}: it must be [N, {4 * kinds}, H, W]")
    stride, least = whole(name, "feature_stride", feature_stride), whole(name, "rpn_min_size", rpn_min_size)
    before, after = (
        whole(name, key, value)
        for key, value in (("rpn_pre_nms_top_n", rpn_pre_nms_top_n), ("rpn_post_nms_top_n", rpn_post_nms_top_n))
    )
    if stride < 1 or after < 1:
        raise ArgumentError(f"{name}: feature_stride {stride} and rpn_post_nms_top_n {after} must be 1 or more")
    height, width = cls_prob.shape[2:]
    base = _anchors(stride, ratios, scales, cls_prob.dtype)
    y, x = np.meshgrid(np.arange(height), np.arange(width), indexing="ij")
    shifts = np.stack([x, y, x, y], -1).reshape(-1, 1, 4).astype(base.dtype) * stride
    anchors = (shifts + base).reshape(-1, 4)
    outs, points = [], []
    for b in range(n):
        scores = cls_prob[b, kinds:].transpose(1, 2, 0).ravel().copy()
        boxes = _moved(anchors, bbox_pred[b].reshape(kinds, 4, height, width).transpose(2, 3, 0, 1).reshape(-1, 4),
                       iou_loss)  # fmt: skip
        high, wide, scale = im_info[b]
        if int(high / stride) > height or int(wide / stride) > width:
            raise ShapeError(
                f"{name}: image {b} is {high:g} x {wide:g}: with feature_stride {stride} cls_prob's {height} x {width} "
                f"cells do not reach so far"
            )
        boxes = np.clip(boxes, 0, np.array([wide - 1, high - 1, wide - 1, high - 1], boxes.dtype))
        beyond = (y >= int(high / stride)) | (x >= int(wide / stride))
        scores[np.repeat(beyond.ravel(), kinds)] = -1
        small = (boxes[:, 2:] - boxes[:, :2] + 1 < least * scale).any(axis=1)
        boxes[small] += np.array([-1, -1, 1, 1], boxes.dtype) * (least * scale / 2)
        scores[small] = -1
        order = np.argsort(-scores, kind="stable")[: before if before > 0 else None]
        kept = _best(boxes[order], scores[order], real(name, "threshold", threshold), after)
        chosen = order[[kept[i % len(kept)] for i in range(after)]]
        outs.append(np.concatenate([np.full((after, 1), b, boxes.dtype), boxes[chosen]], 1))
        points.append(scores[chosen][:, None])
    rois = np.concatenate(outs)
    return (rois, np.concatenate(points)) if output_score else rois


@op(name="_contrib_MultiProposal")
def MultiProposal(
    cls_prob, bbox_pred, im_info, rpn_pre_nms_top_n=6000, rpn_post_nms_top_n=300, threshold=0.7, rpn_min_size=16,
    scales=(4.0, 8.0, 16.0, 32.0), ratios=(0.5, 1.0, 2.0), feature_stride=16, output_score=False, iou_loss=False,
):  # fmt: skip
    """Regions that may hold an object: rpn_post_nms_top_n for each image; without gradient.

    Around each cell of feature_stride pixels lie anchors of all ratios and scales (in cells); bbox_pred moves them (by
    their corners, with iou_loss), and they end at the image's edge.  The rpn_pre_nms_top_n best take part; those that
    overlap a better one by more than threshold go, and the rest are repeated where they are too few.  Boxes with a
    side below rpn_min_size come last.

    cls_prob: [N, 2 * A, H, W], scores of background, then of objects; bbox_pred: [N, 4 * A, H, W]; im_info: [N, 3] of
    height, width, scale -> [N * rpn_post_nms_top_n, 5] of image, left, top, right, bottom; output_score: [., 1] too
    """
    return _proposals(
        "MultiProposal", cls_prob, bbox_pred, im_info, rpn_pre_nms_top_n, rpn_post_nms_top_n, threshold, rpn_min_size,
        scales, ratios, feature_stride, output_score, iou_loss,
    )  # fmt: skip


MultiProposal.vjp(None, None, None)


@op(name="_contrib_Proposal")
def Proposal(
    cls_prob, bbox_pred, im_info, rpn_pre_nms_top_n=6000, rpn_post_nms_top_n=300, threshold=0.7, rpn_min_size=16,
    scales=(4.0, 8.0, 16.0, 32.0), ratios=(0.5, 1.0, 2.0), feature_stride=16, output_score=False, iou_loss=False,
):  # fmt: skip
    """MultiProposal for a batch of one image.

    cls_prob: [1, 2 * A, H, W], bbox_pred: [1, 4 * A, H, W], im_info: [1, 3] -> [rpn_post_nms_top_n, 5]
    """
    if len(cls_prob) != 1:
        raise ShapeError(f"Proposal: cls_prob is {list(cls_prob.shape)}: it takes one image; use MultiProposal")
    return _proposals(
        "Proposal", cls_prob, bbox_pred, im_info, rpn_pre_nms_top_n, rpn_post_nms_top_n, threshold, rpn_min_size,
        scales, ratios, feature_stride, output_score, iou_loss,
    )  # fmt: skip


Proposal.vjp(None, None, None)
