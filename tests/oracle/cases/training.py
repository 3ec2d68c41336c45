"""Whole seeded training loops, their losses step by step; losses, metrics and data on the way."""

import numpy as np


def _data(n=12, features=4, classes=3):
    rng = np.random.RandomState(5)
    x = rng.normal(size=(n, features)).astype("float32")
    return x, rng.randint(0, classes, n).astype("float32")


def _images(n=6):
    rng = np.random.RandomState(6)
    return rng.uniform(size=(n, 1, 8, 8)).astype("float32"), rng.randint(0, 3, n).astype("float32")


def _train(mx, net, x, y, loss=None, steps=8, optimizer="sgd", params=None, init=None, **kwargs):
    mx.random.seed(7)
    net.initialize(init or mx.init.Xavier())
    trainer = mx.gluon.Trainer(net.collect_params(), optimizer, params or {"learning_rate": 0.1}, **kwargs)
    loss = loss or mx.gluon.loss.SoftmaxCrossEntropyLoss()
    x, y = mx.nd.array(x), mx.nd.array(y)
    losses = []
    for _ in range(steps):
        with mx.autograd.record():
            value = loss(net(x), y)
        value.backward()
        trainer.step(x.shape[0])
        losses.append(float(value.mean().asscalar()))
    return [losses, net(x)]


def _mlp(mx, out=3):
    nn = mx.gluon.nn
    net = nn.HybridSequential()
    net.add(nn.Dense(8, activation="relu"), nn.Dense(out))
    return net


def mlp_sgd(mx):
    return _train(mx, _mlp(mx), *_data())


def mlp_momentum_wd(mx):
    return _train(mx, _mlp(mx), *_data(), params={"learning_rate": 0.1, "momentum": 0.9, "wd": 0.01})


def mlp_adam(mx):
    return _train(mx, _mlp(mx), *_data(), optimizer="adam", params={"learning_rate": 0.05})


def mlp_hybridized(mx):
    net = _mlp(mx)
    net.hybridize()
    return _train(mx, net, *_data())


def mlp_uniform_start(mx):
    return _train(mx, _mlp(mx), *_data(), init=mx.init.Uniform(0.5))


def regression_l2(mx):
    x, _ = _data()
    return _train(mx, _mlp(mx, 1), x, x.sum(axis=1), mx.gluon.loss.L2Loss())


def regression_l1_adagrad(mx):
    x, _ = _data()
    return _train(
        mx, _mlp(mx, 1), x, x.sum(axis=1), mx.gluon.loss.L1Loss(), optimizer="adagrad", params={"learning_rate": 0.1}
    )


def regression_huber(mx):
    x, _ = _data()
    return _train(mx, _mlp(mx, 1), x, x.sum(axis=1), mx.gluon.loss.HuberLoss())


def binary_logistic(mx):
    x, y = _data(classes=2)
    return _train(mx, _mlp(mx, 1), x, y, mx.gluon.loss.SigmoidBinaryCrossEntropyLoss())


def convolution(mx):
    nn = mx.gluon.nn
    net = nn.HybridSequential()
    net.add(
        nn.Conv2D(4, 3, activation="relu"),
        nn.MaxPool2D(2),
        nn.Conv2D(4, 2),
        nn.Activation("tanh"),
        nn.Flatten(),
        nn.Dense(3),
    )
    return _train(mx, net, *_images(), steps=6)


def convolution_strided_avg(mx):
    nn = mx.gluon.nn
    net = nn.HybridSequential()
    net.add(
        nn.Conv2D(4, 3, strides=2, padding=1, use_bias=False),
        nn.Activation("relu"),
        nn.AvgPool2D(2, 2, 1),
        nn.GlobalAvgPool2D(),
        nn.Dense(3),
    )
    return _train(mx, net, *_images(), steps=6, optimizer="adam", params={"learning_rate": 0.01})


def batch_norm(mx):
    nn = mx.gluon.nn
    net = nn.HybridSequential()
    net.add(
        nn.Conv2D(4, 3, use_bias=False), nn.BatchNorm(), nn.Activation("relu"), nn.Dense(6), nn.BatchNorm(), nn.Dense(3)
    )
    result = _train(mx, net, *_images(), steps=5)
    return [result, net[1].running_mean.data(), net[4].running_var.data()]


def layer_norm(mx):
    nn = mx.gluon.nn
    net = nn.HybridSequential()
    net.add(nn.Dense(6), nn.LayerNorm(), nn.Dense(3))
    return _train(mx, net, *_data(), steps=5)


def dropout_switched_off(mx):
    nn = mx.gluon.nn
    net = nn.HybridSequential()
    net.add(nn.Dense(6), nn.Dropout(0), nn.Dense(3))
    return _train(mx, net, *_data(), steps=5)


def embedding(mx):
    nn = mx.gluon.nn
    net = nn.HybridSequential()
    net.add(nn.Embedding(10, 4), nn.Flatten(), nn.Dense(3))
    tokens = np.random.RandomState(1).randint(0, 10, (12, 5))
    return _train(mx, net, tokens, _data()[1], steps=5)


def prelu_and_elu(mx):
    nn = mx.gluon.nn
    net = nn.HybridSequential()
    net.add(nn.Dense(6), nn.PReLU(), nn.Dense(6), nn.ELU(), nn.Dense(3))
    return _train(mx, net, *_data(), steps=5)


