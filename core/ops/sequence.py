"""Sequences of unequal lengths in one array: SequenceMask, SequenceLast, SequenceReverse.

Data is [T, N, ...], or [N, T, ...] with axis=1; `sequence_length` [N] says how many steps of each sequence count, and
is given together with use_sequence_length=True, as in MXNet.  Without it every sequence has T steps.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError, OutOfBounds, ShapeError
from ..op import REQUIRED, op
from .shape import whole


def _lengths(name: str, shape: tuple[int, ...], lengths: Any, use: Any, axis: Any, axes: tuple[int, ...]) -> Any:
    """The lengths as integers [N]; None: all of it."""
    if whole(name, "axis", axis) not in axes:
        raise ArgumentError(f"{name}: axis is {axis}; known: {', '.join(map(str, axes))}")
    if len(shape) < 2:
        raise ShapeError(f"{name}: data is {list(shape)}: it takes time, batch and any other axes")
    if (lengths is None) == bool(use):
        raise ArgumentError(
            f"{name}: use_sequence_length is {bool(use)} and sequence_length is {'not ' if use else ''}given: give "
            f"both or neither"
        )
    if lengths is None:
        return None
    if lengths.shape != (shape[1 - axis],):
        raise ShapeError(
            f"{name}: data is {list(shape)}, sequence_length is {list(lengths.shape)}: it takes [{shape[1 - axis]}]"
        )
    return lengths.astype(np.int64)


def _within(name: str, lengths: Any, least: int, most: int) -> Any:
    if lengths is not None and lengths.size and (lengths.min() < least or lengths.max() > most):
        raise OutOfBounds(f"{name}: lengths {lengths.min()} .. {lengths.max()} came; they must be {least} .. {most}")
    return lengths


@op(arrays=("sequence_length",))
def SequenceMask(data, sequence_length=None, use_sequence_length=False, value=0.0, axis=0):
    """data with `value` at the steps behind each sequence's length.  [T, N, ...], [N] -> [T, N, ...]"""
    lengths = _lengths("SequenceMask", data.shape, sequence_length, use_sequence_length, axis, (0, 1))
    if lengths is None:
        return data
    steps = np.arange(data.shape[axis])
    counts = steps[:, None] < lengths if axis == 0 else steps < lengths[:, None]
    counts = counts.reshape(*counts.shape, *(1,) * (data.ndim - 2))
    return np.where(counts, data, np.asarray(value).astype(data.dtype))


SequenceMask.vjp(
    lambda g, _out, _data, sequence_length, use_sequence_length, axis: SequenceMask(
        g, sequence_length, use_sequence_length=use_sequence_length, axis=axis
    ),
    None,
)


def _last(lengths: Any, shape: tuple[int, ...], axis: int) -> tuple[Any, ...]:
    """The index of each sequence's last step."""
    batch = np.arange(shape[1 - axis])
    last = np.full(len(batch), shape[axis] - 1) if lengths is None else lengths - 1
    return (last, batch) if axis == 0 else (batch, last)


@op(arrays=("sequence_length",))
def SequenceLast(data, sequence_length=None, use_sequence_length=False, axis=0):
    """The last step of each sequence.  [T, N, ...], [N] -> [N, ...].  OutOfBounds: a length below 1 or above T."""
    lengths = _lengths("SequenceLast", data.shape, sequence_length, use_sequence_length, axis, (0, 1))
    return data[_last(_within("SequenceLast", lengths, 1, data.shape[axis]), data.shape, axis)]


@op(name="_sequence_last_gradient", arrays=("sequence_length",))
def sequence_last_gradient(data, sequence_length=None, shape=REQUIRED, axis=0):
    """Zeros of `shape` with data at the last step of each sequence.  [N, ...], [N] -> [T, N, ...]"""
    total = np.zeros(shape, data.dtype)
    total[_last(None if sequence_length is None else sequence_length.astype(np.int64), total.shape, axis)] = data
    return total


SequenceLast.vjp(
    lambda g, _out, data_like, sequence_length, axis: sequence_last_gradient(
        g, sequence_length, shape=data_like.shape, axis=axis
    ),
    None,
)
sequence_last_gradient.vjp(
    lambda g, _out, _data, sequence_length, axis: SequenceLast(
        g, sequence_length, use_sequence_length=sequence_length is not None, axis=axis
    ),
    None,
)


@op(arrays=("sequence_length",))
def SequenceReverse(data, sequence_length=None, use_sequence_length=False, axis=0):
    """The steps of each sequence in reverse, those behind its length where they are.  [T, N, ...], [N] -> [T, N, ...]

    OutOfBounds: a length above T.
    """
    lengths = _lengths("SequenceReverse", data.shape, sequence_length, use_sequence_length, axis, (0,))
    if lengths is None:
        return data[::-1]
    lengths = _within("SequenceReverse", lengths, 0, data.shape[0])
    steps = np.arange(data.shape[0])[:, None]
    source = np.where(steps < lengths, lengths - 1 - steps, steps)
    return data[source, np.arange(data.shape[1])]


SequenceReverse.vjp(
    lambda g, _out, _data, sequence_length, use_sequence_length: SequenceReverse(
        g, sequence_length, use_sequence_length=use_sequence_length
    ),
    None,
)
