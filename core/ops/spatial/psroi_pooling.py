"""Position-sensitive pooling of regions (Dai et al. 2016): each bin has channels of its own.

The mean of a bin is a sum over a box, so it is read from running sums; its transpose fills boxes the same way.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import ShapeError
from ...op import REQUIRED, op
from ..shape import whole
from .regions import check_regions, rounded, share


def _edges(first: Any, length: Any, bins: int, limit: int) -> tuple[Any, Any]:
    """Where bins begin and end along an axis.  [R], [R] -> [R, bins], [R, bins]"""
    at = np.arange(bins, dtype=first.dtype)
    size = (length / first.dtype.type(bins))[:, None]
    begin, end = np.floor(at * size + first[:, None]), np.ceil((at + 1) * size + first[:, None])
    return np.clip(begin, 0, limit).astype(np.int64), np.clip(end, 0, limit).astype(np.int64)


def _plan(rois: Any, shape: Any, spatial_scale: Any, output_dim: Any, pooled_size: Any, group_size: Any) -> Any:
    """Images, boxes (top, bottom, left, right) and channels of all bins: [R, output_dim, bins, bins] broadcast."""
    name = "PSROIPooling"
    outputs, bins = whole(name, "output_dim", output_dim), whole(name, "pooled_size", pooled_size)
    group = whole(name, "group_size", group_size) or bins
    if min(outputs, bins, group) < 1 or outputs * group * group > shape[1]:
        raise ShapeError(
            f"{name}: output_dim {outputs} and group_size {group} need {outputs * group * group} channels, data "
            f"{list(shape)} has {shape[1]}; pooled_size is {bins}"
        )
    scale = rois.dtype.type(share(name, spatial_scale))
    left, top = rounded(rois[:, 1]) * scale, rounded(rois[:, 2]) * scale
    right, bottom = (rounded(rois[:, 3]) + 1) * scale, (rounded(rois[:, 4]) + 1) * scale
    rows = _edges(top, np.maximum(bottom - top, rois.dtype.type(0.1)), bins, shape[2])
    columns = _edges(left, np.maximum(right - left, rois.dtype.type(0.1)), bins, shape[3])
    place = np.clip(np.arange(bins) * group // bins, 0, group - 1)
    channels = (np.arange(outputs)[:, None, None] * group + place[:, None]) * group + place
    images = np.maximum(rois[:, 0], 0).astype(np.int64)[:, None, None, None]
    boxes = tuple(edge[:, None, :, None] for edge in rows) + tuple(edge[:, None, None, :] for edge in columns)
    return images, boxes, channels[None]


def _shares(boxes: Any) -> Any:
    """One over each box's size; 0 where a box is empty."""
    top, bottom, left, right = boxes
    size = np.maximum(bottom - top, 0) * np.maximum(right - left, 0)
    return np.where(size > 0, 1 / np.maximum(size, 1), 0)


def _corners(boxes: Any) -> tuple[tuple[int, Any, Any], ...]:
    """The four corners whose running sums a box's sum is made of, and their signs."""
    top, bottom, left, right = boxes
    return (1, bottom, right), (-1, top, right), (-1, bottom, left), (1, top, left)


@op(name="_contrib_PSROIPooling")
def PSROIPooling(data, rois, spatial_scale=REQUIRED, output_dim=REQUIRED, pooled_size=REQUIRED, group_size=0):
    """The mean of each of a region's pooled_size x pooled_size bins, each from channels of its own.

    Bins fall into group_size x group_size groups (0: pooled_size), and each output has a channel for each group.
    data: [N, output_dim * group_size**2, H, W], rois: [R, 5] of image, left, top, right, bottom ->
    [R, output_dim, pooled_size, pooled_size]
    """
    check_regions("PSROIPooling", data, rois)
    images, boxes, channels = _plan(rois, data.shape, spatial_scale, output_dim, pooled_size, group_size)
    running = np.zeros((*data.shape[:2], data.shape[2] + 1, data.shape[3] + 1))
    running[:, :, 1:, 1:] = data.cumsum(axis=2, dtype=np.float64).cumsum(axis=3)
    total = sum(sign * running[images, channels, row, column] for sign, row, column in _corners(boxes))
    return (total * _shares(boxes)).astype(data.dtype)


@op(name="_psroi_pooling_back")
def psroi_pooling_back(
    g, rois, shape=REQUIRED, spatial_scale=REQUIRED, output_dim=REQUIRED, pooled_size=REQUIRED, group_size=0
):
    """The transpose of PSROIPooling.  [R, output_dim, pooled_size, pooled_size], [R, 5] -> `shape`"""
    images, boxes, channels = _plan(rois, shape, spatial_scale, output_dim, pooled_size, group_size)
    steps = np.zeros((*shape[:2], shape[2] + 1, shape[3] + 1))
    each = g * _shares(boxes)
    for sign, row, column in _corners(boxes):
        np.add.at(steps, np.broadcast_arrays(images, channels, row, column)[:4], sign * each)
    backward = steps[:, :, ::-1, ::-1].cumsum(axis=2).cumsum(axis=3)[:, :, ::-1, ::-1]
    return np.ascontiguousarray(backward[:, :, 1:, 1:]).astype(g.dtype)


PSROIPooling.vjp(
    lambda g, _out, data_like, rois, **params: psroi_pooling_back(g, rois, shape=data_like.shape, **params), None
)
psroi_pooling_back.vjp(
    lambda g, _out, _g, rois, spatial_scale, output_dim, pooled_size, group_size: PSROIPooling(
        g, rois, spatial_scale=spatial_scale, output_dim=output_dim, pooled_size=pooled_size, group_size=group_size
    ),
    None,
)
