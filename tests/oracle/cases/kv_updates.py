"""KVStore of one process: updaters, optimizers, their states."""

import os


def _full(mx, value, ctx=0, shape=(3,), dtype="float32"):
    return mx.nd.full(shape, value, ctx=mx.cpu(ctx), dtype=dtype)


def _pulled(mx, kv, key, shape=(3,), dtype="float32"):
    out = mx.nd.zeros(shape, dtype=dtype)
    kv.pull(key, out=out)
    return out


def _train(mx, optimizer, steps=5, kind="local", devices=1, shape=(3,)):
    kv = mx.kv.create(kind)
    kv.init("w", mx.nd.array([0.5, -0.25, 2.0]).reshape(shape))
    kv.set_optimizer(optimizer)
    seen = []
    for step in range(steps):
        kv.push("w", [mx.nd.array([0.1 * step + i, -0.2, 0.3 * (i - step)], ctx=mx.cpu(i)) for i in range(devices)])
        seen.append(_pulled(mx, kv, "w"))
    return seen


def updater_adds(mx):
    kv = mx.kv.create("local")
    kv.init("a", _full(mx, 1))

    def update(key, value, stored):
        stored += value * 2

    kv._set_updater(update)
    for _ in range(3):
        kv.push("a", _full(mx, 4))
    return _pulled(mx, kv, "a")


def updater_is_called_at_push_with_the_sum(mx):
    kv = mx.kv.create("device")
    kv.init(3, _full(mx, 1))
    seen = []

    def update(key, value, stored):
        seen.append([key, type(key).__name__, value.copyto(mx.cpu()), stored.copyto(mx.cpu())])
        stored[:] = value

    kv._set_updater(update)
    kv.push(3, [_full(mx, i + 1, i) for i in range(3)])
    return [seen, _pulled(mx, kv, 3)]


def updater_with_several_keys(mx):
    kv = mx.kv.create("local")
    keys = [4, 2, 8]
    kv.init(keys, [_full(mx, k) for k in keys])
    seen = []

    def update(key, value, stored):
        seen.append(key)
        stored += value

    kv._set_updater(update)
    kv.push(keys, [_full(mx, 1), _full(mx, 2), _full(mx, 3)])
    return [sorted(seen), [_pulled(mx, kv, k) for k in keys]]


def updater_with_a_repeated_key_is_called_once(mx):
    kv = mx.kv.create("local")
    kv.init(5, _full(mx, 0))
    calls = []

    def update(key, value, stored):
        calls.append(value.copyto(mx.cpu()))
        stored += value

    kv._set_updater(update)
    kv.push([5, 5], [_full(mx, 1), _full(mx, 2)])
    return [calls, _pulled(mx, kv, 5)]


def updater_replaces_updater(mx):
    kv = mx.kv.create("local")
    kv.init("a", _full(mx, 0))
    kv._set_updater(lambda key, value, stored: stored.__iadd__(value))
    kv.push("a", _full(mx, 1))
    kv._set_updater(lambda key, value, stored: stored.__isub__(value * 10))
    kv.push("a", _full(mx, 1))
    return _pulled(mx, kv, "a")


def updater_of_str_key_sees_its_key(mx):
    kv = mx.kv.create("local")
    kv.init("conv0_weight", _full(mx, 0))
    seen = []
    kv._set_updater(lambda key, value, stored: seen.append(key))
    kv.push("conv0_weight", _full(mx, 1))
    _pulled(mx, kv, "conv0_weight")
    return [key.decode() if isinstance(key, bytes) else key for key in seen]


def updater_sees_int_key_as_int(mx):
    kv = mx.kv.create("local")
    kv.init(11, _full(mx, 0))
    seen = []
    kv._set_updater(lambda key, value, stored: seen.append(key))
    kv.push(11, _full(mx, 1))
    _pulled(mx, kv, 11)
    return seen


def pull_before_any_push_is_the_first_value(mx):
    kv = mx.kv.create("local")
    kv.init("a", _full(mx, 7))
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=1.0))
    return _pulled(mx, kv, "a")


def sgd(mx):
    return _train(mx, mx.optimizer.SGD(learning_rate=0.1))


def sgd_momentum(mx):
    return _train(mx, mx.optimizer.SGD(learning_rate=0.1, momentum=0.9))


def sgd_momentum_wd(mx):
    return _train(mx, mx.optimizer.SGD(learning_rate=0.1, momentum=0.9, wd=0.01))


