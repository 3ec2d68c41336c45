"""Parameters in files: under which names they are there, and whether what a file has fits them.

Knows names, shapes, dtypes and contexts; core/serialization.py knows files.  There are two ways to name parameters:
*by place*, the attributes and children on the way to it (`0.weight`, `encoder.cell.bias`), which no prefix changes; and
*by name*, the parameter's own, from which a prefix may be taken off.  Invariant: all is checked before the first
parameter changes, so that a load that raises has changed nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..core import autograd, nd
from ..core.context import Context
from ..core.errors import ArgumentError
from ..core.ndarray import NDArray
from .errors import BadArgument, Incompatible
from .parameter import Parameter
from .utils import listed

if TYPE_CHECKING:
    from .block import Block
    from .parameter_dict import ParameterDict

FileName = str | os.PathLike[str]
Contexts = Context | Sequence[Context] | None

DTYPE_SOURCES = ("current", "saved")


class Rules(NamedTuple):
    """How strict a load is; the fields are the arguments of `load_parameters`."""

    ctx: Contexts = None
    allow_missing: bool = False
    ignore_extra: bool = False
    cast_dtype: bool = False
    dtype_source: str = "current"


# ---- saving ------------------------------------------------------------------------------------------------------


def by_place(block: Block, before: str = "") -> dict[str, Parameter]:
    """All parameters that are attributes of this block or of one beneath it, by place."""
    found = {before + block._place_of(name): param for name, param in block._reg_params.items()}
    for name, child in block._children.items():
        found.update(by_place(child, f"{before}{name}."))
    return found


def save_by_place(block: Block, filename: FileName, deduplicate: bool) -> None:
    params = by_place(block)
    if deduplicate:
        last_names = {param: name for name, param in params.items()}
        params = {name: param for param, name in last_names.items()}
    _save(filename, params)


def save_by_name(params: ParameterDict, filename: FileName, strip_prefix: str) -> None:
    for name in params:
        if not name.startswith(strip_prefix):
            raise BadArgument(
                f"strip_prefix is '{strip_prefix}', but Parameter '{name}' does not begin with it: it may be shared "
                "with another block, or its block was made outside of name_scope()"
            )
    _save(filename, {name.removeprefix(strip_prefix): param for name, param in params.items()})


def _save(filename: FileName, params: Mapping[str, Parameter]) -> None:
    with autograd.pause():
        values = {name: param._reduce() for name, param in params.items()}
    nd.save(filename, values)


# ---- loading -----------------------------------------------------------------------------------------------------


def load_by_place(block: Block, filename: FileName, rules: Rules) -> None:
    """Loads what `save_by_place` wrote, or, where the file's names say so, what `save_by_name` wrote."""
    source = f"file '{os.fspath(filename)}'"
    values = read(filename)
    params = by_place(block)
    if not any("." in name for name in values) and not values.keys() <= params.keys():
        load_by_name(block.collect_params(), values, source, block.prefix, rules)
        return
    if not rules.allow_missing:
        there = {params[name] for name in values if name in params}
        for name, param in params.items():
            if param not in there:
                raise Incompatible(_missing(source, name, values))
    for name in values:
        if name not in params and not rules.ignore_extra:
            raise BadArgument(_extra(source, name, params))
    _give([(params[name], value) for name, value in values.items() if name in params], source, rules)


def load_by_name(
    params: ParameterDict, values: Mapping[str, NDArray], source: str, restore_prefix: str, rules: Rules
) -> None:
    """Gives each value to the parameter called `restore_prefix + name`, without `arg:` or `aux:` of checkpoints."""
    for name in params:
        if not name.startswith(restore_prefix):
            raise Incompatible(f"restore_prefix is '{restore_prefix}', but Parameter '{name}' does not begin with it")
    values = {
        restore_prefix + (name[4:] if name.startswith(("arg:", "aux:")) else name): value
        for name, value in values.items()
    }
    hint = " The two networks must have the same prefix, or strip_prefix and restore_prefix make up for it."
    if not rules.allow_missing:
        for name in params:
            if name not in values:
                raise Incompatible(_missing(source, name, values) + hint)
    for name in values:
        if name not in params and not rules.ignore_extra:
            raise Incompatible(_extra(source, name, params) + hint)
    _give([(params[name], value) for name, value in values.items() if name in params], source, rules)


