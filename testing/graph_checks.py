"""Symbols against expected results, expected gradients and finite differences: part of `mx.test_utils`.

A symbol is run with given values of all its variables, at the precision that the check asks for; values that come are
never written to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..core import autograd
from ..core.context import Context
from ..core.creation import array, zeros
from ..core.errors import ArgumentError, InvalidSetting, UnknownName
from ..core.ndarray import NDArray
from ..core.sparse import zeros as sparse_zeros
from ..symbol import Symbol
from ..symbol.run import Plan
from .comparisons import assert_almost_equal, default_context, default_numeric_eps, get_tolerance

__all__ = ["check_numeric_gradient", "check_symbolic_backward", "check_symbolic_forward", "same_symbol_structure",
           "simple_forward"]  # fmt: skip

Array = np.ndarray[Any, Any]
Values = Mapping[str, Any] | Sequence[Any]


class _Bound:
    """A symbol with values for its variables: `arguments` and `states`, by name."""

    def __init__(
        self, sym: Symbol, location: Values, aux_states: Values | None, ctx: Context | None, dtype: Any
    ) -> None:
        self.ctx = ctx or default_context()
        self.dtype = dtype
        self.arguments = self._arrays("location", sym.list_arguments(), location)
        self.states = self._arrays("aux_states", sym.list_auxiliary_states(), aux_states or {})
        self._plan = Plan(sym._entries)

    def array(self, value: Any) -> NDArray:
        """A copy of a value at the check's precision; an NDArray keeps its own, and its storage."""
        if isinstance(value, NDArray):
            return value.copy()
        value = np.asarray(value)
        return array(value, ctx=self.ctx, dtype=value.dtype if self.dtype == "asnumpy" else self.dtype)

    def _arrays(self, what: str, names: list[str], values: Values) -> dict[str, NDArray]:
        given = dict(values) if isinstance(values, Mapping) else dict(zip(names, values, strict=False))
        if set(given) != set(names):
            raise InvalidSetting(
                f"{what} has values for {', '.join(given) or 'nothing'}; the symbol's variables are {', '.join(names)}"
            )
        return {name: self.array(given[name]) for name in names}

    def outputs(self, is_train: bool) -> list[NDArray]:
        """The symbol's values; what training moves is moved in a copy."""
        values = {**self.arguments, **{name: state.copy() for name, state in self.states.items()}}
        with autograd.train_mode() if is_train else autograd.predict_mode():
            return self._plan([values[name] for name in self._plan.names], self.ctx)

    def backward(self, grads: dict[str, NDArray], reqs: Mapping[str, str], heads: list[NDArray] | None) -> None:
        """Writes or adds the gradients to `grads`."""
        for name, value in self.arguments.items():
            wanted = name in grads and reqs[name] != "null"
            gradient = grads[name] if wanted else zeros(value.shape, value.context, value.dtype)
            if wanted and reqs[name] == "write":
                gradient[:] = 0
            autograd.mark_variables(value, gradient, reqs[name] if wanted else "write")
        with autograd.record():
            outputs = self.outputs(is_train=True)
        autograd.backward(outputs, heads)


def _check_dtype(dtype: Any) -> None:
    if not (isinstance(dtype, str) and dtype == "asnumpy") and dtype not in (np.float16, np.float32, np.float64):
        raise AssertionError(f"dtype is {dtype!r}: expected np.float16, np.float32, np.float64, or 'asnumpy'")


def _reqs(grad_req: Any, names: Sequence[str]) -> dict[str, str]:
    """grad_req by name."""
    if isinstance(grad_req, str):
        found = dict.fromkeys(names, grad_req)
    elif isinstance(grad_req, Mapping):
        found = dict(grad_req)
    else:
        found = dict(zip(names, grad_req, strict=False))
    strange = [req for req in found.values() if req not in ("write", "add", "null")]
    if strange:
        raise UnknownName(f"grad_req is {strange[0]!r}: expected 'write', 'add' or 'null'")
    return found


