"""Trainer: which parameters a step changes: frozen, chosen, stale, shared, deferred; multipliers; dtypes."""

import warnings


def _dense(mx, units=2, in_units=3, ctx=None, **kwargs):
    net = mx.gluon.nn.Dense(units, in_units=in_units, **kwargs)
    net.initialize(mx.init.Constant(0.5), ctx=ctx)
    return net


def _x(mx, ctx=0):
    return mx.nd.array([[1, 2, 3], [-1, 0.5, 2]], ctx=mx.cpu(ctx))


def _forward(mx, net, contexts=(0,)):
    with mx.autograd.record():
        losses = [(net(_x(mx, i)) ** 2).sum() * (i + 1) for i in contexts]
    for loss in losses:
        loss.backward()
    return losses


def frozen_parameter(mx):
    net = _dense(mx)
    net.bias.grad_req = "null"
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01})
    for _ in range(2):
        _forward(mx, net)
        trainer.step(2)
    return [net.weight.data(), net.bias.data(), lambda: net.bias.grad()]


def frozen_by_pattern(mx):
    net = mx.gluon.nn.Sequential(prefix="model_")
    with net.name_scope():
        net.add(mx.gluon.nn.Dense(2, in_units=3, prefix="a_"), mx.gluon.nn.Dense(1, in_units=2, prefix="b_"))
    net.initialize(mx.init.Constant(0.5))
    net.collect_params("model_a_.*").setattr("grad_req", "null")
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01})
    _forward(mx, net)
    trainer.step(1)
    return {name: p.data() for name, p in net.collect_params().items()}


def only_some_parameters(mx):
    net = _dense(mx)
    trainer = mx.gluon.Trainer(net.collect_params(".*weight"), "sgd", {"learning_rate": 0.01})
    _forward(mx, net)
    trainer.step(1)
    return [net.weight.data(), net.bias.data()]


def list_of_parameters(mx):
    net = _dense(mx)
    trainer = mx.gluon.Trainer([net.weight, net.bias], "sgd", {"learning_rate": 0.01})
    _forward(mx, net)
    trainer.step(1)
    return [net.weight.data(), net.bias.data()]


def dict_of_parameters(mx):
    net = _dense(mx)
    trainer = mx.gluon.Trainer({"w": net.weight, "b": net.bias}, "sgd", {"learning_rate": 0.01})
    _forward(mx, net)
    trainer.step(1)
    return [net.weight.data(), net.bias.data()]


def learning_rate_multiplier(mx):
    net = _dense(mx)
    net.weight.lr_mult = 10.0
    net.bias.lr_mult = 0.0
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.001})
    _forward(mx, net)
    trainer.step(1)
    return [net.weight.data(), net.bias.data()]


def weight_decay_multiplier(mx):
    net = _dense(mx)
    net.weight.wd_mult = 0.0
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1, "wd": 0.5})
    net.bias.set_data(mx.nd.ones((2,)))
    _forward(mx, net)
    net.weight.grad()[:] = 0
    net.bias.grad()[:] = 0
    trainer.step(1)
    return [net.weight.data(), net.bias.data()]


def multiplier_set_by_pattern(mx):
    net = _dense(mx)
    net.collect_params(".*bias").setattr("lr_mult", 5)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.001})
    _forward(mx, net)
    trainer.step(1)
    return [net.weight.data(), net.bias.data()]


def stale_gradient(mx):
    net = _dense(mx)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01})
    _forward(mx, net)
    trainer.step(1)
    return [lambda: trainer.step(1), lambda: trainer.step(1, ignore_stale_grad=True), net.weight.data()]


def stale_before_any_backward(mx):
    net = _dense(mx)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01})
    return [lambda: trainer.step(1), lambda: trainer.step(1, ignore_stale_grad=True), net.weight.data()]


def stale_in_update(mx):
    net = _dense(mx)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01}, update_on_kvstore=False)
    _forward(mx, net)
    trainer.allreduce_grads()
    trainer.update(1)
    return [lambda: trainer.update(1)]


