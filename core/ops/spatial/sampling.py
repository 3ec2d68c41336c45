"""Images read at places between their pixels, by bilinear interpolation: what all operators of this folder are made of.

`sample` reads, `spread` is its transpose; both are linear in the pixels and piecewise bilinear in the places, so that
each one's derivatives are the two again, with `dx` or `dy` (1: the slope along that axis in place of the value).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...op import REQUIRED, op


def _along(place: Any, length: int, slope: int, cut: bool) -> tuple[tuple[Any, Any], ...]:
    """The two neighbours of places along an axis and their weights: ((index, weight), (index, weight)).

    Pixels beyond the edge weigh nothing.  With cut, places outside of 0 .. length do, and the last pixel reaches to its
    far side.
    """
    low = np.floor(place)
    share = place - low
    weights = (-np.ones_like(share), np.ones_like(share)) if slope else (1 - share, share)
    neighbours = []
    for index, weight in zip((low, low + 1), weights, strict=True):
        if cut:
            inside = (place >= 0) & (place < length)
        else:
            inside = (index >= 0) & (index <= length - 1)
        at = np.clip(np.nan_to_num(index), 0, length - 1).astype(np.int64)
        neighbours.append((at, np.where(inside, weight, 0).astype(place.dtype)))
    return tuple(neighbours)


def neighbours(x: Any, y: Any, size: tuple[int, int], dx: int, dy: int, cut: bool) -> Iterator[tuple[Any, Any]]:
    """(flat pixel of its image, weight) for the four pixels around each place.  x, y: [G, P]"""
    height, width = size
    columns = _along(x, width, dx, cut)
    for row, weight in _along(y, height, dy, cut):
        for column, share in columns:
            yield row * width + column, weight * share


def pixel_rows(data: Any) -> Any:
    """A row of channels for each pixel.  [G, C, H, W] -> [G * H * W, C]"""
    return np.ascontiguousarray(data.transpose(0, 2, 3, 1)).reshape(-1, data.shape[1])


def add_rows(total: Any, index: Any, rows: Any) -> None:
    """total[index] += rows, where an index may come several times.  [M, C], [K], [K, C]"""
    if not len(index):
        return
    order = np.argsort(index, kind="stable")
    ordered = index[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=ordered[0] - 1))
    total[ordered[starts]] += np.add.reduceat(rows[order], starts, axis=0)


@op(name="_sample")
def sample(data, x, y, dx=0, dy=0, cut=False):
    """Images at places between pixels.  [G, C, H, W], [G, P], [G, P] -> [G, C, P]"""
    groups, _channels, height, width = data.shape
    rows = pixel_rows(data)
    first = np.arange(groups)[:, None] * (height * width)
    total: Any = 0
    for pixel, weight in neighbours(x, y, (height, width), dx, dy, cut):
        total = total + rows[first + pixel] * weight[..., None]
    return np.ascontiguousarray(total.transpose(0, 2, 1))


@op(name="_spread")
def spread(g, x, y, size=REQUIRED, dx=0, dy=0, cut=False):
    """Images whose pixels are the sums of what places around them weigh.  [G, C, P], [G, P], [G, P] -> [G, C, *size]"""
    groups, channels, _ = g.shape
    height, width = size
    total = np.zeros((groups * height * width, channels), g.dtype)
    rows = np.ascontiguousarray(g.transpose(0, 2, 1)).reshape(-1, channels)
    first = np.arange(groups)[:, None] * (height * width)
    for pixel, weight in neighbours(x, y, size, dx, dy, cut):
        add_rows(total, (first + pixel).ravel(), rows * weight.reshape(-1, 1))
    return np.ascontiguousarray(total.reshape(groups, height, width, channels).transpose(0, 3, 1, 2))


def slopes(g: Any, data: Any, x: Any, y: Any, dx: int = 0, dy: int = 0, cut: bool = False) -> tuple[Any, Any]:
    """d(sum of g * sample(data, x, y)) / d(x) and d(y).  g: [G, C, P] -> [G, P], [G, P]"""
    along_x = x * 0 if dx else (g * sample(data, x, y, dx=1, dy=dy, cut=cut)).sum(axis=1)
    along_y = y * 0 if dy else (g * sample(data, x, y, dx=dx, dy=1, cut=cut)).sum(axis=1)
    return along_x, along_y


sample.vjp(
    lambda g, _out, data_like, x, y, dx, dy, cut: spread(g, x, y, size=data_like.shape[2:], dx=dx, dy=dy, cut=cut),
    lambda g, _out, data, x, y, dx, dy, cut: slopes(g, data, x, y, dx, dy, cut)[0],
    lambda g, _out, data, x, y, dx, dy, cut: slopes(g, data, x, y, dx, dy, cut)[1],
)
spread.vjp(
    lambda g, _out, _g, x, y, dx, dy, cut: sample(g, x, y, dx=dx, dy=dy, cut=cut),
    lambda g, _out, head, x, y, dx, dy, cut: slopes(head, g, x, y, dx, dy, cut)[0],
    lambda g, _out, head, x, y, dx, dy, cut: slopes(head, g, x, y, dx, dy, cut)[1],
)
