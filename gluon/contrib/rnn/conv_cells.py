"""Recurrent cells whose products are convolutions: for sequences of signals, images and volumes.

Knows one step's formula of the three kinds, in one to three dimensions.  Invariant: a state has as many positions as
the convolved input, for the convolution of states keeps them: its kernels are odd, and it pads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...errors import Incompatible
from ...parameter import Init
from ...rnn.base import HybridRecurrentCell, StateInfo, Unrolled, activated

__all__ = [
    "Conv1DGRUCell", "Conv1DLSTMCell", "Conv1DRNNCell", "Conv2DGRUCell", "Conv2DLSTMCell", "Conv2DRNNCell",
    "Conv3DGRUCell", "Conv3DLSTMCell", "Conv3DRNNCell",
]  # fmt: skip

Sizes = int | Sequence[int]


class _ConvCell(HybridRecurrentCell):
    """What all have in common: parameters, shapes, and both convolutions."""

    _kind = "conv_rnn"
    _gates = 1
    _states = 1
    _dims = 1

    def __init__(
        self,
        input_shape: Sequence[int],
        hidden_channels: int,
        i2h_kernel: Sizes,
        h2h_kernel: Sizes,
        i2h_pad: Sizes = 0,
        i2h_dilate: Sizes = 1,
        h2h_dilate: Sizes = 1,
        i2h_weight_initializer: Init = None,
        h2h_weight_initializer: Init = None,
        i2h_bias_initializer: Init = "zeros",
        h2h_bias_initializer: Init = "zeros",
        conv_layout: str | None = None,
        activation: Any = "tanh",
        prefix: str | None = None,
        params: Any = None,
    ) -> None:
        super().__init__(prefix=prefix, params=params)
        layouts = ("NCW", "NCHW", "NCDHW")[self._dims - 1]
        self._conv_layout = layouts if conv_layout is None else conv_layout
        if self._conv_layout != layouts:
            raise Incompatible(f"{type(self).__name__}: conv_layout is {conv_layout!r}: convolutions take {layouts}")
        self._hidden_channels = hidden_channels
        self._activation = activation
        self._i2h_kernel = self._each("i2h_kernel", i2h_kernel)
        self._h2h_kernel = self._each("h2h_kernel", h2h_kernel)
        self._i2h_pad = self._each("i2h_pad", i2h_pad)
        self._i2h_dilate = self._each("i2h_dilate", i2h_dilate)
        self._h2h_dilate = self._each("h2h_dilate", h2h_dilate)
        if any(size % 2 == 0 for size in self._h2h_kernel):
            raise Incompatible(
                f"Only support odd number, get h2h_kernel= {h2h_kernel}: states keep their positions, so the kernel "
                f"needs a middle"
            )
        self._h2h_pad = tuple(
            dilate * (size - 1) // 2 for dilate, size in zip(self._h2h_dilate, self._h2h_kernel, strict=True)
        )
        positions = [
            length + 2 * pad - dilate * (size - 1) if length else 0
            for length, size, pad, dilate in zip(
                input_shape[1:], self._i2h_kernel, self._i2h_pad, self._i2h_dilate, strict=True
            )
        ]
        self._state_shape = (hidden_channels, *positions)
        rows, channels = self._gates * hidden_channels, input_shape[0]
        get = self.params.get
        self.i2h_weight = get("i2h_weight", shape=(rows, channels, *self._i2h_kernel), init=i2h_weight_initializer,
                              allow_deferred_init=True)  # fmt: skip
        self.h2h_weight = get("h2h_weight", shape=(rows, hidden_channels, *self._h2h_kernel),
                              init=h2h_weight_initializer, allow_deferred_init=True)  # fmt: skip
        self.i2h_bias = get("i2h_bias", shape=(rows,), init=i2h_bias_initializer, allow_deferred_init=True)
        self.h2h_bias = get("h2h_bias", shape=(rows,), init=h2h_bias_initializer, allow_deferred_init=True)

    def _each(self, name: str, given: Sizes) -> tuple[int, ...]:
        sizes = (given,) * self._dims if isinstance(given, int) else tuple(given)
        if len(sizes) != self._dims:
            raise Incompatible(
                f"For {self._dims}D convolution, the convolution settings can only be either int or list/tuple of "
                f"length {self._dims}: {name} is {given}"
            )
        return sizes

    def _alias(self) -> str:
        return self._kind

    def __repr__(self) -> str:
        shape = self.i2h_weight.shape or (0, 0)
        return f"{type(self).__name__}({shape[1] or None} -> {shape[0]}, {self._activation}, {self._conv_layout})"

    def state_info(self, batch_size: int = 0) -> StateInfo:
        """Each state is [N, channels, positions...]."""
        return [
            {"shape": (batch_size, *self._state_shape), "__layout__": self._conv_layout} for _ in range(self._states)
        ]

    def _products(
        self, F: Any, x: Any, h: Any, i2h_weight: Any, h2h_weight: Any, i2h_bias: Any, h2h_bias: Any
    ) -> tuple[Any, Any]:
        rows, step = self._gates * self._hidden_channels, f"t{self._counter}_"
        stride = (1,) * self._dims
        return (
            F.Convolution(
                x, i2h_weight, i2h_bias, num_filter=rows, kernel=self._i2h_kernel, stride=stride, pad=self._i2h_pad,
                dilate=self._i2h_dilate, layout=self._conv_layout, name=f"{step}i2h",
            ),
            F.Convolution(
                h, h2h_weight, h2h_bias, num_filter=rows, kernel=self._h2h_kernel, stride=stride, pad=self._h2h_pad,
                dilate=self._h2h_dilate, layout=self._conv_layout, name=f"{step}h2h",
            ),
        )  # fmt: skip


class _RNN(_ConvCell):
    def hybrid_forward(
        self, F: Any, inputs: Any, states: Any, i2h_weight: Any, h2h_weight: Any, i2h_bias: Any, h2h_bias: Any
    ) -> Unrolled:
        i2h, h2h = self._products(F, inputs, states[0], i2h_weight, h2h_weight, i2h_bias, h2h_bias)
        output = activated(F, i2h + h2h, self._activation)
        return output, [output]


class _LSTM(_ConvCell):
    _kind = "conv_lstm"
    _gates = 4
    _states = 2

    def hybrid_forward(
        self, F: Any, inputs: Any, states: Any, i2h_weight: Any, h2h_weight: Any, i2h_bias: Any, h2h_bias: Any
    ) -> Unrolled:
        i2h, h2h = self._products(F, inputs, states[0], i2h_weight, h2h_weight, i2h_bias, h2h_bias)
        parts = F.SliceChannel(i2h + h2h, num_outputs=4, axis=1)
        memory = F.sigmoid(parts[1]) * states[1] + F.sigmoid(parts[0]) * activated(F, parts[2], self._activation)
        output = F.sigmoid(parts[3]) * activated(F, memory, self._activation)
        return output, [output, memory]


class _GRU(_ConvCell):
    _kind = "conv_gru"
    _gates = 3

    def hybrid_forward(
        self, F: Any, inputs: Any, states: Any, i2h_weight: Any, h2h_weight: Any, i2h_bias: Any, h2h_bias: Any
    ) -> Unrolled:
        i2h, h2h = self._products(F, inputs, states[0], i2h_weight, h2h_weight, i2h_bias, h2h_bias)
        x_parts = F.SliceChannel(i2h, num_outputs=3, axis=1)
        h_parts = F.SliceChannel(h2h, num_outputs=3, axis=1)
        reset = F.sigmoid(x_parts[0] + h_parts[0])
        update = F.sigmoid(x_parts[1] + h_parts[1])
        new = activated(F, x_parts[2] + reset * h_parts[2], self._activation)
        output = (1.0 - update) * new + update * states[0]
        return output, [output]


class Conv1DRNNCell(_RNN):
    """h' = activation(W * x + b + U * h + c), * a convolution.  input_shape: (C, W) of one step.

    MXNet: `gluon.contrib.rnn.Conv1DRNNCell`.
    """


class Conv2DRNNCell(_RNN):
    """As Conv1DRNNCell, of images: input_shape is (C, H, W). MXNet: `gluon.contrib.rnn.Conv2DRNNCell`."""

    _dims = 2


class Conv3DRNNCell(_RNN):
    """As Conv1DRNNCell, of volumes: input_shape is (C, D, H, W). MXNet: `gluon.contrib.rnn.Conv3DRNNCell`."""

    _dims = 3


class Conv1DLSTMCell(_LSTM):
    """A step of an LSTM whose products are convolutions.  input_shape: (C, W) of one step.

    MXNet: `gluon.contrib.rnn.Conv1DLSTMCell`; Shi et al. 2015.
    """


class Conv2DLSTMCell(_LSTM):
    """As Conv1DLSTMCell, of images: input_shape is (C, H, W). MXNet: `gluon.contrib.rnn.Conv2DLSTMCell`.

    >>> import mxl as mx
    >>> cell = Conv2DLSTMCell((1, 6, 6), 4, i2h_kernel=3, h2h_kernel=3, i2h_pad=1)
    >>> cell.initialize()
    >>> outputs, states = cell.unroll(5, mx.nd.ones((2, 5, 1, 6, 6)), merge_outputs=True)
    >>> outputs.shape, [state.shape for state in states]
    ((2, 5, 4, 6, 6), [(2, 4, 6, 6), (2, 4, 6, 6)])
    """

    _dims = 2


class Conv3DLSTMCell(_LSTM):
    """As Conv1DLSTMCell, of volumes: input_shape is (C, D, H, W). MXNet: `gluon.contrib.rnn.Conv3DLSTMCell`."""

    _dims = 3


class Conv1DGRUCell(_GRU):
    """A step of a GRU whose products are convolutions.  input_shape: (C, W) of one step.

    MXNet: `gluon.contrib.rnn.Conv1DGRUCell`.
    """


class Conv2DGRUCell(_GRU):
    """As Conv1DGRUCell, of images: input_shape is (C, H, W). MXNet: `gluon.contrib.rnn.Conv2DGRUCell`."""

    _dims = 2


class Conv3DGRUCell(_GRU):
    """As Conv1DGRUCell, of volumes: input_shape is (C, D, H, W). MXNet: `gluon.contrib.rnn.Conv3DGRUCell`."""

    _dims = 3
