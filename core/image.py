"""`mx.nd.image`: the operators of the table whose names begin with `_image_`.

>>> import mxl as mx
>>> mx.nd.image.to_tensor(mx.nd.ones((4, 5, 3), dtype="uint8")).shape
(3, 4, 5)
"""

from __future__ import annotations

from typing import Any

from . import ops
from .op import TABLE

assert ops  # the families fill the table


def __getattr__(name: str) -> Any:
    found = TABLE.get(f"_image_{name}")
    if found is None:
        raise AttributeError(f"mx.nd.image has no operator {name!r}; it has {', '.join(__dir__())}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(name.removeprefix("_image_") for name in TABLE if name.startswith("_image_"))
