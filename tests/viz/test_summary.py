"""print_summary: MXNet's table for a Gluon block."""

from __future__ import annotations

import pytest

import mxl as mx
from mxl import gluon
from mxl.gluon import nn


def network():
    net = nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(
            nn.Conv2D(3, 2, activation="relu"), nn.MaxPool2D(), nn.BatchNorm(), nn.Dropout(0.5), nn.Flatten(),
            nn.Dense(3, activation="relu"), nn.Dense(2),
        )  # fmt: skip
    net.initialize()
    return net


TABLE = """\
________________________________________________________________________________________________________________________
Layer (type)                                        Output Shape            Param #     Previous Layer                  
========================================================================================================================
data(null)                                          1x8x8                   0                                           
________________________________________________________________________________________________________________________
net_conv0(Conv2D)                                   3x7x7                   15          data                            
________________________________________________________________________________________________________________________
net_conv0_relu(Activation)                          3x7x7                   0           net_conv0                       
________________________________________________________________________________________________________________________
net_pool0(MaxPool2D)                                3x3x3                   0           net_conv0_relu                  
________________________________________________________________________________________________________________________
net_batchnorm0(BatchNorm)                           3x3x3                   6           net_pool0                       
________________________________________________________________________________________________________________________
net_dropout0(Dropout)                               3x3x3                   0           net_batchnorm0                  
________________________________________________________________________________________________________________________
net_flatten0(Flatten)                               27                      0           net_dropout0                    
________________________________________________________________________________________________________________________
net_dense0(Dense)                                   3                       84          net_flatten0                    
________________________________________________________________________________________________________________________
net_dense0_relu(Activation)                         3                       0           net_dense0                      
________________________________________________________________________________________________________________________
net_dense1(Dense)                                   2                       8           net_dense0_relu                 
========================================================================================================================
Total params: 113
________________________________________________________________________________________________________________________
"""  # noqa: W291


@pytest.mark.parametrize("shape", [{"data": (1, 1, 8, 8)}, (1, 1, 8, 8)])
def test_table_of_a_convolutional_network(shape, capsys):
    mx.viz.print_summary(network(), shape=shape)
    assert capsys.readouterr().out == TABLE


class Residual(gluon.HybridBlock):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.a = nn.Dense(4)
            self.b = nn.Dense(4, params=self.a.params, in_units=4)
            self.c = nn.Dense(2)

    def hybrid_forward(self, F, x, y):
        first = self.a(x)
        return self.c(F.relu(self.b(first) + first) * y)


def test_layers_before_a_layer_are_found_through_operators(capsys):
    net = Residual(prefix="r_")
    net.initialize()
    mx.viz.print_summary(net, shape={"x": (2, 4), "y": (2, 4)}, line_length=90, positions=[0.3, 0.5, 0.7, 1.0])
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if not line.startswith(("_", "="))]
    assert rows == [
        ["Layer", "(type)", "Output", "Shape", "Param", "#", "Previous", "Layer"],
        ["x(null)", "4", "0"],
        ["y(null)", "4", "0"],
        ["r_dense0(Dense)", "4", "20", "x"],
        ["r_dense1(Dense)", "4", "0", "r_dense0"],  # shared parameters are counted once
        ["r_dense2(Dense)", "2", "10", "r_dense1"],
        ["r_dense0"],
        ["y"],
        ["Total", "params:", "30"],
    ]


def test_long_cells_are_cut(capsys):
    net = nn.Dense(1, in_units=1, prefix="a_very_long_name_indeed_")
    net.initialize()
    mx.viz.print_summary(net, shape=(1, 1), line_length=50, positions=[0.3, 0.5, 0.7, 1.0])
    assert "\na_very_long_nam1         2         data" in capsys.readouterr().out


def test_the_network_is_left_as_it_was(capsys):
    net = network()
    mx.viz.print_summary(net, shape=(1, 1, 8, 8))
    assert net[2].running_mean.data().asnumpy().tolist() == [0, 0, 0]
    assert not any(block._forward_hooks or block._forward_pre_hooks for block in [net, *net])
    assert not mx.autograd.is_recording()


@pytest.mark.parametrize(
    "arguments, kind, message",
    [
        (lambda: (3, (1, 2)), TypeError, "print_summary: expected a Gluon block or a Symbol, got int"),
        (lambda: (network(),), TypeError, "print_summary: expected shape=, the shape of the input"),
        (lambda: (nn.Dense(1, prefix="d_"), (1, 2)), RuntimeError, "Parameter 'd_weight' has not been initialised"),
    ],
)
def test_refusals(arguments, kind, message):
    with pytest.raises(kind, match=message):
        mx.viz.print_summary(*arguments())
