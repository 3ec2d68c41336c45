"""autograd.Function: a user's own forward and backward on the tape."""

import pytest

from mxl.core import autograd, nd
from mxl.core.errors import GraphError, ShapeError


class Sigmoid(autograd.Function):
    def forward(self, x):
        assert not autograd.is_recording()
        y = 1 / (1 + nd.exp(-x))
        self.save_for_backward(y)
        return y

    def backward(self, dy):
        assert not autograd.is_recording()
        (y,) = self.saved_tensors
        return dy * y * (1 - y)


class SumAndProduct(autograd.Function):
    def forward(self, a, b):
        return a + b, a * b

    def backward(self, dsum, dproduct):
        return dsum, dsum + dproduct


def variable(values):
    x = nd.array(values)
    x.attach_grad()
    return x


def test_the_user_s_gradient_is_used():
    x = variable([0.0, 1.0])
    with autograd.record():
        y = Sigmoid()(x) * 2
    y.backward()
    assert x.grad.asnumpy().tolist() == pytest.approx([0.5, 0.39322387])


def test_outside_of_record_it_is_a_plain_function():
    assert Sigmoid()(nd.array([0.0])).asscalar() == 0.5


def test_several_outputs_and_one_unused():
    a, b = variable([1.0, 2.0]), variable([3.0, 4.0])
    with autograd.record():
        total, _ = SumAndProduct()(a, b)
    total.backward()
    assert a.grad.asnumpy().tolist() == [1, 1]
    assert b.grad.asnumpy().tolist() == [1, 1]


def test_gradients_come_contiguous_and_apart():
    class Look(autograd.Function):
        def forward(self, x):
            return x * 1

        def backward(self, dy):
            assert dy._data.flags.c_contiguous
            dy *= 10
            return dy

    x = variable([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    with autograd.record():
        y = Look()(x)
        z = y.T * nd.array([[1, 2], [3, 4], [5, 6]])
        w = y + x
    autograd.backward([z, w])
    assert x.grad.asnumpy().tolist() == [[21, 41, 61], [31, 51, 71]]


def test_an_input_given_back_is_another_array():
    class Times5(autograd.Function):
        def forward(self, x):
            return x

        def backward(self, dy):
            return dy * 5

    x = variable([1.0])
    with autograd.record():
        y = Times5()(x)
    assert y is not x
    y.backward()
    assert x.grad.asscalar() == 5


def run(forward, backward, create_graph=False):
    function = type("Mine", (autograd.Function,), {"forward": forward, "backward": backward})()
    x = variable([1.0, 2.0])
    with autograd.record():
        y = function(x)
        if create_graph:
            autograd.grad(y, x, create_graph=True)
    y.backward()


def test_an_instance_is_called_once():
    f = Sigmoid()
    f(nd.array([1.0]))
    with pytest.raises(AssertionError, match="this instance was called before; make a new one for each call"):
        f(nd.array([1.0]))


def test_an_error_of_the_user_s_backward_comes_through():
    def fails(self, dy):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        run(lambda self, x: x * 2, fails)


ERRORS = [
    (lambda self, x: 3, lambda self, dy: dy, TypeError, "Mine.forward must return NDArrays, not int"),
    (lambda self, x: x * 2, lambda self, dy: 3, TypeError, "Mine.backward must return NDArrays, not int"),
    (lambda self, x: x * 2, lambda self, dy: (dy, dy), GraphError, "one gradient for each of the 1 inputs; 2 came"),
    (lambda self, x: x * 2, lambda self, dy: dy.sum(), ShapeError, r"input 0 is \[2\], its gradient came as \[1\]"),
]


@pytest.mark.parametrize("forward, backward, kind, message", ERRORS, ids=[e[3][:30] for e in ERRORS])
def test_errors(forward, backward, kind, message):
    with pytest.raises(kind, match=message):
        run(forward, backward)


def test_its_gradient_has_no_gradient():
    with pytest.raises(GraphError, match="gradient of Function 'Mine' cannot be differentiated again"):
        run(lambda self, x: x * 2, lambda self, dy: dy, create_graph=True)


def test_methods_must_be_defined():
    with pytest.raises(NotImplementedError, match="Function defines no forward"):
        autograd.Function()(nd.array([1.0]))
    with pytest.raises(NotImplementedError, match="Mine defines no backward"):
        run(lambda self, x: x * 2, autograd.Function.backward)
