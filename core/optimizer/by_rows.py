"""Optimizers' steps as operators on row_sparse gradients: `mx.nd.sparse.sgd_update` and its like.

A step changes the gradient's rows alone, of the weight and of the states, each dense or row_sparse; with
lazy_update=False all rows, as if the gradient were dense.  The new weight is the result, in the weight's storage.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, MXLError, ShapeError
from ..handle import new
from ..ndarray import NDArray
from ..op import REQUIRED, Op
from ..sparse.arrays import RowSparseNDArray
from ..sparse.kernels import kernel
from . import operators
from .adagrad import AdaGrad

LAZY = (
    operators.sgd_update, operators.sgd_mom_update, operators.mp_sgd_update, operators.mp_sgd_mom_update,
    operators.adam_update, operators.ftrl_update, operators.group_adagrad_update,
)  # fmt: skip


def _declare(op: Op) -> None:
    @kernel(op.name)
    def apply(arrays: Sequence[Any], params: dict[str, Any]) -> Any:
        weight, grad, *states = arrays
        if not isinstance(grad, RowSparseNDArray):
            if any(isinstance(state, RowSparseNDArray) for state in states):
                raise MXLError(f"{op.name}: row_sparse states go with a row_sparse gradient, this one is {grad.stype}")
            return NotImplemented
        return _by_rows(
            op.name, weight, grad, states, lambda w, g, s: op.quiet(w, g, *s, **params), params.get("lazy_update", True)
        )


for _op in LAZY:
    _declare(_op)


def _by_rows(name: str, weight: Any, grad: RowSparseNDArray, states: Sequence[Any], step: Any, lazy: bool) -> Any:
    """The new weight; step(weight, gradient, states) -> new weight is given the rows, and writes into the states."""
    for other in (grad, *states):
        if other.shape[:1] != weight.shape[:1]:
            raise ShapeError(f"{name}: weight is {list(weight.shape)}, beside it came {list(other.shape)}: all must "
                             f"have as many rows")  # fmt: skip
    ids, rows = grad._rows() if lazy else (slice(None), grad._dense())
    whole = [weight._dense() if weight.sparse else weight._read().copy()]
    whole += [state._dense() if state.sparse else state._for_write() for state in states]
    some = [buffer[ids] for buffer in whole]
    some[0] = step(some[0], rows, some[1:])
    for buffer, piece in zip(whole, some, strict=True):
        buffer[ids] = piece
    for state, buffer in zip(states, whole[1:], strict=True):
        if state.sparse:
            state[:] = new(NDArray, buffer, state._ctx)
    result = new(NDArray, whole[0], weight._ctx)
    return result.tostype(weight.stype) if weight.sparse else result


def adagrad_update(
    weight: NDArray, grad: RowSparseNDArray, history: NDArray, lr: Any = REQUIRED, epsilon: float = 1e-7,
    wd: float = 0.0, rescale_grad: float = 1.0, clip_gradient: float = -1.0, out: Any = None, name: str | None = None,
) -> NDArray:  # fmt: skip
    """A step of AdaGrad on the rows of a row_sparse gradient; history changes in place.  [...] three times -> [...]

    Raises MXLError for a gradient of another storage, and for weight decay, as MXNet.
    """
    if lr is REQUIRED:
        raise ArgumentError("adagrad_update: required argument 'lr' is missing")
    if not isinstance(grad, RowSparseNDArray):
        raise MXLError("adagrad_update takes a row_sparse gradient; for a dense one there is mx.optimizer.AdaGrad")
    if wd:
        raise MXLError(f"adagrad_update: wd is {wd}; weight decay is not supported, leave it 0")
    optimizer = AdaGrad(
        eps=operators.single(epsilon), clip_gradient=operators.single(clip_gradient) if clip_gradient > 0 else None
    )

    def step(w: Any, g: Any, states: Any) -> Any:
        new_rows = np.empty_like(w)
        optimizer.step(w, g * w.dtype.type(rescale_grad), states, new_rows, lr=operators.single(lr), wd=0.0, t=1)
        return new_rows

    result = _by_rows("adagrad_update", weight, grad, [history], step, True)
    if out is None:
        return result
    result.copyto(out)
    return out
