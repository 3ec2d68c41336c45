"""Functions that make nodes, by an operator's name: what `mx.sym.relu` and `mx.sym.linalg.gemm2` are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import operators
from .compose import call
from .symbol import Symbol

__all__ = ["attribute", "function"]


def function(name: str, hint: str | None = None) -> Callable[..., Symbol]:
    """The function that makes a node calling the operator `name`; `hint` is what unnamed nodes are called."""

    def make(*args: Any, **kwargs: Any) -> Symbol:
        return call(name, args, kwargs, hint)

    make.__name__ = make.__qualname__ = hint or name
    make.__doc__ = f"A node that calls `mx.nd.{name}`; missing arrays become variables, `name=` is the node's name."
    return make


def attribute(module: str, beginning: str, name: str) -> Callable[..., Symbol]:
    """`mx.sym.<module>.<name>`.  Raises AttributeError where there is no such operator."""
    if name.startswith("__") or operators.find(beginning + name) is None:
        raise AttributeError(f"mx.sym.{module} has no operator {name!r}")
    return function(beginning + name, hint=name.lower())
