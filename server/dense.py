"""A dense shard: its value in versions, each in a buffer of its own.

Knows: how sums and steps go from the published buffer into another one.  Never: which update comes next.
Invariant: a published version never changes.
"""

from __future__ import annotations

import numpy as np

from ..core.optimizer.base import Optimizer
from ..core.optimizer.lazy import is_lazy
from ..kvstore.errors import PartShape, Unsupported
from ..kvstore.wire.messages import Frame, InitPart, PullPart
from . import update
from .buffers import VersionBuffers
from .clocks import Contribution, Gradient
from .shard import Array, Shard, check_bytes, dtype_named


def initial(part: InitPart, payload: Frame) -> Array:
    """The first value of a shard, copied from the frame; raises where the bytes do not fit what the part says."""
    check_bytes(part, memoryview(payload).nbytes, (part.stop - part.start) * dtype_named(part.dtype).itemsize)
    return np.frombuffer(payload, part.dtype).copy()


class DenseShard(Shard):
    """Elements [start, stop) of a flattened key, in versions."""

    stype = "default"

    def __init__(self, part: InitPart, value: Array, staleness: int, versions_max: int) -> None:
        super().__init__(part, staleness)
        self.buffers = VersionBuffers(value, versions_max)

    @property
    def version(self) -> int:
        return self.buffers.version

    @property
    def current(self) -> Array:
        return self.buffers.current

    def rows_asked(self, part: PullPart, payload: Frame | None) -> Array | None:
        if payload is not None:
            raise Unsupported(f"key {self.key!r} is dense: it is pulled whole, and rows are pulled of row_sparse keys")
        return None

    def lend(self, version: int | None, ids: Array | None) -> tuple[int, memoryview]:
        return self.buffers.lend(version)

    def undo(self) -> tuple[Array, ...]:
        previous = self.buffers.previous
        return () if previous is None else (previous,)

    def put(self, version: int, undo: list[Frame]) -> None:
        if len(undo) > 1 or any(memoryview(f).nbytes != self.current.nbytes for f in undo):
            raise PartShape(f"key {self.key!r}: a dense shard has one previous version of {self.current.nbytes} bytes")
        self.buffers.put(version, np.frombuffer(undo[0], self.dtype).copy() if undo else None)

    def sum_up(self, contributions: list[Contribution]) -> Gradient:
        rows = update.sum_of_rows(contributions)
        if rows is not None:
            return rows
        total = np.empty_like(self.current)
        update.assign(update.all_dense(contributions, total), total)
        return total

    def _assign(self, contributions: list[Contribution]) -> None:
        update.assign(update.all_dense(contributions, self.current), self.buffers.reserve())

    def _step(self, optimizer: Optimizer, contributions: list[Contribution], *, lr: float, wd: float, t: int) -> None:
        weight, out = self.buffers.current, self.buffers.reserve()
        rows = update.sum_of_rows(contributions) if is_lazy(optimizer) else None
        if rows is None:
            contributions = update.all_dense(contributions, weight)
            weight, out = self._shaped(optimizer, weight), self._shaped(optimizer, out)
            update.step(optimizer, contributions, weight, self.state, out, lr=lr, wd=wd, t=t)
        else:
            np.copyto(out, weight)
            update.step_rows(optimizer, rows, out.reshape(-1, self.unit()), self.state, lr=lr, wd=wd, t=t)

    def _publish(self, has_failed: bool) -> None:
        if has_failed:
            self.buffers.discard()
        self.buffers.publish()
