"""Longer flows, as test suites and tutorials of MXNet's users have them: Trainer, autograd, KVStore step by step."""

import copy

import numpy as np


def _zeros_on_two(mx, **kwargs):
    x = mx.gluon.Parameter("x", shape=(10,), **kwargs)
    x.initialize(ctx=[mx.cpu(0), mx.cpu(1)], init="zeros")
    return x


def _backward(mx, x, factor=1):
    with mx.autograd.record():
        for i, w in enumerate(x.list_data()):
            y = w + 1 if factor == 1 else w * i
            y.backward()


def momentum_and_multiplier(mx):
    x = _zeros_on_two(mx)
    trainer = mx.gluon.Trainer([x], "sgd", {"learning_rate": 1.0, "momentum": 0.5})
    _backward(mx, x)
    trainer.step(1)
    first = x.data(mx.cpu(1)).copy()
    x.lr_mult = 0.5
    _backward(mx, x)
    trainer.step(1)
    return [
        first,
        x.data(mx.cpu(1)),
        trainer._update_on_kvstore,
        trainer._optimizer is trainer.optimizer,
        len(trainer._params),
    ]


def states_are_the_same_after_loading(mx):
    results = []
    for on in (True, False):
        x = _zeros_on_two(mx)
        trainer = mx.gluon.Trainer([x], "sgd", {"learning_rate": 1.0, "momentum": 0.5}, update_on_kvstore=on)
        _backward(mx, x)
        trainer.step(1)
        trainer.save_states("x.states")
        updater = trainer._kvstore._updater if on else trainer._updaters[0]
        before = copy.deepcopy(updater.states)
        trainer.load_states("x.states")
        updater = trainer._kvstore._updater if on else trainer._updaters[0]
        results.append([sorted(before), sorted(updater.states), trainer._optimizer is updater.optimizer])
    return results


def multiplier_counts_after_loading(mx):
    x = _zeros_on_two(mx)
    trainer = mx.gluon.Trainer([x], "sgd", {"learning_rate": 0.1})
    _backward(mx, x)
    trainer.step(1)
    first = trainer._kvstore._updater.optimizer._get_lr(0)
    trainer.save_states("x.states")
    trainer.load_states("x.states")
    x.lr_mult = 2.0
    return [first, trainer._kvstore._updater.optimizer._get_lr(0), trainer._kvstore.type]


def allreduce_makes_gradients_equal(mx):
    x = _zeros_on_two(mx)
    trainer = mx.gluon.Trainer([x], "sgd", {"learning_rate": 1.0, "momentum": 0.5}, update_on_kvstore=False)
    _backward(mx, x, 2)
    before = [g.copy() for g in x.list_grad()]
    trainer.allreduce_grads()
    after = [g.copy() for g in x.list_grad()]
    trainer.update(1)
    return [before, after, x.list_data()]


def schedule_is_followed_exactly(mx):
    """Rates are compared by ==, as suites do."""
    results = []
    for on in (True, False):
        x, lr, equal = _zeros_on_two(mx), 1.0, []
        schedule = mx.lr_scheduler.FactorScheduler(2, factor=0.1, base_lr=lr)
        trainer = mx.gluon.Trainer([x], "sgd", {"learning_rate": lr, "lr_scheduler": schedule}, update_on_kvstore=on)
        for i in range(10):
            _backward(mx, x)
            trainer.step(1)
            if i % 2 == 0:
                equal.append(trainer.learning_rate == lr)
                lr *= 0.1
        results.append(equal)
    return results


def store_that_cannot_update(mx):
    x = _zeros_on_two(mx)
    kv = mx.kv.create("teststore")
    trainer = mx.gluon.Trainer([x], "sgd", {"learning_rate": 1.0, "momentum": 0.5}, kvstore=kv)
    _backward(mx, x)
    trainer.step(1)
    invalid = mx.gluon.Trainer([x], "sgd", kvstore=kv, update_on_kvstore=True)
    return [trainer._update_on_kvstore, x.data(mx.cpu(1)), lambda: invalid._init_kvstore()]


def parameters_are_in_order_of_names(mx):
    nn = mx.gluon.nn
    net = nn.Sequential(prefix="p_")
    with net.name_scope():
        net.add(*[nn.Dense(1, in_units=1) for _ in range(11)])
    net.initialize()
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd")
    return [p.name for p in trainer._params]


def freshness_of_gradients(mx):
    x, y = mx.nd.ones((2, 2)), mx.nd.ones((2, 2))
    dx, dy = mx.nd.zeros_like(x), mx.nd.zeros_like(y)
    mx.autograd.mark_variables([x, y], [dx, dy])
    seen = [bool(x._fresh_grad), bool(y._fresh_grad)]
    with mx.autograd.record():
        z = x + 2 + y
        z.backward()
    seen += [bool(x._fresh_grad), bool(y._fresh_grad)]
    x._fresh_grad = False
    y._fresh_grad = False
    dx[:] = 0
    with mx.autograd.record():
        z = (x + 2).detach() + y
        z.backward()

    def mark():
        mx.nd.ones((1,))._fresh_grad = True

    return [*seen, bool(x._fresh_grad), bool(y._fresh_grad), dx, lambda: mark()]


