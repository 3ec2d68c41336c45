"""DLPack: arrays handed from one library to another without a copy, both ways.

    theirs = torch.from_dlpack(x)           an NDArray says itself what it is (`__dlpack__`)
    x = mx.nd.from_dlpack(theirs)           from anything that does, or from a capsule
    capsule = x.to_dlpack_for_write()       MXNet's form: a capsule, which is taken once

Both sides see what either writes. Contexts are CPUs; a sparse array is handed over as a dense form made for that.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .creation import wrap
from .errors import BadCall
from .handle import Buffer
from .ndarray import NDArray

__all__ = ["from_dlpack", "to_dlpack_for_read", "to_dlpack_for_write"]

CPU = (1, 0)  # DLPack's device type and number


class _Taken:
    """A capsule, as something that numpy asks for one."""

    def __init__(self, capsule: Any) -> None:
        self.capsule = capsule

    def __dlpack__(self, **_kwargs: Any) -> Any:
        return self.capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        return CPU


def capsule_of(buffer: Buffer) -> Any:
    """A capsule of numpy's memory, writeable where this numpy can say so."""
    try:
        return buffer.__dlpack__(max_version=(1, 0))
    except TypeError:  # numpy before 2.1
        return buffer.__dlpack__()


def to_dlpack_for_read(data: NDArray) -> Any:
    """A capsule of the array's memory, to be read; waits for a pending value."""
    return capsule_of(data._read())


def to_dlpack_for_write(data: NDArray) -> Any:
    """A capsule of the array's memory, to be written. Raises MXLError for a sparse array."""
    return capsule_of(data._for_write())


def from_dlpack(dlpack: Any) -> NDArray:
    """An NDArray on the memory of a capsule, or of an array with `__dlpack__`.

    What cannot be shared, memory that is read-only or not C-contiguous, is copied. Raises BadCall (an AssertionError)
    for anything else, and for a capsule that was taken already.

    >>> import numpy as np
    >>> theirs = np.zeros(3, "float32")
    >>> from_dlpack(theirs)[:] = 7
    >>> theirs.tolist()
    [7.0, 7.0, 7.0]
    """
    known = hasattr(dlpack, "__dlpack__")
    if not known and type(dlpack).__name__ != "PyCapsule":
        kind = type(dlpack).__name__
        raise BadCall(f"from_dlpack: expected a DLPack capsule, or an array with __dlpack__, not {kind}")
    try:
        taken = np.from_dlpack(dlpack if known else _Taken(dlpack))
    except (ValueError, BufferError, SystemError) as error:
        raise BadCall(f"from_dlpack: the memory cannot be taken; a capsule is taken only once: {error}") from error
    return wrap(taken if taken.flags.writeable and taken.flags.c_contiguous else np.array(taken, order="C"))
