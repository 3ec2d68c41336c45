"""How the fields of a message, or of a part, are checked: a plan for each dataclass, built once from its annotations.

Knows: which types a field may have, and the sentence for each that does not fit.  Never: versions, ops, frames
(`codec.py`).  Invariant: what `take` returns has exactly the annotated types, integers of 64 bits, finite floats, and
every list, text and shape within the limits.

The common case costs one look at a tuple of types; only what does not fit is looked at field by field.  Accepted
annotations: int, bool, str, float, Key, dict[str, Any], tuple[X, ...] of int, str, Any or a dataclass of these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from itertools import product
from math import isfinite, prod
from operator import attrgetter, itemgetter
from reprlib import Repr
from typing import Any, get_args, get_origin, get_type_hints

from .errors import WireError
from .limits import Limits
from .messages import Key

INT_MAX = 2**63 - 1
INT_MIN = -(2**63)

Row = tuple[Any, ...]
Check = Callable[[Any, Limits, str], Any]  # (value, limits, where) -> value; raises WireError

_short = Repr()
_short.maxstring = _short.maxother = _short.maxlong = 60


def came(value: object) -> str:
    """A value in an error's sentence: short, whatever it is."""
    if isinstance(value, bytes):
        return f"{len(value)} raw bytes"
    return _short.repr(value)


# ----- one value -----


def check_int(value: Any, limits: Limits, where: str) -> int:
    if type(value) is not int:
        raise WireError(f"{where} must be an int, came {came(value)}")
    if not INT_MIN <= value <= INT_MAX:
        raise WireError(f"{where} must fit in 64 bits with a sign, came {came(value)}")
    return value


def check_bool(value: Any, limits: Limits, where: str) -> bool:
    if type(value) is not bool:
        raise WireError(f"{where} must be a bool, came {came(value)}")
    return value


def check_float(value: Any, limits: Limits, where: str) -> float:
    if type(value) is int:
        value = float(check_int(value, limits, where))
    if type(value) is not float:
        raise WireError(f"{where} must be a float, came {came(value)}")
    if not isfinite(value):
        raise WireError(f"{where} must be finite, came {came(value)}")
    return value


def check_str(value: Any, limits: Limits, where: str) -> str:
    if type(value) is not str:
        raise WireError(f"{where} must be a str, came {came(value)}")
    if len(value) > limits.text_bytes or len(value.encode("utf-8", "replace")) > limits.text_bytes:
        raise WireError(f"{where} may have {limits.text_bytes} bytes, came {len(value)} characters")
    return value


def check_key(value: Any, limits: Limits, where: str) -> Key:
    if type(value) is int:
        return check_int(value, limits, where)
    if type(value) is not str:
        raise WireError(f"{where} must be an int or a str, came {came(value)}")
    if len(value) > limits.key_bytes or len(value.encode("utf-8", "replace")) > limits.key_bytes:
        raise WireError(f"{where} may have {limits.key_bytes} bytes, came {len(value)} characters: {came(value)}")
    return value


# ----- lists -----

_ONLY_INT: frozenset[type] = frozenset({int})
_ONLY_STR: frozenset[type] = frozenset({str})
_SCALARS: frozenset[type] = frozenset({type(None), bool, int, float, str})
FEW = 64


def check_tuple(value: Any, limits: Limits, where: str) -> Row:
    if type(value) is not tuple:
        raise WireError(f"{where} must be a list, came {came(value)}")
    if len(value) > limits.parts:  # pyright: ignore[reportUnknownArgumentType]
        raise WireError(f"{where} may have {limits.parts} items, came {len(value)}; "  # pyright: ignore[reportUnknownArgumentType]
                        "send them in several messages")
    return value  # pyright: ignore[reportUnknownVariableType]


def check_ints(value: Any, limits: Limits, where: str) -> tuple[int, ...]:
    items = check_tuple(value, limits, where)
    if items and not (_ONLY_INT.issuperset(map(type, items)) and max(items) <= INT_MAX and min(items) >= INT_MIN):
        for i, item in enumerate(items):
            check_int(item, limits, f"{where}[{i}]")
    return items


def check_strs(value: Any, limits: Limits, where: str) -> tuple[str, ...]:
    items = check_tuple(value, limits, where)
    for i, item in enumerate(items):
        check_str(item, limits, f"{where}[{i}]")
    return items


def check_shape(value: Any, limits: Limits, where: str) -> tuple[int, ...]:
    """A shape: so many dimensions, none negative, so many elements in all (a 0 among them does not hide the others)."""
    shape = check_ints(value, limits, where)
    if len(shape) > limits.dims:
        raise WireError(f"{where} may have {limits.dims} dimensions, came {len(shape)}")
    elements = 1
    for size in shape:
        if size < 0:
            raise WireError(f"{where} must have no negative dimension, came {came(shape)}")
        elements *= size or 1
        if elements > limits.elements:
            raise WireError(f"{where} may have {limits.elements} elements, came {came(shape)}")
    return shape


