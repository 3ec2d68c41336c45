"""The mean of samples in each bin of a region (He et al. 2017), and of a rotated one (Ma et al. 2018).

Each is linear in the features: a plan says which places each bin reads and with what weight, one function reads by it,
and another one, its transpose, writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import InvalidSetting, ShapeError
from ...op import REQUIRED, op
from ..shape import whole
from .regions import check_regions, pair, share
from .sampling import add_rows, neighbours, pixel_rows

MOST = 1 << 23  # numbers that are read at once


@dataclass(frozen=True, slots=True)
class Reading:
    """Regions with equally many samples a bin: which, [G]; their samples' x and y, [G, bins * S]; weights."""

    which: Any
    x: Any
    y: Any
    weight: Any  # [G, bins, S]


def _inside(x: Any, y: Any, size: tuple[int, int]) -> tuple[Any, Any, Any]:
    """Places drawn to the outermost pixels, and 1 where they were not farther than one pixel off."""
    height, width = size
    near = (x >= -1) & (x <= width) & (y >= -1) & (y <= height)
    return np.clip(x, 0, width - 1), np.clip(y, 0, height - 1), near


def _grids(high: Any, wide: Any, bins: tuple[int, int], ratio: int) -> Any:
    """How many samples each region's bins have along y and x.  -> [R, 2]"""
    if ratio > 0:
        return np.full((len(high), 2), ratio)
    return np.maximum(np.ceil(np.stack([high / bins[0], wide / bins[1]], 1)), 0).astype(np.int64)


def _offsets(length: Any, count: int, samples: int) -> Any:
    """Where the samples of all bins lie, from the region's beginning on.  [G] -> [G, count, samples]"""
    at = np.arange(count)[:, None] + (np.arange(samples) + 0.5) / max(samples, 1)
    return (length / count)[:, None, None] * at.astype(length.dtype)


