"""A scenario: everything about one simulated job that is decided beforehand, drawn from one seed.

Plain data: how many nodes, their settings, when they start and how slow they are, what each worker's script does (a
list of operations), what goes wrong and who dies.  Never: a machine, an event.  `make(seed)` is always the same.

The scripts keep to one rule, so that a wait without end is never their own fault: in each step a rank pushes all of the
step's keys before it reads any value.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import Any

from .network import Faults

Key = int | str
Op = tuple[Any, ...]
SHAPES = ((3,), (2, 5), (16,), (5, 7), (40,), (0,))  # 40 and 35 float32 are cut into pieces of 8
OPTIMIZERS = (
    ("sgd", {"learning_rate": 0.1}),
    ("sgd", {"learning_rate": 0.05, "momentum": 0.9, "wd": 0.01}),
    ("adam", {"learning_rate": 0.01}),
)
WHOLE = (  # scope 'key'
    ("lamb", {"learning_rate": 0.01}),
    ("lars", {"learning_rate": 0.1, "momentum": 0.9}),
)
SCALES = (1.0, 1.0, 0.5, 1.0 / 3.0, 0.25)


@dataclass(frozen=True, slots=True)
class KeySpec:
    """A key; `unknown_to_first`: rank 0's script never names it, and leaves before it pushes anything.

    `is_table`: it is row_sparse.  `pushed_rows`: of 4 pushes so many are of rows, the others dense.
    """

    key: Key
    shape: tuple[int, ...]
    dtype: str = "float32"
    unknown_to_first: bool = False
    is_table: bool = False
    pushed_rows: int = 0


@dataclass(frozen=True, slots=True)
class StoreSpec:
    """A store; `optimizers` are those of its generations 1, 2, ...; none: a push assigns the sum.

    `sets_first`: scripts set the first optimizer before they initialise keys.
    """

    kind: str
    staleness: int
    keys: tuple[KeySpec, ...]
    optimizers: tuple[tuple[str, dict[str, Any]], ...] = ()
    sets_first: bool = False

    @property
    def is_sync(self) -> bool:
        return self.staleness == 0


@dataclass(frozen=True, slots=True)
class Death:
    """A worker (or the server that started as the `rank`-th) is killed at `at_s`.

    `reported`: the launcher sees it end; else it is only silent.  `again_after_s`: another life of it is started so
    long after the report.
    """

    rank: int
    at_s: float
    is_server: bool = False
    reported: bool = True
    code: int = -9
    again_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """A process that is stopped at `at_s` and goes on `for_s` later."""

    title: str
    at_s: float
    for_s: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """One simulated job."""

    seed: int
    workers: int
    servers: int
    stores: tuple[StoreSpec, ...]
    programs: dict[int, tuple[Op, ...]]
    settings: dict[str, Any]
    faults: Faults
    starts_s: dict[str, float]
    paces_s: dict[str, float]
    elastic: bool = False
    coded: bool = False
    checked: bool = False
    deaths: tuple[Death, ...] = ()
    pauses: tuple[Pause, ...] = ()
    never_join: tuple[int, ...] = ()
    notes: tuple[str, ...] = field(default=())
    replicas: int = 0

    def described(self) -> str:
        """A few lines for people."""
        lines = [
            f"seed {self.seed}: {self.workers} workers, {self.servers} servers"
            + (f"; replicas {self.replicas}" if self.replicas else "")
            + ("; elastic" if self.elastic else "")
            + ("; coded" if self.coded else "")
            + "".join(f"; {n}" for n in self.notes),
            f"  settings {self.settings}",
            f"  faults {self.faults}",
            f"  slow {self.paces_s}, starts {self.starts_s}",
        ]
        lines += [f"  {event}" for event in (*self.deaths, *self.pauses)]
        lines += [f"  rank {rank} never joins and exits with 0" for rank in self.never_join]
        for number, s in enumerate(self.stores, 1):
            keys = ", ".join(f"{k.key!r} {list(k.shape)}{' row_sparse' * k.is_table}" for k in s.keys)
            lines.append(f"  store {number}: {s.kind} staleness {s.staleness}; {keys}; {[o[0] for o in s.optimizers]}")
        lines += [
            f"  rank {rank}: {' '.join(map(op_text, program))}" for rank, program in sorted(self.programs.items())
        ]
        return "\n".join(lines)


def op_text(op: Op) -> str:
    return f"{op[0]}({', '.join(map(str, op[1:]))})"


def make(seed: int) -> Scenario:
    """The scenario of a seed."""
    return _Maker(seed).scenario()


class _Maker:
    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = random.Random(seed)
        self.rows_rng = random.Random(f"rows {seed}")
        self.copies_rng = random.Random(f"copies {seed}")
        self.notes: list[str] = []

    def chance(self, p: float) -> bool:
        return self.rng.random() < p

    def scenario(self) -> Scenario:
        rng = self.rng
        workers = rng.choice((1, 2, 2, 3, 3, 3, 4))
        servers = rng.choice((1, 1, 2, 2, 3))
        kind = rng.choices(("plain", "elastic", "fatal", "again", "absent", "first"), (58, 15, 5, 10, 6, 6))[0]
        if workers == 1 and kind in ("elastic", "absent", "first"):
            kind = "plain"
        self.kind, self.workers, self.servers = kind, workers, servers
        self.notes.append(kind)
        stores = tuple(self.store() for _ in range(rng.choice((1, 1, 1, 2))))
        replicas = int(servers > 1 and kind in ("plain", "again") and self.copies_rng.random() < 0.6)
        is_asleep = bool(replicas) and kind == "plain" and self.copies_rng.random() < 0.25
        never_join = (rng.randrange(workers),) if kind == "absent" else ()
        programs = {
            rank: self.program(rank, plan)
            for plan in [self.plan(stores)]
            for rank in range(workers)
            if rank not in never_join
        }
        return Scenario(
            seed=self.seed, workers=workers, servers=servers, stores=stores, programs=programs,
            settings=self.settings(), faults=self.faults(), starts_s=self.starts(workers, servers),
            paces_s=self.paces(workers, servers),
            elastic=kind == "elastic", coded=self.chance(0.15), checked=self.chance(0.3),
            deaths=(*self.deaths(), *(self.server_deaths() if replicas and not is_asleep else ())), replicas=replicas,
            pauses=(*self.pauses(workers, servers), *(self.sleeps() if is_asleep else ())),
            never_join=never_join, notes=tuple(self.notes),
        )  # fmt: skip

    # ----- the surroundings -----

    def settings(self) -> dict[str, Any]:
        rng = self.rng
        return {
            "bigarray_bound_bytes": 64,
            "shard_bytes": 32,
            "push_window_bytes": rng.choice((30, 100, 200, 500, 100_000)),
            "answer_window_bytes": rng.choice((30, 100, 200, 500, 100_000)),
            "message_bytes": rng.choice((80, 200, 500, 100_000)),
            "versions_max": 4,
            "heartbeat_s": 0.7, "suspect_after_s": 2.0, "lost_after_s": 8.0, "probe_after_s": 0.6,
            "request_deadline_s": 20.0, "warn_after_s": 2.0, "start_limit_s": 60.0,
        }  # fmt: skip

    def faults(self) -> Faults:
        rng = self.rng
        delay_s = rng.choice((0.001, 0.005, 0.02))
        how = rng.choices(("none", "light", "heavy"), (2, 5, 2))[0]
        if how == "none":
            return Faults(until_s=0.0, delay_s=delay_s)
        much = 1.0 if how == "light" else 4.0
        return Faults(
            until_s=rng.uniform(1.0, 3.0), delay_s=delay_s, loss=0.005 * much * rng.random() * 2, repeat=0.02 * much,
            breaks=0.004 * much * rng.random() * 2, carried=rng.choice((0.0, 0.5)),
        )  # fmt: skip

    def starts(self, workers: int, servers: int) -> dict[str, float]:
        names = ["scheduler", *(f"server {i}" for i in range(servers)), *(f"worker {i}" for i in range(workers))]
        spread = self.rng.choice((0.01, 0.1, 1.0))
        return {name: round(self.rng.random() * spread, 4) for name in names}

    def paces(self, workers: int, servers: int) -> dict[str, float]:
        names = ["scheduler", *(f"server {i}" for i in range(servers)), *(f"worker {i}" for i in range(workers))]
        return {name: self.rng.choice((0.002, 0.01, 0.04)) for name in names if self.chance(0.15)}

    def pauses(self, workers: int, servers: int) -> tuple[Pause, ...]:
        """Long enough to be suspect, or in an elastic job to be given up alive; never long enough to end a job."""
        rng = self.rng
        if not self.chance(0.3 if self.kind == "elastic" else 0.12):
            return ()
        if self.kind == "elastic" and workers > 2 and self.chance(0.5):
            return (Pause(f"worker {rng.randrange(workers)}", rng.uniform(0.1, 1.0), rng.uniform(5.0, 12.0)),)
        names = ["scheduler", *(f"server {i}" for i in range(servers)), *(f"worker {i}" for i in range(workers))]
        return (Pause(rng.choice(names), rng.uniform(0.1, 1.5), rng.uniform(0.3, 3.0)),)

    def server_deaths(self) -> tuple[Death, ...]:
        """Of servers whose values others have: killed, seen by the launcher or only silent, mostly started again."""
        rng = self.copies_rng
        deaths: list[Death] = []
        for _ in range(rng.choice((1, 1, 2, 3))):
            is_again, rank, at_s = rng.random() < 0.8, rng.randrange(self.servers), rng.uniform(0.05, 2.0)
            again_after_s = rng.uniform(0.0, 0.5) if is_again else None
            is_seen = is_again or rng.random() < 0.6
            deaths.append(Death(rank, at_s, is_server=True, reported=is_seen, again_after_s=again_after_s))
        return tuple(deaths)

    def sleeps(self) -> tuple[Pause, ...]:
        """A server that is stopped for so long that another takes over, and then wakes and goes on with what it had."""
        rng = self.copies_rng
        return (Pause(f"server {rng.randrange(self.servers)}", rng.uniform(0.3, 1.5), rng.uniform(9.0, 14.0)),)

    def deaths(self) -> tuple[Death, ...]:
        rng, kind = self.rng, self.kind
        at_s = rng.uniform(0.1, 1.5)
        rank = rng.randrange(self.workers)
        if kind == "elastic":
            first = Death(rank, at_s, reported=self.chance(0.75), code=rng.choice((-9, 1)))
            if self.workers > 2 and self.chance(0.3):
                other = rng.choice([r for r in range(self.workers) if r != rank])
                return first, Death(other, rng.uniform(0.1, 2.0), reported=self.chance(0.75))
            return (first,)
        if kind == "fatal" and self.chance(0.3):
            return (Death(rng.randrange(self.servers), at_s + 0.3, is_server=True, reported=self.chance(0.7)),)
        if kind == "fatal":
            return (Death(rank, at_s, reported=self.chance(0.7), code=rng.choice((-9, 1, 0))),)
        if kind == "again":
            first = Death(rank, at_s, again_after_s=rng.uniform(0.0, 0.5))
            if self.chance(0.3):
                return first, Death(rank, at_s + rng.uniform(0.5, 1.5), again_after_s=rng.uniform(0.0, 0.5))
            return (first,)
        return ()

    # ----- stores -----

    def store(self) -> StoreSpec:
        rng = self.rng
        staleness = rng.choices((0, -1, 1, 2, 3), (6, 2, 2, 1, 1))[0]
        names: list[Key] = rng.sample([0, 1, 7, "w", "0", "bias"], rng.choice((1, 1, 2, 3)))
        keys = [KeySpec(name, rng.choices(SHAPES, (4, 4, 3, 4, 3, 0.3))[0]) for name in names]
        if self.kind == "first":
            keys[-1] = KeySpec(keys[-1].key, keys[-1].shape, unknown_to_first=True)
        if self.chance(0.1):
            keys[0] = KeySpec(keys[0].key, keys[0].shape, "float64", keys[0].unknown_to_first)
        keys = [self.with_rows(spec) for spec in keys]
        count = rng.choices((0, 1, 2), (3, 6, 1))[0] if staleness == 0 else rng.choices((1, 2), (6, 1))[0]
        optimizers = tuple(rng.choice(OPTIMIZERS) for _ in range(count))
        kind = "dist_sync" if staleness == 0 else "dist_async"
        sets_first = self.rows_rng.random() < 0.2
        if sets_first and optimizers and self.rows_rng.random() < 0.5:
            optimizers = (self.rows_rng.choice(WHOLE), *optimizers[1:])
        return StoreSpec(kind, staleness, tuple(keys), optimizers, sets_first)

    def with_rows(self, spec: KeySpec) -> KeySpec:
        """Some keys are row tables, and some dense ones have gradients of rows."""
        rng = self.rows_rng
        if rng.random() < 0.3:
            return replace(spec, is_table=True, pushed_rows=rng.choice((4, 4, 3)))
        return replace(spec, pushed_rows=rng.choice((4, 2))) if rng.random() < 0.15 else spec

    # ----- what the scripts do -----

    def plan(self, stores: tuple[StoreSpec, ...]) -> _Plan:
        """What all ranks have in common: for each segment its optimizer changes and, for each step, the keys pushed."""
        rng = self.rng
        has_barriers = self.kind != "again"
        segments = rng.choice((1, 1, 2, 3)) if has_barriers else 1
        lengths = {
            rank: [rng.choice((0, 1, 2, 3, 4)) for _ in range(segments)] for rank in range(self.workers)
        }  # fmt: skip
        if self.chance(0.6):
            lengths = {rank: [1 + n % 4 for n in lengths[0]] for rank in lengths}
        else:
            self.notes.append("uneven")
        steps: list[list[list[tuple[int, int]]]] = []
        everything = [(s, k) for s, store in enumerate(stores) for k in range(len(store.keys))]
        for segment in range(segments):
            longest = max(n[segment] for n in lengths.values())
            steps.append([
                everything if self.chance(0.7) else [sk for sk in everything if self.chance(0.6)]
                for _ in range(longest)
            ])  # fmt: skip
        return _Plan(stores, lengths, steps, rng.choice((0, 1, 2)), self.chance(0.3), self.chance(0.25))

    def program(self, rank: int, plan: _Plan) -> tuple[Op, ...]:
        rng, stores = self.rng, plan.stores
        ops: list[Op] = [("open", s) for s in range(len(stores))]
        is_first = self.kind == "first" and rank == 0
        if not is_first:
            ops += [("optimize", s, 1) for s, store in enumerate(stores) if store.optimizers and store.sets_first]
        for s, store in enumerate(stores):
            keys = [k for k, spec in enumerate(store.keys) if not (is_first and spec.unknown_to_first)]
            rng.shuffle(keys)
            if keys and self.chance(0.5):
                ops.append(("init", s, tuple(keys)))
            else:
                ops += [("init", s, (k,)) for k in keys]
        if is_first:
            return (*ops, ("leave",))
        ops += [("optimize", s, 1) for s, store in enumerate(stores) if store.optimizers and not store.sets_first]
        if self.chance(0.3):
            ops.append(("pull", *rng.choice([(s, k) for s, st in enumerate(stores) for k in range(len(st.keys))]), 0))
        done = 0
        for segment, length in enumerate(plan.lengths[rank]):
            if segment == 1:
                ops += [("optimize", s, 2) for s, store in enumerate(stores) if len(store.optimizers) > 1]
            for step in range(length):
                ops += self.step(rank, plan, segment, step)
                done += 1
            if segment + 1 < len(plan.lengths[rank]) or (self.kind != "again" and plan.ends_with_barrier):
                ops += [("barrier", s) for s in range(len(stores))]
        if self.chance(0.5):
            ops.append(("read",))
        if self.chance(0.3):
            ops.append(("think", rng.uniform(0.01, 0.5)))
        return (*ops, ("leave",))

    def step(self, rank: int, plan: _Plan, segment: int, step: int) -> list[Op]:
        rng = self.rng
        keys = list(plan.steps[segment][step])
        if plan.any_keys and all(store.staleness == -1 for store in plan.stores):
            keys = [sk for sk in keys if self.chance(0.7)]
        rng.shuffle(keys)
        ops: list[Op] = []
        if self.chance(0.2):
            ops.append(("think", rng.uniform(0.001, 0.2)))
        pulls: list[Op] = []
        for s, k in keys:
            priority = rng.choice((0, 0, -k, rng.randrange(-3, 4)))
            if self.chance(0.15):
                pulls_first = ("pull", s, k, rng.randrange(-3, 4))
                ops.append(pulls_first)
            generation = min(len(plan.stores[s].optimizers), 1 if segment == 0 else 2)
            changes = 1 if plan.changes_hyper and (segment > 0 or step >= 2) else 0
            ops.append(
                (
                    "push",
                    s,
                    k,
                    priority,
                    generation,
                    changes,
                    rng.choice(SCALES),
                    rank + 1.0 if plan.samples == 2 else 0.0,
                )
            )
            if self.chance(0.6):
                name = "pull"
                if plan.stores[s].keys[k].is_table and self.rows_rng.random() < 0.7:
                    name = "pull_rows"
                pull = (name, s, k, rng.choice((priority, rng.randrange(-3, 4))))
                if self.chance(0.6):
                    ops.append(pull)
                else:
                    pulls.append(pull)
        rng.shuffle(pulls)
        ops += pulls
        with_states = [(s, k) for s, k in keys if plan.stores[s].optimizers and plan.stores[s].is_sync]
        if with_states and self.kind != "again" and self.chance(0.08):
            ops.append(("states", *rng.choice(with_states)))
        if self.chance(0.4):
            ops.append(("read",))
        return ops


@dataclass(frozen=True, slots=True)
class _Plan:
    stores: tuple[StoreSpec, ...]
    lengths: dict[int, list[int]]
    steps: list[list[list[tuple[int, int]]]]
    samples: int
    changes_hyper: bool
    ends_with_barrier: bool
    any_keys: bool = True
