"""Augmenters: what changes an image by chance, as an object that is called and can be described.

Knows sizes, places and mirrors; augmenters of colours are in colour_augmenters.py. Chance is Python's `random`.
Invariant: `dumps` says the class's name in small letters and the arguments, as JSON.
"""

from __future__ import annotations

import json
import random
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import BadCall
from ..ndarray import NDArray
from ..op import TABLE
from . import crops

Size = tuple[int, int]


class Augmenter:
    """The base of augmenters: a subclass says its arguments to this one, and what it does in `__call__(src)`.

    MXNet: `image.Augmenter`.

    >>> CastAug("float16").dumps()
    '["castaug", {"type": "float16"}]'
    """

    def __init__(self, **kwargs: Any) -> None:
        self._kwargs = plain_arguments(kwargs)

    def dumps(self) -> Any:
        """The name and the arguments, as JSON."""
        return json.dumps([type(self).__name__.lower(), self._kwargs])

    def __call__(self, src: NDArray) -> NDArray:
        raise NotImplementedError(f"{type(self).__name__} defines no __call__(self, src)")


def plain_arguments(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments with lists in place of arrays."""
    plain = {name: value.asnumpy() if isinstance(value, NDArray) else value for name, value in arguments.items()}
    return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in plain.items()}


class SequentialAug(Augmenter):
    """Augmenters one after the other. MXNet: `image.SequentialAug`."""

    def __init__(self, ts: Sequence[Augmenter]) -> None:
        super().__init__()
        self.ts = ts

    def dumps(self) -> list[Any]:
        """The name, and what each of the augmenters says."""
        return [type(self).__name__.lower(), [one.dumps() for one in self.ts]]

    def __call__(self, src: NDArray) -> NDArray:
        for one in self.ts:
            src = one(src)
        return src


class RandomOrderAug(SequentialAug):
    """Augmenters one after the other, in an order by chance: `ts` itself is shuffled. MXNet: `image.RandomOrderAug`."""

    ts: list[Augmenter]

    def __call__(self, src: NDArray) -> NDArray:
        random.shuffle(self.ts)
        return super().__call__(src)


class ResizeAug(Augmenter):
    """A shorter side of `size`, in its own shape; see `resize_short`. MXNet: `image.ResizeAug`."""

    def __init__(self, size: int, interp: int = 2) -> None:
        super().__init__(size=size, interp=interp)
        self.size = size
        self.interp = interp

    def __call__(self, src: NDArray) -> NDArray:
        return crops.resize_short(src, self.size, self.interp)


class ForceResizeAug(Augmenter):
    """In the size (width, height), whatever its shape was. MXNet: `image.ForceResizeAug`."""

    def __init__(self, size: Size, interp: int = 2) -> None:
        super().__init__(size=size, interp=interp)
        self.size = size
        self.interp = interp

    def __call__(self, src: NDArray) -> NDArray:
        sizes = (src.shape[0], src.shape[1], self.size[1], self.size[0])
        return crops.imresize(src, *self.size, interp=crops.chosen(self.interp, sizes))


class RandomCropAug(Augmenter):
    """A part at a place by chance; see `random_crop`. MXNet: `image.RandomCropAug`."""

    def __init__(self, size: Size, interp: int = 2) -> None:
        super().__init__(size=size, interp=interp)
        self.size = size
        self.interp = interp

    def __call__(self, src: NDArray) -> NDArray:
        return crops.random_crop(src, self.size, self.interp)[0]


class RandomSizedCropAug(Augmenter):
    """A part of a size, shape and place by chance; see `random_size_crop`. MXNet: `image.RandomSizedCropAug`."""

    def __init__(self, size: Size, area: Any, ratio: tuple[float, float], interp: int = 2, **kwargs: Any) -> None:
        super().__init__(size=size, area=area, ratio=ratio, interp=interp)
        if "min_area" in kwargs:
            warnings.warn("RandomSizedCropAug: min_area is deprecated, use area", DeprecationWarning, stacklevel=2)
            area = kwargs.pop("min_area")
        if kwargs:
            raise BadCall(f"RandomSizedCropAug: unknown arguments {', '.join(kwargs)}")
        self.size = size
        self.area = area
        self.ratio = ratio
        self.interp = interp

    def __call__(self, src: NDArray) -> NDArray:
        return crops.random_size_crop(src, self.size, self.area, self.ratio, self.interp)[0]


class CenterCropAug(Augmenter):
    """The middle; see `center_crop`. MXNet: `image.CenterCropAug`."""

    def __init__(self, size: Size, interp: int = 2) -> None:
        super().__init__(size=size, interp=interp)
        self.size = size
        self.interp = interp

    def __call__(self, src: NDArray) -> NDArray:
        return crops.center_crop(src, self.size, self.interp)[0]


class HorizontalFlipAug(Augmenter):
    """Mirrored left for right with probability `p`. MXNet: `image.HorizontalFlipAug`."""

    def __init__(self, p: float) -> None:
        super().__init__(p=p)
        self.p = p

    def __call__(self, src: NDArray) -> NDArray:
        return TABLE["flip"](src, axis=1) if random.random() < self.p else src


class CastAug(Augmenter):
    """To another dtype. MXNet: `image.CastAug`."""

    def __init__(self, typ: str = "float32") -> None:
        super().__init__(type=typ)
        self.typ = typ

    def __call__(self, src: NDArray) -> NDArray:
        return src.astype(self.typ)
