"""DCASGD: SGD for late gradients, which corrects each for what the weight has moved since."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ndarray import NDArray
from .base import Optimizer, State, register
from .blocks import scratch


@register
class DCASGD(Optimizer):
    """v <- momentum v - lr (g + wd w + lamda g**2 (w - w'));   w' <- w;   w <- w + v   (Zheng et al. 2016,
    arXiv:1609.08326), where w' is the weight before the last update.
    """

    def __init__(self, momentum: float = 0.0, lamda: float = 0.04, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.momentum = momentum
        self.lamda = lamda

    def create_state(self, index: Any, weight: NDArray) -> Any:
        """MXNet's form: (velocity, the weight before), the first None without momentum."""
        made = super().create_state(index, weight)
        return (None, made) if isinstance(made, NDArray) else made

    def new_state(self, weight: np.ndarray) -> State:
        return (np.zeros_like(weight), weight.copy()) if self.momentum else (weight.copy(),)

    def step(
        self, weight: np.ndarray, grad: np.ndarray, state: State, out: np.ndarray, *, lr: float, wd: float, t: int
    ) -> None:
        *velocity, before = state
        change, work = scratch(weight), scratch(weight, 1)
        grad = self._clipped(grad)
        np.subtract(weight, before, out=change)
        change *= np.multiply(grad, grad, out=work)
        change *= self.lamda
        change += grad
        if wd:
            change += np.multiply(weight, wd, out=work)
        change *= -lr
        if velocity:
            velocity[0] *= self.momentum
            velocity[0] += change
            change = velocity[0]
        before[...] = weight
        np.add(weight, change, out=out)
