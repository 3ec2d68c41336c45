"""Errors of graphs.

    MXLError
      NotForSymbol     also NotImplementedError: it needs values, and a symbol has none
      Incomplete       also ValueError: a value, a name or an output that is not there
"""

from __future__ import annotations

from ..core.errors import MXLError

__all__ = ["Incomplete", "NotForSymbol"]


class NotForSymbol(MXLError, NotImplementedError):
    """What needs an array's values or shape was asked of a symbol, which has none."""


class Incomplete(MXLError, ValueError):
    """Something that a graph needs was not given, or a name stands for nothing in it."""
