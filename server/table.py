"""A shard of a row table (a row_sparse key): whole rows, updated in place, with the record that undoes the last update.

Knows: which rows an update touches, what they were before, and how rows are gathered for a pull.  Never: which update
comes next.  A table is large and a push touches little of it, so no second buffer is kept: the previous version is the
current one with the rows of the record in their place.  The record has the optimizer's rows too: a step that fails in
the middle is undone by it.
Invariants: the record is that of the newest version; what is lent is a copy, which no update reaches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.optimizer.base import Optimizer
from ..core.optimizer.lazy import is_lazy
from ..kvstore.errors import OutOfPlace, PartShape
from ..kvstore.placement import keeps_whole
from ..kvstore.rows import ID_BYTES, Rows, parse, parse_ids, width_of
from ..kvstore.wire.limits import DEFAULT
from ..kvstore.wire.messages import Frame, InitPart, PullPart
from . import update
from .clocks import Contribution, Gradient
from .shard import Array, Shard, check_bytes, dtype_named


def initial(part: InitPart, payload: Frame) -> Array:
    """The first value of a shard, [rows, W]: the frame's rows, and zero elsewhere; raises where they do not fit."""
    dtype, width = dtype_named(part.dtype), width_of(part.shape)
    if not part.shape or not keeps_whole(part.shape, [(part.start, part.stop)], "row"):
        raise OutOfPlace(
            f"key {part.key!r}: a row_sparse key is cut between rows, came elements {part.start}:{part.stop} of "
            f"{list(part.shape)}"
        )
    size_bytes = (part.stop - part.start) * dtype.itemsize
    if size_bytes > DEFAULT.frame_bytes:  # the table is made whole, however little has come
        raise PartShape(
            f"key {part.key!r}: a shard may have {DEFAULT.frame_bytes} bytes, shard {part.shard} has {size_bytes}"
        )
    nbytes, row_bytes = memoryview(payload).nbytes, ID_BYTES + width * dtype.itemsize
    count = nbytes // row_bytes
    check_bytes(part, nbytes, count * row_bytes)
    rows = parse(payload, count, dtype, part.shape, part.start, part.stop, f"key {part.key!r}: shard {part.shard}")
    table = np.zeros(((part.stop - part.start) // (width or 1), width), dtype)
    table[rows.ids] = rows.rows
    return table


@dataclass(frozen=True, slots=True, eq=False)
class Undo:
    """What an update has replaced: rows of the value and of those states that have as many rows; other states whole."""

    ids: Array
    rows: Array
    states: tuple[Array, ...] = ()


class TableShard(Shard):
    """Rows of a row_sparse key: elements [start, stop) of it."""

    stype = "row_sparse"

    def __init__(self, part: InitPart, table: Array, staleness: int) -> None:
        super().__init__(part, staleness)
        self.table = table
        self._version = 0
        self._nothing = Undo(np.empty(0, np.int64), table[:0].copy())
        self._undo = self._next = self._nothing

    @property
    def version(self) -> int:
        return self._version

    @property
    def current(self) -> Array:
        return self.table.reshape(-1)

    def rows_asked(self, part: PullPart, payload: Frame | None) -> Array | None:
        if payload is None:
            return None
        width, what = width_of(self.shape), f"key {self.key!r}: shard {self.index}"
        return parse_ids(payload, part.rows, width, self.start, self.stop, what) - self.start // (width or 1)

    def lend(self, version: int | None, ids: Array | None) -> tuple[int, memoryview]:
        rows = self.table.copy() if ids is None else self.table[ids]
        lent = self._version
        if version is not None and version < lent:
            lent -= 1
            before = self._undo
            if ids is None:
                rows[before.ids] = before.rows
            elif len(before.ids):
                at = np.minimum(np.searchsorted(before.ids, ids), len(before.ids) - 1)
                was_touched = before.ids[at] == ids
                rows[was_touched] = before.rows[at[was_touched]]
        flat: Any = rows.reshape(-1)
        return lent, memoryview(flat).cast("B") if rows.size else memoryview(b"")

    def undo(self) -> tuple[Array, ...]:
        return self._undo.ids, self._undo.rows

    def put(self, version: int, undo: list[Frame]) -> None:
        width, itemsize = self.table.shape[1], np.dtype(self.dtype).itemsize
        ids = np.frombuffer(undo[0], np.int64).copy() if len(undo) == 2 else None
        if ids is None or memoryview(undo[1]).nbytes != len(ids) * width * itemsize:
            raise PartShape(f"key {self.key!r}: what undoes an update is row ids and as many rows of {width}")
        self._version = version
        self._undo = Undo(ids, np.frombuffer(undo[1], self.dtype).reshape(len(ids), width).copy())

    # ----- updates -----

    def sum_up(self, contributions: list[Contribution]) -> Gradient:
        rows = update.sum_of_rows(contributions)
        if rows is not None:
            return rows
        total = np.empty_like(self.table)
        update.assign(update.all_dense(contributions, self.table), total.reshape(-1))
        return total.reshape(-1)

    def _assign(self, contributions: list[Contribution]) -> None:
        rows = update.sum_of_rows(contributions)
        if rows is None:
            total = np.empty_like(self.table)
            update.assign(update.all_dense(contributions, self.table), total.reshape(-1))
            rows = Rows(np.arange(len(total)), total)
        self._record(None)
        self.table[...] = 0
        self.table[rows.ids] = rows.rows

    def _step(self, optimizer: Optimizer, contributions: list[Contribution], *, lr: float, wd: float, t: int) -> None:
        rows = update.sum_of_rows(contributions) if is_lazy(optimizer) else None
        if rows is not None:
            self._record(rows.ids)
            update.step_rows(optimizer, rows, self.table, self.state, lr=lr, wd=wd, t=t)
            return
        self._record(None)
        contributions = update.all_dense(contributions, self.table)
        weight = self._shaped(optimizer, self.table.reshape(-1))
        state = self.state if optimizer.scope != "element" else tuple(s.reshape(-1) for s in self.state)
        update.step(optimizer, contributions, weight, state, weight, lr=lr, wd=wd, t=t)

    def _record(self, ids: Array | None) -> None:
        """Before an update: keep the rows that it is going to change (None: all)."""
        ids = np.arange(len(self.table)) if ids is None else ids
        states = tuple(s.reshape(len(self.table), -1)[ids] if self._has_rows(s) else s.copy() for s in self.state)
        self._next = Undo(ids, self.table[ids], states)

    def _has_rows(self, state: Array) -> bool:
        return state.ndim > 0 and len(self.table) > 0 and state.size % len(self.table) == 0

    def _publish(self, has_failed: bool) -> None:
        if has_failed:
            self._restore(self._next)
            self._next = self._nothing
        self._version += 1
        self._undo, self._next = self._next, self._nothing

    def _restore(self, undo: Undo) -> None:
        self.table[undo.ids] = undo.rows
        for state, before in zip(self.state, undo.states, strict=False):
            if self._has_rows(state):
                state.reshape(len(self.table), -1)[undo.ids] = before
            else:
                state[...] = before
