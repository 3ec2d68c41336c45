"""Resizing of images on plain arrays, with the numbers of the library that MXNet resizes by (OpenCV).

A resized row is a weighted sum of rows of the image, a resized column of its columns: `_taps` says which, and how much
of each. Bytes are computed with weights of 11 bits, as there; floats in their own precision. Shrinking by a whole
factor, or by area, averages blocks. This file knows [H, W, C] arrays only.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from .errors import DtypeError, InvalidSetting

NEAREST, LINEAR, CUBIC, AREA, LANCZOS = range(5)
KINDS = (np.uint8, np.float32, np.float64)
ONE = 2048  # a weight of 1 where bytes are computed

Taps = tuple[np.ndarray, np.ndarray]  # [out, k]: which, how much of each


def resize(image: np.ndarray, width: int, height: int, interp: int = LINEAR) -> np.ndarray:
    """The image in another size.   [H, W, C] -> [height, width, C], uint8, float32 or float64

    interp: 0 nearest, 1 linear, 2 cubic, 3 area, 4 Lanczos (8 x 8). Raises DtypeError for other dtypes, InvalidSetting
    for other kinds of interpolation.
    """
    if image.dtype not in KINDS:
        raise DtypeError(f"resize: the image is {image.dtype}; it can be uint8, float32 or float64: use astype first")
    if interp not in range(5):
        raise InvalidSetting(
            f"resize: interp is {interp!r}; expected 0 (nearest), 1 (linear), 2 (cubic), 3 (area) or 4 (Lanczos)"
        )
    rows, columns = image.shape[:2]
    if (rows, columns) == (height, width):
        return image.copy()
    ratios = (1.0 / (height / rows), 1.0 / (width / columns))
    if interp == NEAREST:
        down, right = _nearest(rows, height, ratios[0]), _nearest(columns, width, ratios[1])
        return image[down][:, right]
    if interp == LINEAR and ratios == (2.0, 2.0):
        interp = AREA  # the mean of four is what linear weights give there
    if interp == AREA and min(ratios) >= 1:
        if all(abs(ratio - round(ratio)) < np.finfo(np.float64).eps for ratio in ratios):
            return _blocks(image, round(ratios[0]), round(ratios[1]), height, width)
        down, right = _shares(rows, height, ratios[0]), _shares(columns, width, ratios[1])
        exact = image.astype(np.float32) if image.dtype == np.uint8 else image
        result = _sum(_sum(exact, right, 1), down, 0)
        return _bytes(result) if image.dtype == np.uint8 else result
    down, right = _taps(rows, height, ratios[0], interp), _taps(columns, width, ratios[1], interp)
    return _as_bytes(image, down, right) if image.dtype == np.uint8 else _sum(_sum(image, right, 1), down, 0)


def _nearest(size: int, out: int, ratio: float) -> np.ndarray:
    return np.minimum(np.floor(np.arange(out) * ratio).astype(np.int64), size - 1)


def _taps(size: int, out: int, ratio: float, interp: int) -> Taps:
    """Which pixels of a row each new pixel is made of, and how much of each; past the edge the edge is repeated."""
    place = np.arange(out)
    if interp == AREA:  # growing by area: linear between pixels only where a new pixel covers two
        first = np.floor(place * ratio).astype(np.int64)
        part = ((place + 1) - (first + 1) * (1.0 / ratio)).astype(np.float32)
        part = np.where(part <= 0, np.float32(0), part - np.floor(part))
    else:
        at = ((place + 0.5) * ratio - 0.5).astype(np.float32)
        first = np.floor(at).astype(np.int64)
        part = at - first.astype(np.float32)
    if interp in (LINEAR, AREA):
        weights = np.stack([1 - part, part], axis=1)
        before = 0
    else:
        weights = _WEIGHTS[interp](part)
        before = weights.shape[1] // 2 - 1
    which = first[:, None] + np.arange(weights.shape[1]) - before
    return np.clip(which, 0, size - 1), weights.astype(np.float32)


def _cubic(part: np.ndarray) -> np.ndarray:
    """Keys' cubic with a = -0.75, of the four pixels around."""
    a = np.float32(-0.75)
    far, near = part + 1, 1 - part
    first = ((a * far - 5 * a) * far + 8 * a) * far - 4 * a
    second = ((a + 2) * part - (a + 3)) * part * part + 1
    third = ((a + 2) * near - (a + 3)) * near * near + 1
    return np.stack([first, second, third, 1 - first - second - third], axis=1)


