"""Datasets: things with a length whose samples are had by number.

Knows how datasets are cut, filtered and transformed; nothing of batches. Invariant: a dataset made from another one
changes nothing in it, and a lazy one computes a sample each time that it is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ...core import recordio
from ...core.ndarray import NDArray
from ..errors import BadArgument, BadSampler, Incompatible
from .sampler import FilterSampler, Sampler, SequentialSampler


class Dataset:
    """The base of datasets: subclasses define `__getitem__(index)` and `__len__`. MXNet: `gluon.data.Dataset`."""

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError(f"{type(self).__name__} defines no __getitem__(self, index)")

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} defines no __len__(self)")

    def filter(self, fn: Callable[[Any], Any]) -> Dataset:
        """The samples for which `fn(sample)` is true; all of them are looked at now."""
        return _Chosen(self, FilterSampler(fn, self))

    def shard(self, num_shards: int, index: int) -> Dataset:
        """The part `index` of `num_shards` contiguous parts; where it does not divide evenly the first are longer.

        Raises AssertionError for an index outside of 0 .. num_shards - 1.

        >>> list(SimpleDataset(list(range(5))).shard(2, 1))
        [3, 4]
        """
        if num_shards < 1:
            raise Incompatible(f"shard: num_shards is {num_shards}; expected at least 1")
        if not 0 <= index < num_shards:
            raise Incompatible(f"shard: index is {index}; expected 0 to {num_shards - 1}")
        size, longer = divmod(len(self), num_shards)
        start = index * size + min(index, longer)
        return _Chosen(self, SequentialSampler(size + (index < longer), start))

    def take(self, count: int | None) -> Dataset:
        """The first `count` samples, or all where it is None or too many. Raises ValueError for a negative count."""
        if count is not None and count < 0:
            raise BadArgument(f"take: count is {count}; expected None or at least 0")
        return _Chosen(self, SequentialSampler(len(self) if count is None else min(count, len(self))))

    def sample(self, sampler: Sampler) -> Dataset:
        """The samples whose numbers a sampler gives. Raises TypeError for what is no Sampler."""
        if not isinstance(sampler, Sampler):
            raise BadSampler(f"sample: expected a gluon.data.Sampler, got {type(sampler).__name__}")
        return _Chosen(self, sampler)

    def transform(self, fn: Callable[..., Any], lazy: bool = True) -> Dataset:
        """A dataset of `fn(sample)`, or `fn(*sample)` where a sample is a tuple; not `lazy` computes all now.

        >>> SimpleDataset([1, 2]).transform(lambda x: x * 10)[1]
        20
        """
        lazily = _Transformed(self, fn)
        return lazily if lazy else SimpleDataset([lazily[i] for i in range(len(lazily))])

    def transform_first(self, fn: Callable[[Any], Any], lazy: bool = True) -> Dataset:
        """A dataset where only the first part of each sample is transformed: the image, not its label."""
        return self.transform(_FirstOnly(fn), lazy)


class SimpleDataset(Dataset):
    """A list, or anything else with a length and items, as a dataset. MXNet: `gluon.data.SimpleDataset`."""

    def __init__(self, data: Any) -> None:
        self._data = data

    def __len__(self) -> int:
        return len(self._data)

    def __getitem__(self, index: int) -> Any:
        return self._data[index]


class ArrayDataset(Dataset):
    """Several arrays, lists or datasets of one length: a sample is the tuple of their items.

    A single one gives its items themselves. An NDArray of one axis gives numbers. Raises AssertionError without
    arrays, or for unequal lengths. MXNet: `gluon.data.ArrayDataset`.

    >>> import numpy as np
    >>> ArrayDataset([10, 20], ["a", "b"])[1]
    (20, 'b')
    """

    def __init__(self, *args: Any) -> None:
        if not args:
            raise Incompatible("ArrayDataset: expected at least one array, got none")
        self._length = len(args[0])
        self._data: list[Any] = []
        for i, data in enumerate(args):
            if len(data) != self._length:
                raise Incompatible(
                    f"ArrayDataset: array 0 has {self._length} samples, array {i} has {len(data)}: they must be as many"
                )
            self._data.append(data.asnumpy() if isinstance(data, NDArray) and len(data.shape) == 1 else data)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> Any:
        if len(self._data) == 1:
            return self._data[0][index]
        return tuple(data[index] for data in self._data)


class RecordFileDataset(Dataset):
    """The records of a file `name.rec`, as bytes, in the order of the keys in `name.idx` beside it.

    Raises FileNotFoundError. MXNet: `gluon.data.RecordFileDataset`.
    """

    def __init__(self, filename: str) -> None:
        self.idx_file = os.path.splitext(filename)[0] + ".idx"
        self.filename = filename
        self._record = recordio.MXIndexedRecordIO(self.idx_file, filename, "r")

    def __getitem__(self, index: int) -> Any:
        return self._record.read_idx(self._record.keys[index])

    def __len__(self) -> int:
        return len(self._record.keys)


class _Chosen(Dataset):
    """The samples of a dataset whose numbers are in a list."""

    def __init__(self, dataset: Dataset, indices: Iterable[int]) -> None:
        self._dataset = dataset
        self._indices: Sequence[int] = list(indices)

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, index: int) -> Any:
        return self._dataset[self._indices[index]]


class _Transformed(Dataset):
    """A dataset seen through a function."""

    def __init__(self, dataset: Dataset, fn: Callable[..., Any]) -> None:
        self._dataset = dataset
        self._fn = fn

    def __len__(self) -> int:
        return len(self._dataset)

    def __getitem__(self, index: int) -> Any:
        sample = self._dataset[index]
        return self._fn(*sample) if isinstance(sample, tuple) else self._fn(sample)


class _FirstOnly:
    """Applies a function to the first argument and passes the others through."""

    def __init__(self, fn: Callable[[Any], Any]) -> None:
        self._fn = fn

    def __call__(self, first: Any, *others: Any) -> Any:
        return (self._fn(first), *others) if others else self._fn(first)
