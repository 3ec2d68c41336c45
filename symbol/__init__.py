"""`mx.sym`: symbols, and every operator of the table as a function that makes a node of a graph.

Gluon records a HybridBlock's computation with it; scripts write graphs with it by hand.  Operators are not listed
here: a name that is none of the functions below is looked up when it is used, so a new operator is reachable at once.
MXNet: `mx.sym`, `mx.symbol`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ..core.op import TABLE
from . import operators
from .functions import (
    arange,
    eye,
    full,
    hypot,
    linspace,
    load,
    load_json,
    maximum,
    minimum,
    ones,
    pow,
    power,
    split_v2,
    zeros,
)
from .namespace import function
from .symbol import Group, Symbol
from .variables import Variable, var

if TYPE_CHECKING:
    from . import contrib as contrib
    from . import image as image
    from . import linalg as linalg
    from . import random as random

__all__ = [
    "Group",
    "Symbol",
    "Variable",
    "arange",
    "contrib",
    "eye",
    "full",
    "hypot",
    "image",
    "linalg",
    "linspace",
    "load",
    "load_json",
    "maximum",
    "minimum",
    "ones",
    "pow",
    "power",
    "random",
    "split_v2",
    "var",
    "zeros",
]

_MODULES = ("contrib", "image", "linalg", "random")


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        found: Any = importlib.import_module(f".{name}", __name__)
    elif name.startswith("__") or operators.find(name) is None:
        raise AttributeError(f"mx.sym has no function or operator {name!r}")
    else:
        found = function(name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in TABLE if not name.startswith("_"))})
