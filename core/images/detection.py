"""Augmenters for images with boxes: called with an image and its label, they change both.

A label is a numpy array [boxes, 5 or more]: kind, left, top, right, bottom, from 0 to 1 of the image. Knows sizes and
which boxes stay; chance is Python's `random`, drawn as MXNet draws it.
"""

from __future__ import annotations

import json
import random
import warnings
from collections.abc import Iterator
from math import sqrt
from typing import Any

import numpy as np

from ..errors import ArgumentError, BadCall, InvalidSetting
from ..ndarray import NDArray
from ..op import TABLE
from .augmenters import Augmenter, CastAug, ForceResizeAug, ResizeAug, plain_arguments
from .colour_augmenters import (
    DIRECTIONS,
    VARIANCES,
    ColorJitterAug,
    ColorNormalizeAug,
    HueJitterAug,
    LightingAug,
    RandomGrayAug,
)
from .crops import copyMakeBorder, fixed_crop

Sample = tuple[NDArray, np.ndarray]


class DetAugmenter:
    """The base of augmenters with labels: a subclass says its arguments, and what `__call__(src, label)` gives.

    MXNet: `image.DetAugmenter`.
    """

    def __init__(self, **kwargs: Any) -> None:
        self._kwargs = plain_arguments(kwargs)

    def dumps(self) -> Any:
        """The name and the arguments, as JSON."""
        return json.dumps([type(self).__name__.lower(), self._kwargs])

    def __call__(self, src: NDArray, label: np.ndarray) -> Sample:
        raise NotImplementedError(f"{type(self).__name__} defines no __call__(self, src, label)")


class DetBorrowAug(DetAugmenter):
    """An augmenter that leaves places as they are: the label stays. Raises TypeError for what is no Augmenter.

    MXNet: `image.DetBorrowAug`.
    """

    def __init__(self, augmenter: Augmenter) -> None:
        if not isinstance(augmenter, Augmenter):
            raise ArgumentError(f"DetBorrowAug: expected an image.Augmenter, got {type(augmenter).__name__}")
        super().__init__(augmenter=augmenter.dumps())
        self.augmenter = augmenter

    def dumps(self) -> list[Any]:
        return [type(self).__name__.lower(), self.augmenter.dumps()]

    def __call__(self, src: NDArray, label: np.ndarray) -> Sample:
        return self.augmenter(src), label


class DetRandomSelectAug(DetAugmenter):
    """One of several augmenters, by chance, or with probability `skip_prob` none; `aug_list` itself is shuffled.

    Raises ValueError for what is no DetAugmenter. MXNet: `image.DetRandomSelectAug`.
    """

    def __init__(self, aug_list: Any, skip_prob: float = 0) -> None:
        super().__init__(skip_prob=skip_prob)
        self.aug_list = aug_list if isinstance(aug_list, list | tuple) else [aug_list]
        for one in self.aug_list:
            if not isinstance(one, DetAugmenter):
                raise InvalidSetting(f"DetRandomSelectAug: expected DetAugmenters, got {type(one).__name__}")
        self.skip_prob = skip_prob if self.aug_list else 1

    def dumps(self) -> list[Any]:
        return [type(self).__name__.lower(), [one.dumps() for one in self.aug_list]]

    def __call__(self, src: NDArray, label: np.ndarray) -> Sample:
        if random.random() < self.skip_prob:
            return src, label
        random.shuffle(self.aug_list)  # pyright: ignore  # a tuple cannot be shuffled, nor in MXNet
        return self.aug_list[0](src, label)


class DetHorizontalFlipAug(DetAugmenter):
    """Mirrored left for right with probability `p`; the label is changed in place.

    MXNet: `image.DetHorizontalFlipAug`.
    """

    def __init__(self, p: float) -> None:
        super().__init__(p=p)
        self.p = p

    def __call__(self, src: NDArray, label: np.ndarray) -> Sample:
        if random.random() < self.p:
            src = TABLE["flip"](src, axis=1)
            label[:, [1, 3]] = 1.0 - label[:, [3, 1]]
        return src, label


