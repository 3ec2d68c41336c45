"""Samplers: in which order the samples of a dataset are taken, and how they are dealt into batches.

Knows numbers of samples only, never the samples (FilterSampler looks at them once). Invariant: what a sampler yields
has the length that `len` told before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..errors import BadArgument

LAST_BATCH = ("keep", "discard", "rollover")


class Sampler:
    """The base of samplers: subclasses define `__iter__` and `__len__`. MXNet: `gluon.data.Sampler`."""

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} defines no __iter__(self)")

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} defines no __len__(self)")


class SequentialSampler(Sampler):
    """start, start + 1, …, `length` numbers in all. MXNet: `gluon.data.SequentialSampler`.

    >>> list(SequentialSampler(3, start=2))
    [2, 3, 4]
    """

    def __init__(self, length: int, start: int = 0) -> None:
        self._range = range(start, start + length)

    def __iter__(self) -> Iterator[int]:
        return iter(self._range)

    def __len__(self) -> int:
        return len(self._range)


class RandomSampler(Sampler):
    """0 .. length - 1 in a new random order each time. MXNet: `gluon.data.RandomSampler`.

    The order comes from numpy's global stream, as in MXNet: `np.random.seed` decides.
    """

    def __init__(self, length: int) -> None:
        self._length = length

    def __iter__(self) -> Iterator[int]:
        import numpy.random  # loaded at first use: the import is not cheap, and servers never need it

        indices = numpy.arange(self._length)
        numpy.random.shuffle(indices)
        return iter(indices.tolist())

    def __len__(self) -> int:
        return self._length


class FilterSampler(Sampler):
    """The numbers of those samples for which `fn(sample)` is true. MXNet: `gluon.data.FilterSampler`.

    All samples are looked at when it is made.
    """

    def __init__(self, fn: Callable[[Any], Any], dataset: Any) -> None:
        self._indices: Sequence[int] = [i for i in range(len(dataset)) if fn(dataset[i])]

    def __iter__(self) -> Iterator[int]:
        return iter(self._indices)

    def __len__(self) -> int:
        return len(self._indices)


class BatchSampler(Sampler):
    """Lists of `batch_size` numbers of another sampler.

    What remains at the end is a smaller batch (`last_batch='keep'`), is left out ('discard'), or begins the next pass
    ('rollover'). Raises ValueError for another word, or a batch_size below 1. MXNet: `gluon.data.BatchSampler`.

    >>> list(BatchSampler(SequentialSampler(5), 2, "keep"))
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Sampler, batch_size: int, last_batch: str = "keep") -> None:
        if last_batch not in LAST_BATCH:
            raise BadArgument(f"BatchSampler: last_batch is {last_batch!r}; known: {', '.join(LAST_BATCH)}")
        if batch_size < 1:
            raise BadArgument(f"BatchSampler: batch_size is {batch_size}; expected at least 1")
        self._sampler = sampler
        self._batch_size = batch_size
        self._last_batch = last_batch
        self._rest: list[int] = []

    def __iter__(self) -> Iterator[list[int]]:
        batch, self._rest = self._rest, []
        for number in self._sampler:
            batch.append(number)
            if len(batch) == self._batch_size:
                yield batch
                batch = []
        if batch and self._last_batch == "keep":
            yield batch
        elif batch and self._last_batch == "rollover":
            self._rest = batch

    def __len__(self) -> int:
        if self._last_batch == "keep":
            return -(-len(self._sampler) // self._batch_size)
        return (len(self._sampler) + len(self._rest)) // self._batch_size
