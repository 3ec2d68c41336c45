"""The layers that most networks are made of: Dense, Embedding, Dropout, Flatten, and functions as layers.

Knows parameters and their shapes; the operators of `core` compute. Invariant: a parameter's unknown size is set from
the first input by `infer_shape`, and nowhere else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ...core import nd
from ...core.ndarray import NDArray
from ..block import Block
from ..errors import BadArgument, Incompatible
from ..hybrid import HybridBlock
from ..parameter import Init
from .activations import Activation


class Dense(HybridBlock):
    """A fully connected layer: activation(x @ weight.T + bias).   [N, I] -> [N, units]

    With `flatten` all axes of the input but the first are one; without, the last axis is transformed and the others
    stay. `in_units=0` leaves I to the first forward. MXNet: `nn.Dense`.

    >>> layer = Dense(3, in_units=2)
    >>> layer.initialize()
    >>> layer(nd.ones((5, 2))).shape
    (5, 3)
    """

    def __init__(
        self,
        units: int,
        activation: str | None = None,
        use_bias: bool = True,
        flatten: bool = True,
        dtype: Any = "float32",
        weight_initializer: Init = None,
        bias_initializer: Init = "zeros",
        in_units: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._units = units
        self._in_units = in_units
        self._flatten = flatten
        with self.name_scope():
            self.weight = self.params.get(
                "weight", shape=(units, in_units), init=weight_initializer, dtype=dtype, allow_deferred_init=True
            )
            self.bias = (
                self.params.get("bias", shape=(units,), init=bias_initializer, dtype=dtype, allow_deferred_init=True)
                if use_bias
                else None
            )
            self.act = None if activation is None else Activation(activation, prefix=activation + "_")

    def infer_shape(self, x: NDArray, *args: Any) -> None:
        in_units = math.prod(x.shape[1:]) if self._flatten else x.shape[-1]
        self.weight.shape = (self._units, in_units)

    def hybrid_forward(self, F: Any, x: Any, weight: Any, bias: Any = None) -> Any:
        out = F.FullyConnected(
            x, weight, bias, no_bias=bias is None, num_hidden=self._units, flatten=self._flatten, name="fwd"
        )
        return out if self.act is None else self.act(out)

    def __repr__(self) -> str:
        shape = self.weight.shape or (0, 0)
        return f"Dense({shape[1] if shape[1] else None} -> {shape[0]}, {'linear' if self.act is None else self.act})"


class Dropout(HybridBlock):
    """While training, sets each element to zero with probability `rate` and scales the others by 1 / (1 - rate).

    `axes` are those along which all elements share one draw. Outside of training, and with rate 0, the input itself.
    MXNet: `nn.Dropout`; Srivastava et al. 2014.
    """

    def __init__(self, rate: float, axes: Sequence[int] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._rate = rate
        self._axes = tuple(axes)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        if self._rate > 0:
            return F.Dropout(x, p=self._rate, axes=self._axes, name="fwd")
        return F.identity(x)

    def __repr__(self) -> str:
        return f"Dropout(p = {self._rate}, axes={self._axes})"


class Embedding(HybridBlock):
    """Rows of a table, looked up by number.   [...] -> [..., output_dim]; the table is [input_dim, output_dim].

    With `sparse_grad` its gradient is row_sparse: it has only the rows that were looked up, and optimizers that update
    lazily change only those. MXNet: `nn.Embedding`.

    >>> table = Embedding(10, 4)
    >>> table.initialize()
    >>> table(nd.array([1, 2, 3])).shape
    (3, 4)
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        dtype: Any = "float32",
        weight_initializer: Init = None,
        sparse_grad: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._input_dim = input_dim
        self._output_dim = output_dim
        self._dtype = dtype
        self._sparse_grad = sparse_grad
        self.weight = self.params.get(
            "weight", shape=(input_dim, output_dim), init=weight_initializer, dtype=dtype, allow_deferred_init=True,
            grad_stype="row_sparse" if sparse_grad else "default",
        )  # fmt: skip

    def hybrid_forward(self, F: Any, x: Any, weight: Any) -> Any:
        return F.Embedding(
            x, weight, input_dim=self._input_dim, output_dim=self._output_dim, dtype=self._dtype,
            sparse_grad=self._sparse_grad, name="fwd",
        )  # fmt: skip

    def __repr__(self) -> str:
        return f"Embedding({self._input_dim} -> {self._output_dim}, {self._dtype})"


class Flatten(HybridBlock):
    """Makes all axes but the first one: [N, a, b, …] -> [N, a * b * …]. MXNet: `nn.Flatten`."""

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return F.Flatten(x)

    def __repr__(self) -> str:
        return "Flatten"


def _operator(function: str | Callable[..., Any], kind: str) -> tuple[Callable[..., Any] | None, str]:
    """The function given (None where it was named and is an operator), and its name."""
    if isinstance(function, str):
        if not hasattr(nd, function):
            raise Incompatible(f"{kind}: mx.nd has no function or operator {function!r}")
        return None, function
    if callable(function):
        return function, getattr(function, "__name__", type(function).__name__)
    raise BadArgument(f"{kind}: expected a function, or the name of an operator, got {function!r:.60}")


class Lambda(Block):
    """A function of arrays, or the name of an operator, as a Block. MXNet: `nn.Lambda`.

    >>> Lambda("tanh")
    Lambda(tanh)
    """

    def __init__(self, function: str | Callable[..., Any], prefix: str | None = None) -> None:
        super().__init__(prefix=prefix)
        given, self._func_name = _operator(function, "Lambda")
        self._func_impl = getattr(nd, self._func_name) if given is None else given

    def forward(self, *args: Any) -> Any:
        return self._func_impl(*args)

    def __repr__(self) -> str:
        return f"Lambda({self._func_name})"


class HybridLambda(HybridBlock):
    """A function of F and arrays, or the name of an operator, as a HybridBlock. MXNet: `nn.HybridLambda`.

    >>> HybridLambda(lambda F, x: F.relu(x) * 2)
    HybridLambda(<lambda>)
    """

    def __init__(self, function: str | Callable[..., Any], prefix: str | None = None) -> None:
        super().__init__(prefix=prefix)
        self._func, self._func_name = _operator(function, "HybridLambda")

    def hybrid_forward(self, F: Any, x: Any, *args: Any) -> Any:
        if self._func is None:
            return getattr(F, self._func_name)(x, *args)
        return self._func(F, x, *args)

    def __repr__(self) -> str:
        return f"HybridLambda({self._func_name})"
