"""Learning-rate schedules: the rate as a function of the number of updates.

MXNet's schedules change themselves when they are called; these give the same rates for a rising number of updates,
but the rate depends on that number and the base rate alone, so a server, a backup and a restarted worker agree on it.
Two of MXNet's corners differ for that reason: asking for an earlier update gives the rate of that update, and asking
a Poly- or CosineScheduler for its first rate beyond `max_update` gives `final_lr`.

Decays are told to the root logger, with MXNet's lines: `logging.basicConfig(level=logging.INFO)` shows them.

A schedule crosses the wire as plain data, `["factor", {"step": 100, "factor": 0.9, ...}]`, through a registry; a
user's own class takes part with `@register`, if its constructor's arguments are kept as attributes of the same names.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import pairwise
from math import cos, pi
from typing import Any, ClassVar

from .errors import BadCall, InvalidSetting
from .wiring import TO_SERVERS, Klass, Registry, fits, settings_of


class LRScheduler:
    """Base of all schedules; a subclass defines `__call__(num_update)` and returns the rate.

    base_lr: rate after the warm-up.  During the first `warmup_steps` updates the rate rises linearly from
    `warmup_begin_lr` (warmup_mode='linear'), or stays there ('constant').
    """

    wire_name: ClassVar[str] = ""

    def __init__(
        self, base_lr: float = 0.01, warmup_steps: int = 0, warmup_begin_lr: float = 0, warmup_mode: str = "linear"
    ) -> None:
        _check_int("warmup_steps", warmup_steps)
        if warmup_steps < 0:
            raise InvalidSetting(f"warmup_steps is {warmup_steps}: it has to be positive or 0")
        if warmup_begin_lr > base_lr:
            raise InvalidSetting(
                f"warmup_begin_lr is {warmup_begin_lr}, base_lr {base_lr}: base_lr has to be the higher one"
            )
        if warmup_mode not in ("linear", "constant"):
            raise InvalidSetting(f"warmup_mode is {warmup_mode!r}: only 'linear' and 'constant' are known")
        self.base_lr = base_lr
        self.warmup_steps = warmup_steps
        self.warmup_begin_lr = warmup_begin_lr
        self.warmup_final_lr = base_lr
        self.warmup_mode = warmup_mode

    def get_warmup_lr(self, num_update: int) -> float:
        """The rate of an update within the warm-up."""
        if num_update >= self.warmup_steps:
            raise NotWarming(f"update {num_update} is not within the warm-up of {self.warmup_steps} updates")
        if self.warmup_mode == "constant":
            return self.warmup_begin_lr
        rise = (self.warmup_final_lr - self.warmup_begin_lr) * float(num_update) / float(self.warmup_steps)
        return self.warmup_begin_lr + rise

    def __call__(self, num_update: int) -> float:
        """The rate of update `num_update`; the first update is number 1."""
        raise NotImplementedError(
            f"{type(self).__name__} must override __call__(num_update) and return the learning rate"
        )

    def to_wire(self) -> list[Any]:
        """[name, arguments], plain data from which `from_wire` makes an equal schedule."""
        name = REGISTRY.name_of(type(self))
        return [name, {**settings_of(self, REGISTRY.what, name), **self._progress()}]

    def _progress(self) -> dict[str, Any]:
        """What the constructor's arguments do not say."""
        return {"warmup_final_lr": self.warmup_final_lr}

    def _resume(self, progress: dict[str, Any]) -> None:
        self.warmup_final_lr = progress.get("warmup_final_lr", self.warmup_final_lr)


REGISTRY: Registry[LRScheduler] = Registry("lr scheduler", LRScheduler, TO_SERVERS)


def register(klass: Klass) -> Klass:
    """Class decorator: schedules of this class can be sent to the servers, under the class's name in lower case."""
    return REGISTRY.add(klass, getattr(klass, "wire_name", None) or None)


def from_wire(data: Any) -> LRScheduler:
    """The schedule that `to_wire` described."""
    klass, settings = REGISTRY.open(data)
    extra = {name: settings.pop(name) for name in ("warmup_final_lr", "set_lr", "set_at") if name in settings}
    for name, value in extra.items():
        if not fits(value, "a number") or (name == "set_at" and not isinstance(value, int)):
            raise InvalidSetting(f"lr scheduler {data[0]!r}: {name} must be a number, got {value!r:.80}")
    schedule = REGISTRY.build(klass, settings)
    schedule._resume(extra)
    return schedule


