"""Cells: states, unrolling, lengths, modifiers, and what they say to bad calls; their numbers are in the facts."""

from __future__ import annotations

import numpy as np
import pytest

import mxl as mx
from mxl.gluon import nn, rnn
from mxl.gluon.errors import BadArgument, BadChild, Incompatible
from mxl.gluon.rnn.base import NotASingleStep
from mxl.testing.gradient import check_gradient

nd = mx.nd


def ready(cell):
    cell.initialize(mx.init.Uniform(0.5))
    return cell


def sequence(*shape):
    return nd.array(np.random.RandomState(3).uniform(-1, 1, shape))


class Sum(rnn.RecurrentCell):
    def state_info(self, batch_size=0):
        return [{"shape": (batch_size, 2), "__layout__": "NC"}]

    def forward(self, x, states):
        return x + states[0], [x + states[0]]


def test_names_and_printed_forms(fresh_names):
    def make():
        cells = [rnn.RNNCell(3), rnn.LSTMCell(3, input_size=2), rnn.GRUCell(3), rnn.DropoutCell(0.5, axes=(0,))]
        return [(cell.prefix, repr(cell)) for cell in cells]

    assert fresh_names(make) == [
        ("rnn0_", "RNNCell(None -> 3, tanh)"),
        ("lstm0_", "LSTMCell(2 -> 12)"),
        ("gru0_", "GRUCell(None -> 9)"),
        ("dropout0_", "DropoutCell(rate=0.5, axes=(0,))"),
    ]


def test_a_modifier_has_the_inner_cells_parameters_and_prefix():
    cell = rnn.ZoneoutCell(rnn.RNNCell(3, prefix="b_"), 0.1)
    assert cell.prefix == "b_zoneout"
    assert list(cell.params) == list(cell.collect_params())
    assert rnn.ResidualCell(cell).prefix == "b_zoneoutresidualcell"


def test_a_subclass_is_named_as_its_base(fresh_names):
    class Mine(rnn.LSTMCell):
        pass

    assert fresh_names(lambda: Mine(2).prefix) == "lstm0_"


def test_states_are_described_and_made():
    stack = rnn.SequentialRNNCell()
    for cell in (rnn.LSTMCell(3), rnn.DropoutCell(0.2), rnn.ZoneoutCell(rnn.GRUCell(2), 0.1)):
        stack.add(cell)
    assert [info["shape"] for info in stack.state_info(4)] == [(4, 3), (4, 3), (4, 2)]
    states = stack.begin_state(batch_size=4, func=nd.ones, ctx=mx.cpu(1))
    assert [(s.shape, s.context, s[0, 0].asscalar()) for s in states] == [
        ((4, 3), mx.cpu(1), 1.0), ((4, 3), mx.cpu(1), 1.0), ((4, 2), mx.cpu(1), 1.0),
    ]  # fmt: skip
    assert len(rnn.BidirectionalCell(rnn.LSTMCell(2), rnn.GRUCell(2)).begin_state(3)) == 3
    assert (len(stack), repr(stack[1]), len(list(stack))) == (3, "DropoutCell(rate=0.2, axes=())", 3)


def test_parameters_are_shared():
    one = rnn.GRUCell(2, prefix="p_")
    two = rnn.GRUCell(2, prefix="q_", params=one.params)
    assert two.i2h_weight is one.i2h_weight
    assert list(two.collect_params()) == ["p_i2h_weight", "p_h2h_weight", "p_i2h_bias", "p_h2h_bias"]


