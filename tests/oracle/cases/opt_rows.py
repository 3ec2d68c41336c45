"""Optimizers on row_sparse gradients of dense weights: which rows change, and how far."""

ROWS = ([[0.5, -2.0], [3.0, 4.0]], [0, 2])


def _steps(mx, name, steps=3, key=0, **settings):
    """The weight after some steps; the rows of the gradient move on."""
    optimizer = mx.optimizer.create(name, **settings)
    weight = mx.nd.array([[1.0, 2.0], [3.0, -4.0], [5.0, 6.0], [-7.0, 8.0]])
    state = optimizer.create_state(key, weight)
    for step in range(steps):
        data, rows = ROWS
        grad = mx.nd.sparse.row_sparse_array((data, [rows[0] + step % 2, rows[1] + step % 2]), shape=(4, 2))
        optimizer.update(key, weight, grad, state)
    return weight


def lars(mx):
    return [_steps(mx, "lars", learning_rate=0.5, wd=0.1, eta=0.1, **more) for more in (
        {}, {"momentum": 0.9}, {"lazy_update": False}, {"momentum": 0.9, "lazy_update": False},
        {"momentum": 0.9, "rescale_grad": 0.5, "clip_gradient": 0.7})]


def lars_of_a_bias(mx):
    return _steps(mx, "lars", key="a_bias", learning_rate=0.5, wd=0.1, momentum=0.9)


def nag(mx):
    return [_steps(mx, "nag", learning_rate=0.1, wd=0.1)]


def nag_with_momentum(mx):
    return [_steps(mx, "nag", learning_rate=0.1, wd=0.1, momentum=0.9)]


def lbsgd(mx):
    return [_steps(mx, "lbsgd", learning_rate=0.1, wd=0.1, **more) for more in ({}, {"momentum": 0.9})]


def dense_steps(mx):
    return [_steps(mx, name, wd=0.1, learning_rate=0.1) for name in (
        "adadelta", "adamax", "nadam", "ftml", "dcasgd", "lamb", "rmsprop", "signum")]


def lazy_steps(mx):
    return [_steps(mx, name, learning_rate=0.1) for name in ("adagrad", "adam", "sgd")]
