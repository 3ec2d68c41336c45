"""mx.test_utils of graphs: results and gradients of symbols against expected ones and finite differences."""

import numpy as np


def forwards(mx):
    t, s = mx.test_utils, mx.sym
    a, b = s.var("a"), s.var("b")
    x, y = np.array([[1.0, 2], [3, 4]]), np.array([[5.0, 6], [7, 8]])
    net, norm = s.dot(a, b), s.BatchNorm(a, name="bn", fix_gamma=False)
    states = [np.zeros(2), np.ones(2)]
    return [
        t.check_symbolic_forward(net, [x, y], [x @ y]),
        t.check_symbolic_forward(net, {"a": x, "b": mx.nd.array(y)}, {net.list_outputs()[0]: x @ y}),
        t.check_symbolic_forward(net, [x, y], [x @ y], dtype=np.float64),
        t.check_symbolic_forward(a + b, [x.astype("float16"), y.astype("float16")], [x + y], dtype="asnumpy"),
        t.check_symbolic_forward(s.Group([a + b, a * 2]), [x, y], [x + y, x * 2]),
        t.check_symbolic_forward(norm, [x, np.ones(2), np.zeros(2)], [x], rtol=1e-3, atol=1e-3, aux_states=states),
        t.check_symbolic_forward(norm, {"a": x, "bn_gamma": np.ones(2), "bn_beta": np.zeros(2)}, [x], 1e-3, 1e-3,
                                 {"bn_moving_mean": states[0], "bn_moving_var": states[1]}),
        t.check_symbolic_forward(s.Dropout(a), [x], [x]),
        t.check_symbolic_forward(a / a, [x * 0], [x * np.nan], equal_nan=True),
        lambda: t.check_symbolic_forward(net, [x, y], [x @ y + 0.1]),
        lambda: t.check_symbolic_forward(net, {"a": x}, [x]),
        lambda: t.check_symbolic_forward(net, {"a": x, "c": y}, [x]),
        lambda: t.check_symbolic_forward(net, [x, y], [x], dtype="int8"),
        lambda: t.check_symbolic_forward(norm, [x, np.ones(2), np.zeros(2)], [x], aux_states={"bn_moving_mean": x}),
    ]  # fmt: skip


def backwards(mx):
    t, s = mx.test_utils, mx.sym
    a, b = s.var("a"), s.var("b")
    x, y, g = np.array([[1.0, 2], [3, 4]]), np.array([[5.0, 6], [7, 8]]), np.array([[1.0, 0.5], [2, 1]])
    product = a * b
    both = s.Group([a + b, a * b])
    softmax = s.SoftmaxOutput(a, s.var("label"), name="softmax")
    soft = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    data = [
        t.check_symbolic_backward(product, [x, y], [g], [g * y, g * x]),
        t.check_symbolic_backward(product, {"a": x, "b": y}, {product.list_outputs()[0]: g}, {"a": g * y, "b": g * x}),
        t.check_symbolic_backward(product, [x, y], [mx.nd.array(g)], {"b": g * x}),
        t.check_symbolic_backward(both, [x, y], [g, g * 2], [g + 2 * g * y, g + 2 * g * x], dtype=np.float64),
        t.check_symbolic_backward(softmax, {"a": x, "label": np.array([0, 1])}, None, {"a": soft - np.eye(2)}, 1e-3,
                                  1e-4),
        t.check_symbolic_backward(s.BlockGrad(a) * b, [x, y], [g], [x * 0, g * x]),
        t.check_symbolic_backward(s.square(a), [x], [g], [2 * x * g], dtype="asnumpy"),
    ]
    for req in ("add", "null", ["add", "null"], {"a": "null", "b": "write"}):
        t.check_symbolic_backward(product, [x, y], [g], [g * y, g * x], grad_req=req)
    csr = mx.nd.array([[1.0, 0]]).tostype("csr")
    rows = t.check_symbolic_backward(s.dot(s.var("c", stype="csr"), a), {"c": csr, "a": x}, [np.ones((1, 2))],
                                     {"a": np.array([[1.0, 1], [0, 0]])}, grad_stypes={"a": "row_sparse"})
    return [
        data, rows["a"].stype, rows["a"].asnumpy(),
        lambda: t.check_symbolic_backward(product, [x, y], [g], [g * y, g * x + 0.1]),
        lambda: t.check_symbolic_backward(product, [x, y], [g], [g * y, g * x], grad_req="strange"),
        lambda: t.check_symbolic_backward(product, {"a": x}, [g], [g * y, g * x]),
        lambda: t.check_symbolic_backward(product, [x, y], [g], [g * y, g * x], dtype="float32x"),
    ]  # fmt: skip


