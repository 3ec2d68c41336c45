"""Checking gradients numerically: what the tape gives against central differences, in float64.

For anyone who writes operators, blocks or losses.  One random direction a check: it costs two evaluations, whatever the
sizes, and a wrong rule is missed with probability zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core import autograd
from ..core.ndarray import NDArray, array

__all__ = ["check_gradient"]


def check_gradient(
    fn: Callable[..., Any], *arguments: Any, seed: int = 0, order: int = 1, low: float = -1.0, high: float = 1.0,
    eps: float = 1e-5, rtol: float = 1e-5, atol: float = 1e-7, constants: Sequence[int] = (), **params: Any,
) -> None:  # fmt: skip
    """Raise AssertionError unless the recorded gradients of `fn` agree with central differences.

    `arguments` are shapes (filled uniformly from low .. high) or arrays; `fn` is called with float64 NDArrays of them
    and `params`, and gives an NDArray or several.  `constants` are positions of arguments without gradient (labels,
    indices).  order=2 checks gradients of gradients as well, through create_graph.

    >>> import mxl as mx
    >>> check_gradient(mx.nd.exp, (3, 4))
    >>> check_gradient(mx.nd.broadcast_mul, (3, 1), (1, 4), order=2)
    """
    rng = np.random.default_rng(seed)
    values = [rng.uniform(low, high, a) if isinstance(a, tuple) else _values(a) for a in arguments]
    varied = [i for i in range(len(values)) if i not in constants]
    about = _About(fn, values, seed, params)
    with autograd.record():
        weights = [rng.uniform(0.5, 1.5, out.shape) for out in _outputs(fn, values, params)]

    def loss(arrays: Sequence[NDArray]) -> NDArray:
        outputs = fn(*arrays, **params)
        outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        total: Any = None
        for out, weight in zip(outputs, weights, strict=True):
            out = out.astype("float64", copy=False)
            if order > 1:  # squared, so that linear operators have second derivatives to compare, too
                out = out * out
            term = (out * array(weight, dtype="float64")).sum()
            total = term if total is None else total + term
        return total

    _compare(loss, values, varied, rng, eps, rtol, atol, about, "gradient")
    if order < 2:
        return
    directions = {i: rng.uniform(-1, 1, values[i].shape) for i in varied}

    def slope(arrays: Sequence[NDArray]) -> NDArray:
        with autograd.record():
            first = autograd.grad(loss(arrays), [arrays[i] for i in varied], create_graph=True)
            total: Any = None
            for i, g in zip(varied, first, strict=True):
                term = (g * array(directions[i], dtype="float64")).sum()
                total = term if total is None else total + term
        return total

    _compare(slope, values, varied, rng, eps, rtol, atol, about, "second-order gradient")


class _About:
    """What a failure says of the case."""

    def __init__(self, fn: Any, values: Sequence[Any], seed: int, params: dict[str, Any]) -> None:
        self.name = getattr(fn, "__name__", None) or repr(fn)
        self.shapes = ", ".join(str(list(v.shape)) for v in values)
        self.seed = seed
        self.params = f", {params}" if params else ""


def _values(argument: Any) -> Any:
    value = argument.asnumpy() if isinstance(argument, NDArray) else np.array(argument)
    return value.astype(np.float64)


def _fresh(values: Sequence[Any], varied: Sequence[int]) -> list[NDArray]:
    arrays = [array(v, dtype="float64") for v in values]
    for i in varied:
        arrays[i].attach_grad()
    return arrays


def _outputs(fn: Any, values: Sequence[Any], params: dict[str, Any]) -> list[NDArray]:
    outputs = fn(*_fresh(values, ()), **params)
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


def _compare(
    loss: Callable[[Sequence[NDArray]], NDArray], values: Sequence[Any], varied: Sequence[int], rng: Any, eps: float,
    rtol: float, atol: float, about: _About, what: str,
) -> None:  # fmt: skip
    arrays = _fresh(values, varied)
    with autograd.record():
        total = loss(arrays)
    total.backward()
    directions = {i: rng.uniform(-1, 1, values[i].shape) for i in varied}
    taped = 0.0
    for i in varied:
        g = arrays[i].grad
        assert g is not None
        taped += float((g.asnumpy() * directions[i]).sum())
    sides: list[float] = []
    for step in (eps, -eps):
        moved = [v + step * directions[i] if i in directions else v for i, v in enumerate(values)]
        with autograd.record():  # in the same mode, so that Dropout and BatchNorm do the same
            sides.append(float(loss(_fresh(moved, varied)).asnumpy().sum()))
    numeric = (sides[0] - sides[1]) / (2 * eps)
    if not abs(taped - numeric) <= atol + rtol * max(abs(taped), abs(numeric)):
        raise AssertionError(
            f"{what} of {about.name} is {taped:.12g} by the tape, {numeric:.12g} by central difference "
            f"(shapes {about.shapes}{about.params}, seed {about.seed})"
        )
