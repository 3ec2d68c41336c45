"""AdaDelta: rates from a running mean of squared gradients and one of squared steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from .base import Optimizer, State, register
from .blocks import scratch


@register
class AdaDelta(Optimizer):
    """a <- rho a + (1 - rho) g**2;   d = sqrt(b + eps) / sqrt(a + eps) g;   b <- rho b + (1 - rho) d**2;
    w <- w - d - wd w   (Zeiler 2012; the learning rate has no part, as in MXNet)."""

    def __init__(self, rho: float = 0.90, epsilon: float = 1e-5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rho = rho
        self.epsilon = epsilon

    def new_state(self, weight: np.ndarray) -> State:
        return np.zeros_like(weight), np.zeros_like(weight)

    def step(
        self, weight: np.ndarray, grad: np.ndarray, state: State, out: np.ndarray, *, lr: float, wd: float, t: int
    ) -> None:
        squares, steps = state
        grad = self._clipped(grad)
        work, delta = scratch(weight), scratch(weight, 1)
        squares *= self.rho
        np.multiply(grad, grad, out=work)
        work *= 1.0 - self.rho
        squares += work
        np.sqrt(np.add(steps, self.epsilon, out=delta), out=delta)
        np.sqrt(np.add(squares, self.epsilon, out=work), out=work)
        delta /= work
        delta *= grad
        steps *= self.rho
        np.multiply(delta, delta, out=work)
        work *= 1.0 - self.rho
        steps += work
        delta += np.multiply(weight, wd, out=work)
        np.subtract(weight, delta, out=out)
