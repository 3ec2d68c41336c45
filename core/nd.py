"""`mx.nd`: NDArray, ways to make arrays, and every operator of the table by its MXNet name.

Operators are not listed here: a name that is none of the functions below is looked up in the table (op.py), so a new
operator is reachable at once.  `contrib`, `linalg` and `random` are loaded with their first use.
"""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING, Any

from . import ops
from .context import Context, cpu, cpu_pinned, current_context, gpu
from .creation import arange, array, empty, eye, from_numpy, full, linspace, ones, zeros
from .custom import Custom
from .dlpack import from_dlpack, to_dlpack_for_read, to_dlpack_for_write
from .functions import (
    add,
    concatenate,
    divide,
    equal,
    greater,
    greater_equal,
    histogram,
    hypot,
    lesser,
    lesser_equal,
    logical_and,
    logical_or,
    logical_xor,
    maximum,
    minimum,
    modulo,
    moveaxis,
    multiply,
    not_equal,
    onehot_encode,
    power,
    split_v2,
    subtract,
    true_divide,
)  # fmt: skip
from .multi import all_finite, multi_all_finite, reset_arrays
from .ndarray import NDArray
from .op import TABLE
from .pending import wait_for_all as waitall
from .serialization import load, load_frombuffer, save

if TYPE_CHECKING:
    from . import contrib as contrib
    from . import image as image
    from . import linalg as linalg
    from . import random as random
    from . import sparse as sparse

__all__ = [
    "Context",
    "Custom",
    "NDArray",
    "add",
    "all_finite",
    "arange",
    "array",
    "concatenate",
    "contrib",
    "cpu",
    "cpu_pinned",
    "current_context",
    "divide",
    "empty",
    "equal",
    "eye",
    "from_dlpack",
    "from_numpy",
    "full",
    "gpu",
    "greater",
    "greater_equal",
    "histogram",
    "hypot",
    "image",
    "lesser",
    "lesser_equal",
    "linalg",
    "linspace",
    "load",
    "load_frombuffer",
    "logical_and",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "modulo",
    "moveaxis",
    "multi_all_finite",
    "multiply",
    "not_equal",
    "onehot_encode",
    "ones",
    "power",
    "random",
    "reset_arrays",
    "save",
    "sparse",
    "split_v2",
    "subtract",
    "to_dlpack_for_read",
    "to_dlpack_for_write",
    "true_divide",
    "waitall",
    "zeros",
]  # fmt: skip

_RANDOM = {                                 # MXNet's operator names for functions of mx.nd.random
    "uniform": "uniform", "normal": "normal", "random_randint": "randint", "random_exponential": "rate_exponential",
    "sample_exponential": "rate_exponential", "sample_multinomial": "multinomial", "sample_normal": "sample_normal",
    "shuffle": "shuffle",
    "random_normal": "normal", **{f"{kind}_{name}": name for kind in ("random", "sample") for name in (
        "uniform", "gamma", "poisson", "negative_binomial", "generalized_negative_binomial")},
}  # fmt: skip

_MODULES = {                                # name -> the module's own
    "contrib": "contrib", "image": "image", "linalg": "linalg", "ndarray": "ndarray", "op": "named", "random": "random",
    "sparse": "sparse",
}  # fmt: skip
_UPDATES = (                                # optimizers' steps, loaded with the optimizers
    "adam_update", "ftml_update", "ftrl_update", "lamb_update_phase1", "lamb_update_phase2", "mp_lamb_update_phase1",
    "mp_lamb_update_phase2", "multi_lars", "mp_nag_mom_update", "mp_sgd_mom_update", "mp_sgd_update",
    "nag_mom_update", "rmsprop_update", "rmspropalex_update", "sgd_mom_update", "sgd_update", "signsgd_update",
    "signum_update",
)  # fmt: skip
_MULTI = (                                  # the same of several weights
    "multi_mp_sgd_mom_update", "multi_mp_sgd_update", "multi_sgd_mom_update", "multi_sgd_update",
    "preloaded_multi_mp_sgd_mom_update", "preloaded_multi_mp_sgd_update", "preloaded_multi_sgd_mom_update",
    "preloaded_multi_sgd_update",
)  # fmt: skip

assert ops  # the families fill the table


def _named(function: Any) -> Any:
    """The function, as an operator: it takes `name=`, which only graphs use."""

    @functools.wraps(function)
    def operator(*args: Any, name: str | None = None, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return operator


def __getattr__(name: str) -> Any:
    if name == "cast_storage":
        return importlib.import_module(".sparse", __package__).cast_storage
    if name in _UPDATES:
        importlib.import_module(".optimizer.by_rows", __package__)
    if name in _MULTI:
        globals()[name] = getattr(importlib.import_module(".optimizer.multi", __package__), name)
        return globals()[name]
    found: Any = TABLE.get(name)
    if found is None:
        if name not in _MODULES and name not in _RANDOM:
            raise AttributeError(f"mx.nd has no function or operator {name!r}")
        found = importlib.import_module(f".{_MODULES.get(name, 'random')}", __package__)
        if name in _RANDOM:
            found = _named(getattr(found, _RANDOM[name]))
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    listed = (name for name in TABLE if not name.startswith("_"))
    return sorted({*__all__, "cast_storage", *_MODULES, *_UPDATES, *_MULTI, *_RANDOM, *listed})
