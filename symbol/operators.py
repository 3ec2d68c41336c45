"""What a graph's node calls: the operators of the table, and functions of `mx.nd` that have none there.

Knows each operator's name in MXNet's files, its arguments, which of them a call has, and how its outputs are called.
Never computes anything itself: `apply` hands arrays to the operator, or to the function, that `mx.nd` would call.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from ..core import creation, custom, nd
from ..core.context import Context
from ..core.errors import ArgumentError, ShapeError
from ..core.op import REQUIRED, TABLE, Op

__all__ = ["Operator", "find"]

Params = Mapping[str, Any]

# The names in MXNet's files, where they are not those of the table.
_NAMES = {
    "add_n": "add_n", "cast": "Cast", "concat": "Concat", "cumsum": "_np_cumsum", "flatten": "Flatten",
    "flip": "reverse", "identity": "_copy", "pad": "Pad", "ravel_multi_index": "_ravel_multi_index",
    "reshape": "Reshape", "split": "SliceChannel", "swapaxes": "SwapAxis", "unravel_index": "_unravel_index",
}  # fmt: skip
# Symbols' operators +, >, ... in MXNet's files, by the table's names: a symbol does not know its shape, and so these
# never broadcast.
_SAME_SHAPE = {
    "_equal": "broadcast_equal", "_not_equal": "broadcast_not_equal", "_greater": "broadcast_greater",
    "_greater_equal": "broadcast_greater_equal", "_lesser": "broadcast_lesser",
    "_lesser_equal": "broadcast_lesser_equal", "_mod": "broadcast_mod", "_power": "broadcast_power",
    "_maximum": "broadcast_maximum", "_minimum": "broadcast_minimum", "_hypot": "broadcast_hypot",
    "_logical_and": "broadcast_logical_and", "_logical_or": "broadcast_logical_or",
    "_logical_xor": "broadcast_logical_xor",
}  # fmt: skip


class Operator:
    """One kind of node.  `arrays` are the names of its array arguments, the last one of any number if `variadic`."""

    def __init__(
        self, name: str, apply: Callable[[Sequence[Any], Params, Context], Any], arrays: Sequence[str],
        defaults: Params, optional: Sequence[str] = (), updates: Sequence[int] = (), variadic: bool = False,
        keeps_unknown: bool = False, results: int = 0,
    ) -> None:  # fmt: skip
        self.name = name
        self.apply = apply
        self.arrays = tuple(arrays)
        self.defaults = defaults
        self.optional = frozenset(optional)
        self.updates = tuple(updates)
        self.variadic = variadic
        self.keeps_unknown = keeps_unknown  # parameters that it does not know are handed on
        self.results = results  # how many outputs it has, where that is its own; such a node is in no file

    def __repr__(self) -> str:
        return f"<operator {self.name}>"

    def param(self, params: Params, name: str) -> Any:
        """A parameter's value in a call: the given one, or the default."""
        return params[name] if name in params else self.defaults.get(name)

    def present(self, params: Params, given: Collection[str] = ()) -> list[str]:
        """The array arguments that a call with these parameters has; `given` are those that came."""
        return [name for name in self.arrays if name in given or self._wanted(name, params)]

    def of_count(self, params: Params, count: int) -> list[str]:
        """The names of `count` inputs that came without names, as in a file.  Raises ShapeError for too many or few."""
        names = self.present(params)
        if len(names) < count:
            names = list(self.arrays[:count])
        if len(names) != count:
            raise ShapeError(f"{self.name} takes {', '.join(self.arrays)}; {count} inputs came")
        return names

    def _wanted(self, name: str, params: Params) -> bool:
        if name not in self.optional:
            return True
        if name == "bias":
            return not self.param(params, "no_bias")
        if name == "gamma":
            return self.param(params, "act_type") == "prelu"
        if name == "state_cell":
            return self.param(params, "mode") == "lstm"
        switch = {
            "sequence_length": "use_sequence_length", "length": "use_length", "data_lengths": "use_data_lengths",
            "label_lengths": "use_label_lengths",
        }.get(name)  # fmt: skip
        return bool(switch and self.param(params, switch))

    def endings(self, params: Params) -> list[str]:
        """How the names of a call's visible outputs end."""
        if self.results:
            return [f"output{i}" for i in range(self.results)] if self.results > 1 else ["output"]
        rule = _ENDINGS.get(self.name)
        if rule is None:
            return ["output"]
        found = rule(self, params)
        return [f"output{i}" for i in range(found)] if isinstance(found, int) else found


def _count(op: Operator, params: Params, name: str) -> list[str] | int:
    count = int(op.param(params, name) or 1)
    return count if count > 1 else ["output"]


def _rnn_outputs(op: Operator, params: Params) -> list[str]:
    if not op.param(params, "state_outputs"):
        return ["output"]
    return ["output", "state_output", *(["statecell_output"] if op.param(params, "mode") == "lstm" else [])]


def _split_v2_outputs(op: Operator, params: Params) -> int:
    return int(op.param(params, "sections") or 0) or len(op.param(params, "indices") or ()) + 1


def _statistics(*names: str) -> Callable[[Operator, Params], list[str]]:
    return lambda op, params: ["output", *(names if op.param(params, "output_mean_var") else ())]


