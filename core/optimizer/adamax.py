"""Adamax: Adam with the greatest gradient in place of the second moment."""

from __future__ import annotations

from typing import Any

import numpy as np

from .base import Optimizer, State, register
from .blocks import scratch


@register
class Adamax(Optimizer):
    """m <- beta1 m + (1 - beta1) g;   u <- max(beta2 u, |g|);
    w <- w - lr / (1 - beta1**t) m / u   (Kingma and Ba 2014).

    A weight that never had a gradient stays; MXNet makes it nan, 0 / 0.
    """

    def __init__(self, learning_rate: float = 0.002, beta1: float = 0.9, beta2: float = 0.999, **kwargs: Any) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.beta1 = beta1
        self.beta2 = beta2

    def new_state(self, weight: np.ndarray) -> State:
        return np.zeros_like(weight), np.zeros_like(weight)

    def step(
        self, weight: np.ndarray, grad: np.ndarray, state: State, out: np.ndarray, *, lr: float, wd: float, t: int
    ) -> None:
        mean, greatest = state
        work = scratch(weight)
        grad = self._decayed(weight, grad, wd)
        mean *= self.beta1
        mean += np.multiply(grad, 1.0 - self.beta1, out=work)
        greatest *= self.beta2
        np.maximum(greatest, np.abs(grad, out=work), out=greatest)
        np.maximum(greatest, np.finfo(weight.dtype).tiny, out=work)
        np.divide(mean, work, out=work)
        work *= lr / (1.0 - self.beta1**t)
        np.subtract(weight, work, out=out)
