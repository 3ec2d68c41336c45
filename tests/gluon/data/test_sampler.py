"""Samplers: order, batches, and what happens to the rest."""

from __future__ import annotations

import numpy as np
import pytest

from mxl.gluon.data import BatchSampler, FilterSampler, RandomSampler, Sampler, SequentialSampler, SimpleDataset


def test_sequential():
    sampler = SequentialSampler(3, start=2)
    assert list(sampler) == [2, 3, 4]
    assert list(sampler) == [2, 3, 4]
    assert len(sampler) == 3


def test_random_order_is_numpys_stream_as_in_mxnet():
    np.random.seed(1)
    sampler = RandomSampler(5)
    assert list(sampler) == [2, 1, 4, 0, 3]
    assert list(sampler) == [0, 2, 4, 3, 1]
    assert len(sampler) == 5


def test_filter():
    sampler = FilterSampler(lambda x: x > 1, SimpleDataset([3, 1, 2]))
    assert (list(sampler), len(sampler)) == ([0, 2], 2)


@pytest.mark.parametrize(
    "last_batch, passes, lengths",
    [
        ("keep", [[[0, 1, 2], [3, 4, 5], [6]]] * 2, [3, 3, 3]),
        ("discard", [[[0, 1, 2], [3, 4, 5]]] * 2, [2, 2, 2]),
        ("rollover", [[[0, 1, 2], [3, 4, 5]], [[6, 0, 1], [2, 3, 4]], [[5, 6, 0], [1, 2, 3], [4, 5, 6]]], [2, 2, 3]),
    ],
)
def test_batches(last_batch, passes, lengths):
    sampler = BatchSampler(SequentialSampler(7), 3, last_batch)
    for expected, length in zip(passes, lengths, strict=False):
        assert len(sampler) == length
        assert list(sampler) == expected


@pytest.mark.parametrize(
    "wrong, kind, message",
    [
        (lambda: BatchSampler(SequentialSampler(7), 3, "foo"), ValueError, "last_batch is 'foo'; known: keep"),
        (lambda: BatchSampler(SequentialSampler(7), 0), ValueError, "batch_size is 0; expected at least 1"),
        (lambda: iter(Sampler()), NotImplementedError, "Sampler defines no __iter__"),
        (lambda: len(Sampler()), NotImplementedError, "Sampler defines no __len__"),
    ],
)
def test_refusals(wrong, kind, message):
    with pytest.raises(kind, match=message):
        wrong()
