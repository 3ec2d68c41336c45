"""Optimizer: what all optimizers share: their settings, rates, counts, and the way to and from the wire.

An optimizer of mxl is a pure step on plain numpy arrays:

    scope               'element': the step may run on any piece of its arrays, with the same bits; else 'row' or 'key'
    new_state(weight)   the arrays that it keeps for one weight, in a tuple
    step(weight, grad, state, out, *, lr, wd, t)
                        reads weight and grad (scaled already; never written, it may be a network frame), writes the new
                        weight into out (perhaps weight itself) and updates the state in place; t is 1 at the first step
    lazy_update         where it is there and true, a row_sparse gradient changes its rows alone (lazy.py)
    begin_rows(weight)  only where such a step needs more than its rows: is shown the whole weight before it

The same object runs in the local store and on a server; `to_wire()` says all of it in plain data.  `update.py` puts
MXNet's calls (`create_state`, `update`, ...) on top; a user's own subclass may define those instead of a step, for
local stores.  Invariant: `step` depends on its arguments and on `hyper()` alone.
"""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import numpy as np

from .. import lr_scheduler as schedules
from ..errors import ArgumentError, BadCall
from ..wiring import Klass
from .blocks import cut, scratch
from .update import MXNetUpdate
from .wire import REGISTRY, Key, Wired, from_wire

State = tuple[np.ndarray, ...]

__all__ = ["Key", "Optimizer", "State", "create", "from_wire", "register"]