def read(filename: FileName) -> dict[str, NDArray]:
    """The named arrays of a file."""
    return named(nd.load(filename), f"file '{os.fspath(filename)}'")


def named(values: Any, source: str) -> dict[str, NDArray]:
    """Values by their names, which must be NDArrays or numpy's arrays; an empty list is an empty dictionary."""
    if isinstance(values, list) and not values:
        return {}
    if not isinstance(values, Mapping):
        raise ArgumentError(f"{source} has no names: parameters are found by name, in a dict; got a {_kind(values)}")
    return {name: _array(name, value, source) for name, value in values.items()}


def _array(name: str, value: Any, source: str) -> NDArray:
    if isinstance(value, np.ndarray):
        return nd.from_numpy(value, zero_copy=False)
    if not isinstance(value, NDArray):
        raise ArgumentError(f"{source}: '{name}' must be an array, not a {_kind(value)}")
    return value


def _give(pairs: Iterable[tuple[Parameter, NDArray]], source: str, rules: Rules) -> None:
    contexts = _contexts(rules.ctx)
    if rules.dtype_source not in DTYPE_SOURCES:
        raise Incompatible(f"dtype_source must be 'current' or 'saved', not {rules.dtype_source!r}")
    pairs = list(pairs)
    for param, value in pairs:
        _check(param, value, source, contexts, rules)
    for param, value in pairs:
        if rules.cast_dtype and rules.dtype_source == "saved":
            param.cast(value.dtype)
        param._take_over(value, contexts)


def _contexts(ctx: Contexts) -> list[Context] | None:
    if ctx is None:
        return None
    contexts = [ctx] if isinstance(ctx, Context) else list(ctx)
    if not contexts or not all(isinstance(context, Context) for context in contexts):
        raise BadArgument(f"ctx must be a context or a list of contexts, such as mx.cpu(), not {ctx!r}")
    return [context.require() for context in contexts]


def _check(param: Parameter, value: NDArray, source: str, contexts: list[Context] | None, rules: Rules) -> None:
    own = param.shape
    if own and not (
        len(own) == len(value.shape) and all(a in (0, -1, b) for a, b in zip(own, value.shape, strict=True))
    ):
        raise Incompatible(f"Parameter '{param.name}' has shape {own}, but {source} has it with shape {value.shape}")
    mine, saved = np.dtype(param.dtype), np.dtype(value.dtype)
    if mine != saved and not rules.cast_dtype:
        raise Incompatible(
            f"Parameter '{param.name}' is {mine.name}, but {source} has it as {saved.name}: set cast_dtype=True, and "
            "dtype_source='saved' to take over the file's dtype"
        )
    started = param._data is not None or param._deferred_init is not None
    if contexts is not None and started and set(contexts) != set(param.list_ctx()):
        raise Incompatible(
            f"Parameter '{param.name}' is on {param.list_ctx()}, and ctx is {contexts}: leave ctx out, or call "
            "reset_ctx(ctx) first"
        )


# ---- sentences ---------------------------------------------------------------------------------------------------


def _missing(source: str, name: str, values: Mapping[str, Any]) -> str:
    return (
        f"{source} does not have '{name}'; it has {listed(values)}. Set allow_missing=True to leave such parameters "
        "as they are."
    )


def _extra(source: str, name: str, params: Iterable[str]) -> str:
    return (
        f"{source} has '{name}', which is no parameter here; the parameters are {listed(params)}. Set "
        "ignore_extra=True to pass over such."
    )


def _kind(value: Any) -> str:
    return type(value).__name__
