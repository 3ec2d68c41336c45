"""`mx.nd.contrib.hawkesll`: how likely events are under a self-exciting process (Hawkes 1971).

A function of operators, one step an event for all samples at once, so that its gradients are those of operators.  Only
the process's parameters have gradients: times and states, before and after, are constants, as in MXNet.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .creation import array
from .errors import Mismatch, NotAnArray, OutOfBounds
from .ndarray import NDArray
from .ops.arithmetic import broadcast_add, broadcast_mul
from .ops.unary import BlockGrad, exp, log

__all__ = ["hawkesll"]

_FORMS = {"lda": "[N, K]", "alpha": "[K]", "beta": "[K]", "state": "[N, K]", "lags": "[N, T]", "marks": "[N, T]",
          "valid_length": "[N]", "max_time": "[N]"}  # fmt: skip


def _check(arrays: dict[str, Any]) -> None:
    for key, x in arrays.items():
        if not isinstance(x, NDArray):
            raise NotAnArray(f"hawkesll: {key} must be an NDArray, not {type(x).__name__}")
    lda, lags = arrays["lda"].shape, arrays["lags"].shape
    sizes = {"N": lda[0] if lda else 0, "K": lda[-1] if lda else 0, "T": lags[-1] if lags else 0}
    for key, form in _FORMS.items():
        wanted = tuple(sizes[letter] for letter in form.strip("[]").split(", "))
        if arrays[key].shape != wanted:
            raise Mismatch(f"hawkesll: {key} is {list(arrays[key].shape)}: with lda {list(lda)} and lags {list(lags)} "
                           f"it must be {form}, {list(wanted)}")  # fmt: skip


def hawkesll(
    lda: NDArray, alpha: NDArray, beta: NDArray, state: NDArray, lags: NDArray, marks: NDArray, valid_length: NDArray,
    max_time: NDArray,
) -> list[NDArray]:  # fmt: skip
    """The logarithm of the likelihood of events of K kinds in 0 .. max_time, and the state at max_time.

    Events of kind k come at the rate lda + alpha * beta * state, and each adds 1 to its kind's state, which fades by
    exp(-beta * time).  lda: [N, K]; alpha, beta: [K]; state: [N, K], at time 0; lags: [N, T], the time since the event
    before; marks: [N, T], their kinds, of which valid_length count; valid_length, max_time: [N] -> [[N], [N, K]].

    Gradients are those of the likelihood by lda, alpha and beta.  Raises Mismatch for other shapes, OutOfBounds for
    marks that are no kinds.
    """
    _check({"lda": lda, "alpha": alpha, "beta": beta, "state": state, "lags": lags, "marks": marks,
            "valid_length": valid_length, "max_time": max_time})  # fmt: skip
    n, kinds = lda.shape
    kind = lda.dtype
    counts, ends = valid_length.asnumpy(), max_time.asnumpy().astype(kind)
    which, times = marks.asnumpy().astype(np.int64), np.cumsum(lags.asnumpy().astype(kind), axis=1)
    counted = np.arange(which.shape[1]) < counts[:, None]
    if (counted & ((which < 0) | (which >= kinds))).any():
        raise OutOfBounds(f"hawkesll: marks has {which.min()} .. {which.max()}, there are {kinds} kinds")
    state, last = BlockGrad(state), np.zeros((n, kinds), kind)
    total = lda.zeros_like().sum(axis=1)
    excited = alpha * beta

    def constant(values: Any) -> NDArray:
        return array(values, ctx=lda.ctx, dtype=kind)

    def since(time: Any) -> tuple[NDArray, NDArray]:
        """What remains of the state at a time, and how many events were to be expected since each kind's last one."""
        d = constant(time[:, None] - last)
        faded = state * exp(broadcast_mul(d, -beta))
        return faded, lda * d + broadcast_mul(state - faded, alpha)

    for step in range(which.shape[1]):
        now = (np.arange(kinds) == which[:, step, None]) & counted[:, step, None]
        if not now.any():
            break
        faded, expected = since(times[:, step])
        happened = constant(now)
        rate = broadcast_add(lda, broadcast_mul(faded, excited))
        total = total + (happened * (log(rate) - expected)).sum(axis=1)
        state = happened * (faded + 1) + (1 - happened) * state
        last = np.where(now, times[:, step, None], last)
    faded, expected = since(ends)
    return [total - expected.sum(axis=1), BlockGrad(faded)]