class Optimizer(MXNetUpdate, Wired):
    """Base of all optimizers, with the settings that every one has.

    rescale_grad: each gradient is multiplied by it first.  clip_gradient: gradients are cut to [-c, c] after that.
    wd: weight decay (L2 penalty).  learning_rate: 0.01 where neither it nor `lr_scheduler` is given.
    param_idx2name: index -> name; weights whose name ends neither in _weight nor in _gamma get no weight decay.
    param_dict: index -> a Gluon parameter, whose lr_mult and wd_mult count.  multi_precision: float16 weights are
    kept in float32 beside.  begin_num_update: the count that a key's first update continues from.
    """

    scope: ClassVar[str] = "element"
    opt_registry: ClassVar[dict[str, type[Optimizer]]] = REGISTRY.classes
    # How many weights MXNet updates in one call; a user's own `update` receives lists when it is above 0.
    aggregate_num: int = 0

    def __init__(
        self,
        rescale_grad: float = 1.0,
        param_idx2name: dict[Key, str] | None = None,
        wd: float = 0.0,
        clip_gradient: float | None = None,
        learning_rate: float | None = None,
        lr_scheduler: schedules.LRScheduler | None = None,
        sym: Any = None,
        begin_num_update: int = 0,
        multi_precision: bool = False,
        param_dict: dict[Key, Any] | None = None,
        aggregate_num: int | None = None,
        use_fused_step: bool | None = None,
    ) -> None:
        if param_idx2name is not None and not isinstance(param_idx2name, dict):
            raise BadCall(
                f"param_idx2name is a {type(param_idx2name).__name__}: expected a dict of parameter index to name"
            )
        if sym is not None:
            raise ArgumentError(
                "sym: multipliers are not read from a symbol; call set_lr_mult and set_wd_mult, or pass param_dict"
            )
        if use_fused_step:
            raise ArgumentError("use_fused_step: there are no fused kernels; leave it out")
        self.rescale_grad = rescale_grad
        self.wd = wd
        self.clip_gradient = clip_gradient
        self.multi_precision = multi_precision
        if aggregate_num is not None:
            self.aggregate_num = aggregate_num
        self.lr_scheduler = lr_scheduler
        self.lr = learning_rate
        if lr_scheduler is None:
            self.lr = 0.01 if learning_rate is None else learning_rate
        elif learning_rate is not None:
            if lr_scheduler.base_lr != learning_rate:
                print(f"learning_rate={learning_rate} takes the place of the schedule's base_lr={lr_scheduler.base_lr}")
            lr_scheduler.base_lr = learning_rate
        self.begin_num_update = begin_num_update
        self.num_update = begin_num_update
        self._all_index_update_counts: dict[int, dict[Key, int]] = {0: {}}
        self._index_update_count = self._all_index_update_counts[0]
        self.idx2name: dict[Key, str] = dict(param_idx2name or {})
        self.param_dict: dict[Key, Any] = param_dict or {}
        self.lr_mult: dict[Key, float] = {}
        self.wd_mult: dict[Key, float] = {}
        self.set_lr_mult({})
        self.set_wd_mult({})

    @staticmethod
    def create_optimizer(name: str, **kwargs: Any) -> Optimizer:
        """`mx.optimizer.create`."""
        return create(name, **kwargs)

    @staticmethod
    def register(klass: type[Optimizer]) -> type[Optimizer]:
        """`mx.optimizer.register`."""
        return register(klass)

    # -- the pure step -----------------------------------------------------------------------------------------------

    def new_state(self, weight: np.ndarray) -> State:
        """The arrays that `step` keeps for this weight; () if none."""
        return ()

    def step(
        self, weight: np.ndarray, grad: np.ndarray, state: State, out: np.ndarray, *, lr: float, wd: float, t: int
    ) -> None:
        """One update; see the top of this file."""
        raise ArgumentError(
            f"optimizer {type(self).__name__!r} defines no step(weight, grad, state, out, *, lr, wd, t)"
        )

    def begin_key(self, key: Key) -> None:
        """The steps that follow are of this key, for an optimizer that treats some keys otherwise."""

    @property
    def has_step(self) -> bool:
        """Whether this class has a pure step; one that defines MXNet's `update` alone runs in local stores only."""
        return type(self).step is not Optimizer.step

    def apply(
        self,
        weight: np.ndarray,
        grad: np.ndarray,
        state: State,
        out: np.ndarray,
        *,
        lr: float,
        wd: float,
        t: int,
        scale: float = 1.0,
    ) -> None:
        """`step` with grad * scale, block by block where its scope allows it.

        float16 in multi_precision keeps its float32 weight as the state's last array (`new_state_multi_precision`).
        inf and nan are results, not warnings.
        """
        with np.errstate(all="ignore"):
            self._apply(weight, grad, state, out, lr=lr, wd=wd, t=t, scale=scale)

    def _apply(
        self,
        weight: np.ndarray,
        grad: np.ndarray,
        state: State,
        out: np.ndarray,
        *,
        lr: float,
        wd: float,
        t: int,
        scale: float,
    ) -> None:
        if self._keeps_master(weight):
            *rest, master = state
            grad32 = grad.astype(np.float32)
            self._apply(master, grad32, tuple(rest), master, lr=lr, wd=wd, t=t, scale=scale)
            out[...] = master
            return
        if self.scope != "element":
            self.step(weight, grad if scale == 1.0 else grad * weight.dtype.type(scale), state, out, lr=lr, wd=wd, t=t)
            return
        for weight_, grad_, out_, *state_ in cut(weight, grad, out, *state):
            if scale != 1.0:
                grad_ = np.multiply(grad_, scale, out=scratch(grad_, slot=-1))
            self.step(weight_, grad_, tuple(state_), out_, lr=lr, wd=wd, t=t)

    def new_state_multi_precision(self, weight: np.ndarray) -> State:
        """`new_state`, and for float16 weights in multi_precision the float32 weight behind it."""
        if self._keeps_master(weight):
            master = weight.astype(np.float32)
            return (*self.new_state(master), master)
        return self.new_state(weight)

    def _keeps_master(self, weight: Any) -> bool:
        return self.multi_precision and weight.dtype == np.float16

    def _clipped(self, grad: np.ndarray) -> np.ndarray:
        """grad within [-clip_gradient, clip_gradient]; grad itself where nothing is clipped."""
        clip = self.clip_gradient
        if not clip or clip < 0:
            return grad
        return np.clip(grad, -clip, clip, out=scratch(grad, slot=-2))

    def _decayed(self, weight: np.ndarray, grad: np.ndarray, wd: float) -> np.ndarray:
        """grad + wd * weight, then clipped; grad itself where there is neither.  Takes scratch slot 1."""
        if wd:
            grad = np.add(np.multiply(weight, wd, out=scratch(weight, 1)), grad, out=scratch(weight, 1))
        return self._clipped(grad)

    # -- rates and counts --------------------------------------------------------------------------------------------

    @property
    def learning_rate(self) -> float:
        """The rate now: the schedule's at the newest update, else the constant one."""
        if self.lr_scheduler is not None:
            return self.lr_scheduler(self.num_update)
        assert self.lr is not None  # the constructor gives it where there is no schedule
        return self.lr

    def set_learning_rate(self, lr: float) -> None:
        """Sets the constant rate.  Raises UserWarning, as MXNet does, where a schedule says it."""
        if self.lr_scheduler is not None:
            raise UserWarning(
                f"set_learning_rate: this optimizer's {type(self.lr_scheduler).__name__} says the rate; set its "
                f"base_lr, or make the optimizer without lr_scheduler"
            )
        self.lr = lr

    def set_lr_scale(self, args_lrscale: dict[Key, float]) -> None:
        """Older name of `set_lr_mult`."""
        warnings.warn("set_lr_scale is deprecated: use set_lr_mult", DeprecationWarning, stacklevel=2)
        self.set_lr_mult(args_lrscale)

    def set_lr_mult(self, args_lr_mult: dict[Key, float]) -> None:
        """Multipliers of the rate by index or name; those not named get 1."""
        self.lr_mult = dict(args_lr_mult)

    def set_wd_mult(self, args_wd_mult: dict[Key, float]) -> None:
        """Multipliers of the weight decay by index or name.

        Names known from param_idx2name that end neither in _weight nor in _gamma get 0, as in MXNet.
        """
        self.wd_mult = {name: 0.0 for name in self.idx2name.values() if not name.endswith(("_weight", "_gamma"))}
        self.wd_mult.update(args_wd_mult)

    def lr_for(self, key: Key, t: int) -> float:
        """Learning rate of a key at its update number t."""
        base = self.lr_scheduler(t) if self.lr_scheduler is not None else self.lr
        assert base is not None
        return base * self._multiplier(key, "lr_mult")

    def wd_for(self, key: Key) -> float:
        """Weight decay of a key."""
        return self.wd * self._multiplier(key, "wd_mult")

    def _multiplier(self, key: Key, which: str) -> float:
        if key in self.param_dict:
            return getattr(self.param_dict[key], which)
        table: dict[Key, float] = getattr(self, which)
        if key in table:
            return table[key]
        if key in self.idx2name:
            return table.get(self.idx2name[key], 1.0)
        return 1.0

    def _multipliers(self, which: str) -> list[list[Any]]:
        """[[key, multiplier], ...] of the keys whose multiplier is not 1."""
        keys: dict[Key, None] = dict.fromkeys([*self.param_dict, *getattr(self, which), *self.idx2name])
        return [[key, m] for key in keys if (m := self._multiplier(key, which)) != 1.0]

    def _set_current_context(self, device_id: int) -> None:
        """Each device counts its own updates, so that several devices make one update of a key, not several."""
        self._index_update_count = self._all_index_update_counts.setdefault(device_id, {})

    def _update_count(self, index: Key | list[Key] | tuple[Key, ...]) -> None:
        for key in index if isinstance(index, (list, tuple)) else (index,):
            count = self._index_update_count.get(key, self.begin_num_update) + 1
            self._index_update_count[key] = count
            self.num_update = max(count, self.num_update)

    def _get_lr(self, index: Key) -> float:
        return self.learning_rate * self._multiplier(index, "lr_mult")

    def _get_lrs(self, indices: list[Key]) -> list[float]:
        return [self._get_lr(index) for index in indices]

    def _get_wd(self, index: Key) -> float:
        return self.wd_for(index)

    def _get_wds(self, indices: list[Key]) -> list[float]:
        return [self.wd_for(index) for index in indices]


def register(klass: Klass) -> Klass:
    """Class decorator: `create` and servers know this class by its name in lower case."""
    given: Any = klass
    if not (isinstance(given, type) and issubclass(given, Optimizer)):
        raise ArgumentError(f"register expects a subclass of Optimizer, got {klass!r}")
    name = klass.__name__.lower()
    before = REGISTRY.classes.get(name)
    if before is not None:
        warnings.warn(
            f"new optimizer {klass.__module__}.{klass.__qualname__} replaces {before.__module__}.{before.__qualname__}",
            UserWarning,
            stacklevel=2,
        )
    return REGISTRY.add(klass, name)


class NoName(ArgumentError, AttributeError):
    """Something else where the name of an optimizer is wanted.  (MXNet: AttributeError)"""


def create(name: str | Optimizer, **kwargs: Any) -> Optimizer:
    """The optimizer of that name (any case), made with the given arguments.

    >>> create('sgd', learning_rate=0.5).lr
    0.5
    """
    if isinstance(name, Optimizer):
        return name
    if not isinstance(name, str):
        raise NoName(f"optimizer: expected a name or an Optimizer, got {type(name).__name__}")
    return REGISTRY.named(name)(**kwargs)