class _Decaying(LRScheduler, ABC):
    """A base rate that is multiplied by `factor` a number of times that only the update decides.

    MXNet lets a script set `base_lr` in the middle: the decays before that moment are not applied to the new value.
    """

    factor: float
    _set_lr: float  # what base_lr was last set to,
    _set_at: int = 0  # after this many decays
    _seen: int = 0  # the last update that was asked for
    _told: int = 0  # how many decays the log has heard of
    _reached: tuple[int, float]  # some number of decays and the rate after them: where the next sum may start

    @abstractmethod
    def _decays(self, num_update: int) -> int:
        """How many decays there are up to an update."""

    def _decayed(self, num_update: int) -> float:
        return self._after(self._decays(num_update))

    def _after(self, decays: int) -> float:
        """The rate after a number of decays."""
        times = max(0, decays - self._set_at)
        done, lr = self._reached
        if done > times:
            done, lr = 0, self._set_lr
        for _ in range(times - done):  # multiplied one by one, since the digits depend on it
            before, lr = lr, self._floor(lr * self.factor)
            if lr == before:
                break
        self._reached = times, lr
        return lr

    def _floor(self, lr: float) -> float:
        return lr

    def _tell(self, num_update: int) -> None:
        """Logs each decay once, as MXNet does, through the root logger."""
        decays = self._decays(num_update)
        if decays > self._told and logging.getLogger().isEnabledFor(logging.INFO):
            for each in range(self._told + 1, decays + 1):
                lr = self._after(each)
                if self._has_arrived(each):
                    logging.info("Update[%d]: now learning rate arrived at %0.5e, will not change in the future",
                                 num_update, lr)  # fmt: skip
                else:
                    logging.info("Update[%d]: Change learning rate to %0.5e", num_update, lr)
        self._told = max(self._told, decays)

    def _has_arrived(self, decays: int) -> bool:
        """Whether the rate after a number of decays is one that it will never leave."""
        return False

    @property
    def base_lr(self) -> float:
        """The rate without warm-up, at the update that was asked for last."""
        return self._decayed(self._seen)

    @base_lr.setter
    def base_lr(self, lr: float) -> None:
        self._set_lr = lr
        self._set_at = self._decays(self._seen) if self._seen else 0
        self._reached = 0, lr

    def __call__(self, num_update: int) -> float:
        if num_update < self.warmup_steps:
            return self.get_warmup_lr(num_update)
        self._seen = num_update
        self._tell(num_update)
        return self._decayed(num_update)

    def _progress(self) -> dict[str, Any]:
        return {**super()._progress(), "base_lr": self.warmup_final_lr, "set_lr": self._set_lr, "set_at": self._set_at}

    def _resume(self, progress: dict[str, Any]) -> None:
        super()._resume(progress)
        self._set_lr, self._set_at = progress.get("set_lr", self._set_lr), progress.get("set_at", self._set_at)
        self._reached = 0, self._set_lr


