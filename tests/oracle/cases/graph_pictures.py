"""Pictures of graphs: the table of print_summary, and the text of plot_network, line by line."""

import contextlib
import io


def _net(mx):
    data = mx.sym.var("data")
    net = mx.sym.Convolution(data, kernel=(3, 3), num_filter=4, stride=(2, 2), name="conv")
    net = mx.sym.BatchNorm(net, name="bn")
    net = mx.sym.Activation(net, act_type="relu", name="act")
    a = mx.sym.Pooling(net, kernel=(2, 2), pool_type="max", stride=(2, 2), name="pool")
    b = mx.sym.Pooling(net, kernel=(2, 2), pool_type="avg", stride=(2, 2), name="pool2")
    net = mx.sym.Flatten(mx.sym.Concat(a, b, name="cc"), name="fl")
    net = mx.sym.FullyConnected(net, num_hidden=3, name="fc")
    net = mx.sym.LeakyReLU(net, act_type="elu", name="lr") + mx.sym.zeros((2, 3), name="z")
    return mx.sym.SoftmaxOutput(net, name="softmax")


def _printed(mx, *args, **kwargs):
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        mx.viz.print_summary(*args, **kwargs)
    return text.getvalue().splitlines()


def summaries(mx):
    with mx.name.NameManager():
        net = _net(mx)
    embedding = mx.sym.Embedding(mx.sym.var("data"), input_dim=5, output_dim=2, name="e")
    return [
        _printed(mx, net, shape={"data": (2, 1, 10, 10)}),
        _printed(mx, net, {"data": (2, 1, 10, 10)}, 80, [0.3, 0.6, 0.75, 1.0]),
        _printed(mx, embedding, shape={"data": (2, 3)}),
        lambda: mx.viz.print_summary("x"),
        lambda: mx.viz.print_summary(net, shape={"other": (1,)}),
    ]


def _lines(drawing):
    return [line.strip() for line in drawing.source.splitlines() if line.strip()]


def plots(mx):
    with mx.name.NameManager():
        net = _net(mx)
    return [
        _lines(mx.viz.plot_network(net)),
        _lines(mx.viz.plot_network(net, shape={"data": (2, 1, 10, 10)}, title="mine")),
        _lines(mx.viz.plot_network(net, node_attrs={"shape": "oval", "fixedsize": "false"})),
        lambda: mx.viz.plot_network("x"),
    ]


def plot_of_a_block(mx):
    net = mx.gluon.nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(mx.gluon.nn.Dense(4, activation="relu"), mx.gluon.nn.Dropout(0.1), mx.gluon.nn.Dense(2))
    return _lines(mx.viz.plot_network(net(mx.sym.var("data")), shape={"data": (1, 3)}))
