"""Regions of interest: what their arrays look like, and the checks that all operators on them share; plain numpy.

A region is [image, left, top, right, bottom], in the coordinates of an image that the features were made of;
`spatial_scale` brings them to the features'.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import ArgumentError, DtypeError, OutOfBounds, ShapeError
from ..matrices import real
from ..shape import whole


def pair(name: str, key: str, value: Any) -> tuple[int, int]:
    """Two lengths of 1 or more; one int stands for none."""
    numbers = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    if len(numbers) != 2 or any(whole(name, key, n) < 1 for n in numbers):
        raise ArgumentError(f"{name}: {key} is {value!r}: it takes (height, width), both 1 or more")
    return numbers[0], numbers[1]


def check_regions(name: str, data: Any, rois: Any, numbers: int = 5) -> None:
    """Refuse arrays that are no features [N, C, H, W] and regions [R, 5] of them."""
    if data.dtype.kind != "f" or rois.dtype != data.dtype:
        raise DtypeError(f"{name}: data is {data.dtype}, rois {rois.dtype}: both take one floating-point dtype")
    if data.ndim != 4:
        raise ShapeError(f"{name}: data is {list(data.shape)}: it takes [N, C, H, W]")
    if rois.ndim != 2 or rois.shape[1] != numbers:
        raise ShapeError(f"{name}: rois is {list(rois.shape)}: it takes [R, {numbers}], the image's number first")
    if rois.size and rois[:, 0].max() >= len(data):
        raise OutOfBounds(f"{name}: a region is of image {int(rois[:, 0].max())}, data has {len(data)}")


def share(name: str, spatial_scale: Any) -> float:
    """spatial_scale as a number of 0 .. 1."""
    scale = real(name, "spatial_scale", spatial_scale)
    if not 0 <= scale <= 1:
        raise ArgumentError(f"{name}: spatial_scale is {scale}: it takes the features' size over the image's, 0 .. 1")
    return scale


def rounded(x: Any) -> Any:
    """To the nearest whole number, halves away from zero."""
    return np.trunc(x + np.copysign(0.5, x))
