"""A shard: a piece of one key's value, its clocks, and the optimizer's state for it; what all kinds of it share.

Knows: what may be pushed to a shard, which rule an update goes by, and how its version moves on.  Never: how a kind
keeps its value and takes a step (`dense`, `table`), who asks, how answers travel, which ranks are live.
Invariant: the state belongs to the newest version only.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core import dtype as dtypes
from ..core.optimizer.base import Optimizer
from ..kvstore.errors import Disagreement, KVStoreError, OutOfPlace, PartDtype, PartShape, Unsupported
from ..kvstore.placement import keeps_whole, slot_of
from ..kvstore.rows import parse, width_of
from ..kvstore.wire.messages import ChangePart, Frame, InitPart, PullPart, PushPart
from .clocks import Contribution, Gradient, ShardClocks
from .rule import Rule, users_code

if TYPE_CHECKING:
    from .stream import Stream

Array = np.ndarray[Any, Any]


@dataclass(eq=False, slots=True)
class WaitingPull:
    """A pull that waits for its turn; of the optimizer's states, or of the value: all of it, or some rows (`ids`)."""

    rank: int
    clock: int
    peer: str
    request: int
    priority: int
    is_states: bool = False
    ids: Array | None = None


def described(dtype: str, shape: tuple[int, ...], stype: str = "default") -> str:
    return f"{dtype} {list(shape)}" if stype == "default" else f"{stype} {dtype} {list(shape)}"


def dtype_named(name: str) -> np.dtype[Any]:
    """The dtype that a peer names; raises for all that no array has (numpy would read a little language here)."""
    if name not in dtypes.NAMES:
        raise PartDtype(f"dtype {name!r:.60} cannot be that of a value; known: {', '.join(dtypes.NAMES)}")
    return np.dtype(name)


