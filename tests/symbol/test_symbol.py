"""Symbols beyond what the records of MXNet hold: sentences, graphs deep and shared, shapes, running."""

from __future__ import annotations

import json

import numpy as np
import pytest

import mxl as mx


def data() -> mx.sym.Symbol:
    return mx.sym.var("data")


def test_a_deep_graph_needs_no_recursion() -> None:
    x = data()
    for _ in range(5000):
        x = x + 1
    assert x.eval(data=mx.nd.zeros((1,)))[0].asscalar() == 5000
    assert mx.sym.load_json(x.tojson()).list_arguments() == ["data"]


def test_a_shared_node_is_computed_once() -> None:
    noise = mx.sym.random.uniform(0, 1, shape=(3,))
    first, second = mx.sym.Group([noise + 0, noise * 1]).eval()
    assert (first == second).asnumpy().all()


def test_shapes_use_up_no_random_numbers() -> None:
    net = mx.sym.Dropout(data() + mx.sym.random.normal(0, 1, shape=(2, 3)), p=0.5)
    mx.random.seed(1)
    expected = mx.nd.random.uniform(shape=(2,)).asnumpy()
    mx.random.seed(1)
    assert net.infer_shape(data=(2, 3))[1] == [(2, 3)]
    assert (mx.nd.random.uniform(shape=(2,)).asnumpy() == expected).all()


def test_the_batch_of_first_states_follows_from_what_they_meet() -> None:
    cell = mx.gluon.rnn.LSTMCell(4, prefix="cell_")
    outputs, _ = cell.unroll(3, data(), layout="NTC", merge_outputs=True)
    shapes, found, _ = outputs.infer_shape(data=(5, 3, 2))
    assert found == [(5, 3, 4)]
    assert dict(zip(outputs.list_arguments(), shapes, strict=True))["cell_i2h_weight"] == (16, 2)


def test_a_contradiction_is_named() -> None:
    net = mx.sym.FullyConnected(data(), num_hidden=3, name="fc")
    with pytest.raises(mx.MXNetError, match=r"'fc_weight': its shape is \[3, 5\]; \[3, 4\] follows from what it is"):
        net.infer_shape(data=(2, 4), fc_weight=(3, 5))


def test_what_is_missing_is_named() -> None:
    net = mx.sym.FullyConnected(data(), num_hidden=3, name="fc")
    with pytest.warns(UserWarning, match=r"Cannot decide shape .* data: \(\), fc_weight"):
        assert net.infer_shape() == (None, None, None)
    with pytest.raises(ValueError, match="eval: no value came for fc_weight, fc_bias"):
        net.eval(data=mx.nd.ones((1, 2)))


@pytest.mark.parametrize(
    "make, sentence",
    [
        (lambda: bool(data()), "a Symbol is not true or false"),
        (lambda: data()["x"], "there is no output 'x'; the outputs are data"),
        (lambda: data()[1], "output 1 of a symbol with 1 outputs"),
        (lambda: data() + "x", "symbols compute with symbols and numbers"),
        (lambda: mx.sym.relu(mx.nd.ones((1,))), "argument data must be a Symbol, not NDArray: while a graph is"),
        (lambda: mx.sym.relu(mx.sym.split(data(), num_outputs=2)), "a symbol with 2 outputs; choose one"),
        (lambda: mx.sym.FullyConnected(data()), "required argument 'num_hidden' is missing"),
        (lambda: mx.sym.FullyConnected(data(), num_hidden=1, foo=2), "unknown argument 'foo'; it takes data, weight"),
        (lambda: mx.sym.relu(data(), data=data()), "'data' came twice"),
        (lambda: mx.sym.relu(data(), attr={"mood": "good"}), "annotations begin and end with two underscores"),
        (lambda: mx.sym.Group([]), "expected a list of one or more Symbols"),
        (lambda: data()(other=data()), "compose: there is no variable 'other'"),
        (lambda: mx.sym.var("x", foo=1), "annotations begin and end with two underscores"),
        (lambda: mx.sym.random.normal(data(), 1), "loc and scale must both be symbols, or both numbers"),
        (lambda: mx.sym.nothing, "mx.sym has no function or operator 'nothing'"),
        (lambda: mx.sym.linalg.nothing, "mx.sym.linalg has no operator 'nothing'"),
        (lambda: mx.sym.load_json("{}"), "is no graph in MXNet's JSON format"),
        (lambda: mx.sym.load_json('{"nodes": [{"op": "x", "name": "a", "inputs": []}], "heads": []}'), "calls 'x', an"),
        (lambda: mx.sym.arange(3, infer_range=True), "use contrib.arange_like"),
        (lambda: data().astype("int32", copy=False), "always gives a new array"),
        (lambda: data().asnumpy(), "function asnumpy is not implemented for Symbol; it is for NDArray alone"),
    ],
)
def test_a_wrong_call_says_so(make, sentence: str) -> None:
    with pytest.raises((mx.MXNetError, AttributeError, IndexError), match=sentence):
        make()


