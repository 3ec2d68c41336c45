"""LBSGD: SGD for large batches, made of several small ones, with a rate that warms up or follows the weights."""

from __future__ import annotations

import logging
import math
from typing import Any

import numpy as np

from ..errors import InvalidSetting
from .base import Optimizer, State, register
from .blocks import scratch

STRATEGIES = ("linear", "power2", "sqrt", "lars")


@register
class LBSGD(Optimizer):
    """SGD on the mean of each `batch_scale` gradients, with lr multiplied by what `warmup_strategy` says.

    linear, power2, sqrt: from 1 up to batch_scale over warmup_epochs * updates_per_epoch updates.  lars: by
    sqrt(|w|**2 / (|g|**2 + wd |w|**2)) within [0.01, 100], g being scaled.  begin_epoch: where the warm-up is taken up.
    """

    master_last = True

    def __init__(
        self,
        momentum: float = 0.0,
        multi_precision: bool = False,
        warmup_strategy: str = "linear",
        warmup_epochs: int = 5,
        batch_scale: int = 1,
        updates_per_epoch: int = 32,
        begin_epoch: int = 0,
        num_epochs: int = 60,
        **kwargs: Any,
    ) -> None:
        super().__init__(multi_precision=multi_precision, **kwargs)
        if batch_scale < 1:
            raise InvalidSetting(f"optimizer 'lbsgd': batch_scale is {batch_scale}; it must be 1 or more")
        logging.info("Running Large-Batch SGD Algorithm")
        logging.info("(Batch_scale=%f, warmup_epochs=%d, warmup_strategy=%s, updates_per_epoch=%d)",
                     batch_scale, warmup_epochs, warmup_strategy, updates_per_epoch)  # fmt: skip
        self.momentum = momentum
        self.warmup_strategy = warmup_strategy
        self.warmup_epochs = warmup_epochs
        self.batch_scale = batch_scale
        self.updates_per_epoch = updates_per_epoch
        self.begin_epoch = begin_epoch
        self.num_epochs = num_epochs

    @property
    def scope(self) -> str:  # type: ignore[override]  # the base's is the class's; here it depends on the strategy
        """'key' where the rate follows the weight's length."""
        return "key" if self.warmup_strategy == "lars" else "element"

    @property
    def lazy_update(self) -> bool:
        """Where each gradient is a step of its own a row_sparse one changes its rows alone, as in MXNet."""
        return self.batch_scale == 1

    def new_state(self, weight: np.ndarray) -> State:
        """The velocity, where there is momentum, and the sum of the gradients of a batch, where it is of several."""
        arrays = bool(self.momentum) + (self.batch_scale > 1)
        return tuple([np.zeros_like(weight) for _ in range(arrays)])

    def step(
        self, weight: np.ndarray, grad: np.ndarray, state: State, out: np.ndarray, *, lr: float, wd: float, t: int
    ) -> None:
        if len(state) != bool(self.momentum) + (self.batch_scale > 1):
            raise InvalidSetting(
                "optimizer 'lbsgd': momentum cannot be taken up or dropped, nor batch_scale, once it has begun to train"
            )
        taken = self.begin_epoch * self.updates_per_epoch + t
        if self.batch_scale > 1:
            total = state[-1]
            total += grad
            if taken % self.batch_scale:
                out[...] = weight
                return
            grad = np.multiply(total, 1.0 / self.batch_scale, out=scratch(weight, 2))
            total.fill(0)
        rate = lr * self._multiple(weight, grad, wd, taken)
        change = np.multiply(self._clipped(grad), rate, out=scratch(weight))
        if wd:
            change += np.multiply(weight, rate * wd, out=scratch(weight, 1))
        if self.momentum:
            velocity = state[0]
            velocity *= self.momentum
            velocity -= change
            np.add(weight, velocity, out=out)
        else:
            np.subtract(weight, change, out=out)

    def _multiple(self, weight: np.ndarray, grad: np.ndarray, wd: float, taken: int) -> float:
        """What the rate is multiplied by at this update."""
        if self.warmup_strategy == "lars":
            of_weight, of_grad = float((weight * weight).sum()), float((grad * grad).sum())
            return min(max(math.sqrt(of_weight / (of_grad + wd * of_weight + 1e-18)), 0.01), 100.0)
        last = self.warmup_epochs * self.updates_per_epoch
        if taken >= last:
            return float(self.batch_scale)
        if last <= 1 or self.warmup_strategy not in STRATEGIES:
            return 1.0
        share = {"linear": taken / last, "power2": (taken / last) ** 2, "sqrt": math.sqrt(taken / last)}
        return 1.0 + (self.batch_scale - 1) * share[self.warmup_strategy]
