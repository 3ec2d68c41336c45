"""NDArray beside its operators: conversion, copies, Python's protocols, errors."""

import copy

import numpy as np
import pytest

from mxl.core import nd
from mxl.core.errors import ArgumentError, ContextError, DtypeError, NoSuchDtype, ShapeError

A = nd.array([[1.0, 2], [3, 4]])


def test_conversion_to_numpy_is_a_copy():
    a = nd.array([1.0, 2.0])
    a.asnumpy()[:] = 9
    np.asarray(a)[:] = 9
    assert a.asnumpy().tolist() == [1, 2]
    assert np.array(a, dtype="int64").dtype == np.int64
    with pytest.raises(ValueError, match="copy=False is not possible"):
        np.array(a, copy=False)


def test_numpy_scalars_leave_the_operator_to_the_array():
    for scalar in (np.float64(2), np.float32(2), np.int64(2)):
        for result in (scalar * A, A * scalar, scalar + A - scalar):
            assert isinstance(result, nd.NDArray)
            assert result.dtype is np.float32
    assert (np.float64(2) / A).asnumpy().tolist() == [[2, 1], [np.float32(2 / 3), 0.5]]


def test_scalars_numbers_and_truth():
    one = nd.array([2.5])
    assert (float(one), int(one), one.asscalar(), bool(one)) == (2.5, 2, 2.5, True)
    assert type(one.asscalar()) is np.float32
    assert bool(nd.array([])) is False
    assert bool(nd.array([[0]])) is False


def test_iteration_gives_views_of_rows():
    a = nd.zeros((2, 3))
    for i, row in enumerate(a):
        row[:] = i + 1
    assert a.asnumpy().tolist() == [[1, 1, 1], [2, 2, 2]]
    assert len(a) == 2


def test_copies_are_apart():
    for other in (copy.copy(A), copy.deepcopy(A), A.copy(), A.copyto(nd.cpu(1)), A.astype("float32"), nd.array(A)):
        assert not np.shares_memory(other._data, A._data)
        assert (other.asnumpy() == A.asnumpy()).all()
    assert A.astype("float32", copy=False) is A
    assert A.as_in_context(nd.cpu(0)) is A


def test_a_copy_for_another_process_is_equal():
    a = nd.array([1, 2], dtype="int32", ctx=nd.cpu(1))
    make, arguments = a.__reduce__()
    b = make(*arguments)
    assert (b.asnumpy().tolist(), b.dtype, b.context) == ([1, 2], np.int32, nd.cpu(1))


def test_random_arrays_have_mxnet_s_operator_names():
    for operator, function in ((nd.uniform, nd.random.uniform), (nd.random_randint, nd.random.randint)):
        assert operator.__wrapped__ is function  # operators take a node's name, too
    assert nd.uniform(0, 1, shape=(2,), name="noise").shape == (2,)


def test_copyto_converts_dtype_and_warns_of_itself():
    b = nd.zeros((2, 2), dtype="int32")
    assert (A + 0.5).copyto(b) is b
    assert b.asnumpy().tolist() == [[1, 2], [3, 4]]
    with pytest.warns(RuntimeWarning, match="copyto: the target is this array itself"):
        A.copyto(A)


def test_equality_is_by_element_and_hash_by_identity():
    assert (A == A).asnumpy().tolist() == [[1, 1], [1, 1]]
    assert len({A, A.copy(), A}) == 2


def test_inplace_views():
    a = nd.ones((1, 3))
    for view in (
        a.expand_dims(0, inplace=True),
        a.squeeze(inplace=True),
        a.flatten(inplace=True),
        a.detach(),
        a[:],
        a.reshape(3),
    ):
        view += 1
    assert a.asnumpy().tolist() == [[7, 7, 7]]


def test_from_numpy_shares_memory():
    source = np.ones((2,), np.float32)
    a = nd.from_numpy(source)
    a[:] = 3
    assert source.tolist() == [3, 3]
    assert nd.from_numpy(np.ones(2), zero_copy=False).dtype is np.float64


def test_mixed_contexts_take_the_first():
    a, b = nd.ones((2,), ctx=nd.cpu(1)), nd.ones((2,))
    assert str((a + b).context) == "cpu(1)"
    assert str((b + a).context) == "cpu(0)"


def test_in_place_operators_write_into_their_memory():
    a = nd.array([5.0, 6.0])
    view = a[0:2]
    a += 1
    a -= nd.array([1.0])
    a *= 2
    a /= 4
    a %= 2
    assert view.asnumpy().tolist() == [0.5, 1]


def test_nd_lists_its_names():
    assert {"exp", "zeros", "random", "dot"} <= set(dir(nd))
    for name in nd.__all__:
        assert getattr(nd, name) is not None


