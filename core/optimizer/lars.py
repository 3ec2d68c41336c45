"""LARS: SGD whose rate is measured by the ratio of the weight's length to its gradient's, layer by layer."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from .base import Optimizer, State, register
from .blocks import scratch
from .lamb import length
from .wire import Key


@register
class LARS(Optimizer):
    """rate = lr eta |w| / (|g| + wd |w| + eps), or lr where a length is 0;   v <- momentum v - rate (g + wd w);
    w <- w + v   (You et al. 2017, arXiv:1708.03888).

    momentum_correction: when the rate changes, momentum is multiplied by the new rate over the old one.
    Weights that are named (param_idx2name, or the key itself) ...gamma, ...beta or ...bias go by lr alone; a server
    goes by the key itself.  The lengths are those of whole keys.  lazy_update: a row_sparse gradient changes its rows
    alone, by the rate of the whole.
    """

    scope: ClassVar[str] = "key"
    master_last = True
    aggregate_num: int = 4

    def __init__(
        self,
        momentum: float = 0.0,
        lazy_update: bool = True,
        eta: float = 0.001,
        eps: float = 0,
        momentum_correction: bool = True,
        **kwargs: Any,
    ) -> None:
        self._plain = False  # the key at hand goes by lr alone
        self._rates: dict[Key, Any] = {}  # the constant rate that a key's last update went by
        self._change = 1.0  # the constant rate now over that one
        self._whole: float | None = None  # the length of the weight whose rows are to be stepped
        super().__init__(**kwargs)
        self.momentum = momentum
        self.lazy_update = lazy_update
        self.eta = eta
        self.eps = eps
        self.momentum_correction = momentum_correction

    def set_wd_mult(self, args_wd_mult: dict[Key, float]) -> None:
        """Multipliers of the weight decay by index or name; names known that do not end in _weight get 0."""
        self.wd_mult = {name: 0.0 for name in self.idx2name.values() if not name.endswith("_weight")}
        self.wd_mult.update(args_wd_mult)

    def new_state(self, weight: np.ndarray) -> State:
        return (np.zeros_like(weight),) if self.momentum else ()

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """One update of a weight in place, or of each of a list."""
        if isinstance(index, (list, tuple)):
            for one in zip(index, weight, grad, state, strict=True):
                self.update(*one)
            return
        self.begin_key(index)
        super().update(index, weight, grad, state)

    def begin_key(self, key: Key) -> None:
        self._plain = self.idx2name.get(key, str(key)).endswith(("gamma", "beta", "bias"))
        before = self._rates.get(key)
        self._change = self.lr / before if before and self.lr else 1.0
        self._rates[key] = self.lr

    def begin_rows(self, weight: np.ndarray) -> None:
        """The next step is of some rows of this weight."""
        self._whole = length(weight)

    def step(
        self, weight: np.ndarray, grad: np.ndarray, state: State, out: np.ndarray, *, lr: float, wd: float, t: int
    ) -> None:
        of_weight, self._whole = length(weight) if self._whole is None else self._whole, None
        rate = lr if self._plain else lr * self._trust(of_weight, length(grad), wd)
        change = np.multiply(self._clipped(grad), rate, out=scratch(weight))
        if wd:
            change += np.multiply(weight, rate * wd, out=scratch(weight, 1))
        if state:
            (velocity,) = state
            velocity *= self.momentum * self._correction(t)
            velocity -= change
            np.add(weight, velocity, out=out)
        else:
            np.subtract(weight, change, out=out)

    def _trust(self, of_weight: float, of_grad: float, wd: float) -> float:
        if not (of_weight and of_grad):
            return 1.0
        return self.eta * of_weight / (of_grad + wd * of_weight + self.eps)

    def _correction(self, t: int) -> float:
        """The rate at update t over that at the one before."""
        if not self.momentum_correction or t <= 1:
            return 1.0
        if self.lr_scheduler is None:
            return self._change
        before = self.lr_scheduler(t - 1)
        return self.lr_scheduler(t) / before if before else 1.0
