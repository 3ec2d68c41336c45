"""Parameter and Constant: initialisation, contexts, gradients, and the sentences where something is missing."""

from __future__ import annotations

import numpy as np
import pytest

import mxl as mx
from mxl.core import allocator
from mxl.gluon import Constant, DeferredInitializationError, Parameter


def made(shape=(2, 3), **kwargs):
    init = kwargs.pop("init_now", "ones")
    ctx = kwargs.pop("ctx", None)
    param = Parameter("w", shape=shape, **kwargs)
    param.initialize(init=init, ctx=ctx)
    return param


def deferred():
    param = Parameter("w", shape=(2, 0), allow_deferred_init=True)
    param.initialize(init="ones")
    return param


def test_printed_form():
    assert repr(Parameter("w", shape=(2, 3))) == "Parameter w (shape=(2, 3), dtype=<class 'numpy.float32'>)"
    assert repr(Parameter("w", dtype="float16")) == "Parameter w (shape=None, dtype=float16)"


def test_values_are_mxnets():
    param = Parameter("w", shape=(2, 3), allow_deferred_init=True)
    param.initialize()
    expected = np.array([[0.0068339, 0.01299825, 0.0301265], [0.04819721, 0.01438687, 0.05011239]], "float32")
    np.testing.assert_allclose(param.data().asnumpy(), expected, rtol=1e-6)


def test_which_initializer_wins():
    own = Parameter("w", shape=(2,), init="ones")
    own.initialize(default_init="zeros")
    assert own.data().asnumpy().tolist() == [1, 1]
    own.initialize(init="zeros", default_init="ones", force_reinit=True)
    assert own.data().asnumpy().tolist() == [0, 0]
    bias = Parameter("w_bias", shape=(2,))
    bias.initialize(default_init=mx.init.One())  # the default counts whatever the name
    assert bias.data().asnumpy().tolist() == [1, 1]


def test_a_second_initialize_is_ignored_with_a_warning():
    param = made()
    with pytest.warns(UserWarning, match="Parameter 'w' has its value already and keeps it; force_reinit=True"):
        param.initialize(init="zeros")
    assert param.data().asnumpy().sum() == 6


def test_unknown_shape_needs_deferring():
    with pytest.raises(ValueError, match=r"Parameter 'w' cannot be initialised, its shape is \(2, 0\): give"):
        Parameter("w", shape=(2, 0)).initialize()
    with pytest.raises(ValueError, match="its shape is None: give the whole"):
        Parameter("w").initialize()


def test_deferred_initialisation():
    param = deferred()
    assert param.list_ctx() == [mx.cpu(0)]
    for ask in (param.data, param.grad, param.list_data, param.list_grad):
        with pytest.raises(DeferredInitializationError, match="Run one batch through the network before"):
            ask()
    with pytest.raises(AssertionError, match=r"its shape is \(2, 0\) still: tell its layer .*in_units"):
        param._finish_deferred_init()
    param.shape = (2, 3)
    param._finish_deferred_init()
    assert param.data().asnumpy().tolist() == [[1, 1, 1], [1, 1, 1]]


def test_deferred_error_is_mxnets_kind():
    assert issubclass(DeferredInitializationError, mx.MXNetError)


def test_before_initialize():
    param = Parameter("w", shape=(2,))
    with pytest.raises(RuntimeError, match=r"Parameter 'w' has not been initialised: call initialize\(\) of"):
        param.data()
    with pytest.raises(RuntimeError, match="has not been initialised: call initialize"):
        param.list_ctx()
    with pytest.raises(AssertionError, match="has not been initialised: call initialize"):
        param.set_data(mx.nd.ones((2,)))
    with pytest.raises(ValueError, match="Parameter 'w' has no value that could move to other contexts: call"):
        param.reset_ctx(mx.cpu(1))


@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 1), (2,)])
def test_a_known_size_stays(shape):
    param = made()
    with pytest.raises(AssertionError, match=r"Parameter 'w' has shape \(2, 3\): the shape .* is incompatible"):
        param.shape = shape


def test_unknown_sizes_are_filled_in():
    param = Parameter("w", shape=(-1, 0, 3))
    param.shape = (5, 4, 3)
    assert param.shape == (5, 4, 3)
    assert Parameter("w", shape=5).shape == (5,)


def test_grad_req():
    param = made()
    with pytest.raises(AssertionError, match="grad_req is 'foo'; known: write, add, null"):
        param.grad_req = "foo"
    param.grad_req = "null"
    with pytest.raises(RuntimeError, match="Parameter 'w' has no gradient: its grad_req is 'null'"):
        param.grad()
    with pytest.raises(RuntimeError, match="its grad_req is 'null'"):
        param.list_grad()
    param.zero_grad()
    param.grad_req = "write"
    assert param.grad().asnumpy().tolist() == [[0, 0, 0], [0, 0, 0]]
    assert param.data().asnumpy().sum() == 6