def sgd_rescale_clip(mx):
    return _train(mx, mx.optimizer.SGD(learning_rate=0.1, rescale_grad=0.5, clip_gradient=0.2))


def sgd_of_devices(mx):
    return _train(mx, mx.optimizer.SGD(learning_rate=0.1, momentum=0.5), kind="device", devices=3)


def sgd_default(mx):
    return _train(mx, mx.optimizer.SGD())


def adam(mx):
    return _train(mx, mx.optimizer.Adam(learning_rate=0.01))


def adam_wd(mx):
    return _train(mx, mx.optimizer.Adam(learning_rate=0.01, wd=0.1, beta1=0.8))


def nag(mx):
    return _train(mx, mx.optimizer.NAG(learning_rate=0.1, momentum=0.9))


def rmsprop(mx):
    return _train(mx, mx.optimizer.RMSProp(learning_rate=0.01))


def adagrad(mx):
    return _train(mx, mx.optimizer.AdaGrad(learning_rate=0.1))


def ftrl(mx):
    return _train(mx, mx.optimizer.Ftrl())


def adadelta(mx):
    return _train(mx, mx.optimizer.AdaDelta())


def signum(mx):
    return _train(mx, mx.optimizer.Signum(learning_rate=0.1))


def created_by_name(mx):
    return _train(mx, mx.optimizer.create("sgd", learning_rate=0.2, momentum=0.1))


def test_optimizer(mx):
    return _train(mx, mx.optimizer.create("test"))


def schedule_counts_updates(mx):
    schedule = mx.lr_scheduler.FactorScheduler(step=2, factor=0.5)
    return _train(mx, mx.optimizer.SGD(learning_rate=1.0, lr_scheduler=schedule), steps=7)


def schedule_counts_the_busiest_key(mx):
    kv = mx.kv.create("local")
    schedule = mx.lr_scheduler.MultiFactorScheduler(step=[2, 4], factor=0.1)
    optimizer = mx.optimizer.SGD(learning_rate=1.0, lr_scheduler=schedule)
    kv.init([1, 2], [_full(mx, 0)] * 2)
    kv.set_optimizer(optimizer)
    seen = []
    for key in (1, 1, 2, 1, 1, 2, 2, 1, 2):
        kv.push(key, _full(mx, 1))
        seen.append(_pulled(mx, kv, key)[0].asscalar())
    return [seen, optimizer.num_update]


def lr_mult_and_wd_mult_by_key(mx):
    optimizer = mx.optimizer.SGD(learning_rate=0.1, wd=0.1)
    optimizer.set_lr_mult({1: 2.0})
    optimizer.set_wd_mult({2: 0.0})
    kv = mx.kv.create("local")
    kv.init([1, 2, 3], [_full(mx, 1)] * 3)
    kv.set_optimizer(optimizer)
    kv.push([1, 2, 3], [_full(mx, 1)] * 3)
    return [_pulled(mx, kv, k) for k in (1, 2, 3)]


def learning_rate_changed_between_pushes(mx):
    kv = mx.kv.create("local")
    kv.init("w", _full(mx, 1))
    optimizer = mx.optimizer.SGD(learning_rate=0.1)
    kv.set_optimizer(optimizer)
    kv.push("w", _full(mx, 1))
    first = _pulled(mx, kv, "w")
    optimizer.set_learning_rate(1.0)
    kv.push("w", _full(mx, 1))
    return [first, _pulled(mx, kv, "w")]


def second_set_optimizer_drops_states(mx):
    kv = mx.kv.create("local")
    kv.init("w", _full(mx, 1))
    for _ in range(2):
        kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.1, momentum=0.9))
        kv.push("w", _full(mx, 1))
        kv.push("w", _full(mx, 1))
    return _pulled(mx, kv, "w")


def optimizer_before_init(mx):
    kv = mx.kv.create("local")
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.5))
    kv.init("w", _full(mx, 1))
    kv.push("w", _full(mx, 1))
    return _pulled(mx, kv, "w")


def optimizer_of_float16(mx):
    kv = mx.kv.create("local")
    kv.init("w", _full(mx, 1, dtype="float16"))
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.1, momentum=0.9))
    for _ in range(3):
        kv.push("w", _full(mx, 0.5, dtype="float16"))
    return _pulled(mx, kv, "w", dtype="float16")


