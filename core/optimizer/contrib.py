"""`mx.optimizer.contrib`: GroupAdaGrad, an AdaGrad with one history for each row of a table."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..errors import Mismatch, RefusedSetting
from .base import Optimizer, State, register
from .blocks import scratch

__all__ = ["GroupAdaGrad"]


@register
class GroupAdaGrad(Optimizer):
    """h <- h + mean over the row of g**2;   w <- w - lr g / sqrt(h + eps)   (Duchi et al. 2011), for [rows, columns].

    There is no weight decay: RefusedSetting (an AssertionError) for another wd than 0.
    """

    scope: ClassVar[str] = "row"

    lazy_update = True  # a row_sparse gradient changes its rows alone

    def __init__(self, eps: float = 1e-5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.eps = eps

    @property
    def float_stable_eps(self) -> float:
        """MXNet's name of eps."""
        return self.eps

    def new_state(self, weight: np.ndarray) -> State:
        if weight.ndim != 2:
            raise Mismatch(f"GroupAdaGrad: the weight is {list(weight.shape)}; it must have rows and columns")
        return (np.zeros((weight.shape[0], 1), weight.dtype),)

    def step(
        self, weight: np.ndarray, grad: np.ndarray, state: State, out: np.ndarray, *, lr: float, wd: float, t: int
    ) -> None:
        if wd:
            raise RefusedSetting(f"GroupAdaGrad: wd is {wd}; weight decay is not supported, leave it 0")
        (history,) = state
        grad = self._clipped(grad)
        work = np.multiply(grad, grad, out=scratch(weight))
        history += work.mean(axis=1, keepdims=True)
        np.multiply(grad, lr, out=work)
        work /= np.sqrt(history + weight.dtype.type(self.eps))
        np.subtract(weight, work, out=out)
