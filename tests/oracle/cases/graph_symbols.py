"""Symbols: names that nodes get, lists of arguments and outputs, shapes, attributes, JSON, composing, values."""

import json


def _lists(symbol):
    return [symbol.name, symbol.list_arguments(), symbol.list_outputs(), symbol.list_auxiliary_states()]


def _net(mx):
    data = mx.sym.var("data")
    net = mx.sym.Convolution(data, kernel=(3, 3), num_filter=4, name="conv")
    net = mx.sym.BatchNorm(net, fix_gamma=False, name="bn")
    net = mx.sym.Activation(net, act_type="relu", name="act")
    net = mx.sym.Pooling(net, kernel=(2, 2), stride=(2, 2), pool_type="max", name="pool")
    net = mx.sym.FullyConnected(mx.sym.flatten(net), num_hidden=3, name="fc")
    return mx.sym.SoftmaxOutput(net, name="softmax")


def lists(mx):
    net = _net(mx)
    inside = net.get_internals()
    return [_lists(net), net.list_inputs(), inside.list_outputs(), _lists(inside["act_output"]), len(inside), len(net),
            net.get_children().list_outputs(), mx.sym.var("x").get_children(), repr(net), repr(inside)]  # fmt: skip


def names_without_a_name(mx):
    d = mx.sym.var("d")
    s = mx.sym
    with mx.name.NameManager():
        made = [
            d + d, d - 1, 2 - d, d * d, d * 2, d / d, 1 / d, d % 2, d**2, 2**d, -d, abs(d), d > 1, d >= d,
            d < d, d <= 1,
            d == d, d != 2, s.zeros((2,)), s.ones((2,)), s.full((2,), 3), s.arange(3), s.eye(2), s.linspace(0, 1, 3),
            s.maximum(d, 2), s.maximum(d, d), s.minimum(1, d), s.hypot(d, 3), s.pow(d, 2), s.power(2, d),
            s.contrib.div_sqrt_dim(d), s.linalg.gemm2(d, d), s.linalg.potrf(d), d.reshape((1, 2)), d.sum(axis=1),
            d.flatten(), s.Flatten(d), s.concat(d, d, dim=0), s.Concat(d, d), s.add_n(d, d), s.stack(d, d),
            s.identity(d),
            s.random.uniform(0, 1, shape=(2,)), s.random_normal(0, 1, shape=(2,)), s.random.normal(d, d),
            s.random.randint(0, 3, shape=(2,)), s.random.shuffle(d), s.random.exponential(2, shape=(2,)),
            s.random.gamma(2, 3, shape=(2,)), s.random.poisson(2, shape=(2,)), s.broadcast_add(d, d), d.astype("int32"),
            d.expand_dims(axis=0), d.transpose(), d.mean(), d.clip(0, 1), d.one_hot(depth=3), s.random.randn(2, 2),
            s.random.negative_binomial(2, 0.5, shape=(2,)), s.random.generalized_negative_binomial(2, 0.5, shape=(2,)),
        ]  # fmt: skip
    return [_lists(one) for one in made]


def arguments_made_by_themselves(mx):
    d, s = mx.sym.var("d"), mx.sym
    return [_lists(one) for one in (
        s.FullyConnected(d, num_hidden=2, name="a"), s.FullyConnected(d, num_hidden=2, no_bias=True, name="a"),
        s.Convolution(d, kernel=(2, 2), num_filter=2, name="a"),
        s.Deconvolution(d, kernel=(2, 2), num_filter=2, name="a"),
        s.BatchNorm(d, name="a"), s.BatchNorm(d, output_mean_var=True, name="a"), s.LayerNorm(d, name="a"),
        s.LayerNorm(d, output_mean_var=True, name="a"), s.InstanceNorm(d, name="a"), s.Embedding(d, input_dim=3,
        output_dim=2, name="a"), s.LeakyReLU(d, name="a"), s.LeakyReLU(d, act_type="prelu", name="a"),
        s.RNN(d, state_size=3, num_layers=1, mode="lstm", state_outputs=True, name="a"),
        s.RNN(d, state_size=3, num_layers=1, mode="gru", state_outputs=True, name="a"),
        s.RNN(d, state_size=3, num_layers=1, mode="rnn_tanh", name="a"), s.SoftmaxOutput(d, name="a"),
        s.SequenceMask(d, name="a"), s.SequenceMask(d, use_sequence_length=True, name="a"), s.softmax(d, name="a"),
        s.CTCLoss(d, name="a"), s.dot(d, name="a"), s.elemwise_add(d, name="a"), s.topk(d, ret_typ="both", name="a"),
        s.split(d, num_outputs=3, name="a"), s.moments(d, axes=(0,), name="a"), s.linalg.slogdet(d, name="a"),
        s.LinearRegressionOutput(d, name="a"),
    )]  # fmt: skip


def refused(mx):
    d = mx.sym.var("d")
    return [
        lambda: mx.sym.FullyConnected(d, name="a"),
        lambda: mx.sym.FullyConnected(d, num_hidden=2, foo=3),
        lambda: mx.sym.FullyConnected(3, num_hidden=2),
        lambda: d + "x",
        lambda: bool(d),
        lambda: d["nothing"],
        lambda: d[3],
        lambda: mx.sym.var(3),
        lambda: mx.sym.load("missing-symbol.json"),
        lambda: mx.sym.load_json("no json"),
        lambda: mx.sym.var("x", foo="bar"),
    ]


