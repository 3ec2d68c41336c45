"""The audit: watches the servers of a simulated job and holds them to the protocol's rules while it runs.

Knows: what the scripts have done (their ledgers) and, for each shard, a plain model of what its values must be.  Never:
why a server does something; it compares what was done with what the rules allow, and raises Violation.
Held here: every push counts once; sums in rank order, to the bit; a clock closes only with the ranks that must be in
it; pulls by the rule of their store; nothing of an older life or membership is taken; what is lent never changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ...kvstore.member import UNCHECKED
from ...kvstore.names import SERVER, parse
from ...kvstore.table import GIVEN_UP, LEFT
from ...kvstore.wire.messages import Leave, Message, Push, Released, Values, Waiting
from ...scheduler.state import SchedulerState
from ...server.clocks import Contribution
from ...server.shard import Shard
from ...worker.calls import GetStates, KeyCall, PullKey, PushKey
from ...worker.state import WorkerState
from .reference import Array, Model, Pushed, Violation, held_by, same_bits, spread
from .scenario import Key, KeySpec, Scenario, StoreSpec
from .scripts import Ledger, Script, first_value

if TYPE_CHECKING:
    from .watch import ServerWatch

Name = tuple[int, Key, int]  # store, key, shard


@dataclass(eq=False)
class ShardAudit:
    """What must be true of one shard."""

    model: Model
    s: int
    k: int
    counted: dict[tuple[int, int], int] = field(default_factory=dict)  # (rank, clock) -> version
    answered: dict[tuple[int, int], set[int]] = field(default_factory=dict)  # (rank, clock) -> versions sent
    holder: str = ""  # the life of a server that has it
    shard: Shard | None = None  # the one that counts: what a server makes of it that was given up reaches nobody

    def newest(self, rank: int) -> int:
        return max((clock for r, clock in self.counted if r == rank), default=0)


class Audit:
    """The rules, for all servers of one job."""

    def __init__(self, scenario: Scenario, ledgers: dict[int, Ledger], scheduler: SchedulerState) -> None:
        self.scenario, self.ledgers, self.scheduler = scenario, ledgers, scheduler
        self.shards: dict[Name, ShardAudit] = {}
        self.pushed: dict[tuple[Name, int, int], PushKey] = {}  # shard, rank, the shard's clock -> the call
        self.clocks: dict[tuple[KeyCall, int], int] = {}  # call, shard -> the shard's clock
        self.received: set[tuple[int, Name, int, int]] = set()  # server, shard, rank, clock
        self.base: dict[tuple[int, Name], int] = {}  # rank, shard -> the clock that a barrier set
        self.lent: dict[tuple[str, str, int, int], bytes] = {}  # server, peer, request, version -> what was answered
        self.taking: tuple[ServerWatch, str] | None = None
        self.updates = self.answers = 0
        self._lives: dict[tuple[int, int], int] = {}  # server, rank -> the newest life that it knows
        self._barrier_clocks: dict[tuple[int, int, Key], int] = {}
        self._sent: dict[tuple[str, str, Name], tuple[int, int]] = {}
        self._seen: set[tuple[str, str, int]] = set()

    # ----- who counts -----

    def spec(self, store: int, key: Key) -> tuple[int, int, StoreSpec, KeySpec]:
        stored = self.scenario.stores[store - 1]
        for k, spec in enumerate(stored.keys):
            if spec.key == key and type(spec.key) is type(key):
                return store - 1, k, stored, spec
        raise Violation(f"store {store} has no key {key!r}")

    def is_gone(self, rank: int) -> bool:
        """Given up where that lets the others go on, or seen to end without having joined."""
        state = self.scheduler.table.workers[rank].state
        return state == LEFT or (self.scenario.elastic and state == GIVEN_UP)

    def is_live(self, rank: int) -> bool:
        ledger = self.ledgers[rank]
        return not (ledger.leaves or ledger.in_barrier or self.is_gone(rank))

    # ----- what servers do -----

    def created(self, shard: Shard) -> None:
        name = (shard.store, shard.key, shard.index)
        assert self.taking is not None
        server, peer = self.taking
        node = parse(peer)
        assert node is not None
        if node.role == SERVER:
            return  # a copy; what it must be is compared as it follows
        is_fenced = self.scheduler.table.is_dealt and self.scheduler.table.primaries[_slot(name)] != server.rank
        if is_fenced and name in self.shards:
            return  # another server took over while this one slept: what it does reaches nobody
        before = self.shards.get(name)
        if before is not None and before.holder != server.name and not before.counted and not before.answered:
            del self.shards[name]  # the server that made it died before anybody was told
        if name in self.shards:
            raise Violation(f"shard {name} is made twice, by {self.shards[name].holder} and {server.name}")
        if self.scheduler.table.is_dealt and self.scheduler.table.primaries[_slot(name)] != server.rank:
            raise Violation(f"shard {name} is made on server {server.rank}, which does not hold its slot")
        s, k, store, _ = self.spec(shard.store, shard.key)
        for rank in range(node.rank):
            ledger = self.ledgers[rank]
            if not (ledger.leaves or self.is_gone(rank)):
                raise Violation(f"{name} has the value of rank {node.rank}; rank {rank} is there and its value counts")
            is_lost = ledger.is_dead or self.scheduler.table.workers[rank].state == GIVEN_UP
            if (s, k) in ledger.initialised and not is_lost:
                raise Violation(f"{name} has the value of rank {node.rank}; rank {rank} had initialised it")
        value = self._first_value(s, k, node.rank)
        model = Model(shard.key, value, shard.start, shard.stop, store.optimizers)
        if not same_bits(model.history[0], shard.current):
            raise Violation(f"{name} begins with other bits than rank {node.rank} gave")
        self.shards[name] = ShardAudit(model, s, k, holder=server.name, shard=shard)

    def counts(self, shard: Shard) -> bool:
        """Whether it is the shard that workers are answered from, not one of a server that was given up."""
        return self.shards[shard.store, shard.key, shard.index].shard is shard

    def followed(self, shard: Shard) -> None:
        """A copy was made, or has followed its primary: it has the bits of its version."""
        name = (shard.store, shard.key, shard.index)
        model = self.shards[name].model
        if not 0 <= shard.version <= model.version or not same_bits(shard.current, model.history[shard.version]):
            raise Violation(f"{name}: the copy of version {shard.version} has other bits than its primary's")
        _, updates, states = model.states[shard.version]
        mine = [s.reshape(-1) for s in shard.state]
        differ = states and any(not same_bits(a, b.reshape(-1)) for a, b in zip(mine, states, strict=True))
        if shard.updates != updates or differ:
            raise Violation(f"{name}: the copy of version {shard.version} has other states than its primary's")

    def taken_over(self, server: ServerWatch, shard: Shard) -> None:
        """A server goes on with the copy of a shard: nothing that was answered may be lost."""
        name = (shard.store, shard.key, shard.index)
        audit = self.shards[name]
        audit.holder, audit.shard = server.name, shard
        late = [at for at, versions in audit.answered.items() if max(versions) > shard.version]
        if late:
            what = f"takes over version {shard.version}; a later one was answered: {late}"
            raise Violation(f"{name}: server {server.rank} {what}")
        for at in [at for at, version in audit.counted.items() if version > shard.version]:
            del audit.counted[at]
            if shard.clocks.applied.get(at[0], 0) >= at[1]:
                raise Violation(f"{name}: the copy at version {shard.version} counts push {at}, which is not in it")
        audit.model.go_back(shard.version)

    def _first_value(self, s: int, k: int, rank: int) -> Array:
        spec = self.scenario.stores[s].keys[k]
        value, ids = first_value(s, k, rank, spec)
        return spread(ids, value, spec.shape)

    def closes(self, shard: Shard, contributions: list[Contribution]) -> None:
        """An update is about to be made."""
        name = (shard.store, shard.key, shard.index)
        audit = self.shards[name]
        store = self.scenario.stores[audit.s]
        self.updates += 1
        pushes: list[Pushed] = []
        for c in contributions:
            if (c.rank, c.clock) in audit.counted:
                raise Violation(f"{name}: rank {c.rank}'s push of clock {c.clock} is counted twice")
            pushes.append(self._pushed(name, audit, c))
            audit.counted[c.rank, c.clock] = audit.model.version + 1
        if store.is_sync:
            self._closes_sync(name, audit, contributions)
        else:
            (c,) = contributions
            if any(r == c.rank and clock > c.clock for r, clock in audit.counted):
                raise Violation(f"{name}: rank {c.rank}'s push of clock {c.clock} comes after a later one")
        if pushes:
            audit.model.update(pushes)
        else:
            audit.model.skip()

    def _pushed(self, name: Name, audit: ShardAudit, c: Contribution) -> Pushed:
        ledger = self.ledgers[c.rank]
        call = self.pushed.get((name, c.rank, c.clock))
        if call is None:
            raise Violation(f"{name}: rank {c.rank} never pushed clock {c.clock}")
        return pushed(call, c.rank, self.scenario.stores[audit.s].keys[audit.k], ledger)

    def _closes_sync(self, name: Name, audit: ShardAudit, contributions: list[Contribution]) -> None:
        clock = audit.model.version + 1
        if any(c.clock != clock for c in contributions):
            raise Violation(f"{name}: version {clock} is made of clocks {[c.clock for c in contributions]}")
        there = {c.rank for c in contributions}
        for rank in self.ledgers:
            if rank in there or self.is_gone(rank):
                continue
            if self.is_live(rank):
                raise Violation(f"{name}: clock {clock} closes without rank {rank}, which is live")
            if (name, rank, clock) in self.pushed:
                raise Violation(f"{name}: clock {clock} closes without rank {rank}, which has pushed it")

    def closed(self, shard: Shard) -> None:
        """An update was made."""
        name = (shard.store, shard.key, shard.index)
        model = self.shards[name].model
        if shard.version != model.version:
            raise Violation(f"{name} is at version {shard.version}, must be at {model.version}")
        if not same_bits(shard.current, model.history[-1]):
            raise Violation(
                f"{name}: version {model.version} has other bits than the sum in rank order and the optimizer give:\n"
                f"  has  {shard.current[:6]}\n  must {model.history[-1][:6]}"
            )

    def answers_with(
        self, server: ServerWatch, shard: Shard, rank: int, clock: int, ids: Any, asker: tuple[str, int],
        version: int, frame: Any,
    ) -> None:  # fmt: skip
        """A value goes to a rank that asked at a clock."""
        name = (shard.store, shard.key, shard.index)
        audit = self.shards[name]
        store = self.scenario.stores[audit.s]
        ledger = self.ledgers[rank]
        self.answers += 1
        model = audit.model
        if not 0 <= version <= model.version or bytes(frame) != some(model, version, shard, ids).tobytes():
            raise Violation(f"{name}: rank {rank} is answered with bytes that are not version {version}")
        if not self.counts(shard):
            self.lent[server.name, *asker, version] = bytes(frame)
            return  # of a server that was given up: true bits, which no worker takes any more
        self.lent[server.name, *asker, version] = bytes(frame)
        audit.answered.setdefault((rank, clock), set()).add(version)
        if ledger.leaves or ledger.in_barrier:
            return
        if store.is_sync:
            is_late = version > clock and clock < self.base.get((rank, name), 0)  # asked before a barrier, and again
            if version != clock and not is_late and not (ledger.lives > 1 and version > clock):
                raise Violation(f"{name}: rank {rank} asked at clock {clock} and is answered with version {version}")
            return
        if version != model.version:
            raise Violation(f"{name}: rank {rank} is answered with version {version}, the newest is {model.version}")
        for own in range(1, clock + 1):
            if (name, rank, own) in self.pushed and (rank, own) not in audit.counted:
                raise Violation(f"{name}: rank {rank}'s pull at clock {clock} misses its own push of clock {own}")
        if store.staleness > 0:
            for other in self.ledgers:
                applied = max(audit.newest(other), self.base.get((other, name), 0))
                if self.is_live(other) and applied < clock - store.staleness:
                    raise Violation(
                        f"{name}: rank {rank}'s pull at clock {clock} is answered while rank {other} is at {applied}; "
                        f"staleness is {store.staleness}"
                    )

    def takes(self, server: ServerWatch, peer: str, message: Message) -> None:
        """A server takes a message as valid."""
        node = parse(peer)
        assert node is not None
        if message.op not in UNCHECKED and message.membership != server.membership.number:
            raise Violation(
                f"server {server.rank} takes a {message.op!r} of membership {message.membership}, "
                f"it is at {server.membership.number}"
            )
        known = max(
            self._lives.get((server.rank, node.rank), 0), server.membership.table.workers[node.rank].incarnation
        )
        if node.incarnation < known:
            raise Violation(f"server {server.rank} takes a {message.op!r} of {peer}, whose life {known} has begun")
        self._lives[server.rank, node.rank] = max(known, node.incarnation)
        if isinstance(message, Leave) or (
            isinstance(message, Waiting) and message.number > server.barriers_over(message.store)
        ):
            self._fence(server, node.rank, message)

    def _fence(self, server: ServerWatch, rank: int, message: Message) -> None:
        """What ends a rank's pushes comes behind all of them."""
        for call in (call for calls in self.ledgers[rank].pushes.values() for call in calls):
            if not call.clock:
                continue
            s, k, _, _ = self.spec(call.store, call.key)
            for name, audit in self.shards.items():
                if (audit.s, audit.k) != (s, k) or audit.shard not in server.stores.shards():
                    continue
                clock = self.clocks.get((call, name[2]))
                if clock is None and self.ledgers[rank].lives > 1:
                    continue  # an older life had not sent it when it ended
                if (rank, clock) in audit.counted:
                    continue  # it came to the server that has died
                if clock is None or (server.rank, name, rank, clock) not in self.received:
                    raise Violation(
                        f"server {server.rank} has the {message.op!r} of rank {rank} before its push of clock "
                        f"{call.clock} of {call.key!r} shard {name[2]}"
                    )

    # ----- what workers do -----

    def sends(self, node: Any, script: Script, peer: str, message: Message) -> None:
        """A worker sends pushes or pulls: in the script's order on each key, two clocks unanswered."""
        parts: Any = message.parts  # type: ignore[attr-defined]
        machine: WorkerState = node.machine
        worker, rank = str(machine.membership.node), node.rank
        kind = 0 if isinstance(message, Push) else 1
        for part in parts:
            if (worker, peer, part.request) in self._seen:
                continue
            self._seen.add((worker, peer, part.request))
            name = (part.store, part.key, part.shard)
            at = (part.clock, kind)
            if at < self._sent.get((worker, peer, name), (0, 0)):
                raise Violation(f"{worker} sends the {message.op} of clock {part.clock} of {name} after a later one")
            self._sent[worker, peer, name] = at
            call: KeyCall = machine.servers[peer].out[part.request].owner.call
            self.clocks[call, part.shard] = part.clock
            if isinstance(call, PushKey):
                before = self.pushed.setdefault((name, rank, part.clock), call)
                if not same_bits(before.value, call.value):
                    raise Violation(f"{worker} pushes clock {part.clock} of {name} again, with other bits")
        script.check_clocks({(part.store, part.key) for part in parts})

    def delivered(self, worker: str, peer: str, message: Values) -> None:
        """Values reach a worker: the bytes that were answered."""
        for part, payload in zip(message.parts, message.payloads, strict=True):
            if self.lent.get((peer, worker, part.request, part.version)) != bytes(payload):
                raise Violation(f"{worker} receives other bytes for request {part.request} than {peer} answered with")

    def pulled(self, rank: int, call: PullKey, s: int, k: int) -> None:
        """A script reads what it pulled."""
        for name, audit in self.shards.items():
            if (audit.s, audit.k) != (s, k):
                continue
            piece, its = call.target[audit.model.start : audit.model.stop], slice(None)
            if call.ids is not None:
                spec = self.scenario.stores[s].keys[k]
                held = held_by(call.ids, spec.shape)
                assert held is not None
                its = held[audit.model.start : audit.model.stop]
                before = int(held[: audit.model.start].sum())
                piece = call.target[before : before + int(its.sum())]
                if not piece.size:
                    continue  # it asked this shard for nothing
            clock = self.clocks.get((call, name[2]), -1)
            if clock < 0:  # it rode on its push
                clock = self.clocks.get((self._push_of(rank, call, s, k), name[2]), -1)
            sent = audit.answered.get((rank, clock), set())
            if not any(same_bits(piece, audit.model.history[v][its]) for v in sent):
                raise Violation(
                    f"{name}: rank {rank}'s pull at clock {call.clock} reads other bits than versions {sorted(sent)}"
                )
        if not any((audit.s, audit.k) == (s, k) for audit in self.shards.values()):
            raise Violation(f"rank {rank} has pulled key {call.key!r}, which no server holds")

    def read_states(self, rank: int, call: GetStates, s: int, k: int) -> None:
        """A script has the optimizer's state of a key of a synchronous store: that of its own clock."""
        for name, audit in self.shards.items():
            if (audit.s, audit.k) != (s, k):
                continue
            updates, arrays = call.parts[name[2]]
            own = max((c for (n, r, c) in self.pushed if (n, r) == (name, rank)), default=0)
            version = max(own, self.base.get((rank, name), 0))
            _, expected_updates, expected = audit.model.states[version]
            if updates != expected_updates or any(not same_bits(a, b) for a, b in zip(arrays, expected, strict=False)):
                raise Violation(f"{name}: rank {rank} reads optimizer states that are not those of clock {version}")

    def _push_of(self, rank: int, call: PullKey, s: int, k: int) -> PushKey:
        pushes = [push for push in self.ledgers[rank].pushes.get((s, k), []) if push.clock == call.clock]
        if not pushes:
            raise Violation(f"rank {rank}'s {call.label} was never sent")
        return pushes[-1]

    def releases(self, message: Released) -> None:
        """The scheduler lets a rank go on from a barrier."""
        for other, ledger in self.ledgers.items():
            if not (ledger.leaves or self.is_gone(other) or ledger.entered.get(message.store - 1, 0) >= message.number):
                raise Violation(
                    f"barrier {message.number} of store {message.store} is released; rank {other} has not entered it"
                )

    def passed_barrier(self, rank: int, machine: WorkerState, s: int, number: int) -> None:
        """A rank goes on from a barrier."""
        for other, ledger in self.ledgers.items():
            if not (ledger.leaves or self.is_gone(other) or ledger.entered.get(s, 0) >= number):
                raise Violation(
                    f"rank {rank} goes on from barrier {number} of store {s + 1}; rank {other} has not entered it"
                )
        for key, flow in machine.stores[s + 1].flows.items():
            clock = self._barrier_clocks.setdefault((s, number, key), flow.clock)
            if clock != flow.clock:
                raise Violation(
                    f"after barrier {number} of store {s + 1} key {key!r} is at clock {flow.clock} in rank {rank}, "
                    f"at {clock} in another"
                )
        for name in self.shards:
            flow = machine.stores[name[0]].flows[name[1]]
            self.base[rank, name] = flow.shard_clock(name[2], flow.clock)

    # ----- at the end -----

    def check_counted(self) -> None:
        """Every push that a rank made and that is not lost with its death is in exactly one version of each shard."""
        for rank, ledger in self.ledgers.items():
            if ledger.is_dead:
                continue
            for (s, k), calls in ledger.pushes.items():
                for name, audit in self.shards.items():
                    if (audit.s, audit.k) != (s, k):
                        continue
                    for call in calls:
                        clock = self.clocks.get((call, name[2]), 0)
                        if ledger.lives > 1 and not clock:
                            continue  # its life ended before it was sent
                        if (rank, clock) not in audit.counted:
                            raise Violation(f"{name}: rank {rank}'s push of clock {call.clock} was never counted")

    def check_against_one_process(self) -> None:
        """Sync stores: the values are those of one process that sums whole keys in rank order."""
        if any(ledger.is_dead for ledger in self.ledgers.values()):
            return
        for s, store in enumerate(self.scenario.stores):
            for k, spec in enumerate(store.keys):
                pieces = [
                    a for _, a in sorted(self.shards.items(), key=lambda item: item[0][2]) if (a.s, a.k) == (s, k)
                ]
                if store.is_sync and pieces:
                    self._compare_whole(s, k, store, spec, pieces)

    def _compare_whole(self, s: int, k: int, store: StoreSpec, spec: KeySpec, pieces: list[ShardAudit]) -> None:
        first = min(r for r, ledger in self.ledgers.items() if (s, k) in ledger.initialised)
        value = self._first_value(s, k, first)
        model = Model(spec.key, value, 0, value.size, store.optimizers)
        clocks: dict[int, dict[int, Pushed]] = {}
        for rank, ledger in self.ledgers.items():
            for call in ledger.pushes.get((s, k), []):
                if not call.clock:
                    continue  # its life ended before it was admitted
                clocks.setdefault(call.clock, {})[rank] = pushed(call, rank, spec, ledger)
        for clock in sorted(clocks):
            model.update(list(clocks[clock].values()))
        whole: Array = np.concatenate([p.model.history[-1] for p in pieces])
        if not same_bits(whole, model.history[-1]):
            raise Violation(f"store {s + 1} key {spec.key!r}: the servers' value has other bits than one process gives")


def pushed(call: PushKey, rank: int, spec: KeySpec, ledger: Ledger) -> Pushed:
    """A push as the model has it."""
    gradient, holds = spread(call.ids, call.value, spec.shape), held_by(call.ids, spec.shape)
    return Pushed(rank, gradient, holds, call.scale, call.samples, call.generation, ledger.changes[call])


def some(model: Model, version: int, shard: Shard, ids: Any) -> Array:
    """A version's elements, or those of some rows of the shard."""
    whole = model.history[version]
    return whole if ids is None else whole.reshape(-1, shard.unit())[ids] if len(ids) else whole[:0]


def _slot(name: Name) -> int:
    from ...kvstore.placement import slot_of

    return slot_of(*name)
