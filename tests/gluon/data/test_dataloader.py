"""DataLoader and default_batchify_fn."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import mxl as mx
from mxl.gluon.data import ArrayDataset, BatchSampler, DataLoader, Dataset, SequentialSampler, SimpleDataset
from mxl.gluon.data.dataloader import default_batchify_fn

DATA = ArrayDataset(np.arange(12).reshape(6, 2), np.arange(6))


def plain(batches):
    return [[part.asnumpy().tolist() for part in batch] for batch in batches]


EXPECTED = [
    [[[0, 1], [2, 3], [4, 5], [6, 7]], [0, 1, 2, 3]],
    [[[8, 9], [10, 11]], [4, 5]],
]


@pytest.mark.parametrize("workers, prefetch", [(0, None), (1, None), (3, None), (2, 0), (2, 1), (2, 100)])
def test_batches_come_in_order(workers, prefetch):
    loader = DataLoader(DATA, batch_size=4, num_workers=workers, prefetch=prefetch)
    assert len(loader) == 2
    assert plain(loader) == EXPECTED
    assert plain(loader) == EXPECTED


def test_batches_are_lists_of_arrays_of_the_samples_dtype():
    batch = next(iter(DataLoader(DATA, batch_size=4)))
    assert isinstance(batch, list)
    assert [part.dtype for part in batch] == [np.int64, np.int64]


def test_shuffled_batches_are_mxnets():
    np.random.seed(1)
    loader = DataLoader(SimpleDataset(list(range(7))), batch_size=3, shuffle=True, last_batch="rollover")
    assert [batch.asnumpy().tolist() for batch in loader] == [[6, 2, 1], [0, 4, 3]]
    assert len(loader) == 2


def test_a_batch_sampler_and_a_sampler():
    loader = DataLoader(DATA, batch_sampler=BatchSampler(SequentialSampler(4, 1), 2, "discard"))
    assert [batch[1].asnumpy().tolist() for batch in loader] == [[1, 2], [3, 4]]
    loader = DataLoader(DATA, batch_size=2, sampler=SequentialSampler(3, 3))
    assert [batch[1].asnumpy().tolist() for batch in loader] == [[3, 4], [5]]


def test_own_batchify():
    assert list(DataLoader(SimpleDataset(["a", "b", "c"]), batch_size=2, batchify_fn="".join)) == ["ab", "c"]


def test_pinned_memory():
    batch = next(iter(DataLoader(DATA, batch_size=4, pin_memory=True)))
    assert {part.context for part in batch} == {mx.cpu_pinned(0)}


def test_a_loop_left_early_leaves_no_thread():
    before = threading.active_count()
    for _ in DataLoader(DATA, batch_size=1, num_workers=2):
        break
    assert threading.active_count() == before


class Bad(Dataset):
    def __init__(self, error):
        self.error = error

    def __len__(self):
        return 3

    def __getitem__(self, index):
        raise self.error


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("error", [KeyError("boom"), TimeoutError("boom")])
def test_the_datasets_own_error_is_raised(workers, error):
    with pytest.raises(type(error), match="boom"):
        list(DataLoader(Bad(error), batch_size=2, num_workers=workers))


def test_a_batch_that_does_not_come():
    go_on = threading.Event()

    class Slow(Dataset):
        def __len__(self):
            return 1

        def __getitem__(self, index):
            go_on.wait(10)
            return index

    batches = iter(DataLoader(Slow(), batch_size=1, num_workers=1, timeout=0.01))
    threading.Timer(0.05, go_on.set).start()
    with pytest.raises(TimeoutError, match=r"a batch was not ready after 0.01 s \(1 workers\)"):
        next(batches)


@pytest.mark.parametrize(
    "arguments, kind, message",
    [
        ({}, ValueError, "there are no batches without batch_size= or batch_sampler="),
        ({"batch_size": 2, "batch_sampler": [[0]]}, ValueError, "batch_sampler gives whole batches; leave out"),
        ({"shuffle": True, "batch_sampler": [[0]]}, ValueError, "batch_sampler gives whole batches; leave out"),
        ({"batch_size": 2, "shuffle": True, "sampler": [0]}, ValueError, "shuffle and sampler both say the order"),
        ({"batch_size": 2, "last_batch": "foo"}, ValueError, "last_batch is 'foo'; known: keep, discard, rollover"),
        ({"batch_size": 2, "timeout": 0}, AssertionError, "timeout is 0 s; expected more than 0"),
    ],
)
def test_contradicting_arguments(arguments, kind, message):
    with pytest.raises(kind, match=message):
        DataLoader(DATA, **arguments)


@pytest.mark.parametrize(
    "samples, expected",
    [
        ([np.ones(2), np.zeros(2)], [[1, 1], [0, 0]]),
        ([mx.nd.ones((2,)), mx.nd.zeros((2,))], [[1, 1], [0, 0]]),
        ([1.5, 2.0], [1.5, 2.0]),
        ([True, False], [True, False]),
        ([[1, 2], [3, 4]], [[1, 2], [3, 4]]),
        ([(1, 2), (3, 4)], [[1, 3], [2, 4]]),
        ([(1, [2, 3]), (3, [4, 5])], [[1, 3], [[2, 3], [4, 5]]]),
    ],
)
def test_batchify(samples, expected):
    batch = default_batchify_fn(samples)
    batch = [part.asnumpy().tolist() for part in batch] if isinstance(batch, list) else batch.asnumpy().tolist()
    assert batch == expected


@pytest.mark.parametrize(
    "samples, message",
    [
        ([np.ones(2), np.zeros(3)], r"samples of one batch must have one shape, got \[\(2,\), \(3,\)\]"),
        (["a", "b"], "samples of type str .* cannot become an array"),
        ([{"a": 1}], "samples of type dict .* cannot become an array"),
    ],
)
def test_samples_that_make_no_array(samples, message):
    with pytest.raises(ValueError, match=message):
        default_batchify_fn(samples)
