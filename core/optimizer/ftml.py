"""FTML: follow the moving leader."""

from __future__ import annotations

from typing import Any

import numpy as np

from .base import Optimizer, State, register
from .blocks import complement, scratch


@register
class FTML(Optimizer):
    """v <- beta2 v + (1 - beta2) g**2;   d' = (1 - beta1**t) / lr (sqrt(v / (1 - beta2**t)) + epsilon); z <- beta1 z +
    (1 - beta1) g - (d' - beta1 d) w;   d <- d';   w <- -z / d   (Zheng and Kwok 2017), g with weight decay."""

    def __init__(self, beta1: float = 0.6, beta2: float = 0.999, epsilon: float = 1e-8, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon

    def new_state(self, weight: np.ndarray) -> State:
        return np.zeros_like(weight), np.zeros_like(weight), np.zeros_like(weight)

    def step(
        self, weight: np.ndarray, grad: np.ndarray, state: State, out: np.ndarray, *, lr: float, wd: float, t: int
    ) -> None:
        d, v, z = state
        work, scale = scratch(weight), scratch(weight, 2)
        grad = self._decayed(weight, grad, wd)
        v *= self.beta2
        np.multiply(grad, grad, out=work)
        work *= complement(self.beta2, weight)
        v += work
        np.divide(v, complement(weight.dtype.type(self.beta2) ** t, weight), out=scale)
        np.sqrt(scale, out=scale)
        scale += self.epsilon
        scale *= complement(weight.dtype.type(self.beta1) ** t, weight) / weight.dtype.type(lr)
        d *= -self.beta1
        d += scale  # sigma: how much the leader's scale grew
        d *= weight
        z *= self.beta1
        z += np.multiply(grad, complement(self.beta1, weight), out=work)
        z -= d
        d[...] = scale
        np.divide(z, d, out=out)
        np.negative(out, out=out)