def _compare(name: str, req: str, expected: Any, found: NDArray, before: Array, **tolerances: Any) -> None:
    """A gradient against the expected one, seen from what the array held before."""
    names = (f"EXPECTED_{name}", f"BACKWARD_{name}")
    if req == "null":
        expected = before
    elif req == "add":
        assert_almost_equal(expected, found.asnumpy() - before, names=names, **tolerances)
        return
    assert_almost_equal(expected, found, names=names, **tolerances)


def simple_forward(sym: Symbol, ctx: Context | None = None, is_train: bool = False, **inputs: Any) -> Any:
    """The symbol's value for these inputs as a numpy array, or a list of them where it has several outputs."""
    states = {name: inputs.pop(name) for name in sym.list_auxiliary_states() if name in inputs}
    found = [one.asnumpy() for one in _Bound(sym, inputs, states, ctx, np.float32).outputs(is_train)]
    return found[0] if len(found) == 1 else found


def check_symbolic_forward(
    sym: Symbol, location: Values, expected: Values, rtol: Any = None, atol: Any = None,
    aux_states: Values | None = None, ctx: Context | None = None, equal_nan: bool = False, dtype: Any = np.float32,
) -> list[NDArray]:  # fmt: skip
    """The symbol's outputs.  Raises AssertionError unless they are the expected ones.

    location, aux_states: values of the arguments and of the auxiliary states, in their order or by name. expected: by
    order or by the outputs' names. dtype: what numpy's arrays are made, 'asnumpy' for as they are. Raises ValueError
    where names and the symbol's do not match.
    """
    _check_dtype(dtype)
    outputs = _Bound(sym, location, aux_states, ctx, dtype).outputs(is_train=False)
    names = sym.list_outputs()
    values = [expected[name] for name in names] if isinstance(expected, Mapping) else expected
    for name, value, output in zip(names, values, outputs, strict=False):
        assert_almost_equal(value, output, rtol, atol, (f"EXPECTED_{name}", f"FORWARD_{name}"), equal_nan)
    return outputs


def check_symbolic_backward(
    sym: Symbol, location: Values, out_grads: Values | None, expected: Values, rtol: Any = None, atol: Any = None,
    aux_states: Values | None = None, grad_req: Any = "write", ctx: Context | None = None,
    grad_stypes: Mapping[str, str] | None = None, equal_nan: bool = False, dtype: Any = np.float32,
) -> dict[str, NDArray]:  # fmt: skip
    """The gradients by the arguments' names.  Raises AssertionError unless they are the expected ones.

    out_grads: gradients of the outputs, None for ones. grad_req: 'write', 'add' or 'null', for all, in the arguments'
    order, or by name. grad_stypes: storage of gradients by name. Otherwise as `check_symbolic_forward`.
    """
    _check_dtype(dtype)
    bound = _Bound(sym, location, aux_states, ctx, dtype)
    names = sym.list_arguments()
    wanted = dict(expected) if isinstance(expected, Mapping) else dict(zip(names, expected, strict=False))
    reqs = _reqs(grad_req, names)
    before = {name: np.random.normal(size=value.shape) for name, value in sorted(wanted.items())}
    grads: dict[str, NDArray] = {}
    for name, noise in before.items():
        stype = (grad_stypes or {}).get(name) or "default"
        kind = wanted[name].dtype if isinstance(dtype, str) else dtype
        grads[name] = array(noise, ctx=bound.ctx, dtype=kind)
        if stype != "default":
            grads[name], before[name] = sparse_zeros(stype, noise.shape, dtype=kind), np.zeros(noise.shape)
    if isinstance(out_grads, Mapping):
        out_grads = [out_grads[name] for name in sym.list_outputs()]
    heads = None if out_grads is None else [bound.array(one) for one in out_grads]
    bound.backward(grads, reqs, heads)
    for name, value in wanted.items():
        _compare(name, reqs[name], value, grads[name], before[name], rtol=rtol, atol=atol, equal_nan=equal_nan)
    return grads


