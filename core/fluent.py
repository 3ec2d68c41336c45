"""Operators as methods: `x.sum(axis=0)` is `mx.nd.sum(x, axis=0)`.

Each method hands everything to the operator of its name.  No logic lives here.
"""

from __future__ import annotations

from typing import Any

from .op import TABLE


def _method(name: str) -> Any:
    operator = TABLE[name]

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return operator(self, *args, **kwargs)

    method.__name__ = name
    method.__doc__ = f"`mx.nd.{name}` of this array: {operator.__doc__}"
    return method


class Fluent:
    """The methods of NDArray that are operators."""

    __slots__ = ()


NAMES = (
    "abs", "sign", "round", "rint", "fix", "floor", "ceil", "trunc", "square", "sqrt", "rsqrt", "cbrt", "rcbrt",
    "reciprocal", "exp", "expm1", "log", "log10", "log2", "log1p", "sin", "cos", "tan", "arcsin", "arccos", "arctan",
    "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "degrees", "radians", "zeros_like", "ones_like", "clip",
    "sum", "nansum", "mean", "prod", "nanprod", "max", "min", "norm", "reshape_like", "transpose",
    "broadcast_to",
)  # fmt: skip

for _name in NAMES:
    if _name in TABLE:
        setattr(Fluent, _name, _method(_name))
