"""MXNet's binary file of arrays (`.params`): a list of arrays, and a list of as many names or of none.

Knows bytes and numpy arrays only; serialization.py makes NDArrays of them.  All numbers are little-endian:

    file     uint64 0x112, uint64 reserved, uint64 count, the arrays, uint64 count of names, the names
    name     uint64 length, UTF-8
    array    uint32 kind, [int32 storage], shape, int32 device type, int32 device id, int32 dtype, the elements
    sparse   uint32 kind, int32 storage, shape of what is stored, shape, int32 device type, int32 device id,
             int32 dtype, for each part int32 dtype and shape, the stored elements, the parts

The kind says how the shape is written, and since when: 0xF993FAC9 (MXNet 1.0, what is written today) and 0xF993FACA
(the same under `np_shape`, where a shape may be empty) have a storage (0 dense, 1 row_sparse, 2 csr) and write the
shape as int32 ndim and int64 sizes; 0xF993FAC8 (0.12) as uint32 and int64; any other number is itself ndim, and uint32
sizes follow (before 0.12).  The part of row_sparse is the rows' numbers; those of csr are indptr and indices.

Invariant of reading: memory is taken only for elements that the bytes at hand do hold.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from . import allocator
from .errors import ArrayFileError

Buffer = np.ndarray[Any, Any]

LIST_MAGIC = 0x112
OLDER, DENSE_OR_SPARSE, NP_SHAPE = 0xF993FAC8, 0xF993FAC9, 0xF993FACA
STORAGES = {1: "row_sparse", 2: "csr"}
PARTS = {1: ("indices",), 2: ("indptr", "indices")}
DTYPES = tuple(
    np.dtype(name) for name in ("float32", "float64", "float16", "uint8", "int32", "int8", "int64", "bool")
)
OTHER_DTYPES = {8: "int16", 9: "uint16", 10: "uint32", 11: "uint64", 12: "bfloat16"}
NDIM_MAX = 32
ELEMENTS_MAX = 2**60  # a bound for arrays without elements, whose other axes numpy multiplies

_FILE_HEAD, _COUNT, _WORD = struct.Struct("<QQQ"), struct.Struct("<Q"), struct.Struct("<I")
_PLACE, _STORAGE_AND_NDIM, _NUMBER = struct.Struct("<3i"), struct.Struct("<ii"), struct.Struct("<i")

_FOREIGN = (  # what else people give, by its first bytes
    (b"\x93NUMPY", "a single array of numpy: use mx.nd.array(numpy.load(...))"),
    (b"\x1f\x8b", "compressed by gzip: decompress it first"),
    (b"\x89HDF", "an HDF5 file"),
    (b"{", "text, perhaps the JSON of a network: its parameters are in the .params file"),
    *((bytes((0x80, protocol)), "a pickle, which mxl does not read") for protocol in (2, 3, 4, 5)),
)  # fmt: skip


class Stored(NamedTuple):
    """A sparse array: its storage, shape, stored elements, and the parts that say where these belong."""

    stype: str
    shape: tuple[int, ...]
    data: Buffer
    parts: tuple[Buffer, ...]


class Item(NamedTuple):
    """An array to write, and the device that it was on."""

    data: Buffer | Stored
    device_type: int = 1
    device_id: int = 0


# ---- writing -----------------------------------------------------------------------------------------------------


def write(file: BinaryIO, items: Sequence[Item], names: Sequence[str]) -> None:
    """Writes C-contiguous arrays and their names; the bytes are those that MXNet writes.

    An array of shape () puts the whole file under np_shape: the other form has no way to say it.
    """
    kind = DENSE_OR_SPARSE if all(item.data.shape for item in items) else NP_SHAPE
    file.write(_FILE_HEAD.pack(LIST_MAGIC, 0, len(items)))
    for data, device_type, device_id in items:
        if isinstance(data, Stored):
            _write_sparse(file, data, device_type, device_id)
            continue
        file.write(_WORD.pack(kind) + _NUMBER.pack(0) + _shape_as_bytes(data.shape))
        file.write(_PLACE.pack(device_type, device_id, DTYPES.index(data.dtype)))
        file.write(_as_bytes(data).data)
    file.write(_COUNT.pack(len(names)))
    for name in names:
        encoded = name.encode()
        file.write(_COUNT.pack(len(encoded)) + encoded)


def _write_sparse(file: BinaryIO, item: Stored, device_type: int, device_id: int) -> None:
    storage = next(number for number, name in STORAGES.items() if name == item.stype)
    file.write(_WORD.pack(DENSE_OR_SPARSE) + _NUMBER.pack(storage))
    file.write(_shape_as_bytes(item.data.shape) + _shape_as_bytes(item.shape))
    file.write(_PLACE.pack(device_type, device_id, DTYPES.index(item.data.dtype)))
    for part in item.parts:
        file.write(_NUMBER.pack(DTYPES.index(part.dtype)) + _shape_as_bytes(part.shape))
    for part in (item.data, *item.parts):
        file.write(_as_bytes(part).data)


def _shape_as_bytes(shape: tuple[int, ...]) -> bytes:
    return struct.pack(f"<i{len(shape)}q", len(shape), *shape)


def _as_bytes(data: Buffer) -> Buffer:
    return data.reshape(-1).view(np.uint8)


# ---- reading -----------------------------------------------------------------------------------------------------


def read(file: BinaryIO, size: int, source: str) -> tuple[list[Buffer | Stored], list[str]]:
    """The arrays and the names (none, or one for each) in `size` bytes; `source` names them in errors.

    What follows the last name is left alone, as MXNet leaves it.  Raises ArrayFileError.
    """
    bytes_ = _Bytes(file, size, source)
    if size < _FILE_HEAD.size:
        raise ArrayFileError(f"{source}: no arrays: {size} bytes, and a file of arrays has at least 32")
    magic, _, count = bytes_.take(_FILE_HEAD, "the head")
    if magic != LIST_MAGIC:
        raise ArrayFileError(f"{source}: no file of arrays{_what_it_is(_COUNT.pack(magic))}")
    arrays: list[Buffer | Stored] = []
    while len(arrays) < count:
        arrays.append(_read_array(bytes_, f"array {len(arrays) + 1} of {count}"))
    (names_count,) = bytes_.take(_COUNT, "the number of names")
    if names_count not in (0, count):
        raise ArrayFileError(f"{source}: damaged: {count} arrays and {names_count} names; each has one, or none has")
    return arrays, [_read_name(bytes_, f"name {i + 1} of {names_count}") for i in range(names_count)]


class _Bytes:
    """The bytes still to be read."""

    def __init__(self, file: BinaryIO, left: int, source: str) -> None:
        self.file, self.left, self.source = file, left, source

    def need(self, count: int, what: str) -> None:
        if count > self.left:
            raise ArrayFileError(
                f"{self.source}: truncated or damaged: {what} needs {count} bytes, {self.left} are left"
            )
        self.left -= count

    def take(self, form: struct.Struct, what: str) -> tuple[Any, ...]:
        return form.unpack(self.raw(form.size, what))

    def raw(self, count: int, what: str) -> bytes:
        self.need(count, what)
        data = self.file.read(count)
        self._got(len(data), count, what)
        return data

    def fill(self, buffer: Buffer, what: str) -> None:
        """Reads the elements of `buffer`, whose bytes were asked for with `need`."""
        if buffer.nbytes:
            self._got(self.file.readinto(_as_bytes(buffer)), buffer.nbytes, what)  # type: ignore[attr-defined]

    def _got(self, got: int, wanted: int, what: str) -> None:
        if got != wanted:
            raise ArrayFileError(f"{self.source}: became shorter while it was read, inside {what}")

    def damaged(self, what: str) -> ArrayFileError:
        return ArrayFileError(f"{self.source}: damaged, or of another program: {what}")


def _read_array(bytes_: _Bytes, what: str) -> Buffer | Stored:
    (kind,) = bytes_.take(_WORD, what)
    if kind not in (DENSE_OR_SPARSE, NP_SHAPE):
        return _read_elements(bytes_, _read_older_shape(bytes_, kind, what), what)
    (storage,) = bytes_.take(_NUMBER, f"{what}: its storage")
    if storage in STORAGES:
        return _read_sparse(bytes_, storage, what)
    if storage != 0:
        raise bytes_.damaged(f"{what} has the unknown storage {storage}")
    shape = _read_shape(bytes_, what)
    if not shape and kind != NP_SHAPE:
        raise _shapeless(bytes_, what)
    return _read_elements(bytes_, shape, what)


def _read_sparse(bytes_: _Bytes, storage: int, what: str) -> Stored:
    names = PARTS[storage]
    stored, shape = _read_shape(bytes_, what), _read_shape(bytes_, what)
    _check_size(bytes_, shape, what)
    dtype = _read_dtype(bytes_, what)
    kinds: list[tuple[np.dtype[Any], tuple[int, ...]]] = []
    for name in names:
        (number,) = bytes_.take(_NUMBER, f"{what}: its {name}")
        kinds.append((_dtype(bytes_, number, f"{what}: its {name}"), _read_shape(bytes_, f"{what}: its {name}")))
    data = _fill(bytes_, stored, dtype, what)
    parts = [_fill(bytes_, size, kind, f"{what}: its {name}") for name, (kind, size) in zip(names, kinds, strict=True)]
    return Stored(STORAGES[storage], shape, data, tuple(parts))


def _read_elements(bytes_: _Bytes, shape: tuple[int, ...], what: str) -> Buffer:
    return _fill(bytes_, shape, _read_dtype(bytes_, what), what)


def _read_dtype(bytes_: _Bytes, what: str) -> np.dtype[Any]:
    _, _, number = bytes_.take(_PLACE, f"{what}: its device and dtype")
    return _dtype(bytes_, number, what)


def _dtype(bytes_: _Bytes, number: int, what: str) -> np.dtype[Any]:
    if 0 <= number < len(DTYPES):
        return DTYPES[number]
    if number in OTHER_DTYPES:
        known = ", ".join(dtype.name for dtype in DTYPES)
        raise ArrayFileError(
            f"{bytes_.source}: {what} is {OTHER_DTYPES[number]}; mxl has {known}: let MXNet save it as one of them"
        )
    raise bytes_.damaged(f"{what} has the unknown dtype number {number}")


def _fill(bytes_: _Bytes, shape: tuple[int, ...], dtype: np.dtype[Any], what: str) -> Buffer:
    """The next elements."""
    _check_size(bytes_, shape, what)
    label = f"{what} ({dtype.name} {list(shape)})"
    bytes_.need(math.prod(shape) * dtype.itemsize, label)  # before any memory is taken
    buffer = allocator.empty(shape, dtype)
    bytes_.fill(buffer, label)
    if dtype == np.bool_:
        np.not_equal(buffer.view(np.uint8), 0, out=buffer)  # a byte other than 0 and 1 is no bool of numpy's
    return buffer


def _check_size(bytes_: _Bytes, shape: tuple[int, ...], what: str) -> None:
    if math.prod(max(length, 1) for length in shape) > ELEMENTS_MAX:
        raise bytes_.damaged(f"{what} has the impossible shape {list(shape)}")


def _read_shape(bytes_: _Bytes, what: str) -> tuple[int, ...]:
    (ndim,) = bytes_.take(_NUMBER, f"{what}: its shape")
    return _read_sizes(bytes_, ndim, "q", what)


def _read_older_shape(bytes_: _Bytes, kind: int, what: str) -> tuple[int, ...]:
    if kind == OLDER:
        (ndim,) = bytes_.take(_WORD, f"{what}: its shape")
        shape = _read_sizes(bytes_, ndim, "q", what)
    elif kind > NDIM_MAX:
        raise bytes_.damaged(f"{what} begins with {kind:#x}, as no array does")
    else:
        shape = _read_sizes(bytes_, kind, "I", what)
    if not shape:
        raise _shapeless(bytes_, what)
    return shape


def _read_sizes(bytes_: _Bytes, ndim: int, sizes: str, what: str) -> tuple[int, ...]:
    if not 0 <= ndim <= NDIM_MAX:
        raise bytes_.damaged(f"{what} has {ndim} axes; 0 to {NDIM_MAX} are possible")
    shape = bytes_.take(struct.Struct(f"<{ndim}{sizes}"), f"{what}: its shape")
    if any(length < 0 for length in shape):
        raise bytes_.damaged(f"{what} has the impossible shape {list(shape)}")
    return shape


def _shapeless(bytes_: _Bytes, what: str) -> ArrayFileError:
    return ArrayFileError(
        f"{bytes_.source}: {what} has no shape: it is empty, or one number saved without np_shape, which MXNet "
        "itself cannot read; save numbers as arrays of shape (1,)"
    )


def _read_name(bytes_: _Bytes, what: str) -> str:
    (length,) = bytes_.take(_COUNT, what)
    encoded = bytes_.raw(length, what)
    try:
        return encoded.decode()
    except UnicodeDecodeError as error:
        raise bytes_.damaged(f"{what} is no UTF-8 ({error.reason} at byte {error.start})") from error


def _what_it_is(head: bytes) -> str:
    for begins, description in _FOREIGN:
        if head.startswith(begins):
            return f", but {description}"
    return f": it begins with {head.hex(' ')}, where nd.save writes {_COUNT.pack(LIST_MAGIC).hex(' ')}"
