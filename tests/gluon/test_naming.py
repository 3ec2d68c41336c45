"""Names of blocks and parameters, as MXNet gives them."""

from __future__ import annotations

from mxl import gluon
from mxl.gluon import nn


class Model(gluon.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.w = self.params.get("w", shape=(2, 2))
            self.d = nn.Dense(2)

    def forward(self, x):
        return self.d(x)


def names(block):
    return list(block.collect_params())


def test_blocks_of_a_kind_are_numbered(fresh_names):
    def make():
        a, b, c = nn.Dense(1), nn.Conv2D(1, 1), nn.Dense(1)
        return a.name, b.name, c.name, names(c)

    assert fresh_names(make) == ("dense0", "conv0", "dense1", ["dense1_weight", "dense1_bias"])


def test_each_thread_counts_for_itself(fresh_names):
    assert [fresh_names(lambda: nn.Dense(1).name) for _ in range(2)] == ["dense0", "dense0"]


def test_children_in_a_scope_are_named_beneath_the_parent(fresh_names):
    def make():
        net = nn.HybridSequential()
        with net.name_scope():
            net.add(nn.Dense(3, activation="relu"), nn.Dense(1))
        return names(net), net[0].act.name

    expected = [
        "hybridsequential0_dense0_weight", "hybridsequential0_dense0_bias",
        "hybridsequential0_dense1_weight", "hybridsequential0_dense1_bias",
    ]  # fmt: skip
    assert fresh_names(make) == (expected, "hybridsequential0_dense0_relu")


def test_children_outside_a_scope_keep_global_names(fresh_names):
    def make():
        net = nn.HybridSequential()
        net.add(nn.Dense(3), nn.Dense(1))
        return net.prefix, names(net)

    assert fresh_names(make) == (
        "hybridsequential0_", ["dense0_weight", "dense0_bias", "dense1_weight", "dense1_bias"],
    )  # fmt: skip


def test_an_empty_prefix_is_transparent(fresh_names):
    def make():
        outer = nn.HybridSequential(prefix="m_")
        with outer.name_scope():
            outer.add(nn.Dense(1))
            inner = nn.HybridSequential(prefix="")
            with inner.name_scope():
                inner.add(nn.Dense(1))
            outer.add(inner, nn.Dense(2, prefix="last_"))
        return names(outer)

    assert fresh_names(make) == [
        "m_dense0_weight", "m_dense0_bias", "m_dense1_weight", "m_dense1_bias", "m_last_weight", "m_last_bias",
    ]  # fmt: skip


def test_prefixes_are_taken_as_given(fresh_names):
    assert fresh_names(lambda: (nn.Dense(1, prefix="a").prefix, nn.Dense(1, prefix="a").name)) == ("a", "a")
    assert names(Model(prefix="q_")) == ["q_w", "q_dense0_weight", "q_dense0_bias"]
    assert fresh_names(lambda: names(Model(prefix=""))) == ["w", "dense0_weight", "dense0_bias"]


def test_blocks_share_parameters_under_the_first_ones_names(fresh_names):
    def make():
        a = Model()
        b = Model(params=a.collect_params())
        c = Model(prefix="zz_", params=a.params)
        return names(b), b.d.weight is a.d.weight, b.d.prefix, names(c)[0], c.d.prefix

    assert fresh_names(make) == (
        ["model0_w", "model0_dense0_weight", "model0_dense0_bias"], True, "model1_dense0_", "model0_w", "zz_dense0_",
    )  # fmt: skip


def test_dense_layers_share_weights():
    d = nn.Dense(4)
    e = nn.Dense(4, params=d.params)
    assert e.weight is d.weight
    assert names(e) == names(d)