def outputs_of_slice_channel(mx):
    x = mx.nd.ones((3, 5))
    dx = mx.nd.zeros_like(x)
    mx.autograd.mark_variables([x], [dx])
    with mx.autograd.record():
        a, b, c = mx.nd.SliceChannel(x, axis=0, num_outputs=3, squeeze_axis=True)
        mx.autograd.backward([a, b, c], [None, mx.nd.array([1, 2, 3, 4, 5]), mx.nd.array([5, 4, 3, 2, 1])])
    return dx


def dropout_under_each_mode(mx):
    x = mx.nd.ones((10, 10))
    x.attach_grad()
    seen = []

    def look(train):
        y = mx.nd.Dropout(x, p=0.5)
        seen.append(bool((y.asnumpy() == x.asnumpy()).all()))
        if mx.autograd.is_recording():
            y.backward(train_mode=train)
            seen.append(bool((x.grad.asnumpy() == y.asnumpy()).all()))

    with mx.autograd.record():
        look(True)
        with mx.autograd.predict_mode():
            look(False)
    with mx.autograd.record(train_mode=False):
        look(False)
        with mx.autograd.train_mode():
            look(True)
    look(False)
    with mx.autograd.train_mode():
        look(True)
        with mx.autograd.predict_mode():
            look(False)
    return seen


def function_equals_what_it_stands_for(mx):
    class Both(mx.autograd.Function):
        def forward(self, x, y):
            self.save_for_backward(x, y)
            return x / y, x * y

        def backward(self, dm, dn):
            x, y = self.saved_tensors
            return dm / y + dn * y, dn * x - dm * x / y / y

    x, y = mx.nd.random.uniform(shape=(10,)), mx.nd.random.uniform(shape=(10,))
    x.attach_grad()
    y.attach_grad()
    with mx.autograd.record():
        m, n = Both()(x, y)
        mx.autograd.backward([m, n])
    return [x.grad, y.grad]


def functions_without_variables(mx):
    class Add(mx.autograd.Function):
        def forward(self, x):
            return x + 1

        def backward(self, dy):
            return dy

    with mx.autograd.record():
        x = mx.nd.zeros((3, 4))
        for _ in range(5):
            x = Add()(x)
            x.wait_to_read()
    return x


def exponential_to_the_second_order(mx):
    x = mx.nd.ones((1,))
    x.attach_grad()
    with mx.autograd.record():
        z = mx.nd.elemwise_add(mx.nd.exp(x), x)
        (dx,) = mx.autograd.grad(z, [x], create_graph=True)
        dx.backward()
    return [dx.asscalar(), x.grad.asscalar()]


def aggregation_on_four_devices(mx):
    kv = mx.kv.create("device")
    shape, keys = (4, 4), [5, 7, 11]
    devices = [mx.Context("cpu", i) for i in range(4)]
    kv.init(3, mx.nd.zeros(shape))
    kv.init(keys, [mx.nd.zeros(shape)] * 3)
    values = [mx.nd.ones(shape, d) for d in devices]
    kv.push(3, values)
    kv.pull(3, out=values)
    lists = [[mx.nd.ones(shape, d) * 2.0 for d in devices]] * len(keys)
    kv.push(keys, lists)
    kv.pull(keys, out=lists)
    return [[float(v.sum().asscalar()) for v in values], [[float(v.sum().asscalar()) for v in row] for row in lists]]


def updater_on_four_devices(mx):
    def update(key, received, stored):
        assert isinstance(key, int)
        stored += received * 2

    kv = mx.kv.create("local")
    kv._set_updater(update)
    kv.init(3, mx.nd.zeros((4, 4)))
    values = [mx.nd.ones((4, 4), mx.cpu(i)) for i in range(4)]
    for _ in range(4):
        kv.push(3, values)
    kv.pull(3, out=values)
    return [v[0, 0] for v in values]


def str_keys_and_the_updater(mx):
    kv = mx.kv.create("local")
    kv._set_updater(lambda key, received, stored: stored.__iadd__(received * 2))
    keys = ["b", "c", "d"]
    kv.init(keys, [mx.nd.zeros((2,))] * 3)
    kv.push(keys, [mx.nd.ones((2,))] * 3)
    outs = [mx.nd.empty((2,)) for _ in keys]
    kv.pull(keys, out=outs)
    return outs


