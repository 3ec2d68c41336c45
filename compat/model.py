"""MXNet's checkpoints of a model: a graph in `prefix-symbol.json`, its arrays in `prefix-0001.params`.

Knows the files' names and the `arg:` and `aux:` before each array's name; core/serialization.py knows their bytes.
`FeedForward`, the trainer before Module, is not here.
"""

from __future__ import annotations

import logging
from collections import namedtuple
from typing import Any

from .. import symbol as sym
from ..core.errors import ArgumentError
from ..core.ndarray import NDArray
from ..core.serialization import load, save

__all__ = ["BatchEndParam", "load_checkpoint", "load_params", "save_checkpoint"]

Params = dict[str, NDArray]

BatchEndParam = namedtuple("BatchEndParams", ["epoch", "nbatch", "eval_metric", "locals"])


def save_checkpoint(
    prefix: str, epoch: int, symbol: Any, arg_params: Params, aux_params: Params, remove_amp_cast: bool = True
) -> None:
    """Write the graph to `prefix-symbol.json` (if there is one) and the arrays to `prefix-%04d.params`.

    remove_amp_cast: leave casts of automatic mixed precision out of the file; graphs of mxl have none.
    """
    if symbol is not None:
        symbol.save(f"{prefix}-symbol.json", remove_amp_cast=remove_amp_cast)
    named = {f"arg:{name}": array for name, array in arg_params.items()}
    named.update((f"aux:{name}", array) for name, array in aux_params.items())
    path = f"{prefix}-{epoch:04d}.params"
    save(path, named)
    logging.info('Saved checkpoint to "%s"', path)


def load_params(prefix: str, epoch: int) -> tuple[Params, Params]:
    """(arg_params, aux_params) of a file that `save_checkpoint`, or MXNet, wrote; none of both where it is empty."""
    path = f"{prefix}-{epoch:04d}.params"
    arrays = load(path)
    arg_params: Params = {}
    aux_params: Params = {}
    if not arrays:
        logging.warning("Params file '%s' is empty", path)
        return arg_params, aux_params
    if not isinstance(arrays, dict):
        raise ArgumentError(f"{path}: it holds a list; a checkpoint's arrays have names, arg:... or aux:...")
    for name, array in arrays.items():
        kind, _, rest = name.partition(":")
        if kind == "arg":
            arg_params[rest] = array
        elif kind == "aux":
            aux_params[rest] = array
    return arg_params, aux_params


def load_checkpoint(prefix: str, epoch: int) -> tuple[sym.Symbol, Params, Params]:
    """(symbol, arg_params, aux_params) of what `save_checkpoint`, or `block.export`, or MXNet, wrote.

    Raises FileNotFoundError where one of the two files is missing.
    """
    symbol = sym.load(f"{prefix}-symbol.json")
    return symbol, *load_params(prefix, epoch)
