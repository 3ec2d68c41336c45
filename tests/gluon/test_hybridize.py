"""hybridize(): once recorded, the same results; what a graph keeps, when it is recorded anew, files, sentences."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import mxl as mx
from mxl import gluon
from mxl.gluon import nn


class Net(gluon.HybridBlock):
    """A network with everything that could go wrong in a replay: statistics, masks, branches, a shared layer."""

    def __init__(self) -> None:
        super().__init__(prefix="net_")
        self.calls = 0
        with self.name_scope():
            self.conv = nn.Conv2D(4, 3, padding=1, activation="relu")
            self.norm = nn.BatchNorm()
            self.dense = nn.Dense(6, activation="tanh")
            self.drop = nn.Dropout(0.5)
            self.out = nn.Dense(6)

    def hybrid_forward(self, F, x):
        self.calls += 1
        hidden = self.dense(self.norm(self.conv(x)))
        return self.out(self.out(self.drop(hidden)) + hidden)


def trained(hybrid: bool, steps: int = 4) -> tuple[Net, list[float]]:
    mx.random.seed(7)
    net = Net()
    net.initialize(mx.init.Xavier())
    if hybrid:
        net.hybridize()
    net(mx.nd.ones((1, 1, 5, 5)))  # initial values are drawn at the first call: here before any mask is
    net.calls = 0 if not hybrid else 1
    trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.01})
    losses = []
    for step in range(steps):
        x = mx.nd.random.normal(shape=(3 + step % 2, 1, 5, 5))
        with mx.autograd.record():
            loss = (net(x) ** 2).sum()
        loss.backward()
        trainer.step(3)
        losses.append(loss.asscalar())
    return net, losses


def test_training_has_the_same_bits() -> None:
    plain, expected = trained(hybrid=False)
    net, losses = trained(hybrid=True)
    assert losses == expected
    assert (plain.calls, net.calls) == (4, 1)
    for name, param in plain.collect_params().items():
        assert (net.collect_params()[name].data() == param.data()).asnumpy().all(), name


def test_gradients_of_gradients_go_through_a_graph() -> None:
    net = nn.HybridSequential()
    net.add(nn.Dense(3, activation="tanh"), nn.Dense(1))
    net.initialize(mx.init.Uniform(1))
    x = mx.nd.array([[0.3, -0.2]])
    x.attach_grad()
    found = []
    for hybrid in (False, True):
        net.hybridize(hybrid)
        with mx.autograd.record():
            slope = mx.autograd.grad(net(x), x, create_graph=True, retain_graph=True)[0]
            penalty = (slope**2).sum()
        penalty.backward()
        found.append(x.grad.asnumpy())
    assert (found[0] == found[1]).all()
    assert (found[0] != 0).any()


def test_a_graph_serves_every_context_and_thread() -> None:
    net = nn.HybridSequential()
    net.add(nn.Dense(3), nn.Dense(2))
    contexts = [mx.cpu(0), mx.cpu(1)]
    net.initialize(ctx=contexts)
    net.hybridize()
    x = mx.nd.ones((2, 4))
    expected = net(x).asnumpy()
    assert net(x.as_in_context(contexts[1])).context == contexts[1]
    with pytest.raises(ValueError, match="Find multiple contexts in the input"):
        _two(contexts)
    found: list[np.ndarray] = []
    threads = [threading.Thread(target=lambda: found.append(net(x).asnumpy())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((each == expected).all() for each in found)
    assert len(found) == 4


def _two(contexts: list[mx.Context]) -> None:
    block = nn.HybridLambda(lambda F, a, b: a + b)
    block.hybridize()
    block(mx.nd.ones((1,), ctx=contexts[0]), mx.nd.ones((1,), ctx=contexts[1]))


def test_a_new_value_or_shape_of_parameters_is_used() -> None:
    net = nn.Dense(2, in_units=2)
    net.initialize(mx.init.One())
    net.hybridize()
    x = mx.nd.ones((1, 2))
    assert (net(x).asnumpy() == 2).all()
    net.weight.set_data(mx.nd.zeros((2, 2)))
    assert (net(x).asnumpy() == 0).all()
    net.initialize(mx.init.Constant(3), force_reinit=True)
    assert (net(x).asnumpy() == 6).all()


def test_initialize_after_hybridize_and_a_first_call() -> None:
    net = nn.Dense(2)
    net.hybridize()
    with pytest.raises(mx.MXNetError, match="initialize"):
        net(mx.nd.ones((1, 3)))
    net.initialize()
    assert net(mx.nd.ones((1, 3))).shape == (1, 2)


def test_states_of_a_layer_in_a_graph() -> None:
    class Model(gluon.HybridBlock):
        def __init__(self) -> None:
            super().__init__()
            with self.name_scope():
                self.lstm = gluon.rnn.LSTM(4, layout="NTC")
                self.out = nn.Dense(2, flatten=False)

        def hybrid_forward(self, F, x):
            return self.out(self.lstm(x))

    net = Model()
    net.initialize()
    plain = net(mx.nd.ones((2, 3, 5)))
    net.hybridize()
    assert (net(mx.nd.ones((2, 3, 5))) == plain).asnumpy().all()
    assert net(mx.nd.ones((7, 2, 5))).shape == (7, 2, 2)  # another batch, another length


def test_a_layer_of_cells_learns_its_shapes_in_a_graph() -> None:
    class Model(gluon.HybridBlock):
        def __init__(self) -> None:
            super().__init__()
            with self.name_scope():
                self.cell = gluon.rnn.HybridSequentialRNNCell()
                self.cell.add(gluon.rnn.GRUCell(4))
                self.cell.add(gluon.rnn.ResidualCell(gluon.rnn.RNNCell(4)))

        def hybrid_forward(self, F, x):
            return self.cell.unroll(3, x, merge_outputs=True)[0]

    net = Model()
    net.initialize()
    net.hybridize()
    assert net(mx.nd.ones((2, 3, 5))).shape == (2, 3, 4)


def test_an_operator_of_the_user_s_own_is_in_the_graph() -> None:
    class Double(mx.operator.CustomOp):
        def forward(self, is_train, req, in_data, out_data, aux):
            self.assign(out_data[0], req[0], in_data[0] * 2)

        def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
            self.assign(in_grad[0], req[0], out_grad[0] * 2)

    @mx.operator.register("double_in_a_graph")
    class DoubleProp(mx.operator.CustomOpProp):
        def create_operator(self, ctx, shapes, dtypes):
            return Double()

    block = nn.HybridLambda(lambda F, x: F.Custom(x, op_type="double_in_a_graph") + 1)
    block.hybridize()
    x = mx.nd.array([1.0, 2])
    x.attach_grad()
    with mx.autograd.record():
        y = block(x)
    y.backward()
    assert y.asnumpy().tolist() == [3, 5]
    assert x.grad.asnumpy().tolist() == [2, 2]


def test_the_model_zoo_has_the_same_bits_hybridized() -> None:
    net = gluon.model_zoo.vision.mobilenet0_25(classes=3)
    net.initialize()
    x = mx.nd.random.uniform(shape=(1, 3, 32, 32))
    plain = net(x)
    net.hybridize()
    assert (net(x) == plain).asnumpy().all()


def test_export_is_read_back(tmp_path) -> None:
    net, _ = trained(hybrid=True)
    x = mx.nd.ones((1, 1, 5, 5))
    expected = net(x)
    net.export(tmp_path / "model", epoch=3)
    again = gluon.SymbolBlock.imports(tmp_path / "model-symbol.json", ["data"], tmp_path / "model-0003.params")
    assert (again(x) == expected).asnumpy().all()
    symbol, arguments, states = mx.model.load_checkpoint(str(tmp_path / "model"), 3)
    assert sorted(states) == ["net_batchnorm0_running_mean", "net_batchnorm0_running_var"]
    assert (symbol.eval(data=x, **arguments, **states)[0] == expected).asnumpy().all()
    with pytest.raises(FileNotFoundError, match="there is no file"):
        gluon.SymbolBlock.imports(tmp_path / "other-symbol.json", ["data"])


def test_a_recurrent_layer_is_exported_with_the_nodes_that_mxnet_has(tmp_path) -> None:
    """MXNet joins vectors into an RNN's parameters: each weight is a vector before."""
    layer = gluon.rnn.LSTM(3, bidirectional=True, prefix="lstm_")
    graph = layer(mx.sym.var("data"))
    ops = [node.op.name for node in graph._nodes() if node.op is not None]
    assert ops.count("Reshape") == 8
    shapes, outputs, _ = graph.infer_shape(data=(5, 2, 4))
    assert dict(zip(graph.list_arguments(), shapes, strict=True))["lstm_r0_i2h_weight"] == (12, 4)
    assert outputs == [(5, 2, 6)]


