"""Layers: printed forms, parameters, shapes at the first forward, and options, as MXNet has them."""

from __future__ import annotations

import numpy as np
import pytest

import mxl as mx
from mxl.gluon import nn
from mxl.testing.gradient import check_gradient

PRINTED = [
    (lambda: nn.Dense(3), "Dense(None -> 3, linear)"),
    (lambda: nn.Dense(3, activation="relu", in_units=2), "Dense(2 -> 3, Activation(relu))"),
    (lambda: nn.Dropout(0.3, axes=(1,)), "Dropout(p = 0.3, axes=(1,))"),
    (lambda: nn.Embedding(3, 4), "Embedding(3 -> 4, float32)"),
    (lambda: nn.Flatten(), "Flatten"),
    (lambda: nn.Activation("relu"), "Activation(relu)"),
    (lambda: nn.LeakyReLU(0.1), "LeakyReLU(0.1)"),
    (lambda: nn.PReLU(), "PReLU(\n\n)"),
    (lambda: nn.ELU(), "ELU(\n\n)"),
    (lambda: nn.Swish(), "Swish(\n\n)"),
    (
        lambda: nn.BatchNorm(),
        "BatchNorm(axis=1, eps=1e-05, momentum=0.9, fix_gamma=False, use_global_stats=False, in_channels=None)",
    ),
    (
        lambda: nn.BatchNorm(axis=3, in_channels=4, scale=False, use_global_stats=True, momentum=0.8, epsilon=1e-3),
        "BatchNorm(axis=3, eps=0.001, momentum=0.8, fix_gamma=True, use_global_stats=True, in_channels=4)",
    ),
    (lambda: nn.LayerNorm(in_channels=3), "LayerNorm(eps=1e-05, axis=-1, center=True, scale=True, in_channels=3)"),
    (lambda: nn.Conv2D(3, 2), "Conv2D(None -> 3, kernel_size=(2, 2), stride=(1, 1))"),
    (
        lambda: nn.Conv2D(3, (2, 3), strides=2, padding=(1, 0), dilation=2, groups=3, in_channels=6, use_bias=False),
        "Conv2D(2 -> 3, kernel_size=(2, 3), stride=(2, 2), padding=(1, 0), dilation=(2, 2), groups=3, bias=False)",
    ),
    (
        lambda: nn.Conv2D(3, 2, activation="relu"),
        "Conv2D(None -> 3, kernel_size=(2, 2), stride=(1, 1), Activation(relu))",
    ),
    (lambda: nn.Conv1D(2, 3), "Conv1D(None -> 2, kernel_size=(3,), stride=(1,))"),
    (lambda: nn.Conv3D(2, 3), "Conv3D(None -> 2, kernel_size=(3, 3, 3), stride=(1, 1, 1))"),
    (
        lambda: nn.MaxPool2D(3, 2, 1, ceil_mode=True),
        "MaxPool2D(size=(3, 3), stride=(2, 2), padding=(1, 1), ceil_mode=True, global_pool=False, pool_type=max, "
        "layout=NCHW)",
    ),
    (
        lambda: nn.AvgPool1D(),
        "AvgPool1D(size=(2,), stride=(2,), padding=(0,), ceil_mode=False, global_pool=False, pool_type=avg, "
        "layout=NCW)",
    ),
    (
        lambda: nn.GlobalAvgPool2D(),
        "GlobalAvgPool2D(size=(1, 1), stride=(1, 1), padding=(0, 0), ceil_mode=True, global_pool=True, pool_type=avg, "
        "layout=NCHW)",
    ),
    (lambda: nn.Lambda("tanh"), "Lambda(tanh)"),
    (lambda: nn.HybridLambda(lambda F, x: x), "HybridLambda(<lambda>)"),
]


@pytest.mark.parametrize("make, printed", PRINTED, ids=[p.split("(")[0] + str(i) for i, (_, p) in enumerate(PRINTED)])
def test_printed_forms(make, printed):
    assert repr(make()) == printed


@pytest.mark.parametrize(
    "make, parameters",
    [
        (lambda: nn.Dense(3, prefix="l_"), [("weight", (3, 0), "write"), ("bias", (3,), "write")]),
        (lambda: nn.Dense(3, use_bias=False, in_units=2, prefix="l_"), [("weight", (3, 2), "write")]),
        (lambda: nn.Conv1D(2, 3, prefix="l_"), [("weight", (2, 0, 3), "write"), ("bias", (2,), "write")]),
        (lambda: nn.Embedding(3, 4, prefix="l_"), [("weight", (3, 4), "write")]),
        (lambda: nn.PReLU(in_channels=3, prefix="l_"), [("alpha", (3,), "write")]),
        (
            lambda: nn.BatchNorm(prefix="l_"),
            [
                ("gamma", (0,), "write"),
                ("beta", (0,), "write"),
                ("running_mean", (0,), "null"),
                ("running_var", (0,), "null"),
            ],
        ),
        (
            lambda: nn.BatchNorm(center=False, scale=False, in_channels=4, prefix="l_"),
            [
                ("gamma", (4,), "null"),
                ("beta", (4,), "null"),
                ("running_mean", (4,), "null"),
                ("running_var", (4,), "null"),
            ],
        ),
        (lambda: nn.LayerNorm(scale=False, prefix="l_"), [("gamma", (0,), "null"), ("beta", (0,), "write")]),
    ],
)
def test_parameters(make, parameters):
    found = [(p.name.removeprefix("l_"), p.shape, p.grad_req) for p in make().collect_params().values()]
    assert found == parameters