ERRORS = [
    (lambda: nd.foo, AttributeError, "mx.nd has no function or operator 'foo'"),
    (lambda: A.foo, AttributeError, "foo"),
    (lambda: bool(A), ValueError, "of shape .2, 2. is neither true nor false"),
    (lambda: A.asscalar(), ValueError, r"asscalar: the array is \[2, 2\]: only one element"),
    (lambda: A + np.ones((2, 2)), TypeError, "and numbers, not with <class 'numpy.ndarray'>"),
    (lambda: np.ones((2, 2)) + A, TypeError, "and numbers, not with <class 'numpy.ndarray'>"),
    (lambda: A + None, TypeError, "numbers, not with <class 'NoneType'>"),
    (lambda: A.__iadd__("x"), TypeError, "and numbers, not with <class 'str'>"),
    (
        lambda: A + nd.ones((3,)),
        ShapeError,
        r"broadcast_add: operands could not be broadcast together: lhs is \[2, 2\], rhs is \[3\]",
    ),
    (
        lambda: A + nd.ones((2, 2), dtype="float64"),
        DtypeError,
        "broadcast_add: lhs is float32, rhs is float64: both must have one",
    ),
    (
        lambda: nd.elemwise_mul(A, nd.ones((2,))),
        ShapeError,
        r"elemwise_mul: lhs is \[2, 2\], rhs is \[2\]: they must be equal; broadcast_mul",
    ),
    (lambda: A.copyto(3), TypeError, "copyto: expected an NDArray or a context, got int"),
    (lambda: A.copyto(nd.ones((3,))), ShapeError, r"copyto: this array is \[2, 2\], the target is \[3\]"),
    (lambda: A.tostype("foo"), ArgumentError, "storage 'foo' is not known; known: 'default', 'row_sparse', 'csr'"),
    (lambda: A.reshape(3, 5), ShapeError, r"cannot reshape array of size 4 into shape \(3, 5\)"),
    (lambda: A.reshape((-1, -1)), ShapeError, "only one axis can be inferred"),
    (lambda: A.reshape((-9,)), ShapeError, "-9 in shape .* is no code; known: 0, -1, -2, -3, -4"),
    (lambda: A.reshape((0, 0, 0)), ShapeError, "finds no axis left"),
    (lambda: A.reshape((-4, 3, 3, 2)), ShapeError, "cannot split 2"),
    (lambda: A.reshape(), AssertionError, "no shape came; give one"),
    (lambda: A.reshape((4,), order="C"), TypeError, "reshape: unknown argument 'order'; it takes shape, reverse"),
    (lambda: A.broadcast_to((2, 3)), ValueError, r"could not be broadcast together: \[2, 2\] and \[2, 3\]"),
    (lambda: A.expand_dims(7, inplace=True), ShapeError, r"expand_dims: axis 7 is outside of \[2, 2\]"),
    (lambda: nd.array([[1, 2], [3]]), TypeError, r"in lists of one length, got \[\[1, 2\], \[3\]\] of type list"),
    (lambda: nd.array("a"), TypeError, "in lists of one length, got 'a' of type str"),
    (
        lambda: nd.zeros((2,), ctx=nd.gpu(0)),
        ContextError,
        r"gpu\(0\) is not available: mxl computes on CPUs only; use mx.cpu\(\)",
    ),
    (lambda: A.as_in_context(nd.gpu(1)), ContextError, r"gpu\(1\) is not available"),
    (lambda: nd.zeros((2, -1)), ShapeError, r"a shape cannot have negative lengths: \(2, -1\)"),
    (lambda: nd.zeros("ab"), TypeError, "a shape is a number or a tuple of numbers, not 'ab'"),
    (lambda: nd.zeros((2,), ctx="cpu"), ArgumentError, "ctx is 'cpu': expected a context, such as mx.cpu"),
    (lambda: nd.ones((2,)).as_in_context("cpu"), ArgumentError, "as_in_context: expected a context, such as mx.cpu"),
    (lambda: nd.ones((2,)).astype("complex64"), NoSuchDtype, "arrays cannot have dtype 'complex64'; known: float32"),
    (lambda: nd.concatenate([A, 3]), AssertionError, "concatenate: a list of NDArrays is wanted, in it came int"),
    (lambda: nd.concatenate([A, nd.ones((2, 3))]), AssertionError, r"array 0 is \[2, 2\], array 1 is \[2, 3\]: all"),
    (lambda: nd.concatenate([A, A.astype("int32")]), AssertionError, r"\['float32', 'int32'\]: all must have one"),
    (lambda: nd.zeros(2.5), ArgumentError, "a shape is a number or a tuple of numbers, not 2.5"),
    (lambda: nd.zeros((2,), foo=3), ArgumentError, "zeros: unknown argument 'foo'; it takes shape, ctx, dtype, out"),
    (lambda: nd.zeros((2,), stype="foo"), ValueError, "storage 'foo' is not known; known"),
    (lambda: nd.full((2,), 1, out=nd.ones((3,))), ShapeError, r"the shape is \(2,\), out= is \(3,\)"),
    (lambda: nd.arange(0, 5, 0), ArgumentError, "arange: step is 0 between 0 and 5"),
    (lambda: nd.from_numpy([1]), ArgumentError, "from_numpy: a numpy array is wanted, not list"),
    (lambda: nd.from_numpy(np.ones((2, 3)).T), ValueError, "only C-contiguous arrays"),
    (lambda: nd.zeros((2,), dtype="foo"), DtypeError, "dtype 'foo' is not understood; known: float32"),
    (lambda: nd.zeros((2,), dtype="complex64"), DtypeError, "arrays cannot have dtype 'complex64'; known: float32"),
    (lambda: nd.concatenate([]), AssertionError, "no arrays came"),
    (lambda: nd.concatenate([A, A.astype("int32")]), DtypeError, r"concatenate: the arrays are \['float32', 'int32'\]"),
    (lambda: nd.moveaxis(A, 5, 0), ValueError, r"moveaxis: source \[5\] is outside of the 2 axes"),
    (lambda: nd.moveaxis(A, [0, 0], [0, 1]), ValueError, r"source \[0, 0\] has a repeated axis"),
    (lambda: nd.moveaxis(A, [0, 1], [0]), ValueError, "must have as many axes"),
    (lambda: nd.add("a", A), AssertionError, "add: lhs must be an NDArray or a number, not str"),
    (lambda: nd.add(A, "a"), AssertionError, "add: rhs must be an NDArray or a number, not str"),
]


@pytest.mark.parametrize("cause, kind, message", ERRORS, ids=[e[2][:40] for e in ERRORS])
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()
