"""A stream: the numbered messages from a primary to one life of one backup, and what of them is acknowledged.

Knows: how a shard's whole state and its changes become messages, and which shards wait for an acknowledgement.  Never:
which shards go to which backup (`streams`), nor what follows once one is safe.
Invariants: a shard joins with all that is held of it (`CopyShard`); from then on each change of it follows, in order;
what was acknowledged was acknowledged with all before it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..kvstore.batch import PARTS_MAX
from ..kvstore.outbox import Outbox, Request
from ..kvstore.rows import Rows
from ..kvstore.table import Member
from ..kvstore.wire.messages import ChangePart, CopyShard, Frame, HyperSet, Message, Replicate
from .clocks import Contribution
from .rule import Rule
from .shard import Shard

NO_SUM, DENSE_SUM = -2, -1
COPIES_AHEAD_BYTES = 16 << 20  # of copies that are made and not acknowledged, so that a copy doubles no memory


class Stream:
    """To one life of one backup."""

    def __init__(self, member: Member, outbox: Outbox) -> None:
        self.member, self.outbox = member, outbox
        self.to_copy: dict[Shard, None] = {}  # in order
        self.copying: frozenset[int] = frozenset()  # slots that the table lists as on the way there
        self.told_slots: frozenset[int] = frozenset()
        self.unsafe: dict[int, Shard] = {}
        self._sequence = self._acknowledged = 0
        self._told = 0  # the last message that said something of stores
        self._stores: tuple[Any, ...] = ()
        self._parts: list[ChangePart] = []
        self._rules: dict[Rule, HyperSet] = {}  # of the next message, as are these
        self._payloads: list[Frame] = []
        self._bytes = 0

    def has(self, sequence: int) -> bool:
        """Whether the backup has acknowledged this message and all before it."""
        return sequence <= self._acknowledged

    @property
    def knows_stores(self) -> bool:
        """Whether the backup has acknowledged all that it was told of stores."""
        return self.has(self._told)

    def tell_stores(self, stores: tuple[Any, ...]) -> None:
        """The stores are these."""
        self._stores = stores
        self._told = self._sequence + 1

    def acknowledge(self, sequence: int) -> None:
        """It has: a backup acknowledges none before it has all that go before."""
        self._acknowledged = max(self._acknowledged, sequence)

    def change(self, shard: Shard, whole: Contribution | None) -> None:
        """A shard has changed: by this sum, or (None) without one."""
        clocks, hyper = shard.clocks, -1
        payload: Frame | None = None
        rows = NO_SUM
        if whole is not None:
            rows, payload = _frame(whole)
            if whole.rule is not None:
                rule = whole.rule
                fresh = HyperSet(shard.store, rule.generation, len(self._rules), rule.values)
                hyper = self._rules.setdefault(rule, fresh).number
        self._parts.append(
            ChangePart(
                shard.store, shard.key, shard.index, shard.version, shard.updates, shard.barrier,
                tuple(clocks.applied), tuple(clocks.applied.values()), rows, hyper,
            )
        )  # fmt: skip
        if payload is not None:
            self._payloads.append(payload)
            self._bytes += memoryview(payload).nbytes
        shard.sequence = self._sequence + 1
        self.unsafe[id(shard)] = shard
        if self._bytes >= self.outbox.message_bytes or len(self._parts) >= PARTS_MAX:
            self.close_message()

    def close_message(self) -> None:
        """What has changed since the last one is a message."""
        if not self._parts and not self._stores:
            return
        self._sequence += 1
        stores, self._stores = self._stores, ()
        parts, rules, payloads = tuple(self._parts), tuple(self._rules.values()), tuple(self._payloads)
        self._parts, self._rules, self._payloads, self._bytes = [], {}, [], 0
        number = self._sequence

        def message(membership: int, offset: int) -> Message:
            return Replicate(membership, offset, number, number, stores, parts, rules, payloads)

        self._submit(number, f"{len(parts)} changes", message, payloads)

    def copy(self, shard: Shard) -> None:
        """Send all that is held of a shard; its later changes follow."""
        self.close_message()
        self._sequence += 1
        number = self._sequence
        shard.stream, shard.sequence = self, number
        self.unsafe[id(shard)] = shard
        undo = shard.undo()
        payloads = tuple(a.tobytes() for a in (shard.current, *undo, *shard.state))  # copies: the arrays go on changing
        dtypes, clocks = tuple(s.dtype.name for s in shard.state), shard.clocks
        version, updates, generation, barrier = shard.version, shard.updates, shard.generation, shard.barrier
        ranks, applied = tuple(clocks.applied), tuple(clocks.applied.values())

        def message(membership: int, offset: int) -> Message:
            return CopyShard(
                membership, offset, number, number, shard.store, shard.key, shard.index,
                shard.stype, shard.dtype, shard.shape, shard.start, shard.stop, version, updates, generation, barrier,
                ranks, applied, len(undo), dtypes, payloads,
            )  # fmt: skip

        self._submit(number, f"a copy of key {shard.key!r} shard {shard.index}", message, payloads)

    def _submit(
        self, number: int, label: str, message: Callable[[int, int], Message], payloads: tuple[Frame, ...]
    ) -> None:
        self.outbox.submit(Request(number, label, "alone", self.outbox.heard_at, alone=message, payloads=payloads))

    def ready(self) -> list[Shard]:
        """Those that wait for an acknowledgement, and need wait no more."""
        safe = [shard for shard in self.unsafe.values() if shard.stream is not self or shard.is_safe]
        for shard in safe:
            del self.unsafe[id(shard)]
        return safe

    @property
    def may_copy(self) -> bool:
        """Whether another copy may be made now."""
        box = self.outbox
        return box.queued_bytes + sum(r.size_bytes for r in box.out.values()) < COPIES_AHEAD_BYTES


def _frame(whole: Contribution) -> tuple[int, Frame]:
    """(rows, frame) of a sum: row ids lead the rows."""
    gradient = whole.gradient
    if isinstance(gradient, Rows):
        data = np.ascontiguousarray(gradient.ids, np.int64).tobytes() + np.ascontiguousarray(gradient.rows).tobytes()
        return len(gradient.ids), data
    assert gradient is not None
    view: Any = gradient
    return DENSE_SUM, memoryview(view).cast("B") if gradient.size else b""