def test_what_is_not_differentiable_has_no_gradient():
    param = Parameter("w", shape=(2,), differentiable=False)
    param.grad_req = "write"
    assert param.grad_req == "null"


def test_gradients_add_up_when_asked_to():
    param = made(shape=(2,), grad_req="add")
    for _ in range(2):
        with mx.autograd.record():
            loss = (3 * param.data()).sum()
        loss.backward()
    assert param.grad().asnumpy().tolist() == [6, 6]
    param.zero_grad()
    assert param.grad().asnumpy().tolist() == [0, 0]


def test_set_data():
    param = made()
    param.set_data(mx.nd.ones((2, 3)) * 4)
    assert param.data().asnumpy().tolist() == [[4, 4, 4], [4, 4, 4]]
    with pytest.raises(AssertionError, match="incompatible"):
        param.set_data(mx.nd.ones((3, 3)))
    later = deferred()
    later.set_data(mx.nd.ones((2, 3)) * 5)
    assert later.shape == (2, 3)
    with pytest.raises(DeferredInitializationError):
        later.data()
    later._finish_deferred_init()
    assert later.data().asnumpy().tolist() == [[5, 5, 5], [5, 5, 5]]


def test_contexts():
    contexts = [mx.cpu(0), mx.cpu(1)]
    param = made(ctx=contexts)
    assert param.list_ctx() == contexts
    assert [a.context for a in param.list_data()] == contexts
    assert [a.context for a in param.list_grad()] == contexts
    assert param.data(mx.cpu(1)).context == mx.cpu(1)
    assert param.data().context == mx.cpu(0)
    with mx.cpu(1):
        assert param.data().context == mx.cpu(1)
    with pytest.raises(
        RuntimeError, match=r"has no value on cpu\(2\): it was initialised on \[cpu\(0\), cpu\(1\)\]"
    ):
        param.data(mx.cpu(2))
    param.list_data()[1][:] = 3
    param.reset_ctx(mx.cpu(2))
    assert param.list_ctx() == [mx.cpu(2)]
    assert param.data().asnumpy().tolist() == [[2, 2, 2], [2, 2, 2]]  # the mean of 1 and 3
    later = deferred()
    later.reset_ctx([mx.cpu(1)])
    assert later.list_ctx() == [mx.cpu(1)]


def test_copies_on_contexts_are_apart():
    param = made(ctx=[mx.cpu(0), mx.cpu(1)])
    param.list_data()[0][:] = 7
    assert param.list_data()[1].asnumpy().sum() == 6


def test_cast():
    param = made()
    param.cast("float64")
    assert (param.dtype, param.data().dtype, param.grad().dtype) == ("float64", np.float64, np.float64)
    with mx.autograd.record():
        loss = (2 * param.data()).sum()
    loss.backward()
    assert param.grad().asnumpy().tolist() == [[2, 2, 2], [2, 2, 2]]
    early = Parameter("w", shape=(2,))
    early.dtype = "float16"
    early.initialize()
    assert early.data().dtype is np.float16


@pytest.mark.parametrize("settings, sentence", [
    ({"stype": "dense"}, "Parameter 'w': stype is 'dense'; known: default, row_sparse, csr"),
    ({"grad_stype": "rows"}, "Parameter 'w': grad_stype is 'rows'; known: default, row_sparse, csr"),
])
def test_an_unknown_storage_is_refused(settings, sentence):
    with pytest.raises(AssertionError, match=sentence):
        Parameter("w", shape=(2,), **settings)


def test_an_unknown_initializer_is_named():
    with pytest.raises(Exception, match="nosuch"):
        Parameter("w", shape=(2,), init="nosuch").initialize()


def test_constant():
    constant = Constant("c", [[1, 2], [3, 4]])
    assert repr(constant) == "Constant c (shape=(2, 2), dtype=<class 'numpy.float32'>)"
    constant.initialize()
    assert constant.data().asnumpy().tolist() == [[1, 2], [3, 4]]
    with pytest.raises(RuntimeError, match="its grad_req is 'null'"):
        constant.grad()
    with pytest.warns(UserWarning, match="its grad_req stays 'null', and 'write' is ignored"):
        constant.grad_req = "write"
    assert constant.grad_req == "null"
    numbers = Constant("n", mx.nd.array([1, 2], dtype="int32"))
    numbers.initialize()
    assert numbers.data().dtype is np.int32


def test_values_and_gradients_are_made_by_the_allocator():
    made_here = []

    def allocate(shape, dtype):
        buffer = np.empty(shape, dtype)
        made_here.append(buffer)
        return buffer

    before = allocator.set_allocator(allocate)
    try:
        param = made(ctx=[mx.cpu(0), mx.cpu(1)])
        param.cast("float64")
    finally:
        allocator.set_allocator(before)
    for array in [*param.list_data(), *param.list_grad()]:
        assert any(array._data is buffer for buffer in made_here)
