"""Copies: a backup's side of replication: it makes each change that a primary tells of, in order, to the same bits.

Knows: for each primary the number of the last message that it has taken, and those that came before their turn.  Never:
an answer to a worker; who the primary of a slot is, the table says.
Invariants: a message is taken once, and only when all before it are; what it says is acknowledged only then; a copy is
changed by the code that changes the primary's shard, from the same sum, under the same rule.
"""

from __future__ import annotations

import numpy as np

from ..kvstore.errors import OutOfPlace, PartShape
from ..kvstore.rows import ID_BYTES, Rows, width_of
from ..kvstore.wire.messages import ChangePart, CopyShard, Frame, HyperSet, InitPart, Open, Replicate
from . import kinds
from .clocks import Asker, Contribution, Gradient
from .replies import Replies
from .rule import Rule
from .shard import Shard, dtype_named
from .store import Store, Stores
from .table import TableShard

EARLY_MAX = 1024  # messages of one primary that wait for one before them; beyond, they are as if lost
NOBODY = Asker("", 0, 0, False)


class Copies:
    """The shards of `stores` that other servers update."""

    def __init__(self, stores: Stores, replies: Replies, versions_max: int) -> None:
        self._stores, self._replies, self._versions_max = stores, replies, versions_max
        self._taken: dict[str, int] = {}
        self._early: dict[str, dict[int, Replicate | CopyShard]] = {}

    def take(self, peer: str, message: Replicate | CopyShard) -> None:
        """A primary's message: now, or when those before it have come."""
        early = self._early.setdefault(peer, {})
        taken = self._taken.get(peer, 0)
        if message.sequence <= taken:
            self._replies.taken(peer, message.request)
            return
        if len(early) < EARLY_MAX or message.sequence == taken + 1:
            early[message.sequence] = message
            self._replies.hold(peer, message.request, tuple)
        while (following := early.pop(self._taken.get(peer, 0) + 1, None)) is not None:
            if isinstance(following, CopyShard):
                self._put(following)
            else:
                self._change(following)
            self._taken[peer] = following.sequence
            self._replies.taken(peer, following.request)

    def forget(self, peer: str) -> None:
        """This life of a primary is over: what was not whole is dropped."""
        self._taken.pop(peer, None)
        self._early.pop(peer, None)

    # ----- one message -----

    def _put(self, message: CopyShard) -> None:
        store = self._stores.opened(message.store)
        held = store.shards.get((message.key, message.shard))
        if held is not None and not held.is_copy:
            raise OutOfPlace(f"key {message.key!r}: this server updates shard {message.shard} itself")
        store.barriers = max(store.barriers, message.barrier if not store.shards else 0)
        shard = self._made(message, store)
        undo = list(message.payloads[1 : 1 + message.undo])
        states = message.payloads[1 + message.undo :]
        shard.put(message.version, undo)
        if message.generation:
            optimizer = store.generation_rule(message.generation).optimizer
            arrays = [np.frombuffer(p, dtype_named(d)) for p, d in zip(states, message.dtypes, strict=True)]
            shard.set_states(optimizer, message.generation, message.updates, arrays)
        shard.updates, shard.barrier = message.updates, message.barrier
        shard.stands(message.version, message.ranks, message.clocks)
        shard.is_copy = True
        store.shards[message.key, message.shard] = shard

    def _made(self, m: CopyShard, store: Store) -> Shard:
        part = InitPart(m.request, m.store, m.key, m.shard, m.stype, m.dtype, m.shape, m.start, m.stop, True)
        value = m.payloads[0]
        if m.stype == TableShard.stype:  # all its rows
            width = width_of(m.shape) or 1
            value = np.arange(m.start // width, m.stop // width, dtype="<i8").tobytes() + bytes(value)
        return kinds.make(part, value, store.staleness, self._versions_max)

    def _change(self, message: Replicate) -> None:
        self._learn(message)
        payloads = iter(message.payloads)
        rules: dict[tuple[int, int], Rule] = {}
        for part in message.parts:
            payload = next(payloads) if part.rows >= -1 else None
            store = self._stores.opened(part.store)
            shard = store.shard(part.key, part.shard)
            if not shard.is_copy:
                raise OutOfPlace(f"key {part.key!r}: this server updates shard {part.shard} itself")
            whole: Contribution | None = None
            if payload is not None:
                rule = None if part.hyper < 0 else self._rule(store, message.rules, part, rules)
                whole = Contribution(-1, part.version, _sum(shard, part, payload), 1.0, 0.0, rule, NOBODY)
            shard.follow(part, whole)

    def _learn(self, message: Replicate) -> None:
        for said in message.stores:
            if type(said) not in (tuple, list) or len(said) != 4:
                raise OutOfPlace(f"a store is told as number, kind, staleness and optimizers, came {said!r:.80}")
            number, kind, staleness, optimizers = said
            if number not in self._stores:
                self._stores[number] = Store(Open(message.membership, 0, number, kind, staleness), -1)
            self._stores[number].learn_optimizers(optimizers)

    def _rule(
        self, store: Store, sets: tuple[HyperSet, ...], part: ChangePart, rules: dict[tuple[int, int], Rule]
    ) -> Rule:
        name = (part.store, part.hyper)
        if name not in rules:
            found = next((h for h in sets if (h.store, h.number) == name), None)
            if found is None:
                raise OutOfPlace(f"key {part.key!r}: a change named a rule {part.hyper} that did not come with it")
            rules[name] = store.make_rule(found)
        return rules[name]


def _sum(shard: Shard, part: ChangePart, payload: Frame) -> Gradient:
    """What an update took, as its primary has sent it."""
    dtype = np.dtype(shard.dtype)
    if part.rows < 0:
        if memoryview(payload).nbytes != shard.size * dtype.itemsize:
            raise PartShape(f"key {shard.key!r}: a sum of {memoryview(payload).nbytes} bytes came for {shard.size}")
        return np.frombuffer(payload, dtype)
    nbytes = memoryview(payload).nbytes - part.rows * ID_BYTES
    if nbytes < 0 or nbytes % (max(1, part.rows) * dtype.itemsize):
        raise PartShape(f"key {shard.key!r}: a sum of {part.rows} rows came as {memoryview(payload).nbytes} bytes")
    ids = np.frombuffer(payload, np.int64, part.rows) if part.rows else np.empty(0, np.int64)
    values = np.frombuffer(payload, dtype, offset=part.rows * ID_BYTES) if nbytes else np.empty(0, dtype)
    return Rows(ids, values.reshape(part.rows, -1) if part.rows else values.reshape(0, shard.unit()))
