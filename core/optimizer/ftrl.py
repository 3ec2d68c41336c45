"""Ftrl: follow the regularised leader, for sparse linear models."""

from __future__ import annotations

from typing import Any

import numpy as np

from .base import Optimizer, State, register
from .blocks import scratch


@register
class Ftrl(Optimizer):
    """z <- z + g - (sqrt(n + g**2) - sqrt(n)) / lr w;   n <- n + g**2;
    w <- 0 where |z| <= lamda1, else (sign(z) lamda1 - z) / ((beta + sqrt(n)) / lr + wd)   (McMahan et al. 2013)."""

    lazy_update = True  # a row_sparse gradient changes its rows alone

    def __init__(self, lamda1: float = 0.01, learning_rate: float = 0.1, beta: float = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lr = learning_rate  # a schedule keeps its own base_lr, as in MXNet
        self.lamda1 = lamda1
        self.beta = beta

    def new_state(self, weight: np.ndarray) -> State:
        return np.zeros_like(weight), np.zeros_like(weight)

    def step(
        self, weight: np.ndarray, grad: np.ndarray, state: State, out: np.ndarray, *, lr: float, wd: float, t: int
    ) -> None:
        z, n = state
        grad = self._clipped(grad)
        work, root = scratch(weight), scratch(weight, 1)
        np.sqrt(n, out=root)
        n += np.multiply(grad, grad, out=work)
        np.sqrt(n, out=work)
        np.subtract(work, root, out=root)
        root *= weight
        root /= lr
        z += grad
        z -= root
        work += self.beta
        work /= lr
        work += wd
        np.sign(z, out=root)
        root *= self.lamda1
        root -= z
        root /= work
        np.abs(z, out=work)
        np.multiply(root, work > self.lamda1, out=out)