def optimizer_multi_precision(mx):
    kv = mx.kv.create("local")
    kv.init("w", _full(mx, 1, dtype="float16"))
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.001, momentum=0.9, multi_precision=True))
    for _ in range(6):
        kv.push("w", _full(mx, 0.1, dtype="float16"))
    return _pulled(mx, kv, "w", dtype="float16")


def optimizer_of_float64(mx):
    kv = mx.kv.create("local")
    kv.init("w", _full(mx, 1, dtype="float64"))
    kv.set_optimizer(mx.optimizer.Adam(learning_rate=0.1))
    for _ in range(3):
        kv.push("w", _full(mx, 0.5, dtype="float64"))
    return _pulled(mx, kv, "w", dtype="float64")


def optimizer_pushpull_of_list(mx):
    kv = mx.kv.create("device")
    kv.init(["a", "b"], [_full(mx, 1)] * 2)
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.1, momentum=0.9))
    outs = [[_full(mx, 0, i) for i in range(2)] for _ in range(2)]
    for step in range(3):
        kv.pushpull(["a", "b"], [[_full(mx, step + k + i, i) for i in range(2)] for k in range(2)], out=outs)
    return outs


def states_saved_and_loaded(mx):
    def store():
        kv = mx.kv.create("local")
        kv.init("w", _full(mx, 1))
        kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.1, momentum=0.9))
        return kv

    a = store()
    for _ in range(3):
        a.push("w", _full(mx, 1))
    a.save_optimizer_states("momenta")
    b = store()
    b.load_optimizer_states("momenta")
    b.push("w", _full(mx, 1))
    c = store()
    c.push("w", _full(mx, 1))
    return [os.path.exists("momenta"), _pulled(mx, b, "w"), _pulled(mx, c, "w")]


def states_with_the_optimizer(mx):
    kv = mx.kv.create("local")
    kv.init(1, _full(mx, 1))
    kv.set_optimizer(mx.optimizer.Adam(learning_rate=0.5))
    for _ in range(2):
        kv.push(1, _full(mx, 1))
    kv.save_optimizer_states("all", dump_optimizer=True)
    other = mx.kv.create("local")
    other.init(1, _full(mx, 1))
    other.set_optimizer(mx.optimizer.Adam(learning_rate=0.001))
    other.load_optimizer_states("all")
    other.push(1, _full(mx, 1))
    return _pulled(mx, other, 1)


def states_without_optimizer(mx):
    kv = mx.kv.create("local")
    return [lambda: kv.save_optimizer_states("f"), lambda: kv.load_optimizer_states("f")]


def states_before_any_push(mx):
    kv = mx.kv.create("local")
    kv.init("w", _full(mx, 1))
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.1, momentum=0.9))
    kv.save_optimizer_states("f")
    kv.load_optimizer_states("f")
    kv.push("w", _full(mx, 1))
    return _pulled(mx, kv, "w")


def local_training_of_a_regression(mx):
    """Gradients by autograd, weights by the store: the classic loop."""
    x = mx.nd.array([[1, 2], [3, 4], [5, 6], [7, 9]])
    y = mx.nd.array([5, 11, 17, 25]).reshape((4, 1))
    w = mx.nd.zeros((2, 1))
    w.attach_grad()
    kv = mx.kv.create("local")
    kv.init("w", w)
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.01, momentum=0.5, rescale_grad=0.25))
    losses = []
    for _ in range(10):
        with mx.autograd.record():
            loss = ((mx.nd.dot(x, w) - y) ** 2).sum()
        loss.backward()
        losses.append(loss)
        kv.push("w", w.grad)
        kv.pull("w", out=w)
    return [losses, w]


def updater_object_of_an_optimizer(mx):
    updater = mx.optimizer.get_updater(mx.optimizer.SGD(learning_rate=0.1, momentum=0.9))
    weight, grad = _full(mx, 1), _full(mx, 1)
    for _ in range(3):
        updater(0, grad, weight)
    states = updater.get_states()
    other = mx.optimizer.get_updater(mx.optimizer.SGD(learning_rate=0.1, momentum=0.9))
    other.set_states(states)
    again = weight.copy()
    other(0, grad, again)
    updater(0, grad, weight)
    return [weight, again, grad, isinstance(states, bytes)]


def store_with_an_updater_object(mx):
    kv = mx.kv.create("local")
    kv.init(0, _full(mx, 1))
    kv._set_updater(mx.optimizer.get_updater(mx.optimizer.SGD(learning_rate=0.1)))
    kv.push(0, _full(mx, 2))
    return _pulled(mx, kv, 0)
