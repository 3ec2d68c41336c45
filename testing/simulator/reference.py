"""What numbers must come out: gradients and first values of a simulated job, and a plain model of a shard or whole key.

Knows: which bits a rank pushes, and what the sum in rank order and the optimizer's step make of them; written anew with
plain numpy, it shares nothing with the servers but the optimizers' own steps.  Never: a message, an order of arrival.
Values differ so much in size that another order of summation gives other bits.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...core.optimizer import from_wire
from ...core.optimizer.base import Optimizer

Array = np.ndarray[Any, Any]
_POOL = 8192
_pools: dict[str, Array] = {}
_optimizers: dict[str, Optimizer] = {}


class Violation(AssertionError):
    """A rule of the protocol was broken."""


def _pool(dtype: str) -> Array:
    pool = _pools.get(dtype)
    if pool is None:
        rng = np.random.default_rng(7)
        values = rng.standard_normal(_POOL) * 10.0 ** rng.integers(-3, 3, _POOL)
        pool = _pools[dtype] = values.astype(dtype)
        pool.setflags(write=False)
    return pool


def values(what: str, size: int, dtype: str) -> Array:
    """`size` numbers that belong to this text, always the same ones, read-only."""
    start = int.from_bytes(hashlib.blake2b(what.encode(), digest_size=4).digest(), "big") % (_POOL - size)
    return _pool(dtype)[start : start + size]


def row_ids(what: str, height: int, dense: int) -> Array:
    """Row ids that belong to this text, rising: none, some or all of `height`; `dense` of 4 are there on average."""
    draw = int.from_bytes(hashlib.blake2b(what.encode(), digest_size=8).digest(), "big")
    return np.flatnonzero(np.random.default_rng(draw).integers(0, 4, height) < dense).astype(np.int64)


def held_by(ids: Array | None, shape: tuple[int, ...]) -> Array | None:
    """Which elements of a key these rows hold; None: all."""
    if ids is None:
        return None
    holds = np.zeros((shape[0], int(np.prod(shape[1:], dtype=int))), bool)
    holds[ids] = True
    return holds.reshape(-1)


def spread(ids: Array | None, rows: Array, shape: tuple[int, ...]) -> Array:
    """Rows as a whole key, zero elsewhere."""
    holds = held_by(ids, shape)
    if holds is None:
        return rows
    whole = np.zeros(holds.size, rows.dtype)
    whole[holds] = rows
    return whole


def optimizer(spec: tuple[str, dict[str, Any]], hyper: dict[str, Any]) -> Optimizer:
    """An optimizer with its hyper-parameters; one object for equal ones (a step keeps nothing in it)."""
    name = repr((spec, hyper))
    found = _optimizers.get(name)
    if found is None:
        found = from_wire([spec[0], dict(spec[1])])
        found.set_hyper(hyper)
        _optimizers[name] = found
    return found


def hyper_values(spec: tuple[str, dict[str, Any]], changes: int) -> dict[str, Any]:
    """The hyper-parameters after so many changes."""
    return {"learning_rate": spec[1]["learning_rate"] * 0.5**changes, "wd": spec[1].get("wd", 0.0) + 0.001 * changes}


@dataclass(frozen=True, slots=True)
class Pushed:
    """What one rank pushed at one clock: the whole key's gradient and what travels with it.

    `holds`: the elements that it has something for, where it is made of rows; None: all.
    """

    rank: int
    gradient: Array
    holds: Array | None
    scale: float
    samples: float
    generation: int
    changes: int


class Model:
    """Elements [start, stop) of a key: its value after each update."""

    def __init__(
        self, key: int | str, value: Array, start: int, stop: int, optimizers: tuple[tuple[str, dict[str, Any]], ...]
    ) -> None:
        self.key = key
        self.start, self.stop, self.optimizers = start, stop, optimizers
        self.history: list[Array] = [value[start:stop].copy()]
        self.states: list[tuple[int, int, tuple[Array, ...]]] = [(0, 0, ())]  # generation, updates, arrays: by version
        self._generation = self._updates = 0
        self._state: tuple[Array, ...] = ()

    @property
    def version(self) -> int:
        return len(self.history) - 1

    def go_back(self, version: int) -> None:
        """What came after this version never was."""
        del self.history[version + 1 :], self.states[version + 1 :]
        self._generation, self._updates, state = self.states[-1]
        self._state = tuple(s.copy() for s in state)

    def skip(self) -> None:
        """A version without an update."""
        self.history.append(self.history[-1])
        self.states.append(self.states[-1])

    def update(self, pushes: list[Pushed]) -> Array:
        """The next value: pushes summed in the order of their ranks."""
        weight = self.history[-1]
        one = weight.dtype.type
        total, held = np.zeros_like(weight), np.zeros(weight.size, bool)
        for push in sorted(pushes, key=lambda p: p.rank):
            term = push.gradient[self.start : self.stop] * one(push.scale)
            holds = np.ones(weight.size, bool) if push.holds is None else push.holds[self.start : self.stop]
            total = np.where(holds, np.where(held, total + term, term), total)
            held |= holds
        samples = sum(p.samples for p in pushes)
        if samples:
            total = total * one(1.0 / samples)
        generation, changes = pushes[0].generation, pushes[0].changes
        if generation == 0:
            out = total
        else:
            spec = self.optimizers[generation - 1]
            rule = optimizer(spec, hyper_values(spec, changes))
            if generation != self._generation:
                self._generation, self._updates, self._state = generation, 0, rule.new_state(weight)
            self._updates += 1
            measure: Any = getattr(rule, "begin_rows", None)  # it needs the whole weight for a step of some rows
            dense = any(push.holds is None for push in pushes) or (rule.scope == "key" and measure is None)
            if dense:
                held[:] = True
            out = weight.copy()  # what no rank's rows have stays, in the optimizer's state too
            piece, state = weight[held], tuple(s[held] for s in self._state)
            rate = {"lr": rule.lr_for("", self._updates), "wd": rule.wd_for(""), "t": self._updates}
            rule.begin_key(self.key)
            if measure is not None and not dense:
                measure(weight)
            rule.apply(piece.copy(), total[held], state, piece, **rate)
            out[held] = piece
            for s, some in zip(self._state, state, strict=True):
                s[held] = some
        self.history.append(out)
        self.states.append((self._generation, self._updates, tuple(s.copy() for s in self._state)))
        return out


def same_bits(a: Array, b: Array) -> bool:
    return a.dtype == b.dtype and a.tobytes() == b.tobytes()