# ----- plain data: what tables, counters, hyper-parameters and optimizers travel as -----


def check_plain(value: Any, limits: Limits, where: str) -> Any:
    """None, bool, int, float, str, lists of these, dicts with str keys; so deep, and so many in all."""
    left = limits.plain_items
    todo: list[tuple[Any, str, int]] = [(value, where, 0)]  # a stack, no recursion: the depth is the sender's choice
    while todo:
        item, at, depth = todo.pop()
        left -= 1
        if left < 0:
            raise WireError(f"{where} may hold {limits.plain_items} values, came more")
        if item is None:
            continue
        kind: type = type(item)  # pyright: ignore[reportUnknownVariableType]
        if kind is int:
            check_int(item, limits, at)
        elif kind is str:
            check_str(item, limits, at)
        elif kind is dict or kind is tuple or kind is list:
            if depth >= limits.plain_depth:
                raise WireError(f"{where} may be {limits.plain_depth} deep, came deeper")
            if len(item) > left:
                raise WireError(f"{where} may hold {limits.plain_items} values, came more")
            if kind is dict:
                for name, inner in item.items():
                    if type(name) is not str:
                        raise WireError(f"{at} must have names that are str, came {came(name)}")
                    check_str(name, limits, f"a name in {at}")
                    todo.append((inner, f"{at}[{came(name)}]", depth + 1))
            else:
                if len(item) > limits.parts:
                    raise WireError(f"{at} may have {limits.parts} items, came {len(item)}")
                todo.extend((inner, at, depth + 1) for inner in item)
        elif kind is not bool and kind is not float:
            raise WireError(f"{at} must be plain data (None, bool, int, float, str, lists and dicts of these), "
                            f"came {came(item)}")
    return value


def check_plain_tuple(value: Any, limits: Limits, where: str) -> Row:
    return check_plain(check_tuple(value, limits, where), limits, where)


def check_plain_dict(value: Any, limits: Limits, where: str) -> dict[str, Any]:
    if type(value) is not dict:
        raise WireError(f"{where} must be a dict, came {came(value)}")
    if len(value) <= FEW and _is_usual_dict(value):  # pyright: ignore[reportUnknownArgumentType]
        return value  # pyright: ignore[reportUnknownVariableType]
    return check_plain(value, limits, where)  # pyright: ignore[reportUnknownArgumentType]


# ----- a class's plan -----


def _is_usual_key(key: Any, limits: Limits) -> bool:
    if type(key) is int:
        return key <= INT_MAX  # msgpack has none below INT_MIN
    return len(key) * 4 <= limits.key_bytes  # a character has at most 4 bytes


def _is_usual_dict(value: dict[Any, Any]) -> bool:
    """Whether all names are texts and all values scalars: the hyper-parameters of every push."""
    values = value.values()
    if not _ONLY_STR.issuperset(map(type, value)) or not _SCALARS.issuperset(map(type, values)):
        return False
    return all([type(v) is not int or v <= INT_MAX for v in values])


def _is_usual_shape(shape: Any, limits: Limits) -> bool:
    return (len(shape) <= limits.dims and _ONLY_INT.issuperset(map(type, shape)) and min(shape, default=1) > 0
            and prod(shape) <= limits.elements)


