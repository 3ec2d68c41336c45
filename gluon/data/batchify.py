"""Batchify: how the samples of a batch become one: stacked, padded, side by side, or as they are.

Given to `DataLoader(batchify_fn=...)`, or called with a list of samples. The loader's workers are threads, so a batch
lies in memory that all share, whatever `use_shared_mem` says. MXNet: `gluon.data.batchify`, of its later versions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...core import nd
from ...core.ndarray import NDArray
from ..errors import BadArgument, Incompatible

__all__ = ["Append", "AsList", "Group", "Pad", "Stack"]


def _plain(sample: Any) -> np.ndarray:
    values = sample.asnumpy() if isinstance(sample, NDArray) else np.asarray(sample)
    kept = isinstance(sample, NDArray | np.ndarray | np.generic)
    return values if kept or values.dtype != np.float64 else values.astype(np.float32)


class Stack:
    """Samples of one shape, one after the other: an array with an axis more.

    Raises AssertionError where shapes differ.

    >>> Stack()([[1, 2], [3, 4]]).shape
    (2, 2)
    """

    def __init__(self, use_shared_mem: bool = False) -> None:
        self._use_shared_mem = use_shared_mem

    def __call__(self, data: Sequence[Any]) -> NDArray:
        samples = [_plain(sample) for sample in data]
        shapes = sorted({sample.shape for sample in samples})
        if len(shapes) > 1:
            raise Incompatible(f"Stack: samples are of shapes {', '.join(map(str, shapes))}; use Pad for unequal ones")
        return nd.array(np.stack(samples), dtype=samples[0].dtype)


class Pad:
    """Samples of unequal shapes: each is filled up to the longest, along every axis, with `val` (0), then stacked.

    dtype: of the batch, else the samples'; round_to: lengths are made multiples of it. Raises AssertionError where the
    numbers of axes differ, ValueError for a round_to below 1.

    >>> Pad(val=-1)([[1, 2, 3], [4]]).asnumpy().tolist()
    [[1, 2, 3], [4, -1, -1]]
    """

    def __init__(
        self, val: float | None = None, dtype: Any = None, round_to: int | None = None, use_shared_mem: bool = False
    ) -> None:
        if round_to is not None and round_to < 1:
            raise BadArgument(f"Pad: round_to is {round_to}; expected None or at least 1")
        self._val = 0 if val is None else val
        self._dtype = dtype
        self._round_to = round_to
        self._use_shared_mem = use_shared_mem

    def __call__(self, data: Sequence[Any]) -> NDArray:
        samples = [_plain(sample) for sample in data]
        axes = {sample.ndim for sample in samples}
        if len(axes) > 1:
            raise Incompatible(f"Pad: samples have {sorted(axes)} axes; they must have as many")
        longest = [max(lengths) for lengths in zip(*(sample.shape for sample in samples), strict=True)]
        step = self._round_to or 1
        longest = [math.ceil(length / step) * step for length in longest]
        batch = np.full((len(samples), *longest), self._val, self._dtype or samples[0].dtype)
        for row, sample in zip(batch, samples, strict=True):
            row[tuple(slice(length) for length in sample.shape)] = sample
        return nd.array(batch, dtype=batch.dtype)


class Append:
    """Samples as a list of arrays, each with an axis more where `expand`, at `batch_axis`: shapes may differ.

    >>> [x.shape for x in Append()([[1, 2], [3]])]
    [(1, 2), (1, 1)]
    """

    def __init__(self, expand: bool = True, batch_axis: int = 0, use_shared_mem: bool = False) -> None:
        self._expand = expand
        self._batch_axis = batch_axis
        self._use_shared_mem = use_shared_mem

    def __call__(self, data: Sequence[Any]) -> list[NDArray]:
        samples = [_plain(sample) for sample in data]
        arrays = [nd.array(sample, dtype=sample.dtype) for sample in samples]
        return [x.expand_dims(axis=self._batch_axis) for x in arrays] if self._expand else arrays


class Group:
    """Samples of several parts: each part of the batch is made by its own function.

    Raises AssertionError where a sample has not as many parts as there are functions.

    >>> images, labels = Group(Stack(), AsList())([([1, 2], "a"), ([3, 4], "b")])
    >>> images.shape, labels
    ((2, 2), ['a', 'b'])
    """

    def __init__(self, fn: Callable[..., Any] | Sequence[Callable[..., Any]], *args: Callable[..., Any]) -> None:
        self._fns: list[Any] = [*fn, *args] if isinstance(fn, list | tuple) else [fn, *args]
        for one in self._fns:
            if not callable(one):
                raise Incompatible(f"Group: {one!r} is no function")

    def __call__(self, data: Sequence[Sequence[Any]]) -> tuple[Any, ...]:
        for sample in data:
            if len(sample) != len(self._fns):
                raise Incompatible(f"Group: a sample has {len(sample)} parts, and there are {len(self._fns)} functions")
        return tuple([fn([sample[i] for sample in data]) for i, fn in enumerate(self._fns)])


class AsList:
    """Samples as a list, unchanged."""

    def __call__(self, data: Sequence[Any]) -> list[Any]:
        return list(data)
