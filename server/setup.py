"""Setup: what must be here before the first push: stores, values to begin with, optimizers.

Knows: whose counts where every rank sends one, the lowest present rank's, and who waits for it to come.  Never: what
follows from a push, nor how answers travel.
Invariant: what counts is set once; every other rank's is compared with it, and a difference refused by name.
"""

from __future__ import annotations

from typing import Any

from ..kvstore.names import Node
from ..kvstore.wire.messages import Frame, Init, InitPart, Open, SetOptimizer
from . import kinds
from .clocks import Asker
from .ranks import Ranks
from .replies import Replies
from .shard import Shard
from .store import Store, Stores
from .streams import Streams


class Setup:
    """Opens `stores`, and puts into them what the lowest of `ranks` sends."""

    def __init__(
        self, stores: Stores, ranks: Ranks, replies: Replies, streams: Streams, versions_max: int
    ) -> None:
        self._stores, self._ranks, self._replies, self._streams = stores, ranks, replies, streams
        self._versions_max = versions_max

    def open(self, node: Node, peer: str, message: Open) -> None:
        """Create a store, or compare with the one that another rank has created."""
        store = self._stores.get(message.store)
        if store is None:
            store = self._stores[message.store] = Store(message, node.rank)
            self._streams.stores_changed()
        store.check_open(message, node.rank)
        self._taken(peer, message.request)

    def _taken(self, peer: str, request: int) -> None:
        """Done, and to be said when every backup knows of it."""
        self._replies.hold(peer, request, tuple)
        self._streams.when_told(lambda: self._replies.taken(peer, request))

    def take_init(self, node: Node, peer: str, message: Init) -> None:
        """Values to begin with, each part by itself."""
        payloads = iter(message.payloads)
        for part in message.parts:
            payload = next(payloads) if part.has_value else None
            self._replies.attempt(peer, part.request, self._init_part, node, peer, part, payload)

    def _init_part(self, node: Node, peer: str, part: InitPart, payload: Frame | None) -> None:
        store = self._stores.opened(part.store)
        name = (part.key, part.shard)
        shard = store.shards.get(name)
        if shard is None:
            kinds.check_stype(part)
        if shard is None and (payload is None or node.rank != self._ranks.lowest()):
            asker = Asker(peer, part.request, 0, False)
            store.init_waiters.setdefault(name, {})[asker] = part
            self._replies.hold(peer, part.request, self._lowest)
            return
        if shard is None:
            assert payload is not None
            shard = kinds.make(part, payload, store.staleness, self._versions_max)
            shard.barrier = store.barriers
            store.shards[name] = shard
            self._streams.created(shard)
            for waiter, its_part in store.init_waiters.pop(name, {}).items():
                self._replies.attempt(waiter.peer, waiter.request, self._initialised, shard, waiter.peer, its_part)
        self._initialised(shard, peer, part)

    def _initialised(self, shard: Shard, peer: str, part: InitPart) -> None:
        shard.check_init(part)
        self._replies.hold(peer, part.request, tuple)
        shard.when_safe(lambda: self._replies.taken(peer, part.request))

    def _lowest(self) -> tuple[int, ...]:
        lowest = self._ranks.lowest()
        return () if lowest is None else (lowest,)

    def set_optimizer(self, node: Node, peer: str, message: SetOptimizer) -> None:
        store = self._stores.opened(message.store)
        if store.has_optimizer(message.generation):
            store.check_optimizer(message.generation, message.optimizer, node.rank)
            self._taken(peer, message.request)
            self._answer_optimizers(store, message.generation)  # it may have come with a copy
            return
        if node.rank == self._ranks.lowest():
            store.set_optimizer(message.generation, message.optimizer)
            self._streams.stores_changed()
        else:
            waiters = store.optimizer_waiters.setdefault(message.generation, {})
            waiters[node.rank] = Asker(peer, message.request, 0, False), message.optimizer
            self._replies.hold(peer, message.request, self._lowest)
            return
        self._taken(peer, message.request)
        self._answer_optimizers(store, message.generation)

    def _answer_optimizers(self, store: Store, generation: int) -> None:
        for rank, (asker, optimizer) in store.optimizer_waiters.pop(generation, {}).items():
            self._replies.attempt(asker.peer, asker.request, self._agree, store, generation, rank, asker, optimizer)

    def _agree(self, store: Store, generation: int, rank: int, asker: Asker, optimizer: tuple[Any, ...]) -> None:
        store.check_optimizer(generation, optimizer, rank)
        self._taken(asker.peer, asker.request)

    def promote(self) -> None:
        """A lower rank has gone: the now lowest's optimizer counts.  (Its values to begin with it sends by itself.)"""
        lowest = self._ranks.lowest()
        for store in self._stores.values():
            for generation, waiters in list(store.optimizer_waiters.items()):
                if lowest in waiters:
                    asker, optimizer = waiters[lowest]
                    self._replies.attempt(asker.peer, asker.request, store.set_optimizer, generation, optimizer)
                    self._streams.stores_changed()
                    self._answer_optimizers(store, generation)
