"""RMSProp: rates from a running mean of squared gradients, centered or not."""

from __future__ import annotations

from typing import Any

import numpy as np

from .base import Optimizer, State, register
from .blocks import complement, scratch


@register
class RMSProp(Optimizer):
    """n <- gamma1 n + (1 - gamma1) g**2;   w <- w - lr g / sqrt(n + epsilon)   (Tieleman and Hinton 2012), g with
    weight decay inside.  centered: the mean's square is taken off n and the step has momentum gamma2 (Graves 2013).

    clip_weights: weights are cut to [-c, c] after the step.
    """

    always_tuple = True

    def __init__(
        self,
        learning_rate: float = 0.001,
        gamma1: float = 0.9,
        gamma2: float = 0.9,
        epsilon: float = 1e-8,
        centered: bool = False,
        clip_weights: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.gamma1 = gamma1
        self.gamma2 = gamma2
        self.epsilon = epsilon
        self.centered = centered
        self.clip_weights = clip_weights

    def new_state(self, weight: np.ndarray) -> State:
        return tuple(np.zeros_like(weight) for _ in range(3 if self.centered else 1))

    def step(
        self, weight: np.ndarray, grad: np.ndarray, state: State, out: np.ndarray, *, lr: float, wd: float, t: int
    ) -> None:
        squares = state[0]
        work = scratch(weight)
        grad = self._decayed(weight, grad, wd)
        squares *= self.gamma1
        np.multiply(grad, grad, out=work)
        work *= complement(self.gamma1, weight)
        squares += work
        if self.centered:
            _, mean, delta = state
            mean *= self.gamma1
            mean += np.multiply(grad, complement(self.gamma1, weight), out=work)
            np.multiply(mean, mean, out=work)
            np.subtract(squares, work, out=work)
            work += self.epsilon
            np.sqrt(work, out=work)
            np.divide(grad, work, out=work)
            work *= lr
            delta *= self.gamma2
            delta -= work
            np.add(weight, delta, out=out)
        else:
            np.sqrt(np.add(squares, self.epsilon, out=work), out=work)
            np.divide(grad, work, out=work)
            work *= lr
            np.subtract(weight, work, out=out)
        if self.clip_weights:
            np.clip(out, -self.clip_weights, self.clip_weights, out=out)
