"""The KVStore's whole face, its compression in one process, and Trainer with each kind of store."""

def faces(mx):
    kv = mx.kv.create("local")
    return [kv.type, kv.rank, kv.num_workers, kv.is_capable("optimizer"), mx.kv.create("device").type,
            lambda: kv.is_capable("x"), mx.kv.KVStoreBase.OPTIMIZER, mx.kv.create().type, lambda: mx.kv.create(5)]


def compression_local(mx):
    kv = mx.kv.create("local")
    return [lambda: kv.set_gradient_compression({"type": "2bit", "threshold": 0.5})]


def compression_settings(mx):
    kv = mx.kv.create("device")
    return [lambda: kv.set_gradient_compression({"type": "2bit"}),
            lambda: kv.set_gradient_compression({"type": "3bit"}),
            lambda: kv.set_gradient_compression({"threshold": 1}), lambda: kv.set_gradient_compression(5),
            lambda: kv.set_gradient_compression({"type": "2bit", "threshold": -1})]


def compression_one_device(mx):
    kv = mx.kv.create("device")
    kv.set_gradient_compression({"type": "2bit", "threshold": 0.5})
    kv.init("a", mx.nd.zeros((6,)))
    out, got = mx.nd.zeros((6,)), []
    for _ in range(4):
        kv.push("a", mx.nd.array([0.2, -0.3, 0.6, -0.9, 0.0, 2.0]))
        kv.pull("a", out=out)
        got.append(out.copy())
    return got


def compression_of_devices(mx):
    kv = mx.kv.create("device")
    kv.set_gradient_compression({"type": "2bit", "threshold": 0.25})
    kv.init(3, mx.nd.ones((2, 2)))
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.5))
    out, got = mx.nd.zeros((2, 2)), []
    for step in range(5):
        kv.push(3, [mx.nd.array([[0.1, 0.3], [-0.2, 0.7]], ctx=mx.cpu(0)) * step,
                    mx.nd.array([[0.2, -0.3], [0.2, 0.05]], ctx=mx.cpu(1))])
        kv.pull(3, out=out)
        got.append(out.copy())
    return got


def trainer_kinds(mx):
    out = []
    for kind, on in ((None, None), (None, False), ("local", None), ("device", False), (mx.kv.create("local"), None),
                     (mx.kv.create("local"), True), (mx.kv.create("device"), False)):
        for _ in (0,):
            net = mx.gluon.nn.Dense(1, in_units=2)
            net.initialize(mx.init.One(), force_reinit=True)
            out.append(lambda net=net, kind=kind, on=on: _step(mx, net, kind, on))
    return out


def _step(mx, net, kind, on):
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1, "momentum": 0.9}, kvstore=kind,
                               update_on_kvstore=on)
    for _ in range(2):
        with mx.autograd.record():
            loss = net(mx.nd.array([[1.0, 2.0], [3.0, 4.0]])).sum()
        loss.backward()
        trainer.step(2)
    return [net.weight.data(), net.bias.data(), trainer.learning_rate]


def trainer_parts(mx):
    net = mx.gluon.nn.Dense(1, in_units=2)
    net.initialize(mx.init.One())
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1}, update_on_kvstore=False)
    with mx.autograd.record():
        loss = net(mx.nd.array([[1.0, 2.0]])).sum()
    loss.backward()
    trainer.allreduce_grads()
    trainer.update(1)
    trainer.set_learning_rate(0.5)
    out = [net.weight.data(), trainer.learning_rate, type(trainer.optimizer).__name__, trainer.optimizer.rescale_grad]
    out += [lambda: trainer.update(1), lambda: trainer.step(1)]
    trainer.update(1, ignore_stale_grad=True)
    return [*out, net.weight.data()]


def trainer_compression(mx):
    out = []
    for kind in ("local", "device"):
        net = mx.gluon.nn.Dense(1, in_units=2)
        net.initialize(mx.init.One())
        trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1}, kvstore=kind,
                                   compression_params={"type": "2bit", "threshold": 0.5})

        def step(net=net, trainer=trainer):
            with mx.autograd.record():
                loss = net(mx.nd.array([[1.0, 2.0]])).sum()
            loss.backward()
            trainer.step(1)
            return net.weight.data()

        out.append(step)
    return out


def trainer_bad(mx):
    net = mx.gluon.nn.Dense(1, in_units=2)
    params = net.collect_params()
    t = mx.gluon.Trainer
    return [lambda: t(params, "none such"), lambda: t(5, "sgd"), lambda: t([5], "sgd"),
            lambda: t(params, mx.optimizer.SGD(), {"learning_rate": 1}), lambda: t(params, "sgd", {"x": 1}),
            lambda: t(params, "sgd", kvstore="none such").step(1)]


def trainer_states(mx):
    def made():
        net = mx.gluon.nn.Dense(1, in_units=2, prefix="n_")
        net.initialize(mx.init.One(), force_reinit=True)
        return net, mx.gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.1})

    def step(net, trainer):
        with mx.autograd.record():
            loss = (net(mx.nd.array([[1.0, 2.0]])) ** 2).sum()
        loss.backward()
        trainer.step(1)

    net, trainer = made()
    step(net, trainer)
    trainer.save_states("t.states")
    other_net, other = made()
    step(other_net, other)
    step(other_net, other)
    other_net.weight.set_data(net.weight.data())
    other_net.bias.set_data(net.bias.data())
    other.load_states("t.states")
    step(net, trainer)
    step(other_net, other)
    return [net.weight.data(), other_net.weight.data(), lambda: other.load_states("missing.states")]


def custom_store(mx):
    said = []

    @mx.kv.KVStoreBase.register
    class Mine(mx.kv.KVStoreBase):
        def broadcast(self, key, value, out, priority=0):
            said.append("broadcast")
            for one in out if isinstance(out, list) else [out]:
                one[:] = value[0] if isinstance(value, list) else value

        def pushpull(self, key, value, out=None, priority=0):
            said.append("pushpull")

        @staticmethod
        def is_capable(capability):
            return False

        @property
        def type(self):
            return "mine"

        @property
        def rank(self):
            return 0

        @property
        def num_workers(self):
            return 1

    store = mx.kv.create("mine")
    net = mx.gluon.nn.Dense(1, in_units=2, use_bias=False)
    net.initialize(mx.init.One())
    weights = _step_of(mx, net, store)
    return [weights, said]


def _step_of(mx, net, store):
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1}, kvstore=store)
    with mx.autograd.record():
        loss = net(mx.nd.array([[1.0, 2.0]])).sum()
    loss.backward()
    trainer.step(1)
    return net.weight.data()
