"""Barriers and leaving: the two ways in which a rank stops being waited for.

Knows: who asks for the end of a barrier or of a leave, and when each may be answered.  Never: what else follows from a
change of who is live; `wait`, `leave` and `end` say that there is one, and the caller looks again at what waits.
Invariants: a barrier is known by (store, number), and a repeat of one that is over is answered at once; who leaves is
answered only when none of its pushes waits any more.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..kvstore.names import Node
from ..kvstore.wire.messages import ClockPart, Leave, Waiting
from .clocks import Asker
from .ranks import Ranks
from .replies import Replies
from .store import Store, Stores
from .streams import Streams


class Barriers:
    """The ranks in a barrier, and those that are about to leave."""

    def __init__(self, stores: Stores, ranks: Ranks, replies: Replies, streams: Streams) -> None:
        self._stores, self._ranks, self._replies, self._streams = stores, ranks, replies, streams
        self._ended: list[tuple[int, Asker]] = []  # over, and told when every copy has it
        self._waiting: dict[int, Asker] = {}
        self._leaving: dict[int, Asker] = {}

    def wait(self, node: Node, peer: str, message: Waiting) -> bool:
        """A rank is in a barrier; whether that changes who is live."""
        store = self._stores.opened(message.store)
        if message.number - 1 > store.barriers:  # who is in one has gone on from all before it
            self._is_over(store, message.number - 1)
        if message.number <= store.barriers:
            self._replies.hold(peer, message.request, tuple)
            self._ended.append((node.rank, Asker(peer, message.request, 0, False)))
            self.answer_ended()
            return False
        ranks = self._ranks
        self._waiting[node.rank] = Asker(peer, message.request, 0, False)
        self._replies.hold(peer, message.request, lambda: tuple(sorted(ranks.present - set(ranks.waiting))))
        ranks.wait(node.rank, message.store, message.number)
        return True

    def leave(self, node: Node, peer: str, message: Leave) -> bool:
        """A rank pushes no more; whether that changes who is live."""
        self._leaving[node.rank] = Asker(peer, message.request, 0, False)
        self._replies.hold(peer, message.request, lambda: tuple(sorted(self._ranks.live)))
        if node.rank in self._ranks.left:
            return False
        self._ranks.leave(node.rank)
        return True

    def end(self) -> bool:
        """Answer the barriers that all present ranks are in; whether there was one."""
        has_ended = False
        for store in self._stores.values():
            number = store.barriers + 1
            ranks = frozenset(r for r, at in self._ranks.waiting.items() if at == (store.number, number))
            if not ranks or not self._ranks.present <= ranks:
                continue
            if any(not s.is_safe for s in self._stores.own()):
                continue  # what came before it is not all done: looked at again when copies have it
            has_ended = True
            store.barriers = number
            for shard in self._stores.own():
                shard.meet(ranks, number if shard.store == store.number else shard.barrier)
                self._streams.changed(shard, None)
            self._let_go(ranks)
        self.answer_ended()
        return has_ended

    def _is_over(self, store: Store, number: int) -> None:
        """Another server has ended this barrier; who still waits in it here need not."""
        store.barriers = number
        late = {r for r, (s, n) in self._ranks.waiting.items() if s == store.number and n <= number}
        self._let_go(frozenset(late))

    def _let_go(self, ranks: frozenset[int]) -> None:
        """The barrier of these ranks is over: they count again, and are told once every copy stands where they do."""
        self._ranks.count_again(ranks)
        for rank in sorted(ranks):
            asker = self._waiting.pop(rank, None)
            if asker is not None:
                self._ended.append((rank, asker))

    def answer_ended(self) -> None:
        """Tell where the shards stand, once each copy of them stands there too."""
        if self._ended and all(shard.is_safe for shard in self._stores.own()):
            ended, self._ended = self._ended, []
            for rank, asker in ended:
                self._counted(rank, asker.peer, asker.request)

    def begin_anew(self) -> None:
        """Shards of a server that has died are this one's now: ranks say again that they wait, or leave.

        A barrier whose end has not reached all of them is not over.
        """
        self._waiting.clear()
        self._leaving.clear()
        for store in self._stores.values():
            own = [shard.barrier for shard in store.shards.values() if not shard.is_copy]
            store.barriers = min(own, default=store.barriers)

    def _counted(self, rank: int, peer: str, request: int) -> None:
        clocks = [ClockPart(s.store, s.key, s.index, s.clocks.applied.get(rank, 0)) for s in self._stores.own()]
        self._replies.counted(peer, request, tuple(clocks))

    def answer_leaves(self) -> None:
        """Let those go of whose pushes none waits."""
        for rank, asker in list(self._leaving.items()):
            if not any(s.clocks.waiting_of(rank) or not s.is_safe for s in self._stores.own()):
                del self._leaving[rank]
                self._replies.taken(asker.peer, asker.request)

    def forget(self, peer: str) -> None:
        """This life of a rank has ended: it is owed no answer."""
        self._ended = [(rank, asker) for rank, asker in self._ended if asker.peer != peer]
        for askers in (self._waiting, self._leaving):
            for rank in [r for r, asker in askers.items() if asker.peer == peer]:
                del askers[rank]

    def forget_ranks(self, ranks: Iterable[int]) -> None:
        """These have left or were given up: no barrier is theirs any more."""
        for rank in ranks:
            self._waiting.pop(rank, None)
