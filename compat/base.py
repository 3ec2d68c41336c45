"""`mx.base`: MXNet's errors under the names that scripts import, and the groups of types that they test with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core import errors
from ..core.errors import MXLError, MXNetError
from ..core.home import data_dir, data_dir_default
from ..symbol.errors import NotForSymbol as NotImplementedForSymbol
from ..symbol.errors import for_arrays_alone

__all__ = [
    "MXLError", "MXNetError", "NotImplementedForSymbol", "NotSupportedForSparseNDArray", "basestring", "classproperty",
    "data_dir", "data_dir_default", "error_types", "integer_types", "long", "mx_real_t", "numeric_types", "py_str",
    "register_error", "string_types", "with_metaclass",
]  # fmt: skip

string_types = (str,)
integer_types = (int, np.int32, np.int64)
numeric_types = (float, int, np.generic)
basestring, long = str, int
mx_real_t = np.float32

error_types: dict[str, Any] = {}


def register_error(func_name: Any = None, cls: Any = None) -> Any:
    """Know an error class by its name in `error_types`: a decorator, with or without a name, or a call with both.

    >>> @register_error
    ... class Unusual(MXNetError): ...
    >>> error_types["Unusual"] is Unusual
    True
    """
    if callable(func_name):
        func_name, cls = func_name.__name__, func_name

    def register(klass: Any) -> Any:
        error_types[func_name if isinstance(func_name, str) else klass.__name__] = klass
        return klass

    return register if cls is None else register(cls)


class NotSupportedForSparseNDArray(MXLError):
    """A function of NDArrays that sparse ones do not have: raise it with (function, alias, *arguments)."""

    def __init__(self, function: Callable[..., Any], alias: str | None, *args: Any) -> None:
        self.function = function.__name__
        self.alias = alias
        super().__init__(for_arrays_alone(self.function, alias, args, "supported for sparse arrays"))


register_error("NotImplementedForSymbol", NotImplementedForSymbol)
for _kind in (ValueError, TypeError, AttributeError, IndexError, NotImplementedError):
    register_error(_kind.__name__, _kind)


def py_str(x: bytes) -> str:
    """Bytes as text."""
    return x.decode("utf-8")


def with_metaclass(meta: type, *bases: type) -> type:
    """A base for a class whose metaclass is `meta`."""

    class Stand(type):
        def __new__(cls, name: str, _: Any, namespace: dict[str, Any]) -> Any:
            return meta(name, bases, namespace)

    return type.__new__(Stand, "Stand", (), {})


class classproperty:
    """A decorator: a property of a class, read as `Class.name`.

    >>> class Net:
    ...     @classproperty
    ...     def name(cls): return cls.__name__
    >>> Net.name
    'Net'
    """

    def __init__(self, function: Any) -> None:
        is_method = isinstance(function, classmethod | staticmethod)
        self.function = function if is_method else classmethod(function)

    def __get__(self, owner: Any, klass: type | None = None) -> Any:
        return self.function.__get__(owner, type(owner) if klass is None else klass)()


def __getattr__(name: str) -> Any:
    found = vars(errors).get(name)
    if not (isinstance(found, type) and issubclass(found, Exception)):
        raise AttributeError(f"mx.base has no {name!r}; dir(mx.base) lists what it has")
    return found