def stale_gradient_of_an_unused_part(mx):
    a, b = _dense(mx), _dense(mx)
    params = a.collect_params()
    params.update(b.collect_params())
    trainer = mx.gluon.Trainer(params, "sgd", {"learning_rate": 0.01})
    _forward(mx, a)
    return [lambda: trainer.step(1, ignore_stale_grad=True), a.weight.data(), b.weight.data()]


def stale_error_then_ignored(mx):
    a, b = _dense(mx), _dense(mx)
    params = a.collect_params()
    params.update(b.collect_params())
    trainer = mx.gluon.Trainer(params, "sgd", {"learning_rate": 0.01})
    _forward(mx, a)
    return [lambda: trainer.step(1), lambda: trainer.step(1, ignore_stale_grad=True), a.weight.data()]


def stale_with_two_contexts(mx):
    net = _dense(mx, ctx=[mx.cpu(0), mx.cpu(1)])
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01}, update_on_kvstore=False)
    _forward(mx, net, (0,))
    return [lambda: trainer.step(1, ignore_stale_grad=True), net.weight.list_data()]


def stale_error_with_two_contexts(mx):
    net = _dense(mx, ctx=[mx.cpu(0), mx.cpu(1)])
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01}, update_on_kvstore=False)
    _forward(mx, net, (0,))
    return [lambda: trainer.step(1), net.weight.list_grad()]


def two_trainers_of_one_network(mx):
    net = _dense(mx)
    a = mx.gluon.Trainer([net.weight], "sgd", {"learning_rate": 0.01})
    b = mx.gluon.Trainer([net.bias], "adam", {"learning_rate": 0.1})
    for _ in range(2):
        _forward(mx, net)
        a.step(1)
        b.step(1)
    return [net.weight.data(), net.bias.data()]


def two_trainers_of_one_parameter(mx):
    net = _dense(mx)
    mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        second = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
    _forward(mx, net)
    second.step(1)
    return net.weight.data()


def shared_block(mx):
    a = mx.gluon.nn.Dense(3, in_units=3, prefix="shared_")
    b = mx.gluon.nn.Dense(3, in_units=3, params=a.collect_params())
    a.initialize(mx.init.Constant(0.5))
    net = mx.gluon.nn.Sequential()
    net.add(a, b)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.001, "momentum": 0.9})
    for _ in range(2):
        _forward(mx, net)
        trainer.step(1)
    return [a.weight is b.weight, list(net.collect_params().keys()), a.weight.data(), b.bias.data()]


def deferred_initialisation(mx):
    net = mx.gluon.nn.Dense(2)
    net.initialize(mx.init.Constant(0.5))
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01})
    for _ in range(2):
        _forward(mx, net)
        trainer.step(2)
    return [net.weight.shape, net.weight.data()]


def deferred_initialisation_on_two_contexts(mx):
    net = mx.gluon.nn.Dense(2)
    net.initialize(mx.init.Constant(0.5), ctx=[mx.cpu(0), mx.cpu(1)])
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01})
    for _ in range(2):
        _forward(mx, net, (0, 1))
        trainer.step(2)
    return net.weight.list_data()


def step_before_deferred_initialisation(mx):
    net = mx.gluon.nn.Dense(2)
    net.initialize()
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01})
    return [lambda: trainer.step(1)]


def trainer_before_initialize(mx):
    net = mx.gluon.nn.Dense(2, in_units=3)
    return [lambda: mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01})]


def float16_parameters(mx):
    results = []
    for multi_precision in (False, True):
        w = mx.gluon.Parameter("w", shape=(3,), dtype="float16", init=mx.init.Constant(0.5))
        w.initialize()
        trainer = mx.gluon.Trainer(
            [w], "sgd", {"learning_rate": 0.01, "momentum": 0.9, "multi_precision": multi_precision}
        )
        for _ in range(4):
            with mx.autograd.record():
                loss = w.data() * mx.nd.array([0.1, 0.2, 3], dtype="float16")
            loss.backward()
            trainer.step(4)
        results.append(w.data())
    return results


def float64_parameters(mx):
    net = _dense(mx)
    net.cast("float64")
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01, "momentum": 0.9})
    for _ in range(3):
        with mx.autograd.record():
            loss = (net(_x(mx).astype("float64")) ** 2).sum()
        loss.backward()
        trainer.step(4)
    return net.weight.data()
