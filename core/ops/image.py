"""Images as arrays: from bytes to floats, normalising channels, mirroring.  [H, W, C] or [N, H, W, C] as they are read;
[C, H, W] or [N, C, H, W] as networks take them."""

from __future__ import annotations

import numpy as np

from ..errors import ShapeError
from ..op import op
from .rearranging import flip
from .shape import transpose


def _axes(name, data, form):
    if data.ndim not in (3, 4):
        raise ShapeError(f"{name}: data is {list(data.shape)}; it takes {form}, or several, [N, ...]")


@op
def _image_to_tensor(data):
    """Bytes as floats from 0 to 1, channels first.   [H, W, C] -> [C, H, W], or [N, H, W, C] -> [N, C, H, W]"""
    _axes("to_tensor", data, "[H, W, C]")
    order = (2, 0, 1) if data.ndim == 3 else (0, 3, 1, 2)
    return np.ascontiguousarray(data.transpose(order)).astype(np.float32) / np.float32(255)


_image_to_tensor.vjp(lambda g, _out, data: transpose(g, axes=(1, 2, 0) if len(g.shape) == 3 else (0, 2, 3, 1)) / 255.0)


def _by_channel(value, data):
    """A number, or one for each channel, in the shape of one image's channels."""
    numbers = np.atleast_1d(np.asarray(value, data.dtype))
    return numbers.reshape(-1, 1, 1)


@op
def _image_normalize(data, mean=0.0, std=1.0):
    """(data - mean) / std, mean and std being numbers or one for each channel.   [C, H, W] or [N, C, H, W], C 1 or 3"""
    _axes("normalize", data, "[C, H, W]")
    channels = data.shape[-3]
    if channels not in (1, 3):
        raise ShapeError(f"normalize: data is {list(data.shape)}: its channels come first, and there are 1 or 3")
    shift, scale = _by_channel(mean, data), _by_channel(std, data)
    for name, numbers in (("mean", shift), ("std", scale)):
        if len(numbers) not in (1, channels):
            raise ShapeError(f"normalize: {name} has {len(numbers)} numbers for {channels} channels")
    return (data - shift) / scale


_image_normalize.vjp(lambda g, _out, data, std: _image_normalize(g, mean=0.0, std=std))


@op
def _image_flip_left_right(data):
    """Images mirrored, left for right.   [H, W, C] or [N, H, W, C]"""
    _axes("flip_left_right", data, "[H, W, C]")
    return data[..., ::-1, :]


_image_flip_left_right.vjp(lambda g, _out, data: flip(g, axis=len(g.shape) - 2))


@op
def _image_flip_top_bottom(data):
    """Images upside down.   [H, W, C] or [N, H, W, C]"""
    _axes("flip_top_bottom", data, "[H, W, C]")
    return data[..., ::-1, :, :]


_image_flip_top_bottom.vjp(lambda g, _out, data: flip(g, axis=len(g.shape) - 3))
