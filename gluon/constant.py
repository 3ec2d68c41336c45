"""A constant: a parameter that training never changes.

Knows its value only; `parameter.py` knows contexts and initialisation. Invariant: grad_req is 'null' for ever.
"""

from __future__ import annotations

import warnings
from typing import Any

from ..core import initializer, nd
from ..core.ndarray import NDArray
from .parameter import Parameter


class Constant(Parameter):
    """A value that training never changes: it takes part in the forward, has no gradient, and is saved with the model.

    >>> ones = Constant("ones", [[1, 1]])
    >>> ones.initialize()
    >>> ones.data().shape
    (1, 2)
    """

    def __init__(self, name: str, value: Any) -> None:
        self.value: NDArray = value if isinstance(value, NDArray) else nd.array(value)
        super().__init__(
            name,
            grad_req="null",
            shape=self.value.shape,
            dtype=self.value.dtype,
            init=_ConstantValue(self.value),
            differentiable=False,
        )

    @property
    def grad_req(self) -> str:
        return "null"

    @grad_req.setter
    def grad_req(self, req: str) -> None:
        if req != "null":
            warnings.warn(
                f"Constant '{self.name}' has no gradient: its grad_req stays 'null', and {req!r} is ignored",
                stacklevel=2,
            )


class _ConstantValue(initializer.Initializer):
    """Fills an array with one given array."""

    def __init__(self, value: NDArray) -> None:
        super().__init__()
        self._value = value

    def _init_weight(self, name: str, arr: NDArray) -> None:
        self._value.copyto(arr)
