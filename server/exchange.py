"""Exchange: gradients in, values and optimizer states out.

Knows: when a shard is updated and which waiting push or pull that answers.  Never: how the update is computed
(`shard`, `update`), who counts as live (`ranks`), how answers travel (`replies`).
Invariants: a push is counted by its shard's clocks before anything is said of it; where it is refused its clock goes on
without it; a pull that may not be answered yet waits at its shard and is held in `replies`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..kvstore.errors import KVStoreError
from ..kvstore.machine import Log
from ..kvstore.names import Node
from ..kvstore.wire.messages import Frame, Pull, PullPart, Push, PushPart, ReadStates, WriteStates
from .clocks import Arrival, Asker, Contribution, Gradient
from .ranks import Ranks
from .replies import Replies
from .rule import Rule
from .shard import Shard, WaitingPull, dtype_named
from .store import Stores
from .streams import Streams


class Exchange:
    """Takes pushes and pulls of all `stores`."""

    def __init__(self, stores: Stores, ranks: Ranks, replies: Replies, streams: Streams) -> None:
        self._stores, self._ranks, self._replies, self._streams = stores, ranks, replies, streams
        self.updates = 0  # of all shards

    # ----- push and pull -----

    def take_push(self, node: Node, peer: str, message: Push) -> None:
        """Gradients, each part by itself; then whatever can be updated and answered is."""
        for hyper in message.hypers:
            try:
                self._stores.opened(hyper.store).learn(node.rank, hyper)
            except KVStoreError as error:  # named by the parts that need it: each is refused below
                self._replies.effects.append(Log("warning", f"hyper-parameters of {node.title}: {error}"))
        touched: dict[int, Shard] = {}
        for part, payload in zip(message.parts, message.payloads, strict=True):
            self._replies.attempt(peer, part.request, self._push, node, peer, part, payload, touched)
        for shard in touched.values():
            self.progress(shard)

    def take_pull(self, node: Node, peer: str, message: Pull) -> None:
        """Values to be read, each part by itself, now or when its rule allows it."""
        payloads = iter(message.payloads)
        for part in message.parts:
            payload = next(payloads) if part.rows >= 0 else None
            self._replies.attempt(peer, part.request, self._pull, node, peer, part, payload)

    def _push(self, node: Node, peer: str, part: PushPart, payload: Frame, touched: dict[int, Shard]) -> None:
        store = self._stores.opened(part.store)
        shard = store.shard(part.key, part.shard)
        asker = Asker(peer, part.request, part.priority, part.wants_value)
        shard.clocks.check_clock(node.rank, part.clock)
        gradient: Gradient | None = None
        rule: Rule | None = None
        problem: KVStoreError | None = None
        try:
            gradient = shard.gradient(part, payload)
            rule = store.rule(node.rank, part.generation, part.hyper)
        except KVStoreError as error:
            gradient, problem = None, error  # its clock goes on without it
        contribution = Contribution(node.rank, part.clock, gradient, part.scale, part.samples, rule, asker)
        arrival = shard.clocks.push(contribution)
        touched[id(shard)] = shard
        if problem is not None:
            raise problem
        self._replies.hold(peer, part.request, lambda: shard.clocks.missing(self._ranks.live))
        if arrival is Arrival.REPEAT_APPLIED:
            shard.when_safe(lambda: self._answer_push(shard, node.rank, part.clock, asker))

    def _pull(self, node: Node, peer: str, part: PullPart, payload: Frame | None) -> None:
        shard = self._stores.opened(part.store).shard(part.key, part.shard)
        ids = shard.rows_asked(part, payload)
        self._read(shard, WaitingPull(node.rank, part.clock, peer, part.request, part.priority, ids=ids))

    def _read(self, shard: Shard, pull: WaitingPull) -> None:
        """Answer a pull, or a push that wants the value, now or when its rule allows it."""
        if not self._answer_pull(shard, pull):
            shard.pulls = [p for p in shard.pulls if (p.peer, p.request) != (pull.peer, pull.request)] + [pull]
            clocks, ranks = shard.clocks, self._ranks
            self._replies.hold(pull.peer, pull.request, lambda: clocks.named(pull.rank, pull.clock, ranks.live))

    def progress(self, shard: Shard) -> None:
        """Close every clock that can close, and answer what may be answered after each.

        Where another server has a copy, it is told of each update, and until it has acknowledged that, nothing of the
        shard is answered and its next clock stays open.
        """
        while not shard.is_copy and shard.is_safe:
            self._answer(shard)
            contributions = shard.clocks.next_update(self._ranks.live)
            if not contributions:
                return
            problem: Exception | None = None
            whole: Contribution | None = None
            try:
                whole = shard.update(contributions, list(self._ranks.waiting))
                self.updates += 1
            except KVStoreError as error:
                problem = error
            self._streams.changed(shard, whole)
            for c in contributions:
                if c.gradient is not None:
                    shard.owed.append(self._answer_to(shard, c, problem))

    def _answer_to(self, shard: Shard, c: Contribution, problem: Exception | None) -> Callable[[], None]:
        if problem is not None:
            return lambda: self._replies.refuse(c.asker.peer, c.asker.request, problem)
        return lambda: self._answer_push(shard, c.rank, c.clock, c.asker)

    def _answer(self, shard: Shard) -> None:
        owed, shard.owed = shard.owed, []
        for say in owed:
            say()
        self._answer_pulls(shard)

    def progress_all(self) -> None:
        """Who is live has changed: every shard is looked at again."""
        for shard in self._stores.own():
            self.progress(shard)

    def _answer_push(self, shard: Shard, rank: int, clock: int, asker: Asker) -> None:
        if not asker.wants_value:
            self._replies.taken(asker.peer, asker.request)
            return
        self._read(shard, WaitingPull(rank, clock, asker.peer, asker.request, asker.priority))

    def _answer_pulls(self, shard: Shard) -> None:
        if shard.pulls:
            shard.pulls = [p for p in shard.pulls if self._replies.knows(p.peer) and not self._answer_pull(shard, p)]

    def _answer_pull(self, shard: Shard, pull: WaitingPull) -> bool:
        """Answer it if the rule allows it now."""
        if not shard.is_safe:
            return False
        has_left = pull.rank in self._ranks.left
        if not has_left and not shard.clocks.may_answer(pull.rank, pull.clock, self._ranks.live):
            return False
        if pull.is_states:
            self._states(shard, pull)
            return True
        exact = shard.clocks.is_sync and not has_left
        version, frame = shard.lend(pull.clock if exact else None, pull.ids)
        self._replies.value(pull.peer, pull.request, version, pull.priority, frame)
        return True

    # ----- optimizer states -----

    def read_states(self, node: Node, peer: str, message: ReadStates) -> None:
        """The optimizer's state of a shard, to be read as a value would be."""
        store = self._stores.opened(message.store)
        store.generation_rule(store.newest_generation)  # there is none: refused at once
        shard = store.shard(message.key, message.shard)
        self._read(shard, WaitingPull(node.rank, message.clock, peer, message.request, 0, is_states=True))

    def _states(self, shard: Shard, pull: WaitingPull) -> None:
        store = self._stores[shard.store]
        generation = store.newest_generation
        if shard.generation != generation:
            shard.begin_states(store.generation_rule(generation).optimizer, generation)
        states = tuple(memoryview(s.tobytes()) for s in shard.state)
        dtypes = tuple(s.dtype.name for s in shard.state)
        self._replies.states(pull.peer, pull.request, shard.updates, dtypes, states)

    def write_states(self, peer: str, message: WriteStates) -> None:
        """The optimizer's state of a shard, put in place at once."""
        store = self._stores.opened(message.store)
        shard = store.shard(message.key, message.shard)
        generation = store.newest_generation
        rule = store.generation_rule(generation)
        states = [np.frombuffer(p, dtype_named(d)) for p, d in zip(message.payloads, message.dtypes, strict=True)]
        shard.set_states(rule.optimizer, generation, message.updates, states)
        self._streams.created(shard)
        self._replies.hold(peer, message.request, tuple)
        shard.when_safe(lambda: self._replies.taken(peer, message.request))
