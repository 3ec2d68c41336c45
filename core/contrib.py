"""`mx.nd.contrib`: control flow, tests for inf and nan, Zipf's draws, and the operators named `_contrib_...`."""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np

from . import ops
from .context import Context, current_context
from .control import cond, foreach, while_loop
from .creation import array
from .errors import BadCall, NotAnArray
from .ndarray import NDArray
from .op import TABLE

__all__ = ["cond", "foreach", "isfinite", "isinf", "isnan", "rand_zipfian", "while_loop"]

assert ops  # the families fill the table


def isinf(data: NDArray) -> NDArray:
    """1 where data is infinite, else 0, in data's dtype.  [...] -> [...]"""
    return _tested("isinf", np.isinf, data)


def isnan(data: NDArray) -> NDArray:
    """1 where data is not a number, else 0, in data's dtype.  [...] -> [...]"""
    return _tested("isnan", np.isnan, data)


def isfinite(data: NDArray) -> NDArray:
    """1 where data is neither infinite nor not a number, else 0, in data's dtype.  [...] -> [...]"""
    return _tested("isfinite", np.isfinite, data)


def _tested(name: str, test: Any, data: Any) -> NDArray:
    if not isinstance(data, NDArray):
        raise NotAnArray(f"{name}: data must be an NDArray, not {type(data).__name__}")
    return array(test(data._read()), ctx=data.ctx, dtype=data.dtype)


def rand_zipfian(
    true_classes: NDArray, num_sampled: int, range_max: int, ctx: Context | None = None
) -> tuple[NDArray, NDArray, NDArray]:
    """Classes drawn from 0 .. range_max - 1, small ones more often, and how often each is to be expected.

    Class c has the probability log((c + 2) / (c + 1)) / log(range_max + 1).  true_classes: [N] -> drawn classes
    [num_sampled] int64; the expected counts of true_classes [N] and of the drawn ones [num_sampled], float64.
    """
    from .random import uniform

    if not isinstance(true_classes, NDArray):
        raise NotAnArray(f"rand_zipfian: true_classes must be an NDArray, not {type(true_classes).__name__}")
    if range_max < 1:
        raise BadCall(f"rand_zipfian: range_max is {range_max}: it must be 1 or more")
    place = current_context() if ctx is None else ctx
    top = math.log(range_max + 1)
    draws = uniform(0, top, shape=(num_sampled,), dtype="float64", ctx=place)
    drawn = (np.exp(draws.asnumpy()) - 1).astype(np.int64) % range_max

    def expected(classes: Any) -> NDArray:
        c = classes.astype(np.float64)
        return array(np.log((c + 2.0) / (c + 1.0)) / top * num_sampled, ctx=place, dtype="float64")

    return array(drawn, ctx=place, dtype="int64"), expected(true_classes.asnumpy()), expected(drawn)


_ELSEWHERE = {
    "edge_id": ".sparse.graphs", "getnnz": ".sparse.graphs", "hawkesll": ".hawkes",
    "uniform": ".random",
    **dict.fromkeys((
        "adamw_update", "group_adagrad_update", "mp_adamw_update", "multi_adamw_update", "multi_lamb_update",
        "multi_mp_adamw_update", "multi_mp_lamb_update",
    ), ".optimizer.contrib_steps"),
}  # fmt: skip


def __getattr__(name: str) -> Any:
    found = TABLE.get(f"_contrib_{name}")
    if name in _ELSEWHERE:
        found = getattr(importlib.import_module(_ELSEWHERE[name], __package__), name)
    if found is None:
        raise AttributeError(f"mx.nd.contrib has no function or operator {name!r}; it has {', '.join(__dir__())}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    operators = (name.removeprefix("_contrib_") for name in TABLE if name.startswith("_contrib_"))
    return sorted({*__all__, *_ELSEWHERE, *operators})
