"""An LSTM cell with a projection, and dropout whose masks stay for a whole sequence."""

from __future__ import annotations

from typing import Any

from ....core.ndarray import NDArray
from ...errors import Incompatible
from ...parameter import Init
from ...rnn import sequences
from ...rnn.base import HybridRecurrentCell, StateInfo, Unrolled
from ...rnn.containers import BidirectionalCell
from ...rnn.modifiers import ModifierCell

__all__ = ["LSTMPCell", "VariationalDropoutCell"]


class LSTMPCell(HybridRecurrentCell):
    """A step of an LSTM whose output is projected: r = P h is what the next step sees.

    [N, I] -> [N, P]; states are [N, P] and [N, H]. MXNet: `gluon.contrib.rnn.LSTMPCell`; Sak et al. 2014.
    """

    def __init__(
        self,
        hidden_size: int,
        projection_size: int,
        i2h_weight_initializer: Init = None,
        h2h_weight_initializer: Init = None,
        h2r_weight_initializer: Init = None,
        i2h_bias_initializer: Init = "zeros",
        h2h_bias_initializer: Init = "zeros",
        input_size: int = 0,
        prefix: str | None = None,
        params: Any = None,
    ) -> None:
        super().__init__(prefix=prefix, params=params)
        self._hidden_size = hidden_size
        self._projection_size = projection_size
        rows = 4 * hidden_size
        get = self.params.get
        self.i2h_weight = get("i2h_weight", shape=(rows, input_size), init=i2h_weight_initializer,
                              allow_deferred_init=True)  # fmt: skip
        self.h2h_weight = get("h2h_weight", shape=(rows, projection_size), init=h2h_weight_initializer,
                              allow_deferred_init=True)  # fmt: skip
        self.h2r_weight = get("h2r_weight", shape=(projection_size, hidden_size), init=h2r_weight_initializer,
                              allow_deferred_init=True)  # fmt: skip
        self.i2h_bias = get("i2h_bias", shape=(rows,), init=i2h_bias_initializer, allow_deferred_init=True)
        self.h2h_bias = get("h2h_bias", shape=(rows,), init=h2h_bias_initializer, allow_deferred_init=True)

    def _alias(self) -> str:
        return "lstmp"

    def __repr__(self) -> str:
        rows, inputs = self.i2h_weight.shape or (0, 0)
        return f"{type(self).__name__}({inputs or None} -> {rows} -> {self._projection_size})"

    def state_info(self, batch_size: int = 0) -> StateInfo:
        """The projected output [N, P] and the memory [N, H]."""
        sizes = (self._projection_size, self._hidden_size)
        return [{"shape": (batch_size, size), "__layout__": "NC"} for size in sizes]

    def infer_shape(self, x: NDArray, *args: Any) -> None:
        self.i2h_weight.shape = (4 * self._hidden_size, x.shape[-1])

    def hybrid_forward(
        self, F: Any, inputs: Any, states: Any, i2h_weight: Any, h2h_weight: Any, h2r_weight: Any, i2h_bias: Any,
        h2h_bias: Any,
    ) -> Unrolled:  # fmt: skip
        rows, step = 4 * self._hidden_size, f"t{self._counter}_"
        i2h = F.FullyConnected(inputs, i2h_weight, i2h_bias, num_hidden=rows, name=f"{step}i2h")
        h2h = F.FullyConnected(states[0], h2h_weight, h2h_bias, num_hidden=rows, name=f"{step}h2h")
        parts = F.SliceChannel(i2h + h2h, num_outputs=4, name=f"{step}slice")
        memory = F.sigmoid(parts[1]) * states[1] + F.sigmoid(parts[0]) * F.tanh(parts[2])
        hidden = F.sigmoid(parts[3]) * F.tanh(memory)
        output = F.FullyConnected(
            hidden, h2r_weight, num_hidden=self._projection_size, no_bias=True, name=f"{step}out"
        )
        return output, [output, memory]


class VariationalDropoutCell(ModifierCell):
    """Dropout of a cell's inputs, first state and outputs, with masks that stay the same for a whole sequence.

    `reset()` forgets the masks; `unroll` calls it. Raises AssertionError for `drop_states` around a cell that reads
    both ways. MXNet: `gluon.contrib.rnn.VariationalDropoutCell`; Gal, Ghahramani 2016.
    """

    def __init__(
        self, base_cell: Any, drop_inputs: float = 0.0, drop_states: float = 0.0, drop_outputs: float = 0.0
    ) -> None:
        if drop_states and isinstance(base_cell, BidirectionalCell):
            raise Incompatible(
                "BidirectionalCell doesn't support variational state dropout. Please add VariationalDropoutCell to the "
                "cells underneath instead."
            )
        super().__init__(base_cell)
        self.drop_inputs = drop_inputs
        self.drop_states = drop_states
        self.drop_outputs = drop_outputs
        self.drop_inputs_mask: Any = None
        self.drop_states_mask: Any = None
        self.drop_outputs_mask: Any = None

    def _alias(self) -> str:
        return "vardrop"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(p_out = {self.drop_outputs}, p_state = {self.drop_states})"

    def reset(self) -> None:
        """Forgets the masks, too."""
        super().reset()
        self.drop_inputs_mask = self.drop_states_mask = self.drop_outputs_mask = None

    def hybrid_forward(self, F: Any, inputs: Any, states: Any) -> Unrolled:
        if self.drop_states:
            if self.drop_states_mask is None:
                self.drop_states_mask = F.Dropout(F.ones_like(states[0]), p=self.drop_states)
            states = [states[0] * self.drop_states_mask, *states[1:]]
        if self.drop_inputs:
            if self.drop_inputs_mask is None:
                self.drop_inputs_mask = F.Dropout(F.ones_like(inputs), p=self.drop_inputs)
            inputs = inputs * self.drop_inputs_mask
        with self._opened() as cell:
            output, states = cell(inputs, states)
        if self.drop_outputs:
            if self.drop_outputs_mask is None:
                self.drop_outputs_mask = F.Dropout(F.ones_like(output), p=self.drop_outputs)
            output = output * self.drop_outputs_mask
        return output, states

    def unroll(
        self, length: int | None, inputs: Any, begin_state: Any = None, layout: str = "NTC",
        merge_outputs: bool | None = None, valid_length: Any = None,
    ) -> Unrolled:  # fmt: skip
        """As `RecurrentCell.unroll`; where no state is dropped, the sequence is masked as a whole."""
        if self.drop_states:
            return super(ModifierCell, self).unroll(length, inputs, begin_state, layout, merge_outputs, valid_length)
        self.reset()
        steps = sequences.as_steps(length, inputs, layout)
        states = self._begin(begin_state, steps, layout)
        whole = inputs if sequences.is_whole(inputs) else sequences.merged(steps, layout)
        F, axis = sequences.operators_of(whole), layout.index("T")
        if self.drop_inputs:
            whole = F.Dropout(whole, p=self.drop_inputs, axes=(axis,))
        with self._opened() as cell:
            outputs, states = cell.unroll(len(steps), whole, states, layout, True, valid_length)
        if self.drop_outputs:
            outputs = F.Dropout(outputs, p=self.drop_outputs, axes=(axis,))
        return (sequences.split(outputs, axis, len(steps)) if merge_outputs is False else outputs), states
