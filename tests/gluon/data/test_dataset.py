"""Datasets: items, cuts, transforms, and the sentences for bad ones."""

from __future__ import annotations

import numpy as np
import pytest

import mxl as mx
from mxl.gluon.data import ArrayDataset, Dataset, SequentialSampler, SimpleDataset

NUMBERS = SimpleDataset([3, 1, 2])


def test_array_dataset():
    data = ArrayDataset(np.arange(6).reshape(3, 2), ["a", "b", "c"])
    assert len(data) == 3
    assert data[1][0].tolist() == [2, 3]
    assert data[-1][1] == "c"
    assert ArrayDataset([5, 6])[1] == 6
    assert ArrayDataset(mx.nd.array([4, 5]), [1, 2])[1] == (5.0, 2)
    rows = ArrayDataset(mx.nd.array([[1, 2], [3, 4]]))[1]
    assert isinstance(rows, mx.nd.NDArray)
    assert rows.asnumpy().tolist() == [3, 4]


def test_array_dataset_refuses():
    with pytest.raises(AssertionError, match="expected at least one array, got none"):
        ArrayDataset()
    with pytest.raises(AssertionError, match=r"array 0 has 2 samples, array 1 has 1: they must be as many"):
        ArrayDataset([1, 2], [1])


def test_transform():
    assert NUMBERS.transform(lambda x: x * 2)[2] == 4
    assert ArrayDataset([1, 2], [3, 4]).transform(lambda x, y: x + y)[1] == 6
    assert ArrayDataset([1, 2], [3, 4]).transform_first(lambda x: x * 10)[1] == (20, 4)
    assert NUMBERS.transform_first(lambda x: x * 10)[0] == 30
    calls = []
    eager = NUMBERS.transform(calls.append, lazy=False)
    assert isinstance(eager, SimpleDataset)
    assert calls == [3, 1, 2]
    lazy = NUMBERS.transform(calls.append)
    assert (len(lazy), len(calls)) == (3, 3)


@pytest.mark.parametrize(
    "cut, expected",
    [
        (lambda d: d.filter(lambda x: x > 1), [3, 2]),
        (lambda d: d.shard(2, 0), [3, 1]),
        (lambda d: d.shard(2, 1), [2]),
        (lambda d: d.shard(5, 4), []),
        (lambda d: d.take(2), [3, 1]),
        (lambda d: d.take(20), [3, 1, 2]),
        (lambda d: d.take(None), [3, 1, 2]),
        (lambda d: d.sample(SequentialSampler(2, 1)), [1, 2]),
        (lambda d: d.take(2).transform(lambda x: -x), [-3, -1]),
    ],
)
def test_cuts(cut, expected):
    part = cut(NUMBERS)
    assert [part[i] for i in range(len(part))] == expected


def test_shards_are_contiguous_and_complete():
    shards = [list(SimpleDataset(list(range(10))).shard(3, i)) for i in range(3)]
    assert shards == [[0, 1, 2, 3], [4, 5, 6], [7, 8, 9]]


@pytest.mark.parametrize(
    "wrong, kind, message",
    [
        (lambda: NUMBERS.shard(2, 2), AssertionError, "shard: index is 2; expected 0 to 1"),
        (lambda: NUMBERS.shard(0, 0), AssertionError, "num_shards is 0; expected at least 1"),
        (lambda: NUMBERS.take(-1), ValueError, "count is -1; expected None or at least 0"),
        (lambda: NUMBERS.sample([2, 0]), TypeError, "sample: expected a gluon.data.Sampler, got list"),
        (lambda: Dataset()[0], NotImplementedError, "Dataset defines no __getitem__"),
        (lambda: len(Dataset()), NotImplementedError, "Dataset defines no __len__"),
    ],
)
def test_refusals(wrong, kind, message):
    with pytest.raises(kind, match=message):
        wrong()
