"""`mx.nd.linalg`: the operators of the table whose names begin with `linalg_`, without that beginning.

>>> import mxl as mx
>>> print(mx.nd.linalg.potrf(mx.nd.array([[4.0, 1.0], [1.0, 4.25]])).asnumpy())
[[2.  0. ]
 [0.5 2. ]]
"""

from __future__ import annotations

from typing import Any

from . import ops
from .op import TABLE

assert ops  # the families fill the table


def __getattr__(name: str) -> Any:
    found = TABLE.get(f"_linalg_{name}")
    if found is None:
        raise AttributeError(f"mx.nd.linalg has no operator {name!r}; it has {', '.join(__dir__())}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(name.removeprefix("_linalg_") for name in TABLE if name.startswith("_linalg_"))
