"""Hybridized blocks: what F is, values and gradients, export and import, hooks, and what is refused or warned of."""

import json
import warnings


def _net(mx, prefix="net_"):
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix=prefix)
    with net.name_scope():
        net.add(nn.Conv2D(4, 3, activation="relu"), nn.BatchNorm(), nn.MaxPool2D(), nn.Flatten(),
                nn.Dense(5, activation="tanh"), nn.Dropout(0.5), nn.Dense(3))  # fmt: skip
    return net


def _block(mx, forward, **params):
    class Mine(mx.gluon.HybridBlock):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            with self.name_scope():
                for name, shape in params.items():
                    setattr(self, name, self.params.get(name, shape=shape, allow_deferred_init=True))

        def hybrid_forward(self, F, *args, **kwargs):
            return forward(F, *args, **kwargs)

    return Mine(prefix="mine_")


def a_step_of_training(mx):
    found = []
    for hybrid in (False, True):
        mx.random.seed(3)
        net = mx.gluon.nn.HybridSequential(prefix="net_")
        with net.name_scope():
            net.add(mx.gluon.nn.Conv2D(4, 3, activation="relu"), mx.gluon.nn.AvgPool2D(), mx.gluon.nn.Flatten(),
                    mx.gluon.nn.Dense(5, activation="tanh"), mx.gluon.nn.Dense(3))  # fmt: skip
        net.initialize(mx.init.Uniform(0.5))
        if hybrid:
            net.hybridize()
        trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
        x = mx.nd.arange(2 * 64).reshape((2, 1, 8, 8)) / 100
        x.attach_grad()
        for _ in range(2):
            with mx.autograd.record():
                loss = (net(x) ** 2).sum()
            loss.backward()
            trainer.step(2)
        found.append([loss, x.grad.sum(), net[3].weight.grad().norm(), net(x), net[0].weight.shape])
    return found


def what_f_is(mx):
    seen = []

    def forward(F, x):
        seen.append(F.__name__.split(".")[-1] in ("sym", "symbol"))
        return F.relu(x) + 1

    block = _block(mx, forward)
    out = [block(mx.nd.ones((1, 2)))]
    block.hybridize()
    out += [block(mx.nd.ones((1, 2))), block(mx.nd.ones((3, 2))), block(mx.nd.ones((1,)))]
    block.hybridize(False)
    out.append(block(mx.nd.ones((1,))))
    return [out, seen]


def shapes_follow_without_infer_shape(mx):
    def forward(F, x, w, b):
        return F.FullyConnected(x, w, b, num_hidden=3)

    block = _block(mx, forward, w=(3, 0), b=(3,))
    block.initialize(mx.init.One())
    return [block(mx.nd.ones((2, 4))), block.w.shape]


def several_inputs_and_outputs(mx):
    def forward(F, x, pair, z=None):
        a, b = pair
        total = x + a * b
        return total if z is None else total + z, [a, b * 2]

    block = _block(mx, forward)
    one, two = mx.nd.ones((2,)), mx.nd.ones((2,)) * 2
    plain = block(one, [two, one])
    block.hybridize()
    return [plain, block(one, [two, one]), lambda: block(one, [two, one], two), lambda: block(one, two)]


def graph_of_a_network(mx):
    net = _net(mx)
    out = net(mx.sym.var("data"))
    graph = json.loads(out.tojson())
    for node in graph["nodes"]:
        node.get("attrs", {}).pop("cudnn_off", None)
    return [graph, out.list_arguments(), out.list_auxiliary_states()]


def names_in_layers(mx):
    nn = mx.gluon.nn
    layers = [nn.Conv1D(3, 2), nn.Dense(3, activation="relu", flatten=False), nn.Embedding(3, 4), nn.LeakyReLU(0.1),
              nn.PReLU(), nn.ELU(), nn.SELU(), nn.GELU(), nn.Swish(), nn.LayerNorm(), nn.InstanceNorm(), nn.GroupNorm(),
              nn.GlobalAvgPool2D(), nn.AvgPool1D(), nn.Conv2DTranspose(2, 2), nn.ReflectionPad2D(1), nn.Dropout(0.1),
              nn.Dropout(0), nn.HybridLambda("tanh"), nn.HybridLambda(lambda F, x: F.square(x) - x * 2)]  # fmt: skip
    found = []
    for layer in layers:
        out = layer(mx.sym.var("data"))
        found.append([name.replace(layer.name, "") for name in out.get_internals().list_outputs()])
    return found


