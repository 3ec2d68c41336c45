"""Nadam: Adam with Nesterov's momentum."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from .base import Optimizer, State, register
from .blocks import scratch


@register
class Nadam(Optimizer):
    """Adam whose mean looks one step ahead, with momentum beta1 (1 - 0.5 * 0.96**(t schedule_decay))   (Dozat 2016).

    MXNet keeps one product of the schedule for all weights together, which runs away with the number of weights; here
    each weight has its own, which is what MXNet computes for one weight.
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        schedule_decay: float = 0.004,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.schedule_decay = schedule_decay

    def new_state(self, weight: np.ndarray) -> State:
        return np.zeros_like(weight), np.zeros_like(weight)

    def step(
        self, weight: np.ndarray, grad: np.ndarray, state: State, out: np.ndarray, *, lr: float, wd: float, t: int
    ) -> None:
        mean, var = state
        work, ahead = scratch(weight), scratch(weight, 2)
        grad = self._decayed(weight, grad, wd)
        momentum, momentum_next = (_momentum(self.beta1, self.schedule_decay, at) for at in (t, t + 1))
        product = _product(self.beta1, self.schedule_decay, t)
        mean *= self.beta1
        mean += np.multiply(grad, 1.0 - self.beta1, out=work)
        var *= self.beta2
        np.multiply(grad, grad, out=work)
        work *= 1.0 - self.beta2
        var += work
        np.multiply(grad, (1.0 - momentum) / (1.0 - product), out=ahead)
        ahead += np.multiply(mean, momentum_next / (1.0 - product * momentum_next), out=work)
        np.sqrt(np.divide(var, 1.0 - self.beta2**t, out=work), out=work)
        work += self.epsilon
        ahead /= work
        ahead *= lr
        np.subtract(weight, ahead, out=out)


def _momentum(beta1: float, decay: float, t: int) -> float:
    return beta1 * (1.0 - 0.5 * 0.96 ** (t * decay))


_products: dict[tuple[float, float], tuple[int, float]] = {}


@lru_cache(maxsize=1024)
def _product(beta1: float, decay: float, t: int) -> float:
    """The momenta of steps 1..t multiplied."""
    start, product = _products.get((beta1, decay), (0, 1.0))
    if start > t:
        start, product = 0, 1.0
    for at in range(start + 1, t + 1):
        product *= _momentum(beta1, decay, at)
    _products[beta1, decay] = t, product
    return product
