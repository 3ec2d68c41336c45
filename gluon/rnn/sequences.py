"""Sequences as cells take and give them: one array with a time axis, or a list with an array for each step.

Knows layouts ('NTC', 'TNC': T is the axis of time, N that of the batch) and lengths; knows no cell. Invariant: steps
are in the order of time, and each is the array without its time axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ... import symbol
from ...core import nd
from ...core.ndarray import NDArray
from ...symbol import Symbol
from ..errors import Incompatible


def operators_of(*values: Any) -> Any:
    """`mx.nd` for arrays, `mx.sym` for symbols."""
    return symbol if any(isinstance(value, Symbol) for value in values) else nd


def is_whole(sequence: Any) -> bool:
    """Whether a sequence is one array (or symbol), and not a list of steps."""
    return isinstance(sequence, (NDArray, Symbol))


def time_axis(layout: str) -> int:
    """Where T is. Raises AssertionError for a layout without T or N."""
    if "T" not in layout or "N" not in layout:
        raise Incompatible(f"layout is {layout!r}: it needs a T for time and an N for the batch, as 'NTC' and 'TNC' do")
    return layout.index("T")


def as_steps(length: int | None, inputs: Any, layout: str) -> list[Any]:
    """The steps of a sequence, `length` of them. Raises AssertionError where there are more or fewer."""
    axis = time_axis(layout)
    if isinstance(inputs, Symbol) and len(inputs) == 1:
        if length is None:
            raise Incompatible("length is None: a symbol does not know its steps, so unroll must be told their number")
        return split(inputs, axis, length)
    if inputs is None:
        raise Incompatible("inputs is None: unroll needs an NDArray, or a list with one for each step")
    if isinstance(inputs, NDArray):
        if inputs.ndim <= axis:
            raise Incompatible(f"inputs is {list(inputs.shape)}: it has no axis {axis}, where layout {layout!r} has T")
        found = inputs.shape[axis]
    else:
        found = len(inputs)
    if (length is not None and length != found) or not found:
        raise Incompatible(
            f"inputs has {found} steps in layout {layout!r}: expected {length or 'one or more'}; unroll as many as "
            f"there are, and give the layout that inputs has"
        )
    if not isinstance(inputs, NDArray):
        return list(inputs)
    return split(inputs, axis, found)


def split(array: Any, axis: int, count: int) -> list[Any]:
    """An array's slices along an axis that has `count` of them, without it."""
    parts = operators_of(array).split(array, num_outputs=count, axis=axis, squeeze_axis=True)
    return [parts] if isinstance(parts, NDArray) else list(parts)


def merged(steps: Sequence[NDArray], layout: str) -> NDArray:
    """The steps in one array."""
    return operators_of(*steps).stack(*steps, axis=time_axis(layout))


def masked(sequence: NDArray, layout: str, valid_length: NDArray) -> NDArray:
    """Zeros beyond each sequence's length."""
    return operators_of(sequence).SequenceMask(
        sequence, sequence_length=valid_length, use_sequence_length=True, axis=time_axis(layout)
    )


def last_valid(states: Sequence[NDArray], valid_length: NDArray) -> NDArray:
    """Of a state after each step, each sequence's at its length."""
    F = operators_of(*states)
    return F.SequenceLast(
        F.stack(*states, axis=0), sequence_length=valid_length, use_sequence_length=True, axis=0
    )


def batch_size(steps: Sequence[NDArray], layout: str) -> int:
    """N of steps that came in a layout; 0, unknown, where they are symbols."""
    if isinstance(steps[0], Symbol):
        return 0
    axis = layout.index("N")
    return steps[0].shape[axis - (axis > layout.index("T"))]
