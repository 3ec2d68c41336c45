"""Saving and loading arrays and parameters, as training scripts do it."""

import os
import warnings

import numpy as np


def _written(mx, data):
    mx.nd.save("a.params", data)
    with open("a.params", "rb") as file:
        return file.read().hex()


def _keys(mx, name):
    return list(mx.nd.load(name))


def _net(mx, units=(4, 3), inputs=5, prefix=None, init=True, ctx=None):
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix=prefix)
    with net.name_scope():
        net.add(nn.Dense(units[0], in_units=inputs), nn.BatchNorm(in_channels=units[0] if inputs else 0),
                nn.Dense(units[1], in_units=units[0] if inputs else 0))
    if init:
        net.initialize(mx.init.Uniform(0.5), ctx=ctx)
    return net


def _dense(mx, init=True, **kwargs):
    dense = mx.gluon.nn.Dense(2, in_units=2, **kwargs)
    if init:
        dense.initialize()
    return dense


def _told(call, *args):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call(*args)
    return [w.category.__name__ for w in caught if "deprecated" in str(w.message)]


def bytes_of_arrays(mx):
    a = mx.nd.array([[1, 2, 3], [4, 5, 6]])
    return [_written(mx, data) for data in (
        a, [a], [], {}, {"w": a}, {"b": a, "a": a[1]}, [a.T, a[:, 1:], a.reshape((3, 2))], [a, a],
        {"": a}, {"\u00e9\u96ea": a},
    )]


def bytes_of_dtypes(mx):
    return [_written(mx, mx.nd.array([1, 0, 3], dtype=dtype))
            for dtype in ("float16", "float32", "float64", "uint8", "int8", "int32", "int64", "bool")]


def what_comes_back(mx):
    results = []
    for data in (mx.nd.ones((2,)), [mx.nd.ones((2,)), mx.nd.zeros((1, 3), dtype="int8")], [], {},
                 {"b": mx.nd.ones((2,)), "a": mx.nd.array([True], dtype="bool")}):
        mx.nd.save("a.params", data)
        results.append(mx.nd.load("a.params"))
        with open("a.params", "rb") as file:
            results.append(mx.nd.load_frombuffer(file.read()))
    return results


def contexts_are_forgotten(mx):
    mx.nd.save("a.params", [mx.nd.ones((2,), ctx=mx.cpu(1)), mx.nd.ones((2,), ctx=mx.cpu_pinned(0))])
    with mx.cpu(2):
        return [a.context for a in mx.nd.load("a.params")]


def a_file_is_replaced(mx):
    for n in (1, 2, 3):
        mx.nd.save("a.params", mx.nd.ones((n,)))
    return [mx.nd.load("a.params"), sorted(os.listdir("."))]


def what_cannot_be_saved(mx):
    one = mx.nd.ones((2,))
    return [lambda: mx.nd.save("a", (one,)), lambda: mx.nd.save("a", None), lambda: mx.nd.save("a", one.asnumpy()),
            lambda: mx.nd.save("a", [one, 3]), lambda: mx.nd.save("a", {"a": 3}), lambda: mx.nd.save("a", {1: one}),
            lambda: mx.nd.save("a", [one.asnumpy()]), lambda: mx.nd.save("no/folder", one)]


def what_cannot_be_loaded(mx):
    mx.nd.save("a.params", {"a": mx.nd.array([1, 2])})
    with open("a.params", "rb") as file:
        good = file.read()
    with open("short.params", "wb") as file:
        file.write(good[:-12])
    return [lambda: mx.nd.load("nothing"), lambda: mx.nd.load(3), lambda: mx.nd.load("short.params"),
            lambda: mx.nd.load_frombuffer(None), lambda: mx.nd.load_frombuffer(bytearray(good)),
            lambda: mx.nd.load_frombuffer(b""), lambda: mx.nd.load_frombuffer("abc"),
            lambda: mx.nd.load_frombuffer(b"\x13" + good[1:]), lambda: mx.nd.load_frombuffer(good[:-1]),
            lambda: mx.nd.load_frombuffer(good[:60]), lambda: mx.nd.load_frombuffer(good + b"more")]


