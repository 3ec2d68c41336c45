"""Custom operators: mx.operator.CustomOp, CustomOpProp, register, and mx.nd.Custom."""


def _scale(mx, seen):
    class Scale(mx.operator.CustomOp):
        def __init__(self, by):
            super().__init__()
            self.by = by

        def forward(self, is_train, req, in_data, out_data, aux):
            seen.append(["forward", bool(is_train), [str(r) for r in req], len(in_data), len(aux)])
            self.assign(out_data[0], req[0], in_data[0] * self.by)
            self.assign(out_data[1], req[1], in_data[0] + in_data[1])

        def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
            seen.append(["backward", [str(r) for r in req]])
            self.assign(in_grad[0], req[0], out_grad[0] * self.by + out_grad[1])
            self.assign(in_grad[1], req[1], out_grad[1])

    @mx.operator.register("scale_and_sum")
    class ScaleProp(mx.operator.CustomOpProp):
        def __init__(self, by="2", **kwargs):
            super().__init__()
            seen.append([by, type(by).__name__, sorted(kwargs)])
            self.by = float(by)

        def list_arguments(self):
            return ["a", "b"]

        def list_outputs(self):
            return ["scaled", "sum"]

        def create_operator(self, ctx, shapes, dtypes):
            seen.append([str(ctx), [list(s) for s in shapes]])
            return Scale(self.by)


def two_outputs_and_keywords(mx):
    seen = []
    _scale(mx, seen)
    a, b = mx.nd.array([1, 2, 3]), mx.nd.array([10, 20, 30])
    a.attach_grad()
    b.attach_grad(grad_req="add")
    for _ in range(2):
        with mx.autograd.record():
            scaled, total = mx.nd.Custom(a, b, by=3, op_type="scale_and_sum")
            loss = (scaled * 2 + total * total).sum()
        loss.backward()
    values = [scaled, total, a.grad, b.grad]
    return [values, [row for row in seen if row[0] in ("3", "cpu(0)", "forward")][:3]]


def in_predict_mode_and_outside(mx):
    seen = []
    _scale(mx, seen)
    a, b = mx.nd.array([1, 2]), mx.nd.array([3, 4])
    outs = mx.nd.Custom(a, b, op_type="scale_and_sum")
    mx.nd.waitall()
    with mx.autograd.record(train_mode=False):
        mx.nd.Custom(a, b, op_type="scale_and_sum")[0].wait_to_read()
    with mx.autograd.train_mode():
        mx.nd.Custom(a, b, op_type="scale_and_sum")[0].wait_to_read()
    return [outs, [row[1] for row in seen if row[0] == "forward"]]


def one_gradient_only(mx):
    _scale(mx, [])
    a, b = mx.nd.array([1, 2]), mx.nd.array([3, 4])
    b.attach_grad()
    with mx.autograd.record():
        y = mx.nd.Custom(a, b, op_type="scale_and_sum")[1]
    y.backward(mx.nd.array([5, 7]))
    return [y, b.grad, a.grad]


def within_a_network(mx):
    _scale(mx, [])

    class Net(mx.gluon.Block):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.dense = mx.gluon.nn.Dense(2, weight_initializer="ones")

        def forward(self, x):
            h = self.dense(x)
            return mx.nd.Custom(h, h, op_type="scale_and_sum")[0]

    net = Net()
    net.initialize()
    x = mx.nd.array([[1, 2], [3, 4]])
    with mx.autograd.record():
        y = net(x).sum()
    y.backward()
    return [y, net.dense.weight.grad()]


def auxiliary_states(mx):
    class Count(mx.operator.CustomOp):
        def forward(self, is_train, req, in_data, out_data, aux):
            aux[0][:] += 1
            self.assign(out_data[0], req[0], in_data[0] * aux[0])

        def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
            self.assign(in_grad[0], req[0], out_grad[0])

    @mx.operator.register("count_calls")
    class CountProp(mx.operator.CustomOpProp):
        def list_auxiliary_states(self):
            return ["calls"]

        def infer_shape(self, in_shape):
            return in_shape, [in_shape[0]], [(1,)]

        def create_operator(self, ctx, shapes, dtypes):
            return Count()

    calls = mx.nd.zeros((1,))
    ys = [mx.nd.Custom(mx.nd.array([5.0]), calls, op_type="count_calls") for _ in range(3)]
    mx.nd.waitall()
    return [ys, calls]


def defaults_of_a_prop(mx):
    prop = mx.operator.CustomOpProp()
    return [prop.list_arguments(), prop.list_outputs(), prop.list_auxiliary_states(), prop.infer_shape([[2, 3]])[0],
            [list(s) for s in prop.infer_shape([[2, 3]])[1]], prop.declare_backward_dependency([0], [1], [2]),
            mx.operator.CustomOpProp(False).declare_backward_dependency([0], [1], [2])]


def assigning(mx):
    op = mx.operator.CustomOp()
    dst = mx.nd.ones((2,))
    results = []
    for req in ("null", "write", "inplace", "add"):
        op.assign(dst, req, mx.nd.array([3, 4]))
        results.append(dst.copy())
    return results


def refused(mx):
    _scale(mx, [])
    return [lambda: mx.nd.Custom(mx.nd.ones(1), op_type="never_registered"),
            lambda: mx.nd.Custom(mx.nd.ones(1), op_type="scale_and_sum").asnumpy()]