def exported(mx):
    mx.random.seed(1)
    net = _net(mx)
    net.initialize(mx.init.Uniform(0.5))
    net.hybridize()
    x = mx.nd.arange(64).reshape((1, 1, 8, 8)) / 64
    y = net(x)
    net.export("model", epoch=7)
    params = mx.nd.load("model-0007.params")
    again = mx.gluon.SymbolBlock.imports("model-symbol.json", ["data"], "model-0007.params")
    with open("model-symbol.json") as file:
        graph = json.load(file)
    symbol, arguments, states = mx.model.load_checkpoint("model", 7)
    return [sorted(params), (again(x) - y).abs().max(), sorted(again.collect_params()),
            [n["op"] for n in graph["nodes"]],
            [n["name"] for n in graph["nodes"]], symbol.list_outputs(), sorted(arguments), sorted(states),
            {key: p.grad_req for key, p in again.collect_params().items()}]  # fmt: skip


def export_before_a_call(mx):
    net = _net(mx)
    net.initialize()
    return [lambda: net.export("model")]


def a_block_from_symbols(mx):
    data = mx.sym.var("data")
    hidden = mx.sym.FullyConnected(data, num_hidden=3, name="fc1")
    out = mx.sym.FullyConnected(mx.sym.relu(hidden), num_hidden=2, name="fc2")
    block = mx.gluon.SymbolBlock([out, hidden], [data])
    block.initialize(mx.init.Constant(0.5))
    x = mx.nd.ones((1, 4))
    x.attach_grad()
    with mx.autograd.record():
        first, second = block(x)
        total = first.sum() + second.sum()
    total.backward()
    symbols = block(mx.sym.relu(mx.sym.var("other"), name="r"))
    return [first, second, x.grad, sorted(block.collect_params()), str(block), [s.list_outputs() for s in symbols],
            lambda: mx.gluon.SymbolBlock(out, mx.sym.relu(data)), lambda: block.hybrid_forward(mx.nd, x)]  # fmt: skip


def inside_of_a_block(mx):
    data = mx.sym.var("data")
    inner = mx.gluon.SymbolBlock(mx.sym.FullyConnected(data, num_hidden=3, name="fc"), [data])
    net = mx.gluon.nn.HybridSequential(prefix="outer_")
    net.add(inner, mx.gluon.nn.Dense(2, prefix="dense_"))
    net.initialize(mx.init.Constant(0.25))
    x = mx.nd.ones((1, 4))
    before = net(x)
    net.hybridize()
    return [before, net(x), list(net.collect_params())]


def recurrent_layers(mx):
    found = []
    for kind in (mx.gluon.rnn.LSTM, mx.gluon.rnn.GRU, mx.gluon.rnn.RNN):
        layer = kind(3, 2, bidirectional=True, prefix="r_")
        layer.initialize(mx.init.Uniform(0.3))
        x = mx.nd.arange(24).reshape((3, 2, 4)) / 10
        plain, _ = layer(x, layer.begin_state(2))
        layer.hybridize()
        again, more = layer(x, layer.begin_state(2))
        found.append([(plain - again).abs().max(), [s.shape for s in more]])
    return found


def cells_unrolled_in_a_block(mx):
    rnn = mx.gluon.rnn

    class Net(mx.gluon.HybridBlock):
        def __init__(self, cell):
            super().__init__(prefix="net_")
            self.cell = cell

        def hybrid_forward(self, F, x):
            out, states = self.cell.unroll(3, x, layout="NTC", merge_outputs=True)
            return out, states[0]

    found = []
    for make in (rnn.LSTMCell, rnn.GRUCell, rnn.RNNCell):
        net = Net(make(4, prefix="cell_"))
        net.initialize(mx.init.Constant(0.1))
        x = mx.nd.arange(18).reshape((2, 3, 3)) / 10
        plain = net(x)
        net.hybridize()
        replay = net(x)
        found.append([plain, replay])
    return found


