"""Layers that run a whole sequence at once: RNN, LSTM, GRU, of several layers and in one or two directions.

Knows parameters, their names and their order; the operator RNN of `core` computes. Invariant: parameters are called
`l0_i2h_weight`, ... (`r0_...` in the backward direction), and in files `_unfused.0.i2h_weight`, ... as in MXNet, so
that a stack of cells and a layer name alike what they share.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import symbol
from ...core import nd
from ...core.errors import UnknownName
from ...core.ndarray import NDArray
from ...symbol import Symbol
from ..errors import BadArgument, Incompatible
from ..hybrid import HybridBlock
from ..parameter import Init
from .base import StateInfo, States

_GATES = {"rnn_relu": 1, "rnn_tanh": 1, "lstm": 4, "gru": 3}


class _Layer(HybridBlock):
    """What the three have in common."""

    def __init__(
        self, mode: str, hidden_size: int, num_layers: int, layout: str, dropout: float, bidirectional: bool,
        input_size: int, i2h_weight: Init, h2h_weight: Init, i2h_bias: Init, h2h_bias: Init, dtype: Any,
        projection_size: int | None = None, h2r_weight: Init = None, use_sequence_length: bool = False, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        if layout not in ("TNC", "NTC"):
            raise Incompatible(f"{type(self).__name__}: layout is {layout!r}; known: 'TNC', 'NTC'")
        if num_layers < 1 or hidden_size < 1:
            raise BadArgument(
                f"{type(self).__name__}: hidden_size is {hidden_size}, num_layers {num_layers}: both must be 1 or more"
            )
        self._mode = mode
        self._hidden_size = hidden_size
        self._projection_size = projection_size or None
        self._num_layers = num_layers
        self._layout = layout
        self._dropout = dropout
        self._dir = 2 if bidirectional else 1
        self._input_size = input_size
        self._dtype = dtype
        self._use_sequence_length = use_sequence_length
        self._settings: dict[str, Any] = {}
        rows = _GATES[mode] * hidden_size
        width = self._projection_size or hidden_size
        self._order: list[str] = []
        for layer in range(num_layers):
            inputs = width * self._dir if layer else input_size
            for side in "lr"[: self._dir]:
                shapes: dict[str, tuple[tuple[int, ...], Init]] = {
                    "i2h_weight": ((rows, inputs), i2h_weight),
                    "h2h_weight": ((rows, width), h2h_weight),
                    "i2h_bias": ((rows,), i2h_bias),
                    "h2h_bias": ((rows,), h2h_bias),
                }
                if self._projection_size:
                    shapes["h2r_weight"] = ((self._projection_size, hidden_size), h2r_weight)
                for name, (shape, init) in shapes.items():
                    full = f"{side}{layer}_{name}"
                    setattr(
                        self, full,
                        self.params.get(full, shape=shape, init=init, dtype=dtype, allow_deferred_init=True),
                    )  # fmt: skip
                weights = [f"{side}{layer}_{name}" for name in shapes if name.endswith("weight")]
                self._order += weights
        self._order += [
            f"{side}{layer}_{name}_bias"
            for layer in range(num_layers) for side in "lr"[: self._dir] for name in ("i2h", "h2h")
        ]  # fmt: skip

    def __repr__(self) -> str:
        rows, inputs = self._reg_params["l0_i2h_weight"].shape or (0, 0)
        parts = [f"{inputs if inputs else None} -> {rows // _GATES[self._mode]}", self._layout]
        if self._num_layers != 1:
            parts.append(f"num_layers={self._num_layers}")
        if self._dropout != 0:
            parts.append(f"dropout={self._dropout}")
        if self._dir == 2:
            parts.append("bidirectional")
        return f"{type(self).__name__}({', '.join(parts)})"

    def _place_of(self, name: str) -> str:
        """Where a parameter is in files: `l1_i2h_bias` is `_unfused.1.i2h_bias`, with two directions `.1.l_cell.`"""
        place, part = name.split("_", 1)
        return f"_unfused.{place[1:]}.{f'{place[0]}_cell.' if self._dir == 2 else ''}{part}"

    def cast(self, dtype: Any) -> None:
        """Changes the element type of all parameters, and of the states to begin with."""
        super().cast(dtype)
        self._dtype = dtype

    def state_info(self, batch_size: int = 0) -> StateInfo:
        """Shape, layout and dtype of each state, for a batch."""
        count = self._num_layers * self._dir
        widths = [self._projection_size or self._hidden_size, *([self._hidden_size] if self._mode == "lstm" else [])]
        return [
            {"shape": (count, batch_size, width), "__layout__": "LNC", "dtype": self._dtype} for width in widths
        ]

    def begin_state(self, batch_size: int = 0, func: Callable[..., Any] = nd.zeros, **kwargs: Any) -> States:
        """The states to begin with: `func(shape=..., dtype=..., **kwargs)` for each of them."""
        return [
            func(**{**{name: value for name, value in info.items() if name != "__layout__"}, **kwargs})
            for info in self.state_info(batch_size)
        ]

    def __call__(  # type: ignore[override]
        self, inputs: NDArray, states: Any = None, sequence_length: NDArray | None = None
    ) -> Any:
        """The outputs or, where states are given, (outputs, the last states).

        inputs: [T, N, C], or [N, T, C] in layout 'NTC'; states: as `begin_state` makes them, [L * D, N, H] each.
        sequence_length [N], of a layer with use_sequence_length=True: beyond a sequence's length outputs are 0 and its
        states stay.
        """
        if states is None and self._active and isinstance(inputs, NDArray):
            # The graph of a layer has states, so that one graph serves calls with and without them.
            return super().__call__(inputs, self._first_states(inputs), sequence_length)[0]
        return super().__call__(inputs, states, sequence_length)

    @staticmethod
    def _flattened(F: Any, params: list[Any]) -> Any:
        """All parameters in one vector; in a graph by the nodes that MXNet has."""
        if isinstance(params[0], Symbol):
            params = [F.reshape(param, shape=(-1,)) for param in params]
        return F._rnn_param_concat(*params, dim=0)

    def _first_states(self, inputs: Any) -> States:
        return self.begin_state(
            batch_size=inputs.shape[self._layout.index("N")], ctx=inputs.context, dtype=inputs.dtype
        )

    def infer_shape(self, x: NDArray, *args: Any) -> None:
        if x.ndim != 3:
            raise BadArgument(
                f"{type(self).__name__} '{self.name}': inputs is {list(x.shape)}: it takes {self._layout}"
            )
        for side in "lr"[: self._dir]:
            weight = self._reg_params[f"{side}0_i2h_weight"]
            weight.shape = (_GATES[self._mode] * self._hidden_size, x.shape[2])

    def hybrid_forward(self, F: Any, x: Any, states: Any = None, sequence_length: Any = None, **params: Any) -> Any:
        given = [states] if isinstance(states, (NDArray, Symbol)) else states
        if given is None and isinstance(x, Symbol):
            given = self.begin_state(batch_size=0, func=symbol.zeros)
        if given is None:
            given = self._first_states(x)
        expected = 2 if self._mode == "lstm" else 1
        if len(given) != expected:
            raise BadArgument(
                f"{type(self).__name__} '{self.name}' takes {expected} states, got {len(given)}: begin_state() makes "
                f"them"
            )
        if sequence_length is None and self._use_sequence_length:
            raise BadArgument(
                f"{type(self).__name__} '{self.name}' has use_sequence_length=True: call it with sequence_length"
            )
        if self._layout == "NTC":
            x = F.swapaxes(x, dim1=0, dim2=1)
        found = F.RNN(
            x,
            self._flattened(F, [params[name] for name in self._order]),
            *given,
            sequence_length=sequence_length if self._use_sequence_length else None,
            use_sequence_length=self._use_sequence_length,
            state_size=self._hidden_size,
            num_layers=self._num_layers,
            bidirectional=self._dir == 2,
            mode=self._mode,
            p=self._dropout,
            state_outputs=True,
            projection_size=self._projection_size,
            **self._settings,
        )
        out = F.swapaxes(found[0], dim1=0, dim2=1) if self._layout == "NTC" else found[0]
        return out if states is None else (out, list(found[1:]))


class RNN(_Layer):
    """Layers of Elman's network, with 'relu' or 'tanh': h' = activation(W x + b + U h + c).

    [T, N, C] -> [T, N, H], twice as wide if bidirectional; in layout 'NTC' [N, T, C] -> [N, T, H]. `dropout` is for the
    outputs of every layer but the last, while training. Further arguments: use_sequence_length, prefix, params. Raises
    KeyError for another activation. MXNet: `rnn.RNN`.

    >>> layer = RNN(5, num_layers=2)
    >>> layer.initialize()
    >>> out, states = layer(nd.ones((7, 3, 4)), layer.begin_state(batch_size=3))
    >>> out.shape, states[0].shape
    ((7, 3, 5), (2, 3, 5))
    """

    def __init__(
        self, hidden_size: int, num_layers: int = 1, activation: str = "relu", layout: str = "TNC",
        dropout: float = 0, bidirectional: bool = False, i2h_weight_initializer: Init = None,
        h2h_weight_initializer: Init = None, i2h_bias_initializer: Init = "zeros",
        h2h_bias_initializer: Init = "zeros", input_size: int = 0, dtype: Any = "float32", **kwargs: Any,
    ) -> None:  # fmt: skip
        if activation not in ("relu", "tanh"):
            raise UnknownName(f"RNN: activation is {activation!r}; known: 'relu', 'tanh'; an RNNCell takes others")
        super().__init__(
            f"rnn_{activation}", hidden_size, num_layers, layout, dropout, bidirectional, input_size,
            i2h_weight_initializer, h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer, dtype, **kwargs,
        )  # fmt: skip


class LSTM(_Layer):
    """Layers of LSTMs; the states are h and c.

    [T, N, C] -> [T, N, H], as with `RNN`. `projection_size` makes h and the outputs as narrow as that (Sak et al.
    2014); `state_clip_min` and `state_clip_max` are bounds of c, where not-a-number becomes the lower one with
    `state_clip_nan`. MXNet: `rnn.LSTM`; Hochreiter and Schmidhuber 1997.

    >>> layer = LSTM(5, layout="NTC", bidirectional=True)
    >>> layer.initialize()
    >>> layer(nd.ones((3, 7, 4))).shape
    (3, 7, 10)
    """

    def __init__(
        self, hidden_size: int, num_layers: int = 1, layout: str = "TNC", dropout: float = 0,
        bidirectional: bool = False, input_size: int = 0, i2h_weight_initializer: Init = None,
        h2h_weight_initializer: Init = None, i2h_bias_initializer: Init = "zeros",
        h2h_bias_initializer: Init = "zeros", projection_size: int | None = None, h2r_weight_initializer: Init = None,
        state_clip_min: float | None = None, state_clip_max: float | None = None, state_clip_nan: bool = False,
        dtype: Any = "float32", **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            "lstm", hidden_size, num_layers, layout, dropout, bidirectional, input_size, i2h_weight_initializer,
            h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer, dtype, projection_size,
            h2r_weight_initializer, **kwargs,
        )  # fmt: skip
        self._settings = {
            "lstm_state_clip_min": state_clip_min,
            "lstm_state_clip_max": state_clip_max,
            "lstm_state_clip_nan": state_clip_nan,
        }


class GRU(_Layer):
    """Layers of GRUs, as cuDNN has them.   [T, N, C] -> [T, N, H], as with `RNN`.  MXNet: `rnn.GRU`; Cho et al. 2014.

    >>> layer = GRU(5)
    >>> layer.initialize()
    >>> layer, layer(nd.ones((7, 3, 4))).shape
    (GRU(4 -> 5, TNC), (7, 3, 5))
    """

    def __init__(
        self, hidden_size: int, num_layers: int = 1, layout: str = "TNC", dropout: float = 0,
        bidirectional: bool = False, input_size: int = 0, i2h_weight_initializer: Init = None,
        h2h_weight_initializer: Init = None, i2h_bias_initializer: Init = "zeros",
        h2h_bias_initializer: Init = "zeros", dtype: Any = "float32", **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            "gru", hidden_size, num_layers, layout, dropout, bidirectional, input_size, i2h_weight_initializer,
            h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer, dtype, **kwargs,
        )  # fmt: skip
