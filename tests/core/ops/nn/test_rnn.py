"""The operator RNN: gradients of both orders, lengths, clipping, dropout, and what it says to bad calls."""

from __future__ import annotations

import numpy as np
import pytest

import mxl as mx
from mxl.core.errors import ArgumentError, DtypeError, NoGradient, ShapeError
from mxl.core.ops.nn.rnn import RNN, Form, by_operators
from mxl.testing.gradient import check_gradient

nd = mx.nd
H, INPUTS, T, N = 3, 2, 3, 2
FORMS = [  # mode, layers, bidirectional, further arguments
    *[(mode, 1, False, {}) for mode in ("rnn_tanh", "rnn_relu", "lstm", "gru")],
    *[(mode, 2, True, {}) for mode in ("rnn_tanh", "lstm", "gru")],
    *[(mode, 2, True, {"use_sequence_length": True}) for mode in ("rnn_relu", "lstm", "gru")],
    ("lstm", 2, True, {"projection_size": 2}),
    ("lstm", 1, False, {"projection_size": 2, "use_sequence_length": True}),
    ("lstm", 2, False, {"lstm_state_clip_min": -0.3, "lstm_state_clip_max": 0.3}),
]
IDS = [f"{mode} {layers} {both} {more}" for mode, layers, both, more in FORMS]


def shapes_of(mode, layers, both, more):
    form = Form(mode, H, layers, 1 + both, more.get("projection_size"))
    size = form.parts(INPUTS)[-1][1]
    count = layers * (1 + both)
    cells = [(count, N, H)] if mode == "lstm" else []
    return [(T, N, INPUTS), (size,), (count, N, form.width), *cells]


def network(mode, layers, both, more, **named):
    def call(x, parameters, h, c=None):
        extra = {"state_cell": c} if c is not None else {}
        if more.get("use_sequence_length"):
            extra["sequence_length"] = nd.array([1, 3], dtype=x.dtype)
        return nd.RNN(
            x, parameters * 0.7, h, state_size=H, num_layers=layers, bidirectional=both, mode=mode,
            state_outputs=True, **extra, **more, **named,
        )  # fmt: skip

    return call


@pytest.mark.parametrize("form", FORMS, ids=IDS)
def test_gradients_of_both_orders(form):
    run = network(*form)
    check_gradient(lambda *a: sum(((i + 1) * o * o).sum() for i, o in enumerate(run(*a))), *shapes_of(*form), order=2)


@pytest.mark.parametrize("form", FORMS, ids=IDS)
def test_it_is_the_network_written_with_operators(form):
    rng = np.random.RandomState(3)
    arrays = [nd.array(rng.uniform(-1, 1, shape)) for shape in shapes_of(*form)]
    for p in (0.0, 0.4):
        with mx.autograd.record():
            for array in arrays:
                array.attach_grad()
            outs = network(*form, p=p)(*arrays)
            kept = outs[0]._node.node.saved
            first = arrays[1] * 0.7
            expected = by_operators(kept, arrays[0], first, *arrays[2:])
        for mine, theirs in zip(outs, expected, strict=True):
            got = theirs.asnumpy()
            if form[3].get("use_sequence_length") and mine is outs[0]:
                assert not mine.asnumpy()[1:, 0].any()
            np.testing.assert_allclose(mine.asnumpy(), got, rtol=1e-5, atol=1e-6)


def test_only_the_output_is_wanted():
    run = network("gru", 1, False, {})
    rng = np.random.RandomState(3)
    arrays = [nd.array(rng.uniform(-1, 1, shape)) for shape in shapes_of("gru", 1, False, {})]
    alone = nd.RNN(arrays[0], arrays[1] * 0.7, arrays[2], state_size=H, num_layers=1, mode="gru")
    np.testing.assert_array_equal(alone.asnumpy(), run(*arrays)[0].asnumpy())
    shapes = shapes_of("gru", 1, False, {})
    check_gradient(lambda x, w, h: nd.RNN(x, w, h, state_size=H, num_layers=1, mode="gru"), *shapes, order=2)


def test_plain_arrays_give_plain_arrays():
    out = RNN(np.ones((2, 1, 2)), np.ones(12), np.zeros((1, 1, 2)), mode="rnn_relu", state_size=2, num_layers=1)
    assert type(out) is np.ndarray
    np.testing.assert_array_equal(out[:, 0, 0], [4.0, 12.0])


@pytest.mark.parametrize("mode", ["rnn_tanh", "lstm", "gru"])
def test_a_short_sequence_is_run_as_if_alone(mode):
    shapes = shapes_of(mode, 2, True, {})
    rng = np.random.RandomState(5)
    x, w, *states = [rng.uniform(-1, 1, shape).astype("float32") for shape in shapes]
    run = network(mode, 2, True, {"use_sequence_length": True})
    whole = run(*map(nd.array, (x, w, *states)))
    alone = network(mode, 2, True, {})(*map(nd.array, (x[:1, :1], w, *[s[:, :1] for s in states])))
    np.testing.assert_allclose(whole[0].asnumpy()[:1, :1], alone[0].asnumpy(), rtol=1e-5, atol=1e-6)
    for mine, theirs in zip(whole[1:], alone[1:], strict=True):
        np.testing.assert_allclose(mine.asnumpy()[:, :1], theirs.asnumpy(), rtol=1e-5, atol=1e-6)