def _pair(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else (value, value)


def _usable(name: str, area_range: Any, aspect_ratio_range: Any, least_area: float) -> bool:
    """Whether the ranges are; warns where not."""
    for what, low, high, fits in (
        ("area_range", *area_range, area_range[1] > least_area),
        ("aspect_ratio_range", *aspect_ratio_range, aspect_ratio_range[0] > 0),
    ):
        if not fits or low > high:
            warnings.warn(f"{name} does nothing: {what} is ({low}, {high})", stacklevel=3)
            return False
    return True


def _areas(boxes: np.ndarray) -> np.ndarray:
    """[boxes, left, top, right, bottom, ...] -> [boxes]"""
    return np.maximum(0, boxes[:, 2] - boxes[:, 0]) * np.maximum(0, boxes[:, 3] - boxes[:, 1])


class DetRandomCropAug(DetAugmenter):
    """A part by chance that covers enough of the boxes; boxes of which too little is left are dropped.

    min_object_covered: of each box that is touched, how much; min_eject_coverage: how much of a box must be left for it
    to stay; aspect_ratio_range: of width by height; area_range: share of the image; max_attempts: then it stays whole.
    MXNet: `image.DetRandomCropAug`.
    """

    def __init__(
        self, min_object_covered: float = 0.1, aspect_ratio_range: Any = (0.75, 1.33), area_range: Any = (0.05, 1.0),
        min_eject_coverage: float = 0.3, max_attempts: int = 50,
    ) -> None:  # fmt: skip
        self.aspect_ratio_range = _pair(aspect_ratio_range)
        self.area_range = _pair(area_range)
        super().__init__(
            min_object_covered=min_object_covered, aspect_ratio_range=self.aspect_ratio_range,
            area_range=self.area_range, min_eject_coverage=min_eject_coverage, max_attempts=max_attempts,
        )  # fmt: skip
        self.min_object_covered = min_object_covered
        self.min_eject_coverage = min_eject_coverage
        self.max_attempts = max_attempts
        self.enabled = _usable("DetRandomCropAug", self.area_range, self.aspect_ratio_range, 0)

    def __call__(self, src: NDArray, label: np.ndarray) -> Sample:
        height, width = src.shape[:2]
        for x, y, w, h in self._places(height, width):
            if self._covers(label, x, y, w, h, height, width):
                left = self._left_over(label, x / width, y / height, w / width, h / height)
                if len(left):
                    return fixed_crop(src, x, y, w, h), left
        return src, label

    def _places(self, height: int, width: int) -> Iterator[tuple[int, int, int, int]]:
        """Rectangles by chance, of the ranges' shapes and sizes."""
        if not self.enabled or height <= 0 or width <= 0:
            return
        least, most = (share * height * width for share in self.area_range)
        for _ in range(self.max_attempts):
            ratio = random.uniform(*self.aspect_ratio_range)
            if ratio <= 0:
                continue
            h, highest = round(sqrt(least / ratio)), round(sqrt(most / ratio))
            if round(highest * ratio) > width:
                highest = int((width + 0.4999999) / ratio)
            highest = min(highest, height)
            h = min(h, highest)
            if h < highest:
                h = random.randint(h, highest)
            w = round(h * ratio)
            if w * h < least:  # rounding
                h += 1
                w = round(h * ratio)
            if w * h > most:
                h -= 1
                w = round(h * ratio)
            if least <= w * h <= most and 0 <= w <= width and 0 <= h <= height:
                y = random.randint(0, max(0, height - h))
                x = random.randint(0, max(0, width - w))
                yield x, y, w, h

    def _covers(self, label: np.ndarray, x: int, y: int, w: int, h: int, height: int, width: int) -> bool:
        if w * h < 2:
            return False
        areas = _areas(label[:, 1:])
        boxes = label[areas * width * height > 2, 1:5]
        if not len(boxes):
            return False
        corners = x / width, y / height, (x + w) / width, (y + h) / height
        inside = np.concatenate([np.maximum(boxes[:, :2], corners[:2]), np.minimum(boxes[:, 2:], corners[2:])], axis=1)
        covered = _areas(inside) / _areas(boxes)
        covered = covered[covered > 0]
        return bool(covered.size) and bool(covered.min() > self.min_object_covered)

    def _left_over(self, label: np.ndarray, x: float, y: float, w: float, h: float) -> np.ndarray:
        """The boxes in the part's own measure, those of which enough is left."""
        out = label.copy()
        out[:, (1, 3)] = (out[:, (1, 3)] - x) / w
        out[:, (2, 4)] = (out[:, (2, 4)] - y) / h
        out[:, 1:5] = np.clip(out[:, 1:5], 0, 1)
        with np.errstate(all="ignore"):
            share = _areas(out[:, 1:]) * w * h / _areas(label[:, 1:])
        return out[(out[:, 3] > out[:, 1]) & (out[:, 4] > out[:, 2]) & (share > self.min_eject_coverage)]


class DetRandomPadAug(DetAugmenter):
    """The image somewhere in a larger one, of `pad_val` (one for each channel). MXNet: `image.DetRandomPadAug`.

    aspect_ratio_range: of width by height; area_range: times the image's area, more than 1; max_attempts: then it stays
    as it is.
    """

    def __init__(
        self, aspect_ratio_range: Any = (0.75, 1.33), area_range: Any = (1.0, 3.0), max_attempts: int = 50,
        pad_val: Any = (128, 128, 128),
    ) -> None:  # fmt: skip
        self.aspect_ratio_range = _pair(aspect_ratio_range)
        self.area_range = _pair(area_range)
        super().__init__(
            aspect_ratio_range=self.aspect_ratio_range, area_range=self.area_range, max_attempts=max_attempts,
            pad_val=pad_val,
        )  # fmt: skip
        self.pad_val = pad_val
        self.max_attempts = max_attempts
        self.enabled = _usable("DetRandomPadAug", self.area_range, self.aspect_ratio_range, 1.0)

    def __call__(self, src: NDArray, label: np.ndarray) -> Sample:
        height, width = src.shape[:2]
        place = self._place(height, width)
        if place is None:
            return src, label
        x, y, w, h = place
        values = _pair(self.pad_val)
        out = label.copy()
        out[:, (1, 3)] = (out[:, (1, 3)] * width + x) / w
        out[:, (2, 4)] = (out[:, (2, 4)] * height + y) / h
        return copyMakeBorder(src, y, h - y - height, x, w - x - width, values=values), out

    def _place(self, height: int, width: int) -> tuple[int, int, int, int] | None:
        """Where in which larger image, (x, y, width, height); None after all attempts."""
        if not self.enabled or height <= 0 or width <= 0:
            return None
        least, most = (share * height * width for share in self.area_range)
        for _ in range(self.max_attempts):
            ratio = random.uniform(*self.aspect_ratio_range)
            if ratio <= 0:
                continue
            h, highest = round(sqrt(least / ratio)), round(sqrt(most / ratio))
            if round(h * ratio) < width:
                h = int((width + 0.499999) / ratio)
            h = min(max(h, height), highest)
            if h < highest:
                h = random.randint(h, highest)
            w = round(h * ratio)
            if h - height >= 2 and w - width >= 2:
                y = random.randint(0, max(0, h - height))
                return random.randint(0, max(0, w - width)), y, w, h
        return None


def CreateMultiRandCropAugmenter(
    min_object_covered: Any = 0.1, aspect_ratio_range: Any = (0.75, 1.33), area_range: Any = (0.05, 1.0),
    min_eject_coverage: Any = 0.3, max_attempts: Any = 50, skip_prob: float = 0,
) -> DetRandomSelectAug:  # fmt: skip
    """One of several `DetRandomCropAug`: each argument may be a list, of as many as the others or of one.

    Raises AssertionError where lists differ. MXNet: `image.CreateMultiRandCropAugmenter`.
    """
    given = (min_object_covered, aspect_ratio_range, area_range, min_eject_coverage, max_attempts)
    lists = [value if isinstance(value, list) else [value] for value in given]
    count = max(map(len, lists))
    for values in lists:
        if len(values) not in (1, count):
            raise BadCall(f"CreateMultiRandCropAugmenter: a list has {len(values)} values, another one {count}")
    rows = zip(*(values * count if len(values) == 1 else values for values in lists), strict=True)
    return DetRandomSelectAug([DetRandomCropAug(*row) for row in rows], skip_prob=skip_prob)


def _statistic(name: str, given: Any, usual: list[float]) -> np.ndarray | None:
    if given is None or given is True:
        return None if given is None else np.array(usual)
    if not isinstance(given, np.ndarray) or given.shape[0] not in (1, 3):
        raise BadCall(f"CreateDetAugmenter: {name} is {given!r}; expected None, True, or a numpy array of 1 or 3")
    return given


def CreateDetAugmenter(
    data_shape: tuple[int, int, int], resize: int = 0, rand_crop: float = 0, rand_pad: float = 0, rand_gray: float = 0,
    rand_mirror: bool = False, mean: Any = None, std: Any = None, brightness: float = 0, contrast: float = 0,
    saturation: float = 0, pca_noise: float = 0, hue: float = 0, inter_method: int = 2, min_object_covered: Any = 0.1,
    aspect_ratio_range: Any = (0.75, 1.33), area_range: Any = (0.05, 3.0), min_eject_coverage: Any = 0.3,
    max_attempts: Any = 50, pad_val: Any = (127, 127, 127),
) -> list[DetAugmenter]:  # fmt: skip
    """The usual augmenters with boxes, in their usual order, for images of data_shape = (C, H, W).

    rand_crop, rand_pad: how likely it is cut and put into a larger one; the crops' arguments are those of
    `CreateMultiRandCropAugmenter`, the colours' those of `CreateAugmenter`. MXNet: `image.CreateDetAugmenter`.
    """
    chain: list[DetAugmenter] = [DetBorrowAug(ResizeAug(resize, inter_method))] if resize > 0 else []
    if rand_crop > 0:
        chain.append(CreateMultiRandCropAugmenter(
            min_object_covered, aspect_ratio_range, area_range, min_eject_coverage, max_attempts, 1 - rand_crop
        ))  # fmt: skip
    if rand_mirror:
        chain.append(DetHorizontalFlipAug(0.5))
    if rand_pad > 0:
        pad = DetRandomPadAug(aspect_ratio_range, (1.0, area_range[1]), max_attempts, pad_val)
        chain.append(DetRandomSelectAug([pad], 1 - rand_pad))
    borrowed: list[Augmenter] = [ForceResizeAug((data_shape[2], data_shape[1]), inter_method), CastAug()]
    if brightness or contrast or saturation:
        borrowed.append(ColorJitterAug(brightness, contrast, saturation))
    if hue:
        borrowed.append(HueJitterAug(hue))
    if pca_noise > 0:
        borrowed.append(LightingAug(pca_noise, np.array(VARIANCES), np.array(DIRECTIONS)))
    if rand_gray > 0:
        borrowed.append(RandomGrayAug(rand_gray))
    mean = _statistic("mean", mean, [123.68, 116.28, 103.53])
    std = _statistic("std", std, [58.395, 57.12, 57.375])
    if mean is not None or std is not None:
        borrowed.append(ColorNormalizeAug(mean, std))
    return chain + [DetBorrowAug(one) for one in borrowed]