def check_numeric_gradient(
    sym: Symbol, location: Values, aux_states: Values | None = None, numeric_eps: Any = None, rtol: Any = None,
    atol: Any = None, grad_nodes: Any = None, use_forward_train: bool = True, ctx: Context | None = None,
    grad_stype_dict: Mapping[str, str] | None = None, dtype: Any = np.float32,
) -> None:  # fmt: skip
    """Raises AssertionError unless the symbol's gradients are those of finite differences.

    The one output is multiplied by random numbers and summed. grad_nodes: which arguments, all if None, a list, or a
    dict with their grad_req. numeric_eps: how far apart the two evaluations are; float32 takes 1e-5 at least.
    use_forward_train: whether they are made in training mode. Otherwise as `check_symbolic_backward`.
    """
    if dtype not in (np.float16, np.float32, np.float64):
        raise AssertionError(f"dtype is {dtype!r}: expected np.float16, np.float32 or np.float64")
    if grad_nodes is not None and not isinstance(grad_nodes, (list, tuple, Mapping)):
        raise InvalidSetting(f"grad_nodes is {grad_nodes!r}: expected a list of names, or a dict of their grad_req")
    bound = _Bound(sym, location, aux_states, ctx, dtype)
    names = list(sym.list_arguments() if grad_nodes is None else grad_nodes)
    reqs = _reqs(grad_nodes if isinstance(grad_nodes, Mapping) else "write", names)
    outputs = bound.outputs(is_train=True)
    if len(outputs) != 1:
        raise ArgumentError(f"check_numeric_gradient: the symbol has {len(outputs)} outputs; choose one, as in sym[0]")
    eps = get_tolerance(outputs[0], numeric_eps, default_numeric_eps())
    if dtype is not np.float64 and eps < 1e-5:
        raise AssertionError(f"numeric_eps is {eps}: {np.dtype(dtype)} cannot tell numbers so close together")
    weights = np.random.rand(*outputs[0].shape) + 0.1
    before = {name: np.random.normal(0, 0.01, size=bound.arguments[name].shape) for name in names}
    grads = {name: array(value, ctx=bound.ctx, dtype=dtype) for name, value in before.items()}
    for name, stype in (grad_stype_dict or {}).items():
        if name in grads and stype != "default":
            shape = before[name].shape
            grads[name], before[name] = sparse_zeros(stype, shape, dtype=dtype), np.zeros(shape)
    bound.backward(grads, reqs, [array(weights, ctx=bound.ctx, dtype=outputs[0].dtype)])
    for name in names:
        expected = _differences(bound, name, weights, eps, use_forward_train)
        _compare(name, reqs[name], expected, grads[name], before[name], rtol=rtol, atol=atol)


def _differences(bound: _Bound, name: str, weights: Array, eps: float, is_train: bool) -> Array:
    """The gradient of the weighted sum by central differences; zeros for an argument of integers."""
    given = bound.arguments[name]
    values = given.asnumpy()
    found = np.zeros(values.shape, np.dtype(bound.dtype))
    if values.dtype.kind != "f":
        return found
    for at in np.ndindex(values.shape):
        sums = []
        for step in (eps / 2, -eps / 2):
            moved = values.copy()
            moved[at] += step
            bound.arguments[name] = array(moved, ctx=bound.ctx, dtype=values.dtype).tostype(given.stype)
            sums.append((bound.outputs(is_train)[0].asnumpy() * weights).sum())
        found[at] = (sums[0] - sums[1]) / eps
    bound.arguments[name] = given
    return found


def same_symbol_structure(sym1: Symbol, sym2: Symbol) -> bool:
    """Whether two graphs call the same operators in the same order; names and parameters may differ."""
    kinds = [[None if node.op is None else node.op.name for node in sym._nodes()] for sym in (sym1, sym2)]
    return kinds[0] == kinds[1]
