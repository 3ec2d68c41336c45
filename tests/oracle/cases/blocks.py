"""Blocks: names, children, collect_params, printed forms, forward; layers that the first scripts use."""


def _mlp(mx, cls="HybridSequential"):
    nn = mx.gluon.nn
    net = getattr(nn, cls)()
    net.add(nn.Dense(4, activation="relu"), nn.Dense(2))
    return net


def names(mx):
    nn = mx.gluon.nn
    first = nn.Dense(1)
    return [
        first.name,
        first.prefix,
        nn.Dense(1).name,
        nn.Conv2D(1, 1).name,
        nn.Sequential().name,
        nn.HybridSequential().name,
        nn.BatchNorm().name,
        nn.Dense(1).weight.name,
    ]


def names_in_scope(mx):
    nn = mx.gluon.nn
    net = nn.Sequential(prefix="model_")
    with net.name_scope():
        net.add(nn.Dense(1), nn.Dense(1), nn.Conv2D(1, 1))
        inner = nn.Sequential()
        with inner.name_scope():
            inner.add(nn.Dense(1))
        net.add(inner)
    return [list(net.collect_params().keys()), net.name, net.prefix]


def names_outside_scope(mx):
    net = _mlp(mx)
    return list(net.collect_params().keys())


def names_with_prefix(mx):
    return list(mx.gluon.nn.Dense(1, prefix="fc1_").collect_params().keys())


def collect_params_by_pattern(mx):
    net = _mlp(mx)
    return [
        list(net.collect_params(p).keys())
        for p in (".*weight", ".*bias", "dense0.*", "dense0_weight|dense1_bias", "nothing")
    ]


def params_are_the_blocks_own(mx):
    net = _mlp(mx)
    return [list(net.params.keys()), list(net[0].params.keys())]


def custom_block(mx):
    nn = mx.gluon.nn

    class Net(mx.gluon.Block):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            with self.name_scope():
                self.fc1 = nn.Dense(3)
                self.fc2 = nn.Dense(2)

        def forward(self, x):
            return self.fc2(mx.nd.relu(self.fc1(x)))

    net = Net(prefix="net_")
    net.initialize(mx.init.Constant(0.1))
    out = net(mx.nd.ones((2, 4)))
    return [out, list(net.collect_params().keys()), repr(net), net.fc1.weight.shape]


def custom_hybrid_block(mx):
    class Scaled(mx.gluon.HybridBlock):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            with self.name_scope():
                self.scale = self.params.get("scale", shape=(1, 3), init=mx.init.Constant(2))

        def hybrid_forward(self, F, x, scale):
            return F.broadcast_mul(x, scale) + 1

    net = Scaled(prefix="s_")
    net.initialize()
    x = mx.nd.array([[1, 2, 3]])
    eager = net(x)
    net.hybridize()
    return [eager, net(x), list(net.collect_params().keys())]


def child_by_attribute_is_replaced(mx):
    nn = mx.gluon.nn

    class Net(mx.gluon.Block):
        def __init__(self):
            super().__init__()
            self.fc = nn.Dense(3)

        def forward(self, x):
            return self.fc(x)

    net = Net()
    net.fc = nn.Dense(2)

    def wrong():
        net.fc = 5

    return [len(net._children), lambda: wrong()]


def parameter_by_attribute_is_replaced_by_another_type(mx):
    class Net(mx.gluon.Block):
        def __init__(self):
            super().__init__()
            self.w = self.params.get("w", shape=(1,))

    net = Net()

    def wrong():
        net.w = mx.nd.ones((1,))

    return [lambda: wrong()]


def sequential_as_a_list(mx):
    net = _mlp(mx, "Sequential")
    return [
        len(net),
        net[0].name,
        net[-1].name,
        type(net[0:1]).__name__,
        [type(b).__name__ for b in net],
        lambda: net[5],
    ]


def sequential_repr(mx):
    nn = mx.gluon.nn
    net = nn.HybridSequential()
    net.add(
        nn.Dense(4, activation="relu"),
        nn.Dense(2, in_units=4, use_bias=False),
        nn.Dropout(0.5),
        nn.BatchNorm(),
        nn.Conv2D(8, 3, padding=1, activation="relu"),
        nn.Conv2D(4, (3, 5), strides=2, in_channels=8, use_bias=False),
        nn.MaxPool2D(),
        nn.AvgPool2D(3, 2, 1),
        nn.GlobalAvgPool2D(),
        nn.Flatten(),
        nn.Activation("tanh"),
        nn.LeakyReLU(0.1),
        nn.Embedding(10, 4),
        nn.LayerNorm(),
    )
    return repr(net)


def repr_after_forward(mx):
    net = _mlp(mx)
    net.initialize()
    net(mx.nd.ones((1, 7)))
    return repr(net)
