"""Block: children, parameters, hooks, printed forms, and the whole tree at once."""

from __future__ import annotations

import pytest

import mxl as mx
from mxl import gluon
from mxl.gluon import nn


class Pair(gluon.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.d = nn.Dense(2)
            self.e = nn.Dense(2, params=self.d.params)
            self.w = self.params.get("w", shape=(1,), init="ones")

    def forward(self, x, y=None):
        return self.d(x), [self.e(x) + self.w.data()]


X = [[1.0, 2.0], [3.0, 4.0]]


def test_printed_form():
    assert repr(Pair()) == "Pair(\n  (d): Dense(None -> 2, linear)\n  (e): Dense(None -> 2, linear)\n)"
    assert repr(gluon.Block()) == "Block(\n\n)"
    outer = nn.HybridSequential()
    inner = nn.HybridSequential()
    inner.add(nn.Flatten())
    outer.add(inner)
    assert repr(outer) == "HybridSequential(\n  (0): HybridSequential(\n    (0): Flatten\n  )\n)"


def test_attributes_are_children_and_parameters():
    pair = Pair(prefix="p_")
    assert list(pair._children) == ["d", "e"]
    assert list(pair.params) == ["p_w"]
    assert list(pair.collect_params()) == ["p_w", "p_dense0_weight", "p_dense0_bias"]
    pair.d = nn.Dense(7)
    assert pair._children["d"] is pair.d


@pytest.mark.parametrize("attribute, kind", [("d", "a Block"), ("w", "a Parameter")])
def test_an_attribute_keeps_its_kind(attribute, kind):
    with pytest.raises(
        TypeError, match=f"attribute {attribute} of .* is {kind}, .*, and can only be replaced by another, not by"
    ):
        setattr(Pair(), attribute, 3)


def test_a_parameter_is_not_replaced():
    with pytest.raises(
        AssertionError, match=r"attribute w of .* has its Parameter already, .* make this one with params="
    ):
        Pair().w = gluon.Parameter("x")


def test_collect_params_selects_by_pattern():
    pair = Pair(prefix="p_")
    assert list(pair.collect_params(".*bias|p_w")) == ["p_w", "p_dense0_bias"]
    assert list(pair.collect_params("bias")) == []  # as re.match: from the beginning of the name
    assert pair.collect_params().prefix == "p_"


def test_blocks_in_a_list_are_warned_about():
    class Hidden(gluon.Block):
        def __init__(self):
            super().__init__()
            self.layers = [nn.Dense(1), {"a": nn.Dense(2)}]

    with pytest.warns(UserWarning, match="Hidden.layers is a list with Blocks that are no children: collect_params"):
        Hidden().collect_params()


def test_a_registered_list_is_fine():
    class Listed(gluon.Block):
        def __init__(self):
            super().__init__()
            self.layers = [nn.Dense(1)]
            self.register_child(self.layers[0])

    assert len(Listed().collect_params()) == 2


def test_a_child_must_be_a_block():
    with pytest.raises(ValueError, match=r"a child of Block .* must be a Block, but 3 is <class 'int'>"):
        gluon.Block().register_child(3)


def test_forward_must_be_defined():
    with pytest.raises(NotImplementedError, match="Block defines no forward"):
        gluon.Block()(1)


def test_initialize_reaches_all_parameters():
    net = nn.Sequential()
    net.add(nn.Dense(1, in_units=2), nn.Dense(1, in_units=1))
    net.initialize("ones")
    assert [p.data().asnumpy().sum() for p in net.collect_params().values()] == [2, 0, 1, 0]
    net.initialize(mx.init.Zero(), force_reinit=True, ctx=[mx.cpu(0), mx.cpu(1)])
    assert net[0].weight.list_ctx() == [mx.cpu(0), mx.cpu(1)]


def test_apply_goes_children_first():
    pair, seen = Pair(prefix="p_"), []
    assert pair.apply(lambda block: seen.append(block.name)) is pair
    assert seen == ["p_dense0", "p_dense1", "p"]


def test_cast_reaches_all_parameters():
    pair = Pair()
    pair.initialize()
    pair.cast("float64")
    assert {p.dtype for p in pair.collect_params().values()} == {"float64"}


def test_hooks():
    net = nn.Dense(2)
    net.initialize()
    seen = []
    before = net.register_forward_pre_hook(lambda block, inputs: seen.append(("before", block, len(inputs))))
    after = net.register_forward_hook(lambda block, inputs, output: seen.append(("after", block, output.shape)))
    net(mx.nd.array(X))
    assert seen == [("before", net, 1), ("after", net, (2, 2))]
    before.detach()
    before.detach()
    after.detach()
    net(mx.nd.array(X))
    assert len(seen) == 2
    with net.register_forward_hook(lambda *args: seen.append("inside")):
        net(mx.nd.array(X))
    net(mx.nd.array(X))
    assert seen[2:] == ["inside"]


def test_a_hook_may_take_itself_away():
    net = nn.Flatten()
    handle = net.register_forward_hook(lambda *args: handle.detach())
    net(mx.nd.array(X))
    net(mx.nd.array(X))
    assert not net._forward_hooks


SUMMARY = """\
--------------------------------------------------------------------------------
        Layer (type)                                Output Shape         Param #
================================================================================
               Input                                      (2, 2)               0
             Dense-1                                      (2, 2)               6
             Dense-2                                      (2, 2)               6
              Pair-3                            (2, 2), [(2, 2)]               1
================================================================================
Parameters in forward computation graph, duplicate included
   Total params: 13
   Trainable params: 13
   Non-trainable params: 0
Shared params in forward computation graph: 6
Unique parameters in model: 7
--------------------------------------------------------------------------------
"""


def test_summary(capsys):
    pair = Pair()
    pair.initialize()
    pair.summary(mx.nd.array(X))
    assert capsys.readouterr().out == SUMMARY
    pair.summary(mx.nd.array(X), None)
    assert "(2, 2), None" in capsys.readouterr().out
    assert not pair.d._forward_hooks


def test_summary_of_a_convolutional_network(capsys):
    net = nn.HybridSequential()
    net.add(nn.Conv2D(3, 2, activation="relu"), nn.BatchNorm(), nn.Dense(2))
    net.initialize()
    net.summary(mx.nd.ones((2, 1, 8, 8)))
    out = capsys.readouterr().out
    assert "        Activation-1                                (2, 3, 7, 7)               0\n" in out
    assert "            Conv2D-2                                (2, 3, 7, 7)              15\n" in out
    assert "   Total params: 323\n   Trainable params: 317\n   Non-trainable params: 6\n" in out


def test_summary_of_what_is_hybridized_or_bare():
    net = nn.Dense(2, prefix="d_")
    with pytest.raises(RuntimeError, match="Parameter 'd_weight' has not been initialised"):
        net.summary(mx.nd.array(X))
    assert not net._forward_hooks
    net.initialize()
    net.hybridize()
    with pytest.raises(AssertionError, match="summary: block 'd' is hybridized; call hybridize"):
        net.summary(mx.nd.array(X))
