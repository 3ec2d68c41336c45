"""Sequential and HybridSequential."""

from __future__ import annotations

import pytest

import mxl as mx
from mxl.gluon import nn


@pytest.fixture(params=[nn.Sequential, nn.HybridSequential])
def net(request):
    net = request.param()
    net.add(nn.Dense(3), nn.Flatten(), nn.Dense(2))
    net.initialize()
    return net


def test_children_are_called_in_order(net):
    assert net(mx.nd.ones((5, 4))).shape == (5, 2)


def test_indexing(net):
    assert len(net) == 3
    assert list(net) == [net[0], net[1], net[2]]
    assert net[-1] is net[2]
    part = net[1:]
    assert type(part) is type(net)
    assert list(part) == [net[1], net[2]]
    assert repr(part).startswith(f"{type(net).__name__}(\n  (0): Flatten")
    with pytest.raises(IndexError):
        net[100]


def test_names_of_children(net):
    net.register_child(nn.Dense(1), "head")
    net.add(nn.Dense(1))
    assert list(net._children) == ["0", "1", "2", "head", "4"]


def test_only_blocks_are_added(net):
    with pytest.raises(ValueError, match="3"):
        net.add(3)


def test_several_outputs_are_one_argument():
    net = nn.Sequential()
    net.add(nn.Lambda(lambda x: [x, x * 2]), nn.Lambda(lambda pair: pair[0] + pair[1]))
    assert net(mx.nd.ones((1,))).asscalar() == 3


def test_a_hybridizable_sequential_is_told():
    net = nn.Sequential(prefix="s_")
    net.add(nn.Dense(2))
    with pytest.warns(UserWarning, match="Sequential 's_' has HybridBlocks only: as a HybridSequential it"):
        net.hybridize()
    assert net[0]._active