def shapes(mx):
    net = _net(mx)
    d = mx.sym.var("data")
    lstm = mx.sym.RNN(d, state_size=3, num_layers=2, mode="lstm", bidirectional=True, state_outputs=True, name="r")
    both = mx.sym.FullyConnected(d, num_hidden=3, flatten=False, name="f") + mx.sym.var("e")
    return [
        lambda: net.infer_shape(data=(2, 1, 8, 8)),
        lambda: net.infer_shape_partial(),
        lambda: lstm.infer_shape(data=(5, 2, 4)),
        lambda: both.infer_shape(data=(2, 5, 4)),
        lambda: mx.sym.Embedding(d, input_dim=9, output_dim=4, name="e").infer_shape(data=(2, 3)),
        lambda: mx.sym.LayerNorm(d, name="n").infer_shape(data=(2, 3)),
        lambda: mx.sym.LeakyReLU(d, act_type="prelu", name="n").infer_shape(data=(2, 3)),
        lambda: mx.sym.Deconvolution(d, kernel=(3, 3), stride=(2, 2), pad=(1, 1), num_filter=4, name="n").infer_shape(
            data=(2, 3, 4, 4)),
        lambda: mx.sym.split(d, num_outputs=2, axis=1).infer_shape(data=(2, 4)),
        lambda: mx.sym.concat(d, mx.sym.var("b"), dim=1).infer_shape(data=(2, 4), b=(2, 3)),
        lambda: mx.sym.dot(d, mx.sym.var("b")).infer_shape(data=(2, 4), b=(4, 3)),
        lambda: mx.sym.random.uniform(0, 1, shape=(2, 3)).infer_shape(),
        lambda: mx.sym.LinearRegressionOutput(d, name="l").infer_shape(data=(2, 3)),
    ]


def shapes_that_contradict(mx):
    d = mx.sym.var("data")
    net = mx.sym.FullyConnected(d, num_hidden=3, name="fc")
    return [
        lambda: net.infer_shape(data=(2, 4), fc_weight=(3, 5)),
        lambda: (d + mx.sym.var("b")).infer_shape(data=(2, 4), b=(2, 3)),
    ]


def shapes_that_do_not_follow(mx):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _net(mx).infer_shape()


def types(mx):
    d = mx.sym.var("data")
    net = mx.sym.FullyConnected(d, num_hidden=3, name="fc")
    whole = mx.sym.cast(net, dtype="int32")
    return [net.infer_type(data="float64"), net.infer_type(), whole.infer_type(data="float32"),
            mx.sym.zeros((2,), dtype="int64").infer_type()]  # fmt: skip


def attributes(mx):
    with mx.AttrScope(__group__="4"):
        d = mx.sym.var("data", shape=(2, 0), dtype="float16", init=mx.init.One())
        net = mx.sym.FullyConnected(d, num_hidden=3, name="fc", attr={"__mood__": "good"})
    net._set_attr(__extra__="yes")
    found = [
        net.attr("__mood__"), net.attr("__group__"), net.attr("num_hidden"), net.attr("absent"),
        sorted(net.list_attr().items()), {key: sorted(value.items()) for key, value in net.attr_dict().items()},
        mx.sym.var("plain").list_attr(), mx.sym.var("x", stype="row_sparse").list_attr(),
    ]  # fmt: skip
    return [*found, lambda: mx.sym.relu(d, attr={"mood": "good"}), lambda: mx.sym.relu(d, attr={"__mood__": 3})]


def as_json(mx):
    written = json.loads(_net(mx).tojson())
    d = mx.sym.var("d")
    more = mx.sym.Group([mx.sym.concat(d, d * 2.5, dim=1, name="c"), mx.sym.reshape(d, shape=(-1, 2), name="r")])
    return [written, json.loads(more.tojson())]


def read_again(mx):
    net = _net(mx)
    again = mx.sym.load_json(net.tojson())
    net.save("net-symbol.json")
    third = mx.sym.load("net-symbol.json")
    return [_lists(again), again.tojson() == net.tojson(), third.tojson() == net.tojson(), type(third).__name__]


def composed(mx):
    inner = mx.sym.FullyConnected(mx.sym.var("x"), num_hidden=2, name="fc")
    outer = inner(x=mx.sym.relu(mx.sym.var("y"), name="r"), name="outer")
    return [_lists(outer), _lists(inner), lambda: _lists(mx.sym.Group([inner, outer[0]])),
            lambda: inner(q=mx.sym.var("z")), lambda: inner(x=3)]


def of_a_recorded_computation(mx):
    x, w = mx.nd.ones((2, 3)), mx.nd.ones((4, 3))
    x.attach_grad()
    w.attach_grad()
    with mx.autograd.record():
        y = mx.nd.FullyConnected(x, w, no_bias=True, num_hidden=4)
        z = (y * 2 + mx.nd.ones((2, 4))).sum(axis=1)
    found = mx.autograd.get_symbol(z)
    ops = [node["op"] for node in json.loads(found.tojson())["nodes"]]
    return [len(found.list_arguments()), found.list_outputs(), ops,
            lambda: mx.autograd.get_symbol(mx.nd.ones((2,)))]  # fmt: skip


def values(mx):
    a, b = mx.sym.var("a"), mx.sym.var("b")
    x, y = mx.nd.array([[1, 2], [3, 4.0]]), mx.nd.array([[5, 6], [7, 8.0]])
    c = mx.sym.Group([a + b, a * 2 - b, mx.sym.dot(a, b), mx.sym.concat(a, b, dim=0).sum(axis=0), a > b, a**b])
    return [c.eval(a=x, b=y), mx.sym.maximum(a, b).eval(a=x, b=y), mx.sym.zeros((2, 2)).eval(),
            mx.sym.arange(4).eval(), mx.sym.split(a, num_outputs=2, axis=1).eval(a=x)]  # fmt: skip