@pytest.mark.parametrize(
    "make, kind, sentence",
    [
        (lambda: nn.Dense(1).hybridize(backend="MKLDNN"), ValueError, "there are no backends"),
        (lambda: nn.Dense(1).hybridize(static_aloc=True), ValueError, "unknown argument 'static_aloc'; it takes"),
        (lambda: nn.Dense(1).export("x"), RuntimeError, "call block.hybridize"),
        (lambda: _hybrid(lambda F, x: F.reshape(x, x.shape)), AttributeError, "shape"),
        (lambda: _hybrid(lambda F, x: F.relu(mx.nd.ones((1,)))), AssertionError, "must be a Symbol, not NDArray"),
        (lambda: _hybrid(lambda F, x: [x, None]), AssertionError, "must be arrays; among them is None"),
        (lambda: _hybrid(lambda F, x: 3), AssertionError, "must be .nested. lists of NDArrays or Symbols"),
    ],
)
def test_what_a_graph_cannot_hold_is_named(make, kind: type[Exception], sentence: str) -> None:
    with pytest.raises(kind, match=sentence):
        make()


def _hybrid(function) -> None:
    block = nn.HybridLambda(function)
    block.hybridize()
    block(mx.nd.ones((1,)))


def test_unused_inputs_and_parameters_are_warned_of() -> None:
    block = nn.HybridLambda(lambda F, x, y: x * 2)
    block.hybridize()
    with pytest.warns(UserWarning, match="The 1-th input to HybridBlock is not used by any computation"):
        block(mx.nd.ones((1,)), mx.nd.ones((1,)))


def test_hooks_of_children_are_warned_of() -> None:
    net = nn.HybridSequential()
    net.add(nn.Dense(1))
    net[0].register_forward_hook(lambda *_: None)
    with pytest.warns(UserWarning, match="the hooks will not take effect"):
        net.hybridize()


def test_every_value_of_a_graph_can_be_watched() -> None:
    net = nn.Dense(2, activation="relu", prefix="d_")
    net.initialize()
    net.hybridize()
    seen: list[tuple[str, str]] = []
    net.register_op_hook(lambda name, operator, array: seen.append((name, operator)), monitor_all=True)
    net(mx.nd.ones((1, 3)))
    assert ("d_fwd_data", "FullyConnected") in seen
    assert ("d_fwd_output", "FullyConnected") in seen
    assert seen[-1] == ("d_relu_fwd_output", "Activation")