@pytest.mark.parametrize("make", [rnn.RNNCell, rnn.LSTMCell, rnn.GRUCell])
def test_an_unrolled_cell_is_a_layer(make):
    layer = {rnn.RNNCell: rnn.RNN, rnn.LSTMCell: rnn.LSTM, rnn.GRUCell: rnn.GRU}[make](
        4, layout="NTC", prefix="c_", **({"activation": "tanh"} if make is rnn.RNNCell else {})
    )
    ready(layer)
    shared = mx.gluon.ParameterDict("c_l0_")
    shared.update(layer.params)
    cell = make(4, params=shared)
    x = sequence(2, 3, 5)
    expected = layer(x)
    outputs, states = cell.unroll(3, x, merge_outputs=True)
    np.testing.assert_allclose(outputs.asnumpy(), expected.asnumpy(), rtol=1e-5, atol=1e-6)
    listed, again = cell.unroll(None, [x[:, t] for t in range(3)], begin_state=cell.begin_state(2))
    np.testing.assert_array_equal(listed[2].asnumpy(), outputs.asnumpy()[:, 2])
    np.testing.assert_array_equal(again[0].asnumpy(), states[0].asnumpy())


def test_both_directions_respect_lengths():
    cell = ready(rnn.BidirectionalCell(rnn.GRUCell(2), rnn.GRUCell(2)))
    x = sequence(2, 4, 3)
    lengths = nd.array([2, 4])
    outputs, states = cell.unroll(4, x, valid_length=lengths)
    short, short_states = cell.unroll(2, x[:1, :2], merge_outputs=True)
    assert not outputs.asnumpy()[0, 2:].any()
    np.testing.assert_allclose(outputs.asnumpy()[:1, :2], short.asnumpy(), rtol=1e-5)
    for mine, theirs in zip(states, short_states, strict=True):
        np.testing.assert_allclose(mine.asnumpy()[:1], theirs.asnumpy(), rtol=1e-5)
    timed = cell.unroll(4, x.swapaxes(0, 1), layout="TNC", valid_length=lengths)[0]
    np.testing.assert_allclose(timed.asnumpy().swapaxes(0, 1), outputs.asnumpy(), rtol=1e-5)


def test_one_step_of_a_stack():
    stack = rnn.HybridSequentialRNNCell()
    stack.add(rnn.LSTMCell(3))
    stack.add(rnn.ResidualCell(rnn.GRUCell(3)))
    ready(stack).hybridize()
    x = sequence(2, 3, 3)
    state = stack.begin_state(batch_size=2)
    for t in range(3):
        output, state = stack(x[:, t], state)
    expected, states = stack.unroll(3, x)
    np.testing.assert_array_equal(output.asnumpy(), expected[2].asnumpy())
    assert len(states) == len(state) == 3


def test_states_have_the_dtype_and_context_of_the_inputs():
    cell = rnn.GRUCell(3)
    cell.initialize(ctx=mx.cpu(1))
    cell.cast("float64")
    output = cell.unroll(2, nd.ones((1, 2, 2), dtype="float64", ctx=mx.cpu(1)))[0][0]
    assert (output.dtype, output.context) == (np.float64, mx.cpu(1))


def test_zoneout_forgets_the_last_sequence():
    cell = ready(rnn.ZoneoutCell(rnn.RNNCell(20), zoneout_outputs=0.5))
    x = sequence(1, 1, 3)
    with mx.autograd.train_mode():
        cell.unroll(1, x)
        assert cell._prev_output is not None
        fresh = cell.unroll(1, x)[0][0].asnumpy()
    assert 0 < (fresh == 0).sum() < 20


def test_gradients_agree_with_differences():
    stack = rnn.HybridSequentialRNNCell()
    stack.add(rnn.BidirectionalCell(rnn.LSTMCell(2, activation="softsign"), rnn.GRUCell(2)))
    stack.add(rnn.ResidualCell(rnn.RNNCell(4)))
    ready(stack).cast("float64")
    stack.unroll(3, nd.ones((2, 3, 3), dtype="float64"))
    check_gradient(
        lambda x: stack.unroll(3, x, merge_outputs=True, valid_length=nd.array([3, 2], dtype="float64"))[0],
        (2, 3, 3), order=2,
    )  # fmt: skip


def test_activations_are_names_or_blocks():
    assert repr(rnn.RNNCell(3, activation=nn.LeakyReLU(0.1))) == "RNNCell(None -> 3, LeakyReLU(0.1))"
    cell = ready(rnn.RNNCell(3, activation=nn.LeakyReLU(0.1)))
    assert cell(nd.ones((1, 2)), cell.begin_state(1))[0].shape == (1, 3)
    assert "activation" not in str(list(cell.collect_params()))


