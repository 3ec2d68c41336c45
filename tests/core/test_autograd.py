"""autograd: modes, gradients by every grad_req, what frees a graph, and each sentence of its errors."""

import gc
import sys
import threading
import weakref

import numpy as np
import pytest

from mxl.core import autograd, nd
from mxl.core.errors import ArgumentError, DtypeError, GraphError, MXLError, NoGradient, ShapeError, UnknownName
from mxl.core.op import TABLE, op


def variable(values, grad_req="write", dtype=None):
    x = nd.array(values, dtype=dtype)
    x.attach_grad(grad_req)
    return x


def grad_of(f, *arrays):
    with autograd.record():
        y = f(*arrays)
    y.backward()
    return [a.grad.asnumpy().tolist() for a in arrays]


# -- modes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scope, modes",
    [
        (autograd.record, (True, True)),
        (lambda: autograd.record(train_mode=False), (True, False)),
        (autograd.pause, (False, False)),
        (lambda: autograd.pause(train_mode=True), (False, True)),
        (autograd.train_mode, (False, True)),
        (autograd.predict_mode, (False, False)),
    ],
)
def test_scopes_set_and_restore_modes(scope, modes):
    with scope():
        assert (autograd.is_recording(), autograd.is_training()) == modes
    assert (autograd.is_recording(), autograd.is_training()) == (False, False)


def test_scopes_nest_and_restore_after_an_error():
    with autograd.record():
        with autograd.pause():
            assert not autograd.is_recording()
        assert autograd.is_recording()
        with pytest.raises(ZeroDivisionError), autograd.predict_mode():
            raise ZeroDivisionError
        assert autograd.is_training()


def test_a_scope_may_be_entered_again():
    scope = autograd.record()
    with scope, scope:
        assert autograd.is_recording()
    assert not autograd.is_recording()


def test_a_scope_is_a_decorator_too():
    @autograd.record()
    def recorded_call(x):
        """Doubles."""
        return autograd.is_recording(), x * 2

    x = variable([1.0])
    was_recording, y = recorded_call(x)
    y.backward()
    assert was_recording
    assert not autograd.is_recording()
    assert x.grad.asscalar() == 2
    assert recorded_call.__doc__ == "Doubles."


def test_threads_may_share_a_scope():
    scope, seen = autograd.record(), []
    inside, leave = threading.Barrier(2, timeout=10), threading.Event()

    def work():
        with scope:
            inside.wait()
            assert leave.wait(10)
        seen.append((autograd.is_recording(), autograd.is_training()))

    with autograd.train_mode():
        thread = threading.Thread(target=work)
        with scope:  # entered first and left first: a stack of both threads would give each the other's modes
            thread.start()
            inside.wait()
        assert (autograd.is_recording(), autograd.is_training()) == (False, True)
        leave.set()
        thread.join()
    assert seen == [(False, False)]


def test_setters_return_what_was():
    assert autograd.set_recording(True) is False
    assert autograd.set_recording(False) is True
    assert autograd.set_training(True) is False
    assert autograd.set_training(False) is True


def test_modes_belong_to_their_thread():
    seen = []
    with autograd.record():
        thread = threading.Thread(target=lambda: seen.append(autograd.is_recording()))
        thread.start()
        thread.join()
    assert seen == [False]


def test_threads_record_and_go_back_on_their_own():
    results = {}

    def work(k):
        x = variable([float(k)])
        with autograd.record():
            y = x
            for _ in range(50):
                y = y + x * k
        y.backward()
        results[k] = x.grad.asscalar()

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {k: 1 + 50 * k for k in range(4)}


# -- gradients ------------------------------------------------------------------------------------------------------


def test_backward_writes_the_gradient():
    assert grad_of(lambda x: x * x + 3 * x, variable([1.0, 2.0])) == [[5, 7]]


def test_a_gradient_is_zero_before_the_first_backward():
    assert variable([1.0, 2.0]).grad.asnumpy().tolist() == [0, 0]
    assert nd.array([1]).grad is None


def test_write_replaces_and_add_adds():
    for req, expected in (("write", [2, 2]), ("add", [4, 4])):
        x = variable([1.0, 2.0], req)
        for _ in range(2):
            with autograd.record():
                y = x * 2
            y.backward()
        assert x.grad.asnumpy().tolist() == expected


def test_null_leaves_the_gradient_alone():
    x, w = variable([1.0, 2.0], "null"), variable([3.0, 4.0])
    with autograd.record():
        y = x * w
    y.backward()
    assert x.grad.asnumpy().tolist() == [0, 0]
    assert w.grad.asnumpy().tolist() == [1, 2]


def test_a_variable_used_often_collects_all_contributions():
    assert grad_of(lambda x: x + x + x * x, variable([3.0])) == [[8]]