@pytest.mark.parametrize(
    "make, x, out, weight",
    [
        (lambda: nn.Dense(3), (2, 4), (2, 3), (3, 4)),
        (lambda: nn.Dense(3), (2, 4, 5), (2, 3), (3, 20)),
        (lambda: nn.Dense(3, flatten=False), (2, 4, 5), (2, 4, 3), (3, 5)),
        (lambda: nn.Conv1D(3, 2), (2, 4, 5), (2, 3, 4), (3, 4, 2)),
        (lambda: nn.Conv2D(4, 3, strides=2, padding=1, groups=2), (2, 6, 5, 5), (2, 4, 3, 3), (4, 3, 3, 3)),
        (lambda: nn.Conv2D(4, (2, 3), dilation=2), (1, 1, 5, 5), (1, 4, 3, 1), (4, 1, 2, 3)),
        (lambda: nn.Conv3D(2, 2), (1, 3, 3, 3, 3), (1, 2, 2, 2, 2), (2, 3, 2, 2, 2)),
    ],
)
def test_shapes_come_with_the_first_input(make, x, out, weight):
    layer = make()
    layer.initialize()
    assert layer(mx.nd.ones(x)).shape == out
    assert layer.weight.shape == weight


@pytest.mark.parametrize(
    "make, x, out",
    [
        (lambda: nn.MaxPool2D(), (1, 2, 5, 5), (1, 2, 2, 2)),
        (lambda: nn.MaxPool2D(ceil_mode=True), (1, 2, 5, 5), (1, 2, 3, 3)),
        (lambda: nn.MaxPool1D(3, 1, 1), (1, 2, 5), (1, 2, 5)),
        (lambda: nn.AvgPool3D(), (1, 1, 4, 4, 4), (1, 1, 2, 2, 2)),
        (lambda: nn.GlobalMaxPool1D(), (1, 2, 5), (1, 2, 1)),
        (lambda: nn.GlobalAvgPool2D(), (1, 2, 5, 4), (1, 2, 1, 1)),
        (lambda: nn.Flatten(), (2, 3, 4), (2, 12)),
        (lambda: nn.Dropout(0.5), (2, 3), (2, 3)),
    ],
)
def test_shapes_of_layers_without_parameters(make, x, out):
    assert make()(mx.nd.ones(x)).shape == out


def test_average_pooling_may_leave_the_padding_out():
    x = mx.nd.ones((1, 1, 2, 2))
    assert nn.AvgPool2D(2, 2, 1)(x).asnumpy().max() == 0.25
    assert nn.AvgPool2D(2, 2, 1, count_include_pad=False)(x).asnumpy().max() == 1


@pytest.mark.parametrize(
    "layer, expected",
    [
        (lambda: nn.Activation("relu"), [0, 0.5]),
        (lambda: nn.Activation("tanh"), np.tanh([-1, 0.5])),
        (lambda: nn.LeakyReLU(0.1), [-0.1, 0.5]),
        (lambda: nn.PReLU(), [-0.25, 0.5]),
        (lambda: nn.ELU(2.0), [2 * np.expm1(-1), 0.5]),
        (lambda: nn.SELU(), [1.0507009873554805 * 1.6732632423543772 * np.expm1(-1), 1.0507009873554805 * 0.5]),
        (lambda: nn.GELU(), [-0.15865526, 0.34573123]),
        (lambda: nn.Swish(2.0), [-1 / (1 + np.exp(2)), 0.5 / (1 + np.exp(-1))]),
        (lambda: nn.Lambda("square"), [1, 0.25]),
        (lambda: nn.Lambda(lambda x: x + 1), [0, 1.5]),
        (lambda: nn.HybridLambda("square"), [1, 0.25]),
        (lambda: nn.HybridLambda(lambda F, x: F.square(x)), [1, 0.25]),
    ],
)
def test_values(layer, expected):
    block = layer()
    block.initialize()
    np.testing.assert_allclose(block(mx.nd.array([[-1, 0.5]])).asnumpy()[0], expected, rtol=1e-5)


def test_dropout_drops_while_training_only():
    layer = nn.Dropout(0.5)
    x = mx.nd.ones((100, 10))
    assert (layer(x).asnumpy() == 1).all()
    with mx.autograd.record():
        dropped = layer(x).asnumpy()
        assert (nn.Dropout(0)(x).asnumpy() == 1).all()
    assert set(np.unique(dropped)) == {0.0, 2.0}
    assert 300 < (dropped == 0).sum() < 700
    with mx.autograd.train_mode():
        shared = nn.Dropout(0.5, axes=(0,))(x).asnumpy()
    assert (shared == shared[0]).all()


