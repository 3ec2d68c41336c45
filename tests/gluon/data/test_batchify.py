"""Batches of equal and unequal samples, and of samples in parts."""

from __future__ import annotations

import numpy as np
import pytest

from mxl import nd
from mxl.gluon.data import DataLoader, SimpleDataset, batchify


def test_stacked_samples_keep_their_dtype():
    assert batchify.Stack()([1, 2, 3]).dtype == np.int64
    assert batchify.Stack()([1.5, 2.5]).dtype == np.float32
    assert batchify.Stack()([nd.ones((2,), dtype="float16")] * 3).dtype == np.float16
    assert batchify.Stack()([np.ones((2,), "uint8")] * 3).asnumpy().tolist() == [[1, 1]] * 3


def test_padding_reaches_every_axis_and_rounds_up():
    batch = batchify.Pad(val=7, dtype="float32", round_to=4)([np.ones((1, 2)), np.zeros((3, 1))])
    assert batch.shape == (2, 4, 4)
    assert batch.dtype == np.float32
    assert batch.asnumpy()[1, :, 0].tolist() == [0, 0, 0, 7]
    assert batchify.Pad()([[1], [2, 3]]).asnumpy().tolist() == [[1, 0], [2, 3]]


def test_appended_samples_keep_their_shapes():
    assert [x.shape for x in batchify.Append(batch_axis=1)([[1, 2], [3]])] == [(2, 1), (1, 1)]
    assert [x.shape for x in batchify.Append(expand=False)([[1, 2], [3]])] == [(2,), (1,)]


def test_a_loader_takes_them():
    data = SimpleDataset([([i] * (i + 1), i) for i in range(4)])
    loader = DataLoader(data, batch_size=2, num_workers=2, batchify_fn=batchify.Group(batchify.Pad(), batchify.Stack()))
    words, labels = list(loader)[1]
    assert words.asnumpy().tolist() == [[2, 2, 2, 0], [3, 3, 3, 3]]
    assert labels.asnumpy().tolist() == [2, 3]


@pytest.mark.parametrize("call, error, text", [
    (lambda: batchify.Stack()([[1], [1, 2]]), AssertionError, r"shapes \(1,\), \(2,\); use Pad for unequal ones"),
    (lambda: batchify.Pad()([[1], [[1]]]), AssertionError, r"samples have \[1, 2\] axes"),
    (lambda: batchify.Pad(round_to=0), ValueError, "round_to is 0; expected None or at least 1"),
    (lambda: batchify.Group(batchify.Stack())([(1, 2)]), AssertionError, "a sample has 2 parts, and there are 1"),
    (lambda: batchify.Group([3]), AssertionError, "3 is no function"),
])
def test_what_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()