class Shard(ABC):
    """Elements [start, stop) of a flattened key."""

    stype = ""

    def __init__(self, part: InitPart, staleness: int) -> None:
        self.store, self.key, self.index = part.store, part.key, part.shard
        self.slot = slot_of(part.store, part.key, part.shard)
        self.dtype, self.shape, self.start, self.stop = part.dtype, part.shape, part.start, part.stop
        self.clocks = ShardClocks(staleness)
        self.pulls: list[WaitingPull] = []
        self.generation = 0
        self.updates = 0
        self.state: tuple[Array, ...] = ()
        self.barrier = 0  # the last one that its clocks were in
        self.is_copy = False  # another server updates it, and tells this one
        self.stream: Stream | None = None  # to the server that has a copy
        self.sequence = 0  # of its last change on that stream
        self.owed: list[Callable[[], None]] = []  # what is said once the copy has it

    @property
    def size(self) -> int:
        return self.stop - self.start

    @property
    def is_safe(self) -> bool:
        """Whether the server that has a copy of it, if there is one, has acknowledged all that is here."""
        return self.stream is None or self.stream.has(self.sequence)

    def when_safe(self, then: Callable[[], None]) -> None:
        """Do it now, or when the copy has all that is here."""
        if self.is_safe:
            then()
        else:
            self.owed.append(then)

    # ----- what a kind fills in -----

    @property
    @abstractmethod
    def version(self) -> int:
        """How many updates it has applied."""

    @property
    @abstractmethod
    def current(self) -> Array:
        """The published value, flat.  Read it, never write it."""

    @abstractmethod
    def rows_asked(self, part: PullPart, payload: Frame | None) -> Array | None:
        """The rows that a pull asks for, as ids of this shard; None: all.  Raises where it cannot be."""

    @abstractmethod
    def lend(self, version: int | None, ids: Array | None) -> tuple[int, memoryview]:
        """Bytes of a version, or of the oldest kept one that is not older (None: the newest), as (version, bytes).

        They stay as they are for as long as the view lives.
        """

    @abstractmethod
    def undo(self) -> tuple[Array, ...]:
        """What undoes the last update, to be sent: the previous version, or the rows that it has replaced."""

    @abstractmethod
    def put(self, version: int, undo: list[Frame]) -> None:
        """The value is this version, of a shard that was copied with its `undo`.  Raises where they do not fit."""

    @abstractmethod
    def sum_up(self, contributions: list[Contribution]) -> Gradient:
        """The scaled sum, as an update takes it."""

    @abstractmethod
    def _assign(self, contributions: list[Contribution]) -> None:
        """The value becomes the sum."""

    @abstractmethod
    def _step(self, optimizer: Optimizer, contributions: list[Contribution], *, lr: float, wd: float, t: int) -> None:
        """The optimizer's step with the sum."""

    @abstractmethod
    def _publish(self, has_failed: bool) -> None:
        """What `_assign` or `_step` has made is the next version; where it has failed the value stays as it is."""

    # ----- what comes in -----

    def check_init(self, part: InitPart) -> None:
        """Raises Disagreement where another rank initialises the same key differently."""
        mine = (self.stype, self.dtype, self.shape, self.start, self.stop)
        if (part.stype, part.dtype, part.shape, part.start, part.stop) != mine:
            raise Disagreement(
                f"key {self.key!r} was initialised as {described(self.dtype, self.shape, self.stype)} with elements "
                f"{self.start}:{self.stop} in shard {self.index}, initialised again as "
                f"{described(part.dtype, part.shape, part.stype)} with "
                f"{part.start}:{part.stop}; every rank must initialise it alike, under the same settings"
            )

    def gradient(self, part: PushPart, payload: Frame) -> Gradient:
        """The pushed bytes as an array, or as rows, without a copy; raises where they do not fit the key."""
        if part.dtype != self.dtype or part.shape != self.shape:
            kind = PartDtype if part.dtype != self.dtype else PartShape
            raise kind(
                f"key {self.key!r} was initialised as {described(self.dtype, self.shape)}, "
                f"pushed as {described(part.dtype, part.shape)}"
            )
        if part.codec != "none":
            raise Unsupported(
                f"key {self.key!r}: pushed as codec {part.codec!r}; this server takes uncompressed gradients"
            )
        if np.dtype(self.dtype).kind in "iub" and (part.scale != int(part.scale) or part.samples):
            raise Unsupported(
                f"key {self.key!r} is {self.dtype}: its gradients cannot be scaled by {part.scale:g} or divided by a "
                f"batch; leave rescale_grad at 1, or use a float dtype"
            )
        if part.rows != -1:
            what = f"key {self.key!r}: shard {self.index}"
            return parse(payload, part.rows, np.dtype(self.dtype), self.shape, self.start, self.stop, what)
        nbytes = memoryview(payload).nbytes
        expected = self.size * np.dtype(self.dtype).itemsize
        if nbytes != expected:
            raise PartShape(f"key {self.key!r}: shard {self.index} has {expected} bytes, pushed {nbytes}")
        return np.frombuffer(payload, self.dtype)

    # ----- updates -----

    def update(self, contributions: list[Contribution], waiting: list[int]) -> Contribution | None:
        """Publish the next version.  The sum that it took, for a copy to take too; None where nobody has a copy.

        Raises, having published the value unchanged, where the ranks name different rules or the optimizer fails.
        """
        given = [c for c in contributions if c.gradient is not None]
        whole: Contribution | None = None
        has_failed = True
        try:
            if given:
                rule = _agreed(self, given)
                if self.stream is not None:
                    given = [replace(given[0], gradient=self.sum_up(given), scale=1.0, samples=0.0)]
                    whole = given[0]
                self._compute(given, rule)
            has_failed = False
        finally:
            self._publish(has_failed)
            self.clocks.updated(contributions, waiting)
        return whole

    def follow(self, part: ChangePart, whole: Contribution | None) -> None:
        """Change this copy as its primary has changed: by the same sum, under the same rule, to the same bits."""
        if part.version != self.version:
            if part.version != self.version + 1:
                raise OutOfPlace(f"key {self.key!r}: a copy at version {self.version} was told version {part.version}")
            has_failed = True
            try:
                if whole is not None:
                    self._compute([whole], whole.rule)
                    has_failed = False
            finally:
                self._publish(has_failed)
        self.stands(part.version, part.ranks, part.clocks)
        self.updates, self.barrier = part.updates, part.barrier

    def stands(self, version: int, ranks: Sequence[int], clocks: Sequence[int]) -> None:
        """This copy is at that version, with these pushes in it: the last clock of each rank.  Raises OutOfPlace."""
        if len(ranks) != len(clocks):
            raise OutOfPlace(f"key {self.key!r}: {len(ranks)} ranks came with {len(clocks)} clocks")
        self.clocks.version = version
        self.clocks.applied = dict(zip(ranks, clocks, strict=True))

    def meet(self, ranks: frozenset[int], barrier: int) -> None:
        """A barrier is over: these ranks stand at the greatest clock."""
        self.clocks.meet(ranks)
        self.barrier = barrier

    def _compute(self, contributions: list[Contribution], rule: Rule | None) -> None:
        if rule is None:
            self._assign(contributions)
            return
        optimizer = rule.optimizer
        with users_code(f"key {self.key!r}, clock {contributions[0].clock}: the update failed"):
            if rule.generation != self.generation:
                self.begin_states(optimizer, rule.generation)
            self.updates += 1
            optimizer.begin_key(self.key)
            t = optimizer.begin_num_update + self.updates
            self._step(optimizer, contributions, lr=optimizer.lr_for(self.key, t), wd=optimizer.wd_for(self.key), t=t)

    def _shaped(self, optimizer: Optimizer, flat: Array) -> Array:
        """An array of this shard as the optimizer's step takes it; raises where the cut went through what it needs."""
        scope = optimizer.scope
        if scope == "element":
            return flat
        if not keeps_whole(self.shape, [(self.start, self.stop)], scope):
            raise Unsupported(
                f"key {self.key!r}: optimizer {type(optimizer).__name__!r} needs each {scope} whole, and shard "
                f"{self.index} has elements {self.start}:{self.stop} of {described(self.dtype, self.shape)}; call "
                f"set_optimizer before init"
            )
        return flat.reshape(self.shape if scope == "key" or not self.shape else (-1, *self.shape[1:]))

    def begin_states(self, optimizer: Optimizer, generation: int) -> None:
        """A new optimizer: its state from the beginning."""
        self.state = optimizer.new_state_multi_precision(self._shaped(optimizer, self.current))
        self.generation, self.updates = generation, 0

    def set_states(self, optimizer: Optimizer, generation: int, updates: int, states: list[Array]) -> None:
        """Optimizer state as saved; raises where it is not this optimizer's for this shard."""
        with users_code(f"key {self.key!r}: its optimizer makes no states"):
            fresh = optimizer.new_state_multi_precision(self._shaped(optimizer, self.current))
        came = [(s.dtype.name, s.size) for s in states]
        expected = [(s.dtype.name, s.size) for s in fresh]
        if came != expected:
            raise PartShape(f"key {self.key!r}: optimizer states of shard {self.index} are {expected}, loaded {came}")
        self.generation, self.updates = generation, updates
        self.state = tuple(np.array(s).reshape(f.shape) for s, f in zip(states, fresh, strict=True))

    def unit(self) -> int:
        """Elements in one row of a pushed gradient here: the key's, or 1 where the cut goes through rows."""
        width = width_of(self.shape)
        return width if width and self.start % width == 0 and self.stop % width == 0 else 1

    def check(self) -> None:
        """Assert the invariants."""
        self.clocks.check()
        assert self.version == self.clocks.version, (self.version, self.clocks.version)


