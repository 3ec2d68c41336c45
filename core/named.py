"""`mx.nd.op`: every operator of the table by its MXNet name, and nothing else; the same objects as `mx.nd`'s."""

from __future__ import annotations

from typing import Any

from . import nd

_FUNCTIONS = ("Custom", "all_finite", "multi_all_finite", "reset_arrays")  # no operators of the table, here as there


_MODULES = ("contrib", "image", "linalg", "ndarray", "op", "random", "sparse")


def _holds(name: str) -> bool:
    return not name.startswith("_") and name not in _MODULES and (name in _FUNCTIONS or name not in nd.__all__)


def __getattr__(name: str) -> Any:
    if not _holds(name):
        raise AttributeError(f"mx.nd.op has no operator {name!r}")
    return getattr(nd, name)


def __dir__() -> list[str]:
    return [name for name in dir(nd) if _holds(name)]