def test_add_does_not_alias_the_head_gradient():
    x, y = variable([1.0, 1.0]), variable([1.0, 1.0])
    with autograd.record():
        z = (x + y) + x + x
    seed = nd.array([1.0, 10.0])
    z.backward(seed)
    assert seed.asnumpy().tolist() == [1, 10]
    assert x.grad.asnumpy().tolist() == [3, 30]
    assert y.grad.asnumpy().tolist() == [1, 10]


def test_several_heads_add_up():
    x = variable([1.0, 2.0])
    with autograd.record():
        y, z = x * 2, x * 3
    autograd.backward([y, z], [None, nd.array([1.0, 10.0])])
    assert x.grad.asnumpy().tolist() == [5, 32]


def test_a_variable_may_be_the_head():
    x = variable([1.0, 2.0])
    x.backward()
    assert x.grad.asnumpy().tolist() == [1, 1]


def test_a_variable_that_only_constants_depend_on_gets_zeros():
    x = variable([1.5, 2.5])
    x.grad[:] = 9
    with autograd.record():
        y = nd.floor(x)
    y.backward()
    assert x.grad.asnumpy().tolist() == [0, 0]


def test_integers_have_gradients_too():
    assert grad_of(lambda x: x * 2, variable([1, 2], dtype="int32")) == [[2, 2]]


def test_the_gradient_has_the_variable_s_dtype():
    x = variable([1.0, 2.0])
    assert grad_of(lambda x: x.astype("float64") * 2, x) == [[2, 2]]
    assert x.grad.dtype is np.float32


def test_a_numpy_number_does_not_change_the_gradient_s_dtype():
    x, seen = variable([1.0, 2.0]), []

    class Look(autograd.Function):
        def forward(self, y):
            return y * 1

        def backward(self, dy):
            seen.append(dy.dtype)
            return dy

    with autograd.record():
        y = (nd.clip(Look()(x) * np.float64(3), np.float64(0), a_max=np.float64(9)) - np.float64(1)) ** np.float64(2)
    y.backward()
    assert seen == [np.float32]
    assert x.grad.asnumpy().tolist() == [12, 30]


def test_gradients_go_through_contexts():
    x = variable([1.0, 2.0])
    assert grad_of(lambda x: x.as_in_context(nd.cpu(1)) * 2 + x.copyto(nd.cpu(2)), x) == [[3, 3]]
    assert str(x.grad.context) == "cpu(0)"


def test_attach_grad_cuts_an_array_from_its_graph():
    x = variable([1.0, 2.0])
    with autograd.record():
        y = x * 2
        y.attach_grad()
        z = y * x
    z.backward()
    assert x.grad.asnumpy().tolist() == [2, 4]
    assert y.grad.asnumpy().tolist() == [1, 2]


def test_detach_makes_a_constant():
    x = variable([1.0, 2.0])
    assert grad_of(lambda x: x.detach() * x, x) == [[1, 2]]
    assert x.detach().grad is None


def test_pause_makes_constants():
    x = variable([1.0, 2.0])
    with autograd.record():
        with autograd.pause():
            y = x * 5
        z = x + y
    z.backward()
    assert x.grad.asnumpy().tolist() == [1, 1]


def test_mark_variables_uses_the_given_gradients():
    x, g = nd.array([1.0, 2.0]), nd.zeros((2,))
    autograd.mark_variables(x, g, "add")
    with autograd.record():
        y = x * 2
    y.backward()
    assert g.asnumpy().tolist() == [2, 2]
    assert x.grad is g


def test_gradients_of_views_and_parts():
    cases = {
        "slice": (lambda x: x[0:1] * 3, [[3, 3], [0, 0]]),
        "number": (lambda x: x[1] * 3, [[0, 0], [3, 3]]),
        "element": (lambda x: x[0][1] * 2 + x[0, 0], [[1, 2], [0, 0]]),
        "column": (lambda x: x[:, 0] * 2, [[2, 0], [2, 0]]),
        "list": (lambda x: x[[1, 1]] * 2, [[0, 0], [4, 4]]),
        "reshape": (lambda x: x.reshape((4, 1)) * 2, [[2, 2], [2, 2]]),
        "transposed": (lambda x: x.T * nd.array([[1, 2], [3, 4]]), [[1, 3], [2, 4]]),
        "loop": (lambda x: sum((row * (i + 1) for i, row in enumerate(x)), nd.zeros((2,))), [[1, 1], [2, 2]]),
    }
    for name, (f, expected) in cases.items():
        assert grad_of(f, variable([[1, 2], [3, 4]])) == [expected], name


