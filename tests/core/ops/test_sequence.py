"""Sequence operators: gradients of both orders, and what is said of lengths that do not fit."""

import numpy as np
import pytest

from mxl.core import nd
from mxl.core.errors import ArgumentError, OutOfBounds, ShapeError
from mxl.core.op import TABLE
from mxl.testing.gradient import check_gradient

LENGTHS = np.array([1, 3])
X = nd.ones((4, 2, 3))

GRADIENTS = [
    ("SequenceMask", [(4, 2, 3), LENGTHS], {"use_sequence_length": True, "value": 2.0}),
    ("SequenceMask", [(2, 4), LENGTHS], {"use_sequence_length": True, "axis": 1}),
    ("SequenceLast", [(4, 2, 3), LENGTHS], {"use_sequence_length": True}),
    ("SequenceLast", [(2, 4), LENGTHS], {"use_sequence_length": True, "axis": 1}),
    ("_sequence_last_gradient", [(2, 3), LENGTHS], {"shape": (4, 2, 3)}),
    ("SequenceReverse", [(4, 2, 3), LENGTHS], {"use_sequence_length": True}),
]


@pytest.mark.parametrize("name, arguments, options", GRADIENTS)
def test_gradients(name, arguments, options):
    check_gradient(TABLE[name], *arguments, constants=(1,), **options)
    check_gradient(TABLE[name], *arguments, constants=(1,), order=2, rtol=1e-4, atol=1e-6, **options)


@pytest.mark.parametrize("name", ["SequenceMask", "SequenceLast", "SequenceReverse"])
def test_gradients_without_lengths(name):
    check_gradient(TABLE[name], (3, 2, 2), order=2, rtol=1e-4, atol=1e-6)


ERRORS = [
    (lambda: nd.SequenceLast(X, nd.array([0, 3]), True), OutOfBounds, r"lengths 0 .. 3 came; they must be 1 .. 4"),
    (lambda: nd.SequenceReverse(X, nd.array([5, 3]), True), OutOfBounds, r"lengths 3 .. 5 came; they must be 0 .. 4"),
    (lambda: nd.SequenceMask(X, nd.array([1, 3])), ArgumentError, "use_sequence_length is False and .* given: give bo"),
    (lambda: nd.SequenceMask(X, use_sequence_length=True), ArgumentError, "sequence_length is not given: give both or"),
    (lambda: nd.SequenceMask(X, nd.array([1]), True), ShapeError, r"sequence_length is \[1\]: it takes \[2\]"),
    (lambda: nd.SequenceLast(nd.ones((3,))), ShapeError, "it takes time, batch and any other axes"),
    (lambda: nd.SequenceReverse(X, axis=1), ArgumentError, "SequenceReverse: axis is 1; known: 0"),
]


@pytest.mark.parametrize("cause, kind, message", ERRORS)
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()
