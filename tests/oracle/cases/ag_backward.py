"""Autograd: backward, head gradients, grad_req, what x.grad is when."""


def _x(mx, values=(1.0, 2.0, 3.0), req="write", dtype="float32"):
    x = mx.nd.array(values, dtype=dtype)
    x.attach_grad(req)
    return x


def square(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x
    y.backward()
    return [y, x.grad]


def scalar_head(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = (x * x).sum()
    y.backward()
    return [y, x.grad]


def head_gradient(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x
    y.backward(mx.nd.array([10, 0, 0.5]))
    return x.grad


def head_gradient_by_name(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x
    y.backward(out_grad=mx.nd.array([10, 0, 0.5]))
    return x.grad


def autograd_backward_of_one(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x
    mx.autograd.backward(y)
    return x.grad


def autograd_backward_of_one_with_head_grad(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x
    mx.autograd.backward(y, mx.nd.array([1, 2, 3]))
    return x.grad


def several_heads_add_up(mx):
    x = _x(mx)
    with mx.autograd.record():
        y, z = x * x, x * 3
    mx.autograd.backward([y, z])
    return x.grad


def several_heads_with_head_grads(mx):
    x = _x(mx)
    with mx.autograd.record():
        y, z = x * x, x * 3
    mx.autograd.backward([y, z], [mx.nd.ones((3,)), mx.nd.array([1, 0, -1])])
    return x.grad


def several_heads_with_some_head_grads(mx):
    x = _x(mx)
    with mx.autograd.record():
        y, z = x * x, x * 3
    mx.autograd.backward([y, z], [None, mx.nd.array([1, 0, -1])])
    return x.grad


def one_head_twice(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x
    mx.autograd.backward([y, y])
    return x.grad


def heads_one_beneath_the_other(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x
        z = y * y
    mx.autograd.backward([z, y])
    return x.grad


def head_grads_of_wrong_number(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x
    return [lambda: mx.autograd.backward([y], [mx.nd.ones((3,)), mx.nd.ones((3,))])]


def head_grad_of_wrong_shape(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x
    return [lambda: [y.backward(mx.nd.ones((2,))), x.grad.asnumpy()]]


def grad_before_attach(mx):
    return mx.nd.ones((2,)).grad


def grad_before_backward(mx):
    return _x(mx).grad


def grad_is_one_array_throughout(mx):
    x = _x(mx)
    before = x.grad
    with mx.autograd.record():
        y = x * x
    y.backward()
    return [before, x.grad]


def write_replaces(mx):
    x = _x(mx)
    for factor in (2, 5):
        with mx.autograd.record():
            y = x * factor
        y.backward()
    return x.grad


def add_accumulates(mx):
    x = _x(mx, req="add")
    for factor in (2, 5, 10):
        with mx.autograd.record():
            y = x * factor
        y.backward()
    return x.grad


def add_then_zeroed_by_hand(mx):
    x = _x(mx, req="add")
    for factor in (2, 5):
        x.grad[:] = 0
        with mx.autograd.record():
            y = x * factor
        y.backward()
    return x.grad


def null_stays_zero(mx):
    x, w = _x(mx, req="null"), _x(mx)
    with mx.autograd.record():
        y = x * w
    y.backward()
    return [x.grad, w.grad]


def null_before_backward(mx):
    return _x(mx, req="null").grad


def only_null_variables(mx):
    x = _x(mx, req="null")
    with mx.autograd.record():
        y = x * 2
    return [lambda: y.backward(), lambda: x.grad]


def unknown_req(mx):
    return [lambda: mx.nd.ones((2,)).attach_grad("sum"), lambda: mx.nd.ones((2,)).attach_grad(grad_req="Write")]


def attach_again_zeroes(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * 7
    y.backward()
    x.attach_grad()
    return x.grad


def attach_cuts_the_graph(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * 2
        y.attach_grad()
        z = y * 3
    z.backward()
    return [x.grad, y.grad]


def attach_changes_req(mx):
    x = _x(mx, req="add")
    with mx.autograd.record():
        y = x * 2
    y.backward()
    x.attach_grad("write")
    for _ in range(2):
        with mx.autograd.record():
            y = x * 3
        y.backward()
    return x.grad


def unused_variable_keeps_its_gradient(mx):
    x, w = _x(mx), _x(mx)
    with mx.autograd.record():
        y = x * w
    y.backward()
    with mx.autograd.record():
        y = x * 10
    y.backward()
    return [x.grad, w.grad]


def variable_used_many_times(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x + x * x + x / 2 - x
        for _ in range(3):
            y = y + x
    y.backward()
    return x.grad


def backward_twice_without_retain(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x
    y.backward()
    return [lambda: y.backward()]


def backward_twice_with_retain(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x
    y.backward(retain_graph=True)
    first = x.grad.copy()
    y.backward()
    return [first, x.grad]


def retain_with_add(mx):
    x = _x(mx, req="add")
    with mx.autograd.record():
        y = x * x
    for _ in range(3):
        y.backward(retain_graph=True)
    return x.grad


def shared_part_of_a_freed_graph(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x
        z, w = y * 2, y * 3
    z.backward()
    return [x.grad.copy(), lambda: [w.backward(), x.grad]]


def shared_part_of_a_retained_graph(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x
        z, w = y * 2, y * 3
    z.backward(retain_graph=True)
    first = x.grad.copy()
    w.backward()
    return [first, x.grad]


def backward_of_what_was_not_recorded(mx):
    x = _x(mx)
    y = x * x
    return [lambda: y.backward()]


def backward_of_a_constant(mx):
    a = mx.nd.ones((2,))
    with mx.autograd.record():
        b = a * 2
    return [lambda: b.backward()]


def backward_of_a_variable_itself(mx):
    x = _x(mx)
    x.backward(mx.nd.array([1, 2, 3]))
    return x.grad


def backward_inside_record(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x
        y.backward()
    return x.grad


def backward_keeps_modes(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x
        y.backward()
        return [mx.autograd.is_recording(), mx.autograd.is_training()]


def graph_over_two_records(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x
    outside = y * 100
    with mx.autograd.record():
        z = y * 2
    z.backward()
    return [outside, x.grad]


def gradient_of_the_head_by_hand(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = mx.nd.exp(x)
    y.backward(y)
    return x.grad