def test_batchnorm_moves_running_statistics_while_training_only():
    layer = nn.BatchNorm(momentum=0.5)
    layer.initialize()
    x = mx.nd.array([[1, 10], [3, 30]])
    layer(x)
    assert layer.running_mean.data().asnumpy().tolist() == [0, 0]
    with mx.autograd.record():
        out = layer(x)
    np.testing.assert_allclose(layer.running_mean.data().asnumpy(), [1, 10])
    np.testing.assert_allclose(out.asnumpy(), [[-1, -1], [1, 1]], rtol=1e-4)
    assert layer.gamma.shape == (2,)


def test_batchnorm_stays_float32_when_cast_to_float16():
    layer = nn.BatchNorm(in_channels=2)
    layer.initialize()
    layer.cast("float16")
    assert layer.gamma.data().dtype is np.float32


@pytest.mark.parametrize(
    "make, shape",
    [
        (lambda: nn.Dense(3, activation="tanh"), (2, 4)),
        (lambda: nn.Dense(3, flatten=False), (2, 3, 4)),
        (lambda: nn.Conv2D(3, 2, strides=2, padding=1, activation="sigmoid"), (2, 2, 4, 4)),
        (lambda: nn.Conv1D(2, 2, groups=2), (1, 4, 4)),
        (lambda: nn.AvgPool2D(2), (1, 2, 4, 4)),
        (lambda: nn.AvgPool2D(3, 2, ceil_mode=True), (1, 1, 6, 6)),
        (lambda: nn.SELU(), (2, 3)),
        (lambda: nn.InstanceNorm(), (2, 2, 5)),
        (lambda: nn.GroupNorm(2), (2, 4, 3)),
        (lambda: nn.ReflectionPad2D(1), (1, 1, 3, 3)),
        (lambda: nn.BatchNorm(), (4, 3)),
        (lambda: nn.LayerNorm(), (3, 4)),
    ],
)
def test_gradients(make, shape):
    layer = make()
    layer.initialize(mx.init.Uniform(1.0))
    layer.cast("float64")
    with mx.autograd.pause():
        layer(mx.nd.ones(shape, dtype="float64"))

    def of_input(x):
        return layer(x)

    with mx.autograd.train_mode():
        check_gradient(of_input, shape)


def test_embedding_looks_rows_up():
    table = nn.Embedding(4, 2)
    table.initialize()
    weight = table.weight.data().asnumpy()
    with mx.autograd.record():
        out = table(mx.nd.array([[0, 3], [3, 3]]))
    out.backward()
    np.testing.assert_array_equal(out.asnumpy(), weight[[[0, 3], [3, 3]]])
    assert table.weight.grad().asnumpy().tolist() == [[1, 1], [0, 0], [0, 0], [3, 3]]


@pytest.mark.parametrize(
    "wrong, kind, message",
    [
        (lambda: nn.Conv2D(3, (2,)), AssertionError, r"kernel_size must be a number or a list of 2 ints, got \(2,\)"),
        (lambda: nn.Conv2D(3, 2, strides=(1, 2, 3)), AssertionError, "strides must be a number or a list of 2 ints"),
        (lambda: nn.MaxPool2D((2,)), AssertionError, "pool_size must be a number or a list of 2 ints"),
        (lambda: nn.Conv2D(3, 2, layout="NHWC"), AssertionError, "Conv2D: only layout 'NCHW' is supported, got 'NHWC'"),
        (lambda: nn.MaxPool2D(layout="NCW"), AssertionError, "MaxPool2D: layout must be 'NCHW' or 'NHWC', not 'NCW'"),
        (lambda: nn.Lambda("nosuch"), AssertionError, "^Lambda: mx.nd has no function or operator 'nosuch'"),
        (lambda: nn.HybridLambda("nosuch"), AssertionError, "HybridLambda: mx.nd has no function or operator"),
        (lambda: nn.Lambda(3), ValueError, "Lambda: expected a function, or the name of an operator, got 3"),
        (lambda: nn.LeakyReLU(-1), ValueError, "alpha, the slope below 0, is -1; expected 0 or more"),
        (lambda: nn.Dense(5, params=nn.Dense(4).params), AssertionError, "Parameter '.*_weight' is there with"),
    ],
)
def test_refusals(wrong, kind, message):
    with pytest.raises(kind, match=message):
        wrong()


def test_inputs_that_do_not_fit():
    layer = nn.Conv2D(3, 2)
    layer.initialize()
    with pytest.raises(AssertionError, match=r"expected an input of 4 axes \(NCHW\), got shape \(2, 3\)"):
        layer(mx.nd.ones((2, 3)))
    norm = nn.BatchNorm(axis=5, prefix="norm_")
    norm.initialize()
    with pytest.raises(ValueError, match=r"norm: its shapes do not follow from an input of \[2, 3\]"):
        norm(mx.nd.ones((2, 3)))
    dense = nn.Dense(3, in_units=4)
    dense.initialize()
    with pytest.raises(mx.MXNetError, match="FullyConnected"):
        dense(mx.nd.ones((2, 5)))
