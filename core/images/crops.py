"""Images resized, cut out and framed.   [H, W, C]. Sizes are (width, height), rectangles (x, y, width, height).

Knows geometry and chance; core/interpolation.py computes.
"""

from __future__ import annotations

import random
import warnings
from typing import Any

import numpy as np

from ..creation import array
from ..errors import ArgumentError, BadCall, InvalidSetting, ShapeError
from ..interpolation import resize
from ..ndarray import NDArray

Rectangle = tuple[int, int, int, int]

BORDERS = {1: "edge", 2: "symmetric", 3: "wrap", 4: "reflect"}  # type -> how numpy calls it


def _require_image(name: str, src: Any) -> np.ndarray:
    """The image's elements. Raises ShapeError for what is not [H, W, C]."""
    if not isinstance(src, NDArray):
        raise ArgumentError(f"{name}: src must be an NDArray, not {type(src).__name__}")
    if len(src.shape) != 3:
        raise ShapeError(f"{name}: src is {list(src.shape)}; it takes one image, [H, W, C]")
    return src._read()


def _delivered(result: np.ndarray, src: NDArray, out: NDArray | None) -> NDArray:
    made = array(result, ctx=src.context, dtype=result.dtype)
    if out is None:
        return made
    out[:] = made
    return out


def imresize(src: NDArray, w: int, h: int, interp: int = 1, out: NDArray | None = None) -> NDArray:
    """The image in another size.   [H, W, C] -> [h, w, C], uint8, float32 or float64

    interp: 0 nearest, 1 linear, 2 cubic, 3 area, 4 Lanczos. Raises ShapeError, DtypeError, InvalidSetting. MXNet:
    `image.imresize`.
    """
    data = _require_image("imresize", src)
    if w <= 0 or h <= 0:
        raise InvalidSetting(f"imresize: w is {w}, h is {h}: both must be positive")
    return _delivered(resize(data, int(w), int(h), interp), src, out)


def copyMakeBorder(
    src: NDArray, top: int, bot: int, left: int, right: int, type: int = 0, value: float = 0.0, values: Any = (),
    out: NDArray | None = None,
) -> NDArray:  # fmt: skip
    """The image in a frame.   [H, W, C] -> [top + H + bot, left + W + right, C]

    type: 0 of `value`, or of `values`, one for each channel; 1 the edge, 2 mirrored with the edge, 3 from the
    other side, 4 mirrored without the edge. Raises InvalidSetting. MXNet: `image.copyMakeBorder`.
    """
    data = _require_image("copyMakeBorder", src)
    around = ((top, bot), (left, right), (0, 0))
    if type in BORDERS:
        mode: Any = BORDERS[type]
        return _delivered(np.pad(data, around, mode=mode), src, out)
    if type != 0:
        raise InvalidSetting(f"copyMakeBorder: type is {type!r}; expected 0 to 4")
    framed = np.empty((top + data.shape[0] + bot, left + data.shape[1] + right, data.shape[2]), data.dtype)
    framed[:] = np.resize(np.asarray(values), data.shape[2]) if len(values) else value
    framed[top : top + data.shape[0], left : left + data.shape[1]] = data
    return _delivered(framed, src, out)


