"""MXNet's calls on top of the pure step: `create_state`, `update` and their multi-precision forms, on NDArrays.

MXNet's form of a state is kept: None for no array, an NDArray for one, a tuple for several; in multi precision the
float32 weight beside it.  Lists of weights are taken everywhere.  A user's own optimizer may override any of these.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..errors import ArgumentError, DtypeError, ShapeError
from ..handle import new
from ..ndarray import NDArray
from .lazy import apply_rows, is_lazy

if TYPE_CHECKING:
    from .base import Optimizer
    from .wire import Key


class MXNetUpdate:
    """The part of `Optimizer` that knows NDArrays."""

    always_tuple: ClassVar[bool] = False  # MXNet keeps even a single state array of this class in a tuple
    master_last: ClassVar[bool] = False  # MXNet keeps (state, float32 weight), not (float32 weight, state)

    def create_state(self: Any, index: Key, weight: NDArray) -> Any:
        """The state that this optimizer keeps for a weight, in MXNet's form; None if it keeps none."""
        arrays = tuple(new(NDArray, array, weight.ctx) for array in self.new_state(weight._read()))
        if self.always_tuple:
            return arrays
        return None if not arrays else arrays[0] if len(arrays) == 1 else arrays

    def create_state_multi_precision(self: Any, index: Key, weight: NDArray) -> Any:
        """`create_state`, with a float32 copy of a float16 weight where `multi_precision` was asked for."""
        if self._keeps_master(weight):
            master = weight.astype(np.float32)
            state = self.create_state(index, master)
            return (state, master) if self.master_last else (master, state)
        if weight.dtype == np.float16:
            warnings.warn(
                f"{type(self).__name__}: float16 weights lose the small steps of training; multi_precision=True keeps "
                f"them in float32 beside",
                UserWarning,
                stacklevel=2,
            )
        return self.create_state(index, weight)

    def update(self: Any, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """One update of a weight in place (or of each of a list), its count and rates looked after."""
        if not isinstance(index, (list, tuple)):
            index, weight, grad, state = [index], [weight], [grad], [state]
        self._update_count(index)
        for key, w, g, s in zip(index, weight, grad, state, strict=True):
            _check(self, key, w, g)
            flat = tuple(array._for_write() for array in arrays_of(s))
            lr, wd = self._get_lr(key), self._get_wd(key)
            if w.sparse or g.sparse:
                _update_sparse(self, w, g, flat, lr=lr, wd=wd, t=self._index_update_count[key])
                continue
            buffer = w._for_write()
            self.apply(
                buffer, g._read(), flat, buffer, lr=lr, wd=wd, t=self._index_update_count[key], scale=self.rescale_grad
            )

    def update_multi_precision(self: Any, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """`update`, where float16 weights in `multi_precision` are updated in float32 and copied back."""
        if isinstance(index, (list, tuple)):
            if any(self._keeps_master(w) for w in weight):
                for one in zip(index, weight, grad, state, strict=True):
                    self.update_multi_precision(*one)
            else:
                self.update(index, weight, grad, state)
        elif self._keeps_master(weight):
            inner, master = state if self.master_last else state[::-1]
            self.update(index, master, grad.astype(np.float32), inner)
            weight[:] = master.astype(weight.dtype)
        else:
            self.update(index, weight, grad, state)

    def _flat_state(self: Any, weight: NDArray, state: Any) -> list[NDArray]:
        """The arrays of a state in the order of the pure step, the float32 weight last."""
        arrays = list(arrays_of(state))
        if self._keeps_master(weight) and not self.master_last:
            arrays.append(arrays.pop(0))
        return arrays


def _update_sparse(optimizer: Any, weight: Any, grad: Any, state: Any, *, lr: float, wd: float, t: int) -> None:
    """One update where the weight or its gradient is row_sparse: of the gradient's rows alone where that is lazy."""
    buffer = weight._dense() if weight.sparse else weight._for_write()
    scale = optimizer.rescale_grad
    if grad.stype == "row_sparse" and is_lazy(optimizer):
        ids, rows = grad._rows()
        apply_rows(optimizer, ids, rows, buffer, state, lr=lr, wd=wd, t=t, scale=scale)
    else:
        optimizer.apply(buffer, grad._read(), state, buffer, lr=lr, wd=wd, t=t, scale=scale)
    if weight.sparse:
        weight._become(new(NDArray, buffer, weight._ctx).tostype(weight.stype))


def arrays_of(state: Any) -> Iterator[NDArray]:
    """The NDArrays of a state of any form, in order."""
    if isinstance(state, NDArray):
        yield state
    elif isinstance(state, (list, tuple)):
        for part in state:
            yield from arrays_of(part)
    elif state is not None:
        raise ArgumentError(
            f"an optimizer's state is made of NDArrays, tuples, lists and None, got {type(state).__name__}"
        )


def _check(optimizer: Optimizer, key: Key, weight: NDArray, grad: NDArray) -> None:
    if weight.shape != grad.shape:
        raise ShapeError(
            f"optimizer {type(optimizer).__name__!r}: weight {key!r} is {list(weight.shape)}, its gradient "
            f"{list(grad.shape)}: they must be equal"
        )
    if weight.dtype != grad.dtype:
        raise DtypeError(
            f"optimizer {type(optimizer).__name__!r}: weight {key!r} is {np.dtype(weight.dtype).name}, its gradient "
            f"{np.dtype(grad.dtype).name}: they must be equal; cast one with astype"
        )