def readings(high: Any, wide: Any, bins: tuple[int, int], ratio: int, channels: int, place: Any) -> Iterator[Reading]:
    """The plan of all regions, in parts.  place(which, down, along) gives their samples' (x, y, weight)."""
    grids = _grids(high, wide, bins, ratio)
    for grid in np.unique(grids, axis=0):
        rows, columns = (int(n) for n in grid)
        alike = np.flatnonzero((grids == grid).all(axis=1))
        if not rows * columns:
            continue
        most = max(1, MOST // max(1, channels * bins[0] * bins[1] * rows * columns))
        for start in range(0, len(alike), most):
            which = alike[start : start + most]
            down = _offsets(high[which], bins[0], rows)[:, :, None, :, None]
            along = _offsets(wide[which], bins[1], columns)[:, None, :, None, :]
            shape = (len(which), *bins, rows, columns)
            x, y, weight = (np.broadcast_to(a, shape) for a in place(which, down, along))
            flat = (len(which), bins[0] * bins[1])
            yield Reading(which, x.reshape(len(which), -1), y.reshape(len(which), -1), weight.reshape(*flat, -1))


def read(data: Any, images: Any, plan: Iterator[Reading], bins: tuple[int, int]) -> Any:
    """The weighted sums of what each bin reads.  [N, C, H, W] -> [R, C, bins]"""
    height, width = data.shape[2:]
    rows = pixel_rows(data)
    out = np.zeros((len(images), bins[0] * bins[1], data.shape[1]), data.dtype)
    for part in plan:
        first = (images[part.which] * height * width)[:, None]
        total: Any = 0
        for pixel, weight in neighbours(part.x, part.y, (height, width), 0, 0, False):
            total = total + rows[first + pixel] * (weight.reshape(part.weight.shape) * part.weight).reshape(
                *weight.shape, 1
            )
        out[part.which] = total.reshape(*part.weight.shape, -1).sum(axis=2)
    return out.transpose(0, 2, 1)


def write(g: Any, images: Any, plan: Iterator[Reading], shape: tuple[int, ...]) -> Any:
    """The transpose of read: each bin's number goes to the pixels that it was read from.  -> [N, C, H, W]"""
    n, channels, height, width = shape
    total = np.zeros((n * height * width, channels), g.dtype)
    heads = g.transpose(0, 2, 1)
    for part in plan:
        first = (images[part.which] * height * width)[:, None]
        rows = np.repeat(heads[part.which], part.weight.shape[2], axis=1)
        for pixel, weight in neighbours(part.x, part.y, (height, width), 0, 0, False):
            weighed = rows * (weight.reshape(part.weight.shape) * part.weight).reshape(*weight.shape, 1)
            add_rows(total, (first + pixel).ravel(), weighed.reshape(-1, channels))
    return np.ascontiguousarray(total.reshape(n, height, width, channels).transpose(0, 3, 1, 2))


# -- upright --------------------------------------------------------------------------------------------------------


def _plan(name, rois, shape, pooled_size, spatial_scale, sample_ratio, aligned):
    """Images, bins and the plan of upright regions."""
    bins, scale, ratio = pair(name, "pooled_size", pooled_size), share(name, spatial_scale), whole(
        name, "sample_ratio", sample_ratio
    )
    left, top, right, bottom = rois[:, 1:].T * rois.dtype.type(scale) - rois.dtype.type(0.5 if aligned else 0)
    wide, high = right - left, bottom - top
    if not aligned:
        wide, high = np.maximum(wide, 1), np.maximum(high, 1)
    elif len(rois) and not (wide.min() > 0 and high.min() > 0):
        raise InvalidSetting(f"{name}: with aligned=True regions must be wider and higher than 0")
    there = rois[:, 0] >= 0

    def place(which, down, along):
        x, y, near = _inside(
            left[which].reshape(-1, 1, 1, 1, 1) + along, top[which].reshape(-1, 1, 1, 1, 1) + down, shape[2:]
        )
        weight = near * there[which].reshape(-1, 1, 1, 1, 1) / (down.shape[3] * along.shape[4])
        return x, y, weight.astype(rois.dtype)

    images = np.maximum(rois[:, 0], 0).astype(np.int64)
    return images, bins, readings(high, wide, bins, ratio, shape[1], place)


def _own_channels(x: Any, count: int) -> Any:
    """Of each bin the channels that are its own.  [R, C * bins, bins] -> [R, C, bins]"""
    return np.diagonal(x.reshape(len(x), -1, count, count), axis1=2, axis2=3)


@op(name="_contrib_ROIAlign")
def ROIAlign(
    data, rois, pooled_size=REQUIRED, spatial_scale=REQUIRED, sample_ratio=-1, position_sensitive=False, aligned=False
):
    """The mean of samples in each of the bins, pooled_size of them, that a region is cut into.

    A bin has sample_ratio samples along each axis, or as many as it has pixels; beyond one pixel off the image they
    are 0.  aligned: pixels' centres, not their corners, have whole coordinates. position_sensitive: each bin has
    channels of its own, C / bins of them.  Of images below 0 all is 0.

    data: [N, C, H, W], rois: [R, 5] of image, left, top, right, bottom -> [R, C, *pooled_size]
    """
    name = "ROIAlign"
    check_regions(name, data, rois)
    images, bins, plan = _plan(name, rois, data.shape, pooled_size, spatial_scale, sample_ratio, aligned)
    if position_sensitive and data.shape[1] % (bins[0] * bins[1]):
        raise ShapeError(f"{name}: data has {data.shape[1]} channels: they must be a multiple of the bins {bins}")
    out = read(data, images, plan, bins)
    out = _own_channels(out, bins[0] * bins[1]) if position_sensitive else out
    return np.ascontiguousarray(out).reshape(*out.shape[:2], *bins)


@op(name="_roi_align_back")
def roi_align_back(
    g, rois, shape=REQUIRED, pooled_size=REQUIRED, spatial_scale=REQUIRED, sample_ratio=-1, position_sensitive=False,
    aligned=False,
):  # fmt: skip
    """The transpose of ROIAlign.  [R, C, *pooled_size], [R, 5] -> [N, C, H, W], which is `shape`"""
    images, bins, plan = _plan("ROIAlign", rois, shape, pooled_size, spatial_scale, sample_ratio, aligned)
    count = bins[0] * bins[1]
    heads = g.reshape(*g.shape[:2], count)
    if position_sensitive:
        wide = np.zeros((*heads.shape, count), g.dtype)
        wide[..., np.arange(count), np.arange(count)] = heads
        heads = wide.reshape(len(g), -1, count)
    return write(heads, images, plan, shape)


_SETTINGS = ("pooled_size", "spatial_scale", "sample_ratio", "position_sensitive", "aligned")
ROIAlign.vjp(
    lambda g, _out, data_like, rois, **params: roi_align_back(g, rois, shape=data_like.shape, **params), None
)
roi_align_back.vjp(
    lambda g, _out, _g, rois, **params: ROIAlign(g, rois, **{key: params[key] for key in _SETTINGS}), None
)


# -- rotated --------------------------------------------------------------------------------------------------------


def _rotated_plan(name, rois, shape, pooled_size, spatial_scale, sampling_ratio):
    """Images, bins and the plan of rotated regions."""
    bins, scale = pair(name, "pooled_size", pooled_size), rois.dtype.type(share(name, spatial_scale))
    centre_x, centre_y = rois[:, 1] * scale, rois[:, 2] * scale
    wide, high = np.maximum(rois[:, 3] * scale, 1), np.maximum(rois[:, 4] * scale, 1)
    angle = rois[:, 5] * rois.dtype.type(np.pi / 180)

    def place(which, down, along):
        def column(values):
            return values[which].reshape(-1, 1, 1, 1, 1)

        down, along = down - column(high) / 2, along - column(wide) / 2
        cos, sin = np.cos(column(angle)), np.sin(column(angle))
        x, y, near = _inside(
            along * cos + down * sin + column(centre_x), down * cos - along * sin + column(centre_y), shape[2:]
        )
        return x, y, (near / (down.shape[3] * along.shape[4])).astype(rois.dtype)

    images = np.maximum(rois[:, 0], 0).astype(np.int64)
    ratio = whole(name, "sampling_ratio", sampling_ratio)
    return images, bins, readings(high, wide, bins, ratio, shape[1], place)


@op(name="_contrib_RROIAlign")
def RROIAlign(data, rois, pooled_size=REQUIRED, spatial_scale=REQUIRED, sampling_ratio=-1):
    """ROIAlign of rotated regions.

    data: [N, C, H, W], rois: [R, 6] of image, x, y, width, height, angle in degrees -> [R, C, *pooled_size]
    """
    check_regions("RROIAlign", data, rois, 6)
    images, bins, plan = _rotated_plan("RROIAlign", rois, data.shape, pooled_size, spatial_scale, sampling_ratio)
    return np.ascontiguousarray(read(data, images, plan, bins)).reshape(len(rois), data.shape[1], *bins)


@op(name="_rroi_align_back")
def rroi_align_back(g, rois, shape=REQUIRED, pooled_size=REQUIRED, spatial_scale=REQUIRED, sampling_ratio=-1):
    """The transpose of RROIAlign.  [R, C, *pooled_size], [R, 6] -> [N, C, H, W], which is `shape`"""
    images, bins, plan = _rotated_plan("RROIAlign", rois, shape, pooled_size, spatial_scale, sampling_ratio)
    return write(g.reshape(*g.shape[:2], bins[0] * bins[1]), images, plan, shape)


RROIAlign.vjp(
    lambda g, _out, data_like, rois, **params: rroi_align_back(g, rois, shape=data_like.shape, **params), None
)
rroi_align_back.vjp(
    lambda g, _out, _g, rois, pooled_size, spatial_scale, sampling_ratio: RROIAlign(
        g, rois, pooled_size=pooled_size, spatial_scale=spatial_scale, sampling_ratio=sampling_ratio
    ),
    None,
)