def names_of_parameters(mx):
    net = _net(mx, prefix="net_")
    net.save_parameters("a")
    net.collect_params().save("b")
    net.collect_params().save("c", strip_prefix="net_")
    told = _told(net.save_params, "d")
    return [_keys(mx, name) for name in "abcd"] + [told]


def round_trip(mx):
    net = _net(mx)
    x = mx.nd.array([[1, -2, 3, 0.5, 0.1], [0, 1, -1, 2, 3]])
    with mx.autograd.record():
        loss = net(x).sum()
    loss.backward()
    net.save_parameters("a")
    other = _net(mx, init=False)
    other.load_parameters("a")
    return [net(x), other(x), mx.nd.load("a")]


def unknown_shapes_are_the_file_s(mx):
    _net(mx).save_parameters("a")
    results = []
    for init in (True, False):
        net = _net(mx, inputs=0, init=init)
        net.load_parameters("a")
        results.append([(p.shape, p.data().shape, p.list_ctx(), p.grad_req) for p in net.collect_params().values()])
        results.append(net[0].weight.grad())
    return results


def before_there_are_values(mx):
    return [lambda: _net(mx, init=False).save_parameters("a"), lambda: _net(mx, inputs=0).save_parameters("a"),
            lambda: _net(mx, init=False).collect_params().save("a")]


def files_that_do_not_fit(mx):
    _net(mx).save_parameters("a")
    small = mx.gluon.nn.HybridSequential()
    small.add(mx.gluon.nn.Dense(4, in_units=5))
    small.initialize()
    small.save_parameters("small")
    x = mx.nd.load("a")
    x.pop("0.weight")
    x["more"] = mx.nd.ones((1,))
    mx.nd.save("mixed", x)
    return [lambda: _net(mx, units=(4, 2)).load_parameters("a"),
            lambda: _net(mx, units=(4, 2), init=False).load_parameters("a"),
            lambda: _net(mx).load_parameters("small"), lambda: small.load_parameters("a"),
            lambda: _net(mx).load_parameters("mixed"),
            lambda: _net(mx).load_parameters("mixed", allow_missing=True),
            lambda: _net(mx).load_parameters("nothing"),
            lambda: _net(mx).load_parameters("small", allow_missing=True),
            lambda: small.load_parameters("a", ignore_extra=True),
            lambda: _net(mx).load_parameters("mixed", allow_missing=True, ignore_extra=True)]


def missing_parameters_stay(mx):
    _dense(mx).save_parameters("a")
    mx.nd.save("b", {"bias": mx.nd.array([5, 6])})
    dense = _dense(mx)
    dense.load_parameters("a")
    before = dense.weight.data().copy()
    dense.load_parameters("b", allow_missing=True)
    return [before, dense.weight.data(), dense.bias.data()]


def contexts_of_loaded_parameters(mx):
    _dense(mx).save_parameters("a")

    def load(dense, **kwargs):
        dense.load_parameters("a", **kwargs)
        return dense.weight.list_ctx()

    def on(*contexts):
        dense = _dense(mx, init=False)
        dense.initialize(ctx=list(contexts))
        return dense

    def deferred(*contexts):
        dense = mx.gluon.nn.Dense(2)
        dense.initialize(ctx=list(contexts))
        return dense

    return [load(_dense(mx, init=False)), load(_dense(mx, init=False), ctx=mx.cpu(1)),
            load(_dense(mx, init=False), ctx=[mx.cpu(1), mx.cpu(2)]), load(on(mx.cpu(1), mx.cpu(0))),
            load(on(mx.cpu(1), mx.cpu(0)), ctx=[mx.cpu(0), mx.cpu(1)]), load(deferred(mx.cpu(1), mx.cpu(2))),
            load(deferred(mx.cpu(1)), ctx=mx.cpu(1)),
            lambda: load(on(mx.cpu(0)), ctx=mx.cpu(1)), lambda: load(on(mx.cpu(0), mx.cpu(1)), ctx=mx.cpu(1)),
            lambda: load(deferred(mx.cpu(0)), ctx=mx.cpu(1))]


