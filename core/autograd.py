"""autograd: recording what is computed, and gradients of it.  MXNet's `mx.autograd`.

    with autograd.record():
        loss = f(x)
    loss.backward()

Recording and training mode are per thread.  The walk itself is in tape.py; here are the scopes and the ways to ask.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from types import TracebackType
from typing import Any

import numpy as np

from . import tape
from .errors import ArgumentError, BadCall, DtypeError, GraphError, ShapeError
from .function import Function
from .handle import new
from .ndarray import NDArray
from .rowsum import RowSum, add, dense
from .tape import local

__all__ = [
    "Function", "backward", "get_symbol", "grad", "is_recording", "is_training", "mark_variables", "pause",
    "predict_mode", "record", "set_recording", "set_training", "train_mode",
]  # fmt: skip


# -- modes ----------------------------------------------------------------------------------------------------------


def set_recording(is_recording: bool) -> bool:
    """Switch recording on or off in this thread; returns what it was."""
    before, local.recording = local.recording, bool(is_recording)
    return before


def set_training(train_mode: bool) -> bool:
    """Switch training mode on or off in this thread; returns what it was."""
    before, local.training = local.training, bool(train_mode)
    return before


def is_recording() -> bool:
    """Whether this thread is recording."""
    return local.recording


def is_training() -> bool:
    """Whether this thread is in training mode (Dropout drops, BatchNorm uses the batch's statistics)."""
    return local.training


class _Scope:
    """Sets recording and training mode in `with`, and puts back what was; several threads may share one."""

    __slots__ = ("_recording", "_training")

    def __init__(self, recording: bool | None, training: bool | None) -> None:
        self._recording = recording
        self._training = training

    def __enter__(self) -> None:
        local.before.append((local.recording, local.training))
        if self._recording is not None:
            local.recording = self._recording
        if self._training is not None:
            local.training = self._training

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        local.recording, local.training = local.before.pop()

    def __call__(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        """As a decorator: each call of `fn` runs in this mode."""

        @functools.wraps(fn)
        def scoped(*args: Any, **kwargs: Any) -> Any:
            with self:
                return fn(*args, **kwargs)

        return scoped


def record(train_mode: bool = True) -> _Scope:
    """`with autograd.record():` records for gradients, in training mode (or not)."""
    return _Scope(True, train_mode)


def pause(train_mode: bool = False) -> _Scope:
    """`with autograd.pause():` inside record: compute something that gradients do not go through."""
    return _Scope(False, train_mode)


def train_mode() -> _Scope:
    """`with autograd.train_mode():` training mode without a change of recording."""
    return _Scope(None, True)


def predict_mode() -> _Scope:
    """`with autograd.predict_mode():` inference mode without a change of recording."""
    return _Scope(None, False)


# -- gradients ------------------------------------------------------------------------------------------------------


def mark_variables(variables: Any, gradients: Any, grad_reqs: Any = "write") -> None:
    """Let `gradients` be the gradient arrays of `variables`, with one grad_req or one for each.

    Raises UnknownName (a KeyError) for a grad_req other than 'write', 'add' and 'null'.
    """
    if isinstance(variables, NDArray):
        variables, gradients = [variables], [gradients]
    reqs = [grad_reqs] * len(variables) if isinstance(grad_reqs, str) else list(grad_reqs)
    if not len(variables) == len(gradients) == len(reqs):
        raise ArgumentError(
            f"mark_variables: {len(variables)} variables, {len(gradients)} gradients and {len(reqs)} grad_reqs came; "
            f"give one of each"
        )
    for variable, gradient, req in zip(variables, gradients, reqs, strict=True):
        if variable.shape != gradient.shape:
            raise ShapeError(
                f"mark_variables: the variable is {list(variable.shape)}, its gradient is {list(gradient.shape)}"
            )
        variable._node = tape.Leaf(gradient, req)


def _heads(heads: Any, head_grads: Any) -> tuple[list[NDArray], list[NDArray | None]]:
    heads = [heads] if isinstance(heads, NDArray) else heads
    head_grads = [head_grads] if isinstance(head_grads, NDArray) else head_grads
    arrays: list[NDArray] = list(heads)
    for head in arrays:
        if not isinstance(head, NDArray):
            raise ArgumentError(f"backward: heads must be NDArrays, not {type(head).__name__}")
    grads: list[NDArray | None] = [None] * len(arrays) if head_grads is None else list(head_grads)
    if len(grads) != len(arrays):
        raise BadCall(f"backward: {len(arrays)} heads and {len(grads)} head_grads came; give as many, or no head_grads")
    return arrays, grads


def _seeds(heads: list[NDArray], grads: list[NDArray | None]) -> tuple[list[Any], list[Any]]:
    """The tape nodes of the heads, and the gradients to begin with as numpy arrays."""
    nodes: list[Any] = []
    seeds: list[Any] = []
    for head, grad in zip(heads, grads, strict=True):
        node = tape.live(head._node)
        if node is None:
            raise GraphError(tape.NOT_IN_GRAPH)
        meta = head._meta()
        if grad is None:
            seed: Any = np.ones(meta.shape, meta.dtype)
        else:
            seed = grad._read()
            if seed.shape != meta.shape:
                raise ShapeError(f"backward: the head is {list(meta.shape)}, its gradient is {list(seed.shape)}")
            if seed.dtype != meta.dtype:
                raise DtypeError(f"backward: the head is {meta.dtype}, its gradient is {seed.dtype}; use astype first")
        nodes.append(node)
        seeds.append(seed)
    return nodes, seeds


class _Walking:
    """The modes while rules run: recording only for create_graph."""

    def __init__(self, recording: bool, training: bool) -> None:
        self._modes = (recording, training)

    def __enter__(self) -> None:
        self._before = (local.recording, local.training)
        local.recording, local.training = self._modes

    def __exit__(self, *exc: object) -> None:
        local.recording, local.training = self._before


def backward(heads: Any, head_grads: Any = None, retain_graph: bool = False, train_mode: bool = True) -> None:
    """Compute the gradients of `heads` (weighted with `head_grads`) into the variables' gradient arrays.

    The graph is freed, unless retain_graph.  Gradients of several heads add up.
    """
    arrays, grads = _heads(heads, head_grads)
    nodes, seeds = _seeds(arrays, grads)
    with _Walking(False, train_mode), np.errstate(all="ignore"):
        found, leaves = tape.walk(nodes, seeds, retain_graph, False)
        for leaf in leaves:
            if leaf.req == "null":
                continue
            _store_gradient(leaf, found.get(leaf))
            leaf.fresh = True


def _store_gradient(leaf: Any, g: Any) -> None:
    target = leaf.grad
    if target.sparse:
        _store_rows(target, g, leaf.req)
        return
    g = dense(g)
    if leaf.req == "add":
        if g is not None:
            buffer = target._for_write()
            np.add(buffer, g, out=buffer, casting="unsafe")
    else:
        buffer = target._for_write(keep=False)
        if g is None:
            buffer.fill(0)
        else:
            np.copyto(buffer, g, casting="unsafe")


def _store_rows(target: Any, g: Any, req: str) -> None:
    """A gradient into a row_sparse array."""
    if g is None:
        g = RowSum(np.empty(0, np.int64), np.empty((0, *target.shape[1:]), target.dtype), target.shape)
    elif not isinstance(g, RowSum):
        ids = np.flatnonzero(g.reshape(len(g), -1).any(axis=1))
        g = RowSum(ids, g[ids], g.shape)
    if req == "add":
        ids, rows = target._rows()
        g = add(RowSum(ids, rows, target.shape), g)
    target._set_rows(g.ids, g.rows.astype(target.dtype, copy=False))


def grad(
    heads: Any, variables: Any, head_grads: Any = None, retain_graph: bool | None = None, create_graph: bool = False,
    train_mode: bool = True,
) -> list[NDArray]:  # fmt: skip
    """The gradients of `heads` with respect to `variables`, as new arrays, in a list.

    create_graph=True records the computation, so that gradients can be differentiated again.
    """
    arrays, grads = _heads(heads, head_grads)
    wanted = [variables] if isinstance(variables, NDArray) else list(variables)
    if not wanted:
        raise BadCall("grad: variables is an empty list; name at least one array that has attach_grad()")
    retain = create_graph if retain_graph is None else retain_graph
    nodes, seeds = _seeds(arrays, grads)
    for i, variable in enumerate(wanted):
        if type(variable._node) is not tape.Leaf:
            raise GraphError(
                f"cannot differentiate with respect to variable {i}, because it does not require gradient: call "
                f"attach_grad() on it before it is used"
            )
    if create_graph:
        seeds = [
            new(NDArray, seed, head._ctx, given._node if given is not None else None)
            for seed, head, given in zip(seeds, arrays, grads, strict=True)
        ]
    with _Walking(create_graph, train_mode), np.errstate(all="ignore"):
        found, _ = tape.walk(nodes, seeds, retain, create_graph)
    results: list[NDArray] = []
    for i, variable in enumerate(wanted):
        g = found.get(variable._node)
        if g is None:
            raise GraphError(f"cannot differentiate with respect to variable {i}: it is unreachable from the heads")
        if not create_graph:
            meta = variable._meta()
            g = new(NDArray, np.array(dense(g), dtype=meta.dtype, order="C"), variable._ctx)
        results.append(g)
    return results


def get_symbol(x: NDArray) -> Any:
    """The graph that computed `x`, as a symbol: `mx.sym.Symbol`.

    Ask before backward, which frees the graph. Raises GraphError where x is in none. MXNet: `autograd.get_symbol`.

    >>> import mxl as mx
    >>> x = mx.nd.ones((2,))
    >>> x.attach_grad()
    >>> with mx.autograd.record():
    ...     y = mx.nd.exp(x) * 2
    >>> get_symbol(y).get_internals().list_outputs()
    ['var0', 'node_0_output', 'node_1_output']
    """
    # Graphs lie above the core: they are found by name when somebody asks for one.
    root = __name__.partition(".")[0]
    return importlib.import_module(f"{root}.symbol.from_tape").from_tape(x)
