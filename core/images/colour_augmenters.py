"""Augmenters of colours, and `CreateAugmenter`, which makes the usual chain.   [H, W, 3], floats

Knows colours as sums and products of channels. What jitters changes the image in place, as in MXNet. Chance is
Python's `random`, and numpy's in `LightingAug`.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from ..creation import array
from ..errors import BadCall
from ..ndarray import NDArray
from ..op import TABLE
from .augmenters import (
    Augmenter,
    CastAug,
    CenterCropAug,
    HorizontalFlipAug,
    RandomCropAug,
    RandomOrderAug,
    RandomSizedCropAug,
    ResizeAug,
)
from .crops import color_normalize

GREY = [[[0.299, 0.587, 0.114]]]

# how the colours of photographs vary: variances and directions (Krizhevsky and others 2012)
VARIANCES = [55.46, 4.794, 1.148]
DIRECTIONS = [[-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203]]


class BrightnessJitterAug(Augmenter):
    """Times 1 plus a number between -brightness and brightness. MXNet: `image.BrightnessJitterAug`."""

    def __init__(self, brightness: float) -> None:
        super().__init__(brightness=brightness)
        self.brightness = brightness

    def __call__(self, src: NDArray) -> NDArray:
        src *= 1.0 + random.uniform(-self.brightness, self.brightness)
        return src


class ContrastJitterAug(Augmenter):
    """The difference to the mean brightness times 1 plus a number up to `contrast`.

    MXNet: `image.ContrastJitterAug`.
    """

    def __init__(self, contrast: float) -> None:
        super().__init__(contrast=contrast)
        self.contrast = contrast
        self.coef = array(GREY)

    def __call__(self, src: NDArray) -> NDArray:
        factor = 1.0 + random.uniform(-self.contrast, self.contrast)
        grey = src * self.coef
        shift = TABLE["sum"](grey) * (3.0 * (1.0 - factor) / grey.size)
        src *= factor
        src += shift
        return src


class SaturationJitterAug(Augmenter):
    """The difference to each pixel's grey times 1 plus a number up to `saturation`.

    MXNet: `image.SaturationJitterAug`.
    """

    def __init__(self, saturation: float) -> None:
        super().__init__(saturation=saturation)
        self.saturation = saturation
        self.coef = array(GREY)

    def __call__(self, src: NDArray) -> NDArray:
        factor = 1.0 + random.uniform(-self.saturation, self.saturation)
        grey = TABLE["sum"](src * self.coef, axis=2, keepdims=True) * (1.0 - factor)
        src *= factor
        src += grey
        return src


class HueJitterAug(Augmenter):
    """Colours turned about grey by a part of half a turn up to `hue`, in the space of YIQ.

    MXNet: `image.HueJitterAug`.
    """

    def __init__(self, hue: float) -> None:
        super().__init__(hue=hue)
        self.hue = hue
        self.tyiq = np.array([[0.299, 0.587, 0.114], [0.596, -0.274, -0.321], [0.211, -0.523, 0.311]])
        self.ityiq = np.array([[1.0, 0.956, 0.621], [1.0, -0.272, -0.647], [1.0, -1.107, 1.705]])

    def __call__(self, src: NDArray) -> NDArray:
        angle = random.uniform(-self.hue, self.hue) * np.pi
        turn = np.eye(3)
        turn[1:, 1:] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        return TABLE["dot"](src, array((self.ityiq @ turn @ self.tyiq).T))


class ColorJitterAug(RandomOrderAug):
    """Brightness, contrast and saturation, those that are not 0, in an order by chance.

    MXNet: `image.ColorJitterAug`.
    """

    def __init__(self, brightness: float, contrast: float, saturation: float) -> None:
        kinds = ((BrightnessJitterAug, brightness), (ContrastJitterAug, contrast), (SaturationJitterAug, saturation))
        super().__init__([kind(extent) for kind, extent in kinds if extent > 0])


class LightingAug(Augmenter):
    """Noise of deviation `alphastd` along the directions in which photographs' colours vary.

    eigval: how much they vary, [3]; eigvec: the directions, a column each, [3, 3]. MXNet: `image.LightingAug`.
    """

    def __init__(self, alphastd: float, eigval: Any, eigvec: Any) -> None:
        super().__init__(alphastd=alphastd, eigval=eigval, eigvec=eigvec)
        self.alphastd = alphastd
        self.eigval = eigval
        self.eigvec = eigvec

    def __call__(self, src: NDArray) -> NDArray:
        noise = np.random.normal(0, self.alphastd, size=(3,))
        src += array((self.eigvec * noise) @ self.eigval)
        return src


class ColorNormalizeAug(Augmenter):
    """(src - mean) / std, for each channel; either may be None. MXNet: `image.ColorNormalizeAug`."""

    def __init__(self, mean: Any, std: Any) -> None:
        super().__init__(mean=mean, std=std)
        self.mean = mean if mean is None or isinstance(mean, NDArray) else array(mean)
        self.std = std if std is None or isinstance(std, NDArray) else array(std)

    def __call__(self, src: NDArray) -> NDArray:
        return color_normalize(src, self.mean, self.std)


class RandomGrayAug(Augmenter):
    """Shades of grey, in three channels, with probability `p`. MXNet: `image.RandomGrayAug`."""

    def __init__(self, p: float) -> None:
        super().__init__(p=p)
        self.p = p
        self.mat = array([[0.21] * 3, [0.72] * 3, [0.07] * 3])

    def __call__(self, src: NDArray) -> NDArray:
        return TABLE["dot"](src, self.mat) if random.random() < self.p else src


def _statistic(name: str, given: Any, usual: list[float]) -> Any:
    """None, the usual numbers for True, or an array of 1 or 3."""
    if given is None or given is True:
        return None if given is None else array(usual)
    if not isinstance(given, np.ndarray | NDArray) or given.shape[0] not in (1, 3):
        raise BadCall(f"CreateAugmenter: {name} is {given!r}; expected None, True, or an array of 1 or 3 numbers")
    return given


def CreateAugmenter(
    data_shape: tuple[int, int, int], resize: int = 0, rand_crop: bool = False, rand_resize: bool = False,
    rand_mirror: bool = False, mean: Any = None, std: Any = None, brightness: float = 0, contrast: float = 0,
    saturation: float = 0, hue: float = 0, pca_noise: float = 0, rand_gray: float = 0, inter_method: int = 2,
) -> list[Augmenter]:  # fmt: skip
    """The usual augmenters, in their usual order, for images of data_shape = (C, H, W).

    resize: of the shorter side, first; rand_crop: a part by chance, else the middle; rand_resize: of a size by chance,
    too; rand_mirror: mirrored every second time; mean, std: True for those of photographs. Raises AssertionError for
    rand_resize without rand_crop, and for other statistics. MXNet: `image.CreateAugmenter`.

    >>> [type(one).__name__ for one in CreateAugmenter((3, 8, 8), rand_mirror=True, mean=True)]
    ['CenterCropAug', 'HorizontalFlipAug', 'CastAug', 'ColorNormalizeAug']
    """
    size = (data_shape[2], data_shape[1])
    if rand_resize and not rand_crop:
        raise BadCall("CreateAugmenter: rand_resize cuts by chance, and wants rand_crop=True")
    chain: list[Augmenter] = [ResizeAug(resize, inter_method)] if resize > 0 else []
    if rand_resize:
        chain.append(RandomSizedCropAug(size, 0.08, (3.0 / 4.0, 4.0 / 3.0), inter_method))
    else:
        chain.append((RandomCropAug if rand_crop else CenterCropAug)(size, inter_method))
    if rand_mirror:
        chain.append(HorizontalFlipAug(0.5))
    chain.append(CastAug())
    if brightness or contrast or saturation:
        chain.append(ColorJitterAug(brightness, contrast, saturation))
    if hue:
        chain.append(HueJitterAug(hue))
    if pca_noise > 0:
        chain.append(LightingAug(pca_noise, np.array(VARIANCES), np.array(DIRECTIONS)))
    if rand_gray > 0:
        chain.append(RandomGrayAug(rand_gray))
    mean = _statistic("mean", mean, [123.68, 116.28, 103.53])
    std = _statistic("std", std, [58.395, 57.12, 57.375])
    if mean is not None or std is not None:
        chain.append(ColorNormalizeAug(mean, std))
    return chain
