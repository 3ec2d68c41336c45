"""Images of another size: adaptive average pooling and bilinear resizing.

Both are linear along each of the two axes, so each is a matrix on the left and one on the right of an image, and the
gradient is the same with the matrices transposed.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from ...errors import ArgumentError, ShapeError
from ...op import REQUIRED, op
from ..shape import whole

Weights = tuple[str, int, int]  # a kind of matrix, the length that comes out and the length that goes in


@lru_cache(maxsize=256)
def _matrix(kind: str, out: int, size: int) -> np.ndarray:
    """[out, size]: what each place of the result takes of each place of the image."""
    matrix = np.zeros((out, size))
    for i in range(out):
        if kind == "mean":
            begin, end = i * size // out, -(-(i + 1) * size // out)
            matrix[i, begin:end] = 1 / (end - begin)
            continue
        if kind == "corners":
            place = i * (size - 1) / (out - 1) if out > 1 else 0.0
        else:
            place = max(0.0, (i + 0.5) * size / out - 0.5)
        low = min(int(place), size - 1)
        high = min(low + 1, size - 1)
        matrix[i, low] += 1 - (place - low)
        matrix[i, high] += place - low
    return matrix


@op(name="_both_sides")
def both_sides(data, rows=REQUIRED, columns=REQUIRED, back=False):
    """Each image between two matrices, or, with back, between their transposes.  [N, C, H, W] -> [N, C, out, out]"""
    left, right = (_matrix(*weights).astype(data.dtype) for weights in (rows, columns))
    if back:
        left, right = left.T, right.T
    return np.matmul(np.matmul(left, data), right.T)


both_sides.vjp(lambda g, _out, _data, rows, columns, back: both_sides(g, rows=rows, columns=columns, back=not back))


def _image(name: str, data: Any) -> tuple[int, int]:
    if data.ndim != 4 or data.dtype.kind != "f":
        raise ShapeError(f"{name}: data is {data.dtype} {list(data.shape)}: it takes floating-point [N, C, H, W]")
    return data.shape[2], data.shape[3]


def _pooled(shape: tuple[int, ...], output_size: Any) -> tuple[Weights, Weights]:
    size = (output_size,) if isinstance(output_size, int) else tuple(output_size or (1,))
    size = size * 2 if len(size) == 1 else size
    if len(size) != 2 or any(whole("AdaptiveAvgPooling2D", "output_size", n) < 1 for n in size):
        raise ArgumentError(f"AdaptiveAvgPooling2D: output_size is {output_size!r}: it takes one or two lengths")
    return ("mean", size[0], shape[2]), ("mean", size[1], shape[3])


@op(name="_contrib_AdaptiveAvgPooling2D")
def AdaptiveAvgPooling2D(data, output_size=()):
    """The means over output_size bins of nearly equal size along each axis; one bin by default.  [N, C, H, W]"""
    _image("AdaptiveAvgPooling2D", data)
    rows, columns = _pooled(data.shape, output_size)
    return both_sides(data, rows=rows, columns=columns)


def _pooling_gradient(g, _out, data_like, output_size):
    rows, columns = _pooled(data_like.shape, output_size)
    return both_sides(g, rows=rows, columns=columns, back=True)


AdaptiveAvgPooling2D.vjp(_pooling_gradient)


OWN_SIZE = {  # mode -> a length that comes from data's own
    "to_even_down": lambda n: n - n % 2, "to_even_up": lambda n: n + n % 2,
    "to_odd_down": lambda n: n - 1 + n % 2, "to_odd_up": lambda n: n + 1 - n % 2,
}  # fmt: skip


def _odd_scaled(n: int, scale: float) -> int:
    """n times scale; of an odd n, an odd length's distances between pixels are scaled."""
    return math.floor((n - n % 2) * scale) + n % 2


def _resized(
    shape: tuple[int, ...], like: Any, height: Any, width: Any, scale_height: Any, scale_width: Any, mode: str,
    align_corners: Any,
) -> tuple[Weights, Weights]:  # fmt: skip
    name = "BilinearResize2D"
    if mode == "like":
        if like is None or like.ndim != 4:
            raise ShapeError(f"{name}: mode 'like' needs a second array [N, C, H, W]")
        size = like.shape[2:]
    elif mode not in ("size", "odd_scale", *OWN_SIZE) or like is not None:
        raise ArgumentError(
            f"{name}: mode is {mode!r}; known: 'like' (two arrays), and of one array 'size', 'odd_scale', "
            f"{', '.join(map(repr, OWN_SIZE))}"
        )
    elif mode in OWN_SIZE:
        size = tuple(OWN_SIZE[mode](n) for n in shape[2:])
    elif (scale_height is None) != (scale_width is None):
        raise ArgumentError(f"{name}: scale_height and scale_width go together; one is missing")
    elif mode == "odd_scale":
        if scale_height is None:
            raise ArgumentError(f"{name}: mode 'odd_scale' needs scale_height and scale_width")
        size = (_odd_scaled(shape[2], scale_height), _odd_scaled(shape[3], scale_width))
    elif scale_height is not None:
        size = (math.floor(scale_height * shape[2]), math.floor(scale_width * shape[3]))
    else:
        size = (whole(name, "height", height), whole(name, "width", width))
    if min(size) < 1:
        raise ArgumentError(f"{name}: the result would be {size[0]} x {size[1]}: both must be 1 or more")
    kind = "corners" if align_corners else "centres"
    return (kind, size[0], shape[2]), (kind, size[1], shape[3])


@op(name="_contrib_BilinearResize2D", arrays=("like",))
def BilinearResize2D(
    data, like=None, height=1, width=1, scale_height=None, scale_width=None, mode="size", align_corners=True
):
    """data interpolated to height x width, to its own size times scales, or to the size of `like` (mode 'like').

    Modes 'to_even_down', 'to_even_up', 'to_odd_down' and 'to_odd_up' take the next such length, 'odd_scale' scales odd
    lengths to odd ones.  align_corners: the corner pixels stay; else pixels count as squares.
    [N, C, H, W] -> [N, C, height, width]
    """
    _image("BilinearResize2D", data)
    rows, columns = _resized(data.shape, like, height, width, scale_height, scale_width, mode, align_corners)
    return both_sides(data, rows=rows, columns=columns)


def _resize_gradient(g, _out, data_like, l_like, height, width, scale_height, scale_width, mode, align_corners):
    rows, columns = _resized(data_like.shape, l_like, height, width, scale_height, scale_width, mode, align_corners)
    return both_sides(g, rows=rows, columns=columns, back=True)


BilinearResize2D.vjp(_resize_gradient, None)