def check_bytes(part: InitPart, nbytes: int, expected: int) -> None:
    """Raises where the bytes of a first value do not fit what its part says."""
    if nbytes != expected or not 0 <= part.start <= part.stop <= math.prod(part.shape):
        raise PartShape(
            f"key {part.key!r}: initialised as {described(part.dtype, part.shape)}, elements {part.start}:{part.stop} "
            f"of it are {expected} bytes, came {nbytes}"
        )


def _agreed(shard: Shard, contributions: list[Contribution]) -> Rule | None:
    """The rule that all contributions name."""
    first = contributions[0]
    for c in contributions:
        if not _same(first.rule, c.rule):
            raise Disagreement(
                f"key {shard.key!r}, clock {c.clock}: rank {first.rank} and rank {c.rank} pushed under different "
                f"hyper-parameters: {_difference(first.rule, c.rule)}; change them at the same step on every rank"
            )
    if first.rule is not None and not first.rule.optimizer.has_step:
        raise KVStoreError(f"optimizer {type(first.rule.optimizer).__name__!r} has no step that a server can take")
    return first.rule


def _same(one: Rule | None, other: Rule | None) -> bool:
    if one is other:
        return True
    return one is not None and other is not None and (one.generation, one.values) == (other.generation, other.values)


def _difference(one: Rule | None, other: Rule | None) -> str:
    if one is None or other is None:
        return "one with an optimizer, one without"
    if one.generation != other.generation:
        return f"set_optimizer call {one.generation} and {other.generation}"
    names = [n for n in one.values if one.values[n] != other.values.get(n)]
    return ", ".join(f"{n} {one.values[n]!r} and {other.values.get(n)!r}" for n in names)
