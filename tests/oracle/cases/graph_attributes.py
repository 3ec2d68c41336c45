"""Annotations of symbols, with their two names, and element types that follow or contradict each other."""

import copy
import json
import pickle  # noqa: TID251  (that of a user, who copies a graph between processes)


def _all(symbol):
    found = sorted(symbol.attr_dict().items())
    return [[name, [list(item) for item in sorted(attrs.items())]] for name, attrs in found]


def two_names(mx):
    with mx.AttrScope(__group__="4", __data__="great"):
        data = mx.sym.var("x", attr={"mood": "angry", "force_mirroring": "True", "__group__": "1"}, lr_mult=1)
        other = mx.sym.var("y")
    keys = ("lr_mult", "__lr_mult__", "force_mirroring", "__force_mirroring__", "mood", "__group__", "wd_mult")
    return [_all(data), [data.attr(key) for key in keys], [other.attr(key) for key in keys], sorted(data.list_attr())]


def of_operators(mx):
    x, s = mx.sym.var("x", attr={"mood": "angry"}), mx.sym
    made = [
        s.FullyConnected(x, num_hidden=2, name="fc", lr_mult=1.5, wd_mult=2),
        s.FullyConnected(x, num_hidden=2, name="fc", attr={"wd_mult": "x", "__mood__": "so so"}),
        s.FullyConnected(x, num_hidden=2, name="fc", __mood__="y", ctx_group="dev1"),
        s.BatchNorm(x, name="bn", lr_mult=2),
        s.Convolution(x, kernel=(1, 1), num_filter=1, name="c", attr={"__mood__": "so so"}, lr_mult=1),
        s.Activation(x, act_type="relu", name="a", attr={"mirror_stage": "3"}),
        s.concat(x, x, dim=0, name="both", attr={"__mood__": "z"}), s.Group([x, x + 1]),
    ]  # fmt: skip
    return [[_all(one) for one in made], [sorted(one.list_attr()) for one in made]]


def of_scopes(mx):
    with mx.AttrScope(ctx_group="dev1", __lr_mult__="3"):
        made = mx.sym.FullyConnected(mx.sym.var("y"), num_hidden=2, name="a")
        with mx.AttrScope(ctx_group="dev2", __init_bias__="0.0"):
            made = mx.sym.FullyConnected(made, num_hidden=2, name="b")
    internals = made.get_internals()
    return [_all(made), internals["b_weight"].attr("ctx_group"), internals["a_output"].attr("ctx_group")]


def set_later(mx):
    x = mx.sym.var("q")
    x._set_attr(lr_mult="3", mood="z")
    return [_all(x), lambda: x._set_attr(mood=3)]


def written_and_read(mx):
    net = mx.sym.FullyConnected(mx.sym.var("q", wd_mult=3), num_hidden=2, name="f", lr_mult=2)
    again = mx.sym.load_json(net.tojson())
    pickled = pickle.loads(pickle.dumps(net))
    both = pickle.loads(pickle.dumps(mx.sym.Group([net, net * 2])))
    return [json.loads(net.tojson())["nodes"], _all(again), pickled.tojson() == net.tojson(), both.list_outputs(),
            pickled.name, copy.deepcopy(net).tojson() == net.tojson()]  # fmt: skip


def refused(mx):
    x, s = mx.sym.var("x"), mx.sym

    def within_a_scope():
        with mx.AttrScope(group="4"):
            return s.Activation(x, act_type="relu")

    return [
        within_a_scope, lambda: s.FullyConnected(x, num_hidden=2, weight_lr_mult=1.5),
        lambda: s.FullyConnected(x, num_hidden=2, attr={"mood": "x"}),
        lambda: s.FullyConnected(x, num_hidden=2, mood="x"),
        lambda: s.FullyConnected(x, num_hidden=2, attr={"weight_lr_mult": "x"}), lambda: mx.sym.var("q", foo=3),
        lambda: mx.sym.var("q", ctx_group="a"), lambda: s.FullyConnected(x, num_hidden=2, attr={"__mood__": 3}),
        lambda: mx.sym.var("q", attr={"a": 3}),
    ]  # fmt: skip


def types(mx):
    s = mx.sym
    half, double, whole = (s.var(name, dtype=name) for name in ("float16", "float64", "int32"))
    plain = s.var("plain")
    return [lambda one=one: one.infer_type() for one in (
        s.FullyConnected(double, num_hidden=2, name="f"), s.BatchNorm(half, name="b"), s.BatchNorm(double, name="b"),
        s.LayerNorm(half, name="l"), s.Embedding(whole, input_dim=3, output_dim=2, name="e"),
        s.Embedding(whole, input_dim=3, output_dim=2, name="e", dtype="float16"), s.where(whole, half, plain),
        half > plain, s.cast(half, dtype="int32"), s.argmax(half), s.SoftmaxOutput(half, plain),
        s.take(double, whole), s.one_hot(whole, depth=3), s.broadcast_like(half, double),
    )] + [s.FullyConnected(plain, num_hidden=2, name="f").infer_type(f_weight="float16")]


def types_that_contradict(mx):
    s = mx.sym
    double, single = s.var("double", dtype="float64"), s.var("single", dtype="float32")
    fc = s.FullyConnected(double, num_hidden=2, name="f")
    return [
        lambda: s.FullyConnected(double, weight=single, num_hidden=2).infer_type(),
        lambda: fc.infer_type(f_bias="float32"), lambda: fc.infer_type(nobody="float32"),
        lambda: (double + single).infer_type(), lambda: s.broadcast_mul(double, single).infer_type(),
        lambda: s.concat(double, single).infer_type(), lambda: s.dot(double, single).infer_type(),
        lambda: s.BatchNorm(double, gamma=single).infer_type(),
        lambda: s.add_n(double, single).infer_type(), lambda: s.stack(double, single).infer_type(),
        lambda: s.Convolution(double, single, kernel=(1, 1), num_filter=1).infer_type(),
    ]  # fmt: skip


def types_in_part(mx):
    s = mx.sym
    a, b = s.var("a"), s.var("b")
    fc = s.FullyConnected(a, num_hidden=2, name="fc")
    apart = s.Group([s.exp(a), s.exp(b)])
    return [fc.infer_type_partial(a="float16"), (a + b).infer_type_partial(a="float64"),
            apart.infer_type_partial(a="float16"), apart.infer_type(a="float16"),
            lambda: fc.infer_type_partial(nobody="float16")]  # fmt: skip


def of_one_node(mx):
    s = mx.sym
    a = s.var("a")
    fc = s.FullyConnected(a, num_hidden=2, name="fc")
    parts = s.split(a, num_outputs=2, name="parts")
    keys = ("name", "op_name", "op", "num_hidden", "num_outputs")
    return [[one.attr(key) for key in keys] for one in (fc, a, s.Group([fc, a]), s.Group([fc, fc]), parts)]


def what_is_no_argument(mx):
    fc = mx.sym.FullyConnected(mx.sym.var("a"), num_hidden=2, name="fc")
    return [lambda: fc.infer_shape(nobody=(1, 2)), lambda: fc.infer_shape_partial(a=(1, 2), nobody=(1, 2)),
            lambda: fc.infer_shape(a=3), lambda: fc.infer_shape(a="q"), lambda: fc.infer_shape(a=(1, "z")),
            lambda: mx.sym.var("d", stype="strange")]  # fmt: skip
