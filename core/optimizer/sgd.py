"""SGD: stochastic gradient descent, with momentum and weight decay."""

from __future__ import annotations

from typing import Any

import numpy as np

from .base import Optimizer, State, register
from .blocks import scratch


@register
class SGD(Optimizer):
    """w <- w - (lr g + lr wd w);   with momentum  v <- momentum v - lr wd w - lr g,  w <- w + v.

    The rate is inside v, as in MXNet.  lazy_update: for row_sparse gradients, update only the rows that they hold;
    dense gradients are the same either way.
    """

    master_last = True
    aggregate_num: int = 4

    def __init__(self, momentum: float = 0.0, lazy_update: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.momentum = momentum
        self.lazy_update = lazy_update

    def new_state(self, weight: np.ndarray) -> State:
        return (np.zeros_like(weight),) if self.momentum else ()

    def step(
        self, weight: np.ndarray, grad: np.ndarray, state: State, out: np.ndarray, *, lr: float, wd: float, t: int
    ) -> None:
        decay = weight.dtype.type(lr) * weight.dtype.type(wd)
        change = np.multiply(self._clipped(grad), lr, out=scratch(weight))
        if not state:
            if wd:
                change += np.multiply(weight, decay, out=scratch(weight, 1))
            np.subtract(weight, change, out=out)
            return
        (velocity,) = state
        velocity *= self.momentum
        if wd:
            velocity -= np.multiply(weight, decay, out=scratch(weight, 1))
        velocity -= change
        np.add(weight, velocity, out=out)


@register
class ccSGD(SGD):
    """MXNet's older name of SGD."""
