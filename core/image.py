"""`mx.nd.image`: the operators of the table whose names begin with `_image_`, and what is changed by chance.

>>> import mxl as mx
>>> mx.nd.image.to_tensor(mx.nd.ones((4, 5, 3), dtype="uint8")).shape
(3, 4, 5)

Chance is drawn in MXNet's order from the generator beside mx.random's streams, so a seeded script sees the same images.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import ops
from .ndarray import NDArray
from .op import TABLE
from .streams import STREAMS, canonical, polar_factor

__all__ = [
    "random_brightness", "random_color_jitter", "random_contrast", "random_flip_left_right", "random_flip_top_bottom",
    "random_hue", "random_lighting", "random_saturation",
]  # fmt: skip

assert ops  # the families fill the table


def _half() -> bool:
    """True every second time, by chance: of two words the second, which weighs more."""
    return bool(STREAMS.beside(2)[1] >= 1 << 31)


def _mirrored(name: str, data: NDArray, out: NDArray | None) -> NDArray:
    return TABLE[name](data, out=out) if _half() else TABLE["identity"](data, out=out)


def random_flip_left_right(data: NDArray, out: NDArray | None = None, name: str | None = None) -> NDArray:
    """Mirrored left for right, or not.   [H, W, C]"""
    return _mirrored("_image_flip_left_right", data, out)


def random_flip_top_bottom(data: NDArray, out: NDArray | None = None, name: str | None = None) -> NDArray:
    """Upside down, or not.   [H, W, C]"""
    return _mirrored("_image_flip_top_bottom", data, out)


def _units(size: int) -> np.ndarray:
    """Numbers of [0, 1), float32."""
    return canonical(STREAMS.beside(size)[:, None])[:, 0]


def _between(low: float, high: float) -> float:
    return float(_units(1)[0] * (np.float32(high) - np.float32(low)) + np.float32(low))


def random_brightness(
    data: NDArray, min_factor: float, max_factor: float, out: NDArray | None = None, name: str | None = None
) -> NDArray:
    """data times a factor of [min_factor, max_factor).   [H, W, C]"""
    return TABLE["_jitter_brightness"](data, _between(min_factor, max_factor), out=out)


def random_contrast(
    data: NDArray, min_factor: float, max_factor: float, out: NDArray | None = None, name: str | None = None
) -> NDArray:
    """The difference to the mean brightness times a factor of [min_factor, max_factor).   [H, W, C]"""
    return TABLE["_jitter_contrast"](data, _between(min_factor, max_factor), out=out)


def random_saturation(
    data: NDArray, min_factor: float, max_factor: float, out: NDArray | None = None, name: str | None = None
) -> NDArray:
    """The difference to each pixel's grey times a factor of [min_factor, max_factor).   [H, W, C]"""
    return TABLE["_jitter_saturation"](data, _between(min_factor, max_factor), out=out)


def random_hue(
    data: NDArray, min_factor: float, max_factor: float, out: NDArray | None = None, name: str | None = None
) -> NDArray:
    """Colours turned by a part of the wheel of [min_factor, max_factor), 1 being the whole.   [H, W, C]"""
    return TABLE["_jitter_hue"](data, _between(min_factor, max_factor), out=out)


def _shuffled_four() -> list[int]:
    """0 to 3 in an order by chance."""
    order = [0, 1, 2, 3]
    for last in range(1, 4):
        at = _below(last + 1)
        order[last], order[at] = order[at], order[last]
    return order


def _below(count: int) -> int:
    """A whole number below `count`, by chance: words past the last whole share are drawn again."""
    share = 0xFFFFFFFF // count
    while True:
        at = int(STREAMS.beside(1)[0]) // share
        if at < count:
            return at


def random_color_jitter(
    data: NDArray, brightness: float, contrast: float, saturation: float, hue: float,
    out: NDArray | None = None, name: str | None = None,
) -> NDArray:  # fmt: skip
    """Brightness, contrast, saturation and hue by 1 plus or minus the given, in an order by chance.   [H, W, C]"""
    kinds = (
        ("_jitter_brightness", brightness), ("_jitter_contrast", contrast), ("_jitter_saturation", saturation),
        ("_jitter_hue", hue),
    )  # fmt: skip
    result = data
    for kind in _shuffled_four():
        operator, extent = kinds[kind]
        if extent > 0:
            result = TABLE[operator](result, _between(1 - extent, 1 + extent))
    return TABLE["identity"](result, out=out)


def _three_normal(deviation: float) -> list[float]:
    """Three numbers of the normal distribution: of each pair that is made the second, then the first."""
    found: list[float] = []
    while len(found) < 3:
        x, y = (np.float32(2) * u - np.float32(1) for u in _units(2))
        radius = np.float32(x * x + y * y)
        if 0 < radius <= 1:
            factor = polar_factor(np.array([radius]))[0]
            found += [float(y * factor * np.float32(deviation)), float(x * factor * np.float32(deviation))]
    return found[:3]


def random_lighting(
    data: NDArray, alpha_std: float = 0.05, out: NDArray | None = None, name: str | None = None
) -> NDArray:
    """`adjust_lighting` by three numbers of deviation `alpha_std`.   [H, W, C]"""
    return TABLE["_image_adjust_lighting"](data, tuple(_three_normal(alpha_std)), out=out)


def __getattr__(name: str) -> Any:
    found = TABLE.get(f"_image_{name}")
    if found is None:
        raise AttributeError(f"mx.nd.image has no operator {name!r}; it has {', '.join(__dir__())}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*__all__, *(name.removeprefix("_image_") for name in TABLE if name.startswith("_image_"))])
