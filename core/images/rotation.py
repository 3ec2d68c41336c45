"""Rotation of images about their middle.   [C, H, W] or [N, C, H, W], float32. `BilinearSampler` computes."""

from __future__ import annotations

from numbers import Number
from typing import Any

import numpy as np

from ..creation import array
from ..errors import ArgumentError, InvalidSetting, ShapeError
from ..ndarray import NDArray
from ..op import TABLE


def imrotate(src: NDArray, rotation_degrees: Any, zoom_in: bool = False, zoom_out: bool = False) -> NDArray:
    """The image, or images, turned by an angle in degrees, in their own size; corners that are empty are 0.

    rotation_degrees: a number; for several images also an NDArray of one for each. zoom_in: made larger, so that no
    corner is empty; zoom_out: made smaller, so that nothing is cut off. Raises TypeError for other dtypes and for
    several angles of one image, ValueError for other shapes, numbers of angles, and for both zooms. MXNet:
    `image.imrotate`.
    """
    if zoom_in and zoom_out:
        raise InvalidSetting("imrotate: zoom_in and zoom_out cannot both be set")
    if src.dtype != np.float32:
        raise ArgumentError(f"imrotate: the image is {np.dtype(src.dtype)}; it takes float32: use astype")
    if len(src.shape) not in (3, 4):
        raise ShapeError(f"imrotate: the image is {list(src.shape)}; it takes [C, H, W] or [N, C, H, W]")
    one = len(src.shape) == 3
    if one and not isinstance(rotation_degrees, Number):
        raise ArgumentError(f"imrotate: one image takes one number of degrees, got {rotation_degrees!r}")
    images = src.expand_dims(axis=0) if one else src
    count, _, rows, columns = images.shape
    if isinstance(rotation_degrees, Number):
        degrees = np.full(count, rotation_degrees, np.float32)
    else:
        degrees = rotation_degrees.asnumpy() if isinstance(rotation_degrees, NDArray) else np.asarray(rotation_degrees)
    if len(degrees) != count:
        raise InvalidSetting(f"imrotate: {count} images and {len(degrees)} angles: they must be as many")
    grid = _grid(np.radians(degrees.astype(np.float64)), rows, columns, zoom_in, zoom_out)
    turned = TABLE["BilinearSampler"](images, array(grid, ctx=src.context, dtype="float32"))
    return turned[0] if one else turned


def _grid(angles: np.ndarray, rows: int, columns: int, zoom_in: bool, zoom_out: bool) -> np.ndarray:
    """Where each pixel comes from, from -1 to 1 in x and in y.   [N] -> [N, 2, H, W]"""
    half_height, half_width = (rows - 1) / 2, (columns - 1) / 2
    y, x = np.mgrid[:rows, :columns].astype(np.float64)
    y, x = y - half_height, x - half_width
    cos, sin = np.cos(angles)[:, None, None], np.sin(angles)[:, None, None]
    with np.errstate(all="ignore"):
        grid = np.stack([(x * cos - y * sin) / half_width, (x * sin + y * cos) / half_height], axis=1)
    if not (zoom_in or zoom_out):
        return grid
    # how far the corners reach once turned, by what they reached before
    corner, length = np.arctan(rows / columns), np.hypot(rows, columns)
    reach = np.abs(angles)
    most_x = length * np.maximum(np.abs(np.cos(corner + reach)), np.abs(np.cos(corner - reach)))
    most_y = length * np.maximum(np.abs(np.sin(corner + reach)), np.abs(np.sin(corner - reach)))
    scale = np.maximum(most_x / columns, most_y / rows) if zoom_out else np.minimum(columns / most_x, rows / most_y)
    return grid * scale[:, None, None, None]


def random_rotate(
    src: NDArray, angle_limits: tuple[float, float], zoom_in: bool = False, zoom_out: bool = False
) -> NDArray:
    """`imrotate` by an angle between two, for each image, by numpy's random numbers. MXNet: `image.random_rotate`."""
    low, high = angle_limits
    if len(src.shape) == 3:
        return imrotate(src, np.random.uniform(low, high), zoom_in, zoom_out)
    return imrotate(src, array(np.random.uniform(low, high, size=src.shape[0])), zoom_in, zoom_out)
