"""Images changed by chance: mirrored, or in their colours.   [H, W, C], C 1 or 3

Chance is drawn in MXNet's order from the generator beside mx.random's streams, anew at each call, so a seeded script
sees the same images. colours.py knows what a factor does. Gradients pass changes of colour as they are, as in MXNet:
what is jittered is data, and the factor is no part of the model.
"""

from __future__ import annotations

import numpy as np

from ..op import REQUIRED, op
from ..streams import STREAMS, canonical, polar_factor
from . import colours
from .rearranging import flip


def _half():
    """True every second time: of two words the second, which weighs more."""
    return bool(STREAMS.beside(2)[1] >= 1 << 31)


def _units(size):
    """Numbers of [0, 1), float32."""
    return canonical(STREAMS.beside(size)[:, None])[:, 0]


def _between(low, high):
    return float(_units(1)[0] * (np.float32(high) - np.float32(low)) + np.float32(low))


def _below(count):
    """A whole number below `count`: words past the last whole share are drawn again."""
    share = 0xFFFFFFFF // count
    while True:
        at = int(STREAMS.beside(1)[0]) // share
        if at < count:
            return at


def _three_normal(deviation):
    """Three numbers of the normal distribution: of each pair that is made the second, then the first."""
    found = []
    while len(found) < 3:
        x, y = (np.float32(2) * u - np.float32(1) for u in _units(2))
        radius = np.float32(x * x + y * y)
        if 0 < radius <= 1:
            factor = polar_factor(np.array([radius]))[0]
            found += [float(y * factor * np.float32(deviation)), float(x * factor * np.float32(deviation))]
    return found[:3]


def _pass(g, _out, _data):
    return g


# -- mirrored ----------------------------------------------------------------------------------------------------------


@op(saves=True)
def _image_random_flip_left_right(data):
    """Mirrored left for right every second time.   [H, W, C] or [N, H, W, C]"""
    mirrored = _half()
    return (data[..., ::-1, :] if mirrored else data.copy()), mirrored


_image_random_flip_left_right.vjp(
    lambda g, _out, _data, saved: flip(g, axis=len(g.shape) - 2) if saved else g
)


@op(saves=True)
def _image_random_flip_top_bottom(data):
    """Upside down every second time.   [H, W, C] or [N, H, W, C]"""
    mirrored = _half()
    return (data[..., ::-1, :, :] if mirrored else data.copy()), mirrored


_image_random_flip_top_bottom.vjp(
    lambda g, _out, _data, saved: flip(g, axis=len(g.shape) - 3) if saved else g
)


# -- colours -----------------------------------------------------------------------------------------------------------


@op
def _image_random_brightness(data, min_factor=REQUIRED, max_factor=REQUIRED):
    """data times a factor of [min_factor, max_factor).   [H, W, C]"""
    return colours.brightness(data, _between(min_factor, max_factor))


_image_random_brightness.vjp(_pass)


@op
def _image_random_contrast(data, min_factor=REQUIRED, max_factor=REQUIRED):
    """The difference to the mean brightness times a factor of [min_factor, max_factor).   [H, W, C]"""
    return colours.contrast(data, _between(min_factor, max_factor))


_image_random_contrast.vjp(_pass)


@op
def _image_random_saturation(data, min_factor=REQUIRED, max_factor=REQUIRED):
    """The difference to each pixel's grey times a factor of [min_factor, max_factor).   [H, W, C]"""
    return colours.saturation(data, _between(min_factor, max_factor))


_image_random_saturation.vjp(_pass)


@op
def _image_random_hue(data, min_factor=REQUIRED, max_factor=REQUIRED):
    """Colours turned by a part of the wheel of [min_factor, max_factor), 1 being the whole.   [H, W, C]"""
    return colours.hue(data, _between(min_factor, max_factor))


_image_random_hue.vjp(_pass)


@op
def _image_random_color_jitter(data, brightness=REQUIRED, contrast=REQUIRED, saturation=REQUIRED, hue=REQUIRED):
    """Brightness, contrast, saturation and hue by 1 plus or minus the given, in an order by chance.   [H, W, C]"""
    colours.check("random_color_jitter", data)
    kinds = [(colours.brightness, brightness), (colours.contrast, contrast), (colours.saturation, saturation),
             (colours.hue, hue)]  # fmt: skip
    for last in range(1, 4):
        at = _below(last + 1)
        kinds[last], kinds[at] = kinds[at], kinds[last]
    result = data.copy()
    for change, extent in kinds:
        if extent > 0:
            result = change(result, _between(1 - extent, 1 + extent))
    return result


_image_random_color_jitter.vjp(_pass)


@op
def _image_random_lighting(data, alpha_std=0.05):
    """`adjust_lighting` by three numbers of deviation `alpha_std`.   [H, W, C]"""
    return colours.lighting(data, _three_normal(alpha_std))


_image_random_lighting.vjp(_pass)


@op
def _image_random_gray(data, p=0.5):
    """Shades of grey, in three channels, with probability p.   [H, W, 3]"""
    colours.check("random_gray", data)
    return colours.grey(data) if float(_units(1)[0]) < p else data.copy()


_image_random_gray.vjp(_pass)
