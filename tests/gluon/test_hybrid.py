"""HybridBlock: parameters as arguments, shapes at the first forward, hybridize."""

from __future__ import annotations

import pytest

import mxl as mx
from mxl import gluon
from mxl.gluon import nn


class Scale(gluon.HybridBlock):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.factor = self.params.get("factor", shape=(0,), init="ones", allow_deferred_init=True)
        self.two = self.params.get_constant("two", [2.0])

    def infer_shape(self, x):
        self.factor.shape = (x.shape[1],)

    def hybrid_forward(self, F, x, factor, two):
        assert F is mx.nd
        return F.broadcast_mul(F.broadcast_mul(x, factor), two)


def test_parameters_arrive_as_arguments():
    net = Scale()
    net.initialize()
    assert net(mx.nd.ones((2, 3))).asnumpy().tolist() == [[2, 2, 2], [2, 2, 2]]
    assert net.factor.shape == (3,)


def test_parameters_follow_the_inputs_context():
    net = Scale()
    net.initialize(ctx=[mx.cpu(0), mx.cpu(1)])
    assert net(mx.nd.ones((1, 2), ctx=mx.cpu(1))).context == mx.cpu(1)
    with pytest.raises(RuntimeError, match=r"has no value on cpu\(2\): it was initialised on"):
        net(mx.nd.ones((1, 2), ctx=mx.cpu(2)))


def test_several_inputs_some_of_them_missing():
    class Sum(gluon.HybridBlock):
        def hybrid_forward(self, F, x, y, z=None):
            return x + y if z is None else x + y + z

    one = mx.nd.ones((1,))
    assert Sum()(one, one).asscalar() == 2
    assert Sum()(one, one, one).asscalar() == 3


def test_arrays_in_a_list():
    class First(gluon.HybridBlock):
        def hybrid_forward(self, F, pair):
            return pair[0]

    assert First()([mx.nd.ones((1,)), mx.nd.zeros((1,))]).asscalar() == 1


def test_no_array_among_the_inputs():
    with pytest.raises(ValueError, match=r"the first NDArray among its inputs is, and there is none: got int, str"):
        nn.HybridLambda("tanh")(3, "x")


def test_hybrid_forward_must_be_defined():
    with pytest.raises(NotImplementedError, match="HybridBlock defines no hybrid_forward"):
        gluon.HybridBlock()(mx.nd.ones((1,)))


def test_children_must_be_hybrid():
    with pytest.raises(ValueError, match=r"a child of HybridBlock '.*' must be a HybridBlock, but Block"):
        nn.HybridSequential().add(gluon.Block())


def test_a_shape_that_nobody_tells():
    class Mute(gluon.HybridBlock):
        def __init__(self):
            super().__init__(prefix="mute_")
            self.w = self.params.get("w", shape=(0,), allow_deferred_init=True)

        def hybrid_forward(self, F, x, w):
            return x

    net = Mute()
    net.initialize()
    with pytest.raises(ValueError, match=r"Mute does not tell the shape of mute_w .* define infer_shape\(self, x\)"):
        net(mx.nd.ones((1,)))


def test_hybridize_changes_no_result():
    net = nn.HybridSequential()
    net.add(nn.Dense(3, activation="tanh"), nn.Dense(1))
    net.initialize()
    x = mx.nd.ones((2, 4))
    before = net(x).asnumpy()
    net.hybridize(static_alloc=True)
    assert net._active
    assert net[0]._active
    assert (net(x).asnumpy() == before).all()
    net.hybridize(active=False)
    assert not net[0]._active


def test_infer_shape_by_hand():
    layer = nn.Conv2D(4, 3, groups=2)
    layer.infer_shape(mx.nd.ones((1, 6, 5, 5)))
    assert layer.weight.shape == (4, 3, 3, 3)
