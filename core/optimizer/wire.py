"""An optimizer as plain data: its name and settings for the wire, its changing numbers as hyper-parameters.

What comes from outside is checked here, name by name and type by type, before anything is changed.  A class takes part
if its constructor keeps its arguments as attributes of the same names: those whose default is a number may change while
training, the others (booleans, strings) are fixed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import lr_scheduler as schedules
from ..errors import ArgumentError, InvalidSetting
from ..wiring import TO_SERVERS, Registry, arguments_of, settings_of

if TYPE_CHECKING:
    from .base import Optimizer

Key = int | str

SENT = ("learning_rate", "wd", "clip_gradient", "begin_num_update", "multi_precision")  # of the arguments of the base
OWN_FORM = ("learning_rate", "lr_scheduler", "lr_mult", "wd_mult")  # what `set_hyper` reads, never the constructor
BASE_ARGUMENTS = frozenset(
    (*SENT, "rescale_grad", "param_idx2name", "lr_scheduler", "sym", "param_dict", "aggregate_num", "use_fused_step")
)


class Wired:
    """The part of `Optimizer` that is plain data."""

    def hyper(self: Any) -> dict[str, Any]:
        """The numbers that may change while training, as plain data: rate or schedule, wd, momentum, multipliers, ...

        `set_hyper` applies them to an optimizer of the same class.  `rescale_grad` is none of them: a gradient's scale
        travels with the gradient.
        """
        schedule = self.lr_scheduler.to_wire() if self.lr_scheduler is not None else None
        return {
            "learning_rate": None if schedule else _as_number(self.lr),
            "lr_scheduler": schedule,
            "wd": _as_number(self.wd),
            "clip_gradient": _as_number(self.clip_gradient),
            **{name: value for name, value in self._own_settings().items() if _is_number(value)},
            "lr_mult": self._multipliers("lr_mult"),
            "wd_mult": self._multipliers("wd_mult"),
        }

    def set_hyper(self: Any, hyper: dict[str, Any]) -> None:
        """Applies what `hyper()` of an optimizer of this class gave; all is checked before anything is changed."""
        name = REGISTRY.name_of(type(self))
        known = self.hyper()
        checked: dict[str, Any] = {}
        for setting, value in hyper.items():
            if setting not in known:
                raise InvalidSetting(f"optimizer {name!r} has no number {setting!r}; it has: {', '.join(known)}")
            if setting == "lr_scheduler":
                checked[setting] = None if value is None else schedules.from_wire(value)
            elif setting in ("lr_mult", "wd_mult"):
                checked[setting] = _table(name, setting, value)
            else:
                _check_number(name, setting, value, _may_be_none(type(self), setting))
                checked["lr" if setting == "learning_rate" else setting] = value
        if checked.get("lr", self.lr) is None and checked.get("lr_scheduler", self.lr_scheduler) is None:
            raise InvalidSetting(f"optimizer {name!r}: learning_rate must be a number, got None and no lr_scheduler")
        if "lr_mult" in checked or "wd_mult" in checked:
            self.param_dict, self.idx2name = {}, {}  # the tables have what they said
        for attribute, value in checked.items():
            setattr(self, attribute, value)

    def to_wire(self: Any) -> list[Any]:
        """[name, settings]: plain data from which `from_wire` makes an optimizer with equal steps."""
        name = REGISTRY.name_of(type(self))
        if not self.has_step:
            raise ArgumentError(
                f"optimizer {name!r} defines update() but no step(weight, grad, state, out, *, lr, wd, t): it runs "
                f"in the local store only; servers run steps"
            )
        settings = {
            **self._own_settings(),
            **self.hyper(),
            "begin_num_update": self.begin_num_update,
            "multi_precision": bool(self.multi_precision),
        }
        return [name, settings]

    def _own_settings(self) -> dict[str, Any]:
        return settings_of(self, REGISTRY.what, REGISTRY.name_of(type(self)), skip=BASE_ARGUMENTS)


REGISTRY: Registry[Any] = Registry("optimizer", Wired, TO_SERVERS)


def from_wire(data: Any) -> Optimizer:
    """The optimizer that `to_wire` described; wrong names, types and numbers end in a sentence."""
    klass, settings = REGISTRY.open(data)
    name = data[0]
    for setting in (BASE_ARGUMENTS - {*SENT, *OWN_FORM}) & settings.keys():
        raise InvalidSetting(
            f"optimizer {name!r} has no argument {setting!r} that can be sent: it belongs to each worker"
        )
    hyper = {setting: settings.pop(setting) for setting in OWN_FORM if setting in settings}
    if hyper.get("learning_rate") is None:
        hyper.pop("learning_rate", None)
    for setting, value in settings.items():
        if setting == "begin_num_update" and not _is_count(value):
            raise InvalidSetting(f"optimizer {name!r}: begin_num_update must be a count, got {value!r:.80}")
        if _may_be_none(klass, setting):
            _check_number(name, setting, value, may_be_none=True)
    optimizer: Optimizer = REGISTRY.build(klass, settings, also=SENT)
    optimizer.set_hyper(hyper)
    return optimizer


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _as_number(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _may_be_none(klass: type, setting: str) -> bool:
    return setting in ("learning_rate", "clip_gradient") or arguments_of(klass, object).get(setting, 0) is None


def _check_number(name: str, setting: str, value: Any, may_be_none: bool) -> None:
    if not _is_number(value) or (value is None and not may_be_none) or (isinstance(value, float) and math.isnan(value)):
        raise InvalidSetting(f"optimizer {name!r}: {setting} must be a number, got {value!r:.80}")


def _table(name: str, setting: str, value: Any) -> dict[Key, float]:
    fine = isinstance(value, (list, tuple)) and all(
        isinstance(row, (list, tuple))
        and len(row) == 2
        and isinstance(row[0], (int, str))
        and row[1] is not None
        and _is_number(row[1])
        for row in value
    )
    if not fine:
        raise InvalidSetting(f"optimizer {name!r}: {setting} must be a list of [key, multiplier], got {value!r:.80}")
    return {key: float(multiplier) for key, multiplier in value}