def schedule(mx):
    params = {"learning_rate": 0.5, "lr_scheduler": mx.lr_scheduler.CosineScheduler(8, 0.5, 0.01)}
    return _train(mx, _mlp(mx), *_data(), params=params)


def autoencoder(mx):
    x, _ = _data()
    nn = mx.gluon.nn
    net = nn.HybridSequential()
    net.add(nn.Dense(2, activation="sigmoid"), nn.Dense(4))
    return _train(mx, net, x, x, mx.gluon.loss.L2Loss(), optimizer="rmsprop", params={"learning_rate": 0.01})


def two_heads(mx):
    """One body, two losses added."""
    nn = mx.gluon.nn
    mx.random.seed(3)
    body, a, b = nn.Dense(5, activation="tanh"), nn.Dense(3), nn.Dense(1)
    params = mx.gluon.ParameterDict()
    for block in (body, a, b):
        block.initialize(mx.init.Xavier())
        params.update(block.collect_params())
    trainer = mx.gluon.Trainer(params, "sgd", {"learning_rate": 0.1})
    x, y = _data()
    x, y, t = mx.nd.array(x), mx.nd.array(y), mx.nd.array(x.sum(axis=1))
    losses = []
    for _ in range(5):
        with mx.autograd.record():
            h = body(x)
            one = mx.gluon.loss.SoftmaxCrossEntropyLoss()(a(h), y)
            two = mx.gluon.loss.L2Loss()(b(h), t)
            total = one + 0.5 * two
        total.backward()
        trainer.step(12)
        losses.append([one.mean(), two.mean()])
    return losses


def two_heads_by_backward_of_a_list(mx):
    nn = mx.gluon.nn
    mx.random.seed(3)
    net = nn.Dense(2, in_units=4)
    net.initialize()
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
    x = mx.nd.array(_data()[0])
    for _ in range(3):
        with mx.autograd.record():
            out = net(x)
            losses = [(out[:, 0] ** 2), mx.nd.abs(out[:, 1] - 1)]
        mx.autograd.backward(losses)
        trainer.step(12)
    return [losses, net.weight.data()]


def with_data_loader_shuffled(mx):
    x, y = _data(10)
    loader = mx.gluon.data.DataLoader(mx.gluon.data.ArrayDataset(x, y), batch_size=4, shuffle=True)
    np.random.seed(11)
    return [[[d, label] for d, label in loader] for _ in range(2)]


def with_metric(mx):
    x, y = _data()
    net = _mlp(mx)
    net.initialize(mx.init.Xavier())
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.3})
    loader = mx.gluon.data.DataLoader(mx.gluon.data.ArrayDataset(x, y), batch_size=5)
    accuracy, mean = mx.metric.Accuracy(), mx.metric.Loss()
    seen = []
    for _ in range(3):
        accuracy.reset()
        mean.reset()
        for data, label in loader:
            with mx.autograd.record():
                out = net(data)
                loss = mx.gluon.loss.SoftmaxCrossEntropyLoss()(out, label)
            loss.backward()
            trainer.step(data.shape[0])
            accuracy.update(label, out)
            mean.update(0, loss)
        seen.append([accuracy.get(), mean.get()])
    return seen


def two_contexts_equal_one(mx):
    x, y = _data()
    results = []
    for contexts in ([mx.cpu(0)], [mx.cpu(0), mx.cpu(1)]):
        mx.random.seed(2)
        net = _mlp(mx)
        net.initialize(mx.init.Xavier(), ctx=contexts)
        trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1, "momentum": 0.9})
        losses = []
        for _ in range(4):
            xs = mx.gluon.utils.split_and_load(x, contexts)
            ys = mx.gluon.utils.split_and_load(y, contexts)
            with mx.autograd.record():
                parts = [mx.gluon.loss.SoftmaxCrossEntropyLoss()(net(a), b) for a, b in zip(xs, ys, strict=True)]
            for part in parts:
                part.backward()
            trainer.step(12)
            losses.append(float(np.concatenate([p.asnumpy() for p in parts]).mean()))
        results.append(losses)
    return results


def generator_and_critic(mx):
    """Two trainers, each frozen out of the other's loss by detach."""
    nn = mx.gluon.nn
    mx.random.seed(9)
    g, d = nn.Dense(2, in_units=2), nn.Dense(1, in_units=2)
    for net in (g, d):
        net.initialize(mx.init.Normal(0.5))
    tg = mx.gluon.Trainer(g.collect_params(), "adam", {"learning_rate": 0.05})
    td = mx.gluon.Trainer(d.collect_params(), "adam", {"learning_rate": 0.05})
    loss = mx.gluon.loss.SigmoidBCELoss()
    real, noise = mx.nd.array([[1, 2], [2, 1]]), mx.nd.array([[0.3, -0.3], [-1, 1]])
    seen = []
    for _ in range(5):
        with mx.autograd.record():
            fake = g(noise)
            ld = loss(d(real), mx.nd.ones((2,))) + loss(d(fake.detach()), mx.nd.zeros((2,)))
        ld.backward()
        td.step(2)
        with mx.autograd.record():
            lg = loss(d(g(noise)), mx.nd.ones((2,)))
        lg.backward()
        tg.step(2)
        seen.append([ld, lg])
    return seen
