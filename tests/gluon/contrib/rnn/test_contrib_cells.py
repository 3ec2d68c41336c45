"""Cells of gluon.contrib beyond the records of MXNet: masks of a sequence, volumes, graphs."""

from __future__ import annotations

import pytest

import mxl as mx
from mxl.gluon import rnn
from mxl.gluon.contrib import cnn
from mxl.gluon.contrib import rnn as contrib


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_a_kernel_of_one_point_is_an_ordinary_cell(kind: str) -> None:
    """Convolutions with kernels of one point are products at each position."""
    conv = getattr(contrib, f"Conv3D{kind}Cell")((2, 1, 1, 1), 3, 1, 1)
    plain = getattr(rnn, f"{kind}Cell")(3, input_size=2)
    for cell in (conv, plain):
        cell.initialize()
    for ours, theirs in zip(conv.collect_params().values(), plain.collect_params().values(), strict=True):
        ours.set_data(theirs.data().reshape(ours.shape))
    x = mx.nd.random.normal(shape=(4, 5, 2))
    expected, _ = plain.unroll(5, x, merge_outputs=True)
    found, _ = conv.unroll(5, x.reshape((4, 5, 2, 1, 1, 1)), merge_outputs=True)
    mx.test_utils.assert_almost_equal(found.reshape((4, 5, 3)), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("what", ["drop_inputs", "drop_states", "drop_outputs"])
def test_a_mask_stays_for_a_sequence(what: str) -> None:
    cell = contrib.VariationalDropoutCell(rnn.RNNCell(8, input_size=8), **{what: 0.5})
    cell.initialize()
    with mx.autograd.train_mode():
        states = [mx.nd.ones((2, 8))]
        cell(mx.nd.ones((2, 8)), states)
        mask = getattr(cell, f"{what}_mask")
        cell(mx.nd.ones((2, 8)), states)
        assert getattr(cell, f"{what}_mask") is mask
        assert set(mask.asnumpy().ravel().tolist()) == {0.0, 2.0}
        cell.reset()
        assert getattr(cell, f"{what}_mask") is None


def test_dropped_outputs_are_the_same_at_every_step() -> None:
    cell = contrib.VariationalDropoutCell(rnn.RNNCell(16, input_size=2), drop_outputs=0.5)
    cell.initialize()
    with mx.autograd.train_mode():
        outputs, _ = cell.unroll(4, mx.nd.ones((2, 4, 2)), merge_outputs=True)
    zeros = outputs.asnumpy() == 0
    assert zeros.any()
    assert (zeros == zeros[:, :1]).all()


@pytest.mark.parametrize(
    "make",
    [
        lambda: contrib.LSTMPCell(4, 2),
        lambda: contrib.VariationalDropoutCell(rnn.GRUCell(3), drop_inputs=0.3),
    ],
)
def test_a_graph_has_the_same_values(make) -> None:
    class Net(mx.gluon.HybridBlock):
        def __init__(self) -> None:
            super().__init__()
            with self.name_scope():
                self.cell = make()

        def hybrid_forward(self, F, x):
            return self.cell.unroll(3, x, merge_outputs=True)[0]

    net = Net()
    net.initialize()
    x = mx.nd.random.normal(shape=(2, 3, 5))
    plain = net(x)
    net.hybridize()
    assert (net(x) == plain).asnumpy().all()


def test_deformable_layers_begin_as_ordinary_convolutions() -> None:
    x = mx.nd.random.normal(shape=(2, 3, 6, 6))
    for kind, factor in ((cnn.DeformableConvolution, 1), (cnn.ModulatedDeformableConvolution, 1)):
        layer = kind(4, 3, padding=1)
        layer.initialize()
        plain = mx.gluon.nn.Conv2D(4, 3, padding=1, in_channels=3)
        plain.initialize()
        found = layer(x)
        plain.weight.set_data(layer.deformable_conv_weight.data())
        mx.test_utils.assert_almost_equal(found, plain(x) * factor, rtol=1e-4, atol=1e-5)
        layer.hybridize()
        assert (layer(x) == found).asnumpy().all()


@pytest.mark.parametrize(
    "make, sentence",
    [
        (lambda: contrib.Conv2DRNNCell((1, 4, 4), 2, 3, 2), "Only support odd number, get h2h_kernel= 2"),
        (lambda: contrib.Conv2DRNNCell((1, 4, 4), 2, (3, 3, 3), 3), "list/tuple of length 2: i2h_kernel is"),
        (lambda: contrib.Conv1DGRUCell((1, 4), 2, 3, 3, conv_layout="NWC"), "convolutions take NCW"),
        (lambda: cnn.DeformableConvolution(2, 3, layout="NHWC"), "the operators take 'NCHW'"),
        (lambda: cnn.DeformableConvolution(2, 3, op_name="x"), "op_name and adj are MXNet's own"),
        (lambda: mx.gluon.contrib.data.IntervalSampler(2, 3), "Interval 3 must be smaller than or equal to length 2"),
    ],
)
def test_a_wrong_call_says_so(make, sentence: str) -> None:
    with pytest.raises(AssertionError, match=sentence):
        make()
