"""LAMB: Adam whose step is measured by the weight's own length, layer by layer; for large batches."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from .base import Optimizer, State, register
from .blocks import complement, scratch


@register
class LAMB(Optimizer):
    """m, v as in Adam, without its correction where bias_correction=False;   u = m / (sqrt(v) + epsilon) + wd w;
    w <- w - lr |w| / |u| u   (You et al. 2020, arXiv:1904.00962).

    |w| is held within [lower_bound, upper_bound] where they are given; where |w| or |u| is 0, their ratio is 1.
    """

    scope: ClassVar[str] = "key"
    aggregate_num: int = 45

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-6,
        lower_bound: float | None = None,
        upper_bound: float | None = None,
        bias_correction: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.lower_bound = lower_bound
        self.upper_bound = upper_bound
        self.bias_correction = bias_correction

    def new_state(self, weight: np.ndarray) -> State:
        return np.zeros_like(weight), np.zeros_like(weight)

    def step(
        self, weight: np.ndarray, grad: np.ndarray, state: State, out: np.ndarray, *, lr: float, wd: float, t: int
    ) -> None:
        mean, var = state
        update, work = scratch(weight), scratch(weight, 1)
        grad = self._clipped(grad)
        mean *= self.beta1
        mean += np.multiply(grad, complement(self.beta1, weight), out=work)
        var *= self.beta2
        np.multiply(grad, grad, out=work)
        work *= complement(self.beta2, weight)
        var += work
        np.copyto(work, var)
        np.copyto(update, mean)
        if self.bias_correction:
            work /= 1.0 - self.beta2**t
            update /= 1.0 - self.beta1**t
        np.sqrt(work, out=work)
        work += self.epsilon
        update /= work
        if wd:
            update += np.multiply(weight, wd, out=work)
        update *= lr * self._trust(length(weight), length(update))
        np.subtract(weight, update, out=out)

    def _trust(self, of_weight: float, of_update: float) -> float:
        """How long a step the weight can take, over the length of the update."""
        if self.lower_bound:
            of_weight = max(of_weight, self.lower_bound)
        if self.upper_bound:
            of_weight = min(of_weight, self.upper_bound)
        return of_weight / of_update if of_weight and of_update else 1.0


def length(array: np.ndarray) -> float:
    """The Euclidean length of all elements, summed in float64 in one order on every machine."""
    flat = array.reshape(-1).astype(np.float64)
    return math.sqrt(float(np.add.reduce(flat * flat)))