def copies_are_averaged(mx):
    dense = _dense(mx, init=False)
    dense.initialize(ctx=[mx.cpu(0), mx.cpu(1)])
    dense.weight.data(mx.cpu(0))[:] = 1
    dense.weight.data(mx.cpu(1))[:] = 4
    dense.save_parameters("a")
    before = dense.weight.data(mx.cpu(0)).copy()
    dense.load_parameters("a")
    return [before, mx.nd.load("a")["weight"], dense.weight.data(mx.cpu(1))]


def dtypes_of_loaded_parameters(mx):
    _dense(mx).save_parameters("a")
    mx.nd.save("half", {name: a.astype("float16") for name, a in mx.nd.load("a").items()})

    def load(file, cast=None, init=True, **kwargs):
        dense = _dense(mx, init=False)
        if cast:
            dense.cast(cast)
        if init:
            dense.initialize()
        dense.load_parameters(file, **kwargs)
        return [str(dense.weight.data().dtype), str(dense.weight.grad().dtype), dense.weight.data()]

    return [load("half", "float16"), load("half", cast_dtype=True), load("half", cast_dtype=True, init=False),
            load("half", cast_dtype=True, dtype_source="saved"), load("a", "float16", cast_dtype=True),
            load("half", cast_dtype=True, dtype_source="saved", init=False),
            lambda: load("half"), lambda: load("half", init=False), lambda: load("a", "float16"),
            lambda: load("half", dtype_source="saved"), lambda: load("half", cast_dtype=True, dtype_source="other")]


def one_layer_alone(mx):
    dense = _dense(mx)
    dense.save_parameters("a")
    other = _dense(mx, init=False)
    other.load_parameters("a")
    return [_keys(mx, "a"), dense.weight.data(), other.weight.data(),
            lambda: _dense(mx, use_bias=False).load_parameters("a"), lambda: _net(mx).load_parameters("a")]


def _shared(mx):
    class Twins(mx.gluon.Block):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            with self.name_scope():
                self.one = mx.gluon.nn.Dense(2, in_units=2)
                self.two = mx.gluon.nn.Dense(2, in_units=2, params=self.one.params)
                self.fixed = self.params.get_constant("fixed", [1, 2])

    twins = Twins()
    twins.initialize()
    return twins


def shared_parameters(mx):
    twins = _shared(mx)
    twins.save_parameters("a")
    twins.save_parameters("once", deduplicate=True)
    _told(twins.save_params, "old")
    results = [_keys(mx, name) for name in ("a", "once", "old")]
    for name in ("a", "once"):
        other = _shared(mx)
        other.load_parameters(name)
        results.append((other.one.weight.data() == twins.one.weight.data()).asnumpy().all().item())
    x = mx.nd.load("once")
    x["one.weight"] = x.pop("two.weight")
    mx.nd.save("renamed", x)
    other = _shared(mx)
    other.load_parameters("renamed")
    x.pop("one.weight")
    mx.nd.save("without", x)
    return [*results, other.two.weight.data(), twins.two.weight.data(), lambda: _shared(mx).load_parameters("without")]


def constants_are_loaded(mx):
    twins = _shared(mx)
    twins.save_parameters("a")
    values = mx.nd.load("a")
    values["fixed"] = mx.nd.array([7, 8])
    mx.nd.save("a", values)
    other = _shared(mx)
    other.load_parameters("a")
    return [other.fixed.data(), other.fixed.value]


def the_array_stays_the_same(mx):
    dense = _dense(mx)
    dense.save_parameters("a")
    mx.nd.save("b", {name: a + 1 for name, a in mx.nd.load("a").items()})
    data, grad = dense.weight.data(), dense.weight.grad()
    before = data.copy()
    dense.load_parameters("b")
    return [dense.weight.data() is data, dense.weight.grad() is grad, data - before]


def files_of_param_dicts(mx):
    net = _net(mx, prefix="net_")
    params = net.collect_params()
    params.save("whole")
    params.save("part", strip_prefix="net_")
    mx.nd.save("checkpoint", {("aux:" if "running" in name else "arg:") + name: a
                              for name, a in mx.nd.load("whole").items()})

    def load(name, *args, **kwargs):
        other = _net(mx, prefix="net_", init=False)
        other.collect_params().load(name, *args, **kwargs)
        return (other[0].weight.data() == net[0].weight.data()).asnumpy().all().item()

    def load_net(name):
        other = _net(mx, prefix="other_", init=False)
        other.load_parameters(name)
        return (other[0].weight.data() == net[0].weight.data()).asnumpy().all().item()

    return [load("whole"), load("part", restore_prefix="net_"), load("checkpoint"), load("checkpoint", mx.cpu(0)),
            load_net("part"), load("part", mx.cpu(), False, False, "net_", False, "current"),
            lambda: params.save("a", strip_prefix="foo"), lambda: load("part"),
            lambda: load("part", allow_missing=True), lambda: load("part", restore_prefix="foo_"),
            lambda: load("nothing"), lambda: load_net("whole"), lambda: load_net("checkpoint")]


