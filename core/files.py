"""Files: written whole or not at all, and opened with a sentence where that fails.

Knows paths and bytes, nothing of what is in them.  What is written goes into a file beside the one that is meant, which
is then renamed over it: a process that dies, or a full disk, leaves the older file as it was.  Invariant: every failure
of the file system comes out as a `FileAccessError`, which is an OSError too.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Generator
from typing import Any, BinaryIO

from .errors import FileAccessError, FileMissing, MXLError

Name = str | os.PathLike[str]


@contextlib.contextmanager
def replacing(fname: Name) -> Generator[BinaryIO]:
    """A file to write into, which takes the place of `fname` when the `with` ends without an error.

    A link is followed; what is no file (a pipe, /dev/stdout) is written as it is.
    """
    path = os.path.realpath(fname)
    in_place = os.path.exists(path) and not os.path.isfile(path)
    try:
        with open(path, "wb") if in_place else _aside(path) as file:
            yield file
    except MXLError:
        raise  # what was to be written failed, not the file: a value that never came
    except OSError as error:
        raise _told("write", fname, error) from error


@contextlib.contextmanager
def _aside(path: str) -> Generator[BinaryIO]:
    aside = os.path.join(os.path.dirname(path), f".mxl-{os.urandom(6).hex()}.part")
    try:
        with open(aside, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # the bytes are on the disk before the name is
        with contextlib.suppress(FileNotFoundError):
            shutil.copymode(path, aside)
        os.replace(aside, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(aside)
        raise


@contextlib.contextmanager
def reading(fname: Name) -> Generator[BinaryIO]:
    """A file to read from."""
    try:
        with open(fname, "rb") as file:
            yield file
    except MXLError:
        raise
    except OSError as error:
        raise _told("read", fname, error) from error


def opened(fname: Name, mode: str) -> Any:
    """A file that stays open: `mode` as for open(). What is written may be seen, and lost, before it is closed."""
    try:
        return open(fname, mode)
    except OSError as error:
        raise _told("write" if "w" in mode else "read", fname, error) from error


def _told(verb: str, fname: Name, error: OSError) -> FileAccessError:
    missing = isinstance(error, FileNotFoundError)
    hint = " (the folder must exist)" if missing and verb == "write" else ""
    reason = error.strerror or type(error).__name__
    return (FileMissing if missing else FileAccessError)(f"cannot {verb} '{os.fspath(fname)}': {reason}{hint}")
