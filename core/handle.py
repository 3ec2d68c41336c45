"""The handle: what an NDArray is below its operators: one buffer, a context, a place on the tape, perhaps a state.

The data slot `_data` is the numpy array of an ordinary handle, else None; what else there is to know is in `_state`.
    read     x = a._data;  if x is None: x = a._settle()
    write    x = a._for_write()           (every write to the buffer, whoever makes it, goes through this one method)
States: *pending* (the bytes are on their way, see pending.py).  A further state is a subclass of `State`: it may keep
the data slot empty, so that reads come to `settle`, or full, so that only writes are told.

Handles that share memory (a base, its views, detached twins) form a family, which knows its members by weak reference,
so that a state given to one reaches all.  Invariant: all buffers of handles are C-contiguous, so that a view is any
contiguous part of its base.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from .context import Context
from .pending import Pending

Buffer = np.ndarray[Any, Any]


class State:
    """What a handle is when it is not ordinary.  `buffer` is the memory that it has, or will have."""

    __slots__ = ("buffer",)

    def __init__(self, buffer: Buffer) -> None:
        self.buffer = buffer

    def settle(self, handle: Handle) -> Buffer:
        """The buffer, once it may be read."""
        return self.buffer

    def before_write(self, handle: Handle, keep: bool) -> Buffer:
        """The buffer to be written; `keep` tells whether its old content will be read or partly kept."""
        return self.buffer


class Waiting(State):
    """The bytes are on their way into `buffer`."""

    __slots__ = ("pending",)

    def __init__(self, buffer: Buffer, pending: Pending) -> None:
        super().__init__(buffer)
        self.pending = pending

    def settle(self, handle: Handle) -> Buffer:
        pending = self.pending
        try:
            pending.wait()
        finally:  # with an error too: it is raised once, then the family is ordinary again
            for member in handle._members():
                state = member._state
                if isinstance(state, Waiting) and state.pending is pending:
                    member._data = state.buffer
                    member._state = None
        return self.buffer


class Handle:
    """A numpy buffer with a context, a place on the tape and a state.  Users meet its subclass NDArray."""

    __slots__ = ("__weakref__", "_ctx", "_data", "_family", "_node", "_state")

    sparse = False  # of the class: whether what is zero is left out, and a reader is given a dense form made for it
    _data: Buffer | None
    _state: State | None
    _ctx: Context
    _node: Any  # tape.Node | tape.Leaf | tape.Part | None
    _family: list[weakref.ref[Handle]] | None

    # -- reading and writing ---------------------------------------------------------------------------------------

    def _settle(self) -> Buffer:
        """The buffer of a handle that is not ordinary, waiting for it where needed."""
        state = self._state
        data = self._data  # in this order: another thread that settles fills the data slot first
        if data is not None:
            return data
        assert state is not None  # a handle without data has a state: the invariant of the two slots
        return state.settle(self)

    def _read(self) -> Buffer:
        """The buffer, to be read."""
        data = self._data
        return self._settle() if data is None else data

    def _for_write(self, keep: bool = True) -> Buffer:
        """The buffer, to be written.  keep=False: all of it will be overwritten, so its content need not be saved."""
        data = self._data
        if data is None:
            data = self._settle()
        if self._state is not None:
            data = self._state.before_write(self, keep)
        return data

    def _meta(self) -> Buffer:
        """The buffer for asking shape and dtype only: never waits."""
        state = self._state
        data = self._data
        if data is None:
            assert state is not None
            return state.buffer
        return data

    # -- families --------------------------------------------------------------------------------------------------

    def _members(self) -> list[Handle]:
        """This handle and all living handles that share its memory."""
        if self._family is None:
            return [self]
        return [member for ref in self._family if (member := ref()) is not None]

    def _share(self, other: Handle) -> None:
        """`other`, which was just made on a part of this handle's buffer, joins the family."""
        family = self._family
        if family is None:
            family = self._family = [weakref.ref(self)]
        elif len(family) > 16 and (len(family) & (len(family) - 1)) == 0:  # at each power of two, so seldom enough
            family[:] = [ref for ref in family if ref() is not None]
        family.append(weakref.ref(other))
        other._family = family

    def _set_pending(self, pending: Pending) -> None:
        """The bytes of this array come later: `pending` knows when.  Called by a store, in the script's thread.

        An earlier pending value is settled first.  Views, base and twins become pending with the array.
        """
        self._read()
        for member in self._members():
            state = member._state
            buffer = member._read()
            if state is not None:
                buffer = state.before_write(member, True)
            member._state = Waiting(buffer, pending)
            member._data = None


def new(cls: Any, data: Buffer, ctx: Context, node: Any = None) -> Any:
    """A handle of class `cls` on `data`, which nobody else holds."""
    handle = cls.__new__(cls)
    handle._data = data
    handle._state = None
    handle._ctx = ctx
    handle._node = node
    handle._family = None
    return handle