def scale_down(src_size: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    """`size` made smaller, in its own shape, until it fits into `src_size`; both (width, height).

    MXNet: `image.scale_down`.

    >>> scale_down((640, 480), (720, 120))
    (640, 106)
    """
    width, height = size
    most_width, most_height = src_size
    if height > most_height:
        width, height = width * most_height / height, most_height
    if width > most_width:
        width, height = most_width, height * most_width / width
    return int(width), int(height)


def chosen(interp: int, sizes: tuple[int, int, int, int]) -> int:
    """The interpolation that 9 (by whether it grows) or 10 (by chance) stand for; sizes: old and new height, width."""
    if interp == 9:
        old_height, old_width, height, width = sizes
        if height > old_height and width > old_width:
            return 2
        return 3 if height < old_height and width < old_width else 1
    if interp == 10:
        return random.randint(0, 4)
    if interp not in range(5):
        raise InvalidSetting(f"interp is {interp!r}; expected 0 to 4, 9 (by whether it grows) or 10 (by chance)")
    return interp


def resize_short(src: NDArray, size: int, interp: int = 2) -> NDArray:
    """The image with a shorter side of `size`, in its own shape.   [H, W, C]. MXNet: `image.resize_short`.

    interp: as for `imresize`; 9 is cubic for growing, area for shrinking; 10 is one by chance.
    """
    rows, columns, _ = src.shape
    width, height = (size, size * rows // columns) if rows > columns else (size * columns // rows, size)
    return imresize(src, width, height, chosen(interp, (rows, columns, height, width)))


def fixed_crop(
    src: NDArray, x0: int, y0: int, w: int, h: int, size: tuple[int, int] | None = None, interp: int = 2
) -> NDArray:
    """The rectangle at (x0, y0), resized to `size` where given.   [H, W, C]. MXNet: `image.fixed_crop`."""
    part = src[y0 : y0 + h, x0 : x0 + w]
    if size is None or (w, h) == size:
        return part
    return imresize(part, *size, interp=chosen(interp, (h, w, size[1], size[0])))


def random_crop(src: NDArray, size: tuple[int, int], interp: int = 2) -> tuple[NDArray, Rectangle]:
    """A part of `size` at a place by chance, and its rectangle; what is too large is cut smaller and resized.

    MXNet: `image.random_crop`.
    """
    rows, columns, _ = src.shape
    width, height = scale_down((columns, rows), size)
    x0 = random.randint(0, columns - width)
    y0 = random.randint(0, rows - height)
    return fixed_crop(src, x0, y0, width, height, size, interp), (x0, y0, width, height)


def center_crop(src: NDArray, size: tuple[int, int], interp: int = 2) -> tuple[NDArray, Rectangle]:
    """The middle, of `size`, and its rectangle; what is too large is cut smaller and resized.

    MXNet: `image.center_crop`.
    """
    rows, columns, _ = src.shape
    width, height = scale_down((columns, rows), size)
    x0, y0 = (columns - width) // 2, (rows - height) // 2
    return fixed_crop(src, x0, y0, width, height, size, interp), (x0, y0, width, height)


def random_size_crop(
    src: NDArray, size: tuple[int, int], area: Any, ratio: tuple[float, float], interp: int = 2, **kwargs: Any
) -> tuple[NDArray, Rectangle]:
    """A part of a size, shape and place by chance, resized to `size`, and its rectangle.

    area: the least share of the image, or (least, most); ratio: (least, most) of width by height. After ten shapes that
    do not fit it is the middle. `min_area` is an older name of `area`. MXNet: `image.random_size_crop`.
    """
    if "min_area" in kwargs:
        warnings.warn("random_size_crop: min_area is deprecated, use area", DeprecationWarning, stacklevel=2)
        area = kwargs.pop("min_area")
    if kwargs:
        raise BadCall(f"random_size_crop: unknown arguments {', '.join(kwargs)}")
    rows, columns, _ = src.shape
    least, most = area if isinstance(area, list | tuple) else (area, 1.0)
    for _ in range(10):
        pixels = random.uniform(least, most) * rows * columns
        shape = np.exp(random.uniform(np.log(ratio[0]), np.log(ratio[1])))
        width, height = round(float(np.sqrt(pixels * shape))), round(float(np.sqrt(pixels / shape)))
        if width <= columns and height <= rows:
            x0 = random.randint(0, columns - width)
            y0 = random.randint(0, rows - height)
            return fixed_crop(src, x0, y0, width, height, size, interp), (x0, y0, width, height)
    return center_crop(src, size, interp)


def color_normalize(src: NDArray, mean: Any, std: Any = None) -> NDArray:
    """(src - mean) / std, in place, either of which may be None; arrays of a number for each channel.   [H, W, C]

    MXNet: `image.color_normalize`.
    """
    if mean is not None:
        src -= mean
    if std is not None:
        src /= std
    return src
