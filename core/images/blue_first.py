"""Images as OpenCV has them, blue, green, red, from a file's bytes and into them: what records of images hold.

Knows channels, depths and formats; Pillow does the rest. Invariant: what PNG holds comes back as it went.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from ..errors import ArgumentError, InvalidSetting
from .files import ImageError, pillow

_SHADES = ("1", "L", "I", "I;16", "I;16B")
_CLEAR = ("RGBA", "LA", "PA")
_FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".bmp": "BMP", ".webp": "WEBP", ".tif": "TIFF",
            ".tiff": "TIFF", ".ppm": "PPM"}  # fmt: skip


def encode(img: Any, quality: int, suffix: str) -> bytes:
    """The file's bytes of [H, W], [H, W, 1], [H, W, 3] or, with opacity, [H, W, 4]; what is no uint8 is rounded to it.

    suffix: .jpg, with a `quality` of 1 to 100; .png, with how hard to pack, 0 to 9; .bmp, .tiff, .webp or .ppm.
    """
    kind = _FORMATS.get(suffix.lower())
    if kind is None:
        raise InvalidSetting(f"pack_img: images are encoded as {', '.join(_FORMATS)}, not as {suffix!r}")
    if not isinstance(img, np.ndarray) or img.dtype.kind not in "uif":
        what = f"of {img.dtype}" if isinstance(img, np.ndarray) else f"a {type(img).__name__}"
        raise ArgumentError(f"pack_img: img is {what}; expected a numpy array of numbers, of uint8 at best")
    channels = 1 if img.ndim == 2 else img.shape[2] if img.ndim == 3 else 0
    if channels not in (1, 3, 4) or not img.size:
        raise InvalidSetting(f"pack_img: img is {list(img.shape)}; expected [H, W] or [H, W, 1, 3 or 4], and not empty")
    pixels = _in_depth(img, kind, channels)
    order: Any = {1: 0, 3: [2, 1, 0], 4: [2, 1, 0, 3]}[channels]
    if kind == "JPEG" and channels == 4:
        order = order[:3]
    pixels = np.ascontiguousarray(pixels.reshape(*img.shape[:2], channels)[..., order])
    more = {"JPEG": {"quality": min(max(quality, 0), 100)}, "PNG": {"compress_level": min(max(quality, 0), 9)},
            "WEBP": {"lossless": True}}.get(kind, {})  # fmt: skip
    file = io.BytesIO()
    pillow().fromarray(pixels).save(file, kind, **more)
    return file.getvalue()


def _in_depth(img: np.ndarray[Any, Any], kind: str, channels: int) -> np.ndarray[Any, Any]:
    """Numbers that the format holds: of 16 bits for PNGs of grey, else of 8."""
    if img.dtype == np.uint8:
        return img
    if img.dtype == np.uint16 and kind == "PNG":
        if channels != 1:
            raise InvalidSetting(f"pack_img: colours of uint16, {list(img.shape)}, are not encoded; give (img >> 8)"
                                 ".astype('uint8')")  # fmt: skip
        return img
    return np.rint(img).clip(0, 255).astype(np.uint8)


def decode(content: bytes, iscolor: int) -> np.ndarray[Any, Any] | None:
    """[H, W, 3] for iscolor 1, [H, W] for 0, for -1 what the file has, also [H, W, 4] and uint16; None for no image.

    With -1 the image lies as it was stored, otherwise as the camera was held.
    """
    from importlib import import_module

    Image = pillow()
    if not content:
        raise ImageError("unpack_img: the record has a header, and no bytes of an image")
    try:
        with Image.open(io.BytesIO(content)) as file:
            if iscolor == 0:
                file.draft("L", file.size)  # a JPEG holds its brightness as it is
            if iscolor < 0:
                return _as_it_is(file)
            image = import_module("PIL.ImageOps").exif_transpose(file)
            if image.mode.startswith("I"):  # 16 bits: the upper eight
                image = Image.fromarray((np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8))
            if iscolor & 1:
                return np.asarray(image.convert("RGB"))[..., ::-1].copy()
            return np.array(image.convert("L"))
    except (OSError, SyntaxError, ValueError, EOFError):
        return None


def _as_it_is(file: Any) -> np.ndarray[Any, Any]:
    if file.mode.startswith("I"):
        return np.array(file).astype(np.uint16)
    if file.mode in _SHADES:
        return np.array(file.convert("L"))
    if file.mode in _CLEAR or (file.mode == "P" and "transparency" in file.info):
        return np.asarray(file.convert("RGBA"))[..., [2, 1, 0, 3]].copy()
    return np.asarray(file.convert("RGB"))[..., ::-1].copy()
