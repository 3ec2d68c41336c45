"""What all optimizers share: rates, multipliers, counts, names, the updater; and schedules."""

import numpy as np


def registry(mx):
    o = mx.optimizer
    return [o.create("SGD").lr, o.Optimizer.create_optimizer("adam").lr, type(o.create("ccsgd")).__name__,
            lambda: o.create("none such"), o.Optimizer.opt_registry["sgd"] is o.SGD,
            lambda: o.create("sgd", nonsense=1), lambda: o.SGD(0.9, True, 5)]


def own_optimizer(mx):
    @mx.optimizer.register
    class Halving(mx.optimizer.Optimizer):
        def create_state(self, index, weight):
            return mx.nd.zeros(weight.shape)

        def update(self, index, weight, grad, state):
            self._update_count(index)
            lr = self._get_lr(index)
            wd = self._get_wd(index)
            state += grad
            weight[:] = weight * 0.5 - lr * state - wd

    w = mx.nd.array([1.0, 2.0])
    made = mx.optimizer.create("halving", learning_rate=0.5, wd=0.25)
    updater = mx.optimizer.get_updater(made)
    for _ in range(3):
        updater(0, mx.nd.array([0.5, -0.5]), w)
    return [w, updater.states[0], made.num_update, made._index_update_count]


def rates(mx):
    o = mx.optimizer.SGD(learning_rate=0.3)
    out = [o.learning_rate, o.lr]
    o.set_learning_rate(0.1)
    out += [o.learning_rate, o.lr_scheduler]
    s = mx.optimizer.SGD(lr_scheduler=mx.lr_scheduler.FactorScheduler(2, 0.5, base_lr=0.8))
    out += [s.learning_rate, lambda: s.set_learning_rate(0.1)]
    both = mx.optimizer.SGD(learning_rate=0.2, lr_scheduler=mx.lr_scheduler.FactorScheduler(2, 0.5))
    out += [both.lr_scheduler.base_lr, both.learning_rate]

    def assign():
        o.learning_rate = 5

    return [*out, assign, lambda: mx.optimizer.SGD(param_idx2name=5)]


def multipliers(mx):
    names = {0: "a_weight", 1: "a_bias", 2: "b_gamma", 3: "b_beta"}
    o = mx.optimizer.SGD(learning_rate=1.0, wd=0.1, param_idx2name=names)
    out = [sorted(o.wd_mult.items()), o._get_wds([0, 1, 2, 3, 4])]
    o.set_lr_mult({"a_weight": 0.5, 1: 0.25, "c": 9})
    o.set_wd_mult({"a_bias": 2.0, 0: 3.0})
    out += [o._get_lrs([0, 1, 2, 4]), o._get_wds([0, 1, 2, 3]), o._get_lr(0), o._get_wd(1), sorted(o.idx2name.items())]
    return out


def counts(mx):
    o = mx.optimizer.SGD(begin_num_update=5)
    out = [o.num_update, o.begin_num_update]
    o._update_count(0)
    o._update_count([0, 1])
    out += [o.num_update, o._index_update_count]
    o._set_current_context(1)
    o._update_count(0)
    out += [o.num_update, o._index_update_count]
    return out


def updater(mx):
    u = mx.optimizer.get_updater(mx.optimizer.SGD(learning_rate=0.1, momentum=0.9))
    w, g = mx.nd.ones((2,)), mx.nd.ones((2,))
    u("key", g, w)
    u("key", g, w)
    out = [w, u.states["key"], u.states_synced, u.aggregate_updates, type(u).__name__]
    other = mx.optimizer.get_updater(mx.optimizer.SGD(learning_rate=0.1, momentum=0.9))
    other.set_states(u.get_states())
    w2 = w.copy()
    other("key", g, w2)
    u("key", g, w)
    out += [w, w2]
    third = mx.optimizer.Updater(mx.optimizer.SGD(learning_rate=9.0))
    third.set_states(u.get_states(dump_optimizer=True))
    return [*out, third.optimizer.lr, third.optimizer.momentum]


def states_made(mx):
    w = mx.nd.ones((2, 2))
    names = ("sgd", "nag", "signum", "ftml", "adam", "adagrad", "rmsprop", "adadelta", "ftrl", "adamax", "nadam",
             "test", "lamb", "groupadagrad", "sgld", "dcasgd")
    out = [mx.optimizer.create(name).create_state(0, w) for name in names]
    out.append(mx.optimizer.create("rmsprop", centered=True).create_state(0, w))
    out.append(mx.optimizer.create("sgd", momentum=0.9).create_state(0, w))
    return out


