"""A simulated worker's script: runs a program (a list of operations) against a real WorkerState, through its calls.

Knows: which call an operation makes and what the script then waits for.  Never: how calls are carried out.
The script is a generator that yields futures, or seconds of virtual time; whoever runs it resumes it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...worker.calls import Barrier, Call, GetStates, InitKey, KeyCall, LeaveJob, OpenStore, Optimize, PullKey, PushKey
from .reference import Violation, held_by, hyper_values, row_ids, values
from .scenario import WHOLE, Key, KeySpec, Op, Scenario

Wait = Future[Any] | float


@dataclass(eq=False)
class Ledger:
    """What the scripts of one rank, over all its lives, have done: the truth that servers are held to."""

    rank: int
    pushes: dict[tuple[int, int], list[PushKey]] = field(default_factory=dict)
    changes: dict[PushKey, int] = field(default_factory=dict)
    initialised: set[tuple[int, int]] = field(default_factory=set)
    optimized: set[tuple[int, int]] = field(default_factory=set)
    entered: dict[int, int] = field(default_factory=dict)  # store -> the barrier that it has entered last
    in_barrier: bool = False
    leaves: bool = False  # it has called leave, in this life or an older one: it pushes nothing that it has not pushed
    has_left: bool = False
    is_dead: bool = False  # killed, and no other life of it is to come
    lives: int = 1
    error: Exception | None = None


class Script:
    """One life of one rank's script."""

    def __init__(
        self, scenario: Scenario, program: Sequence[Op], ledger: Ledger, submit: Callable[[list[Call]], None],
        on_pull: Callable[[PullKey, int, int], None], on_states: Callable[[GetStates, int, int], None],
        on_barrier: Callable[[int, int], None],
    ) -> None:  # fmt: skip
        self.scenario, self.program, self.ledger = scenario, program, ledger
        self._submit, self._on_pull, self._on_states, self._on_barrier = submit, on_pull, on_states, on_barrier
        self.position = 0
        self.active: dict[tuple[int, Key], list[KeyCall]] = {}
        self.made: list[Call] = []
        self._unread: list[tuple[PullKey, int, int]] = []
        self._counts: dict[tuple[int, int], int] = {}
        self._barriers: dict[int, int] = {}

    def run(self) -> Generator[Wait, None, None]:
        """Yields what it waits for; ends at the end of the program."""
        for position, op in enumerate(self.program):
            self.position = position
            yield from getattr(self, "_" + op[0])(*op[1:])

    @property
    def at(self) -> str:
        """Where it stands."""
        return " ".join(map(str, self.program[self.position]))

    def check_clocks(self, keys: set[tuple[int, Key]]) -> None:
        """At most two clocks of a key are unanswered."""
        for name in keys:
            active = [call for call in self.active.get(name, []) if not call.answered.done()]
            self.active[name] = active
            clocks = {call.clock for call in active if call.left}
            if len(clocks) > 2:
                raise Violation(f"rank {self.ledger.rank} has clocks {sorted(clocks)} of key {name[1]!r} unanswered")

    def _do(self, *calls: Call) -> None:
        self.made += calls
        for call in calls:
            if isinstance(call, (PushKey, PullKey)):
                self.active.setdefault((call.store, call.key), []).append(call)
        self._submit(list(calls))

    def _think(self, seconds: float) -> Generator[Wait, None, None]:
        yield seconds

    def _open(self, s: int) -> Generator[Wait, None, None]:
        store = self.scenario.stores[s]
        call = OpenStore(store.kind, store.staleness)
        self._do(call)
        yield call.answered
        assert call.answered.result() == s + 1

    def _init(self, s: int, keys: tuple[int, ...]) -> Generator[Wait, None, None]:
        calls: list[Call] = []
        for k in keys:
            spec = self.scenario.stores[s].keys[k]
            value, ids = first_value(s, k, self.ledger.rank, spec)
            scope = "row" if spec.is_table else "element"
            if self.scenario.stores[s].optimizers[:1] and self.scenario.stores[s].optimizers[0] in WHOLE:
                scope = "key"
            calls.append(InitKey(s + 1, spec.key, value, spec.shape, scope, ids))
            self.ledger.initialised.add((s, k))
        self._do(*calls)
        for call in calls:
            yield call.accepted

    def _optimize(self, s: int, generation: int) -> Generator[Wait, None, None]:
        name, settings = self.scenario.stores[s].optimizers[generation - 1]
        call = Optimize(s + 1, generation, (name, settings))
        self.ledger.optimized.add((s, generation))
        self._do(call)
        yield call.answered

    def _push(
        self, s: int, k: int, priority: int, generation: int, changes: int, scale: float, samples: float
    ) -> Generator[Wait, None, None]:
        store = self.scenario.stores[s]
        spec = store.keys[k]
        count = self._counts[s, k] = self._counts.get((s, k), 0) + 1
        gradient = values(f"gradient {s} {k} {self.ledger.rank} {count}", size(spec.shape), spec.dtype)
        ids = None
        if (self.ledger.rank + count) % 4 < spec.pushed_rows:
            ids = row_ids(f"push {s} {k} {self.ledger.rank} {count}", spec.shape[0], dense=1)
            gradient = gradient[held_by(ids, spec.shape)]
        hyper = hyper_values(store.optimizers[generation - 1], changes) if generation else {}
        call = PushKey(s + 1, spec.key, gradient, scale, samples, generation, changes, hyper, priority, ids)
        self.ledger.pushes.setdefault((s, k), []).append(call)
        self.ledger.changes[call] = changes
        self._do(call)
        yield call.accepted

    def _pull(self, s: int, k: int, priority: int) -> Generator[Wait, None, None]:
        spec = self.scenario.stores[s].keys[k]
        call = PullKey(s + 1, spec.key, np.full(size(spec.shape), np.nan, spec.dtype), priority)
        self._unread.append((call, s, k))
        self._do(call)
        yield call.accepted

    def _pull_rows(self, s: int, k: int, priority: int) -> Generator[Wait, None, None]:
        spec = self.scenario.stores[s].keys[k]
        ids = row_ids(f"pull {s} {k} {self.ledger.rank} {self.position}", spec.shape[0], dense=2)
        target = np.full(len(ids) * size(spec.shape[1:]), np.nan, spec.dtype)
        call = PullKey(s + 1, spec.key, target, priority, (), ids)
        self._unread.append((call, s, k))
        self._do(call)
        yield call.accepted

    def _read(self) -> Generator[Wait, None, None]:
        unread, self._unread = self._unread, []
        for call, s, k in unread:
            yield call.answered
            self._on_pull(call, s, k)

    def _states(self, s: int, k: int) -> Generator[Wait, None, None]:
        call = GetStates(s + 1, self.scenario.stores[s].keys[k].key)
        self._do(call)
        yield call.answered
        self._on_states(call, s, k)

    def _barrier(self, s: int) -> Generator[Wait, None, None]:
        number = self._barriers[s] = self._barriers.get(s, 0) + 1
        self.ledger.entered[s] = max(number, self.ledger.entered.get(s, 0))
        self.ledger.in_barrier = True
        call = Barrier(s + 1)
        self._do(call)
        yield call.answered
        self.ledger.in_barrier = False
        self._on_barrier(s, number)

    def _leave(self) -> Generator[Wait, None, None]:
        self.ledger.leaves = True
        call = LeaveJob()
        self._do(call)
        yield call.answered
        for made in self.made:
            if not made.answered.done():
                raise Violation(f"rank {self.ledger.rank} has left, and its {made.label} was never answered")
        self.ledger.has_left = True


def first_value(s: int, k: int, rank: int, spec: KeySpec) -> tuple[Any, Any]:
    """(value, row ids) that a rank's script begins a key with; ids None: a dense one."""
    value = values(f"init {s} {k} {rank}", size(spec.shape), spec.dtype)
    if not spec.is_table:
        return value, None
    ids = row_ids(f"init {s} {k} {rank}", spec.shape[0], dense=k % 3)
    return value[held_by(ids, spec.shape)], ids


def size(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape, dtype=int))