def test_arithmetic_of_symbols_does_not_broadcast() -> None:
    total = mx.sym.maximum(data(), mx.sym.var("b"))
    with pytest.raises(mx.MXNetError, match=r"_maximum: lhs is \[2\], rhs is \[1\]: both must have one shape"):
        total.eval(data=mx.nd.ones((2,)), b=mx.nd.ones((1,)))


def test_parameters_come_back_from_a_file_as_they_were() -> None:
    net = mx.sym.Convolution(data(), kernel=(3, 3), num_filter=4, no_bias=True, layout=None, name="c")
    node = json.loads(net.tojson())["nodes"][-1]
    assert node["attrs"] == {"kernel": "(3, 3)", "layout": "None", "no_bias": "True", "num_filter": "4"}
    again = mx.sym.load_json(net.tojson())
    assert again._entries[0][0].params == {"kernel": (3, 3), "num_filter": 4, "no_bias": True, "layout": None}


def test_casts_of_mixed_precision_are_left_out_of_files() -> None:
    net = mx.sym.relu(mx.sym.amp_cast(data(), dtype="float16"), name="r")
    assert [node["op"] for node in json.loads(net.tojson())["nodes"]] == ["null", "relu"]
    assert len(json.loads(net.tojson(remove_amp_cast=False))["nodes"]) == 3


def test_gradients_go_through_a_run() -> None:
    net = mx.sym.tanh(mx.sym.dot(data(), mx.sym.var("w")))
    x, w = mx.nd.array([[1.0, 2]]), mx.nd.array([[0.1], [0.2]])
    w.attach_grad()
    with mx.autograd.record():
        y = net.eval(data=x, w=w)[0]
    y.backward()
    np.testing.assert_allclose(w.grad.asnumpy(), x.asnumpy().T * (1 - np.tanh(0.5) ** 2), rtol=1e-6)


def test_a_copy_has_nodes_of_its_own() -> None:
    import copy

    net = mx.sym.relu(data(), name="r")
    twin = copy.deepcopy(net)
    twin._set_attr(__note__="mine")
    assert net.attr("__note__") is None
    assert twin.attr("__note__") == "mine"


def test_debug_str_names_every_node() -> None:
    text = mx.sym.FullyConnected(data(), num_hidden=3, name="fc").debug_str()
    for line in ("Variable:data", "Op:FullyConnected, Name=fc", "arg[1]=fc_weight(0)", "num_hidden=3"):
        assert line in text


def test_a_recorded_computation_as_a_graph_has_its_values() -> None:
    x, w = mx.nd.array([[1.0, 2]]), mx.nd.array([[3.0, 4]])
    x.attach_grad()
    w.attach_grad()
    with mx.autograd.record():
        parts = mx.nd.split(mx.nd.concat(x * w, w - 1, dim=0), num_outputs=2, axis=1)
        y = (parts[0] + mx.nd.ones((2, 1))) * parts[1]
    graph = mx.autograd.get_symbol(y)
    names = graph.list_arguments()
    assert [name[:3] for name in sorted(names)] == ["nul", "var", "var"]
    given = {name: mx.nd.ones((2, 1)) for name in names if name.startswith("null")}
    given.update(zip([name for name in names if name.startswith("var")], (x, w), strict=True))
    assert (graph.eval(**given)[0] == y).asnumpy().all()
    y.backward()
    with pytest.raises(mx.MXNetError, match="not in a computational graph"):
        mx.autograd.get_symbol(y)


def test_a_function_of_the_user_s_own_is_no_part_of_a_graph() -> None:
    class Same(mx.autograd.Function):
        def forward(self, x):
            return x

        def backward(self, g):
            return g

    x = mx.nd.ones((1,))
    x.attach_grad()
    with mx.autograd.record():
        y = Same()(x) * 2
    with pytest.raises(NotImplementedError, match="which is no operator of a graph"):
        mx.autograd.get_symbol(y)


def test_what_a_symbol_cannot_do_is_caught_as_mxnet_s_kind() -> None:
    for call in (data().asscalar, data().__bool__, data().wait_to_read):
        with pytest.raises(mx.base.NotImplementedForSymbol):
            call()
