"""Functions of `mx.sym` that choose between operators, make arrays without inputs, or read files."""

from __future__ import annotations

import operator
from collections.abc import Callable
from os import PathLike, fspath
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, FileMissing
from . import json_format
from .compose import call
from .symbol import Symbol

__all__ = ["arange", "eye", "full", "hypot", "linspace", "load", "load_json", "maximum", "minimum", "ones", "pow",
           "power", "split_v2", "zeros"]  # fmt: skip


def load(fname: str | PathLike[str]) -> Symbol:
    """The symbol in a file that `symbol.save`, `block.export` or MXNet wrote.  Raises FileMissing, ArrayFileError."""
    path = fspath(fname)
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except FileNotFoundError as error:
        raise FileMissing(f"there is no file {path}: expected a graph in JSON, as symbol.save writes it") from error
    return Symbol(json_format.loads(text, path))


def load_json(json_str: str) -> Symbol:
    """The symbol in the text that `symbol.tojson` gives.  Raises ArgumentError, ArrayFileError."""
    if not isinstance(json_str, str):
        raise ArgumentError(f"load_json: expected a string, got {type(json_str).__name__}; a file is read by load")
    return Symbol(json_format.loads(json_str))


# ----- arrays without inputs -----


def _dtype(dtype: Any) -> str:
    return "float32" if dtype is None else np.dtype(dtype).name


def zeros(shape: Any, dtype: Any = None, **kwargs: Any) -> Symbol:
    """Zeros.  A length of 0 is one that follows from where they are used, such as a batch's."""
    return call("_zeros", (), {"shape": shape, "dtype": _dtype(dtype), **kwargs})


def ones(shape: Any, dtype: Any = None, **kwargs: Any) -> Symbol:
    """Ones.  A length of 0 is one that follows from where they are used."""
    return call("_ones", (), {"shape": shape, "dtype": _dtype(dtype), **kwargs})


def full(shape: Any, val: Any, dtype: Any = None, **kwargs: Any) -> Symbol:
    """One value everywhere."""
    return call("_full", (), {"shape": shape, "val": val, "dtype": _dtype(dtype), **kwargs})


def arange(
    start: float, stop: float | None = None, step: float = 1.0, repeat: int = 1, infer_range: bool = False,
    name: str | None = None, dtype: Any = None,
) -> Symbol:  # fmt: skip
    """start, start + step, ... below stop (0 .. start without a stop), each `repeat` times.  Raises NotForSymbol for
    infer_range=True: `contrib.arange_like` takes its length from an array."""
    from .errors import NotForSymbol

    if infer_range:
        raise NotForSymbol("arange(infer_range=True): use contrib.arange_like, whose length is an array's")
    given = {"start": start, "stop": stop, "step": step, "repeat": repeat, "dtype": _dtype(dtype)}
    return call("_arange", (), {**given, "name": name})


def linspace(
    start: float, stop: float, num: int, endpoint: bool = True, name: str | None = None, dtype: Any = None
) -> Symbol:
    """`num` numbers evenly spread from start to stop."""
    given = {"start": start, "stop": stop, "num": num, "endpoint": endpoint, "dtype": _dtype(dtype)}
    return call("_linspace", (), {**given, "name": name})


def eye(N: int, M: int = 0, k: int = 0, dtype: Any = None, **kwargs: Any) -> Symbol:
    """A matrix with ones on its diagonal k."""
    return call("_eye", (), {"N": N, "M": M, "k": k, "dtype": _dtype(dtype), **kwargs})


# ----- a symbol or a number on either side -----


def _either(
    name: str, right: tuple[str, str], left: tuple[str, str], numbers: Callable[[Any, Any], Any], doc: str
) -> Callable[[Any, Any], Any]:
    def choose(left_value: Any, right_value: Any) -> Any:
        if isinstance(left_value, Symbol):
            if isinstance(right_value, Symbol):
                return call(f"_{name}", (left_value, right_value), {})
            return call(right[0], (left_value,), {"scalar": right_value}, hint=right[1])
        if isinstance(right_value, Symbol):
            return call(left[0], (right_value,), {"scalar": left_value}, hint=left[1])
        for value in (left_value, right_value):
            if not isinstance(value, (int, float, np.generic)):
                raise ArgumentError(f"{name}: expected symbols or numbers, got {type(value)}")
        return numbers(left_value, right_value)

    choose.__name__ = choose.__qualname__ = name
    choose.__doc__ = doc
    return choose


_maximum = _either("maximum", ("_maximum_scalar", "_maximumscalar"), ("_maximum_scalar", "_maximumscalar"), max, "")
_minimum = _either("minimum", ("_minimum_scalar", "_minimumscalar"), ("_minimum_scalar", "_minimumscalar"), min, "")
_hypot = _either("hypot", ("_hypot_scalar", "_hypotscalar"), ("_hypot_scalar", "_hypotscalar"), np.hypot, "")
_power = _either("power", ("_power_scalar", "_powerscalar"), ("_rpower_scalar", "_rpowerscalar"), operator.pow, "")


def maximum(left: Any, right: Any) -> Any:
    """The larger, of symbols of one shape or numbers."""
    return _maximum(left, right)


def minimum(left: Any, right: Any) -> Any:
    """The smaller, of symbols of one shape or numbers."""
    return _minimum(left, right)


def hypot(left: Any, right: Any) -> Any:
    """sqrt(left**2 + right**2), of symbols of one shape or numbers."""
    return _hypot(left, right)


def power(base: Any, exp: Any) -> Any:
    """base ** exp, of symbols of one shape or numbers."""
    return _power(base, exp)


def pow(base: Any, exp: Any) -> Any:
    """base ** exp, of symbols of one shape or numbers."""
    return _power(base, exp)


def split_v2(ary: Symbol, indices_or_sections: Any, axis: int = 0, squeeze_axis: bool = False) -> Symbol:
    """The array cut into equal sections, or before each of the indices, along an axis."""
    if isinstance(indices_or_sections, int):
        given = {"axis": axis, "squeeze_axis": squeeze_axis, "sections": indices_or_sections}
    else:
        given = {"indices": tuple(indices_or_sections), "axis": axis, "squeeze_axis": squeeze_axis}
    return call("_split_v2", (ary,), given)
