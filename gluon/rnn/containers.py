"""Cells made of cells: one upon another (SequentialRNNCell), and two that read a sequence from both ends.

Knows whose states are whose; the cells compute. Invariant: the states of all cells are one list, in the cells' order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ...core import nd
from ...core.ndarray import NDArray
from ..block import Block
from ..errors import Incompatible
from . import sequences
from .base import HybridRecurrentCell, NotASingleStep, RecurrentCell, StateInfo, States, Unrolled


def _info_of(cells: Iterable[Any], batch_size: int) -> StateInfo:
    return [info for cell in cells for info in cell.state_info(batch_size)]


def _dealt(cells: Iterable[Any], states: Any) -> Iterator[tuple[Any, Any]]:
    """Each cell with its part of the states."""
    start = 0
    for cell in cells:
        stop = start + len(cell.state_info())
        yield cell, states[start:stop]
        start = stop


class _Stack(RecurrentCell):
    """What both stacks have in common."""

    def add(self, cell: Block) -> None:
        """Puts a cell on top."""
        self.register_child(cell)

    def __repr__(self) -> str:
        cells = "\n".join(f"({i}): " + repr(cell).replace("\n", "\n  ") for i, cell in self._children.items())
        return f"{type(self).__name__}(\n{cells}\n)"

    def __getitem__(self, i: int) -> Any:
        return list(self._children.values())[i]

    def __len__(self) -> int:
        return len(self._children)

    def __iter__(self) -> Iterator[Any]:
        return iter(list(self._children.values()))

    def state_info(self, batch_size: int = 0) -> StateInfo:
        """The states of all cells."""
        return _info_of(self, batch_size)

    def begin_state(self, batch_size: int = 0, func: Callable[..., Any] = nd.zeros, **kwargs: Any) -> States:
        """The states that all cells begin with."""
        if self._modified:
            return super().begin_state(batch_size, func, **kwargs)
        return [state for cell in self for state in cell.begin_state(batch_size=batch_size, func=func, **kwargs)]

    def _step(self, x: Any, states: Any) -> Unrolled:
        self._check_states(states)
        following: States = []
        for cell, mine in _dealt(self, states):
            if isinstance(cell, BidirectionalCell):
                raise Incompatible(
                    f"{type(self).__name__} '{self.name}' holds a BidirectionalCell, which has no single step: unroll "
                    f"it"
                )
            x, mine = cell(x, mine)
            following.extend(mine)
        return x, following

    def unroll(
        self,
        length: int | None,
        inputs: Any,
        begin_state: Any = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
        valid_length: NDArray | None = None,
    ) -> Unrolled:
        """As `RecurrentCell.unroll`, one cell after the other over the whole sequence."""
        self.reset()
        steps = sequences.as_steps(length, inputs, layout)
        states = self._begin(begin_state, steps, layout)
        self._check_states(states)
        following: States = []
        top = len(self) - 1
        for i, (cell, mine) in enumerate(_dealt(self, states)):
            merge = merge_outputs if i == top else None
            inputs, mine = cell.unroll(length, inputs, mine, layout, merge, valid_length)
            following.extend(mine)
        return inputs, following


class SequentialRNNCell(_Stack):
    """Cells one upon another: each takes the output of the one beneath it. MXNet: `rnn.SequentialRNNCell`.

    >>> from mxl.gluon import rnn
    >>> cell = SequentialRNNCell()
    >>> cell.add(rnn.LSTMCell(8))
    >>> cell.add(rnn.GRUCell(4))
    >>> cell.initialize()
    >>> outputs, states = cell.unroll(5, nd.ones((2, 5, 3)), merge_outputs=True)
    >>> outputs.shape, len(states)
    ((2, 5, 4), 3)
    """

    def forward(self, inputs: Any, states: Any) -> Unrolled:
        """One step of all cells."""
        self._counter += 1
        return self._step(inputs, states)


class HybridSequentialRNNCell(_Stack, HybridRecurrentCell):
    """As SequentialRNNCell, of cells that are HybridBlocks. MXNet: `rnn.HybridSequentialRNNCell`."""

    def __call__(self, *args: Any) -> Unrolled:
        """One step: (output, new states), a tuple when hybridized, too."""
        output, states = super().__call__(*args)
        return output, states

    def hybrid_forward(self, F: Any, inputs: Any, states: Any) -> Unrolled:
        return self._step(inputs, states)


class BidirectionalCell(HybridRecurrentCell):
    """Two cells, one that reads the sequence forward and one that reads it backward, their outputs side by side.

    It can be unrolled, not stepped. `output_prefix` is kept and names nothing. MXNet: `rnn.BidirectionalCell`; Schuster
    and Paliwal 1997.

    >>> from mxl.gluon import rnn
    >>> cell = BidirectionalCell(rnn.LSTMCell(3), rnn.LSTMCell(3))
    >>> cell.initialize()
    >>> cell.unroll(4, nd.ones((2, 4, 5)), merge_outputs=True)[0].shape
    (2, 4, 6)
    """

    def __init__(self, l_cell: Any, r_cell: Any, output_prefix: str = "bi_") -> None:
        super().__init__(prefix="", params=None)
        self.register_child(l_cell, "l_cell")
        self.register_child(r_cell, "r_cell")
        self._output_prefix = output_prefix

    def __repr__(self) -> str:
        left, right = self._children.values()
        return f"BidirectionalCell(forward={left}, backward={right})"

    def state_info(self, batch_size: int = 0) -> StateInfo:
        """The states of the forward cell, then those of the backward one."""
        return _info_of(self._children.values(), batch_size)

    def begin_state(self, batch_size: int = 0, func: Callable[..., Any] = nd.zeros, **kwargs: Any) -> States:
        """The states that both cells begin with."""
        if self._modified:
            return super().begin_state(batch_size, func, **kwargs)
        cells: Any = self._children.values()
        return [state for cell in cells for state in cell.begin_state(batch_size=batch_size, func=func, **kwargs)]

    def forward(self, inputs: Any, states: Any) -> Unrolled:
        """Raises NotImplementedError: the backward cell begins with the end."""
        raise NotASingleStep("a BidirectionalCell has no single step, it reads the sequence from both ends: unroll it")

    def unroll(
        self,
        length: int | None,
        inputs: Any,
        begin_state: Any = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
        valid_length: NDArray | None = None,
    ) -> Unrolled:
        """As `RecurrentCell.unroll`; the backward cell begins with each sequence's last valid step."""
        self.reset()
        steps = sequences.as_steps(length, inputs, layout)
        states = self._begin(begin_state, steps, layout)
        self._check_states(states)
        (left, left_states), (right, right_states) = _dealt(self._children.values(), states)
        ahead, left_states = left.unroll(length, steps, left_states, layout, False, valid_length)
        if valid_length is None:
            back, right_states = right.unroll(length, steps[::-1], right_states, layout, False)
            back = back[::-1]
        else:
            turned = _turned(sequences.operators_of(*steps).stack(*steps, axis=0), valid_length)
            back, right_states = right.unroll(length, turned, right_states, "TNC", True, valid_length)
            back = sequences.split(_turned(back, valid_length), 0, len(steps))
        F = sequences.operators_of(*ahead)
        outputs: Any = [F.concat(*pair, dim=1) for pair in zip(ahead, back, strict=True)]
        if merge_outputs or (merge_outputs is None and valid_length is not None):
            outputs = sequences.merged(outputs, layout)
        return outputs, [*left_states, *right_states]


def _turned(sequence: NDArray, valid_length: NDArray) -> NDArray:
    """Each sequence's valid steps in reverse.   [T, N, C]"""
    F = sequences.operators_of(sequence)
    return F.SequenceReverse(sequence, sequence_length=valid_length, use_sequence_length=True)
