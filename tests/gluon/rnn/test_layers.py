"""Recurrent layers: parameters, states, lengths, training, and what they say to bad calls; numbers are in the facts."""

from __future__ import annotations

import numpy as np
import pytest

import mxl as mx
from mxl.core.errors import UnknownName
from mxl.gluon import nn, rnn
from mxl.gluon.errors import BadArgument, Incompatible
from mxl.testing.gradient import check_gradient

nd = mx.nd
KINDS = [rnn.RNN, rnn.LSTM, rnn.GRU]


def ready(layer):
    layer.initialize(mx.init.Uniform(0.5))
    return layer


def test_names_and_printed_forms(fresh_names):
    def make():
        layers = [rnn.RNN(3), rnn.LSTM(3, 2, input_size=5), rnn.GRU(3, layout="NTC", dropout=0.5, bidirectional=True)]
        return [(layer.prefix, repr(layer)) for layer in layers]

    assert fresh_names(make) == [
        ("rnn0_", "RNN(None -> 3, TNC)"),
        ("lstm0_", "LSTM(5 -> 3, TNC, num_layers=2)"),
        ("gru0_", "GRU(None -> 3, NTC, dropout=0.5, bidirectional)"),
    ]


def test_parameters():
    layer = rnn.LSTM(3, 2, bidirectional=True, input_size=4, projection_size=2, prefix="p_")
    params = layer.collect_params()
    assert list(params)[:6] == [
        "p_l0_i2h_weight", "p_l0_h2h_weight", "p_l0_i2h_bias", "p_l0_h2h_bias", "p_l0_h2r_weight", "p_r0_i2h_weight",
    ]  # fmt: skip
    assert [params[f"p_l1_{name}"].shape for name in ("i2h_weight", "h2h_weight", "h2r_weight")] == [
        (12, 4), (12, 2), (2, 3),
    ]  # fmt: skip
    assert params["p_r0_i2h_weight"].dtype == "float32"


@pytest.mark.parametrize("kind", KINDS)
def test_states(kind):
    layer = ready(kind(3, 2, bidirectional=True))
    x = nd.ones((5, 4, 2))
    states = layer.begin_state(4)
    assert [info["shape"] for info in layer.state_info(4)] == [s.shape for s in states] == [(4, 4, 3)] * len(states)
    out, last = layer(x, states)
    np.testing.assert_array_equal(out.asnumpy(), layer(x).asnumpy())
    assert [s.shape for s in last] == [(4, 4, 3)] * len(states)
    if len(states) == 1:
        np.testing.assert_array_equal(layer(x, states[0])[0].asnumpy(), out.asnumpy())


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_may_come_in_pieces(kind):
    layer = ready(kind(3, 2))
    x = nd.array(np.random.RandomState(1).uniform(-1, 1, (5, 2, 3)))
    whole = layer(x)
    first, states = layer(x[:3], layer.begin_state(2))
    second, _ = layer(x[3:], [state.detach() for state in states])
    np.testing.assert_allclose(nd.concat(first, second, dim=0).asnumpy(), whole.asnumpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layout", ["TNC", "NTC"])
def test_gradients_agree_with_differences(kind, layout):
    layer = ready(kind(2, 2, layout=layout, bidirectional=True))
    layer.cast("float64")
    layer(nd.ones((3, 2, 3), dtype="float64"))
    check_gradient(layer, (3, 2, 3), order=2)


@pytest.mark.parametrize("kind", KINDS)
def test_lengths(kind):
    layer = ready(kind(3, bidirectional=True, layout="NTC", use_sequence_length=True))
    x = nd.array(np.random.RandomState(1).uniform(-1, 1, (2, 4, 3)))
    out, states = layer(x, layer.begin_state(2), nd.array([2, 4]))
    alone, last = layer(x[:1, :2], layer.begin_state(1), nd.array([2]))
    assert not out.asnumpy()[0, 2:].any()
    np.testing.assert_allclose(out.asnumpy()[:1, :2], alone.asnumpy(), rtol=1e-5, atol=1e-6)
    for mine, theirs in zip(states, last, strict=True):
        np.testing.assert_allclose(mine.asnumpy()[:, :1], theirs.asnumpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(layer(x, sequence_length=nd.array([2, 4])).asnumpy(), out.asnumpy())


def test_dtypes_follow_the_inputs():
    layer = ready(rnn.LSTM(2, dtype="float64"))
    assert layer(nd.ones((2, 1, 3), dtype="float64")).dtype == np.float64
    layer.cast("float32")
    assert layer(nd.ones((2, 1, 3))).dtype == layer.begin_state(1)[0].dtype == np.float32


def test_cells_are_clipped():
    layer = rnn.LSTM(2, state_clip_min=-0.001, state_clip_max=0.001, state_clip_nan=True)
    _, (_, cells) = ready(layer)(nd.ones((3, 1, 2)), layer.begin_state(1))
    assert np.abs(cells.asnumpy()).max() == np.float32(0.001)


def test_dropout_while_training_only():
    layer = ready(rnn.GRU(8, 2, dropout=0.5))
    x = nd.ones((2, 2, 3))
    quiet = layer(x).asnumpy()
    np.testing.assert_array_equal(layer(x).asnumpy(), quiet)
    with mx.autograd.train_mode():
        assert (layer(x).asnumpy() != quiet).any()


def test_it_learns_to_remember_the_first_of_a_sequence():
    mx.random.seed(1)
    x = nd.array(np.random.RandomState(0).randint(0, 2, (6, 32, 1)))
    net = nn.HybridSequential()
    net.add(rnn.LSTM(8), nn.Dense(2, flatten=False))
    net.initialize(mx.init.Xavier())
    net.hybridize()
    trainer = mx.gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.05})
    loss = mx.gluon.loss.SoftmaxCrossEntropyLoss()
    for _ in range(40):
        with mx.autograd.record():
            error = loss(net(x)[-1], x[0, :, 0])
        error.backward()
        trainer.step(32)
    assert error.mean().asscalar() < 0.1


@pytest.mark.parametrize(
    "bad, kind, words",
    [
        (lambda: rnn.GRU(3, layout="NCT"), Incompatible, "layout is 'NCT'; known: 'TNC', 'NTC'"),
        (lambda: rnn.RNN(3, activation="sigmoid"), UnknownName, "activation is 'sigmoid'; known: 'relu', 'tanh'"),
        (lambda: rnn.GRU(3, num_layers=0), BadArgument, "hidden_size is 3, num_layers 0: both must be 1 or more"),
        (lambda: ready(rnn.GRU(3))(nd.ones((2, 3))), BadArgument, r"inputs is \[2, 3\]: it takes TNC"),
        (lambda: ready(rnn.LSTM(3))(nd.ones((2, 2, 3)), nd.ones((1, 2, 3))), BadArgument, "takes 2 states, got 1"),
        (
            lambda: ready(rnn.GRU(3, use_sequence_length=True))(nd.ones((2, 2, 3))),
            BadArgument, "has use_sequence_length=True: call it with sequence_length",
        ),
    ],
)  # fmt: skip
def test_bad_calls_are_told(bad, kind, words):
    with pytest.raises(kind, match=words):
        bad()
