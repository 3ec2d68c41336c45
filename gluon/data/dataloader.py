"""DataLoader: a dataset as batches, read ahead by threads where asked.

Knows how samples become arrays and how far to read ahead; samplers know the order. Workers are threads of this
process: numpy and file reading let others run meanwhile, nothing is copied between processes and nothing is pickled.
Invariant: the batches come in the sampler's order however many workers read them, and a loop that is left early leaves
no thread behind.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from ...core import nd
from ...core.context import cpu_pinned
from ...core.ndarray import NDArray
from ..errors import BadArgument, Incompatible, LoaderStalled
from .sampler import BatchSampler, RandomSampler, Sampler, SequentialSampler


def default_batchify_fn(data: Sequence[Any]) -> Any:
    """A batch from a list of samples: arrays are stacked; tuples and lists are taken apart and each part is stacked.

    >>> [part.shape for part in default_batchify_fn([(np.zeros(3), 1), (np.ones(3), 2)])]
    [(2, 3), (2,)]
    """
    first = data[0]
    if isinstance(first, NDArray):
        return nd.stack(*data)
    if isinstance(first, tuple):
        return [default_batchify_fn(part) for part in zip(*data, strict=True)]
    try:
        stacked = np.asarray(data)
    except ValueError as error:
        shapes = sorted({np.shape(sample) for sample in data})
        raise BadArgument(
            f"samples of one batch must have one shape, got {shapes}: pad them, or give batchify_fn"
        ) from error
    if stacked.dtype.kind not in "biuf":
        raise BadArgument(
            f"samples of type {type(first).__name__} (numpy {stacked.dtype}) cannot become an array: transform the "
            "dataset, or give batchify_fn"
        )
    return nd.array(stacked, dtype=stacked.dtype)


class DataLoader:
    """Goes through a dataset in batches: `for data, label in DataLoader(dataset, batch_size=32, shuffle=True)`.

    Either `batch_sampler`, or `batch_size` with `shuffle` or `sampler` and `last_batch` ('keep', 'discard',
    'rollover'). `num_workers` threads read up to `prefetch` batches ahead (twice as many as workers unless given); a
    batch not ready after `timeout` seconds raises. `pin_memory` places batches on cpu_pinned. The workers are threads
    whatever `thread_pool` says. Raises ValueError for contradicting arguments. MXNet: `gluon.data.DataLoader`.

    >>> from mxl.gluon.data import ArrayDataset
    >>> loader = DataLoader(ArrayDataset(np.zeros((5, 2), "float32"), np.arange(5)), batch_size=2)
    >>> [data.shape for data, label in loader]
    [(2, 2), (2, 2), (1, 2)]
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = None,
        shuffle: bool = False,
        sampler: Sampler | None = None,
        last_batch: str | None = None,
        batch_sampler: Any = None,
        batchify_fn: Callable[[list[Any]], Any] | None = None,
        num_workers: int = 0,
        pin_memory: bool = False,
        pin_device_id: int = 0,
        prefetch: int | None = None,
        thread_pool: bool = False,
        timeout: float = 120,
    ) -> None:
        if not timeout > 0:
            raise Incompatible(f"DataLoader: timeout is {timeout} s; expected more than 0")
        if batch_sampler is None:
            if batch_size is None:
                raise BadArgument("DataLoader: there are no batches without batch_size= or batch_sampler=; give one")
            if sampler is None:
                sampler = RandomSampler(len(dataset)) if shuffle else SequentialSampler(len(dataset))
            elif shuffle:
                raise BadArgument("DataLoader: shuffle and sampler both say the order; give one of them")
            batch_sampler = BatchSampler(sampler, batch_size, last_batch or "keep")
        elif batch_size is not None or shuffle or sampler is not None or last_batch is not None:
            raise BadArgument(
                "DataLoader: batch_sampler gives whole batches; leave out batch_size, shuffle, sampler and last_batch"
            )
        self._dataset = dataset
        self._batch_sampler = batch_sampler
        self._batchify = batchify_fn or default_batchify_fn
        self._num_workers = max(0, num_workers)
        self._ahead = max(1, 2 * self._num_workers if prefetch is None else prefetch)
        self._pinned = cpu_pinned(pin_device_id) if pin_memory else None
        self._timeout_s = timeout

    def __len__(self) -> int:
        return len(self._batch_sampler)

    def __iter__(self) -> Iterator[Any]:
        if self._num_workers == 0:
            return (self._load(numbers) for numbers in self._batch_sampler)
        return self._read_ahead()

    def _load(self, numbers: Sequence[int]) -> Any:
        batch = self._batchify([self._dataset[number] for number in numbers])
        return batch if self._pinned is None else _place(batch, self._pinned)

    def _read_ahead(self) -> Iterator[Any]:
        pool = ThreadPoolExecutor(self._num_workers, thread_name_prefix="mxl-data")
        waiting: deque[Future[Any]] = deque()
        try:
            for numbers in self._batch_sampler:
                waiting.append(pool.submit(self._load, numbers))
                if len(waiting) >= self._ahead:
                    yield self._next(waiting)
            while waiting:
                yield self._next(waiting)
        finally:  # also when the loop over the batches is left early
            pool.shutdown(wait=True, cancel_futures=True)

    def _next(self, waiting: deque[Future[Any]]) -> Any:
        batch = waiting.popleft()
        try:
            return batch.result(self._timeout_s)
        except TimeoutError:
            if batch.done():  # the dataset itself raised it
                raise
            raise LoaderStalled(
                f"DataLoader: a batch was not ready after {self._timeout_s} s ({self._num_workers} workers): the "
                "dataset's __getitem__ is slow or waits for ever; give a longer timeout=, or more num_workers="
            ) from None


def _place(batch: Any, context: Any) -> Any:
    if isinstance(batch, NDArray):
        return batch.as_in_context(context)
    if isinstance(batch, list | tuple):
        return [_place(part, context) for part in batch]
    return batch
