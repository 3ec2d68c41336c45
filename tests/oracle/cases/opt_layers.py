"""Optimizers that look at a whole row or layer, the noisy one, and what optimizers hold and are called."""

import numpy as np


def _steps(mx, name, shapes=((3, 4), (4,)), n=20, change=None, **kwargs):
    rng = np.random.RandomState(4)
    weights = [mx.nd.array(rng.normal(size=shape).astype("f4")) for shape in shapes]
    optimizer = mx.optimizer.create(name, **kwargs)
    updater = mx.optimizer.get_updater(optimizer)
    kept = []
    for step in range(n):
        grads = [mx.nd.array(rng.normal(size=shape).astype("f4")) for shape in shapes]
        if change and step == 7:
            change(optimizer)
        updater(list(range(len(shapes))), grads, weights)
        if step in (0, 1, 7, 8, n - 1):
            kept.append([w.copy() for w in weights])
    return kept


def lamb(mx):
    return _steps(mx, "lamb", learning_rate=0.1, wd=0.01)


def lamb_bounds(mx):
    return _steps(mx, "lamb", learning_rate=0.1, lower_bound=1.0, upper_bound=2.0, bias_correction=False)


def lamb_single_keys(mx):
    rng = np.random.RandomState(4)
    weight = mx.nd.array(rng.normal(size=(2, 3)).astype("f4"))
    optimizer = mx.optimizer.LAMB(learning_rate=0.1)
    state = optimizer.create_state(0, weight)
    for _ in range(5):
        optimizer.update(0, weight, mx.nd.array(rng.normal(size=(2, 3)).astype("f4")), state)
    return [weight, *state]


def lars(mx):
    return _steps(mx, "lars", learning_rate=0.1, momentum=0.9, wd=0.01, eta=0.1)


def lars_without_momentum(mx):
    return _steps(mx, "lars", learning_rate=0.1, wd=0.01, eta=0.1, clip_gradient=0.4, rescale_grad=0.5)


def lars_rate_changes(mx):
    return _steps(mx, "lars", learning_rate=0.1, momentum=0.9, eta=0.1, change=lambda o: o.set_learning_rate(0.02))


def lars_keeps_momentum_of_changed_rate(mx):
    return _steps(mx, "lars", learning_rate=0.1, momentum=0.9, eta=0.1, momentum_correction=False,
                  change=lambda o: o.set_learning_rate(0.02))


def lars_by_names(mx):
    return _steps(mx, "lars", learning_rate=0.1, wd=0.1, eta=0.1, param_idx2name={0: "fc_weight", 1: "fc_bias"})


def lars_schedule(mx):
    schedule = mx.lr_scheduler.FactorScheduler(step=5, factor=0.5, base_lr=0.4)
    return _steps(mx, "lars", momentum=0.9, eta=0.1, lr_scheduler=schedule)


def group_adagrad(mx):
    return _steps(mx, "groupadagrad", shapes=((3, 4), (2, 5)), learning_rate=0.1)


def group_adagrad_settings(mx):
    return _steps(mx, "groupadagrad", shapes=((3, 4),), learning_rate=0.1, eps=1e-2, clip_gradient=0.5,
                  rescale_grad=0.5)


def group_adagrad_refuses(mx):
    make = mx.optimizer.contrib.GroupAdaGrad
    w, g = mx.nd.ones((2, 3)), mx.nd.ones((2, 3))
    decayed = make(wd=0.1)
    return [lambda: make().create_state(0, mx.nd.ones((3,))), make().create_state(0, w),
            lambda: decayed.update(0, w, g, decayed.create_state(0, w)), make().float_stable_eps]


def dcasgd(mx):
    return _steps(mx, "dcasgd", learning_rate=0.05, lamda=0.5, wd=0.01)


def dcasgd_state(mx):
    return mx.optimizer.DCASGD().create_state(0, mx.nd.array([1.0, 2.0]))


def sgld(mx):
    return _steps(mx, "sgld", shapes=((3, 4),), learning_rate=0.05, wd=0.1)


def sgld_settings(mx):
    return _steps(mx, "sgld", shapes=((2, 2),), learning_rate=0.05, clip_gradient=0.3, rescale_grad=0.5)


def lbsgd(mx):
    return _steps(mx, "lbsgd", learning_rate=0.05, momentum=0.9, batch_scale=3, updates_per_epoch=2, begin_epoch=1)


def lbsgd_lars(mx):
    return _steps(mx, "lbsgd", learning_rate=0.05, warmup_strategy="lars", rescale_grad=0.25, wd=0.01)


def ccsgd(mx):
    return _steps(mx, "ccsgd", learning_rate=0.05, momentum=0.5)


def half_precision_masters(mx):
    out = []
    for name in ("lamb", "lars", "sgd", "lbsgd"):
        weight = mx.nd.array([[1.0, -2.0], [0.5, 3.0]], dtype="float16")
        updater = mx.optimizer.get_updater(mx.optimizer.create(name, learning_rate=0.1, multi_precision=True))
        for step in range(4):
            updater(0, mx.nd.array([[0.5, -1.0], [2.0, step]], dtype="float16"), weight)
        out.append(weight)
    return out


def names_registered(mx):
    return sorted(set(mx.optimizer.Optimizer.opt_registry) - {"halving"})


def defaults(mx):
    out = []
    for name in ("lamb", "lars", "lbsgd", "dcasgd", "sgld", "groupadagrad"):
        made = mx.optimizer.create(name)
        out.append([name, made.lr, made.wd, made.rescale_grad, made.clip_gradient, made.aggregate_num])
    return out
