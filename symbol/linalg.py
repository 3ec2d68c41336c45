"""`mx.sym.linalg`: the operators of the table whose names begin with `_linalg_`, without that beginning."""

from __future__ import annotations

from typing import Any

from ..core.op import TABLE
from .namespace import attribute


def __getattr__(name: str) -> Any:
    found = globals()[name] = attribute("linalg", "_linalg_", name)
    return found


def __dir__() -> list[str]:
    return sorted(name.removeprefix("_linalg_") for name in TABLE if name.startswith("_linalg_"))
