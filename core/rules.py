"""What a gradient rule uses, read from the names of its arguments: what no rule uses, the tape need not keep.

`_out`, `_data`: not used, it arrives as None.  `data_like`: shape and dtype only, it arrives as a `Like`.  Any other
name: the array.  Arguments after the arrays name parameters of the operator that the rule wants.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Collection
from typing import Any

from .errors import ArgumentError
from .handle import Buffer

UNUSED, LIKE, WHOLE = 0, 1, 2  # how a rule uses an array, in ascending order of what must be kept


class Like:
    """Shape and dtype of an array that the tape does not keep."""

    __slots__ = ("dtype", "shape")

    def __init__(self, data: Buffer) -> None:
        self.shape = data.shape
        self.dtype = data.dtype

    @property
    def ndim(self) -> int:
        """How many axes the array has."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many elements the array has."""
        return math.prod(self.shape)


def kept(data: Any, use: int) -> Any:
    """What the tape keeps of an array for rules that use it so."""
    if use == WHOLE or data is None:
        return data
    return Like(data) if use == LIKE else None


def _use_of(name: str) -> int:
    return UNUSED if name.startswith("_") else LIKE if name.endswith("_like") else WHOLE


def uses(
    rule: Callable[..., Any], op: str, arrays: tuple[str, ...], known: Collection[str], everything: tuple[str, ...]
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """How a rule of `op` uses (out, *arrays), and the names of the parameters that it wants.

    `known` are the names that it may want; `everything` is what it gets for `**params`.
    """
    parameters = list(inspect.signature(rule).parameters.values())
    n = 1 + len(arrays)
    star = next((i for i, p in enumerate(parameters) if p.kind is p.VAR_POSITIONAL), None)
    if star is None:
        positional, rest = parameters[1 : 1 + n], parameters[1 + n :]
        if len(positional) != n or any(p.kind in (p.VAR_KEYWORD, p.KEYWORD_ONLY) for p in positional):
            raise ArgumentError(
                f"{op}.vjp: a rule takes (g, out, {', '.join(arrays)}, [parameters]); this one takes "
                f"{inspect.signature(rule)}"
            )
        used = tuple(_use_of(p.name) for p in positional)
    else:
        rest = parameters[star + 1 :]
        before = [_use_of(p.name) for p in parameters[1:star]]
        used = tuple((before + [_use_of(parameters[star].name)] * n)[:n])
    if any(p.kind is p.VAR_KEYWORD for p in rest):
        return used, everything
    unknown = [p.name for p in rest if p.name not in known]
    if unknown:
        raise ArgumentError(f"{op}.vjp: a rule names {unknown}; the op has {sorted(known)}")
    return used, tuple(p.name for p in rest)
