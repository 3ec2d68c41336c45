"""The largest value in each bin of a region (Girshick 2015)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...op import REQUIRED, op
from ..nn.saved import Kept
from .regions import check_regions, pair, rounded, share
from .sampling import add_rows, pixel_rows


def _bins(first: Any, last: Any, count: int, length: int) -> tuple[Any, Any]:
    """Where each bin of each region begins and ends along an axis.  [R] -> [R, count], [R, count]"""
    size = np.maximum(last - first + 1, 1) / first.dtype.type(count)
    at = np.arange(count, dtype=first.dtype)
    begin = np.floor(at * size[:, None]) + first[:, None]
    end = np.ceil((at + 1) * size[:, None]) + first[:, None]
    return np.clip(begin, 0, length).astype(np.int64), np.clip(end, 0, length).astype(np.int64)


@op(saves=True)
def ROIPooling(data, rois, pooled_size=REQUIRED, spatial_scale=REQUIRED):
    """The largest value in each of the bins, pooled_size of them, that a region is cut into; 0 in an empty bin.

    Regions have whole pixels, rounded after their multiplication by spatial_scale; of images below 0 all is 0.
    data: [N, C, H, W], rois: [R, 5] of image, left, top, right, bottom -> [R, C, *pooled_size]
    """
    name = "ROIPooling"
    check_regions(name, data, rois)
    rows, columns = pair(name, "pooled_size", pooled_size)
    scale = share(name, spatial_scale)
    n, channels, height, width = data.shape
    left, top, right, bottom = rounded(rois[:, 1:].T * data.dtype.type(scale))
    top, bottom = _bins(top, bottom, rows, height)
    left, right = _bins(left, right, columns, width)
    pixels = pixel_rows(data)
    first = (np.maximum(rois[:, 0], 0).astype(np.int64) * height * width)[:, None, None]
    there = (rois[:, 0] >= 0)[:, None, None]
    best = np.full((len(rois), rows, columns, channels), -np.inf, data.dtype)
    where = np.full(best.shape, -1)
    # one step for each place within a bin, for all bins of all regions at once
    for down in range(int((bottom - top).max(initial=0))):
        for along in range(int((right - left).max(initial=0))):
            y, x = (top + down)[:, :, None], (left + along)[:, None, :]
            inside = (y < bottom[:, :, None]) & (x < right[:, None, :]) & there
            flat = np.where(inside, first + y * width + x, 0)
            values = pixels[flat] if n else best
            better = inside[..., None] & (values > best)
            best = np.where(better, values, best)
            where = np.where(better, flat[..., None], where)
    out = np.where(where < 0, 0, best).astype(data.dtype)
    return np.ascontiguousarray(out.transpose(0, 3, 1, 2)), np.ascontiguousarray(where.transpose(0, 3, 1, 2))


@op(name="_pixels_at")
def pixels_at(data, places=REQUIRED):
    """The pixels whose flat places, channel by channel, are named; 0 for -1.  [N, C, H, W] -> [R, C, ...]"""
    at = places.array
    flat = data.transpose(1, 0, 2, 3).reshape(data.shape[1], -1)
    channel = np.arange(data.shape[1]).reshape(-1, *(1,) * (at.ndim - 2))
    return np.where(at < 0, 0, flat[channel, np.maximum(at, 0)]).astype(data.dtype)


@op(name="_pixels_back")
def pixels_back(g, places=REQUIRED, shape=REQUIRED):
    """Images with what is given added at the places named.  [R, C, ...] -> [N, C, H, W], which is `shape`"""
    at = places.array
    n, channels, height, width = shape
    channel = np.arange(channels).reshape(-1, *(1,) * (at.ndim - 2))
    flat = (np.maximum(at, 0) + channel * (n * height * width))[at >= 0]
    total = np.zeros((channels * n * height * width, 1), g.dtype)
    add_rows(total, flat, g[at >= 0][:, None])
    return np.ascontiguousarray(total.reshape(channels, n, height, width).transpose(1, 0, 2, 3))


pixels_at.vjp(lambda g, _out, data_like, places: pixels_back(g, places=places, shape=data_like.shape))
pixels_back.vjp(lambda g, _out, _g, places: pixels_at(g, places=places))
ROIPooling.vjp(
    lambda g, _out, data_like, _rois, saved: pixels_back(g, places=Kept(saved), shape=data_like.shape), None
)
