"""Transforms that move pixels: resizing, cutting out, mirroring, rotating.   [H, W, C], unless said otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np

from .....core import images
from .....core.ndarray import NDArray
from ....block import Block
from ....errors import BadArgument, BadImage
from ....hybrid import HybridBlock

Size = int | tuple[int, int]


def _both(size: Any) -> Any:
    return size if isinstance(size, list | tuple) else (size, size)


class Resize(HybridBlock):
    """In another size: an int, or (width, height).   [H, W, C] or [N, H, W, C]. MXNet: `Resize`.

    keep_ratio: `size`, an int, is that of the shorter side. interpolation: 0 nearest, 1 linear, 2 cubic, 3 area, 4
    Lanczos.

    >>> from mxl.core import nd
    >>> Resize((4, 2))(nd.ones((8, 8, 3), dtype="uint8")).shape
    (2, 4, 3)
    """

    def __init__(self, size: Size, keep_ratio: bool = False, interpolation: int = 1) -> None:
        super().__init__()
        self._keep = keep_ratio
        self._size = size
        self._interpolation = interpolation

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return F.image.resize(x, self._size, self._keep, self._interpolation)


class CropResize(HybridBlock):
    """The rectangle at (x, y), resized where `size` is given.   [H, W, C] or [N, H, W, C]. MXNet: `CropResize`."""

    def __init__(
        self, x: int, y: int, width: int, height: int, size: Size | None = None, interpolation: int | None = None
    ) -> None:
        super().__init__()
        self._place = (x, y, width, height)
        self._size = size
        self._interpolation = 1 if interpolation is None else interpolation

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        out = F.image.crop(x, *self._place)
        return F.image.resize(out, self._size, False, self._interpolation) if self._size else out


class CenterCrop(Block):
    """The middle, of `size`: an int, or (width, height); a smaller image is made larger. MXNet: `CenterCrop`."""

    def __init__(self, size: Size, interpolation: int = 1) -> None:
        super().__init__()
        self._args = (_both(size), interpolation)

    def forward(self, x: NDArray) -> NDArray:
        return images.center_crop(x, *self._args)[0]


class RandomCrop(Block):
    """A part of `size`, an int or (width, height), at a place by chance; a smaller image is made larger.

    pad: zeros, or `pad_value`, put around the image first: an int, or ((top, bottom), (left, right)). By Python's
    `random`. MXNet: `RandomCrop`, of its later versions.
    """

    def __init__(self, size: Size, pad: Any = None, pad_value: float = 0, interpolation: int = 1) -> None:
        super().__init__()
        self._args = (_both(size), interpolation)
        self._pad = ((pad, pad), (pad, pad)) if isinstance(pad, int) else pad
        self._pad_value = pad_value

    def forward(self, x: NDArray) -> NDArray:
        if self._pad is not None:
            (top, bottom), (left, right) = self._pad[:2]
            x = images.copyMakeBorder(x, top, bottom, left, right, value=self._pad_value)
        return images.random_crop(x, *self._args)[0]


class RandomResizedCrop(Block):
    """A part of a size and shape by chance, resized to `size`: an int, or (width, height).

    scale: from which to which share of the image's area; ratio: of width by height. By Python's `random`. MXNet:
    `RandomResizedCrop`.
    """

    def __init__(
        self, size: Size, scale: Any = (0.08, 1.0), ratio: tuple[float, float] = (3.0 / 4.0, 4.0 / 3.0),
        interpolation: int = 1,
    ) -> None:  # fmt: skip
        super().__init__()
        self._args = (_both(size), scale, ratio, interpolation)

    def forward(self, x: NDArray) -> NDArray:
        return images.random_size_crop(x, *self._args)[0]


class RandomFlipLeftRight(HybridBlock):
    """Mirrored left for right every second time, by chance. MXNet: `RandomFlipLeftRight`."""

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return F.image.random_flip_left_right(x)


class RandomFlipTopBottom(HybridBlock):
    """Upside down every second time, by chance. MXNet: `RandomFlipTopBottom`."""

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return F.image.random_flip_top_bottom(x)


class Rotate(Block):
    """Turned by an angle in degrees, in its own size.   [C, H, W] or [N, C, H, W], float32. MXNet: `Rotate`.

    zoom_in: made larger, so that no corner is empty; zoom_out: made smaller, so that nothing is cut off. Raises
    TypeError for images that are not float32.
    """

    def __init__(self, rotation_degrees: Any, zoom_in: bool = False, zoom_out: bool = False) -> None:
        super().__init__()
        self._args = (rotation_degrees, zoom_in, zoom_out)

    def forward(self, x: NDArray) -> NDArray:
        return images.imrotate(_require_float(x, "Rotate"), *self._args)


class RandomRotation(Block):
    """Turned by an angle between two, in degrees, by numpy's random numbers.   [C, H, W] or [N, C, H, W], float32.

    rotate_with_proba: how likely it is turned at all; zooms as in `Rotate`. Raises ValueError for angles not in order
    or no probability, TypeError for images that are not float32. MXNet: `RandomRotation`.
    """

    def __init__(
        self, angle_limits: tuple[float, float], zoom_in: bool = False, zoom_out: bool = False,
        rotate_with_proba: float = 1.0,
    ) -> None:  # fmt: skip
        super().__init__()
        lower, upper = angle_limits
        if lower >= upper:
            raise BadArgument(f"RandomRotation: angle_limits are {angle_limits}; the first must be the smaller one")
        if not 0 <= rotate_with_proba <= 1:
            raise BadArgument(f"RandomRotation: rotate_with_proba is {rotate_with_proba}; expected 0 to 1")
        self._args = (angle_limits, zoom_in, zoom_out)
        self._rotate_with_proba = rotate_with_proba

    def forward(self, x: NDArray) -> NDArray:
        if np.random.random() > self._rotate_with_proba:
            return x
        return images.random_rotate(_require_float(x, "RandomRotation"), *self._args)


def _require_float(x: NDArray, transform: str) -> NDArray:
    if x.dtype != np.float32:
        raise BadImage(f"{transform}: the image is {np.dtype(x.dtype)}; it takes float32: put it behind ToTensor")
    return x
