"""Small networks and how they are trained, with `mx` being either MXNet or mxl."""

import numpy as np

SEEDS = [0, 1, 42, 2**31 - 1]

rng = np.random.RandomState(3)
IMAGES = rng.uniform(0, 1, (4, 1, 6, 6)).astype("float32")
VECTORS = rng.uniform(-1, 1, (4, 3)).astype("float32")
WORDS = np.array([[0, 3, 1], [2, 2, 4], [1, 0, 0], [4, 3, 3]], "float32")
CLASSES = np.array([0, 2, 1, 2], "float32")


def tutorial(mx):
    nn = mx.gluon.nn
    net = nn.HybridSequential()
    net.add(nn.Dense(units=3), nn.Dense(units=1))
    net.initialize()
    return net, np.array([[0.5, 0.9]], "float32"), np.array([[1.5]], "float32"), mx.gluon.loss.L2Loss()


def wide(mx):
    """Known shapes: drawn at initialize(), in the order of the parameters, not of the forward."""
    nn = mx.gluon.nn
    net = nn.Sequential()
    net.add(nn.Dense(70, in_units=3, activation="tanh"), nn.Dense(3, in_units=70))
    net.initialize(mx.init.Xavier(rnd_type="uniform", factor_type="in", magnitude=2))
    return net, VECTORS, CLASSES, mx.gluon.loss.SoftmaxCrossEntropyLoss()


def lenet(mx):
    nn = mx.gluon.nn
    net = nn.HybridSequential()
    net.add(
        nn.Conv2D(3, kernel_size=3, padding=1, activation="relu"),
        nn.MaxPool2D(2, 2),
        nn.Conv2D(2, kernel_size=2, use_bias=False),
        nn.Flatten(),
        nn.Dense(4, activation="sigmoid"),
        nn.Dense(3),
    )
    net.initialize(mx.init.Xavier())
    return net, IMAGES, CLASSES, mx.gluon.loss.SoftmaxCrossEntropyLoss()


def normalised(mx):
    nn = mx.gluon.nn
    net = nn.HybridSequential()
    net.add(
        nn.Conv2D(2, 3, strides=2, weight_initializer=mx.init.Normal(0.5)),
        nn.BatchNorm(),
        nn.AvgPool2D(2),
        nn.LeakyReLU(0.1),
        nn.Dense(3, use_bias=False),
        nn.BatchNorm(scale=False),
    )
    net.initialize()
    return net, IMAGES, CLASSES, mx.gluon.loss.SoftmaxCrossEntropyLoss()


def words(mx):
    nn = mx.gluon.nn
    net = nn.HybridSequential()
    net.add(nn.Embedding(5, 4), nn.Dense(2, flatten=False), nn.HybridLambda("tanh"), nn.Dense(3))
    net.initialize(mx.init.Uniform(0.5))
    return net, WORDS, CLASSES, mx.gluon.loss.SoftmaxCrossEntropyLoss()


def mixed(mx):
    """Some shapes known and some not: first the known ones are drawn, then the others in the order of the forward."""
    nn = mx.gluon.nn
    net = nn.HybridSequential()
    net.add(nn.Dense(5), nn.Dense(4, in_units=5), nn.PReLU(), nn.Dense(3, bias_initializer="uniform"))
    net.initialize(mx.init.Normal(1.0))
    return net, VECTORS, CLASSES, mx.gluon.loss.SoftmaxCrossEntropyLoss()


NETWORKS = {f.__name__: f for f in (tutorial, wide, lenet, normalised, words, mixed)}


def train(mx, make, seed):
    """The output and the gradients of the first step, and all parameters after three."""
    mx.random.seed(seed)
    net, x, y, loss = make(mx)
    x, y = mx.nd.array(x), mx.nd.array(y)
    trainer = None
    told = {}
    for step in range(3):
        with mx.autograd.record():
            output = net(x)
            value = loss(output, y)
        value.backward()
        if step == 0:
            told["output"] = output.asnumpy().tolist()
            told["gradients"] = [
                p.grad().asnumpy().ravel()[:40].tolist() if p.grad_req != "null" else None
                for p in net.collect_params().values()
            ]
            trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1, "momentum": 0.9, "wd": 0.01})
        trainer.step(len(x))
    told["loss"] = value.asnumpy().tolist()
    told["parameters"] = [p.data().asnumpy().ravel()[:40].tolist() for p in net.collect_params().values()]
    told["predicted"] = net(x).asnumpy().tolist()
    return told
