"""Layers: what they compute, how they are initialised, and what a wrong input gives."""


def _mlp(mx, cls="HybridSequential"):
    nn = mx.gluon.nn
    net = getattr(nn, cls)()
    net.add(nn.Dense(4, activation="relu"), nn.Dense(2))
    return net


def dense(mx):
    net = mx.gluon.nn.Dense(2, weight_initializer=mx.init.Constant(0.5), bias_initializer=mx.init.Constant(1))
    net.initialize()
    x = mx.nd.arange(12).reshape((2, 3, 2))
    flat = net(x)
    keep = mx.gluon.nn.Dense(2, flatten=False, weight_initializer=mx.init.Constant(0.5), activation="sigmoid")
    keep.initialize()
    return [flat, net.weight.shape, keep(x), keep.weight.shape]


def dense_without_bias(mx):
    net = mx.gluon.nn.Dense(2, use_bias=False, in_units=3)
    net.initialize("ones")
    return [net(mx.nd.ones((1, 3))), net.bias, list(net.collect_params().keys())]


def default_initialisation(mx):
    net = _mlp(mx)
    net.initialize()
    net(mx.nd.ones((1, 3)))
    return {name: p.data() for name, p in net.collect_params().items()}


def xavier_initialisation(mx):
    net = _mlp(mx)
    net.initialize(mx.init.Xavier())
    net(mx.nd.ones((1, 3)))
    return {name: p.data() for name, p in net.collect_params().items()}


def normal_initialisation_with_seed(mx):
    mx.random.seed(42)
    net = mx.gluon.nn.Dense(3, in_units=4)
    net.initialize(mx.init.Normal(0.1))
    return net.weight.data()


def initialisation_on_two_contexts_is_equal(mx):
    net = mx.gluon.nn.Dense(3, in_units=4)
    net.initialize(mx.init.Normal(0.1), ctx=[mx.cpu(0), mx.cpu(1)])
    return net.weight.list_data()


def initialize_again(mx):
    net = mx.gluon.nn.Dense(2, in_units=2)
    net.initialize("ones")
    net.initialize("zeros")
    first = net.weight.data().copy()
    net.initialize("zeros", force_reinit=True)
    return [first, net.weight.data()]


def forward_before_initialize(mx):
    return [
        lambda: mx.gluon.nn.Dense(2)(mx.nd.ones((1, 2))),
        lambda: mx.gluon.nn.Dense(2, in_units=2)(mx.nd.ones((1, 2))),
    ]


def first_input_that_does_not_fit(mx):
    nn = mx.gluon.nn

    def forward(layer, shape):
        layer.initialize()
        return layer(mx.nd.ones(shape)).asnumpy()

    return [
        lambda: forward(nn.Conv2D(2, 3), (3, 5, 5)),
        lambda: forward(nn.Conv2D(2, 3), (4, 4)),
        lambda: forward(nn.Conv1D(2, 3), (1, 1, 4, 4)),
        lambda: forward(nn.BatchNorm(axis=5), (2, 3)),
        lambda: forward(nn.BatchNorm(), (2,)),
        lambda: forward(nn.LayerNorm(axis=5), (2, 3)),
        lambda: forward(nn.InstanceNorm(), (2,)),
        lambda: forward(nn.Conv2D(2, 7), (1, 1, 5, 5)),
    ]


def forward_of_a_wrong_shape(mx):
    net = mx.gluon.nn.Dense(2, in_units=3)
    net.initialize()
    return [lambda: net(mx.nd.ones((1, 4))).asnumpy()]


def second_forward_of_another_shape(mx):
    net = mx.gluon.nn.Dense(2)
    net.initialize()
    net(mx.nd.ones((1, 3)))
    return [lambda: net(mx.nd.ones((1, 4))).asnumpy(), lambda: net(mx.nd.ones((5, 3))).shape]


def convolution_network(mx):
    nn = mx.gluon.nn
    net = nn.HybridSequential()
    net.add(
        nn.Conv2D(2, 3, activation="relu"),
        nn.MaxPool2D(2),
        nn.Conv2D(3, 2, strides=1, padding=1),
        nn.AvgPool2D(2, 1),
        nn.Flatten(),
        nn.Dense(2),
    )
    net.initialize(mx.init.Xavier())
    x = mx.nd.arange(128).reshape((2, 1, 8, 8)) / 128
    return [net(x), [p.shape for p in net.collect_params().values()]]


def batch_norm_layer(mx):
    net = mx.gluon.nn.BatchNorm(momentum=0.5)
    net.initialize()
    x = mx.nd.array([[1, 2], [3, 5], [6, 9]])
    before = net(x)
    with mx.autograd.record():
        y = net(x)
    y.backward()
    mx.nd.waitall()
    return [
        before,
        y,
        net.running_mean.data(),
        net.running_var.data(),
        net.gamma.grad(),
        net.beta.grad(),
        list(net.collect_params().keys()),
        net.running_mean.grad_req,
    ]