def inside(base):
    rnn.ResidualCell(base)
    return base


X = (2, 3, 2)


@pytest.mark.parametrize(
    "bad, kind, words",
    [
        (lambda: ready(rnn.RNNCell(2)).unroll(4, nd.ones(X)), Incompatible, "3 steps in layout 'NTC': expected 4"),
        (lambda: ready(rnn.RNNCell(2)).unroll(None, []), Incompatible, "0 steps .* expected one or more"),
        (lambda: ready(rnn.RNNCell(2)).unroll(3, nd.ones(X), layout="XYZ"), Incompatible, "needs a T for time"),
        (lambda: ready(rnn.RNNCell(2)).unroll(3, nd.ones((3,))), Incompatible, "no axis 1, where layout 'NTC' has T"),
        (lambda: ready(rnn.RNNCell(2)).unroll(3, None), Incompatible, "inputs is None: unroll needs an NDArray"),
        (lambda: ready(rnn.LSTMCell(2))(nd.ones((1, 2)), [nd.ones((1, 2))]), BadArgument, "takes 2 states, got 1"),
        (
            lambda: ready(rnn.RNNCell(2, activation=None))(nd.ones((1, 2)), [nd.ones((1, 2))]),
            BadArgument, "activation is None: it must be a name",
        ),
        (lambda: inside(rnn.RNNCell(2)).begin_state(1), Incompatible, "inside of a modifier .* call the modifier"),
        (lambda: inside(rnn.SequentialRNNCell()).begin_state(1), BadChild, "must be a HybridBlock"),
        (lambda: inside(rnn.HybridSequentialRNNCell()).begin_state(1), Incompatible, "inside of a modifier"),
        (
            lambda: inside(rnn.BidirectionalCell(rnn.RNNCell(2), rnn.RNNCell(2))).begin_state(1),
            Incompatible, "inside of a modifier",
        ),
        (lambda: inside(rnn.ResidualCell(rnn.RNNCell(2))).begin_state(1), Incompatible, "inside of a modifier"),
        (lambda: rnn.ResidualCell(inside(rnn.RNNCell(2))), Incompatible, "inside of a modifier already"),
        (
            lambda: rnn.ZoneoutCell(rnn.BidirectionalCell(rnn.RNNCell(2), rnn.RNNCell(2))),
            Incompatible, "zone out its two cells",
        ),
        (lambda: rnn.DropoutCell("a"), Incompatible, "rate must be a number, not 'a'"),
        (
            lambda: rnn.BidirectionalCell(rnn.RNNCell(2), rnn.RNNCell(2))(nd.ones((1, 2)), []),
            NotASingleStep, "has no single step, it reads the sequence from both ends: unroll it",
        ),
        (lambda: rnn.RecurrentCell().state_info(), NotASingleStep, r"RecurrentCell defines no state_info\(self"),
    ],
)  # fmt: skip
def test_bad_calls_are_told(bad, kind, words):
    with pytest.raises(kind, match=words):
        bad()


def test_a_stack_with_two_directions_has_no_single_step():
    stack = rnn.SequentialRNNCell()
    stack.add(rnn.BidirectionalCell(rnn.RNNCell(2), rnn.RNNCell(2)))
    with pytest.raises(Incompatible, match="holds a BidirectionalCell, which has no single step: unroll it"):
        ready(stack)(nd.ones((1, 2)), stack.begin_state(batch_size=1))
    with pytest.raises(BadArgument, match="takes 2 states, got 1"):
        stack.unroll(3, nd.ones(X), begin_state=[nd.ones((2, 2))])


def test_a_cell_of_ones_own():
    outputs, states = Sum().unroll(2, nd.ones((2, 2, 2)), valid_length=nd.array([1, 2]))
    assert outputs.asnumpy()[:, :, 0].tolist() == [[1, 0], [1, 2]]
    assert states[0].asnumpy()[:, 0].tolist() == [1, 2]
