"""Dtypes: which ones arrays may have, and how a user may name them.  float32 is the default.

MXNet's set: float16, float32, float64, uint8, int8, int32, int64, bool.  An array's `dtype` attribute is numpy's scalar
type (`numpy.float32`), as in MXNet; inside, everything is `numpy.dtype`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import DtypeError, NoSuchDtype

DEFAULT = np.dtype(np.float32)
NAMES = ("float32", "float64", "float16", "uint8", "int32", "int8", "int64", "bool")
_KNOWN = {np.dtype(name): np.dtype(name) for name in NAMES}
_BY_KEY: dict[Any, np.dtype[Any]] = {None: DEFAULT}  # what users pass, once understood


def resolve(dtype: Any) -> np.dtype[Any]:
    """The numpy dtype that a user means by `dtype` (a name, a numpy type, None for float32)."""
    try:
        return _BY_KEY[dtype]
    except (KeyError, TypeError):
        pass
    try:
        known = _KNOWN[np.dtype(dtype)]
    except TypeError:
        raise DtypeError(f"dtype {dtype!r} is not understood; known: {', '.join(NAMES)}") from None
    except KeyError:
        raise NoSuchDtype(f"arrays cannot have dtype {np.dtype(dtype).name!r}; known: {', '.join(NAMES)}") from None
    _BY_KEY[dtype] = known
    return known
