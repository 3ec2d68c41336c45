"""Indexing and assignment: equal to numpy's, shared where MXNet shares, and the errors of bad keys."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from mxl.core import autograd, nd
from mxl.core.errors import IndexingError, OutOfBounds, ShapeError

SHAPE = (3, 4, 2)


def fresh():
    return nd.arange(24).reshape(SHAPE)


def slices(size):
    bound = st.one_of(st.none(), st.integers(-size - 1, size + 1))
    return st.builds(slice, bound, bound, st.one_of(st.none(), st.sampled_from([-2, -1, 1, 2])))


def one_axis(size):
    return st.one_of(st.integers(-size, size - 1), slices(size))


basic_keys = st.one_of(
    one_axis(3), st.tuples(one_axis(3), one_axis(4)), st.tuples(one_axis(3), one_axis(4), one_axis(2)),
    st.tuples(st.just(Ellipsis), one_axis(2)), st.tuples(st.none(), one_axis(3)),
    st.tuples(one_axis(3), st.just(Ellipsis)),
)  # fmt: skip
advanced_keys = st.one_of(
    st.lists(st.integers(-3, 2), min_size=1, max_size=4),
    st.tuples(slices(3), st.lists(st.integers(-4, 3), min_size=1, max_size=3)),
    st.integers(1, 3).flatmap(
        lambda n: st.tuples(*[st.lists(st.integers(-2, 1), min_size=n, max_size=n) for _ in range(3)])
    ),
)


@given(st.one_of(basic_keys, advanced_keys))
def test_values_are_numpy_s(key):
    expected = fresh().asnumpy()[key]
    got = fresh()[key].asnumpy()
    assert got.shape == (expected.shape or (1,))
    np.testing.assert_array_equal(got, expected.reshape(got.shape))


@given(basic_keys)
def test_a_part_shares_memory_exactly_when_it_is_contiguous(key):
    a = fresh()
    before = a.asnumpy()
    part = a[key]
    contiguous = before[key].flags.c_contiguous
    part[:] = -1
    changed = not np.array_equal(a.asnumpy(), before)
    assert changed == (contiguous and part.size > 0)


@given(st.one_of(basic_keys, advanced_keys))
def test_assignment_is_numpy_s(key):
    a, expected = fresh(), fresh().asnumpy()
    value = np.arange(expected[key].size, dtype=np.float32).reshape(expected[key].shape) - 50
    a[key] = nd.array(value)
    expected[key] = value
    np.testing.assert_array_equal(a.asnumpy(), expected)
    a[key] = 7
    expected[key] = 7
    np.testing.assert_array_equal(a.asnumpy(), expected)


@given(st.one_of(basic_keys, advanced_keys))
def test_the_gradient_counts_how_often_an_element_was_taken(key):
    a = fresh()
    a.attach_grad()
    with autograd.record():
        part = a[key]
    if part.size == 0:
        return
    part.backward()
    expected = np.zeros(SHAPE)
    np.add.at(expected, key, 1)
    np.testing.assert_array_equal(a.grad.asnumpy(), expected)


def test_a_view_of_a_view_writes_through():
    a = fresh()
    a[1:3][0][2:4][1][:] = 99
    assert a.asnumpy()[1, 3].tolist() == [99, 99]


def test_index_arrays_of_any_dtype_hold_numbers():
    a = nd.array([10.0, 20, 30])
    for key in (
        nd.array([0, 2]),
        nd.array([0, 2], dtype="int64"),
        np.array([0.0, 2.9]),
        [0, 2],
        range(0, 3, 2),
        [nd.array([0, 2])],
    ):
        assert a[key].asnumpy().reshape(-1).tolist() == [10, 30]
    assert a[np.array([True, False])].asnumpy().tolist() == [20, 10]
    assert a[a > 15].asnumpy().tolist() == [10, 20, 20]


def test_assigned_values_are_converted():
    a = nd.zeros((3,), dtype="int32")
    a[:] = 2.9
    a[1] = nd.array([1.7])
    a[2:] = [5.5]
    assert a.asnumpy().tolist() == [2, 1, 5]
    b = nd.zeros((2,), dtype="uint8")
    b[:] = np.array([300.0, -1.0])
    assert b.asnumpy().tolist() == [44, 255]


ERRORS = [
    (lambda a: a[3], OutOfBounds, "index 3 is out of bounds for axis 0 with size 3"),
    (lambda a: a[0, -5], OutOfBounds, "index -5 is out of bounds for axis 1 with size 4"),
    (lambda a: a[[0, 3]], OutOfBounds, "index 3 is out of bounds for axis 0 with size 3"),
    (lambda a: a[[0, -9]], OutOfBounds, "index -9 is out of bounds for axis 0 with size 3"),
    (lambda a: a[..., 2], OutOfBounds, "index 2 is out of bounds for axis 2 with size 2"),
    (lambda a: a[0, 0, 0, 0], OutOfBounds, r"too many indices \(4\) for array with 3 dimensions"),
    (lambda a: a[..., ...], OutOfBounds, "single ellipsis"),
    (lambda a: a[::0], ValueError, "is a slice with step 0: its step must be another"),
    (lambda a: a["x"], IndexingError, "indexed by numbers, .* not by 'x' of <class 'str'>"),
    (lambda a: a[1.5], IndexingError, "not by 1.5 of <class 'float'>"),
    (lambda a: a[nd.array([1, 0, 1], dtype="bool")], ValueError, "boolean arrays do not index NDArrays"),
    (lambda a: a.__setitem__(7, 1), IndexError, "index 7 is out of bounds for axis 0 with size 3"),
    (lambda a: a.__setitem__(0, "x"), TypeError, "assigned numbers, or arrays and lists of them, not 'x'"),
    (
        lambda a: a.__setitem__(0, nd.ones((3,))),
        ShapeError,
        r"cannot assign an array of shape \[3\] to a part of shape \[4, 2\]",
    ),
]


@pytest.mark.parametrize("cause, kind, message", ERRORS, ids=[e[2][:40] for e in ERRORS])
def test_errors(cause, kind, message):
    a = fresh()
    with pytest.raises(kind, match=message):
        cause(a)
    assert np.array_equal(a.asnumpy(), fresh().asnumpy())
