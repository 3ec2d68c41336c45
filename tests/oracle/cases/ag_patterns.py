"""Autograd: detaching, marking variables, and the patterns of loops written by hand."""


def _x(mx, values=(1.0, 2.0, 3.0), req="write", dtype="float32"):
    x = mx.nd.array(values, dtype=dtype)
    x.attach_grad(req)
    return x


def detach(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x
        z = y.detach() * x
    z.backward()
    return [x.grad, y.detach().grad]


def detach_of_everything(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = (x * x).detach()
    return [lambda: y.backward()]


def block_grad(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = mx.nd.BlockGrad(x * x) * x
        z = mx.nd.stop_gradient(x) + x
    mx.autograd.backward([y, z])
    return x.grad


def block_grad_of_everything(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = mx.nd.BlockGrad(x * x)
    y.backward()
    return x.grad


def mark_variables(mx):
    x, g = mx.nd.array([1, 2, 3]), mx.nd.zeros((3,))
    mx.autograd.mark_variables([x], [g])
    with mx.autograd.record():
        y = x * x
    y.backward()
    return [g, x.grad]


def mark_variables_single(mx):
    x, g = mx.nd.array([1, 2, 3]), mx.nd.full((3,), 5)
    mx.autograd.mark_variables(x, g, "add")
    with mx.autograd.record():
        y = x * x
    y.backward()
    return g


def mark_variables_with_reqs(mx):
    xs, gs = [mx.nd.ones((2,)) * (i + 1) for i in range(3)], [mx.nd.ones((2,)) for _ in range(3)]
    mx.autograd.mark_variables(xs, gs, ["write", "add", "null"])
    with mx.autograd.record():
        y = xs[0] * xs[1] * xs[2]
    y.backward()
    return gs


def mark_variables_shares_one_gradient(mx):
    x, w, g = mx.nd.array([1, 2]), mx.nd.array([3, 4]), mx.nd.zeros((2,))
    mx.autograd.mark_variables([x, w], [g, g], "add")
    with mx.autograd.record():
        y = x * w
    y.backward()
    return g


def zero_grad_pattern(mx):
    w = mx.nd.array([1, 2])
    w.attach_grad("add")
    seen = []
    for _ in range(2):
        for micro in range(3):
            with mx.autograd.record():
                loss = (w * (micro + 1)).sum()
            loss.backward()
        seen.append(w.grad.copy())
        w.grad[:] = 0
    return seen


def gradient_descent_by_hand(mx):
    w = _x(mx)
    for _ in range(5):
        with mx.autograd.record():
            loss = ((w - 1) ** 2).sum()
        loss.backward()
        w -= 0.1 * w.grad
    return [w, w.grad]


def gradient_descent_with_slice_assignment(mx):
    w = _x(mx)
    for _ in range(5):
        with mx.autograd.record():
            loss = ((w - 1) ** 2).sum()
        loss.backward()
        w[:] = w - 0.1 * w.grad
    return w


def rebinding_loses_the_gradient(mx):
    w = _x(mx)
    with mx.autograd.record():
        loss = (w * w).sum()
    loss.backward()
    w = w - 0.1 * w.grad
    return w.grad


def control_flow(mx):
    x = _x(mx, (1.0, -2.0))
    with mx.autograd.record():
        y = x * 2
        while y.norm().asscalar() < 100:
            y = y * 2
        z = y if y.sum().asscalar() > 0 else 10 * y
    z.backward()
    return [z, x.grad]


def loop_over_rows(mx):
    x = mx.nd.arange(6).reshape((3, 2))
    x.attach_grad()
    with mx.autograd.record():
        total = mx.nd.zeros((2,))
        for n, row in enumerate(x):
            total = total + row * n
    total.backward()
    return x.grad


def long_chain(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x
        for _ in range(2000):
            y = y + 0.001
        y = y * x
    y.backward()
    return x.grad


def empty_list_of_heads(mx):
    return [lambda: mx.autograd.backward([])]


def grad_can_be_assigned_into(mx):
    x = _x(mx)
    x.grad[:] = 4
    x.grad[1] = 5
    return x.grad


def copy_has_no_gradient(mx):
    x = _x(mx)
    return [x.copy().grad, (x * 1).grad, x[0:2].grad, x.copyto(mx.cpu(1)).grad]


def gradient_of_a_copy(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x.copy() * 3
    y.backward()
    return x.grad
