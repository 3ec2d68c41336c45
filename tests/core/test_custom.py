"""mx.operator: the example of MXNet's documentation, and what is refused.  More is replayed from records of MXNet."""

from __future__ import annotations

import numpy as np
import pytest

import mxl as mx


class Softmax(mx.operator.CustomOp):
    """A loss layer in numpy: backward ignores what comes from above."""

    def forward(self, is_train, req, in_data, out_data, aux):
        x = in_data[0].asnumpy()
        y = np.exp(x - x.max(axis=1, keepdims=True))
        self.assign(out_data[0], req[0], mx.nd.array(y / y.sum(axis=1, keepdims=True)))

    def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
        y = out_data[0].asnumpy()
        y[np.arange(len(y)), in_data[1].asnumpy().astype(int)] -= 1
        self.assign(in_grad[0], req[0], mx.nd.array(y))


@mx.operator.register("softmax_of_docs")
class SoftmaxProp(mx.operator.CustomOpProp):
    def __init__(self):
        super().__init__(need_top_grad=False)

    def list_arguments(self):
        return ["data", "label"]

    def infer_shape(self, in_shape):
        return [in_shape[0], (in_shape[0][0],)], [in_shape[0]], []

    def create_operator(self, ctx, shapes, dtypes):
        return Softmax()


def test_the_example_of_the_documentation() -> None:
    x = mx.nd.array([[1, 2, 0], [3, 1, 2]])
    x.attach_grad()
    with mx.autograd.record():
        y = mx.nd.Custom(data=x, label=mx.nd.array([0, 2]), op_type="softmax_of_docs")
    y.backward()
    expected = mx.nd.softmax(x).asnumpy()
    np.testing.assert_allclose(y.asnumpy(), expected, rtol=1e-6)
    np.testing.assert_allclose(x.grad.asnumpy(), expected - [[1, 0, 0], [0, 0, 1]], rtol=1e-5)


@pytest.mark.parametrize("call, sentence", [
    (lambda: mx.nd.Custom(mx.nd.ones(1), op_type="nope"), "no operator 'nope' is registered; known: .*softmax_of_docs"),
    (lambda: mx.nd.Custom(mx.nd.ones((1, 1)), op_type="softmax_of_docs"), "takes data, label; label is missing"),
    (lambda: mx.nd.Custom(*[mx.nd.ones((1, 1))] * 3, op_type="softmax_of_docs"), "too many came: 3 by position"),
    (lambda: mx.nd.Custom(mx.nd.ones((1, 1)), 3, op_type="softmax_of_docs"), "label must be an NDArray, not int"),
    (lambda: mx.nd.Custom(mx.nd.ones((2, 1)), mx.nd.ones(3), op_type="softmax_of_docs"),
     r"label is \[3\]; infer_shape expects \[2\]"),
    (lambda: mx.operator.register("x")(int), "is no subclass of CustomOpProp"),
    (lambda: mx.operator.get_operator_arguments("nope"), "there is no operator 'nope'"),
])
def test_what_is_refused(call, sentence: str) -> None:
    with pytest.raises(mx.MXLError, match=sentence):
        call()


def test_outputs_that_do_not_match_their_names() -> None:
    @mx.operator.register("two_of_one")
    class Prop(mx.operator.CustomOpProp):
        def infer_shape(self, in_shape):
            return in_shape, [in_shape[0]] * 2, []

    with pytest.raises(mx.MXLError, match="has the outputs output; infer_shape gave 2 shapes, infer_type 1 dtypes"):
        mx.nd.Custom(mx.nd.ones(1), op_type="two_of_one")


def test_no_gradient_of_its_gradient() -> None:
    x = mx.nd.ones((1, 2))
    x.attach_grad()
    with mx.autograd.record():
        y = mx.nd.Custom(x, mx.nd.zeros(1), op_type="softmax_of_docs")
        with pytest.raises(mx.MXLError, match="custom operator 'softmax_of_docs' cannot be differentiated again"):
            mx.autograd.grad(y, x, create_graph=True)


def test_arguments_of_an_operator_of_the_table() -> None:
    found = mx.operator.get_operator_arguments("FullyConnected")
    names, kinds = found.names, found.types
    assert names[:3] == ["data", "weight", "bias"]
    assert kinds[:3] == ["NDArray-or-Symbol"] * 3
