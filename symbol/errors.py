"""Errors of graphs.

    MXLError
      NotForSymbol     also NotImplementedError: it needs values, and a symbol has none
      Incomplete       also ValueError: a value, a name or an output that is not there
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..core.errors import MXLError

__all__ = ["Incomplete", "NotForSymbol", "for_arrays_alone"]


class NotForSymbol(MXLError, NotImplementedError):
    """What needs an array's values or shape was asked of a symbol, which has none.

    Made of a sentence or, as MXNet's `NotImplementedForSymbol`, of the function, an operator's name and arguments.
    """

    def __init__(self, what: str | Callable[..., Any], alias: str | None = None, *args: Any) -> None:
        if callable(what):
            self.function = what.__name__
            self.alias = alias
            what = for_arrays_alone(self.function, alias, args, "implemented for Symbol")
        super().__init__(what)


def for_arrays_alone(function: str, alias: str | None, args: Sequence[Any], not_what: str) -> str:
    """The sentence for a function that only ordinary arrays have."""
    operator = f" (operator {alias!r})" if alias else ""
    given = f" with arguments ({', '.join(str(type(arg)) for arg in args)})" if args else ""
    return f"function {function}{operator}{given} is not {not_what}; it is for NDArray alone"


class Incomplete(MXLError, ValueError):
    """Something that a graph needs was not given, or a name stands for nothing in it."""
