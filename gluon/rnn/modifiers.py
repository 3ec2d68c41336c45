"""Cells around other cells, or between them: DropoutCell, and ModifierCell with ZoneoutCell and ResidualCell.

Knows what is done to a step's inputs, outputs and states; the cell inside computes the step. Invariant: a cell is
inside of one modifier at most, and from then on called through it only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from numbers import Number
from typing import Any

from ...core import nd
from ...core.ndarray import NDArray
from ..errors import Incompatible
from . import sequences
from .base import HybridRecurrentCell, StateInfo, States, Unrolled
from .containers import BidirectionalCell


class DropoutCell(HybridRecurrentCell):
    """Dropout of a step's inputs while training; it has no state. A sequence in one array is dropped from as a whole.

    `axes`: those along which all elements share one draw. MXNet: `rnn.DropoutCell`.
    """

    def __init__(
        self, rate: float, axes: int | Sequence[int] = (), prefix: str | None = None, params: Any = None
    ) -> None:
        super().__init__(prefix=prefix, params=params)
        if not isinstance(rate, Number):
            raise Incompatible(f"DropoutCell: rate must be a number, not {rate!r}")
        self._rate = rate
        self._axes = axes

    def _alias(self) -> str:
        return "dropout"

    def __repr__(self) -> str:
        return f"DropoutCell(rate={self._rate}, axes={self._axes})"

    def state_info(self, batch_size: int = 0) -> StateInfo:
        """None at all."""
        return []

    def _check_states(self, states: Any) -> None:
        """It passes on what it is given."""

    def hybrid_forward(self, F: Any, inputs: Any, states: Any) -> Unrolled:
        return (F.Dropout(inputs, p=self._rate, axes=self._axes) if self._rate else inputs), states

    def unroll(
        self,
        length: int | None,
        inputs: Any,
        begin_state: Any = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
        valid_length: NDArray | None = None,
    ) -> Unrolled:
        """As `RecurrentCell.unroll`; an array stays one unless merge_outputs is False."""
        steps = sequences.as_steps(length, inputs, layout)
        whole = sequences.is_whole(inputs) if merge_outputs is None else merge_outputs
        if not whole:
            return super().unroll(length, steps, begin_state, layout, merge_outputs, valid_length)
        self.reset()
        array = inputs if sequences.is_whole(inputs) else sequences.merged(steps, layout)
        return self(array, begin_state or [])


class ModifierCell(HybridRecurrentCell):
    """The base of cells that change what another cell does; it has that cell's states and parameters.

    Raises AssertionError for a cell that is inside of a modifier already. MXNet: `rnn.ModifierCell`.
    """

    def __init__(self, base_cell: Any) -> None:
        if base_cell._modified:
            raise Incompatible(
                f"cell '{base_cell.name}' is inside of a modifier already, and can be in one only: modify that modifier"
            )
        super().__init__(prefix=base_cell.prefix + self._alias(), params=None)
        self.base_cell = base_cell
        base_cell._modified = True

    @property
    def params(self) -> Any:
        """The parameters of the cell inside."""
        return self.base_cell.params

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_cell})"

    def state_info(self, batch_size: int = 0) -> StateInfo:
        """The states of the cell inside."""
        return self.base_cell.state_info(batch_size)

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        """The cell inside, which may be called directly meanwhile."""
        self.base_cell._modified = False
        try:
            yield self.base_cell
        finally:
            self.base_cell._modified = True

    def begin_state(self, batch_size: int = 0, func: Callable[..., Any] = nd.zeros, **kwargs: Any) -> States:
        """The states that the cell inside begins with."""
        if self._modified:
            return super().begin_state(batch_size, func, **kwargs)
        with self._opened() as base:
            return base.begin_state(batch_size=batch_size, func=func, **kwargs)


class ZoneoutCell(ModifierCell):
    """While training, elements of outputs and states stay what they were one step before, at random.

    `zoneout_outputs` and `zoneout_states` are the probabilities. Raises AssertionError for a BidirectionalCell. MXNet:
    `rnn.ZoneoutCell`; Krueger et al. 2017.
    """

    def __init__(self, base_cell: Any, zoneout_outputs: float = 0.0, zoneout_states: float = 0.0) -> None:
        if isinstance(base_cell, BidirectionalCell):
            raise Incompatible("ZoneoutCell: a BidirectionalCell has no steps to change: zone out its two cells")
        self._prev_output: NDArray | None = None
        super().__init__(base_cell)
        self._zoneout_outputs = zoneout_outputs
        self._zoneout_states = zoneout_states

    def __repr__(self) -> str:
        return f"ZoneoutCell(p_out={self._zoneout_outputs}, p_state={self._zoneout_states}, {self.base_cell})"

    def _alias(self) -> str:
        return "zoneout"

    def reset(self) -> None:
        """Forgets the last output, too."""
        super().reset()
        self._prev_output = None

    def hybrid_forward(self, F: Any, inputs: Any, states: Any) -> Unrolled:
        output, new_states = self.base_cell(inputs, states)

        def zoned(p: float, new: Any, old: Any) -> Any:
            return F.where(F.Dropout(F.ones_like(new), p=p), new, old) if p else new

        before = F.zeros_like(output) if self._prev_output is None else self._prev_output
        output = zoned(self._zoneout_outputs, output, before)
        new_states = [zoned(self._zoneout_states, *pair) for pair in zip(new_states, states, strict=True)]
        self._prev_output = output
        return output, new_states


class ResidualCell(ModifierCell):
    """The output of a cell plus its input, both of one size. MXNet: `rnn.ResidualCell`; Wu et al. 2016.

    >>> from mxl.gluon import rnn
    >>> ResidualCell(rnn.GRUCell(10))
    ResidualCell(GRUCell(None -> 30))
    """

    def hybrid_forward(self, F: Any, inputs: Any, states: Any) -> Unrolled:
        output, states = self.base_cell(inputs, states)
        return output + inputs, states

    def unroll(
        self,
        length: int | None,
        inputs: Any,
        begin_state: Any = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
        valid_length: NDArray | None = None,
    ) -> Unrolled:
        """As `RecurrentCell.unroll`; inputs count as 0 beyond a sequence's length."""
        self.reset()
        steps = sequences.as_steps(length, inputs, layout)
        with self._opened() as base:
            outputs, states = base.unroll(length, steps, begin_state, layout, merge_outputs, valid_length)
        if valid_length is None and not sequences.is_whole(outputs):
            return [output + step for output, step in zip(outputs, steps, strict=True)], states
        added = inputs if sequences.is_whole(inputs) else sequences.merged(steps, layout)
        if valid_length is not None:
            added = sequences.masked(added, layout, valid_length)
        if sequences.is_whole(outputs):
            return outputs + added, states
        parts = sequences.split(added, layout.index("T"), len(steps))
        return [output + part for output, part in zip(outputs, parts, strict=True)], states


