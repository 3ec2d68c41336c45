"""Colours of images: brightness, contrast, saturation, hue, lighting, each by a factor.   [H, W, C], C 1 or 3

Knows what a factor does, on plain arrays; image_chance.py draws the factors. Bytes are cut to 0 .. 255, towards zero.
"""

from __future__ import annotations

import numpy as np

from ..errors import ShapeError
from ..op import REQUIRED, op

GREY = np.array([0.299, 0.587, 0.114], np.float32)  # what red, green and blue add to the brightness that one sees

# How the colours of photographs vary: three directions, each as long as its deviation (Krizhevsky and others 2012)
LIGHTING = np.array(
    [
        [55.46 * -0.5675, 4.794 * 0.7192, 1.148 * 0.4009],
        [55.46 * -0.5808, 4.794 * -0.0045, 1.148 * -0.8140],
        [55.46 * -0.5836, 4.794 * -0.6948, 1.148 * 0.4203],
    ],
    np.float32,
)


def check(name, data):
    if data.ndim != 3 or data.shape[2] not in (1, 3):
        raise ShapeError(f"{name}: data is {list(data.shape)}; it takes one image, [H, W, 1] or [H, W, 3]")


def _as(values, dtype):
    """Float32 numbers in the image's dtype: bytes are cut to what they can hold."""
    if dtype == np.uint8:
        values = np.clip(values, 0, 255)
    return values.astype(dtype)


def brightness(data, factor):
    """data * factor.   [H, W, C]"""
    check("random_brightness", data)
    return _as(data.astype(np.float32) * np.float32(factor), data.dtype)


def contrast(data, factor):
    """Away from the image's mean brightness (factor > 1), or towards it.   [H, W, C]"""
    check("random_contrast", data)
    values = data.astype(np.float32)
    shades = values @ GREY if data.shape[2] == 3 else values[..., 0]
    mean = shades.sum(dtype=np.float64) / shades.size
    return _as(values * np.float32(factor) + np.float32((1 - np.float32(factor)) * mean), data.dtype)


def saturation(data, factor):
    """Away from a grey of each pixel (factor > 1), or towards it: the grey is MXNet's, of blue alone.   [H, W, C]"""
    check("random_saturation", data)
    if data.shape[2] == 1:
        return data.copy()
    values = data.astype(np.float32)
    shade = values[..., 2:] * GREY[2]
    return _as(values * np.float32(factor) + shade * (1 - np.float32(factor)), data.dtype)


def hue(data, factor):
    """Turned on the wheel of colours: 1 is a whole turn, 0.5 the opposite colour.   [H, W, C]"""
    check("random_hue", data)
    if data.shape[2] == 1:
        return data.copy()
    angle, light, depth = to_hls(data.astype(np.float32))
    return _as(from_hls(angle + np.float32(factor) * np.float32(360), light, depth), data.dtype)


def lighting(data, alpha):
    """Along the three directions in which the colours of photographs vary, alpha (three numbers) far.   [H, W, C]"""
    check("adjust_lighting", data)
    if len(alpha) != 3:
        raise ShapeError(f"adjust_lighting: alpha has {len(alpha)} numbers; expected 3")
    if data.shape[2] == 1:
        return data.copy()
    shift = (LIGHTING * np.asarray(alpha, np.float32)).sum(axis=1, dtype=np.float32)
    return _as(data.astype(np.float32) + shift, data.dtype)


def grey(data):
    """The brightness that one sees, in all three channels.   [H, W, C]"""
    if data.shape[2] == 1:
        return data.copy()
    shade = data.astype(np.float32) @ np.array([[0.2989], [0.587], [0.114]], np.float32)
    return _as(np.repeat(shade, 3, axis=2), data.dtype)


@op
def _image_adjust_lighting(data, alpha=REQUIRED):
    """Along the three directions in which the colours of photographs vary, alpha (three numbers) far.   [H, W, C]"""
    return lighting(data, alpha)


_image_adjust_lighting.vjp(lambda g, _out, _data: g)


def to_hls(rgb):
    """Hue in degrees, lightness and saturation from 0 to 1, of colours to 255.   float32 [..., 3] -> 3 x [...]"""
    red, green, blue = (rgb[..., i] / np.float32(255) for i in range(3))
    most, least = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    spread = most - least
    light = (most + least) * np.float32(0.5)
    flat = spread <= np.finfo(np.float32).eps
    below = np.where(light < 0.5, most + least, np.float32(2) - most - least)
    depth = np.where(flat, np.float32(0), spread / np.where(flat, np.float32(1), below))
    step = np.float32(60) / np.where(flat, np.float32(1), spread)
    angle = np.where(
        most == red, (green - blue) * step,
        np.where(most == green, (blue - red) * step + np.float32(120), (red - green) * step + np.float32(240)),
    )  # fmt: skip
    angle = np.where(angle < 0, angle + np.float32(360), angle)
    return np.where(flat, np.float32(0), angle), light, depth


# which of (greatest, least, falling, rising) blue, green and red are, in each sixth of the wheel
_SECTORS = np.array([[1, 3, 0], [1, 0, 2], [3, 0, 1], [0, 2, 1], [0, 1, 3], [2, 1, 0]])


def from_hls(angle, light, depth):
    """The colours, from 0 to 255; angle: any number of degrees.   3 x [...] -> float32 [..., 3]"""
    one = np.float32(1)
    most = np.where(light <= 0.5, light * (one + depth), light + depth - light * depth)
    least = np.float32(2) * light - most
    angle = angle * np.float32(1.0 / 60)
    for _ in range(64):  # by single turns, as rounding goes there
        over, under = angle >= 6, angle < 0
        if not (over.any() or under.any()):
            break
        angle = angle - np.float32(6) * over + np.float32(6) * under
    sector = np.clip(angle.astype(np.int64), 0, 5)
    part = angle - sector.astype(np.float32)
    table = np.stack([most, least, least + (most - least) * (one - part), least + (most - least) * part], axis=-1)
    blue_green_red = np.take_along_axis(table, _SECTORS[sector], axis=-1)
    colours = np.where((depth == 0)[..., None], light[..., None], blue_green_red[..., ::-1])
    return colours * np.float32(255)