def lstm(x, **named):
    """One LSTM of one unit, whose gates are all 0.5 and whose new value is near 1."""
    weights = nd.array([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 0, 0])
    zero = nd.zeros((1, 1, 1))
    return nd.RNN(x, weights, zero, zero, mode="lstm", state_size=1, num_layers=1, state_outputs=True, **named)


def test_cells_are_clipped():
    x = nd.ones((4, 1, 1))
    assert lstm(x)[2].asscalar() == pytest.approx(0.9375)
    assert lstm(x, lstm_state_clip_min=-0.4, lstm_state_clip_max=0.4)[2].asscalar() == pytest.approx(0.4)


def test_what_is_no_number_is_clipped_where_asked():
    bad = nd.array([[[np.nan]]])
    bounds = {"lstm_state_clip_min": -0.4, "lstm_state_clip_max": 0.4}
    assert np.isnan(lstm(bad, **bounds)[2].asscalar())
    assert lstm(bad, lstm_state_clip_nan=True, **bounds)[2].asscalar() == pytest.approx(-0.4)


def test_dropout_is_between_layers_and_while_training():
    """The second layer passes on what reaches it, so its output is the mask."""
    parts = [np.zeros((4, 1)), np.zeros((4, 4)), np.eye(4), np.zeros((4, 4)), np.ones(4), np.zeros(12)]
    weights = nd.array(np.concatenate([part.ravel() for part in parts]))

    def run():
        return nd.RNN(
            nd.zeros((5, 10, 1)), weights, nd.zeros((2, 10, 4)), mode="rnn_relu", state_size=4, num_layers=2, p=0.25
        ).asnumpy()

    assert (run() == 1).all()
    mx.random.seed(3)
    with mx.autograd.train_mode():
        dropped = run()
    assert set(np.unique(dropped)) == {np.float32(0), np.float32(1) / np.float32(0.75)}
    assert 0.15 < (dropped == 0).mean() < 0.35


def test_a_third_order_is_refused():
    x = nd.ones((2, 1, 1))
    x.attach_grad()
    with mx.autograd.record():
        out = nd.RNN(x, nd.ones((4,)), nd.zeros((1, 1, 1)), mode="rnn_tanh", state_size=1, num_layers=1)
        first = mx.autograd.grad(out, [x], create_graph=True)[0]
        with pytest.raises(NoGradient, match=r"third derivative .* unroll the cells"):
            mx.autograd.grad(first, [x], create_graph=True)


def call(data=(2, 2, 2), parameters=12, state=(1, 2, 2), mode="rnn_tanh", **named):
    arrays = [nd.ones(data), nd.ones((parameters,)), nd.ones(state)]
    return lambda: nd.RNN(*arrays, mode=mode, **{"state_size": 2, "num_layers": 1, **named})


@pytest.mark.parametrize(
    "bad, kind, words",
    [
        (call(mode="tanh"), ArgumentError, "mode is 'tanh'; known: rnn_relu, rnn_tanh, lstm, gru"),
        (call(state_size=0), ArgumentError, "state_size is 0, num_layers 1: both must be 1 or more"),
        (call(projection_size=1), ArgumentError, "mode 'rnn_tanh': only an lstm has a projection"),
        (call(data=(2, 2)), ShapeError, r"data is \[2, 2\]: it takes \[steps, batch, inputs\]"),
        (call(data=(0, 2, 2)), ShapeError, "there is no step to compute"),
        (call(mode="lstm", parameters=48), ArgumentError, "'state_cell' is missing: an lstm has two states"),
        (call(state_cell=nd.ones((1, 2, 2))), ArgumentError, "rnn_tanh has one state"),
        (call(parameters=13), ShapeError, r"parameters is \[13\]; .* need \[12\]"),
        (call(state=(1, 3, 2)), ShapeError, r"state is \[1, 3, 2\]; .* need \[1, 2, 2\]"),
        (
            lambda: nd.RNN(
                nd.ones((2, 2, 2), dtype="float64"), nd.ones((12,)), nd.ones((1, 2, 2)), mode="rnn_tanh",
                state_size=2, num_layers=1,
            ),
            DtypeError, "data is float64, parameters is float32: they must be equal",
        ),
        (call(use_sequence_length=True), ArgumentError, "'sequence_length' belongs to use_sequence_length=True"),
        (
            call(use_sequence_length=True, sequence_length=nd.ones((3,))),
            ShapeError, r"sequence_length is \[3\], data \[2, 2, 2\]: it must be \[2\]",
        ),
        (call(lstm_state_clip_min=-1), ArgumentError, "an lstm takes both, the lower first"),
        (call(p=1.5), ArgumentError, r"p is 1.5: it must be within \[0, 1\]"),
        (lambda: nd._rnn_param_concat(nd.ones((2,)), dim=1), ArgumentError, "dim is 1: the vector has one axis"),
    ],
)  # fmt: skip
def test_bad_calls_are_told(bad, kind, words):
    with pytest.raises(kind, match=words):
        bad()
