"""Saved values: plain arrays that a forward keeps for its gradient, and how the gradient takes them up.

An operator with `saves=True` leaves them on the tape; here is what its rules do with them, and nothing of any operator.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...handle import new


class Kept:
    """A saved array passed on as a parameter of the gradient's operator: opaque to the dispatch."""

    __slots__ = ("array",)

    def __init__(self, array: np.ndarray) -> None:
        self.array = array


def beside(g: Any, saved: np.ndarray) -> Any:
    """`saved` as what the gradient g is: a plain array, or an NDArray where gradients are themselves recorded."""
    return saved if isinstance(g, np.ndarray) else new(type(g), saved, g.ctx)
