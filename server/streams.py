"""Streams: a primary's side of replication: what each backup must be told, in what order, and what it has acknowledged.

Knows: which server has the copy of which shard, by the table; the connection to each backup (an `Outbox`, under this
server's name), and the numbered messages on it.  Never: how a shard is updated, nor what is answered once a copy has a
change: shards keep that (`Shard.when_safe`), and `acknowledged` gives back those that became safe.
A shard joins a stream with all that is held of it (`CopyShard`); from then on each change of it follows on the same
stream, and nothing of it is answered that the backup has not acknowledged, whether or not the table lists it as in
sync yet.  A backup takes messages by number, so one that is lost or late changes nothing.
Invariants: a change has one place in one stream; a backup's later life is another stream, which begins with copies; a
stream ends only when the table says that this life of the backup has the slot no more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..kvstore.batch import PARTS_MAX
from ..kvstore.machine import Connect, Disconnect, Effects, Send
from ..kvstore.member import Membership
from ..kvstore.outbox import Outbox, Request
from ..kvstore.rows import Rows
from ..kvstore.table import ADMITTED, Member
from ..kvstore.wire.messages import (
    ChangePart,
    CopyShard,
    Credit,
    Frame,
    Had,
    HyperSet,
    InSync,
    Message,
    Replicate,
    Welcome,
)
from .clocks import Contribution
from .shard import Shard
from .store import Stores

LINK = "backup/"  # before a backup's name: this server's own connection to it, beside the one by which it may come here
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
        self._rules: dict[int, HyperSet] = {}
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
                known = self._rules.setdefault(
                    id(rule), HyperSet(shard.store, rule.generation, len(self._rules), rule.values)
                )
                hyper = known.number
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
        undo = tuple(_bytes(a) for a in shard.undo())
        states = tuple(_bytes(s) for s in shard.state)
        payloads = (_bytes(shard.current), *undo, *states)
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


class Streams:
    """To all backups of this server.  `effects` takes what is to be sent."""

    def __init__(self, stores: Stores, membership: Membership) -> None:
        self._stores, self._membership = stores, membership
        self._streams: dict[str, Stream] = {}
        self._asked = 0
        self._owed: list[Callable[[], None]] = []

    # ----- who has the copies -----

    def table_changed(self, now: float) -> tuple[Effects, list[Shard]]:
        """(effects, shards that need wait no more): streams begin and end as the table says."""
        table, node = self._membership.table, self._membership.node
        effects: Effects = []
        if node is None:
            return effects, []
        targets = {self._target(slot) for slot, p in enumerate(table.primaries) if p == node.rank} - {-1}
        names = {table.servers[rank].name: table.servers[rank] for rank in targets}
        freed: list[Shard] = []
        for name in [n for n in self._streams if n not in names or names[n].state != ADMITTED]:
            stream = self._streams.pop(name)
            for shard in self._stores.shards():
                if shard.stream is stream:
                    shard.stream = None
                    freed.append(shard)
            effects.append(Disconnect(LINK + name))
        for name, member in names.items():
            if name not in self._streams and member.state == ADMITTED:
                outbox = self._membership.outbox_to(LINK + name, str(node))
                outbox.heard_at = now
                self._streams[name] = Stream(member, outbox)
                self._streams[name].tell_stores(self._stores.to_wire())
                effects.append(Connect(LINK + name, member.addresses, str(node), member.proof))
        pairs = list(zip(table.primaries, table.copying, strict=False))
        for stream in self._streams.values():
            mine = (node.rank, stream.member.rank)
            stream.copying = frozenset(slot for slot, pair in enumerate(pairs) if pair == mine)
        for shard in self._stores.own():
            self._follow(shard)
        return effects, freed

    def stores_changed(self) -> None:
        """There is another store, or another optimizer."""
        for stream in self._streams.values():
            stream.tell_stores(self._stores.to_wire())

    def when_told(self, then: Callable[[], None]) -> None:
        """Do it now, or when every backup has heard of all stores."""
        self._owed.append(then)
        self.settle()

    def settle(self) -> None:
        """Do what has waited for backups to hear of stores, if they have."""
        if self._owed and all(stream.knows_stores for stream in self._streams.values()):
            owed, self._owed = self._owed, []
            for say in owed:
                say()

    def created(self, shard: Shard) -> None:
        """A new shard, or one whose state was put in place: all of it goes to its backup."""
        stream = self._stream_of(shard.slot)
        if stream is not None:
            stream.copy(shard)

    def changed(self, shard: Shard, whole: Contribution | None) -> None:
        """A shard has changed."""
        if shard.stream is not None:
            shard.stream.change(shard, whole)

    def _target(self, slot: int) -> int:
        return self._membership.table.copy_of(slot)

    def _stream_of(self, slot: int) -> Stream | None:
        table = self._membership.table
        rank = self._target(slot) if table.is_dealt else -1
        return self._streams.get(table.servers[rank].name) if rank >= 0 else None

    def _follow(self, shard: Shard) -> None:
        """The shard goes to whom the table names, from its beginning if that is another one than before."""
        stream = self._stream_of(shard.slot)
        if stream is not shard.stream:
            shard.stream = None
            if stream is not None:
                stream.to_copy[shard] = None

    # ----- from a backup -----

    def of_link(self, peer: str) -> Stream | None:
        """The stream that a connection belongs to."""
        return self._streams.get(peer.removeprefix(LINK)) if peer.startswith(LINK) else None

    def connection(self, stream: Stream, message: Message, now: float) -> Effects:
        """What a backup says of the connection itself."""
        box, number = stream.outbox, self._membership.number
        box.heard_at = now
        match message:
            case Welcome():
                return self._sends(stream, box.welcome(message, number, now))
            case Credit():
                box.credit(message.connection, message.offset, now)
            case Had():
                box.had(message, now)
            case _:
                pass
        return []

    def acknowledged(self, stream: Stream, requests: tuple[int, ...]) -> list[Shard]:
        """The backup has these messages; the shards of which nothing is on its way any more."""
        for request in requests:
            if stream.outbox.answered(request) is not None:
                stream.acknowledge(request)
        return stream.ready()

    # ----- out -----

    def up(self, stream: Stream, now: float) -> Effects:
        """The connection stands."""
        return self._sends(stream, stream.outbox.peer_up(self._membership.number, now))

    def tick(self, still_s: float, now: float) -> Effects:
        """Ask for what is overdue."""
        effects: Effects = []
        for stream in self._streams.values():
            if still_s:
                stream.outbox.stood_still(still_s, now)
            effects += self._sends(stream, stream.outbox.tick(self._membership.number, now))
        return effects

    def flush(self, now: float) -> Effects:
        """All that may go now; and the scheduler is told of slots whose copies are whole."""
        effects: Effects = []
        for stream in self._streams.values():
            while stream.to_copy and stream.may_copy:
                shard = next(iter(stream.to_copy))
                del stream.to_copy[shard]
                if shard.stream is None and self._stream_of(shard.slot) is stream:
                    stream.copy(shard)
            stream.close_message()
            effects += self._sends(stream, stream.outbox.flush(self._membership.number, now))
            effects += self._in_sync(stream, now)
        return effects

    def _in_sync(self, stream: Stream, now: float) -> Effects:
        member, slots = stream.member, stream.copying
        if not slots or slots == stream.told_slots or stream.to_copy or stream.unsafe or not stream.knows_stores:
            return []
        stream.told_slots = slots
        self._asked += 1
        number, listed = self._asked, tuple(sorted(slots))
        request = Request(
            number, "a backup in sync", "alone", now,
            alone=lambda m, _: InSync(m, number, member.rank, member.incarnation, listed),
        )  # fmt: skip
        return self._membership.submit(request, now)

    def _sends(self, stream: Stream, messages: list[Message]) -> Effects:
        return [Send(stream.outbox.peer, m) for m in messages]


def _frame(whole: Contribution) -> tuple[int, Frame]:
    """(rows, frame) of a sum: row ids lead the rows."""
    gradient = whole.gradient
    if isinstance(gradient, Rows):
        data = np.ascontiguousarray(gradient.ids, np.int64).tobytes() + np.ascontiguousarray(gradient.rows).tobytes()
        return len(gradient.ids), data
    assert gradient is not None
    view: Any = gradient
    return DENSE_SUM, memoryview(view).cast("B") if gradient.size else b""


def _bytes(array: np.ndarray[Any, Any]) -> bytes:
    """A copy of an array's memory: the array goes on changing."""
    return array.tobytes()
