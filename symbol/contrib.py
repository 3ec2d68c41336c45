"""`mx.sym.contrib`: control flow, and the operators whose names begin with `_contrib_`, without that beginning."""

from __future__ import annotations

from typing import Any

from ..core.op import TABLE
from .control import cond, foreach, while_loop
from .namespace import attribute

__all__ = ["cond", "foreach", "while_loop"]


def __getattr__(name: str) -> Any:
    found = globals()[name] = attribute("contrib", "_contrib_", name)
    return found


def __dir__() -> list[str]:
    names = (name.removeprefix("_contrib_") for name in TABLE if name.startswith("_contrib_"))
    return sorted({*__all__, *names})
