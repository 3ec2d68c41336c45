"""Calls: what the script's thread asks of the I/O thread, one object each, with the futures in which the answers come.

Plain data.  `accepted` is done when the call may return to the script, `answered` when the servers have answered; an
error is set on both.  Values are flat arrays that nobody else writes until `answered`.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..kvstore.wire.messages import Key

Array = np.ndarray[Any, Any]


def _future() -> Future[Any]:
    return Future()


@dataclass(eq=False, kw_only=True)
class Call:
    """One thing asked for."""

    accepted: Future[Any] = field(default_factory=_future)
    answered: Future[Any] = field(default_factory=_future)
    left: int = 0
    submitted_at: float = 0.0

    @property
    def label(self) -> str:
        """What it is, for people."""
        return type(self).__name__.lower()

    def accept(self) -> None:
        if not self.accepted.done():
            self.accepted.set_result(None)

    def answer(self, result: Any = None) -> None:
        self.accept()
        if not self.answered.done():
            self.answered.set_result(result)

    def fail(self, error: Exception) -> None:
        for future in (self.accepted, self.answered):
            if not future.done():
                future.set_exception(error)


@dataclass(eq=False)
class OpenStore(Call):
    """Create a store; answered with its number, when every rank is admitted and every server knows it."""

    kind: str
    staleness: int
    number: int = field(default=0, kw_only=True)

    @property
    def label(self) -> str:
        return f"create({self.kind!r})"


@dataclass(eq=False)
class KeyCall(Call):
    """A call on one key of one store."""

    store: int
    key: Key

    clock: int = field(default=0, kw_only=True)


@dataclass(eq=False)
class InitKey(KeyCall):
    """A value to begin with; `scope` is what its cut leaves whole: 'element', 'row' or 'key'.

    With `ids` it is a row table, and the value has these rows of it: ids rise, the others are zero.
    """

    value: Array
    shape: tuple[int, ...]
    scope: str = "element"
    ids: Array | None = None

    @property
    def label(self) -> str:
        return f"init of {self.key!r}"


@dataclass(eq=False)
class PushKey(KeyCall):
    """A gradient, or with `ids` the rows of one.

    `generation` and `hyper` name the optimizer and its hyper-parameters (`values`).
    """

    value: Array
    scale: float
    samples: float
    generation: int
    hyper: int
    values: dict[str, Any]
    priority: int
    ids: Array | None = None

    @property
    def label(self) -> str:
        return f"push of {self.key!r} (clock {self.clock})"


@dataclass(eq=False)
class PullKey(KeyCall):
    """A value to read into `target`, flat, of the key's dtype, and into `copies`, of any dtype.

    With `ids`, which rise, these rows of a row table.
    """

    target: Array
    priority: int
    copies: tuple[Array, ...] = ()
    ids: Array | None = None

    @property
    def label(self) -> str:
        return f"pull of {self.key!r} (clock {self.clock})"


@dataclass(eq=False)
class Optimize(Call):
    """The optimizer of a store: `generation` is the n-th."""

    store: int
    generation: int
    optimizer: tuple[Any, ...]

    @property
    def label(self) -> str:
        return "set_optimizer"


@dataclass(eq=False)
class Barrier(Call):
    """The next barrier of a store."""

    store: int

    @property
    def label(self) -> str:
        return "barrier"


@dataclass(eq=False)
class GetStates(KeyCall):
    """Optimizer state of one key; answered with (updates, arrays, flat, of the whole key)."""

    parts: dict[int, tuple[int, list[Array]]] = field(default_factory=dict[int, tuple[int, list[Array]]])

    @property
    def label(self) -> str:
        return f"optimizer states of {self.key!r}"


@dataclass(eq=False)
class PutStates(KeyCall):
    """Optimizer state of one key to put in place: flat arrays of the whole key."""

    updates: int
    arrays: list[Array]

    @property
    def label(self) -> str:
        return f"optimizer states of {self.key!r}"


@dataclass(eq=False)
class LeaveJob(Call):
    """This rank is done: every server is told, and when they have answered the scheduler."""

    servers_know: bool = field(default=False, kw_only=True)

    @property
    def label(self) -> str:
        return "leave"