def test_a_part_taken_outside_of_record_is_a_constant():
    x = variable([1.0, 2.0, 3.0])
    part = x[0:2]
    with autograd.record():
        y = part * 2
    with pytest.raises(GraphError, match="not in a computational graph"):
        y.backward()


def test_out_is_recorded():
    x, y = variable([1.0, 2.0]), nd.zeros((2,))
    with autograd.record():
        nd.broadcast_add(x, x, out=y)
    y.backward()
    assert x.grad.asnumpy().tolist() == [2, 2]


def test_assigning_the_whole_is_recorded_as_a_copy():
    x, y, z = variable([1.0, 2.0]), nd.zeros((2,)), nd.zeros((3, 2), dtype="float64")
    with autograd.record():
        y[:] = x * 2
        z[:] = y
    z.backward()
    assert x.grad.asnumpy().tolist() == [6, 6]
    assert z.asnumpy().tolist() == [[2, 4]] * 3


def test_writes_outside_of_record_keep_a_variable_a_variable():
    x = variable([1.0, 2.0])
    x -= 0.5
    x[:] = nd.array([5.0, 6.0])
    nd.broadcast_add(x, x, out=x)
    assert grad_of(lambda x: x * x, x) == [[20, 24]]


def test_inf_and_nan_are_results_not_warnings():
    x = variable([0.0, -1.0])
    assert np.isnan(grad_of(lambda x: nd.log(x) / 0.0, x)).sum() == 0
    assert np.isinf(x.grad.asnumpy()).all()
    assert np.isnan((nd.array([np.inf]) - nd.array([np.inf])).asnumpy()).all()


# -- grad and higher orders -----------------------------------------------------------------------------------------


def test_grad_returns_new_arrays_in_a_list():
    x = variable([1.0, 2.0])
    with autograd.record():
        y = x**3
    (g,) = autograd.grad(y, x)
    assert g.asnumpy().tolist() == [3, 12]
    assert x.grad.asnumpy().tolist() == [0, 0]


def test_third_derivative():
    x = variable([1.0, 2.0])
    with autograd.record():
        y = x**4
        first = autograd.grad(y, [x], create_graph=True)[0]
        second = autograd.grad(first, [x], create_graph=True)[0]
    second.backward()
    assert x.grad.asnumpy().tolist() == [24, 48]


def test_penalty_on_the_gradient():
    x, w = variable([[1.0, 2.0]]), variable([[3.0], [4.0]])
    with autograd.record():
        y = nd.dot(x, w).sum()
        (g,) = autograd.grad(y, [x], create_graph=True)
        loss = (g * g).sum()
    loss.backward()
    assert w.grad.asnumpy().tolist() == [[6], [8]]


def test_grad_frees_the_graph_unless_told():
    x = variable([2.0])
    with autograd.record():
        y = x * x
    autograd.grad(y, x, retain_graph=True)
    autograd.grad(y, x)
    with pytest.raises(GraphError, match="not in a computational graph"):
        autograd.grad(y, x)


# -- graphs end -----------------------------------------------------------------------------------------------------


def test_backward_frees_the_graph():
    x = variable([1.0])
    with autograd.record():
        y = x * 2
    y.backward()
    with pytest.raises(GraphError, match="pass retain_graph=True to the first backward"):
        y.backward()


def test_retain_graph_allows_another():
    x = variable([1.0], "add")
    with autograd.record():
        y = x * 2
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.asscalar() == 4


def test_a_freed_part_is_named():
    x = variable([1.0])
    with autograd.record():
        z = x * x
        w = z + x
    z.backward()
    with pytest.raises(GraphError, match="a part of the graph was freed by an earlier backward"):
        w.backward()


def test_what_was_freed_is_a_constant_from_then_on():
    x = variable([3.0])
    with autograd.record():
        y = x * x
        y.backward()
        z = y * x + nd.exp(y) * 0
    z.backward()
    assert x.grad.asscalar() == 9


def test_a_long_chain_is_walked_and_freed_without_recursion():
    x, b = variable([1.0]), nd.array([1.0])
    deep = sys.getrecursionlimit() * 20
    with autograd.record():
        y = x
        for _ in range(deep):
            y = y + b
    y.backward(retain_graph=True)
    assert x.grad.asscalar() == 1
    del y


def test_the_tape_dies_with_its_arrays_without_the_collector():
    gc.disable()
    try:
        x = variable([1.0, 2.0])
        with autograd.record():
            y = nd.exp(x) * x
        node = y._node
        buffer = weakref.ref(node.arrays[0])
        del node, y
        assert buffer() is None
    finally:
        gc.enable()


def test_add_keeps_no_inputs_alive():
    x = variable([1.0, 2.0])
    with autograd.record():
        y = x * 2
        buffer = weakref.ref(y._data)
        z = y + x
        del y
    assert buffer() is None
    z.backward()
    assert x.grad.asnumpy().tolist() == [3, 3]


