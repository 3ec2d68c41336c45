"""RecordIO: files of records, one after the other, in MXNet's format; and records of images with their labels.

A record in a file: the word 0xced7230a, a word of kind and length, its bytes, zeros up to a multiple of four. Where the
bytes hold that first word, at a multiple of four, the record is cut there and the word left out: its parts are of kind
1, 2, ..., 2, 3, a whole one of kind 0. A file beside it may have the place of each record, by its key.

Knows bytes and places. Invariant: what is read from a file is what was written, or an error that says where it is not.
"""

from __future__ import annotations

import os
import struct
import threading
from collections import namedtuple
from collections.abc import Callable
from numbers import Number
from typing import Any, BinaryIO, TextIO

import numpy as np

from .errors import BadCall, InvalidSetting, MXLError, UnknownName
from .files import opened
from .images.blue_first import decode, encode

__all__ = ["IRHeader", "MXIndexedRecordIO", "MXRecordIO", "pack", "pack_img", "unpack", "unpack_img"]

MAGIC = 0xCED7230A
_MAGIC = struct.pack("<I", MAGIC)
_LONGEST = (1 << 29) - 1
_WHOLE, _FIRST, _MIDDLE, _LAST = range(4)


class RecordError(MXLError):
    """A file that is no file of records, or not whole; or a file that is closed, or another process's."""


class MXRecordIO:
    """A file of records, written (flag 'w') or read ('r') from the first to the last.

    Raises FileMissing (an OSError), ValueError for another flag. MXNet: `recordio.MXRecordIO`.

    >>> import os, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "some.rec")
    ...     file = MXRecordIO(path, "w")
    ...     file.write(b"one")
    ...     file.close()
    ...     file = MXRecordIO(path, "r")
    ...     found = file.read(), file.read()
    ...     file.close()
    >>> found
    (b'one', None)
    """

    def __init__(self, uri: str | os.PathLike[str], flag: str) -> None:
        self.uri = os.fspath(uri)
        self.flag = flag
        self.pid: int | None = None
        self.is_open = False
        self._file: BinaryIO | None = None
        self._lock = threading.RLock()
        self.open()

    def open(self) -> None:
        """Opens the file again, at its beginning; one that is written is emptied."""
        if self.flag not in ("r", "w"):
            raise InvalidSetting(f"recordio: flag is {self.flag!r}; expected 'r' to read or 'w' to write")
        self.writable = self.flag == "w"
        self._file = opened(self.uri, f"{self.flag}b")
        self.pid = os.getpid()
        self.is_open = True

    def close(self) -> None:
        """Closes the file; a second time does nothing."""
        if self.is_open and self._file is not None:
            self._file.close()
        self.is_open = False
        self.pid = None

    def reset(self) -> None:
        """Goes back to the first record; a file that is written is emptied."""
        self.close()
        self.open()

    def __del__(self) -> None:
        if getattr(self, "is_open", False):
            self.close()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("_file", "_lock")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        was_open = state["is_open"]
        vars(self).update(state, is_open=False, _file=None, _lock=threading.RLock())
        if was_open:
            self.open()

    def _usable(self, writable: bool, may_reopen: bool = False) -> BinaryIO:
        """The open file. Raises AssertionError where it is open for the other purpose."""
        if self.writable is not writable:
            raise BadCall(f"recordio: {self.uri} is open to {'write' if self.writable else 'read'}")
        if self.is_open and self.pid != os.getpid():
            if not may_reopen:
                raise RecordError(f"recordio: {self.uri} was opened by another process; open it in this one")
            self.reset()
        if not self.is_open or self._file is None:
            raise RecordError(f"recordio: {self.uri} is closed; call reset() to open it again")
        return self._file

    def write(self, buf: bytes) -> None:
        """Appends a record. Raises AssertionError for a file that is read, TypeError for what is not bytes."""
        file = self._usable(writable=True)
        content = bytes(memoryview(buf))
        if len(content) > _LONGEST:
            raise RecordError(f"recordio: a record has {len(content)} bytes; at most {_LONGEST} are possible")
        parts = _cut(content)
        for i, part in enumerate(parts):
            kind = _WHOLE if len(parts) == 1 else _FIRST if i == 0 else _LAST if i == len(parts) - 1 else _MIDDLE
            file.write(struct.pack("<II", MAGIC, kind << 29 | len(part)) + part + bytes(-len(part) % 4))

    def read(self) -> bytes | None:
        """The next record, or None after the last. Raises AssertionError for a file that is written."""
        with self._lock:
            file = self._usable(writable=False)
            parts: list[bytes] = []
            while True:
                place = file.tell()
                head = file.read(8)
                if not head and not parts:
                    return None
                magic, word = struct.unpack("<II", head) if len(head) == 8 else (None, 0)
                kind, length = word >> 29, word & _LONGEST
                if magic != MAGIC or kind not in ((_WHOLE, _FIRST) if not parts else (_MIDDLE, _LAST)):
                    raise RecordError(f"recordio: no record begins at byte {place} of {self.uri}")
                content = file.read(length + -length % 4)
                if len(content) < length:
                    raise RecordError(f"recordio: {self.uri} ends within the record at byte {place}")
                parts.append(content[:length])
                if kind in (_WHOLE, _LAST):
                    return _MAGIC.join(parts)


