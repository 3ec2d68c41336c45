"""Trainer: learning rates and schedules, states, what is refused, values set by hand."""


def _dense(mx, contexts=(0,)):
    net = mx.gluon.nn.Dense(2, in_units=3)
    net.initialize(mx.init.Constant(0.5), ctx=[mx.cpu(i) for i in contexts])
    return net


def _backward(mx, net, contexts=(0,)):
    for i in contexts:
        with mx.autograd.record():
            loss = (net(mx.nd.array([[1, 2, 3], [-1, 0.5, 2]], ctx=mx.cpu(i))) ** 2).sum()
        loss.backward()


def _trainer(mx, net, optimizer="sgd", **kwargs):
    return mx.gluon.Trainer(
        net.collect_params(), optimizer, {"learning_rate": 0.01, **kwargs.pop("params", {})}, **kwargs
    )


def learning_rate(mx):
    net = _dense(mx)
    trainer = _trainer(mx, net)
    seen = [trainer.learning_rate]
    trainer.set_learning_rate(0.5)
    seen.append(trainer.learning_rate)
    _backward(mx, net)
    trainer.step(2)
    return [seen, net.weight.data()]


def learning_rate_on_kvstore(mx):
    results = []
    for on in (True, False):
        net = _dense(mx, (0, 1))
        trainer = _trainer(mx, net, update_on_kvstore=on)
        for lr in (0.1, 0.02, 0.001):
            _backward(mx, net, (0, 1))
            trainer.set_learning_rate(lr)
            trainer.step(2)
        results.append([trainer.learning_rate, net.weight.list_data()])
    return results


def learning_rate_is_read_only(mx):
    trainer = _trainer(mx, _dense(mx))

    def assign():
        trainer.learning_rate = 3

    return [lambda: assign()]


def learning_rate_of_the_optimizer(mx):
    trainer = _trainer(mx, _dense(mx))
    trainer.optimizer.set_learning_rate(0.3)
    return [trainer.learning_rate, trainer.optimizer.learning_rate, trainer.optimizer.lr]


def optimizer_of_the_trainer(mx):
    trainer = _trainer(mx, _dense(mx), params={"momentum": 0.5, "wd": 0.1})
    return [
        type(trainer.optimizer).__name__,
        trainer.optimizer.momentum,
        trainer.optimizer.wd,
        trainer.optimizer.rescale_grad,
    ]


def schedule(mx):
    net = _dense(mx)
    trainer = _trainer(mx, net, params={"lr_scheduler": mx.lr_scheduler.FactorScheduler(2, 0.5)})
    seen = []
    for _ in range(6):
        _backward(mx, net)
        trainer.step(2)
        seen.append(trainer.learning_rate)
    return [seen, net.weight.data()]


def schedule_base_lr_is_the_learning_rate(mx):
    scheduler = mx.lr_scheduler.FactorScheduler(2, 0.5, base_lr=3.0)
    trainer = _trainer(mx, _dense(mx), params={"lr_scheduler": scheduler})
    return [trainer.learning_rate, scheduler.base_lr]


def schedules(mx):
    schedulers = {
        "multi": lambda: mx.lr_scheduler.MultiFactorScheduler([2, 4], 0.1),
        "poly": lambda: mx.lr_scheduler.PolyScheduler(6),
        "cosine": lambda: mx.lr_scheduler.CosineScheduler(6, final_lr=0.001),
        "warmup": lambda: mx.lr_scheduler.FactorScheduler(3, 0.5, warmup_steps=3, warmup_begin_lr=0.001),
    }
    results = {}
    for name, make in schedulers.items():
        net, seen = _dense(mx), []
        trainer = _trainer(mx, net, params={"lr_scheduler": make()})
        for _ in range(7):
            _backward(mx, net)
            trainer.step(2)
            seen.append(trainer.learning_rate)
        results[name] = [seen, net.weight.data()]
    return results


def schedule_on_two_contexts(mx):
    """Each context counts its own updates."""
    results = []
    for on in (True, False):
        net = _dense(mx, (0, 1))
        trainer = _trainer(
            mx, net, update_on_kvstore=on, params={"lr_scheduler": mx.lr_scheduler.FactorScheduler(2, 0.5)}
        )
        for _ in range(5):
            _backward(mx, net, (0, 1))
            trainer.step(2)
        results.append([trainer.learning_rate, net.weight.list_data(), trainer.optimizer.num_update])
    return results


def set_learning_rate_against_a_schedule(mx):
    trainer = _trainer(mx, _dense(mx), params={"lr_scheduler": mx.lr_scheduler.FactorScheduler(2, 0.5)})
    return [lambda: trainer.set_learning_rate(1)]


def a_function_as_schedule(mx):
    net = _dense(mx)
    trainer = mx.gluon.Trainer(net.collect_params(), mx.optimizer.SGD(learning_rate=0.1))
    for step in range(3):
        trainer.set_learning_rate(0.1 / (step + 1))
        _backward(mx, net)
        trainer.step(2)
    return net.weight.data()


def states(mx):
    results = []
    for contexts, kwargs in (((0,), {}), ((0, 1), {"update_on_kvstore": True}), ((0, 1), {"update_on_kvstore": False})):
        net = _dense(mx, contexts)
        trainer = _trainer(mx, net, params={"momentum": 0.9}, **kwargs)
        for _ in range(2):
            _backward(mx, net, contexts)
            trainer.step(2)
        trainer.save_states("states")
        saved = [p.data(mx.cpu(0)).copy() for p in (net.weight, net.bias)]
        _backward(mx, net, contexts)
        trainer.step(2)
        after = net.weight.list_data()[0].copy()

        again = _dense(mx, contexts)
        again.weight.set_data(saved[0])
        again.bias.set_data(saved[1])
        other = _trainer(mx, again, params={"momentum": 0.9}, **kwargs)
        other.load_states("states")
        _backward(mx, again, contexts)
        other.step(2)
        results.append([after, again.weight.list_data()])
    return results


