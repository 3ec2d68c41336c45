"""numpy's `.npz`: a zip archive with one `.npy` file for each array, as `numpy.savez` writes it.

Knows bytes and numpy arrays only.  Objects are never unpickled.  Invariant: memory is taken only for elements that the
archive can hold: an entry must say as many bytes as its array has, and no more than what it is compressed to can unfold
to.
"""

from __future__ import annotations

import math
import struct
from typing import Any, BinaryIO

import numpy as np

from . import allocator
from .dtype import NAMES
from .errors import ArrayFileError, MXLError

Buffer = np.ndarray[Any, Any]

MAGICS = (b"PK\x03\x04", b"PK\x05\x06")  # an archive, and an empty one
DEFLATE_MAX = 1032  # bytes that deflate can make of one
CHUNK_BYTES = 1 << 20

_NATIVE = {np.dtype(name) for name in NAMES}


def read(file: BinaryIO, size: int, source: str) -> dict[str, Buffer]:
    """The arrays by their names, in their own dtypes.  Raises ArrayFileError."""
    import zipfile
    import zlib

    where = source
    try:
        arrays: dict[str, Buffer] = {}
        with zipfile.ZipFile(file) as archive:
            for info in archive.infolist():
                where = f"{source}: '{info.filename}'"
                if not info.filename.endswith(".npy"):
                    raise ArrayFileError(f"{where} is no array of numpy's: a zip archive, but no .npz of numpy.savez")
                _check_sizes(info.file_size, info.compress_size, info.compress_type, size, where)
                with archive.open(info) as entry:
                    arrays[info.filename.removesuffix(".npy")] = _read_entry(entry, info.file_size, where)
        return arrays
    except MXLError:
        raise
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise ArrayFileError(f"{where}: truncated or damaged .npz ({error})") from error


def _check_sizes(unfolded: int, folded: int, method: int, size: int, where: str) -> None:
    if method not in (0, 8):
        raise ArrayFileError(f"{where}: compression method {method}; numpy writes 0 (stored) and 8 (deflate)")
    if folded > size or unfolded > (folded * DEFLATE_MAX if method else folded):
        raise ArrayFileError(
            f"{where}: truncated or damaged .npz ({unfolded} bytes cannot come of {folded} in a file of {size})"
        )


def _read_entry(entry: Any, size: int, where: str) -> Buffer:
    from numpy.lib import format as npy

    version = npy.read_magic(entry)
    if version not in ((1, 0), (2, 0)):
        raise ArrayFileError(f"{where}: .npy of version {version}, which numpy writes for records only; save arrays")
    read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, fortran, stored = read_header(entry)
    dtype = stored.newbyteorder("=")
    if dtype not in _NATIVE:
        raise ArrayFileError(f"{where} has dtype {stored.name}; mxl has {', '.join(NAMES)}: save it as one of them")
    count, left = math.prod(shape), size - entry.tell()
    if any(length < 0 for length in shape) or count * dtype.itemsize != left:
        raise ArrayFileError(
            f"{where}: truncated or damaged .npz ({dtype.name} {list(shape)} does not have {left} bytes)"
        )
    buffer = allocator.empty(shape[::-1] if fortran else shape, dtype)
    _fill(entry, buffer.reshape(-1).view(np.uint8))
    if not stored.isnative:
        buffer.byteswap(inplace=True)
    if dtype == np.bool_:
        np.not_equal(buffer.view(np.uint8), 0, out=buffer)
    return allocator.copy(buffer.T) if fortran else buffer


def _fill(entry: Any, view: Buffer) -> None:
    done = 0
    while done < len(view):
        got = entry.readinto(view[done : done + CHUNK_BYTES])
        if not got:
            raise EOFError(f"{len(view) - done} bytes are missing")
        done += got
    entry.read(1)  # at the end the checksum is compared