def old_names(mx):
    net = _net(mx)
    net.save_parameters("a")
    results = [_told(net.save_params, "b"), _told(net.load_params, "a"), _told(net.load_params, "b")]
    other = _net(mx, init=False)
    results.append(_told(other.load_params, "a", mx.cpu(1), True, True))
    return [*results, other[0].weight.list_ctx(), other[0].weight.data(), net[0].weight.data()]


def dictionaries_of_values(mx):
    params = mx.gluon.ParameterDict("x_")
    weight = params.get("w", shape=(2,))
    params.load_dict({"x_w": mx.nd.array([1, 2])})
    results = [weight.data().copy()]
    params.load_dict({"aux:x_w": mx.nd.array([3, 4])}, mx.cpu(0))
    results.append(weight.data().copy())
    params.load_dict({"w": mx.nd.array([5, 6]), "more": mx.nd.ones((1,))}, ignore_extra=True, restore_prefix="x_")
    results.append(weight.data().copy())
    params.load_dict({}, allow_missing=True)
    return [
        *results, weight.data(), lambda: params.load_dict({}), lambda: params.load_dict({}, filename="some.params"),
        lambda: params.load_dict({"x_w": mx.nd.array([1, 2]), "more": mx.nd.ones((1,))}),
        lambda: params.load_dict({"x_w": mx.nd.array([1, 2, 3])}), lambda: params.load_dict([mx.nd.ones((2,))]),
    ]


def files_without_names(mx):
    mx.nd.save("a", [mx.nd.ones((2, 2))])
    params = mx.gluon.ParameterDict()
    params.get("w", shape=(2,))
    return [lambda: params.load("a")]


def nothing_to_save(mx):
    empty = mx.gluon.nn.HybridSequential()
    empty.save_parameters("a")
    empty.load_parameters("a")
    _dense(mx).save_parameters("b")
    _net(mx).save_parameters("c")
    params = mx.gluon.ParameterDict()
    params.save("d")
    params.load("d")
    return [mx.nd.load("a"), lambda: empty.load_parameters("b"), lambda: empty.load_parameters("c"), mx.nd.load("d")]


def training_goes_on_from_a_file(mx):
    x = mx.nd.array([[1, -2], [0.5, 3]])

    def step(net, trainer):
        with mx.autograd.record():
            loss = (net(x) ** 2).sum()
        loss.backward()
        trainer.step(2)
        return loss

    net = _dense(mx)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.05})
    losses = [step(net, trainer) for _ in range(2)]
    net.save_parameters("a")
    losses.append(step(net, trainer))
    net.load_parameters("a")
    losses.append(step(net, trainer))
    return losses


def a_number(mx):
    mx.nd.save("a", mx.nd.array(3.0))
    return mx.nd.load("a")


def more_axes_than_the_parameter(mx):
    mx.nd.save("a", {"weight": mx.nd.ones((2, 2, 1)), "bias": mx.nd.zeros((2,))})
    dense = _dense(mx, init=False)
    dense.load_parameters("a")
    return dense.weight.data()


def an_archive_of_numpy(mx):
    np.savez("a.npz", x=np.ones((2,), "float16"))
    return mx.nd.load("a.npz")


def a_file_of_a_list_for_parameters(mx):
    mx.nd.save("a", [mx.nd.ones((2, 2))])
    return [lambda: _dense(mx).load_parameters("a")]


def an_attribute_called_otherwise(mx):
    class Scale(mx.gluon.Block):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.factor = self.params.get("scale", shape=(2,), init="ones")

    scale = Scale()
    scale.initialize()
    scale.save_parameters("a")
    scale.load_parameters("a")
    return scale.factor.data()
