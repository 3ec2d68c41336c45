"""The three cells that have weights: RNNCell, LSTMCell, GRUCell.

Knows one step's formula of each. Invariant: parameters are i2h_weight [GH, I], h2h_weight [GH, H], i2h_bias [GH] and
h2h_bias [GH], G being the cell's gates, and their names and order are the layers' too.
"""

from __future__ import annotations

from typing import Any

from ...core.ndarray import NDArray
from ..parameter import Init
from .base import HybridRecurrentCell, StateInfo, Unrolled, activated


class _WeightedCell(HybridRecurrentCell):
    """What the three have in common: the parameters, and both products."""

    _kind = "rnn"
    _gates = 1
    _states = 1

    def __init__(
        self, hidden_size: int, i2h_weight: Init, h2h_weight: Init, i2h_bias: Init, h2h_bias: Init, input_size: int,
        prefix: str | None, params: Any,
    ) -> None:  # fmt: skip
        super().__init__(prefix=prefix, params=params)
        self._hidden_size = hidden_size
        self._input_size = input_size
        rows = self._gates * hidden_size
        get = self.params.get
        self.i2h_weight = get("i2h_weight", shape=(rows, input_size), init=i2h_weight, allow_deferred_init=True)
        self.h2h_weight = get("h2h_weight", shape=(rows, hidden_size), init=h2h_weight, allow_deferred_init=True)
        self.i2h_bias = get("i2h_bias", shape=(rows,), init=i2h_bias, allow_deferred_init=True)
        self.h2h_bias = get("h2h_bias", shape=(rows,), init=h2h_bias, allow_deferred_init=True)

    def _alias(self) -> str:
        return self._kind

    def state_info(self, batch_size: int = 0) -> StateInfo:
        """Each state is [N, H]."""
        return [{"shape": (batch_size, self._hidden_size), "__layout__": "NC"} for _ in range(self._states)]

    def infer_shape(self, x: NDArray, *args: Any) -> None:
        self.i2h_weight.shape = (self._gates * self._hidden_size, x.shape[-1])

    def _products(
        self, F: Any, x: Any, h: Any, i2h_weight: Any, h2h_weight: Any, i2h_bias: Any, h2h_bias: Any
    ) -> tuple[Any, Any]:
        rows = self._gates * self._hidden_size
        return (
            F.FullyConnected(x, i2h_weight, i2h_bias, num_hidden=rows),
            F.FullyConnected(h, h2h_weight, h2h_bias, num_hidden=rows),
        )

    def _mapping(self) -> str:
        rows, inputs = self.i2h_weight.shape or (0, 0)
        return f"{inputs if inputs else None} -> {rows}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._mapping()})"


class RNNCell(_WeightedCell):
    """A step of Elman's network: h' = activation(W x + b + U h + c); its output is h'. MXNet: `rnn.RNNCell`.

    >>> from mxl.core import nd
    >>> cell = RNNCell(3)
    >>> cell.initialize()
    >>> output, states = cell(nd.ones((2, 4)), cell.begin_state(2))
    >>> cell, output.shape
    (RNNCell(4 -> 3, tanh), (2, 3))
    """

    def __init__(
        self, hidden_size: int, activation: Any = "tanh", i2h_weight_initializer: Init = None,
        h2h_weight_initializer: Init = None, i2h_bias_initializer: Init = "zeros",
        h2h_bias_initializer: Init = "zeros", input_size: int = 0, prefix: str | None = None, params: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            hidden_size, i2h_weight_initializer, h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer,
            input_size, prefix, params,
        )  # fmt: skip
        self._activation = activation

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._mapping()}, {self._activation})"

    def hybrid_forward(self, F: Any, x: Any, states: Any, **params: Any) -> Unrolled:
        i2h, h2h = self._products(F, x, states[0], **params)
        output = activated(F, i2h + h2h, self._activation)
        return output, [output]


class LSTMCell(_WeightedCell):
    """A step of an LSTM: states h and c, gates in the order in, forget, new, out; its output is h'.

    c' = forget * c + in * new, h' = out * activation(c'). MXNet: `rnn.LSTMCell`; Hochreiter and Schmidhuber 1997.
    """

    _kind = "lstm"
    _gates = 4
    _states = 2

    def __init__(
        self, hidden_size: int, i2h_weight_initializer: Init = None, h2h_weight_initializer: Init = None,
        i2h_bias_initializer: Init = "zeros", h2h_bias_initializer: Init = "zeros", input_size: int = 0,
        prefix: str | None = None, params: Any = None, activation: Any = "tanh", recurrent_activation: Any = "sigmoid",
    ) -> None:  # fmt: skip
        super().__init__(
            hidden_size, i2h_weight_initializer, h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer,
            input_size, prefix, params,
        )  # fmt: skip
        self._activation = activation
        self._recurrent_activation = recurrent_activation

    def hybrid_forward(self, F: Any, x: Any, states: Any, **params: Any) -> Unrolled:
        i2h, h2h = self._products(F, x, states[0], **params)
        parts = F.split(i2h + h2h, num_outputs=4, axis=1)
        enter, forget, leave = (activated(F, parts[i], self._recurrent_activation) for i in (0, 1, 3))
        new = activated(F, parts[2], self._activation)
        cells = forget * states[1] + enter * new
        output = leave * activated(F, cells, self._activation)
        return output, [output, cells]


class GRUCell(_WeightedCell):
    """A step of a GRU, as cuDNN has it: gates in the order reset, update, new; its output is h'.

    new = tanh(W x + b + reset * (U h + c)), h' = (1 - update) * new + update * h. MXNet: `rnn.GRUCell`; Cho et al.
    2014.
    """

    _kind = "gru"
    _gates = 3

    def __init__(
        self, hidden_size: int, i2h_weight_initializer: Init = None, h2h_weight_initializer: Init = None,
        i2h_bias_initializer: Init = "zeros", h2h_bias_initializer: Init = "zeros", input_size: int = 0,
        prefix: str | None = None, params: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            hidden_size, i2h_weight_initializer, h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer,
            input_size, prefix, params,
        )  # fmt: skip

    def hybrid_forward(self, F: Any, x: Any, states: Any, **params: Any) -> Unrolled:
        h = states[0]
        i2h, h2h = self._products(F, x, h, **params)
        x_parts = F.split(i2h, num_outputs=3, axis=1)
        h_parts = F.split(h2h, num_outputs=3, axis=1)
        reset = F.sigmoid(x_parts[0] + h_parts[0])
        update = F.sigmoid(x_parts[1] + h_parts[1])
        new = F.tanh(x_parts[2] + reset * h_parts[2])
        output = (1.0 - update) * new + update * h
        return output, [output]
