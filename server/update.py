"""The update of one shard: sum the ranks' gradients and take the optimizer's step, block by block, within the cache.

Pure numerics on flat arrays; reads the published weight, writes the next version's buffer and the optimizer's state.
The sum is formed in the order in which the contributions come (the caller's: by rank), each scaled as it enters, so
that the bits depend on the ranks' values alone and not on who came first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..core.optimizer.base import Optimizer
from ..core.optimizer.lazy import apply_rows
from ..kvstore.rows import Rows, add_rows, spread
from .clocks import Contribution

Array = np.ndarray[Any, Any]
BLOCK_BYTES = 1 << 17  # weight, next weight, sum, one gradient and two states of a block: 768 KB, inside a core's L2


def total_samples(contributions: list[Contribution]) -> float:
    """What the sum is divided by: the batch over all ranks where `samples` travel with the gradients, else 1."""
    return sum(c.samples for c in contributions) or 1.0


def sum_of_rows(contributions: list[Contribution]) -> Rows | None:
    """The scaled sum of contributions that are all rows; None where one is dense, and so the sum."""
    terms = [(c.gradient, c.scale) for c in contributions if isinstance(c.gradient, Rows)]
    return add_rows(terms, total_samples(contributions)) if len(terms) == len(contributions) else None


def all_dense(contributions: list[Contribution], like: Array) -> list[Contribution]:
    """The same sum from dense contributions: rows are zero elsewhere."""
    rows = sum_of_rows(contributions)
    if rows is not None:
        return [replace(contributions[0], gradient=spread(rows, like), scale=1.0, samples=0.0)]
    return [replace(c, gradient=spread(c.gradient, like)) if isinstance(c.gradient, Rows) else c for c in contributions]


def add_up(contributions: list[Contribution], start: int, stop: int, total: Array, scratch: Array) -> Array:
    """Elements [start, stop) of the scaled sum, in `total`, or the gradient itself if there is nothing to compute."""
    first, *others = contributions
    one = total.dtype.type
    piece = _dense(first)[start:stop]
    divisor = total_samples(contributions)
    if not others and first.scale == 1.0 and divisor == 1.0:
        return piece
    if first.scale == 1.0:
        np.copyto(total, piece)
    else:
        np.multiply(piece, one(first.scale), out=total)
    for c in others:
        piece = _dense(c)[start:stop]
        if c.scale != 1.0:
            piece = np.multiply(piece, one(c.scale), out=scratch)
        np.add(total, piece, out=total)
    if divisor != 1.0:
        np.multiply(total, one(1.0 / divisor), out=total)
    return total


@np.errstate(all="ignore")  # an overflow is the training's affair, not a warning on a server's stderr
def assign(contributions: list[Contribution], out: Array) -> None:
    """Without an optimizer the value becomes the sum."""
    for start, stop, total, scratch in _blocks(out):
        np.copyto(out[start:stop], add_up(contributions, start, stop, total, scratch))


@np.errstate(all="ignore")
def step(
    optimizer: Optimizer,
    contributions: list[Contribution],
    weight: Array,
    state: tuple[Array, ...],
    out: Array,
    *,
    lr: float,
    wd: float,
    t: int,
) -> None:
    """One optimizer step with the sum: reads `weight`, writes `out` and `state`.

    They are flat, but for an optimizer that needs whole rows or keys, which has them in their shape.
    """
    if optimizer.scope != "element" or (optimizer.multi_precision and weight.dtype == np.float16):
        # In one piece.  (The float32 weight of multi_precision is in the state; the optimizer knows how.)
        total = np.empty(weight.size, weight.dtype)
        gradient = add_up(contributions, 0, weight.size, total, np.empty_like(total))
        optimizer.apply(weight, gradient.reshape(weight.shape), state, out, lr=lr, wd=wd, t=t)
        return
    for start, stop, total, scratch in _blocks(weight):
        gradient = add_up(contributions, start, stop, total, scratch)
        pieces = tuple(s[start:stop] for s in state)
        optimizer.step(weight[start:stop], gradient, pieces, out[start:stop], lr=lr, wd=wd, t=t)


def step_rows(
    optimizer: Optimizer, rows: Rows, weight: Array, state: tuple[Array, ...], *, lr: float, wd: float, t: int
) -> None:
    """One optimizer step of these rows of `weight`, [R, W], and of the states, in place."""
    if not len(rows.ids):
        return
    states = tuple([s.reshape(len(weight), -1) for s in state])
    apply_rows(optimizer, rows.ids, rows.rows, weight, states, lr=lr, wd=wd, t=t)


def _dense(contribution: Contribution) -> Array:
    gradient = contribution.gradient
    assert isinstance(gradient, np.ndarray)
    return gradient


def _blocks(like: Array) -> list[tuple[int, int, Array, Array]]:
    size = max(1, BLOCK_BYTES // like.itemsize)
    total, scratch = np.empty((2, min(size, like.size)), like.dtype)
    return [
        (start, stop, total[: stop - start], scratch[: stop - start])
        for start in range(0, like.size, size)
        for stop in (min(start + size, like.size),)
    ]
