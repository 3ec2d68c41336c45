"""Declaring operators and calling them: how arguments are understood, what is kept, and each sentence of the errors."""

import numpy as np
import pytest

from mxl.core import autograd, nd
from mxl.core.errors import ArgumentError, DtypeError, NotAnArray, ShapeError
from mxl.core.op import REQUIRED, TABLE, op
from mxl.testing.gradient import check_gradient


@pytest.fixture
def declare():
    """Operators that leave the table after the test."""
    before = dict(TABLE)
    yield op
    TABLE.clear()
    TABLE.update(before)


def variable(values):
    x = nd.array(values)
    x.attach_grad()
    return x


# -- arguments ------------------------------------------------------------------------------------------------------


def test_arguments_by_position_and_by_name(declare):
    @declare
    def scaled(data, factor=1.0, offset=0.0):
        """data * factor + offset."""
        return data * factor + offset

    x = nd.array([1.0, 2.0])
    for y in (
        scaled(x, 3, 1),
        scaled(x, 3, offset=1),
        scaled(data=x, factor=3, offset=1),
        scaled(x, factor=3, offset=1, name="n"),
    ):
        assert y.asnumpy().tolist() == [4, 7]
    assert repr(scaled) == "<op scaled(data, factor, offset)>"
    assert scaled.__doc__ == "data * factor + offset."
    assert nd.scaled is scaled


def test_an_optional_array_may_be_absent(declare):
    @declare(arrays=("bias",))
    def shifted(data, bias=None, times=1):
        return data if bias is None else data + times * bias

    shifted.vjp(lambda g, _out, _data, _bias: g, lambda g, _out, _data, _bias, times: g * times)
    x, b = variable([1.0, 2.0]), variable([3.0, 4.0])
    assert shifted(x).asnumpy().tolist() == [1, 2]
    with autograd.record():
        y = shifted(x, b, 2) + shifted(x, bias=b) + shifted(x)
    y.backward()
    assert (x.grad.asnumpy().tolist(), b.grad.asnumpy().tolist()) == ([3, 3], [3, 3])


def test_plain_arrays_give_plain_arrays():
    result = nd.broadcast_add(np.ones((2, 1)), np.ones((1, 2)))
    assert type(result) is np.ndarray
    assert result.dtype == np.float64


def test_aliases_are_the_same_operator():
    assert nd.Concat is nd.concat
    assert nd.stop_gradient is nd.BlockGrad


def test_the_result_never_shares_memory_with_an_input(declare):
    @declare
    def rows(data):
        return data[1:]

    x = nd.array([[1.0, 2], [3, 4]])
    for y in (
        rows(x),
        nd.transpose(nd.array([1.0, 2])),
        nd.reshape(x, shape=(4,)),
        nd.flip(x, axis=1),
        nd.broadcast_to(x[0:1], shape=(3, 2)),
    ):
        assert not np.shares_memory(y._data, x._data)
        assert y._data.flags.c_contiguous
        assert y._data.flags.writeable


# -- gradients ------------------------------------------------------------------------------------------------------


def test_saved_values_reach_the_rule(declare):
    calls = []

    @declare(saves=True)
    def cubed(data):
        calls.append(1)
        squared = data * data
        return squared * data, squared

    cubed.vjp(lambda g, _out, _data, saved: 3 * g * saved)
    x = variable([2.0, 3.0])
    with autograd.record():
        y = cubed(x)
    y.backward()
    assert x.grad.asnumpy().tolist() == [12, 27]
    assert len(calls) == 1
    assert cubed(np.array([2.0])).tolist() == [8]


def test_training_mode_is_filled_in(declare):
    @declare
    def mode(data, _training=False, _ctx=None):
        return data * 0 + (1 if _training else 0) + 10 * _ctx.device_id

    x = nd.zeros((1,), ctx=nd.cpu(2))
    assert mode(x).asscalar() == 20
    with autograd.train_mode():
        assert mode(x).asscalar() == 21


def test_auxiliary_states_are_changed_in_place_and_constant(declare):
    @declare(updates=("seen",))
    def counted(data, seen):
        seen += 1
        return data * 1

    counted.vjp(lambda g, _out, _data, _seen: g, None)
    x, seen = variable([1.0]), nd.zeros((1,))
    part = seen[:]
    with autograd.record():
        y = counted(x, seen)
    y.backward()
    assert (seen.asscalar(), part.asscalar(), x.grad.asscalar()) == (1, 1, 1)


def test_one_rule_for_all_arguments_knows_what_is_wanted(declare):
    asked = []

    @declare
    def mixed(a, b):
        return a * b

    def rule(g, _out, a, b, wants):
        asked.append(wants)
        return g * b, g * a

    mixed.vjp(all=rule)
    check_gradient(mixed, (2, 3), (2, 3), order=2)
    asked.clear()
    x = variable([1.0])
    with autograd.record():
        y = mixed(x, nd.array([5.0]))
    y.backward()
    assert asked == [(True, False)]
    assert x.grad.asscalar() == 5


