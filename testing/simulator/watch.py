"""The watch: real servers that show the audit what they do: each message taken, each update, each value that goes out.

Knows: where in a server's code these things happen.  Never: whether they may (`audit`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...kvstore.wire.messages import CopyShard, Message, PushPart
from ...server.clocks import Contribution
from ...server.dense import DenseShard
from ...server.shard import Shard, WaitingPull
from ...server.state import ServerState
from ...server.table import TableShard
from .audit import Audit


class ServerWatch(ServerState):
    """A server that shows the audit what it does."""

    audit: Audit
    rank = -1
    name = ""
    _asked: tuple[Shard, int, int, Any] | None = None

    def _take(self, node: Any, peer: str, message: Message, now: float) -> None:
        mine = self.membership.node
        assert mine is not None
        self.rank, self.name = mine.rank, str(mine)
        self.audit.takes(self, peer, message)
        self.audit.taking = self, peer
        super()._take(node, peer, message, now)

    def _from_primary(self, node: Any, peer: str, message: Message, now: float) -> None:
        self.audit.taking = self, peer
        super()._from_primary(node, peer, message, now)

    def _take_over(self) -> None:
        mine = self.membership.node
        assert mine is not None
        self.rank, self.name = mine.rank, str(mine)
        copies = [shard for shard in self.stores.shards() if shard.is_copy]
        super()._take_over()
        for shard in copies:
            if not shard.is_copy:
                self.audit.taken_over(self, shard)

    def barriers_over(self, store: int) -> int:
        return self.stores[store].barriers if store in self.stores else 0

    def watch(self, audit: Audit) -> None:
        """Show the audit every push that is taken and every value that goes out."""
        self.audit = audit
        exchange, replies = self.exchange, self.replies
        push, answer_pull, value = exchange._push, exchange._answer_pull, replies.value

        def watched_push(node: Any, peer: str, part: PushPart, payload: Any, touched: Any) -> None:
            audit.received.add((self.rank, (part.store, part.key, part.shard), node.rank, part.clock))
            push(node, peer, part, payload, touched)

        def watched_pull(shard: Shard, pull: WaitingPull) -> bool:
            self._asked = shard, pull.rank, pull.clock, pull.ids
            answered = answer_pull(shard, pull)
            self._asked = None
            return answered

        def watched_value(peer: str, request: int, version: int, priority: int, frame: Any) -> None:
            assert self._asked is not None
            shard, rank, clock, ids = self._asked
            audit.answers_with(self, shard, rank, clock, ids, (peer, request), version, frame)
            value(peer, request, version, priority, frame)

        copies = self._copies
        put = copies._put

        def watched_put(message: CopyShard) -> None:
            put(message)
            audit.followed(self.stores[message.store].shards[message.key, message.shard])

        copies._put = watched_put  # type: ignore[method-assign]
        exchange._push, exchange._answer_pull = watched_push, watched_pull  # type: ignore[method-assign]
        replies.value = watched_value  # type: ignore[method-assign]


@contextmanager
def watching(audit: Audit) -> Iterator[None]:
    """Show the audit the shards of this process: each that is made, each of their updates."""
    dense, table, update, follow = DenseShard.__init__, TableShard.__init__, Shard.update, Shard.follow

    def watched_dense(self: DenseShard, *arguments: Any) -> None:
        dense(self, *arguments)
        audit.created(self)

    def watched_table(self: TableShard, *arguments: Any) -> None:
        table(self, *arguments)
        audit.created(self)

    def watched_update(self: Shard, contributions: list[Contribution], *arguments: Any) -> Contribution | None:
        if not audit.counts(self):
            return update(self, contributions, *arguments)
        audit.closes(self, contributions)
        whole = update(self, contributions, *arguments)
        audit.closed(self)
        return whole

    def watched_follow(self: Shard, *arguments: Any) -> None:
        follow(self, *arguments)
        audit.followed(self)

    DenseShard.__init__, TableShard.__init__ = watched_dense, watched_table  # type: ignore[method-assign]
    Shard.update, Shard.follow = watched_update, watched_follow  # type: ignore[method-assign]
    try:
        yield
    finally:
        DenseShard.__init__, TableShard.__init__ = dense, table  # type: ignore[method-assign]
        Shard.update, Shard.follow = update, follow  # type: ignore[method-assign]
