"""AdaGrad: each weight's rate falls with the squares of its gradients so far."""

from __future__ import annotations

from typing import Any

import numpy as np

from .base import Optimizer, State, register
from .blocks import scratch


@register
class AdaGrad(Optimizer):
    """h <- h + g**2;   w <- w - lr (g / sqrt(h + eps) + wd w)   (Duchi et al. 2011)."""

    lazy_update = True  # a row_sparse gradient changes its rows alone

    def __init__(self, eps: float = 1e-7, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.eps = eps

    @property
    def float_stable_eps(self) -> float:
        """MXNet's name of `eps`."""
        return self.eps

    def new_state(self, weight: np.ndarray) -> State:
        return (np.zeros_like(weight),)

    def step(
        self, weight: np.ndarray, grad: np.ndarray, state: State, out: np.ndarray, *, lr: float, wd: float, t: int
    ) -> None:
        (history,) = state
        grad = self._clipped(grad)
        work = scratch(weight)
        history += np.multiply(grad, grad, out=work)
        np.sqrt(np.add(history, self.eps, out=work), out=work)
        np.divide(grad, work, out=work)
        if wd:
            work += np.multiply(weight, wd, out=scratch(weight, 1))
        work *= lr
        np.subtract(weight, work, out=out)
