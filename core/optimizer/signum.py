"""Signum: steps by the sign of the gradient, or of its momentum."""

from __future__ import annotations

from typing import Any

import numpy as np

from .base import Optimizer, State, register
from .blocks import complement, scratch


@register
class Signum(Optimizer):
    """v <- momentum v - (1 - momentum) (g + wd w);   w <- (1 - lr wd_lh) w + lr sign(v)   (Bernstein et al. 2018);
    without momentum (SignSGD)  w <- (1 - lr wd) w - lr sign(g).

    wd_lh: weight decay outside of the sign (Loshchilov and Hutter 2017).
    """

    def __init__(self, learning_rate: float = 0.01, momentum: float = 0.9, wd_lh: float = 0.0, **kwargs: Any) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.momentum = momentum
        self.wd_lh = wd_lh

    def new_state(self, weight: np.ndarray) -> State:
        return (np.zeros_like(weight),) if self.momentum else ()

    def step(
        self, weight: np.ndarray, grad: np.ndarray, state: State, out: np.ndarray, *, lr: float, wd: float, t: int
    ) -> None:
        grad = self._clipped(grad)
        work = scratch(weight)
        if not state:
            np.sign(grad, out=work)
            work *= lr
            np.multiply(weight, 1 - lr * (wd + self.wd_lh), out=out)
            out -= work
            return
        (velocity,) = state
        np.multiply(weight, wd, out=work)
        work += grad
        work *= complement(self.momentum, weight)
        velocity *= self.momentum
        velocity -= work
        np.sign(velocity, out=work)
        work *= lr
        np.multiply(weight, 1 - lr * self.wd_lh, out=out)
        out += work
