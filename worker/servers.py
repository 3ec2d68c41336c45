"""Servers that come and go: a worker's connections to them, and what becomes of the requests of one that is dead.

Knows: by the table, which servers there are, and which of them update other shards than before.  Never: who is dead,
nor what an answer means.
Invariants: a request for a shard is always in the outbox of the server that has it, in its place in the script's order;
a server that comes later hears all that the others were told of stores before anything else of them.
"""

from __future__ import annotations

from collections.abc import Callable

from ..kvstore.machine import Connect, Disconnect, Effects
from ..kvstore.member import Membership
from ..kvstore.outbox import Outbox
from ..kvstore.table import ADMITTED
from .calls import Call, KeyCall
from .endings import Endings
from .requests import Owner, Requests
from .stores import Stores


class Servers:
    """Keeps `outboxes`, by the names of servers; `done` is called for a request that a dead one need not answer."""

    def __init__(
        self, membership: Membership, outboxes: dict[str, Outbox], stores: Stores, requests: Requests,
        endings: Endings, *, done: Callable[[Call, float], None],
    ) -> None:  # fmt: skip
        self._membership, self._outboxes, self._stores = membership, outboxes, stores
        self._requests, self._endings, self._done = requests, endings, done
        self._primaries: tuple[str, ...] = ()  # the life of a server that has each slot

    def table_changed(self, now: float) -> Effects:
        """Reach the servers that this worker did not know yet; what one that is gone owes is asked of others."""
        table, node = self._membership.table, str(self._membership.node)
        effects: Effects = []
        current = {
            m.name
            for m in table.servers.values()
            if m.state == ADMITTED or not table.is_dealt or m.rank in table.primaries
        }
        gone = [(name, self._outboxes.pop(name)) for name in list(self._outboxes) if name not in current]
        for member in table.servers.values():
            if member.name not in self._outboxes and member.state == ADMITTED:
                self._outboxes[member.name] = outbox = self._membership.outbox_to(member.name, node)
                outbox.heard_at = now
                effects.append(Connect(member.name, member.addresses, node, member.proof))
                self._introduce(outbox, now)
        primaries = tuple(table.servers[rank].name for rank in table.primaries)
        if primaries != self._primaries:
            self._primaries = primaries
            self._endings.say_again(now)  # before anything is over: a barrier ends with the successors' answers
        for name, outbox in gone:
            effects.append(Disconnect(name))
            self._hand_over(outbox, now)
        return effects

    def _introduce(self, outbox: Outbox, now: float) -> None:
        """A server that comes later hears of the stores and their optimizers, as the others did.

        A call that still waits for the others waits for it too: it may be what is left of them.
        """
        for store in self._stores.values():
            for call, message in store.told.values():
                call.left += 1
                self._requests.alone(outbox, call, now, message, fence=True)

    def _hand_over(self, gone: Outbox, now: float) -> None:
        """What a dead server owes is asked of those that have its shards now; what was for it alone is over."""
        for request in sorted([*gone.out.values(), *gone.queue], key=lambda r: r.id):
            owner: Owner = request.owner
            if isinstance(owner.call, KeyCall):
                self._requests.outbox_of(self._stores.flow(owner.call), owner.shard).adopt(request, now)
            else:
                self._done(owner.call, now)
