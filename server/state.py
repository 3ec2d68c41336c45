"""A server: everything it does with a message, as a state machine without socket, thread or time source.

Knows: which message may be taken from whom, and what it changes; the parts are in `ranks`, `store`, `shard`,
`clocks` and `replies`.  Never: a name of a host, a byte of I/O.
A push's way through: `handle` (fence, membership) -> `_push` (shape, dtype) -> `clocks.push` -> `_progress` (does a
clock close?) -> `shard.update` -> `Replies` (credit) -> effects.
Invariants: a request is answered once for each time that it came; whatever waits is held in `replies`; after any change
of who is live, of what is applied or of what is initialised, everything that waits is looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..kvstore.errors import KVStoreError, OutOfPlace
from ..kvstore.machine import Effects, Log, Send
from ..kvstore.member import UNCHECKED, Membership, Self
from ..kvstore.names import SCHEDULER_NAME, WORKER, Node, parse, title
from ..kvstore.settings import Settings
from ..kvstore.wire.messages import (
    ClockPart,
    Credit,
    Failed,
    Finish,
    Frame,
    Have,
    Hello,
    Init,
    InitPart,
    Leave,
    Message,
    Open,
    Pull,
    PullPart,
    Push,
    PushPart,
    ReadStates,
    Refused,
    SetOptimizer,
    StaleMembership,
    TableIs,
    Waiting,
    WriteStates,
)  # fmt: skip
from . import shard as shards
from .clocks import Arrival, Asker, Contribution
from .ranks import Ranks
from .replies import Replies
from .rule import Rule
from .shard import DenseShard
from .store import Store


class ServerState:
    """The machine of one server."""

    def __init__(self, me: Self, settings: Settings) -> None:
        self.settings = settings
        self.membership = Membership(me, settings, self.counters)
        self.ranks = Ranks()
        self.stores: dict[int, Store] = {}
        self.finished = False
        self.failure: str | None = None
        self._replies = Replies(self.membership, settings)
        self._leaving: dict[int, Asker] = {}
        self._barriers: dict[int, Asker] = {}
        self._updates = 0
        self.traffic: dict[str, int] = {}

    # ----- the machine -----

    def start(self, now: float) -> Effects:
        return self.membership.start(now)

    def peer_up(self, peer: str, now: float) -> Effects:
        return self.membership.peer_up(now) if peer == SCHEDULER_NAME else []

    def peer_down(self, peer: str, now: float) -> Effects:
        return self.membership.peer_down(now) if peer == SCHEDULER_NAME else []

    def malformed(self, peer: str, text: str, now: float) -> Effects:
        self._replies.effects.append(Log("warning", f"refused a message from {title(peer)}: {text}"))
        if peer == SCHEDULER_NAME:
            self.membership.malformed(text)
            self._check_failure()
            return self._replies.flush()
        effects = self._replies.flush()
        if parse(peer) is not None and not self._replies.knows(peer):  # one that has been welcomed made none of it
            effects.append(Send(peer, Refused(self.membership.number, 0, "OutOfPlace", text)))
        return effects

    def handle(self, peer: str, message: Message, now: float) -> Effects:
        if peer == SCHEDULER_NAME:
            self._from_scheduler(message, now)
        else:
            self._from_worker(peer, message, now)
        return self._replies.flush()

    def tick(self, now: float) -> Effects:
        self._replies.effects += self.membership.tick(now)
        self._check_failure()
        return self._replies.flush()

    def deadline(self, now: float) -> float | None:
        return self.membership.deadline()

    def counters(self) -> dict[str, Any]:
        """What its heartbeat tells."""
        shards = [s for store in self.stores.values() for s in store.shards.values()]
        return {
            "shards": len(shards),
            "bytes_held": sum(s.buffers.current.nbytes for s in shards),
            "updates": self._updates,
            "answers_queued": self._replies.queued(),
            **self.traffic,
        }

    # ----- from the scheduler -----

    def _from_scheduler(self, message: Message, now: float) -> None:
        before = self.membership.number
        effects, left = self.membership.take(message, now)
        self._replies.effects += effects
        for rest in left:
            if isinstance(rest, Finish):
                self.finished = True
        self._check_failure()
        if self.membership.number != before:
            self._table_changed(now)

    def _check_failure(self) -> None:
        if self.membership.failure is not None and self.failure is None:
            self.failure = str(self.membership.failure)
            self.finished = True
            self._replies.effects.append(Log("error", self.failure))

    def _table_changed(self, now: float) -> None:
        self.ranks.update(self.membership.table)
        for peer in self._replies.peers:
            node = parse(peer)
            if node is not None and not self._is_current(node):
                self._forget(peer)
        for rank in self.ranks.left | self.ranks.given_up:
            self._barriers.pop(rank, None)
        self._look_again()
        for peer, message in self.membership.ripe():
            self._from_worker(peer, message, now)

    # ----- from a worker: may it be taken? -----

    def _from_worker(self, peer: str, message: Message, now: float) -> None:
        node = parse(peer)
        if node is None or node.role != WORKER:
            self._replies.refuse(
                peer, 0, OutOfPlace(f"this server talks to workers that have joined; {peer!r} is none")
            )
            return
        if isinstance(message, Hello) and message.node != peer:
            self._replies.refuse(peer, 0, OutOfPlace(f"{peer!r} says that it is {message.node!r}"))
            return
        kept = self.membership.keep(peer, message, now)
        if kept is not None:
            self._replies.effects += kept
            return
        problem = self._problem_of(node)
        if problem:
            for request in requests_of(message) or [0]:
                self._replies.refuse(peer, request, OutOfPlace(problem))
            return
        if self._is_stale(message):
            self._replies.give_credit(peer, message)
            self._replies.stale(peer, requests_of(message))
            return
        if message.op not in UNCHECKED and node.rank in self.ranks.given_up:
            self._replies.give_credit(peer, message)
            for request in requests_of(message):
                self._replies.refuse(peer, request, OutOfPlace(f"{node.title} was given up"))
            return
        self._take(node, peer, message, now)
        self._replies.give_credit(peer, message)

    def _is_stale(self, message: Message) -> bool:
        """Whether it comes under an older membership, by which its sender may have chosen wrongly."""
        return message.op not in UNCHECKED and message.membership < self.membership.number

    def _problem_of(self, node: Node) -> str:
        """Why nothing is taken from this node; empty if it may speak.  Whoever the table does not name never joined."""
        member = self.membership.table.workers.get(node.rank)
        if member is None or node.incarnation > member.incarnation:
            return f"{node.title} is not in the table of this job; a worker joins at the scheduler first"
        if not self._is_current(node):
            return f"this is an older life of {node.title}; a newer one has begun"
        return ""

    def _is_current(self, node: Node) -> bool:
        life = self.ranks.life(node.rank)
        if node.incarnation <= life:
            return node.incarnation == life
        self.ranks.begin_life(node)
        for peer in self._replies.peers:
            other = parse(peer)
            if other is not None and other.rank == node.rank and other.incarnation < node.incarnation:
                self._forget(peer)
        return True

    def _forget(self, peer: str) -> None:
        """A life has ended: it is owed no answer.  Its complete pushes stay counted."""
        self._replies.forget(peer)
        self.membership.forget(peer)
        for askers in (self._barriers, self._leaving):
            for rank in [r for r, asker in askers.items() if asker.peer == peer]:
                del askers[rank]

    def _take(self, node: Node, peer: str, message: Message, now: float) -> None:
        match message:
            case Hello():
                self._replies.hello(peer, message)
            case Credit():
                self._replies.credit(peer, message)
            case Have():
                self._replies.have(peer, message)
            case Push():
                self._pushes(node, peer, message)
            case Pull():
                for part in message.parts:
                    self._try(peer, part.request, self._pull, node, peer, part)
            case Init():
                payloads = iter(message.payloads)
                for part in message.parts:
                    payload = next(payloads) if part.has_value else None
                    self._try(peer, part.request, self._init, node, peer, part, payload)
            case Open() | SetOptimizer() | Waiting() | Leave() | ReadStates() | WriteStates():
                self._try(peer, message.request, self._alone, node, peer, message)
            case StaleMembership():
                before = self.membership.number
                self._replies.effects += self.membership.learn(message.table, now)
                if self.membership.number != before:
                    self._table_changed(now)
            case Failed() | TableIs():
                self._replies.refuse(peer, 0, OutOfPlace(f"{message.op} comes from the scheduler only"))
            case _:
                self._replies.refuse(peer, 0, OutOfPlace(f"a server takes no {message.op!r}"))

    def _try(self, peer: str, request: int, method: Callable[..., None], *arguments: Any) -> None:
        """Carry out one request; what it must not do becomes its refusal, and the rest of the message is taken."""
        try:
            method(*arguments)
        except KVStoreError as error:
            self._replies.refuse(peer, request, error)

    # ----- init, optimizer, open -----

    def _alone(self, node: Node, peer: str, message: Message) -> None:
        match message:
            case Open():
                store = self.stores.get(message.store) or Store(message, node.rank)
                self.stores[message.store] = store
                store.check_open(message, node.rank)
                self._replies.taken(peer, message.request)
            case SetOptimizer():
                self._set_optimizer(node, peer, message)
            case Waiting():
                self._waiting(node, peer, message)
            case Leave():
                self._leave(node, peer, message)
            case ReadStates():
                self._read_states(node, peer, message)
            case WriteStates():
                self._write_states(peer, message)
            case _:
                raise OutOfPlace(f"a server takes no {message.op!r}")

    def _store(self, number: int) -> Store:
        store = self.stores.get(number)
        if store is None:
            raise OutOfPlace(f"store {number} is not open on this server")
        return store

    def _init(self, node: Node, peer: str, part: InitPart, payload: Frame | None) -> None:
        store = self._store(part.store)
        name = (part.key, part.shard)
        shard = store.shards.get(name)
        if shard is None and part.stype != "default":
            raise OutOfPlace(f"key {part.key!r}: this server holds dense values, came stype {part.stype!r}")
        if shard is None and (payload is None or node.rank != self.ranks.lowest()):
            asker = Asker(peer, part.request, 0, False)
            store.init_waiters.setdefault(name, {})[asker] = part
            self._replies.hold(peer, part.request, self._lowest)
            return
        if shard is None:
            assert payload is not None
            value = shards.initial(part, payload)
            shard = store.shards[name] = DenseShard(part, value, store.staleness, self.settings.versions_max)
            for waiter, its_part in store.init_waiters.pop(name, {}).items():
                self._try(waiter.peer, waiter.request, self._initialised, shard, waiter.peer, its_part)
        self._initialised(shard, peer, part)

    def _initialised(self, shard: DenseShard, peer: str, part: InitPart) -> None:
        shard.check_init(part)
        self._replies.taken(peer, part.request)

    def _lowest(self) -> tuple[int, ...]:
        lowest = self.ranks.lowest()
        return () if lowest is None else (lowest,)

    def _set_optimizer(self, node: Node, peer: str, message: SetOptimizer) -> None:
        store = self._store(message.store)
        if store.has_optimizer(message.generation):
            store.check_optimizer(message.generation, message.optimizer, node.rank)
            self._replies.taken(peer, message.request)
            return
        if node.rank == self.ranks.lowest():
            store.set_optimizer(message.generation, message.optimizer)
        else:
            waiters = store.optimizer_waiters.setdefault(message.generation, {})
            waiters[node.rank] = Asker(peer, message.request, 0, False), message.optimizer
            self._replies.hold(peer, message.request, self._lowest)
            return
        self._replies.taken(peer, message.request)
        self._answer_optimizers(store, message.generation)

    def _answer_optimizers(self, store: Store, generation: int) -> None:
        for rank, (asker, optimizer) in store.optimizer_waiters.pop(generation, {}).items():
            self._try(asker.peer, asker.request, self._agree, store, generation, rank, asker, optimizer)

    def _agree(self, store: Store, generation: int, rank: int, asker: Asker, optimizer: tuple[Any, ...]) -> None:
        store.check_optimizer(generation, optimizer, rank)
        self._replies.taken(asker.peer, asker.request)

    # ----- push and pull -----

    def _pushes(self, node: Node, peer: str, message: Push) -> None:
        touched: dict[int, DenseShard] = {}
        for hyper in message.hypers:
            try:
                self._store(hyper.store).learn(node.rank, hyper)
            except KVStoreError as error:  # named by the parts that need it: each is refused below
                self._replies.effects.append(Log("warning", f"hyper-parameters of {node.title}: {error}"))
        for part, payload in zip(message.parts, message.payloads, strict=True):
            self._try(peer, part.request, self._push, node, peer, part, payload, touched)
        for shard in touched.values():
            self._progress(shard)
        if self._leaving:
            self._answer_leaves()

    def _push(self, node: Node, peer: str, part: PushPart, payload: Frame, touched: dict[int, DenseShard]) -> None:
        store = self._store(part.store)
        shard = store.shard(part.key, part.shard)
        asker = Asker(peer, part.request, part.priority, part.wants_value)
        shard.clocks.check_clock(node.rank, part.clock)
        gradient: np.ndarray[Any, Any] | None = None
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
        if arrival is Arrival.REPEAT_APPLIED:
            self._answer_push(shard, node.rank, part.clock, asker)
        else:
            self._replies.hold(peer, part.request, lambda: shard.clocks.missing(self.ranks.live))

    def _pull(self, node: Node, peer: str, part: PullPart) -> None:
        shard = self._store(part.store).shard(part.key, part.shard)
        self._read(shard, shards.Pull(node.rank, part.clock, peer, part.request, part.priority))

    def _read(self, shard: DenseShard, pull: shards.Pull) -> None:
        """Answer a pull, or a push that wants the value, now or when its rule allows it."""
        if not self._answer_pull(shard, pull):
            shard.pulls = [p for p in shard.pulls if (p.peer, p.request) != (pull.peer, pull.request)] + [pull]
            self._replies.hold(
                pull.peer, pull.request, lambda: shard.clocks.named(pull.rank, pull.clock, self.ranks.live)
            )

    def _progress(self, shard: DenseShard) -> None:
        """Close every clock that can close, and answer what may be answered after each."""
        while contributions := shard.clocks.next_update(self.ranks.live):
            problem: Exception | None = None
            try:
                shard.update(contributions, list(self.ranks.waiting))
                self._updates += 1
            except KVStoreError as error:
                problem = error
            for c in contributions:
                if problem is not None and c.gradient is not None:
                    self._replies.refuse(c.asker.peer, c.asker.request, problem)
                elif c.gradient is not None:
                    self._answer_push(shard, c.rank, c.clock, c.asker)
            self._answer_pulls(shard)
        self._answer_pulls(shard)

    def _answer_push(self, shard: DenseShard, rank: int, clock: int, asker: Asker) -> None:
        if not asker.wants_value:
            self._replies.taken(asker.peer, asker.request)
            return
        self._read(shard, shards.Pull(rank, clock, asker.peer, asker.request, asker.priority))

    def _answer_pulls(self, shard: DenseShard) -> None:
        if shard.pulls:
            shard.pulls = [p for p in shard.pulls if self._replies.knows(p.peer) and not self._answer_pull(shard, p)]

    def _answer_pull(self, shard: DenseShard, pull: shards.Pull) -> bool:
        """Answer it if the rule allows it now."""
        has_left = pull.rank in self.ranks.left
        if not has_left and not shard.clocks.may_answer(pull.rank, pull.clock, self.ranks.live):
            return False
        if pull.is_states:
            self._states(shard, pull)
            return True
        exact = shard.clocks.is_sync and not has_left
        version, frame = shard.buffers.lend(pull.clock if exact else None)
        self._replies.value(pull.peer, pull.request, version, pull.priority, frame)
        return True

    # ----- optimizer states -----

    def _read_states(self, node: Node, peer: str, message: ReadStates) -> None:
        store = self._store(message.store)
        store.generation_rule(store.newest_generation)  # there is none: refused at once
        shard = store.shard(message.key, message.shard)
        self._read(shard, shards.Pull(node.rank, message.clock, peer, message.request, 0, is_states=True))

    def _states(self, shard: DenseShard, pull: shards.Pull) -> None:
        store = self.stores[shard.store]
        generation = store.newest_generation
        if shard.generation != generation:
            shard.begin_states(store.generation_rule(generation).optimizer, generation)
        states = tuple(memoryview(s.tobytes()) for s in shard.state)
        dtypes = tuple(s.dtype.name for s in shard.state)
        self._replies.states(pull.peer, pull.request, shard.updates, dtypes, states)

    def _write_states(self, peer: str, message: WriteStates) -> None:
        store = self._store(message.store)
        shard = store.shard(message.key, message.shard)
        generation = store.newest_generation
        rule = store.generation_rule(generation)
        states = [
            np.frombuffer(p, shards.dtype_named(d)) for p, d in zip(message.payloads, message.dtypes, strict=True)
        ]
        shard.set_states(rule.optimizer, generation, message.updates, states)
        self._replies.taken(peer, message.request)

    # ----- barriers and leaving -----

    def _waiting(self, node: Node, peer: str, message: Waiting) -> None:
        store = self._store(message.store)
        if message.number <= store.barriers:
            self._counted(node.rank, peer, message.request)
            return
        self._barriers[node.rank] = Asker(peer, message.request, 0, False)
        self._replies.hold(peer, message.request, lambda: tuple(sorted(self.ranks.present - set(self.ranks.waiting))))
        self.ranks.wait(node.rank, message.store, message.number)
        self._look_again()

    def _leave(self, node: Node, peer: str, message: Leave) -> None:
        self._leaving[node.rank] = Asker(peer, message.request, 0, False)
        self._replies.hold(peer, message.request, lambda: tuple(sorted(self.ranks.live)))
        if node.rank not in self.ranks.left:
            self.ranks.leave(node.rank)
            self._look_again()
        self._answer_leaves()

    def _look_again(self) -> None:
        """Who is live has changed."""
        for shard in self._all_shards():
            self._progress(shard)
        self._end_barriers()
        self._answer_leaves()
        self._promote()

    def _end_barriers(self) -> None:
        for store in self.stores.values():
            number = store.barriers + 1
            ranks = frozenset(r for r, at in self.ranks.waiting.items() if at == (store.number, number))
            if not ranks or not self.ranks.present <= ranks:
                continue
            store.barriers = number
            for shard in self._all_shards():
                shard.clocks.meet(ranks)
            self.ranks.count_again(ranks)
            for rank in sorted(ranks):
                asker = self._barriers.pop(rank, None)
                if asker is not None:
                    self._counted(rank, asker.peer, asker.request)
            for shard in self._all_shards():
                self._progress(shard)

    def _counted(self, rank: int, peer: str, request: int) -> None:
        clocks = (ClockPart(s.store, s.key, s.index, s.clocks.applied.get(rank, 0)) for s in self._all_shards())
        self._replies.counted(peer, request, tuple(clocks))

    def _answer_leaves(self) -> None:
        for rank, asker in list(self._leaving.items()):
            if not any(s.clocks.waiting_of(rank) for s in self._all_shards()):
                del self._leaving[rank]
                self._replies.taken(asker.peer, asker.request)

    def _promote(self) -> None:
        """A lower rank has gone: the optimizer of the now lowest one counts (a value to begin with it sends by
        itself)."""
        lowest = self.ranks.lowest()
        for store in self.stores.values():
            for generation, waiters in list(store.optimizer_waiters.items()):
                if lowest in waiters:
                    asker, optimizer = waiters[lowest]
                    self._try(asker.peer, asker.request, store.set_optimizer, generation, optimizer)
                    self._answer_optimizers(store, generation)

    def _all_shards(self) -> Iterable[DenseShard]:
        return [shard for store in self.stores.values() for shard in store.shards.values()]

    def check(self) -> None:
        """Assert the invariants of all that is held here."""
        for shard in self._all_shards():
            shard.check()


def requests_of(message: Message) -> list[int]:
    """The requests that a message makes."""
    if isinstance(message, (Push, Pull, Init)):
        return [part.request for part in message.parts]
    request: int = getattr(message, "request", 0)
    return [request] if request else []