def batch_norm_without_scale(mx):
    net = mx.gluon.nn.BatchNorm(scale=False, center=False)
    net.initialize()
    with mx.autograd.record():
        y = net(mx.nd.array([[1, 2], [3, 5], [6, 9]]))
    return [y, net.gamma.grad_req, net.beta.grad_req]


def dropout_layer(mx):
    net = mx.gluon.nn.Dropout(0.5)
    x = mx.nd.ones((3, 4))
    with mx.autograd.record(train_mode=False):
        predicting = net(x)
    with mx.autograd.record():
        training = net(x)
    return [net(x), predicting, sorted(set(training.asnumpy().ravel().tolist()) | {0.0, 2.0})]


def embedding_layer(mx):
    net = mx.gluon.nn.Embedding(4, 2)
    net.initialize(mx.init.Normal(1))
    with mx.autograd.record():
        y = net(mx.nd.array([[1, 1], [3, 0]]))
    y.backward()
    return [y, net.weight.grad()]


def activations(mx):
    nn = mx.gluon.nn
    x = mx.nd.array([-2, -0.5, 0, 1.5])
    layers = [nn.Activation(a) for a in ("relu", "sigmoid", "tanh", "softrelu", "softsign")]
    layers += [nn.LeakyReLU(0.1), nn.ELU(), nn.SELU(), nn.GELU(), nn.Swish(), nn.PReLU()]
    results = []
    for layer in layers:
        layer.initialize()
        results.append([layer.name, layer(x)])
    return results


def lambdas(mx):
    nn = mx.gluon.nn
    x = mx.nd.array([-2, 1])
    return [
        nn.Lambda("tanh")(x),
        nn.Lambda(lambda x: x * 2)(x),
        nn.HybridLambda("relu")(x),
        nn.HybridLambda(lambda F, x: F.square(x))(x),
    ]


def several_inputs_and_outputs(mx):
    class Two(mx.gluon.Block):
        def forward(self, a, b):
            return a + b, a - b

    out = Two()(mx.nd.ones((2,)), mx.nd.full((2,), 3))
    return [type(out), list(out)]


def forward_hooks(mx):
    net, seen = mx.gluon.nn.Dense(2, in_units=2), []
    net.initialize("ones")
    net.register_forward_pre_hook(lambda block, args: seen.append(["pre", block.name, [a.shape for a in args]]))
    handle = net.register_forward_hook(lambda block, args, out: seen.append(["post", out.shape]))
    net(mx.nd.ones((3, 2)))
    handle.detach()
    net(mx.nd.ones((1, 2)))
    return seen


def apply(mx):
    seen = []
    net = _mlp(mx)
    back = net.apply(lambda block: seen.append(block.name))
    return [seen, back is net]


def cast(mx):
    net = _mlp(mx)
    net.initialize("ones")
    net(mx.nd.ones((1, 2)))
    net.cast("float64")
    return net(mx.nd.ones((1, 2), dtype="float64"))


def grad_req_of_all(mx):
    net = _mlp(mx)
    net.collect_params().setattr("grad_req", "null")
    net.initialize("ones")
    with mx.autograd.record():
        y = net(mx.nd.ones((1, 2)))
    return [y, lambda: y.backward()]


def hybridize_keeps_results(mx):
    net = _mlp(mx)
    net.initialize(mx.init.Constant(0.3))
    x = mx.nd.array([[1, 2, 3]])
    eager = net(x)
    net.hybridize()
    with mx.autograd.record():
        y = net(x)
    y.backward()
    return [eager, y, net[0].weight.grad()]


def block_of_no_forward(mx):
    return [lambda: mx.gluon.Block()(mx.nd.ones((1,)))]


def add_what_is_no_block(mx):
    net = mx.gluon.nn.Sequential()
    return [lambda: net.add(5)]


def tutorial_numbers(mx):
    nn = mx.gluon.nn
    net = nn.HybridSequential()
    net.add(nn.Dense(units=3), nn.Dense(units=1))
    net.initialize()
    loss = mx.gluon.loss.L2Loss()
    x, y = mx.nd.array([[0.5, 0.9]]), mx.nd.array([[1.5]])
    with mx.autograd.record():
        value = loss(net(x), y)
    value.backward()
    return [str(net[0].weight.grad()), str(value), repr(net[1].weight.data())]


def pooling_with_channels_last(mx):
    nn = mx.gluon.nn
    x = mx.nd.arange(60).reshape((1, 5, 4, 3))
    return [
        [str(layer), layer(x)]
        for layer in (
            nn.MaxPool2D(layout="NHWC"),
            nn.AvgPool2D((3, 2), 1, layout="NHWC"),
            nn.GlobalAvgPool2D(layout="NHWC"),
        )
    ] + [
        nn.AvgPool1D(layout="NWC")(x[0]),
        nn.GlobalMaxPool3D(layout="NDHWC")(x.expand_dims(0)),
        lambda: nn.MaxPool2D(layout="NCW"),
        lambda: nn.MaxPool1D(layout="NHWC"),
    ]