def test_a_like_argument_has_shape_and_dtype_without_elements(declare):
    seen = []

    @declare
    def total(data):
        return data.sum().reshape(1)

    def rule(g, out_like, data_like):
        seen.append((out_like.shape, data_like.shape, data_like.ndim, data_like.size, data_like.dtype.name))
        return nd.broadcast_to(nd.reshape(g, shape=(1, 1)), shape=data_like.shape)

    total.vjp(rule)
    x = variable([[1.0, 2], [3, 4]])
    with autograd.record():
        y = total(x)
    assert type(y._node.arrays[0]).__name__ == "Like"
    y.backward()
    assert seen == [((1,), (2, 2), 2, 4, "float32")]
    assert x.grad.asnumpy().tolist() == [[1, 1], [1, 1]]


def test_a_rule_may_take_every_parameter(declare):
    @declare
    def scaled_by(data, factor=2.0, unused=None):
        return data * factor

    scaled_by.vjp(lambda g, *_arrays, **params: g * params["factor"])
    check_gradient(scaled_by, (3,), factor=5.0)


def test_an_unused_output_has_gradient_zero():
    x = variable([[1.0, 2, 3, 4]])
    with autograd.record():
        left, _ = nd.split(x, num_outputs=2)
    left.backward()
    assert x.grad.asnumpy().tolist() == [[1, 1, 0, 0]]


# -- errors ---------------------------------------------------------------------------------------------------------

X = nd.ones((2, 3))
CALLS = [
    (lambda: nd.exp(), ArgumentError, "exp: array argument 'data' is missing; it takes data"),
    (lambda: nd.exp(3), NotAnArray, r"exp: argument 'data' must be an NDArray, not int \(3\)"),
    (lambda: nd.exp([X]), NotAnArray, "exp: argument 'data' must be an NDArray, not list"),
    (lambda: nd.broadcast_add(X, 3), NotAnArray, "broadcast_add: argument 'rhs' must be an NDArray, not int"),
    (lambda: nd.exp(X, foo=1), ArgumentError, "exp: unknown argument 'foo'; it takes data"),
    (lambda: nd.sum(X, foo=1), ArgumentError, "sum: unknown argument 'foo'; it takes data, axis, keepdims, exclude"),
    (lambda: nd.sum(X, 1, axis=1), ArgumentError, "sum: 'axis' came twice, by position and by name"),
    (lambda: nd.sum(X, data=X), ArgumentError, "sum: 'data' came twice, by position and by name"),
    (
        lambda: nd.sum(X, 1, 2, 3, 4, 5),
        ArgumentError,
        r"sum: takes 1 arrays \(data\) and 3 parameters .*; 6 positional",
    ),
    (lambda: nd.clip(X, 1), ArgumentError, "clip: required argument 'a_max' is missing"),
    (lambda: nd.clip(X), ArgumentError, "clip: required argument 'a_min' is missing"),
    (lambda: nd.exp(X, out=nd.ones((3,))), ShapeError, r"exp: the result is \[2, 3\], out= is \[3\]"),
    (
        lambda: nd.exp(X, out=nd.ones((2, 3), dtype="int32")),
        DtypeError,
        "exp: the result is float32, out= is int32; use astype",
    ),
    (lambda: nd.exp(X, out=np.ones((2, 3))), ArgumentError, "exp: out= must be an NDArray, not ndarray"),
    (lambda: nd.split(X, 3, out=[X]), ArgumentError, "split: it has 3 outputs, out= has 1 arrays"),
]


@pytest.mark.parametrize("call, kind, message", CALLS, ids=[c[2][:40] for c in CALLS])
def test_bad_calls(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


def test_an_error_of_numpy_names_operator_and_shapes(declare):
    @declare
    def product(lhs, rhs):
        return lhs @ rhs

    with pytest.raises(ShapeError, match=r"product: lhs is \[2, 3\] float32, rhs is \[2, 3\] float32: matmul"):
        product(X, X)


def test_bad_declarations(declare):
    @declare
    def pair(a, b, factor=REQUIRED):
        return a + b

    with pytest.raises(ArgumentError, match=r"pair.vjp: 1 rules came for 2 array arguments .a, b.; give one for each"):
        pair.vjp(None)
    with pytest.raises(ArgumentError, match=r"pair.vjp: a rule names .'speed'.; the op has"):
        pair.vjp(None, lambda g, out, a, b, speed: g)
    with pytest.raises(ArgumentError, match=r"a rule takes \(g, out, a, b, \[parameters\]\); this one takes \(g, a\)"):
        pair.vjp(None, lambda g, a: g)
    with pytest.raises(ArgumentError, match="op 'exp' is declared twice; choose another name"):
        declare(name="exp")(lambda data: data)
    with pytest.raises(ArgumentError, match=r"vjp\(all=rule\) for \*arrays"):
        declare(name="many")(lambda *data: data[0]).vjp(None)


def test_a_rule_of_the_wrong_shape_is_named(declare):
    @declare
    def doubled(data):
        return np.concatenate([data, data])

    doubled.vjp(lambda g, _out, _data: g)
    x = variable([1.0, 2.0])
    with autograd.record():
        y = doubled(x)
    with pytest.raises(
        ShapeError, match=r"op 'doubled': the gradient rule of argument 0 gave shape \[4\], the argument is \[2\]"
    ):
        y.backward()
