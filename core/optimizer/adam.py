"""Adam: rates from the first two moments of the gradient."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .base import Optimizer, State, register
from .blocks import complement, scratch


@register
class Adam(Optimizer):
    """m <- beta1 m + (1 - beta1) g;   v <- beta2 v + (1 - beta2) g**2;   w <- w - lr_t m / (sqrt(v) + epsilon),
    lr_t = lr sqrt(1 - beta2**t) / (1 - beta1**t), and g with weight decay inside, cut after it   (Kingma and Ba 2014).

    lazy_update: for row_sparse gradients, update only the rows that they hold; dense gradients are the same either way.
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        lazy_update: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.lazy_update = lazy_update

    def new_state(self, weight: np.ndarray) -> State:
        return np.zeros_like(weight), np.zeros_like(weight)

    def step(
        self, weight: np.ndarray, grad: np.ndarray, state: State, out: np.ndarray, *, lr: float, wd: float, t: int
    ) -> None:
        mean, var = state
        rate = lr * math.sqrt(1.0 - self.beta2**t) / (1.0 - self.beta1**t)
        work = scratch(weight)
        grad = self._decayed(weight, grad, wd)
        mean *= self.beta1
        mean += np.multiply(grad, complement(self.beta1, weight), out=work)
        var *= self.beta2
        np.multiply(grad, grad, out=work)
        work *= complement(self.beta2, weight)
        var += work
        np.sqrt(var, out=work)
        work += self.epsilon
        np.divide(mean, work, out=work)
        work *= rate
        np.subtract(weight, work, out=out)
