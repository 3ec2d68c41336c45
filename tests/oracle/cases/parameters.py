"""Parameter and ParameterDict: what training scripts do with them."""

import warnings


def _parameter(mx, name="w", shape=(2, 3), **kwargs):
    return mx.gluon.Parameter(name, shape=shape, **kwargs)


def facts(mx):
    p = _parameter(mx, "fc_weight", lr_mult=2.0, wd_mult=0.5)
    return [p.name, p.shape, p.dtype, p.grad_req, p.lr_mult, p.wd_mult, repr(p), str(p)]


def repr_of_unknown_shape(mx):
    return [repr(_parameter(mx, shape=(0, 3), allow_deferred_init=True)), repr(mx.gluon.Parameter("b"))]


def initialize_by_name(mx):
    results = []
    for init in ("zeros", "ones", mx.init.Constant(3), mx.init.One(), None):
        p = _parameter(mx, "some_weight")
        p.initialize(init)
        results.append(p.data())
    return results


def own_init_wins_over_default(mx):
    p = _parameter(mx, init=mx.init.Constant(7))
    p.initialize(default_init=mx.init.One())
    q = _parameter(mx, init=mx.init.Constant(7))
    q.initialize(init=mx.init.Constant(8))
    return [p.data(), q.data()]


def initialize_on_contexts(mx):
    p = _parameter(mx)
    p.initialize("ones", ctx=[mx.cpu(1), mx.cpu(2)])
    return [p.list_data(), p.list_ctx(), p.data(mx.cpu(2)), lambda: p.data(mx.cpu(0)), lambda: p.data(), p.list_grad()]


def initialize_twice(mx):
    p = _parameter(mx)
    p.initialize("ones")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        p.initialize("zeros")
    first = p.data().copy()
    p.initialize("zeros", force_reinit=True)
    return [[w.category.__name__ for w in caught], first, p.data()]


def before_initialize(mx):
    p = _parameter(mx)
    return [
        lambda: p.data(),
        lambda: p.list_data(),
        lambda: p.grad(),
        lambda: p.list_grad(),
        lambda: p.list_ctx(),
        lambda: p.zero_grad(),
        lambda: p.set_data(mx.nd.ones((2, 3))),
    ]


def unknown_shape_without_deferral(mx):
    p = _parameter(mx, shape=(0, 3))
    return [lambda: p.initialize()]


def deferred(mx):
    p = _parameter(mx, shape=(2, 0), allow_deferred_init=True)
    p.initialize("ones", ctx=mx.cpu(1))
    before = [lambda: p.data(), lambda: p.grad(), p.list_ctx()]

    def known():
        p.shape = (2, 4)
        p._finish_deferred_init()
        return p.data()

    return [before, known]


def shape_is_filled_in_once(mx):
    p = _parameter(mx, shape=(2, 0), allow_deferred_init=True)
    p.shape = (2, 5)

    def other():
        p.shape = (3, 5)

    return [p.shape, lambda: other()]


def set_data(mx):
    p = _parameter(mx)
    p.initialize("ones", ctx=[mx.cpu(0), mx.cpu(1)])
    value = mx.nd.arange(6).reshape((2, 3))
    p.set_data(value)
    value[:] = 9
    return [p.list_data(), lambda: p.set_data(mx.nd.ones((3, 3)))]


def set_data_keeps_the_arrays(mx):
    p = _parameter(mx)
    p.initialize("ones")
    data = p.data()
    p.set_data(mx.nd.zeros((2, 3)))
    return data


def set_data_of_a_deferred_parameter(mx):
    p = _parameter(mx, shape=(2, 0), allow_deferred_init=True)
    p.initialize("ones")
    p.set_data(mx.nd.full((2, 4), 5))
    p._finish_deferred_init()
    return p.data()


def gradients(mx):
    p = _parameter(mx, shape=(3,))
    p.initialize("ones")
    before = p.grad().copy()
    with mx.autograd.record():
        y = p.data() * mx.nd.array([1, 2, 3])
    y.backward()
    after = p.grad().copy()
    p.zero_grad()
    return [before, after, p.grad(), p.data().grad]


def grad_req_null(mx):
    p = _parameter(mx, grad_req="null")
    p.initialize("ones")
    return [p.data().grad, lambda: p.grad(), lambda: p.list_grad(), p.zero_grad()]


def grad_req_changes(mx):
    p = _parameter(mx, shape=(2,))
    p.initialize("ones")
    seen = []
    for req in ("add", "add", "write", "null", "write"):
        p.grad_req = req
        with mx.autograd.record():
            y = (p.data() * 3).sum() if req != "null" else None
        if y is not None:
            y.backward()
            seen.append(p.grad().copy())
    return seen