def _cut(content: bytes) -> list[bytes]:
    """The parts between the places where the first word of records lies in the bytes, at multiples of four."""
    parts, start, place = [], 0, content.find(_MAGIC)
    while place >= 0:
        if place % 4:
            place = content.find(_MAGIC, place + 1)
            continue
        parts.append(content[start:place])
        start = place + 4
        place = content.find(_MAGIC, start)
    return [*parts, content[start:]]


class MXIndexedRecordIO(MXRecordIO):
    """A file of records with keys, and a file beside it with their places, read in any order.

    key_type: what a key is made by. `keys` are those known, in order, `idx` their places. MXNet:
    `recordio.MXIndexedRecordIO`.
    """

    def __init__(
        self, idx_path: str | os.PathLike[str], uri: str | os.PathLike[str], flag: str,
        key_type: Callable[[Any], Any] = int,
    ) -> None:  # fmt: skip
        self.idx_path = os.fspath(idx_path)
        self.idx: dict[Any, int] = {}
        self.keys: list[Any] = []
        self.key_type = key_type
        self.fidx: TextIO | None = None
        super().__init__(uri, flag)

    def open(self) -> None:
        super().open()
        self.idx = {}
        self.keys = []
        try:
            self.fidx = index = opened(self.idx_path, self.flag)
            if not self.writable:
                for number, line in enumerate(index, 1):
                    self._add(line, number)
        except BaseException:
            self.close()
            raise

    def _add(self, line: str, number: int) -> None:
        key, _, place = line.strip().partition("\t")
        try:
            known = self.key_type(key)
            self.idx[known] = int(place)
        except ValueError as error:
            raise RecordError(f"recordio: line {number} of {self.idx_path} is {line!r}; expected key, tab, place"
                              ) from error
        self.keys.append(known)

    def close(self) -> None:
        super().close()
        if self.fidx is not None:
            self.fidx.close()

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "fidx": None}

    def seek(self, idx: Any) -> None:
        """Goes to the record of a key. Raises KeyError for an unknown one."""
        file = self._usable(writable=False, may_reopen=True)
        if idx not in self.idx:
            raise UnknownName(f"recordio: {self.idx_path} has no key {idx!r}; it has {len(self.keys)} keys")
        file.seek(self.idx[idx])

    def tell(self) -> int:
        """Where the next record will be written."""
        return self._usable(writable=True).tell()

    def read_idx(self, idx: Any) -> bytes | None:
        """The record of a key; threads may read at once. Raises KeyError for an unknown one."""
        with self._lock:
            self.seek(idx)
            return self.read()

    def write_idx(self, idx: Any, buf: bytes) -> None:
        """Appends a record under a key."""
        key = self.key_type(idx)
        place = self.tell()
        self.write(buf)
        assert self.fidx is not None
        self.fidx.write(f"{key}\t{place}\n")
        self.idx[key] = place
        self.keys.append(key)


# What a record of an image begins with: flag (how many labels), label (a number, or several), id, id2 (id's upper half)
IRHeader = namedtuple("HEADER", ["flag", "label", "id", "id2"])  # pyright: ignore  # its printed form is MXNet's
_FORMAT = struct.Struct("<IfQQ")


def pack(header: Any, s: bytes) -> bytes:
    """A record: the header's numbers, its labels where they are several, and `s`. MXNet: `recordio.pack`.

    >>> unpack(pack(IRHeader(0, [1, 2], 7, 0), b"image"))[1]
    b'image'
    """
    header = IRHeader(*header)
    if isinstance(header.label, Number):
        return _FORMAT.pack(0, header.label, header.id, header.id2) + s
    labels = np.asarray(header.label, np.float32)
    return _FORMAT.pack(labels.size, 0, header.id, header.id2) + labels.tobytes() + s


def unpack(s: bytes) -> tuple[Any, bytes]:
    """The header and the rest of a record; several labels are an array. MXNet: `recordio.unpack`.

    >>> unpack(pack(IRHeader(0, 14, 3, 0), b"image"))
    (HEADER(flag=0, label=14.0, id=3, id2=0), b'image')
    """
    if len(s) < _FORMAT.size:
        raise RecordError(f"recordio: a record of {len(s)} bytes has no header, which is of {_FORMAT.size}")
    header = IRHeader(*_FORMAT.unpack_from(s))
    rest = s[_FORMAT.size :]
    if not header.flag:
        return header, rest
    if len(rest) < 4 * header.flag:
        raise RecordError(f"recordio: a record has {header.flag} labels by its header, but ends before the last")
    return header._replace(label=np.frombuffer(rest, np.float32, header.flag)), rest[4 * header.flag :]


def pack_img(header: Any, img: np.ndarray, quality: int = 95, img_fmt: str = ".jpg") -> bytes:
    """A record of an image, encoded: [H, W, 3], blue, green, red, or [H, W]; [H, W, 4] has opacity, too.

    quality: 1 to 100 for .jpg, how hard to pack (0 to 9) for .png. Raises ImageError
    without Pillow. MXNet: `recordio.pack_img`.
    """
    return pack(header, encode(img, quality, img_fmt))


def unpack_img(s: bytes, iscolor: int = -1) -> tuple[Any, np.ndarray | None]:
    """The header and the image of a record: [H, W, 3], blue, green, red, or [H, W]; None where it holds no image.

    iscolor: 1 for colours, 0 for shades of grey, -1 for what the file has. Raises ImageError for a record that ends
    with its header. MXNet: `recordio.unpack_img`.
    """
    header, content = unpack(s)
    return header, decode(content, iscolor)
