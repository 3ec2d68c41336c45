"""Autograd: what writes into arrays while recording, and Function."""


def _x(mx):
    x = mx.nd.array([1.0, 2.0, 3.0])
    x.attach_grad()
    return x


def inplace_add_on_a_variable(mx):
    x = _x(mx)

    def run():
        with mx.autograd.record():
            x.__iadd__(1)

    return [lambda: run()]


def inplace_on_a_recorded_result(mx):
    x = _x(mx)

    def run(f):
        with mx.autograd.record():
            y = x * 2
            f(y)
        y.backward()
        return [y, x.grad]

    return [lambda: run(lambda y: y.__iadd__(1)), lambda: run(lambda y: y.__imul__(3)),
            lambda: run(lambda y: y.__isub__(x)), lambda: run(lambda y: y.__itruediv__(2))]


def inplace_on_a_constant(mx):
    x = _x(mx)

    def run():
        c = mx.nd.ones((3,))
        with mx.autograd.record():
            c += 1
            y = x * c
        y.backward()
        return [c, x.grad]

    return [lambda: run()]


def inplace_with_a_variable_on_a_constant(mx):
    x = _x(mx)

    def run():
        total = mx.nd.zeros((3,))
        with mx.autograd.record():
            total += x * x
        total.backward()
        return x.grad

    return [lambda: run()]


def assignment_into_a_variable(mx):
    x = _x(mx)

    def run():
        with mx.autograd.record():
            x[:] = 5
        return x

    return [lambda: run()]


def assignment_into_a_result(mx):
    x = _x(mx)

    def run(key):
        with mx.autograd.record():
            y = x * 2
            y[key] = 0
            z = y * x
        z.backward()
        return [z, x.grad]

    return [lambda: run(0), lambda: run(slice(None)), lambda: run(slice(0, 2))]


def assignment_into_a_constant(mx):
    x = _x(mx)

    def run():
        with mx.autograd.record():
            c = mx.nd.zeros((3,))
            c[1] = 5
            y = x * c
        y.backward()
        return x.grad

    return [lambda: run()]


def assignment_of_a_recorded_value(mx):
    x = _x(mx)

    def run():
        c = mx.nd.zeros((3,))
        with mx.autograd.record():
            c[:] = x * 2
            y = c * 3
        return [c, y.backward(), x.grad]

    return [lambda: run()]


def inplace_after_recording(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * x
    x += 10
    y.backward()
    return [x, x.grad]


def inplace_in_pause(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * 2
        with mx.autograd.pause():
            x += 1
        z = y + x
    z.backward()
    return [z, x.grad]


def variable_changed_between_record_and_backward(mx):
    """The graph keeps what was computed, or reads it again?"""
    x = _x(mx)
    with mx.autograd.record():
        y = mx.nd.exp(x)
    x[:] = 0
    y.backward()
    return [y, x.grad]


def setting_grad_while_recording(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = x * 2
    y.backward()

    def run():
        with mx.autograd.record():
            x.grad[:] = 0
        return x.grad

    return [lambda: run()]


def _sigmoid(mx):
    class Sigmoid(mx.autograd.Function):
        def forward(self, x):
            y = 1 / (1 + mx.nd.exp(-x))
            self.save_for_backward(y)
            return y

        def backward(self, dy):
            y, = self.saved_tensors
            return dy * y * (1 - y)

    return Sigmoid


def function_sigmoid(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = _sigmoid(mx)()(x)
    y.backward()
    return [y, x.grad]


def function_outside_record(mx):
    return _sigmoid(mx)()(mx.nd.array([0.0, 1.0]))


def function_in_a_larger_graph(mx):
    x = _x(mx)
    with mx.autograd.record():
        y = _sigmoid(mx)()(x * 2) * x
        z = _sigmoid(mx)()(y).sum()
    z.backward()
    return [z, x.grad]


def function_with_state_on_itself(mx):
    class Scale(mx.autograd.Function):
        def __init__(self, factor):
            super().__init__()
            self.factor = factor

        def forward(self, x):
            return x * self.factor

        def backward(self, dy):
            return dy * self.factor * 10

    x = _x(mx)
    with mx.autograd.record():
        y = Scale(3)(x)
    y.backward()
    return [y, x.grad]


def function_with_two_inputs(mx):
    class Mul(mx.autograd.Function):
        def forward(self, a, b):
            self.save_for_backward(a, b)
            return a * b

        def backward(self, dy):
            a, b = self.saved_tensors
            return dy * b, dy * a

    a, b = _x(mx), _x(mx)
    b *= 2
    with mx.autograd.record():
        y = Mul()(a, b)
    y.backward(mx.nd.array([1, 2, 3]))
    return [y, a.grad, b.grad]


def function_with_two_outputs(mx):
    class SinCos(mx.autograd.Function):
        def forward(self, x):
            s, c = mx.nd.sin(x), mx.nd.cos(x)
            self.save_for_backward(s, c)
            return s, c

        def backward(self, ds, dc):
            s, c = self.saved_tensors
            return ds * c - dc * s

    x = _x(mx)
    with mx.autograd.record():
        s, c = SinCos()(x)
        y = s * 2 + c
    y.backward()
    return [s, c, x.grad]


def function_with_one_output_unused(mx):
    class Two(mx.autograd.Function):
        def forward(self, x):
            return x * 2, x * 3

        def backward(self, da, db):
            return da * 2 + db * 3

    x = _x(mx)
    with mx.autograd.record():
        a, _ = Two()(x)
        y = a * 1
    y.backward()
    return x.grad


def function_with_wrong_number_of_gradients(mx):
    class Wrong(mx.autograd.Function):
        def forward(self, a, b):
            return a + b

        def backward(self, dy):
            return dy

    a, b = _x(mx), _x(mx)

    def run():
        with mx.autograd.record():
            y = Wrong()(a, b)
        y.backward()
        return [a.grad, b.grad]

    return [lambda: run()]


def function_that_raises_in_forward(mx):
    class Bad(mx.autograd.Function):
        def forward(self, x):
            raise ValueError("forward")

        def backward(self, dy):
            return dy

    x = _x(mx)

    def run():
        with mx.autograd.record():
            return Bad()(x)

    return [lambda: run()]


def function_of_a_constant(mx):
    x = mx.nd.ones((3,))
    with mx.autograd.record():
        y = _sigmoid(mx)()(x)
    return [y, lambda: y.backward()]


def function_is_not_recorded_inside(mx):
    seen = []

    class Look(mx.autograd.Function):
        def forward(self, x):
            seen.append(mx.autograd.is_recording())
            return x * 1

        def backward(self, dy):
            seen.append(mx.autograd.is_recording())
            return dy

    x = _x(mx)
    with mx.autograd.record():
        y = Look()(x)
        seen.append(mx.autograd.is_recording())
    y.backward()
    x.grad.wait_to_read()
    return [seen, x.grad]


def function_with_req_add(mx):
    x = mx.nd.array([1.0, 2.0])
    x.attach_grad("add")
    for _ in range(3):
        with mx.autograd.record():
            y = _sigmoid(mx)()(x)
        y.backward()
    return x.grad


def straight_through_estimator(mx):
    class Round(mx.autograd.Function):
        def forward(self, x):
            return mx.nd.round(x)

        def backward(self, dy):
            return dy

    x = mx.nd.array([0.2, 0.7, 1.4])
    x.attach_grad()
    with mx.autograd.record():
        y = (Round()(x) * x).sum()
    y.backward()
    return [y, x.grad]
