"""`mx.sym.image`: the operators of the table whose names begin with `_image_`, without that beginning."""

from __future__ import annotations

from typing import Any

from ..core.op import TABLE
from .namespace import attribute


def __getattr__(name: str) -> Any:
    found = globals()[name] = attribute("image", "_image_", name)
    return found


def __dir__() -> list[str]:
    return sorted(name.removeprefix("_image_") for name in TABLE if name.startswith("_image_"))
