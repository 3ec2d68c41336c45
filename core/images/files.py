"""Images from files and bytes, by Pillow: `pip install 'mxl[image]'`.

Knows formats and channels. Pillow is loaded with the first image. Invariant: what cannot be decoded raises a sentence,
never an error of Pillow's.
"""

from __future__ import annotations

import io
import os
from typing import Any

import numpy as np

from ..creation import array
from ..errors import InvalidSetting, MXLError
from ..files import reading
from ..ndarray import NDArray


class ImageError(MXLError):
    """Bytes that are no image, or not whole; or the library that reads images is missing."""


def pillow() -> Any:
    """Pillow's module of images. Raises ImageError where it is not installed."""
    try:
        from PIL import Image
    except ImportError as error:
        raise ImageError("images are read by Pillow, which is not installed: pip install 'mxl[image]'") from error
    return Image


def decode(content: bytes, flag: int) -> np.ndarray:
    """[H, W, 3], red, green, blue, or [H, W, 1], as the camera was held.

    flag: 1 for colours, 0 for shades of grey.
    """
    Image = pillow()
    if not content:
        raise ImageError("an image cannot be decoded from no bytes")
    try:
        with Image.open(io.BytesIO(content)) as file:
            mode = "L" if flag == 0 else "RGB"
            if flag == 0:
                file.draft("L", file.size)  # a JPEG holds its brightness as it is
            image = file
            if image.mode.startswith("I"):  # 16 bits: the upper eight
                deep = (np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8)
                image = Image.fromarray(deep)
            pixels = np.asarray(image.convert(mode))
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise ImageError(f"{len(content)} bytes could not be decoded as an image: {error}") from error
    return pixels if pixels.ndim == 3 else pixels[..., None]


def imdecode(buf: Any, flag: int = 1, to_rgb: int | bool = 1, out: NDArray | None = None) -> NDArray:
    """The image that a file's bytes hold: bytes, bytearray, or an array of uint8.   [H, W, 3], or [H, W, 1]

    flag: 1 for colours, 0 for shades of grey; to_rgb: red, green, blue, else blue, green, red. Raises ImageError (an
    MXNetError) for what is no image, or without Pillow; ValueError for text. MXNet: `image.imdecode`.
    """
    if isinstance(buf, NDArray):
        buf = buf.asnumpy()
    if not isinstance(buf, bytes | bytearray | np.ndarray):
        raise InvalidSetting(f"imdecode: buf is {type(buf).__name__}; expected bytes, bytearray or an array of uint8")
    if flag not in (0, 1):
        raise InvalidSetting(f"imdecode: flag is {flag!r}; expected 1 for colours or 0 for shades of grey")
    pixels = decode(buf.tobytes() if isinstance(buf, np.ndarray) else bytes(buf), flag)
    made = array(pixels if to_rgb else pixels[..., ::-1], dtype="uint8")
    if out is None:
        return made
    out[:] = made
    return out


def imread(filename: str | os.PathLike[str], flag: int = 1, to_rgb: int | bool = True,
           out: NDArray | None = None) -> NDArray:  # fmt: skip
    """The image in a file; as `imdecode`. Raises FileNotFoundError. MXNet: `image.imread`."""
    with reading(filename) as file:
        content = file.read()
    try:
        return imdecode(content, flag, to_rgb, out)
    except ImageError as error:
        raise ImageError(f"{os.fspath(filename)}: {error}") from error
