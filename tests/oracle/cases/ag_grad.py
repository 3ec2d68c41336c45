"""Autograd: grad(), higher orders."""


def _x(mx, values=(1.0, 2.0, 3.0)):
    x = mx.nd.array(values)
    x.attach_grad()
    return x


def _two_orders(mx, function):
    x = _x(mx, (0.2, 0.5, 0.9))
    with mx.autograd.record():
        y = function(x)
        dy = mx.autograd.grad(y, [x], create_graph=True, retain_graph=True)[0]
    dy.backward()
    return [dy, x.grad]


def first_order(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x * x
    g = mx.autograd.grad(y, x)
    return [g, x.grad]


def of_a_list(mx):
    x, w = _x(mx), _x(mx, (4.0, 5.0, 6.0))
    with mx.autograd.record():
        y = x * w
    return mx.autograd.grad(y, [x, w])


def of_a_single_variable_is_what(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x
    return type(mx.autograd.grad(y, x))


def of_a_list_of_one_is_a_list(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x
    return mx.autograd.grad([y], [x])


def with_head_grads(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x
    return mx.autograd.grad(y, [x], head_grads=mx.nd.array([1, 0, 2]))


def with_several_heads(mx):
    x = _x(mx)
    with mx.autograd.record():
        y, z = x * x, x * 5
    return mx.autograd.grad([y, z], [x], head_grads=[mx.nd.ones((3,)), mx.nd.array([1, 0, 2])])


def second_order(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x * x
        dy = mx.autograd.grad(y, [x], create_graph=True, retain_graph=True)[0]
    dy.backward()
    return [dy, x.grad]


def second_order_by_two_grads(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = mx.nd.sin(x)
        dy = mx.autograd.grad(y, [x], create_graph=True)[0]
        ddy = mx.autograd.grad(dy, [x], create_graph=False)[0]
    return [dy, ddy]


def third_order(mx):
    x = _x(mx, (0.3, 0.7))
    with mx.autograd.record():
        y = mx.nd.sin(x)
        a = mx.autograd.grad(y, [x], create_graph=True, retain_graph=True)[0]
        b = mx.autograd.grad(a, [x], create_graph=True, retain_graph=True)[0]
    b.backward()
    return [a, b, x.grad]


def second_orders_of_unary_operators(mx):
    names = ("sin", "cos", "exp", "log", "sqrt", "square", "sigmoid", "tanh", "reciprocal", "relu", "abs", "cbrt",
             "rsqrt", "rcbrt", "log10", "log2", "log1p", "expm1", "arctan", "sinh", "cosh", "tan", "arcsin", "arccos",
             "arctanh", "degrees")
    return {name: lambda name=name: _two_orders(mx, getattr(mx.nd, name)) for name in names}


def second_order_of_arcsinh(mx):
    """Is -x / (1 + x^2)^(3/2)."""
    return _two_orders(mx, mx.nd.arcsinh)


def second_order_of_linear_functions(mx):
    """Their gradient does not depend on x."""
    return [lambda f=f: _two_orders(mx, f) for f in (lambda x: x * 3, lambda x: x + 1, lambda x: x.sum(), lambda x: -x)]


def second_order_of_a_product(mx):
    x, w = _x(mx), _x(mx, (4.0, 5.0, 6.0))
    with mx.autograd.record():
        y = x * x * w
        dx = mx.autograd.grad(y, [x], create_graph=True, retain_graph=True)[0]
    dx.backward()
    return [dx, x.grad, w.grad]


def second_order_of_dot(mx):
    a = mx.nd.array([[1.0, 2.0], [3.0, 4.0]])
    x = mx.nd.array([[0.5], [-1.0]])
    for v in (a, x):
        v.attach_grad()
    with mx.autograd.record():
        y = mx.nd.dot(a, x) ** 2
        dx = mx.autograd.grad(y, [x], create_graph=True, retain_graph=True)[0]
    dx.backward()
    return [dx, a.grad, x.grad]


def gradient_penalty(mx):
    """(|dy/dx| - 1)^2, trained through the weight."""
    w = mx.nd.array([[0.3, -0.2]])
    b = mx.nd.array([0.1])
    for v in (w, b):
        v.attach_grad()
    x = _x(mx, [[1.0, 2.0], [3.0, -1.0]])
    with mx.autograd.record():
        y = mx.nd.sigmoid(mx.nd.FullyConnected(x, w, b, num_hidden=1))
        dx = mx.autograd.grad(y, [x], create_graph=True, retain_graph=True)[0]
        penalty = ((mx.nd.sqrt((dx ** 2).sum(axis=1)) - 1) ** 2).mean()
    penalty.backward()
    return [penalty, w.grad, b.grad]


def grad_leaves_attached_gradients(mx):
    x = _x(mx)
    x.grad[:] = 9
    with mx.autograd.record():
        y = x * x
    return [mx.autograd.grad(y, [x]), x.grad]


def of_an_unreachable_variable(mx):
    x, w = _x(mx), _x(mx)
    with mx.autograd.record():
        y = x * x
    return [lambda: mx.autograd.grad(y, [w])]


def of_a_variable_that_was_not_marked(mx):
    x, w = _x(mx), mx.nd.ones((3,))
    with mx.autograd.record():
        y = x * w
    return [lambda: mx.autograd.grad(y, [w])]


def of_what_was_not_recorded(mx):
    x = _x(mx)
    y = x * x
    return [lambda: mx.autograd.grad(y, [x])]


def of_no_variables(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x
    return [lambda: mx.autograd.grad(y, [])]


def twice_without_retain(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x
    first = mx.autograd.grad(y, [x])
    return [first, lambda: mx.autograd.grad(y, [x])]


def twice_with_retain(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x
    return [mx.autograd.grad(y, [x], retain_graph=True), mx.autograd.grad(y, [x])]


def of_an_intermediate(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * 2
        y.attach_grad()
        z = y * y
    return mx.autograd.grad(z, [y])


def in_predict_mode(mx):
    x = _x(mx)
    with mx.autograd.record(train_mode=False):
        y = mx.nd.Dropout(x * x, p=0.5)
    return mx.autograd.grad(y, [x], train_mode=False)


def with_req_add(mx):
    x = mx.nd.array([1, 2, 3])
    x.attach_grad("add")
    with mx.autograd.record():
        y = x * x
        z = x * 2
    g = mx.autograd.grad(y, [x])
    z.backward()
    z2 = x.grad.copy()
    return [g, z2]


def hessian_vector_product(mx):
    x = _x(mx, (0.5, -1.0))
    v = mx.nd.array([1.0, 2.0])
    with mx.autograd.record():
        y = (x ** 3).sum() + x[0] * x[1] * x[1]
        g = mx.autograd.grad(y, [x], create_graph=True, retain_graph=True)[0]
        s = (g * v).sum()
    s.backward()
    return [g, x.grad]