def _lanczos(part: np.ndarray) -> np.ndarray:
    """Lanczos' window of the eight pixels around, in sum 1."""
    x = part.astype(np.float64)[:, None] + 3 - np.arange(8)
    with np.errstate(all="ignore"):
        weights = np.where(np.abs(x) < 1e-6, 1.0, np.sin(np.pi * x) * np.sin(np.pi * x / 4) / (x * x))
    exact = part < np.finfo(np.float32).eps  # on a pixel: that pixel alone
    weights[exact] = np.eye(8)[3]
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


_WEIGHTS: dict[int, Callable[[np.ndarray], np.ndarray]] = {CUBIC: _cubic, LANCZOS: _lanczos}


def _shares(size: int, out: int, ratio: float) -> Taps:
    """Which pixels each new one covers, and how much of it each fills."""
    rows: list[list[tuple[int, float]]] = []
    for place in range(out):
        begin = place * ratio
        end = begin + ratio
        cell = min(ratio, size - begin)
        first, last = math.ceil(begin), min(math.floor(end), size - 1)
        first = min(first, last)
        row: list[tuple[int, float]] = []
        if first - begin > 1e-3:
            row.append((first - 1, (first - begin) / cell))
        row += [(i, 1.0 / cell) for i in range(first, last)]
        if end - last > 1e-3:
            row.append((last, min(min(end - last, 1.0), cell) / cell))
        rows.append(row)
    most = max(map(len, rows))
    which = np.zeros((out, most), np.int64)
    weights = np.zeros((out, most), np.float32)
    for place, row in enumerate(rows):
        for i, (pixel, weight) in enumerate(row):
            which[place, i], weights[place, i] = pixel, weight
    return which, weights


def _blocks(image: np.ndarray, down: int, right: int, height: int, width: int) -> np.ndarray:
    """The mean of each block of `down` x `right` pixels."""
    kind = np.int64 if image.dtype == np.uint8 else image.dtype
    blocks = image[: height * down, : width * right].reshape(height, down, width, right, -1)
    total = blocks.sum(axis=(1, 3), dtype=kind)
    if image.dtype != np.uint8:
        return total * image.dtype.type(np.float32(1.0 / (down * right)))
    if (down, right) == (2, 2):
        return ((total + 2) >> 2).astype(np.uint8)
    return _bytes(total.astype(np.float32) * np.float32(1.0 / (down * right)))


def _as_bytes(image: np.ndarray, rows: Taps, columns: Taps) -> np.ndarray:
    """Bytes by weights of whole numbers, rounded where the library rounds."""
    across = _sum(image.astype(np.int64), (columns[0], _whole(columns[1])), 1)
    which, weights = rows[0], _whole(rows[1])
    taps = which.shape[1]
    if taps == 2:  # products are cut to 16 bits before they are added
        parts = ((across[which] >> 4) * weights[:, :, None, None]) >> 16
        return np.clip((parts.sum(axis=1) + 2) >> 2, 0, 255).astype(np.uint8)
    result = np.clip((_sum(across, (which, weights), 0) + (1 << 21)) >> 22, 0, 255).astype(np.uint8)
    if taps == 4:  # eight at a time are computed as floats, the rest of a row is not
        floats = _sum(across.astype(np.float32), (which, weights.astype(np.float32) * np.float32(1.0 / ONE**2)), 0)
        flat = result.reshape(len(result), -1)
        eights = flat.shape[1] // 8 * 8
        flat[:, :eights] = _bytes(floats).reshape(flat.shape)[:, :eights]
    return result


def _whole(weights: np.ndarray) -> np.ndarray:
    return np.rint(weights * ONE).astype(np.int64)


def _sum(values: np.ndarray, taps: Taps, axis: int) -> np.ndarray:
    """Weighted sums of rows (axis 0) or of columns (axis 1)."""
    which, weights = taps
    total = 0
    for k in range(which.shape[1]):
        weight = weights[:, k].reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
        total = total + np.take(values, which[:, k], axis=axis) * weight
    return np.asarray(total)


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
