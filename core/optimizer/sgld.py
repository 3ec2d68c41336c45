"""SGLD: SGD with noise, which draws weights from their posterior in place of finding the best."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import random
from .base import Optimizer, register


@register
class SGLD(Optimizer):
    """w <- w - lr / 2 (g + wd w) + n,   n normal with variance lr   (Welling and Teh 2011).

    The noise is drawn from this process's `mx.random`, MXNet's digits; so this optimizer has no pure step, and it
    runs where the weights are: in the local stores, or with Trainer(update_on_kvstore=False).
    """

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """One update of a weight in place, or of each of a list."""
        if isinstance(index, (list, tuple)):
            for one in zip(index, weight, grad, state, strict=True):
                self.update(*one)
            return
        self._update_count(index)
        lr, wd = self._get_lr(index), self._get_wd(index)
        buffer = weight._for_write()
        with np.errstate(all="ignore"):
            change = self._clipped(grad._read() * buffer.dtype.type(self.rescale_grad)) + buffer * wd
            change *= -lr / 2
            buffer += change
        noise = random.normal(0, math.sqrt(lr), shape=weight.shape, dtype=np.dtype(weight.dtype).name, ctx=weight.ctx)
        weight += noise