def unknown_grad_req(mx):
    def assign():
        _parameter(mx).grad_req = "sum"

    return [lambda: _parameter(mx, grad_req="sum"), lambda: assign()]


def not_differentiable(mx):
    p = _parameter(mx, differentiable=False)
    p.initialize("ones")
    first = p.grad_req
    p.grad_req = "write"
    return [first, p.grad_req]


def cast(mx):
    p = _parameter(mx, shape=(2,))
    p.initialize("ones")
    p.cast("float64")
    with mx.autograd.record():
        y = p.data() * 2
    y.backward()
    q = _parameter(mx, shape=(2,))
    q.cast("float16")
    q.initialize("ones")
    return [p.data(), p.grad(), q.data()]


def dtype_given(mx):
    p = _parameter(mx, shape=(2,), dtype="float64")
    p.initialize("ones")
    return [p.data(), p.grad()]


def reset_ctx(mx):
    p = _parameter(mx, shape=(2,))
    p.initialize("ones", ctx=mx.cpu(0))
    p.reset_ctx([mx.cpu(1), mx.cpu(2)])
    return [p.list_data(), p.list_ctx(), lambda: _parameter(mx).reset_ctx(mx.cpu(1))]


def reset_ctx_averages(mx):
    p = _parameter(mx, shape=(2,))
    p.initialize("ones", ctx=[mx.cpu(0), mx.cpu(1)])
    p.data(mx.cpu(1))[:] = 4
    p.reset_ctx(mx.cpu(0))
    return p.data()


def constant(mx):
    c = mx.gluon.Constant("c", [[1, 2], [3, 4]])
    c.initialize()
    x = mx.nd.ones((2, 2))
    x.attach_grad()
    with mx.autograd.record():
        y = x * c.data()
    y.backward()
    return [c.data(), c.grad_req, x.grad, repr(c), lambda: c.grad()]


def data_is_the_very_array(mx):
    p = _parameter(mx)
    p.initialize("ones")
    p.data()[:] = 5
    return [p.data() is p.data(), p.data(), p.list_data()[0]]


def dict_get(mx):
    params = mx.gluon.ParameterDict("net_")
    p = params.get("weight", shape=(2, 3))
    return [
        p.name,
        params.get("weight") is p,
        list(params.keys()),
        len(params.items()),
        "net_weight" in params,
        params["net_weight"] is p,
        params.prefix,
        lambda: params["weight"],
    ]


def dict_get_fills_in_shapes(mx):
    params = mx.gluon.ParameterDict()
    p = params.get("w", shape=(0, 3), allow_deferred_init=True)
    params.get("w", shape=(2, 0))
    return [p.shape, lambda: params.get("w", shape=(5, 3)), lambda: params.get("w", dtype="float16")]


def dict_get_constant(mx):
    params = mx.gluon.ParameterDict("n_")
    c = params.get_constant("c", [1, 2])
    params.initialize()
    return [c.name, c.data(), params.get_constant("c") is c, lambda: params.get_constant("missing")]


def dict_repr(mx):
    params = mx.gluon.ParameterDict("net_")
    params.get("weight", shape=(2, 3))
    params.get("bias", shape=(2,), dtype="float16")
    return [repr(params), repr(mx.gluon.ParameterDict()), str(mx.gluon.ParameterDict("a_"))]


def dict_update(mx):
    a, b, c = mx.gluon.ParameterDict("a_"), mx.gluon.ParameterDict("b_"), mx.gluon.ParameterDict("a_")
    a.get("w", shape=(1,))
    b.get("w", shape=(1,))
    c.get("w", shape=(1,))
    a.update(b)
    return [list(a.keys()), lambda: a.update(c)]


def dict_shared(mx):
    a = mx.gluon.ParameterDict("a_")
    p = a.get("w", shape=(1,))
    b = mx.gluon.ParameterDict("a_", shared=a)
    return [b.get("w") is p, list(b.keys())]


def dict_initialize_and_setattr(mx):
    params = mx.gluon.ParameterDict()
    w, b = params.get("fc_weight", shape=(2,)), params.get("fc_bias", shape=(2,))
    params.initialize(mx.init.One())
    params.setattr("grad_req", "add")
    params.setattr("lr_mult", 3)
    return [w.data(), b.data(), w.grad_req, b.lr_mult, list(params.keys()), [type(v).__name__ for v in params.values()]]


def dict_reset_ctx_and_zero_grad(mx):
    params = mx.gluon.ParameterDict()
    w = params.get("w", shape=(2,))
    params.initialize(mx.init.One())
    w.grad()[:] = 5
    params.zero_grad()
    grad = w.grad().copy()
    params.reset_ctx(mx.cpu(1))
    return [grad, params.list_ctx(), w.data()]