_ENDINGS: dict[str, Callable[[Operator, Params], list[str] | int]] = {
    "SliceChannel": lambda op, params: _count(op, params, "num_outputs"),
    "amp_multicast": lambda op, params: _count(op, params, "num_outputs"),
    "_split_v2": _split_v2_outputs,
    "RNN": _rnn_outputs,
    "topk": lambda op, params: 2 if op.param(params, "ret_typ") == "both" else ["output"],
    "BatchNorm": _statistics("mean", "var"),
    "LayerNorm": _statistics("mean", "std"),
    "GroupNorm": _statistics("mean", "std"),
    "moments": lambda *_: 2,
    "_linalg_gelqf": lambda *_: 2,
    "_linalg_syevd": lambda *_: 2,
    "_linalg_slogdet": lambda *_: 2,
    "CTCLoss": lambda *_: ["output0"],
    "_contrib_box_nms": lambda *_: ["output0"],
    "_contrib_bipartite_matching": lambda *_: 2,
    "_contrib_MultiBoxTarget": lambda *_: ["loc_target", "loc_mask", "cls_target"],
    "_sample_multinomial": lambda op, params: 2 if op.param(params, "get_prob") else ["output0"],
    "Custom": lambda _, params: [*custom.prop_of(params).list_outputs()],
}


# ----- the operators of the table -----


def _from_table(name: str, op: Op, same_shape: bool) -> Operator:
    def apply(arrays: Sequence[Any], params: Params, _ctx: Context) -> Any:
        if same_shape and arrays[0].shape != arrays[1].shape:
            raise ShapeError(
                f"{name}: lhs is {list(arrays[0].shape)}, rhs is {list(arrays[1].shape)}: both must have one shape; "
                f"use {op.name} to broadcast"
            )
        return op.apply(arrays, {**op.defaults, **params})

    return Operator(name, apply, op.array_names, op.defaults, tuple(op.optional), op.updates, op.variadic)


# ----- functions that the table does not have -----


def _function(name: str, function: Callable[..., Any], arrays: Sequence[str] = (), variadic: bool = False) -> Operator:
    """A node that calls a function of `mx.nd`, on the context of the run where it takes one and none was given."""
    parameters = inspect.signature(function).parameters
    takes_ctx = "ctx" in parameters

    def apply(given: Sequence[Any], params: Params, ctx: Context) -> Any:
        if takes_ctx and not given and params.get("ctx") is None:
            params = {**params, "ctx": ctx}
        return function(*given, **params)

    defaults = {
        key: REQUIRED if value.default is value.empty else value.default
        for key, value in parameters.items()
        if key not in (*arrays, "out", "name") and value.kind not in (value.VAR_KEYWORD, value.VAR_POSITIONAL)
    }
    return Operator(name, apply, arrays, defaults, variadic=variadic, keeps_unknown=variadic)


def _custom(*arrays: Any, **params: Any) -> Any:
    return custom.Custom(*arrays, **params)


_DRAWN = {                                  # functions of mx.nd.random: their names in files, and their parameters
    "uniform": ("low", "high"), "normal": ("mu", "sigma"), "gamma": ("alpha", "beta"), "poisson": ("lam",),
    "exponential": ("lam",), "negative_binomial": ("k", "p"), "generalized_negative_binomial": ("mu", "alpha"),
}  # fmt: skip


def _made() -> dict[str, Operator]:
    from ..core import random

    made = {
        "_zeros": creation.zeros, "_ones": creation.ones, "_full": creation.full, "_arange": creation.arange,
        "_eye": creation.eye, "_linspace": creation.linspace, "_random_randint": random.randint,
    }  # fmt: skip
    found = {name: _function(name, function) for name, function in made.items()}
    for name, parameters in _DRAWN.items():
        function = random.rate_exponential if name == "exponential" else getattr(random, name)
        found[f"_random_{name}"] = _function(f"_random_{name}", function)
        found[f"_sample_{name}"] = _function(f"_sample_{name}", function, parameters)
    found["_sample_multinomial"] = _function("_sample_multinomial", random.multinomial, ("data",))
    found["_shuffle"] = _function("_shuffle", random.shuffle, ("data",))
    found["Custom"] = _function("Custom", _custom, ("data",), variadic=True)
    for name in ("isnan", "isinf", "isfinite"):
        found[f"_contrib_{name}"] = _function(f"_contrib_{name}", getattr(nd.contrib, name), ("data",))
    return found


_FUNCTIONS: dict[str, Operator] = {}
_OPERATORS: dict[str, Operator] = {}
_ALIASES = {"choose_element_0index": "pick", "uniform": "_random_uniform", "normal": "_random_normal"}


def find(name: str) -> Operator | None:
    """The operator that MXNet knows by this name, or None."""
    found = _OPERATORS.get(name)
    if found is not None:
        return found
    if not _FUNCTIONS:
        _FUNCTIONS.update(_made())
    name = _ALIASES.get(name, name)
    if name.startswith(("random_", "sample_")):
        name = f"_{name}"
    if name in _FUNCTIONS:
        found = _FUNCTIONS[name]
    elif name in _SAME_SHAPE:
        found = _from_table(name, TABLE[_SAME_SHAPE[name]], same_shape=True)
    else:
        getattr(nd, name, None)  # the optimizers' steps enter the table with their first use
        op = TABLE.get(name)
        if op is None:
            return None
        official = _NAMES.get(op.name) or (f"_{op.name}" if op.name.startswith(("linalg_", "random_pdf_")) else op.name)
        found = _OPERATORS.get(official) or _from_table(official, op, same_shape=False)
        _OPERATORS[official] = found
    _OPERATORS[name] = found
    return found


def unknown(name: str) -> ArgumentError:
    """The error for an operator that is not there."""
    return ArgumentError(f"there is no operator {name!r}: mx.operator.get_all_registered_operators() lists them")
