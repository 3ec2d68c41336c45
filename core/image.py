"""`mx.nd.image`: the operators of the table whose names begin with `_image_`, and mirroring by chance.

>>> import mxl as mx
>>> mx.nd.image.to_tensor(mx.nd.ones((4, 5, 3), dtype="uint8")).shape
(3, 4, 5)
"""

from __future__ import annotations

from typing import Any

from . import ops, random
from .ndarray import NDArray
from .op import TABLE

__all__ = ["random_flip_left_right", "random_flip_top_bottom"]

assert ops  # the families fill the table


def _by_chance(name: str, data: NDArray) -> NDArray:
    return TABLE[name](data) if float(random.uniform(0, 1, (1,)).asscalar()) < 0.5 else data.copy()


def random_flip_left_right(data: NDArray) -> NDArray:
    """Mirrored left for right, or not, by mx.random's stream."""
    return _by_chance("_image_flip_left_right", data)


def random_flip_top_bottom(data: NDArray) -> NDArray:
    """Upside down, or not, by mx.random's stream."""
    return _by_chance("_image_flip_top_bottom", data)


def __getattr__(name: str) -> Any:
    found = TABLE.get(f"_image_{name}")
    if found is None:
        raise AttributeError(f"mx.nd.image has no operator {name!r}; it has {', '.join(__dir__())}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*__all__, *(name.removeprefix("_image_") for name in TABLE if name.startswith("_image_"))])
