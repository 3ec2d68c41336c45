"""Trainer: what a step does, with every way to make one."""


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


SGD = {"learning_rate": 0.01}


def _steps(mx, optimizer="sgd", params=SGD, steps=3, batch=2, contexts=(0,), **kwargs):
    net = _dense(mx, ctx=[mx.cpu(i) for i in contexts])
    trainer = mx.gluon.Trainer(net.collect_params(), optimizer, params, **kwargs)
    for _ in range(steps):
        _forward(mx, net, contexts)
        trainer.step(batch)
    return [[net.weight.data(mx.cpu(i)), net.bias.data(mx.cpu(i))] for i in contexts]


def default_kvstore(mx):
    return _steps(mx)


def kvstore_none(mx):
    return _steps(mx, kvstore=None)


def kvstore_names(mx):
    return [_steps(mx, kvstore=name) for name in ("local", "device")]


def kvstore_object(mx):
    return [_steps(mx, kvstore=mx.kv.create("local")), _steps(mx, kvstore=mx.kv.create("device"))]


def kvstore_object_not_updating(mx):
    return _steps(mx, kvstore=mx.kv.create("local"), update_on_kvstore=False)


def kvstore_teststore(mx):
    return _steps(mx, kvstore=mx.kv.create("teststore"), contexts=(0, 1))


def several_contexts(mx):
    return [
        _steps(mx, contexts=(0, 1), kvstore=kind, update_on_kvstore=on)
        for kind in ("local", "device")
        for on in (True, False)
    ]


def three_contexts_momentum(mx):
    return _steps(mx, params={"learning_rate": 0.01, "momentum": 0.9, "wd": 0.01}, contexts=(0, 1, 2))


def several_contexts_without_kvstore(mx):
    """Nothing is exchanged: each context goes its own way."""
    return _steps(mx, contexts=(0, 1), kvstore=None)


def momentum(mx):
    return _steps(mx, params={"learning_rate": 0.01, "momentum": 0.9})


def weight_decay(mx):
    return _steps(mx, params={"learning_rate": 0.01, "wd": 0.1})


def clip_gradient(mx):
    return _steps(mx, params={"learning_rate": 0.01, "clip_gradient": 0.3})


def rescale_grad(mx):
    return _steps(mx, params={"learning_rate": 0.01, "rescale_grad": 0.25})


def adam(mx):
    return _steps(mx, "adam", {"learning_rate": 0.01})


def adam_of_two_contexts(mx):
    return [_steps(mx, "adam", {"learning_rate": 0.01}, contexts=(0, 1), update_on_kvstore=on) for on in (True, False)]


def other_optimizers(mx):
    return {
        name: _steps(mx, name, params)
        for name, params in (
            ("nag", {"learning_rate": 0.01, "momentum": 0.9}),
            ("rmsprop", {"learning_rate": 0.01}),
            ("adagrad", {"learning_rate": 0.01}),
            ("adadelta", {"rho": 0.9}),
            ("ftrl", {"learning_rate": 0.1}),
            ("adamax", {"learning_rate": 0.01}),
            ("signum", {"learning_rate": 0.01}),
        )
    }


def nadam(mx):
    return _steps(mx, "nadam")


def optimizer_object(mx):
    return _steps(mx, mx.optimizer.SGD(learning_rate=0.01, momentum=0.9), None)


def optimizer_object_with_params(mx):
    net = _dense(mx)
    optimizer = mx.optimizer.SGD(learning_rate=0.01)
    return [
        lambda: mx.gluon.Trainer(net.collect_params(), optimizer, {"learning_rate": 0.1}),
        lambda: mx.gluon.Trainer(net.collect_params(), optimizer, {}).learning_rate,
    ]


def default_learning_rate(mx):
    return mx.gluon.Trainer(_dense(mx).collect_params(), "sgd").learning_rate


def batch_size_divides(mx):
    return [_steps(mx, steps=1, batch=b) for b in (1, 2, 10, 0.5)]


def batch_size_changes(mx):
    net = _dense(mx)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01})
    for batch in (2, 4, 1):
        _forward(mx, net)
        trainer.step(batch)
    return net.weight.data()


def batch_size_changes_on_kvstore(mx):
    net = _dense(mx, ctx=[mx.cpu(0), mx.cpu(1)])
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01}, update_on_kvstore=True)
    for batch in (2, 4, 1):
        _forward(mx, net, (0, 1))
        trainer.step(batch)
    return net.weight.data(mx.cpu(0))


def step_returns_nothing(mx):
    net = _dense(mx)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01})
    _forward(mx, net)
    return trainer.step(2)


def step_leaves_gradients(mx):
    net = _dense(mx)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01, "clip_gradient": 0.1, "wd": 0.5})
    _forward(mx, net)
    before = net.weight.grad().copy()
    trainer.step(2)
    return [before, net.weight.grad()]


def allreduce_then_update(mx):
    net = _dense(mx, ctx=[mx.cpu(0), mx.cpu(1)])
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01}, update_on_kvstore=False)
    _forward(mx, net, (0, 1))
    trainer.allreduce_grads()
    grads = [g.copy() for g in net.weight.list_grad()]
    trainer.update(4)
    return [grads, net.weight.list_data()]


def clipping_between_allreduce_and_update(mx):
    net = _dense(mx, ctx=[mx.cpu(0), mx.cpu(1)])
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1}, update_on_kvstore=False)
    norms = []
    for _ in range(3):
        _forward(mx, net, (0, 1))
        trainer.allreduce_grads()
        for ctx in (mx.cpu(0), mx.cpu(1)):
            grads = [p.grad(ctx) for p in net.collect_params().values()]
            norms += [mx.gluon.utils.clip_global_norm(grads, 1.0)]
        trainer.update(1)
    return [norms, net.weight.list_data()]


def allreduce_of_one_context(mx):
    net = _dense(mx)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01}, update_on_kvstore=False)
    _forward(mx, net)
    trainer.allreduce_grads()
    trainer.update(2)
    return [net.weight.grad(), net.weight.data()]


def allreduce_where_the_store_updates(mx):
    net = _dense(mx, ctx=[mx.cpu(0), mx.cpu(1)])
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01})
    _forward(mx, net, (0, 1))
    return [lambda: trainer.allreduce_grads(), lambda: trainer.update(2)]


def update_without_store(mx):
    net = _dense(mx)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01})
    _forward(mx, net)
    trainer.update(2)
    return net.weight.data()


def update_on_kvstore_without_store(mx):
    net = _dense(mx)
    _forward(mx, net)
    return [lambda: mx.gluon.Trainer(net.collect_params(), "sgd", kvstore=None, update_on_kvstore=True).step(1)]


def gradient_accumulation(mx):
    net = _dense(mx)
    net.collect_params().setattr("grad_req", "add")
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01})
    for _ in range(2):
        for _ in range(3):
            _forward(mx, net)
        trainer.step(6)
        net.collect_params().zero_grad()
    return [net.weight.data(), net.weight.grad()]