# -- errors ---------------------------------------------------------------------------------------------------------


def recorded():
    x = variable([1.0, 2.0])
    with autograd.record():
        y = x * 2
    return x, y


def ungraded():
    x = nd.array([1.0])
    with autograd.record():
        y = x * x
    y.backward()


def without_gradient(create_graph=False):
    @op(name="_test_without_gradient")
    def without(data):
        return data + 1

    try:
        x = variable([1.0])
        with autograd.record():
            y = without(x)
        autograd.grad(y, [x], create_graph=create_graph)
    finally:
        del TABLE["_test_without_gradient"]


def unreachable():
    x, z = variable([1.0]), variable([1.0])
    with autograd.record():
        y = x * 2
    autograd.grad(y, [x, z])


def intermediate():
    x = variable([1.0])
    with autograd.record():
        y = x * 2
        z = y * 3
    autograd.grad(z, [y])


def inside(statement):
    def run():
        x = variable([1.0, 2.0])
        with autograd.record():
            statement(x, x * 2)

    return run


ERRORS = [
    (ungraded, GraphError, r"not in a computational graph. Compute it from arrays with attach_grad\(\)"),
    (without_gradient, NoGradient, r"op '_test_without_gradient' has no gradient; declare one with .*vjp"),
    (lambda: without_gradient(create_graph=True), NoGradient, r"op '_test_without_gradient' has no gradient"),
    (unreachable, GraphError, "with respect to variable 1: it is unreachable from the heads"),
    (intermediate, GraphError, r"variable 0, because it does not require gradient: call attach_grad\(\)"),
    (inside(lambda x, y: x.__iadd__(1)), GraphError, "cannot write into an array that is in a computational graph"),
    (
        inside(lambda x, y: x.__setitem__(0, 1)),
        GraphError,
        "cannot write into an array that is in a computational graph",
    ),
    (inside(lambda x, y: y.__imul__(x)), GraphError, "cannot write into an array that is in a computational graph"),
    (inside(lambda x, y: nd.ones((2,)).__iadd__(x)), GraphError, "cannot write into an array in place while recording"),
    (inside(lambda x, y: nd.ones((2,)).__setitem__(0, y[0])), GraphError, r"assign the whole \(y\[:\] = x\)"),
    (inside(lambda x, y: nd.exp(x, out=y)), GraphError, "cannot write into an array that is in a computational graph"),
    (
        inside(lambda x, y: nd.zeros((2,)).copyto(y)),
        GraphError,
        "cannot write into an array that is in a computational graph",
    ),
    (lambda: recorded()[1].backward(nd.ones((3,))), ShapeError, r"the head is \[2\], its gradient is \[3\]"),
    (
        lambda: recorded()[1].backward(nd.ones((2,), dtype="float64")),
        DtypeError,
        "the head is float32, its gradient is float64",
    ),
    (lambda: autograd.backward([recorded()[1]], [None, None]), AssertionError, "1 heads and 2 head_grads came"),
    (lambda: autograd.backward([3]), ArgumentError, "heads must be NDArrays, not int"),
    (lambda: autograd.grad(recorded()[1], []), AssertionError, "variables is an empty list; name at least one"),
    (lambda: setattr(nd.ones((2,)), "_fresh_grad", True), GraphError, "_fresh_grad: the array has no gradient"),
    (lambda: nd.ones((2,)).attach_grad("foo"), UnknownName, "grad_req is 'foo'; known: write, add, null"),
    (lambda: nd.ones((2,)).attach_grad(stype="foo"), ValueError, "storage 'foo' is not known; known: 'default',"),
    (
        lambda: autograd.mark_variables([nd.ones((2,))], [nd.ones((3,))]),
        ShapeError,
        r"variable is \[2\], its gradient is \[3\]",
    ),
    (lambda: autograd.mark_variables([nd.ones((2,))], []), ArgumentError, "1 variables, 0 gradients and 1 grad_reqs"),
    (lambda: autograd.mark_variables([nd.ones((2,))], [nd.ones((2,))], "foo"), KeyError, "grad_req is 'foo'"),
]


@pytest.mark.parametrize("cause, kind, message", ERRORS, ids=[e[2][:40] for e in ERRORS])
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()
    assert not autograd.is_recording()


def test_only_null_gradients_are_an_error():
    x = variable([1.0], "null")
    with autograd.record():
        y = x * 2
    with pytest.raises(MXLError, match="no inputs in the computational graph that require gradients"):
        y.backward()


def test_an_array_writable_again_after_its_graph_is_gone():
    x, y = recorded()
    y.backward()
    with autograd.record():
        y += 1
    assert y.asnumpy().tolist() == [3, 5]
    del x
