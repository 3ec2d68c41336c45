"""Lazy updates: a step on those rows of a weight alone that a row_sparse gradient has.

What the other rows would have from a gradient of zero, decay and momentum, they go without, as in MXNet.  An optimizer
whose step of some rows needs more of the weight (LARS: its length) is shown the whole before, by `begin_rows(weight)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .base import Optimizer

Array = np.ndarray[Any, Any]


def is_lazy(optimizer: Optimizer) -> bool:
    """Whether a gradient of some rows changes these rows alone."""
    by_rows = optimizer.scope != "key" or hasattr(optimizer, "begin_rows")
    return by_rows and bool(getattr(optimizer, "lazy_update", False))


def apply_rows(
    optimizer: Optimizer, ids: Array, rows: Array, weight: Array, state: tuple[Array, ...], *, lr: float, wd: float,
    t: int, scale: float = 1.0,
) -> None:  # fmt: skip
    """One step of rows `ids` of `weight`, [R, ...], and of its states, in place.  rows: [len(ids), ...]"""
    if not len(ids):
        return
    begin: Any = getattr(optimizer, "begin_rows", None)
    if begin is not None:
        begin(weight)
    some, some_states = weight[ids], tuple([s[ids] for s in state])
    optimizer.apply(some, rows.reshape(some.shape), some_states, some, lr=lr, wd=wd, t=t, scale=scale)
    weight[ids] = some
    for whole, piece in zip(state, some_states, strict=True):
        whole[ids] = piece
