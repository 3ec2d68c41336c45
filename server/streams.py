"""Streams: a primary's side of replication: which backup must be told what, and what may be said once it has it.

Knows: which server has the copy of which shard, by the table; the connections to all backups, under this server's name.
Never: what a message to one of them says (`stream`), how a shard is updated, nor what is answered once a copy has a
change: shards keep that (`Shard.when_safe`), and `acknowledged` gives back those that became safe.
Nothing of a shard is answered that its backup has not acknowledged, whether or not the table lists it as in sync yet.
Invariants: a change has one place in one stream; a backup's later life is another stream, which begins with copies; a
stream ends only when the table says that this life of the backup has the slot no more.
"""

from __future__ import annotations

from collections.abc import Callable

from ..kvstore.machine import Connect, Disconnect, Effects, Send
from ..kvstore.member import Membership
from ..kvstore.outbox import Request
from ..kvstore.table import ADMITTED
from ..kvstore.wire.messages import Credit, Had, InSync, Message, Welcome
from .clocks import Contribution
from .shard import Shard
from .store import Stores
from .stream import Stream

LINK = "backup/"  # before a backup's name: this server's own connection to it, beside the one by which it may come here


class Streams:
    """To all backups of this server."""

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
        targets = {table.copy_of(slot) for slot, p in enumerate(table.primaries) if p == node.rank} - {-1}
        members = [m for rank in targets if (m := table.servers[rank]).state == ADMITTED]
        backups = {m.name: m for m in members}
        for name in self._streams.keys() - backups.keys():
            del self._streams[name]
            effects.append(Disconnect(LINK + name))
        for name, member in backups.items():
            if name not in self._streams:
                outbox = self._membership.outbox_to(LINK + name, str(node))
                outbox.heard_at = now
                self._streams[name] = Stream(member, outbox)
                self._streams[name].tell_stores(self._stores.to_wire())
                effects.append(Connect(LINK + name, member.addresses, str(node), member.proof))
        pairs = list(zip(table.primaries, table.copying, strict=False))
        for stream in self._streams.values():
            mine = (node.rank, stream.member.rank)
            stream.copying = frozenset(slot for slot, pair in enumerate(pairs) if pair == mine)
        return effects, [shard for shard in self._stores.own() if self._changes_stream(shard)]

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

    def _stream_of(self, slot: int) -> Stream | None:
        table = self._membership.table
        rank = table.copy_of(slot) if table.is_dealt else -1
        return self._streams.get(table.servers[rank].name) if rank >= 0 else None

    def _changes_stream(self, shard: Shard) -> bool:
        """Have the shard copied to whom the table names now; whether it need wait for another no more."""
        stream, before = self._stream_of(shard.slot), shard.stream
        if stream is before:
            return False
        shard.stream = None
        if stream is not None:
            stream.to_copy[shard] = None
        return before is not None

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
