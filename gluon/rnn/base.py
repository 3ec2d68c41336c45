"""RecurrentCell: one step of a recurrent network, `output, states = cell(inputs, states)`, and unrolling it over time.

Knows states and their descriptions, the loop over steps, and sequences of unequal lengths; each cell says what one step
computes. Invariant: states are a list of NDArrays in the order of `state_info`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ... import symbol
from ...core import nd
from ...core.errors import MXLError
from ...core.ndarray import NDArray
from ...symbol import Symbol
from ..block import Block
from ..errors import BadArgument, Incompatible
from ..hybrid import HybridBlock
from . import sequences

StateInfo = list[dict[str, Any]]
States = list[Any]
Unrolled = tuple[Any, States]


class NotASingleStep(MXLError, NotImplementedError):
    """A cell, or a method of one, that has no single step."""


class RecurrentCell(Block):
    """The base of all cells; a subclass defines `state_info(batch_size)` and `forward(inputs, states)`.

    MXNet: `rnn.RecurrentCell`.

    >>> class Sum(RecurrentCell):
    ...     def state_info(self, batch_size=0):
    ...         return [{"shape": (batch_size, 2), "__layout__": "NC"}]
    ...     def forward(self, inputs, states):
    ...         total = inputs + states[0]
    ...         return total, [total]
    >>> outputs, states = Sum().unroll(3, nd.ones((1, 3, 2)), merge_outputs=True)
    >>> outputs.asnumpy()[0, :, 0]
    array([1., 2., 3.], dtype=float32)
    """

    def __init__(self, prefix: str | None = None, params: Any = None) -> None:
        super().__init__(prefix=prefix, params=params)
        self._modified = False
        self._init_counter = -1
        self._counter = -1
        self.reset()

    def reset(self) -> None:
        """Forgets what the last sequence left; `unroll` begins with it."""
        self._init_counter = -1
        self._counter = -1
        for child in self._children.values():
            reset = getattr(child, "reset", None)
            if reset is not None:
                reset()

    def state_info(self, batch_size: int = 0) -> StateInfo:
        """Shape and layout of each state, for a batch."""
        raise NotASingleStep(f"{type(self).__name__} defines no state_info(self, batch_size)")

    def begin_state(self, batch_size: int = 0, func: Callable[..., Any] = nd.zeros, **kwargs: Any) -> States:
        """The states to begin with: `func(shape=..., **kwargs)` for each of them.

        Raises AssertionError for a cell inside of a ZoneoutCell or another modifier.

        >>> from mxl.gluon import rnn
        >>> [state.shape for state in rnn.LSTMCell(3).begin_state(2)]
        [(2, 3), (2, 3)]
        """
        if self._modified:
            raise Incompatible(
                f"cell '{self.name}' is inside of a modifier (such as a ZoneoutCell) and cannot be called directly: "
                f"call the modifier"
            )
        states = []
        for info in self.state_info(batch_size):
            self._init_counter += 1
            given = {name: value for name, value in info.items() if name != "__layout__"}
            states.append(func(**{**given, **kwargs}))
        return states

    def _begin(self, begin_state: Any, steps: Sequence[NDArray], layout: str) -> States:
        """begin_state or, without one, zeros for the batch of these steps."""
        if begin_state is not None:
            return begin_state
        first = steps[0]
        if isinstance(first, Symbol):
            return self.begin_state(batch_size=0, func=symbol.zeros)
        return self.begin_state(
            batch_size=sequences.batch_size(steps, layout), func=nd.zeros, ctx=first.context, dtype=first.dtype
        )

    def unroll(
        self,
        length: int | None,
        inputs: Any,
        begin_state: Any = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
        valid_length: NDArray | None = None,
    ) -> Unrolled:
        """Runs the cell over a sequence: (outputs, the last states).

        inputs: an NDArray in `layout`, or a list with one [N, C] for each of `length` steps. Outputs are one array in
        `layout` (merge_outputs=True), a list of steps (False), or, for None, a list unless there are lengths.
        valid_length [N]: beyond a sequence's length outputs are 0, and its last states are those at its length.
        Raises AssertionError where inputs has another number of steps.

        >>> from mxl.gluon import rnn
        >>> cell = rnn.GRUCell(4)
        >>> cell.initialize()
        >>> outputs, states = cell.unroll(3, nd.ones((2, 3, 5)), merge_outputs=True)
        >>> outputs.shape, states[0].shape
        ((2, 3, 4), (2, 4))
        """
        self.reset()
        steps = sequences.as_steps(length, inputs, layout)
        states = self._begin(begin_state, steps, layout)
        outputs: list[NDArray] = []
        history: list[States] = []
        for step in steps:
            output, states = self(step, states)
            outputs.append(output)
            if valid_length is not None:
                history.append(states)
        if valid_length is None:
            return (sequences.merged(outputs, layout) if merge_outputs else outputs), states
        states = [sequences.last_valid(each, valid_length) for each in zip(*history, strict=True)]
        whole = sequences.masked(sequences.merged(outputs, layout), layout, valid_length)
        return (sequences.split(whole, layout.index("T"), len(steps)) if merge_outputs is False else whole), states

    def _check_states(self, states: Any) -> None:
        expected = len(self.state_info())
        if len(states) != expected:
            raise BadArgument(
                f"{type(self).__name__} '{self.name}' takes {expected} states, got {len(states)}: begin_state() makes "
                f"them"
            )


class HybridRecurrentCell(RecurrentCell, HybridBlock):
    """A cell that is a HybridBlock: it defines `hybrid_forward(F, inputs, states, **params)`.

    MXNet: `rnn.HybridRecurrentCell`.
    """

    def forward(self, inputs: Any, states: Any) -> Unrolled:  # type: ignore[override]
        """One step: (output, new states)."""
        self._counter += 1
        self._check_states(states)
        return HybridBlock.forward(self, inputs, states)


def activated(F: Any, x: Any, activation: Any) -> Any:
    """An activation by its name, or a block or function."""
    if isinstance(activation, str):
        return F.Activation(x, act_type=activation)
    if not callable(activation):
        raise BadArgument(f"activation is {activation!r}: it must be a name, such as 'tanh', or a block")
    return activation(x)
