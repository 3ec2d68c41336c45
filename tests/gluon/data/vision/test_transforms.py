"""Transforms that MXNet 1.9 does not have: values by hand, chance by how often."""

from __future__ import annotations

import random

import numpy as np
import pytest

import mxl as mx
from mxl import nd
from mxl.gluon import nn
from mxl.gluon.data.vision import transforms as T

X = nd.array(np.arange(4 * 5 * 3).reshape(4, 5, 3), dtype="uint8")


def test_cut_at_a_place_by_chance_from_a_frame():
    random.seed(0)
    seen = {T.RandomCrop((2, 3))(X).asnumpy().tobytes() for _ in range(60)}
    assert len(seen) == 4 * 2  # all places of 2 x 3 (width x height) in 5 x 4
    framed = T.RandomCrop((9, 8), pad=2, pad_value=7)(X).asnumpy()
    assert framed.shape == (8, 9, 3)
    assert (framed[:2] == 7).all()
    assert (framed[2:6, 2:7] == X.asnumpy()).all()
    assert T.RandomCrop((5, 6), pad=((1, 1), (0, 0)))(X).shape == (6, 5, 3)


def test_grey_has_three_equal_channels():
    grey = T.RandomGray(p=1)(X).asnumpy()
    expected = (X.asnumpy() @ np.array([0.2989, 0.587, 0.114])).astype(np.uint8)
    assert grey.dtype == np.uint8
    assert (grey == expected[..., None]).all()
    assert (T.RandomGray(p=0)(X) == X).asnumpy().all()


def test_applied_about_as_often_as_said():
    mx.random.seed(3)
    chance = T.HybridRandomApply(T.Cast("float32"), p=0.25)
    assert 30 <= sum(chance(X).dtype == np.float32 for _ in range(200)) <= 70


def test_a_chain_of_hybrid_blocks():
    chain = T.HybridCompose([T.Resize(2), T.ToTensor()])
    assert chain(X).shape == (3, 2, 2)
    with pytest.raises(ValueError, match="must be a HybridBlock"):
        T.HybridCompose([nn.Sequential()])
