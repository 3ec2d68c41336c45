"""One store on one server: its kind, its shards, its optimizers by generation, and what waits for them to be there.

Pure state.  Knows: what was opened, initialised and set, and by whom.  Never: who is live, how answers travel.
The n-th `set_optimizer` of a store makes its generation n; generation 0 is no optimizer: a push assigns the sum.
"""

from __future__ import annotations

from typing import Any

from ..core.optimizer import from_wire
from ..core.optimizer.base import Optimizer
from ..kvstore.errors import Disagreement, KVStoreError, NotInitialised, OutOfPlace
from ..kvstore.wire.messages import HyperSet, InitPart, Key, Open
from .clocks import UNBOUNDED, Asker
from .rule import Rule, users_code
from .shard import Shard

SETS_KEPT = 4  # of each rank's hyper-parameters


class Store:
    """What the messages of one store's number mean here."""

    def __init__(self, message: Open, rank: int) -> None:
        if message.staleness < UNBOUNDED:
            raise OutOfPlace(
                f"store {message.store}: staleness is {UNBOUNDED} (any) or 0 and up, came {message.staleness}"
            )
        self.number, self.kind, self.staleness = message.store, message.kind, message.staleness
        self.opened_by = rank
        self.shards: dict[tuple[Key, int], Shard] = {}
        self.init_waiters: dict[tuple[Key, int], dict[Asker, InitPart]] = {}
        self.optimizer_waiters: dict[int, dict[int, tuple[Asker, tuple[Any, ...]]]] = {}
        self.barriers = 0
        self._optimizers: dict[int, tuple[Any, ...]] = {}
        self._rules: dict[tuple[int, int, int], Rule] = {}
        self._unfit: dict[tuple[int, int, int], str] = {}

    @property
    def is_sync(self) -> bool:
        return self.staleness == 0

    def check_open(self, message: Open, rank: int) -> None:
        """Raises Disagreement where another rank opened it otherwise."""
        if (message.kind, message.staleness) != (self.kind, self.staleness):
            raise Disagreement(
                f"store {self.number}: rank {self.opened_by} created {described(self.kind, self.staleness)}, "
                f"rank {rank} {described(message.kind, message.staleness)}; "
                f"every rank must create its dist stores in the same order and of the same kinds"
            )

    def shard(self, key: Key, index: int) -> Shard:
        """Raises NotInitialised."""
        shard = self.shards.get((key, index))
        if shard is None:
            raise NotInitialised(f"key {key!r} was not initialised; call kv.init first")
        return shard

    def has_optimizer(self, generation: int) -> bool:
        return generation in self._optimizers

    def check_optimizer(self, generation: int, data: tuple[Any, ...], rank: int) -> None:
        """Raises Disagreement where a rank sets an optimizer of another class than the one that counts."""
        mine = self._optimizers[generation]
        if data[:1] != mine[:1]:
            raise Disagreement(
                f"store {self.number}: the lowest rank set the optimizer {mine[0]!r}, rank {rank} {data[0]!r}; "
                f"every rank must set the same"
            )

    def set_optimizer(self, generation: int, data: tuple[Any, ...]) -> None:
        """Raises where the optimizer is unknown here."""
        with users_code():
            from_wire(list(data))
        self._optimizers[generation] = data

    def optimizers_to_wire(self) -> tuple[Any, ...]:
        """All that were set, for a copy: [generation, data] each."""
        return tuple([generation, list(data)] for generation, data in self._optimizers.items())

    def learn_optimizers(self, optimizers: tuple[Any, ...]) -> None:
        """Those that a primary has."""
        for generation, data in optimizers:
            if generation not in self._optimizers:
                self.set_optimizer(generation, tuple(data))

    def make_rule(self, hyper: HyperSet) -> Rule:
        """The rule of these hyper-parameters; raises KVStoreError where their optimizer is not here."""
        data = self._optimizers.get(hyper.generation)
        if data is None:
            raise KVStoreError(
                f"store {self.number}: set_optimizer call {hyper.generation} has not reached this server"
            )
        with users_code():
            optimizer: Optimizer = from_wire(list(data))
            optimizer.set_hyper(hyper.values)
            return self._one_rule(Rule(optimizer, hyper.generation, optimizer.hyper()))

    def learn(self, rank: int, hyper: HyperSet) -> None:
        """Hyper-parameters under a rank's number; known numbers never change.

        Only a rank's newest sets are kept: a push holds its own rule, and one that comes again brings its set again.
        """
        name = (rank, hyper.generation, hyper.number)
        if name in self._rules:
            return
        try:
            rule = self.make_rule(hyper)
        except KVStoreError as error:
            self._unfit = {n: text for n, text in self._unfit.items() if n[0] != rank} | {name: str(error)}
            raise
        for old in [n for n in self._rules if n[0] == rank][: 1 - SETS_KEPT]:
            del self._rules[old]
        self._rules[name] = rule

    def _one_rule(self, rule: Rule) -> Rule:
        """The rule that says the same, if another rank has brought it: then equal rules are the same object."""
        for known in self._rules.values():
            if known.generation == rule.generation and known.values == rule.values:
                return known
        return rule

    def rule(self, rank: int, generation: int, number: int) -> Rule | None:
        """What a rank's push under these numbers goes by; None: no optimizer."""
        if generation == 0:
            return None
        rule = self._rules.get((rank, generation, number))
        if rule is None and (problem := self._unfit.get((rank, generation, number))) is not None:
            raise KVStoreError(
                f"store {self.number}: rank {rank} pushed under hyper-parameters that do not fit: {problem}"
            )
        if rule is None:
            raise KVStoreError(
                f"store {self.number}: rank {rank} named hyper-parameters {generation}.{number} that it never sent"
            )
        return rule

    def generation_rule(self, generation: int) -> Rule:
        """An optimizer as it was set, for states that are read or written before the first push."""
        data = self._optimizers.get(generation)
        if data is None:
            raise KVStoreError(f"store {self.number}: no optimizer is set; call kv.set_optimizer first")
        with users_code():
            optimizer = from_wire(list(data))
            return Rule(optimizer, generation, optimizer.hyper())

    @property
    def newest_generation(self) -> int:
        return max(self._optimizers, default=0)


class Stores(dict[int, Store]):
    """The stores that are open here, by number."""

    def opened(self, number: int) -> Store:
        """Raises OutOfPlace."""
        store = self.get(number)
        if store is None:
            raise OutOfPlace(f"store {number} is not open on this server")
        return store

    def shards(self) -> list[Shard]:
        """All shards of all stores."""
        return [shard for store in self.values() for shard in store.shards.values()]

    def to_wire(self) -> tuple[Any, ...]:
        """What a backup must know of them: [number, kind, staleness, optimizers] each."""
        return tuple([s.number, s.kind, s.staleness, list(s.optimizers_to_wire())] for s in self.values())

    def own(self) -> list[Shard]:
        """Those that this server updates: all but the copies of other servers' shards."""
        return [shard for shard in self.shards() if not shard.is_copy]


def described(kind: str, staleness: int) -> str:
    return f"{kind!r} with staleness {'unbounded' if staleness < 0 else staleness}"
