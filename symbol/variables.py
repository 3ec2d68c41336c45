"""Variables of graphs, with what is known of them noted as annotations: shape, type, multipliers, initializer."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.attribute import AttrScope
from ..core.errors import ArgumentError, InvalidSetting, UnknownName
from . import json_format, notes
from .errors import Incomplete
from .graph import Node
from .symbol import Symbol

__all__ = ["Variable", "var"]


def var(
    name: str, attr: dict[str, str] | None = None, shape: Any = None, lr_mult: float | None = None,
    wd_mult: float | None = None, dtype: Any = None, init: Any = None, stype: str | None = None, **kwargs: Any,
) -> Symbol:  # fmt: skip
    """A variable, with what is known of it noted as its attributes.  MXNet: `mx.sym.var`, `mx.sym.Variable`.

    shape: its shape, 0 for unknown lengths; lr_mult, wd_mult, init: for whoever trains it; further keywords must be
    annotations, which begin and end with two underscores. Annotations are strings. Raises ArgumentError, ValueError.
    """
    if not isinstance(name, str):
        raise ArgumentError(f"var: name is {name!r}: expected a string")
    strange = [key for key, value in (attr or {}).items() if not isinstance(value, str)]
    if strange:
        raise InvalidSetting(f"var: attribute {strange[0]} of {name!r} is no string")
    attrs = notes.kept(AttrScope.current.get(attr))
    values: dict[str, Any] = {"shape": None if shape is None else tuple(shape), "lr_mult": lr_mult, "wd_mult": wd_mult}
    attrs.update({f"__{key}__": str(value) for key, value in values.items() if value is not None})
    if dtype is not None:
        name_of_type = np.dtype(dtype).name
        if name_of_type in json_format.DTYPES:
            attrs["__dtype__"] = str(json_format.DTYPES.index(name_of_type))
    if init is not None:
        attrs["__init__"] = init.dumps() if hasattr(init, "dumps") else str(init)
    if stype is not None:
        if stype not in json_format.STORAGE:
            raise UnknownName(f"var: stype is {stype!r}: expected one of {', '.join(json_format.STORAGE)}")
        attrs["__storage_type__"] = str(json_format.STORAGE.index(stype))
    for key, value in kwargs.items():
        if not (key.startswith("__") and key.endswith("__")):
            raise Incomplete(f"var: attribute {key}={value}: annotations begin and end with two underscores")
        attrs[key] = str(value)
    return Symbol([(Node(None, name, attrs=attrs), 0)])


Variable = var