@register
class FactorScheduler(_Decaying):
    """base_lr * factor**floor((num_update - 1) / step), never below stop_factor_lr."""

    wire_name = "factor"

    def __init__(
        self,
        step: int,
        factor: float = 1,
        stop_factor_lr: float = 1e-8,
        base_lr: float = 0.01,
        warmup_steps: int = 0,
        warmup_begin_lr: float = 0,
        warmup_mode: str = "linear",
    ) -> None:
        if not step >= 1:
            raise InvalidSetting(f"step is {step}: it must be 1 update or more")
        _check_factor(factor)
        self.step = step
        self.factor = factor
        self.stop_factor_lr = stop_factor_lr
        super().__init__(base_lr, warmup_steps, warmup_begin_lr, warmup_mode)

    def _decays(self, num_update: int) -> int:
        return max(0, int((num_update - 1) // self.step))

    def _floor(self, lr: float) -> float:
        return max(lr, self.stop_factor_lr)

    def _has_arrived(self, decays: int) -> bool:
        return self._after(decays - 1) * self.factor < self.stop_factor_lr


@register
class MultiFactorScheduler(_Decaying):
    """base_lr times factor for every entry of `step` that num_update has passed."""

    wire_name = "multifactor"

    def __init__(
        self,
        step: Sequence[int],
        factor: float = 1,
        base_lr: float = 0.01,
        warmup_steps: int = 0,
        warmup_begin_lr: float = 0,
        warmup_mode: str = "linear",
    ) -> None:
        if not isinstance(step, (list, tuple)) or not step:
            raise BadCall(f"step is {step!r}: expected a list of at least one update number")
        if step[0] < 1:
            raise InvalidSetting(f"step is {step}: its entries must be 1 update or more")
        if any(b <= a for a, b in pairwise(step)):
            raise InvalidSetting(f"step is {step}: its entries must increase")
        _check_factor(factor)
        self.step = list(step)
        self.factor = factor
        super().__init__(base_lr, warmup_steps, warmup_begin_lr, warmup_mode)

    def _decays(self, num_update: int) -> int:
        return sum(num_update > at for at in self.step)


class _Falling(LRScheduler, ABC):
    """A curve from the rate after the warm-up down to `final_lr`, reached at update `max_update`."""

    def __init__(
        self,
        max_update: int,
        base_lr: float,
        final_lr: float,
        warmup_steps: int,
        warmup_begin_lr: float,
        warmup_mode: str,
    ) -> None:
        super().__init__(base_lr, warmup_steps, warmup_begin_lr, warmup_mode)
        _check_int("max_update", max_update)
        if max_update < 1:
            raise InvalidSetting(f"max_update is {max_update}: it must be 1 update or more")
        # MXNet fixes the curve's height here: base_lr set later (also by an optimizer's learning_rate) has no effect.
        self.base_lr_orig = base_lr
        self.max_update = max_update
        self.final_lr = final_lr
        self.max_steps = max_update - warmup_steps

    @abstractmethod
    def _share(self, done: float) -> float:
        """How much of the height is left when `done` of the way (0..1) is gone."""

    def __call__(self, num_update: int) -> float:
        if num_update < self.warmup_steps:
            return self.get_warmup_lr(num_update)
        done = min(1.0, float(num_update - self.warmup_steps) / float(self.max_steps)) if self.max_steps > 0 else 1.0
        self.base_lr = self.final_lr + (self.base_lr_orig - self.final_lr) * self._share(done)
        return self.base_lr

    def _progress(self) -> dict[str, Any]:
        return {**super()._progress(), "base_lr": self.base_lr_orig}


@register
class PolyScheduler(_Falling):
    """final_lr + (base_lr - final_lr) * (1 - done)**pwr."""

    wire_name = "poly"

    def __init__(
        self,
        max_update: int,
        base_lr: float = 0.01,
        pwr: float = 2,
        final_lr: float = 0,
        warmup_steps: int = 0,
        warmup_begin_lr: float = 0,
        warmup_mode: str = "linear",
    ) -> None:
        super().__init__(max_update, base_lr, final_lr, warmup_steps, warmup_begin_lr, warmup_mode)
        if not pwr >= 0:
            raise InvalidSetting(f"pwr is {pwr}: it must be 0 or more, so that the rate falls")
        self.pwr = self.power = pwr

    def _share(self, done: float) -> float:
        return (1 - done) ** self.power


@register
class CosineScheduler(_Falling):
    """final_lr + (base_lr - final_lr) * (1 + cos(pi * done)) / 2."""

    wire_name = "cosine"

    def __init__(
        self,
        max_update: int,
        base_lr: float = 0.01,
        final_lr: float = 0,
        warmup_steps: int = 0,
        warmup_begin_lr: float = 0,
        warmup_mode: str = "linear",
    ) -> None:
        super().__init__(max_update, base_lr, final_lr, warmup_steps, warmup_begin_lr, warmup_mode)

    def _share(self, done: float) -> float:
        return (1 + cos(pi * done)) / 2


def _check_int(name: str, value: Any) -> None:
    if not isinstance(value, int):
        raise BadCall(f"{name} is {value!r}: expected a whole number of updates")


def _check_factor(factor: float) -> None:
    if factor > 1.0:
        raise InvalidSetting(f"factor is {factor}: it must be no more than 1, so that the rate falls")


class NotWarming(InvalidSetting, AssertionError):
    """An update that the warm-up does not reach."""
