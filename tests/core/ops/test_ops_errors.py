"""What operators say of arguments that do not fit."""

import pytest

from mxl.core import nd
from mxl.core.errors import ArgumentError, DtypeError, OutOfBounds, ShapeError

A = nd.ones((2, 3))
B = nd.ones((2, 3, 4))
D = nd.ones((2, 3), dtype="float64")

ERRORS = [
    (lambda: nd.add_n(A, nd.ones((3,))), ShapeError, r"add_n: lhs is \[2, 3\], rhs is \[3\]: they must be equal"),
    (lambda: nd.broadcast_mod(A, D), DtypeError, "broadcast_mod: lhs is float32, rhs is float64"),
    (lambda: nd.broadcast_equal(A, D), DtypeError, "broadcast_equal: lhs is float32, rhs is float64"),
    (lambda: nd.sum(A, axis=2), ShapeError, "sum: axis 2 does not exist: the array has 2 axes"),
    (lambda: nd.sum(A, axis=(0, -2)), ShapeError, "sum: axis -2 is named twice"),
    (lambda: nd.sum(A, axis=1.0), ArgumentError, "sum: axis must be a whole number, not 1.0"),
    (lambda: nd.argmax(A, axis="x"), ArgumentError, "argmax: axis must be a whole number, not 'x'"),
    (lambda: nd.take(A, nd.array([0]), axis=2), ShapeError, "take: axis 2 does not exist: the array has 2 axes"),
    (lambda: nd.pick(A, nd.array([0]), axis=-3), ShapeError, "pick: axis -3 does not exist: the array has 2 axes"),
    (lambda: nd.repeat(A, 1.5), ArgumentError, "repeat: repeats must be a whole number, not 1.5"),
    (lambda: nd.one_hot(nd.array([1]), 2.5), ArgumentError, "one_hot: depth must be a whole number, not 2.5"),
    (lambda: A.reshape((2.0, 3)), ArgumentError, "reshape: each number of the shape must be a whole number, not 2.0"),
    (lambda: A.reshape(None), ArgumentError, "reshape: the shape must be a number or a tuple of numbers, not None"),
    (lambda: nd.norm(A, ord=3), ArgumentError, "norm: ord is 3; only 1 and 2 are known"),
    (
        lambda: nd.dot(A, A),
        ShapeError,
        r"dot: lhs is \[2, 3\], rhs is \[2, 3\]: lhs.shape\[-1\] must equal rhs.shape\[0\]",
    ),
    (lambda: nd.dot(A, D, transpose_b=True), DtypeError, "dot: lhs is float32, rhs is float64"),
    (lambda: nd.dot(A, A, forward_stype="csr"), ArgumentError, "dot: forward_stype 'csr' is not known; known: 'def"),
    (lambda: nd.norm(A, out_dtype="complex64"), DtypeError, "arrays cannot have dtype 'complex64'"),
    (lambda: nd.batch_dot(B, B), ShapeError, "it takes .B, N, K. and .B, K, M. with one B and one K"),
    (lambda: nd.reshape_like(A, B), ShapeError, r"reshape_like: lhs is \[2, 3\], it cannot become \[2, 3, 4\]"),
    (lambda: nd.transpose(A, axes=(0, 0)), ShapeError, r"transpose: axes \(0, 0\) are no order of the 2 axes"),
    (lambda: nd.expand_dims(A, axis=4), ShapeError, "expand_dims: axis 4 is outside of -3 .. 2"),
    (lambda: nd.squeeze(A, axis=1), ShapeError, r"squeeze: axis 1 of \[2, 3\] must exist and have length 1"),
    (lambda: nd.swapaxes(A, 0, 2), ShapeError, "swapaxes: axis 2 does not exist"),
    (lambda: nd.broadcast_to(A, shape=(2, 4)), ShapeError, r"data is \[2, 3\], it cannot be broadcast to \[2, 4\]"),
    (lambda: nd.broadcast_to(A, shape=(2,)), ShapeError, "they need as many axes"),
    (
        lambda: nd.broadcast_axis(A, axis=0, size=3),
        ShapeError,
        r"broadcast_axis: axis 0 of \[2, 3\] must exist and have length 1",
    ),
    (lambda: nd.broadcast_axis(A, axis=(0, 1), size=3), ShapeError, "2 axes and 1 sizes came"),
    (
        lambda: nd.broadcast_like(A, B),
        ShapeError,
        r"broadcast_like: lhs is \[2, 3\], it cannot be broadcast to \[2, 3, 4\]",
    ),
    (lambda: nd.broadcast_like(A, B, lhs_axes=(0,), rhs_axes=(0, 1)), ShapeError, "must be as many"),
    (lambda: nd.slice(A, begin=(0, 0, 0), end=(1, 1, 1)), ArgumentError, "must be as many, at most 2"),
    (lambda: nd.slice(A, begin=(0,), end=(1,), step=(0,)), ArgumentError, "slice: step is 0 on axis 0"),
    (lambda: nd.slice(A, begin=(1,), end=(1,)), ShapeError, r"slice: 1 .. 1 on axis 0 of \[2, 3\] has no elements"),
    (lambda: nd.slice_axis(A, axis=2, begin=0, end=1), ShapeError, "slice_axis: axis 2 does not exist"),
    (
        lambda: nd.slice_axis(A, axis=1, begin=0, end=4),
        ShapeError,
        r"slice_axis: 0 .. 4 is outside of axis 1 of \[2, 3\]",
    ),
    (lambda: nd.slice_like(A, B), ShapeError, "they need as many axes, or name axes="),
    (lambda: nd.slice_like(A, nd.ones((3, 3))), ShapeError, "axis 0 of data .* is shorter"),
    (lambda: nd.concat(dim=0), ArgumentError, "concat: no arrays came; give at least one"),
    (lambda: nd.concat(A, D), DtypeError, "concat: array 0 is float32, array 1 is float64"),
    (
        lambda: nd.concat(A, B),
        ShapeError,
        r"concat: array 0 is \[2, 3\], array 1 is \[2, 3, 4\]: all but axis 1 must be equal",
    ),
    (lambda: nd.concat(A, A, dim=2), ShapeError, "concat: axis 2 does not exist"),
    (lambda: nd.stack(A, B), ShapeError, r"stack: array 0 is \[2, 3\], array 1 is \[2, 3, 4\]: all must be equal"),
    (lambda: nd.split(A, 2), ShapeError, r"split: axis 1 of \[2, 3\] cannot be cut into 2 equal parts"),
    (lambda: nd.split(B, 2, axis=2, squeeze_axis=True), ShapeError, "squeeze_axis needs parts of length 1"),
    (lambda: nd.split_v2(A, 2, axis=1), ValueError, "split_v2: axis 1 of .* cannot be cut into 2 equal parts"),
    (lambda: nd.flip(A, axis=2), ShapeError, "flip: axis 2 does not exist"),
    (lambda: nd.pad(A, mode="edge", pad_width=(0, 0)), ArgumentError, "pad_width has 2 numbers; 2 axes need 4"),
    (
        lambda: nd.pad(A, mode="wrap", pad_width=(0, 0, 1, 1)),
        ArgumentError,
        "mode is 'wrap'; known: 'constant', 'edge', 'reflect'",
    ),
    (
        lambda: nd.take(A, nd.array([5]), mode="raise"),
        OutOfBounds,
        "take: positions 5 .. 5 came for an axis of length 2",
    ),
    (
        lambda: nd.take(A, nd.array([5]), mode="foo"),
        ArgumentError,
        "take: mode is 'foo'; known: 'clip', 'wrap', 'raise'",
    ),
    (
        lambda: nd.pick(A, nd.ones((3,))),
        ShapeError,
        r"pick: data is \[2, 3\], index is \[3\]: without axis 1 they must be equal",
    ),
    (
        lambda: nd.gather_nd(A, nd.array([[5], [0]])),
        IndexError,
        "gather_nd: positions 5 .. 5 came for an axis of length 2",
    ),
    (lambda: nd.gather_nd(A, nd.ones((3, 1))), ShapeError, "gather_nd: 3 coordinates came for 2 axes"),
    (lambda: nd.where(A, A, D), ShapeError, r"where: x is float32 \[2, 3\], y is float64 \[2, 3\]"),
    (lambda: nd.where(nd.ones((3,)), A, A), ShapeError, r"where: condition is \[3\], x is \[2, 3\]"),
    (lambda: nd.topk(A, k=4), ShapeError, "topk: k is 4, the axis has only 3 elements"),
    (
        lambda: nd.topk(A, ret_typ="foo"),
        ArgumentError,
        "topk: ret_typ is 'foo'; known: 'value', 'indices', 'both', 'mask'",
    ),
    (lambda: nd.sort(A, axis=2), ShapeError, "sort: axis 2 does not exist"),
    (lambda: nd.argmax(A, axis=2), ShapeError, "argmax: axis 2 does not exist"),
    (lambda: nd.cast(A, dtype="foo"), DtypeError, "dtype 'foo' is not understood"),
]


@pytest.mark.parametrize("cause, kind, message", ERRORS, ids=[e[2][:50] for e in ERRORS])
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()
