"""Test: the simplest optimizer, for tests of stores."""

from __future__ import annotations

import numpy as np

from .base import Optimizer, State, register


@register
class Test(Optimizer):
    """w <- w + g; its state is the new weight.  No learning rate has a part in it."""

    __test__ = False  # a class named Test is no test case

    def new_state(self, weight: np.ndarray) -> State:
        return (np.zeros_like(weight),)

    def step(
        self, weight: np.ndarray, grad: np.ndarray, state: State, out: np.ndarray, *, lr: float, wd: float, t: int
    ) -> None:
        np.add(weight, grad, out=out)
        state[0][...] = out