def differences(mx):
    t, s = mx.test_utils, mx.sym
    a, b = s.var("a"), s.var("b")
    x, y = np.array([[1.0, 2], [3, 4]]), np.array([[0.5, 0.6], [0.7, 0.8]])
    dense = s.FullyConnected(a, num_hidden=3, name="fc")
    location = {"a": x, "fc_weight": np.ones((3, 2)) * 0.3, "fc_bias": np.zeros(3)}
    norm = s.BatchNorm(a, name="bn", fix_gamma=False)
    states = {"bn_moving_mean": np.zeros(2), "bn_moving_var": np.ones(2)}

    class Wrong(mx.operator.CustomOp):
        def forward(self, is_train, req, in_data, out_data, aux):
            self.assign(out_data[0], req[0], in_data[0] * 2)

        def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
            self.assign(in_grad[0], req[0], out_grad[0] * 3)

    @mx.operator.register("wrong_gradient")
    class Prop(mx.operator.CustomOpProp):
        def create_operator(self, ctx, shapes, dtypes):
            return Wrong()

    return [
        t.check_numeric_gradient(s.tanh(a) * b, [x, y], dtype=np.float64),
        t.check_numeric_gradient(s.dot(a, b), {"a": x, "b": y}, rtol=1e-2, atol=1e-2),
        t.check_numeric_gradient(dense, location, rtol=1e-2, atol=1e-2, grad_nodes=["fc_weight"]),
        t.check_numeric_gradient(dense, location, dtype=np.float64, numeric_eps=1e-4,
                                 grad_nodes={"a": "add", "fc_weight": "write", "fc_bias": "null"}),
        t.check_numeric_gradient(norm, [x, np.ones(2), np.zeros(2)], states, rtol=1e-2, atol=1e-2, dtype=np.float64),
        t.check_numeric_gradient(s.square(a), [mx.nd.array(x)], rtol=1e-2, atol=1e-2),
        lambda: t.check_numeric_gradient(s.Custom(a, op_type="wrong_gradient"), [x], dtype=np.float64),
        lambda: t.check_numeric_gradient(a * b, [x, y], numeric_eps=1e-7),
        lambda: t.check_numeric_gradient(a * b, {"a": x}),
        lambda: t.check_numeric_gradient(a * b, [x, y], grad_nodes="a"),
        lambda: t.check_numeric_gradient(a * b, [x, y], dtype=np.int32),
        lambda: t.check_numeric_gradient(s.BlockGrad(a) * b, [x, y], dtype=np.float64),
    ]  # fmt: skip


def simply(mx):
    t, s = mx.test_utils, mx.sym
    a, b = s.var("a"), s.var("b")
    x = np.array([[1.0, 2], [3, 4]])
    return [t.simple_forward(s.dot(a, b), a=x, b=x), t.simple_forward(s.Group([a + 1, a * 2]), mx.cpu(), a=x),
            t.simple_forward(s.Dropout(a, p=0.5), a=x), t.simple_forward(s.Dropout(a, p=0.0), is_train=True, a=x),
            t.same_symbol_structure(a * b + 1, b * a + 2), t.same_symbol_structure(a * b, a + b),
            t.same_symbol_structure(s.exp(a, name="one"), s.exp(b, name="two")),
            lambda: t.simple_forward(a + b, a=x)]  # fmt: skip
