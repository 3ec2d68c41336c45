"""Saving and loading arrays: `mx.nd.save`, `load`, `load_frombuffer`.

Knows what may be saved and which format bytes are in; params_file.py and npz_file.py know the formats, files.py how a
file is replaced.  Invariant: a file is written whole or not at all, and reading takes no memory that the bytes at hand
do not fill.
"""

from __future__ import annotations

import io
import os
from typing import Any, BinaryIO

from . import npz_file, params_file
from .context import cpu
from .errors import ArgumentError, ArrayFileError, NotSavable
from .files import reading, replacing
from .ndarray import NDArray, wrap

__all__ = ["load", "load_frombuffer", "save"]

Arrays = NDArray | list[NDArray] | dict[str, NDArray]


def save(fname: str | os.PathLike[str], data: Arrays) -> None:
    """Writes an array, a list of arrays, or a dict of names and arrays, in MXNet's binary format; sparse ones as such.

    MXNet reads the file, except one with an array of shape (), which it reads under `np_shape`.  An older file of
    that name is replaced whole or not at all.  Raises ValueError or TypeError for other data, FileAccessError (an
    OSError) where the file cannot be written.

    >>> import mxl as mx, os, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "pair.params")
    ...     mx.nd.save(path, {"w": mx.nd.ones((2, 3)), "b": mx.nd.zeros((3,), dtype="int8")})
    ...     loaded = mx.nd.load(path)
    >>> {name: (array.shape, array.dtype.__name__) for name, array in loaded.items()}
    {'w': ((2, 3), 'float32'), 'b': ((3,), 'int8')}
    """
    _check_name("save", fname)
    names, arrays = _named(data)
    items = [params_file.Item(_parts(a), a.context.device_typeid, a.context.device_id) for a in arrays]
    with replacing(fname) as file:
        params_file.write(file, items, names)


def load(fname: str | os.PathLike[str]) -> list[NDArray] | dict[str, NDArray]:
    """The arrays of a file that `save`, MXNet or `numpy.savez` wrote, on cpu(0).

    A dict where they have names, else a list; an empty dict comes back as an empty list, as in MXNet.  Arrays of a
    `.npz` keep their dtypes.  Raises FileMissing or FileAccessError, and ArrayFileError (a ValueError) for a file that
    is foreign, truncated or damaged.
    """
    _check_name("load", fname)
    with reading(fname) as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        return _load(file, size, os.fspath(fname))


def load_frombuffer(buf: bytes | str) -> list[NDArray] | dict[str, NDArray]:
    """The arrays in the bytes of a file; see `load`."""
    if isinstance(buf, str):
        raise ArrayFileError("load_frombuffer: a str of characters holds no arrays; give the bytes of a file")
    if not isinstance(buf, bytes):
        raise ArgumentError(f"load_frombuffer: bytes are wanted, not {type(buf).__name__}")
    return _load(io.BytesIO(buf), len(buf), "these bytes")


def _load(file: BinaryIO, size: int, source: str) -> list[NDArray] | dict[str, NDArray]:
    head = file.read(4)
    file.seek(0)
    if head in npz_file.MAGICS:
        return {name: wrap(buffer, cpu()) for name, buffer in npz_file.read(file, size, source).items()}
    found, names = params_file.read(file, size, source)
    arrays = [_array(parts, f"{source}: array {number}") for number, parts in enumerate(found, 1)]
    return dict(zip(names, arrays, strict=True)) if names else arrays


def _parts(array: NDArray) -> Any:
    """What a file has of an array: its buffer, or the parts of a sparse one."""
    if not array.sparse:
        return array._read()
    from .sparse import files

    return files.parts(array)


def _array(parts: Any, what: str) -> NDArray:
    if not isinstance(parts, params_file.Stored):
        return wrap(parts, cpu())
    from .sparse import files

    return files.array(parts, what)


def _check_name(function: str, fname: Any) -> None:
    if not isinstance(fname, str | os.PathLike):
        raise ArgumentError(f"{function}: the name of a file is wanted, not {type(fname).__name__}")


def _named(data: Any) -> tuple[list[str], list[NDArray]]:
    """The names, none for a list, and the arrays."""
    if isinstance(data, NDArray):
        return [], [data]
    if isinstance(data, dict):
        for name in data:
            if not isinstance(name, str):
                raise NotSavable(f"save: names are strings, not {name!r}; convert it with str()")
            try:
                name.encode()
            except UnicodeEncodeError as error:
                raise NotSavable(f"save: the name {name!r} cannot be written as UTF-8 ({error.reason})") from error
        names, arrays = list(data), list(data.values())
    elif isinstance(data, list):
        names, arrays = [], data
    else:
        raise NotSavable(
            "save: an NDArray, a list of NDArrays, or a dict of names and NDArrays is wanted, not "
            f"{type(data).__name__}"
        )
    for place, array in zip(names or range(len(arrays)), arrays, strict=True):
        if not isinstance(array, NDArray):
            raise NotSavable(f"save: NDArrays are wanted, but [{place!r}] is {type(array).__name__}; use mx.nd.array")
    return names, arrays
