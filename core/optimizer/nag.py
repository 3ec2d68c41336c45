"""NAG: Nesterov's accelerated gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from .base import Optimizer, State, register
from .blocks import complement, scratch


@register
class NAG(Optimizer):
    """w' <- w - momentum v + (momentum + 1) (momentum v - lr (g + wd w));   v <- momentum v - lr (g + wd w').

    Nesterov 1983.  The weight decay inside v is that of the new weight, as in MXNet.  Without momentum w <- (1 - lr wd)
    w - lr g.
    """

    master_last = True

    def __init__(self, momentum: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.momentum = momentum

    @property
    def lazy_update(self) -> bool:
        """Without momentum a row_sparse gradient changes its rows alone, as in MXNet."""
        return not self.momentum

    def new_state(self, weight: np.ndarray) -> State:
        return (np.zeros_like(weight),) if self.momentum else ()

    def step(
        self, weight: np.ndarray, grad: np.ndarray, state: State, out: np.ndarray, *, lr: float, wd: float, t: int
    ) -> None:
        grad = self._clipped(grad)
        work = scratch(weight)
        if not state:
            np.multiply(grad, lr, out=work)
            np.multiply(weight, complement(lr * wd, weight), out=out)
            out -= work
            return
        (velocity,) = state
        velocity *= self.momentum
        ahead = scratch(weight, 1)
        np.multiply(weight, wd, out=work)
        work += grad
        work *= lr
        np.subtract(velocity, work, out=work)
        work *= 1 + self.momentum
        np.subtract(weight, velocity, out=ahead)
        np.add(ahead, work, out=out)
        np.multiply(out, wd, out=work)
        work += grad
        work *= lr
        velocity -= work