def losses_hybridized(mx):
    loss = mx.gluon.loss
    found = []
    for one in (loss.L2Loss(), loss.L1Loss(), loss.SoftmaxCrossEntropyLoss(), loss.HuberLoss(), loss.HingeLoss(),
                loss.SigmoidBinaryCrossEntropyLoss(), loss.KLDivLoss()):  # fmt: skip
        x = mx.nd.array([[0.1, 0.5, 0.4], [0.2, 0.2, 0.6]])
        label = mx.nd.array([0, 2]) if isinstance(one, loss.SoftmaxCrossEntropyLoss) else x * 0.5
        plain = one(x, label)
        one.hybridize()
        found.append([plain, one(x, label)])
    return found


def warned(mx):
    def forward(F, x, y, w=None, v=None):
        return x * 2

    found = []
    block = _block(mx, forward, w=(2,))
    block.initialize()
    block.hybridize()
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        block(mx.nd.ones((1,)), mx.nd.ones((1,)))
    found.append(sorted(str(w.message) for w in seen))
    return found


def mixed_or_nothing(mx):
    block = _block(mx, lambda F, x, y: x + y)
    block.hybridize()
    return [lambda: block(mx.nd.ones((1,)), mx.sym.var("y")), lambda: block(None, None), lambda: block(1, 2)]


def random_numbers(mx):
    block = _block(mx, lambda F, x: x + F.random.uniform(0, 1, shape=(2,)) + F.random_normal(0, 1, shape=(2,)))
    mx.random.seed(5)
    plain = block(mx.nd.zeros((2,)))
    block.hybridize()
    mx.random.seed(5)
    first = block(mx.nd.zeros((2,)))
    return [plain, first, (block(mx.nd.zeros((2,))) - first).abs().sum() > 0]


def modes_of_a_graph(mx):
    net = mx.gluon.nn.HybridSequential(prefix="n_")
    net.add(mx.gluon.nn.Dropout(0.5), mx.gluon.nn.BatchNorm(prefix="bn_"))
    net.initialize()
    net.hybridize()
    x = mx.nd.arange(8).reshape((2, 4))
    predicted = net(x)
    with mx.autograd.record():
        trained = net(x)
    moved = (trained - predicted).abs().sum() > 0
    return [predicted, moved]


def children_change(mx):
    net = mx.gluon.nn.HybridSequential(prefix="n_")
    net.add(mx.gluon.nn.Dense(2, prefix="a_"))
    net.initialize(mx.init.One())
    net.hybridize()
    x = mx.nd.ones((1, 2))
    first = net(x)
    extra = mx.gluon.nn.Dense(3, prefix="b_")
    extra.initialize(mx.init.One())
    net.add(extra)
    second = net(x)
    net.cast("float64")
    return [first, second, net(x.astype("float64"))]


def told_of_every_node(mx):
    net = mx.gluon.nn.HybridSequential(prefix="n_")
    with net.name_scope():
        net.add(mx.gluon.nn.Dense(2, activation="relu"))
    net.initialize(mx.init.One())
    net.hybridize()
    seen = []
    net.register_op_hook(lambda name, op, array: seen.append(name if isinstance(name, str) else name.decode()))
    net(mx.nd.ones((1, 3)))
    return seen


def constants_and_shared_parameters(mx):
    class Net(mx.gluon.HybridBlock):
        def __init__(self):
            super().__init__(prefix="net_")
            with self.name_scope():
                self.offset = self.params.get_constant("offset", mx.nd.array([1, 2]))
                self.dense = mx.gluon.nn.Dense(2, use_bias=False, in_units=2)
                self.twin = mx.gluon.nn.Dense(2, use_bias=False, in_units=2, params=self.dense.params)

        def hybrid_forward(self, F, x, offset):
            return self.twin(self.dense(x)) + offset

    net = Net()
    net.initialize(mx.init.Constant(0.5))
    x = mx.nd.ones((2,)).reshape((1, 2))
    return [lambda: net(x), list(net.collect_params()), net(mx.sym.var("data")).list_arguments()]
