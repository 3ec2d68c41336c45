"""Initializers: their names' rules, settings, dumps, and those that hold others."""

import numpy as np


def _filled(mx, init, name="fc_weight", shape=(3, 4), attrs=None):
    array = mx.nd.full(shape, 9.0)
    init(mx.init.InitDesc(name, attrs) if attrs is not None else mx.init.InitDesc(name), array)
    return array


def _all(mx):
    i = mx.init
    return [i.Zero(), i.One(), i.Constant(0.3), i.Uniform(), i.Uniform(0.5), i.Normal(), i.Normal(sigma=2),
            i.Orthogonal(), i.Orthogonal(scale=1.0, rand_type="normal"), i.Xavier(),
            i.Xavier("gaussian", "in", 2), i.Xavier(rnd_type="uniform", factor_type="out", magnitude=1.5),
            i.MSRAPrelu(), i.MSRAPrelu("in", 0.1)]


def weights(mx):
    return [_filled(mx, init) for init in _all(mx)]


def weights_of_four_axes(mx):
    return [_filled(mx, init, shape=(2, 3, 2, 2)) for init in _all(mx)]


def rules_of_names(mx):
    out = []
    for name in ("fc_weight", "fc_bias", "bn_gamma", "bn_beta", "bn_moving_mean", "bn_running_mean", "bn_moving_var",
                 "bn_running_var", "bn_moving_inv_var", "bn_moving_avg", "fc_min", "fc_max", "upsampling_x",
                 "weight_quantize", "stn_loc_weight", "stn_loc_bias", "parameters", "odd_name", "rnn_parameters"):
        out.append(lambda name=name: _filled(mx, mx.init.Constant(0.5), name, (6,)))
        out.append(lambda name=name: _filled(mx, mx.init.Xavier(), name, (1, 2, 3, 3)))
    return out


def attributes_choose(mx):
    dumped = mx.init.Constant(0.25).dumps()
    return [_filled(mx, mx.init.Xavier(), "fc_weight", (2, 2), {"__init__": dumped}),
            _filled(mx, mx.init.Xavier(), "fc_bias", (2,), {"__init__": dumped}),
            _filled(mx, mx.init.Zero(), "odd", (2,), {"__init__": mx.init.One().dumps()})]


def descriptions(mx):
    plain, full = mx.init.InitDesc("a_weight"), mx.init.InitDesc("b", {"x": "1"}, mx.init.One())
    return [str(plain), plain.attrs, plain.global_init, str(full), full.attrs, full.global_init.dumps(),
            isinstance(full, str), plain == "a_weight"]


def dumped(mx):
    return [init.dumps() for init in _all(mx)] + [mx.init.Bilinear().dumps(), mx.init.LSTMBias(2.0).dumps()]


def equal(mx):
    i = mx.init
    return [i.Xavier() == i.Xavier(), i.Xavier() == i.Xavier(magnitude=2), i.Zero() == i.One(), i.Zero() == "zeros",
            i.Constant(1) == i.Constant(1), i.Normal(1) != i.Normal(2)]


def strings(mx):
    return [
        mx.init.create(name).dumps() for name in ("zeros", "ones", "zero", "one", "uniform", "normal", "xavier",
                                                  "Xavier", "orthogonal", "msraprelu", "bilinear")
    ] + [lambda: mx.init.create("none such"), mx.init.create("normal", sigma=3).dumps(),
         mx.init.create('["constant", {"value": 2}]').dumps(), mx.init.create(mx.init.Zero()).dumps()]


def mixed(mx):
    init = mx.init.Mixed(["bias", "fc2.*", ".*"], [mx.init.Zero(), mx.init.Constant(2), mx.init.One()])
    return [_filled(mx, init, name, (2,)) for name in ("fc1_bias", "fc2_weight", "fc1_weight")] + [
        lambda: mx.init.Mixed(["a"], []), lambda: _filled(mx, mx.init.Mixed(["bias"], [mx.init.Zero()]))]


def loaded(mx):
    values = {"arg:fc_weight": mx.nd.ones((2, 2)) * 3, "aux:mean": mx.nd.ones((2,)), "b": mx.nd.zeros((1,))}
    init = mx.init.Load(values, default_init=mx.init.Constant(7))
    bare = mx.init.Load(values)

    def filled(init, name, shape):
        array = mx.nd.full(shape, 9.0)
        init(name, array)
        return array

    return [filled(init, "fc_weight", (2, 2)), filled(init, "mean", (2,)), filled(init, "other_weight", (2,)),
            lambda: filled(init, "fc_weight", (3, 2)), lambda: filled(bare, "other", (2,))]


def loaded_from_a_file(mx):
    mx.nd.save("init.params", {"arg:w": mx.nd.ones((2,)) * 4})
    array = mx.nd.zeros((2,))
    mx.init.Load("init.params")("w", array)
    return array


def bilinear(mx):
    return [_filled(mx, mx.init.Bilinear(), shape=shape) for shape in ((1, 1, 4, 4), (2, 2, 3, 3), (1, 1, 2, 2))]


def lstm_bias(mx):
    return [_filled(mx, mx.init.LSTMBias(), "lstm_i2h_bias", (8,), {"__init__": mx.init.LSTMBias(1.5).dumps()}),
            _filled(mx, mx.init.LSTMBias(0.5), "x_weight", (8,))]


def wrong(mx):
    return [lambda: _filled(mx, mx.init.Xavier(), shape=(3,)), lambda: mx.init.Xavier("x"),
            lambda: _filled(mx, mx.init.Xavier("x")), lambda: _filled(mx, mx.init.Xavier(factor_type="x")),
            lambda: _filled(mx, mx.init.Zero(), name="odd"), lambda: mx.init.Zero()(5, mx.nd.zeros((2,))),
            lambda: mx.init.Constant(), lambda: mx.init.Initializer()("fc_weight", mx.nd.zeros((2,)))]


def constants(mx):
    return [_filled(mx, mx.init.Constant(mx.nd.array([[1.0, 2.0], [3.0, 4.0]])), shape=(2, 2)),
            _filled(mx, mx.init.Constant(np.array([[1.0, 2.0]])), shape=(2, 2))]


def old_way_of_names(mx):
    out = []
    for name in ("fc_bias", "fc_weight", "bn_gamma", "bn_beta", "moving_mean"):
        array = mx.nd.full((2, 2), 9.0)
        mx.init.One()(name, array)
        out.append(array)
    return out


def registered(mx):
    @mx.init.register
    class Sevens(mx.init.Initializer):
        def _init_weight(self, name, arr):
            arr[:] = 7

    net = mx.gluon.nn.Dense(2, in_units=2, weight_initializer="sevens", bias_initializer="ones")
    net.initialize()
    return [net.weight.data(), net.bias.data(), Sevens().dumps()]


def of_blocks(mx):
    net = mx.gluon.nn.Dense(2, in_units=2)
    net.initialize(mx.init.Constant(3))
    first = [net.weight.data().copy(), net.bias.data().copy()]
    net.initialize(mx.init.One(), force_reinit=True)
    return [first, net.weight.data(), net.bias.data()]


def verbose(mx):
    said = []
    init = mx.init.Zero()
    init.set_verbosity(True, lambda x: said.append(1) or "said")
    _filled(mx, init)
    return said