def int_keys_after_str_keys(mx):
    a = mx.nd.ones((2,))
    ints, strs = mx.kv.create("local"), mx.kv.create("local")
    ints.init(3, a)
    strs.init("a", a)
    return [
        lambda: ints.push("a", a),
        lambda: ints.pull("a", out=a),
        lambda: strs.push(3, a),
        lambda: strs.pull(3, out=a),
    ]


def int_keys_beside_str_keys(mx):
    kv = mx.kv.create("local")
    kv.init(3, mx.nd.ones((2,)))
    return [lambda: kv.init("a", mx.nd.ones((2,)))]


def losses_by_hand(mx):
    nd, loss = mx.nd, mx.gluon.loss
    output, label, weighting = nd.array([1, 2, 3, 4]), nd.array([1, 3, 5, 7]), nd.array([0.5, 1, 0.5, 1])
    pred, classes, weights = nd.array([[0, 2], [1, 4]]), nd.array([0, 1]), nd.array([[0.5], [1.0]])
    return [
        nd.sum(loss.L1Loss()(output, label)),
        nd.sum(loss.L1Loss(weight=0.5)(output, label)),
        nd.sum(loss.L1Loss()(output, label, weighting)),
        nd.sum(loss.L2Loss()(output, label)),
        nd.sum(loss.L2Loss(weight=0.25)(output, label)),
        nd.sum(loss.L2Loss()(output, label, weighting)),
        loss.SoftmaxCrossEntropyLoss()(pred, classes),
        loss.SoftmaxCrossEntropyLoss()(pred, classes, weights),
    ]


def attributes_of_blocks(mx):
    net = mx.gluon.Block()
    net.a = None
    net.a = 1
    net.b = mx.gluon.Block()
    net.b = mx.gluon.Block()
    net.c = mx.gluon.Parameter("c", shape=(1,))

    def put(name, value):
        setattr(net, name, value)

    return [
        lambda: put("b", (2,)),
        lambda: put("c", (2,)),
        lambda: put("c", mx.gluon.Parameter("d", shape=(1,))),
        len(net._children),
    ]


def regression_from_the_tutorials(mx):
    """A line through noisy points: data loader, square loss, SGD, as the first tutorial has it."""
    true_w, true_b = mx.nd.array([2, -3.4]), 4.2
    mx.random.seed(1)
    np.random.seed(1)
    features = mx.nd.random.normal(scale=1, shape=(100, 2))
    labels = mx.nd.dot(features, true_w) + true_b + mx.nd.random.normal(scale=0.01, shape=(100,))
    dataset = mx.gluon.data.ArrayDataset(features, labels)
    loader = mx.gluon.data.DataLoader(dataset, 10, shuffle=True)
    net = mx.gluon.nn.Sequential()
    net.add(mx.gluon.nn.Dense(1))
    net.initialize(mx.init.Normal(sigma=0.01))
    loss = mx.gluon.loss.L2Loss()
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.03})
    seen = []
    for _ in range(3):
        for x, y in loader:
            with mx.autograd.record():
                value = loss(net(x), y)
            value.backward()
            trainer.step(10)
        seen.append(loss(net(features), labels).mean().asscalar())
    return [seen, net[0].weight.data(), net[0].bias.data()]


def softmax_regression_by_hand(mx):
    rng = np.random.RandomState(0)
    x, y = mx.nd.array(rng.rand(20, 6)), mx.nd.array(rng.randint(0, 3, 20))
    w, b = mx.nd.random.normal(scale=0.01, shape=(6, 3)), mx.nd.zeros(3)
    for p in (w, b):
        p.attach_grad()
    seen = []
    for _ in range(6):
        with mx.autograd.record():
            exps = mx.nd.dot(x, w) + b
            probability = exps.exp() / exps.exp().sum(axis=1, keepdims=True)
            loss = -mx.nd.pick(probability, y).log()
        loss.backward()
        for p in (w, b):
            p[:] = p - 0.5 * p.grad / 20
        seen.append([loss.sum().asscalar(), float((probability.argmax(axis=1) == y).mean().asscalar())])
    return [seen, w]


def recurrence_by_hand(mx):
    w = mx.nd.array([[0.5, -0.3], [0.2, 0.1]])
    w.attach_grad()
    h = mx.nd.zeros((1, 2))
    with mx.autograd.record():
        for t in range(4):
            h = mx.nd.tanh(mx.nd.dot(h, w) + t)
        loss = (h**2).sum()
    loss.backward()
    return [loss, w.grad]


def truncated_recurrence(mx):
    w = mx.nd.array([[0.5, -0.3], [0.2, 0.1]])
    w.attach_grad()
    h, grads = mx.nd.ones((1, 2)), []
    for _ in range(3):
        h = h.detach()
        with mx.autograd.record():
            h = mx.nd.tanh(mx.nd.dot(h, w))
            loss = h.sum()
        loss.backward()
        grads.append(w.grad.copy())
    return grads