class Plan:
    """How one dataclass is checked, taken from a row and put into one.

    `names` are the fields that travel in the header, in order; `frames` is the name of the field that travels behind
    it, if there is one; `parts` has the plan of each field that is a list of parts.
    """

    def __init__(self, cls: type[Any]) -> None:
        self.cls = cls
        hints = get_type_hints(cls)
        raw = [f.name for f in fields(cls) if f.metadata.get("frames")]
        self.frames = raw[0] if raw else ""
        self.names = [f.name for f in fields(cls) if not f.metadata.get("frames")]
        if raw and (len(raw) > 1 or fields(cls)[-1].name != raw[0]):
            raise TypeError(f"{cls.__name__}: the frames must be one field, the last")
        kinds = [_kind(cls, name, hints[name]) for name in self.names]
        self.checks = [check for _, check, _ in kinds]
        self.parts = {name: part for name, (_, _, part) in zip(self.names, kinds, strict=True) if part is not None}
        # What a row is looked at for.  A text's length is none of it: msgpack keeps to `text_bytes` itself.
        self._types = frozenset(product(*(types for types, _, _ in kinds)))
        self._ints = _getter([i for i, check in enumerate(self.checks) if check is check_int])
        self._floats = self._indices(check_float)
        self._keys = self._indices(check_key)
        self._shapes = self._indices(check_shape)
        usual: set[Check] = {check_int, check_float, check_bool, check_str, check_key, check_shape}
        self._others = [(i, check) for i, check in enumerate(self.checks) if check not in usual]
        self._row: Callable[[Any], Any] = attrgetter(*self.names)
        self._nested = [(i, self.parts[name]) for i, name in enumerate(self.names) if name in self.parts]

    def take(self, row: Row, limits: Limits, where: str, *tail: Any) -> Any:
        """The object that a row describes (`tail`: its fields beyond the row), or WireError."""
        if not self._is_usual(row, limits):
            return self.cls(*self._slowly(row, limits, where), *tail)
        if self._others:
            values = list(row)
            for i, check in self._others:
                values[i] = check(values[i], limits, f"{where}field {self.names[i]!r}")
            return self.cls(*values, *tail)
        return self.cls(*row, *tail)

    def take_all(self, rows: Row, limits: Limits, where: str) -> Row:
        """The same for a list of rows."""
        taken: list[Any] = []
        row: Any
        cls, is_usual, others = self.cls, self._is_usual, self._others
        for i, row in enumerate(rows):
            if type(row) is not tuple:
                raise WireError(f"{where}[{i}] must be a list of fields, came {came(row)}")
            if not others and is_usual(row, limits):  # pyright: ignore[reportUnknownArgumentType]
                taken.append(cls(*row))
            else:
                taken.append(self.take(row, limits, f"{where}[{i}]: "))  # pyright: ignore[reportUnknownArgumentType]
        return tuple(taken)

    def row(self, value: Any) -> Row:
        """The fields of an object as they travel in the header."""
        row: Row = self._row(value) if len(self.names) > 1 else (self._row(value),)
        if self._nested:
            values = list(row)
            for i, plan in self._nested:
                values[i] = list(map(plan.row, values[i]))
            return tuple(values)
        return row

    def _is_usual(self, row: Row, limits: Limits) -> bool:
        """Whether a row fits as it is, but for `_others`.  False is no verdict: `_slowly` looks field by field."""
        if tuple(map(type, row)) not in self._types:
            return False
        if self._ints is not None and max(self._ints(row)) > INT_MAX:  # msgpack has none below INT_MIN
            return False
        for i in self._floats:
            if not isfinite(row[i]):
                return False
        for i in self._keys:
            if not _is_usual_key(row[i], limits):
                return False
        return all([_is_usual_shape(row[i], limits) for i in self._shapes])  # a list: no generator to start

    def _slowly(self, row: Row, limits: Limits, where: str) -> list[Any]:
        """Field by field: the sentence for the first that does not fit, or the values (a float may come as an int)."""
        if len(row) != len(self.names):
            raise WireError(f"{where}{len(self.names)} fields are expected ({', '.join(self.names)}), came {len(row)}")
        return [check(value, limits, f"{where}field {name!r}")
                for name, check, value in zip(self.names, self.checks, row, strict=True)]

    def _indices(self, check: Check) -> list[int]:
        return [i for i, c in enumerate(self.checks) if c is check]


@cache
def plan_of(cls: type[Any]) -> Plan:
    """The plan of a dataclass; made when it is first met."""
    return Plan(cls)


_PLAIN: dict[Any, tuple[tuple[type, ...], Check]] = {
    int: ((int,), check_int),
    bool: ((bool,), check_bool),
    str: ((str,), check_str),
    float: ((float,), check_float),
    int | str: ((int, str), check_key),
    dict[str, Any]: ((dict,), check_plain_dict),
    tuple[int, ...]: ((tuple,), check_ints),
    tuple[str, ...]: ((tuple,), check_strs),
    tuple[Any, ...]: ((tuple,), check_plain_tuple),
}


def _kind(cls: type[Any], name: str, hint: Any) -> tuple[tuple[type, ...], Check, Plan | None]:
    """The types that a field's value may have, its check, and the plan of its parts if it has any."""
    if name == "shape":
        return (tuple,), check_shape, None
    if hint in _PLAIN:
        return (*_PLAIN[hint], None)
    if get_origin(hint) is tuple and len(get_args(hint)) == 2 and is_dataclass(part := get_args(hint)[0]):
        plan = plan_of(part)  # pyright: ignore[reportArgumentType]
        return (tuple,), _part_check(plan), plan
    raise TypeError(f"{cls.__name__}.{name}: no way to send {hint!r} is known")


def _part_check(plan: Plan) -> Check:
    """The check of a list of parts, which makes each row an object."""
    return lambda value, limits, where: plan.take_all(check_tuple(value, limits, where), limits, where)


def _getter(indices: list[int]) -> Callable[[Row], Row] | None:
    """Picks these fields as a tuple (itemgetter gives one no tuple, so one is asked for twice)."""
    if not indices:
        return None
    return itemgetter(*indices) if len(indices) > 1 else itemgetter(indices[0], indices[0])