def states_bring_the_optimizer(mx):
    net = _dense(mx)
    trainer = _trainer(mx, net, "adam")
    _backward(mx, net)
    trainer.step(2)
    trainer.set_learning_rate(0.25)
    trainer.save_states("states")
    other = _trainer(mx, net, "adam")
    other.load_states("states")
    return [other.learning_rate, other.optimizer.num_update]


def states_before_the_first_step(mx):
    net = _dense(mx)
    trainer = _trainer(mx, net, params={"momentum": 0.9})
    trainer.save_states("states")
    trainer.load_states("states")
    _backward(mx, net)
    trainer.step(2)
    return net.weight.data()


def states_of_no_file(mx):
    trainer = _trainer(mx, _dense(mx))
    return [lambda: [trainer.load_states("nowhere"), 0][1]]


def unknown_optimizer(mx):
    net = _dense(mx)
    return [lambda: mx.gluon.Trainer(net.collect_params(), "no_such_optimizer")]


def unknown_initializer(mx):
    return [
        lambda: mx.init.create("nothing"),
        lambda: mx.gluon.Parameter("w", shape=(2,)).initialize("nothing"),
        lambda: mx.gluon.nn.Dense(2, in_units=2, weight_initializer="nothing").initialize(),
    ]


def unknown_optimizer_argument(mx):
    net = _dense(mx)
    return [lambda: mx.gluon.Trainer(net.collect_params(), "sgd", {"no_such": 1})]


def parameters_that_are_none(mx):
    return [
        lambda: mx.gluon.Trainer([1, 2], "sgd"),
        lambda: mx.gluon.Trainer("params", "sgd"),
        lambda: mx.gluon.Trainer(mx.nd.ones((2,)), "sgd"),
        lambda: mx.gluon.Trainer([mx.nd.ones((2,))], "sgd"),
    ]


def no_parameters(mx):
    return [lambda: mx.gluon.Trainer({}, "sgd").learning_rate]


def parameters_on_unlike_contexts(mx):
    a, b = _dense(mx, (0,)), _dense(mx, (1,))
    params = a.collect_params()
    params.update(b.collect_params())
    return [lambda: mx.gluon.Trainer(params, "sgd").learning_rate]


def unknown_kvstore(mx):
    net = _dense(mx)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", kvstore=5)
    _backward(mx, net)
    return [lambda: trainer.step(1)]


def set_data_between_steps(mx):
    net = _dense(mx)
    trainer = _trainer(mx, net)
    for _ in range(2):
        _backward(mx, net)
        trainer.step(2)
        net.weight.set_data(mx.nd.ones((2, 3)))
    _backward(mx, net)
    trainer.step(2)
    return net.weight.data()


def set_data_between_steps_on_kvstore(mx):
    net = _dense(mx, (0, 1))
    trainer = _trainer(mx, net, update_on_kvstore=True)
    _backward(mx, net, (0, 1))
    trainer.step(2)
    net.weight.set_data(mx.nd.ones((2, 3)))
    _backward(mx, net, (0, 1))
    trainer.step(2)
    return net.weight.list_data()


def writing_into_data_between_steps(mx):
    net = _dense(mx)
    trainer = _trainer(mx, net)
    _backward(mx, net)
    trainer.step(2)
    net.weight.data()[:] = 2
    _backward(mx, net)
    trainer.step(2)
    return net.weight.data()


def initialize_again_between_steps(mx):
    net = _dense(mx)
    trainer = _trainer(mx, net, params={"momentum": 0.9})
    _backward(mx, net)
    trainer.step(2)
    net.initialize(mx.init.Constant(0.25), force_reinit=True)
    _backward(mx, net)
    trainer.step(2)
    return net.weight.data()


def zero_grad(mx):
    net = _dense(mx)
    _backward(mx, net)
    net.collect_params().zero_grad()
    return [net.weight.grad(), net.bias.grad()]


def split_and_load_training(mx):
    contexts = [mx.cpu(0), mx.cpu(1)]
    net = mx.gluon.nn.Dense(1, in_units=3)
    net.initialize(mx.init.Constant(0.1), ctx=contexts)
    trainer = _trainer(mx, net)
    loss = mx.gluon.loss.L2Loss()
    x = mx.nd.arange(12).reshape((4, 3)) / 10
    y = mx.nd.array([1, 2, 3, 4])
    for _ in range(3):
        parts = zip(mx.gluon.utils.split_and_load(x, contexts), mx.gluon.utils.split_and_load(y, contexts), strict=True)
        with mx.autograd.record():
            losses = [loss(net(a), b) for a, b in parts]
        for part in losses:
            part.backward()
        trainer.step(4)
    return [losses, net.weight.list_data()]


def split_data(mx):
    x = mx.nd.arange(10).reshape((5, 2))
    split = mx.gluon.utils.split_data
    return [
        lambda: split(x, 5),
        lambda: split(x, 2, even_split=False),
        lambda: split(x, 2),
        lambda: split(x, 2, batch_axis=1),
        lambda: split(x, 7, even_split=False),
    ]


def clip_global_norm(mx):
    arrays = [mx.nd.array([3, 4]), mx.nd.array([[12]])]
    norm = mx.gluon.utils.clip_global_norm(arrays, 6.5)
    small = [mx.nd.array([0.3])]
    return [
        norm,
        arrays,
        mx.gluon.utils.clip_global_norm(small, 1.0),
        small,
        mx.gluon.utils.clip_global_norm([mx.nd.array([3, 4])], 1.0, check_isfinite=False),
    ]
