"""Images as arrays: from bytes to floats, normalising, mirroring, cutting out, resizing.  [H, W, C] or [N, H, W, C] as
they are read; [C, H, W] or [N, C, H, W] as networks take them."""

from __future__ import annotations

import numpy as np

from ..errors import InvalidSetting, NoGradient, ShapeError
from ..interpolation import resize
from ..op import REQUIRED, op
from .rearranging import flip
from .shape import transpose
from .slicing import slice as cut


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


@op
def _image_crop(data, x=REQUIRED, y=REQUIRED, width=REQUIRED, height=REQUIRED):
    """The rectangle of `width` and `height` whose left upper corner is (x, y).   [H, W, C] or [N, H, W, C]"""
    _axes("crop", data, "[H, W, C]")
    if width <= 0 or height <= 0:
        raise InvalidSetting(f"crop: width is {width}, height is {height}: both must be positive")
    rows, columns = data.shape[-3:-1]
    if x < 0 or y < 0 or x + width > columns or y + height > rows:
        raise ShapeError(
            f"crop: {width} x {height} from ({x}, {y}) reaches out of an image of {columns} x {rows} (width x height)"
        )
    return data[..., y : y + height, x : x + width, :]


def _crop_gradient(g, _out, data_like, x, y, width, height):
    rows, columns = data_like.shape[-3:-1]
    inside = (0, 0) * (len(data_like.shape) - 3)
    around = (*inside, y, rows - y - height, x, columns - x - width, 0, 0)
    return _zeros_around(g, around)


_image_crop.vjp(_crop_gradient)


@op
def _zeros_around(data, pad_width=REQUIRED):
    """Zeros before and after each axis: pad_width has two numbers for each.   [...]"""
    return np.pad(data, [tuple(pad_width[i : i + 2]) for i in range(0, len(pad_width), 2)])


def _zeros_around_gradient(g, _out, _data, pad_width):
    before = pad_width[::2]
    ends = [length - after for length, after in zip(g.shape, pad_width[1::2], strict=True)]
    return cut(g, begin=before, end=tuple(ends))


_zeros_around.vjp(_zeros_around_gradient)


def _new_size(size, keep_ratio, rows, columns):
    """(width, height) of a resized image."""
    sizes = [int(one) for one in (size if isinstance(size, (list, tuple)) else (size,))]
    if len(sizes) not in (1, 2):
        raise InvalidSetting(f"resize: size is {size!r}; expected an int, or (width, height)")
    if min(sizes) <= 0:
        raise InvalidSetting(f"resize: size is {size!r}; it must be positive")
    shorter = sizes[0]
    if len(sizes) == 2 or not keep_ratio:
        return shorter, sizes[-1]
    if rows > columns:
        return shorter, int(np.float32(rows) / np.float32(columns) * shorter)
    return int(np.float32(columns) / np.float32(rows) * shorter), shorter


@op
def _image_resize(data, size=(), keep_ratio=False, interp=1):
    """Images in another size: an int, or (width, height).   [H, W, C] or [N, H, W, C], uint8, float32 or float64

    keep_ratio: `size`, an int, is that of the shorter side. interp: 0 nearest, 1 linear, 2 cubic, 3 area, 4 Lanczos.
    """
    _axes("resize", data, "[H, W, C]")
    width, height = _new_size(size, keep_ratio, *data.shape[-3:-1])
    if data.ndim == 3:
        return resize(data, width, height, interp)
    images = [resize(image, width, height, interp) for image in data]
    return np.stack(images) if images else np.empty((0, height, width, data.shape[3]), data.dtype)


def _no_resize_gradient(_g, _out, _data):
    raise NoGradient("image.resize has no gradient, nor in MXNet: use contrib.BilinearResize2D inside a model")


_image_resize.vjp(_no_resize_gradient)