def lists_of_weights(mx):
    out = []
    for name in ("sgd", "adam", "lamb", "nag"):
        u = mx.optimizer.get_updater(mx.optimizer.create(name, learning_rate=0.1, wd=0.01))
        ws = [mx.nd.array([1.0, 2.0]) * (i + 1) for i in range(6)]
        for step in range(3):
            u(list(range(6)), [mx.nd.array([0.5, -1.0]) * (i + step) for i in range(6)], ws)
        out.append(ws)
    return out


def many_settings(mx):
    out = []
    for name in ("sgd", "nag", "adam", "adagrad", "rmsprop", "adadelta", "adamax", "ftrl", "ftml", "signum"):
        w = mx.nd.array([[1.0, -2.0, 0.0], [3.0, 0.5, -0.1]])
        o = mx.optimizer.create(name, learning_rate=0.05, wd=0.1, rescale_grad=0.5, clip_gradient=0.8,
                                lr_scheduler=mx.lr_scheduler.FactorScheduler(3, 0.5))
        u = mx.optimizer.get_updater(o)
        rng = np.random.RandomState(1)
        for _ in range(8):
            u(0, mx.nd.array(rng.normal(size=(2, 3)).astype("f4") * 3), w)
        out.append([name, w, o.learning_rate])
    return out


def begun_later(mx):
    out = []
    for name in ("adam", "ftml", "adamax", "lamb"):
        w = mx.nd.array([1.0, -2.0])
        u = mx.optimizer.get_updater(mx.optimizer.create(name, learning_rate=0.1, begin_num_update=10))
        for _ in range(3):
            u(0, mx.nd.array([0.5, 1.0]), w)
        out.append(w)
    return out


def schedules(mx):
    s = mx.lr_scheduler
    made = [
        s.FactorScheduler(3, 0.5, 0.05, 0.4, 2, 0.1, "linear"), s.FactorScheduler(step=1, factor=0.9),
        s.FactorScheduler(2, 0.5, warmup_steps=3, warmup_mode="constant", warmup_begin_lr=0.002),
        s.MultiFactorScheduler([2, 4], 0.1, 0.5), s.MultiFactorScheduler(step=[3], warmup_steps=2),
        s.PolyScheduler(8, 0.5, 2, 0.1), s.PolyScheduler(max_update=8, pwr=1, warmup_steps=2),
        s.CosineScheduler(8, 0.5, 0.1), s.CosineScheduler(8, 0.5, warmup_steps=3, warmup_begin_lr=0.1),
    ]
    return [[float(one(n)) for n in range(12)] for one in made]


def schedule_attributes(mx):
    s = mx.lr_scheduler
    base = s.LRScheduler(0.2, 4, 0.1, "linear")
    return [base.base_lr, base.warmup_steps, base.warmup_begin_lr, base.warmup_final_lr, base.warmup_mode,
            base.get_warmup_lr(2), s.FactorScheduler(3).factor, s.FactorScheduler(3).stop_factor_lr,
            s.PolyScheduler(9).power, s.PolyScheduler(9).max_update, s.PolyScheduler(9, warmup_steps=2).max_steps,
            s.CosineScheduler(9).final_lr, s.MultiFactorScheduler([1, 2]).step]


def schedule_errors(mx):
    s = mx.lr_scheduler
    return [lambda: s.FactorScheduler(0), lambda: s.FactorScheduler(2, 1.5), lambda: s.MultiFactorScheduler([3, 2]),
            lambda: s.MultiFactorScheduler([0]), lambda: s.MultiFactorScheduler(5), lambda: s.PolyScheduler(0),
            lambda: s.PolyScheduler("a"), lambda: s.CosineScheduler(0), lambda: s.LRScheduler(warmup_steps=-1),
            lambda: s.LRScheduler(0.1, 2, 0.5), lambda: s.LRScheduler(warmup_mode="x"),
            lambda: s.LRScheduler(warmup_steps=1.5),
            lambda: s.LRScheduler()(1), lambda: s.MultiFactorScheduler([]), lambda: s.LRScheduler().get_warmup_lr(3)]
