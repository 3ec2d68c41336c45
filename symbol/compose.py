"""Calls of operators on symbols: what becomes of `mx.sym.FullyConnected(data, num_hidden=3)`.

Knows how arguments are sorted, that what is missing becomes a variable, and how nodes are named when no name is given.
Never computes anything: shapes and values are not known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core import custom
from ..core.attribute import AttrScope
from ..core.errors import ArgumentError, NotAnArray
from ..core.name import NameManager
from ..core.op import REQUIRED
from . import notes, operators
from .graph import Entry, Node, text
from .operators import Operator

if TYPE_CHECKING:
    from .symbol import Symbol

__all__ = ["call", "number_or_symbol"]


def call(called: str, args: Sequence[Any], kwargs: dict[str, Any], hint: str | None = None) -> Symbol:
    """The symbol of a new node that calls the operator `called`.

    Array arguments by position or by name, then parameters; `name=` and `attr=` are the node's. An array argument that
    is missing becomes a variable called `<node>_<argument>`. Raises ArgumentError for an unknown or missing argument,
    NotAnArray (an AssertionError) for an array in place of a symbol.
    """
    from .symbol import Symbol

    op = operators.find(called)
    if op is None:
        raise operators.unknown(called)
    kwargs = dict(kwargs)
    name, attr = kwargs.pop("name", None), kwargs.pop("attr", None)
    name = NameManager.current.get(name, called.lower() if hint is None else hint)
    attrs = notes.kept(AttrScope.current.get(attr))
    for key, value in attrs.items():
        if not isinstance(value, str):
            raise ArgumentError(f"{called}: attribute {key} is {value!r}: expected a string")
        if not _annotates(key):
            raise ArgumentError(f"{called}: attribute {key}: annotations begin and end with two underscores")
    further = [
        key for key, value in kwargs.items()
        if (_annotates(key) or key in notes.SHORT) and key not in op.defaults and not isinstance(value, Symbol)
    ]  # fmt: skip
    attrs.update(notes.kept({key: str(kwargs.pop(key)) for key in further}))
    given, params = _many(op, args, kwargs) if op.variadic else _sorted(op, args, kwargs)
    for key, value in op.defaults.items():
        if value is REQUIRED and key not in params:
            raise ArgumentError(f"{called}: required argument '{key}' is missing")
    if op.name == "Custom":
        names = custom.argument_names(params)
    elif op.variadic:
        names = list(given)
    else:
        names = op.present(params, given)
    inputs: list[Entry] = []
    for argument in names:
        symbol = given.get(argument)
        if symbol is None:
            inputs.append((_missing(op, name, argument, params, attrs), 0))
            continue
        if not isinstance(symbol, Symbol):
            raise NotAnArray(
                f"{called}: argument {argument} must be a Symbol, not {type(symbol).__name__}: while a graph is "
                f"recorded arrays are symbols; make a constant of the block with self.params.get_constant"
            )
        if len(symbol) != 1:
            raise ArgumentError(
                f"{called}: argument {argument} is a symbol with {len(symbol)} outputs; choose one, as in symbol[0]"
            )
        inputs.append(symbol._entries[0])
    node = Node(op, name, params, attrs, inputs, names)
    return Symbol(node.entries())


def _annotates(key: str) -> bool:
    return key.startswith("__") and key.endswith("__")


def number_or_symbol(self: Symbol, other: Any, arrays: str, number: str, hint: str) -> Symbol:
    """`self + other`: one operator where `other` is a symbol, another where it is a number."""
    if isinstance(other, type(self)):
        return call(arrays, (self, other), {})
    if isinstance(other, np.generic):
        other = other.item()
    if not isinstance(other, (int, float)):
        raise ArgumentError(f"symbols compute with symbols and numbers, not with {type(other)}")
    return call(number, (self,), {"scalar": other}, hint=hint)


def _missing(op: Operator, name: str, argument: str, params: dict[str, Any], attrs: dict[str, str]) -> Node:
    """The variable for an array argument that did not come; as in MXNet it has the call's attributes, too."""
    noted = {key: text(key, value) for key, value in params.items()}
    if op.arrays.index(argument) in op.updates:
        noted["__init__"] = '["zero", {}]' if argument.endswith("mean") else '["one", {}]'
    return Node(None, f"{name}_{argument}", attrs={**noted, **attrs})


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _sorted(op: Operator, args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Array arguments by their names, without those that are None, and the parameters."""
    kwargs.pop("out", None)
    names = [*op.arrays, *op.defaults]
    if len(args) > len(names):
        raise ArgumentError(f"{op.name}: {len(args)} positional arguments came; it takes {', '.join(names)}")
    for key, value in zip(names, args, strict=False):
        if key in kwargs:
            raise ArgumentError(f"{op.name}: '{key}' came twice, by position and by name")
        kwargs[key] = value
    given = {key: kwargs.pop(key) for key in op.arrays if key in kwargs}
    strange = [key for key in kwargs if key not in op.defaults]
    if strange:
        raise ArgumentError(f"{op.name}: unknown argument '{strange[0]}'; it takes {', '.join(names) or 'none'}")
    return (
        {key: value for key, value in given.items() if value is not None},
        {key: _plain(value) for key, value in kwargs.items() if key in op.defaults},
    )


def _many(op: Operator, args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """As `_sorted`, for an operator that takes any number of arrays."""
    from .symbol import Symbol

    kwargs.pop("num_args", None)
    if len(args) == 1 and isinstance(args[0], (list, tuple)):
        args = tuple(args[0])
    if op.name == "Custom":
        given = {**dict(zip(custom.argument_names(kwargs), args, strict=False))}
        given.update({key: value for key, value in kwargs.items() if isinstance(value, Symbol)})
        return given, {key: _plain(value) for key, value in kwargs.items() if key not in given}
    given = {f"arg{i}": value for i, value in enumerate(args)}
    given.update({key: kwargs.pop(key) for key in list(kwargs) if isinstance(kwargs[key], Symbol)})
    strange = [key for key in kwargs if key not in op.defaults]
    if strange:
        raise ArgumentError(f"{op.name}: unknown argument '{strange[0]}'; it takes arrays, {', '.join(op.defaults)}")
    return given, {key: _plain(value) for key, value in kwargs.items()}
