"""`mx.sym.contrib`: the operators of the table whose names begin with `_contrib_`, without that beginning."""

from __future__ import annotations

from typing import Any

from ..core.op import TABLE
from .namespace import attribute


def __getattr__(name: str) -> Any:
    found = globals()[name] = attribute("contrib", "_contrib_", name)
    return found


def __dir__() -> list[str]:
    return sorted(name.removeprefix("_contrib_") for name in TABLE if name.startswith("_contrib_"))
