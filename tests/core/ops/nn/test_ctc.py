"""CTCLoss against every path counted by hand, its gradient, and what is said of labels that do not fit."""

import itertools
import math

import numpy as np
import pytest

from mxl.core import autograd, nd
from mxl.core.errors import ArgumentError, NoGradient, OutOfBounds, ShapeError
from mxl.testing.gradient import check_gradient

SCORES = np.random.default_rng(3).normal(size=(4, 2, 3))
LABEL = nd.array([[1, 2], [2, 0]])


def collapsed(path):
    return [mark for mark, _ in itertools.groupby(path) if mark != 0]


@pytest.mark.parametrize("wanted", [[], [1], [2, 1], [1, 1], [1, 2, 1]])
def test_the_loss_is_the_sum_over_all_paths(wanted):
    scores = SCORES[:, 0]
    p = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    paths = [path for path in itertools.product(range(3), repeat=4) if collapsed(path) == wanted]
    total = sum(math.prod(p[t, c] for t, c in enumerate(path)) for path in paths)
    label = nd.array([wanted + [0] * (4 - len(wanted))])
    loss = nd.CTCLoss(nd.array(scores[:, None], dtype="float64"), label)
    np.testing.assert_allclose(loss.asnumpy(), [-math.log(total)], rtol=1e-12)


def test_gradients():
    check_gradient(lambda x: nd.CTCLoss(x, LABEL), SCORES)
    check_gradient(lambda x: nd.CTCLoss(x, nd.array([[0, 1], [1, 1]]), blank_label="last"), SCORES)
    lengths = nd.array([3, 2]), nd.array([2, 1])
    check_gradient(lambda x: nd.CTCLoss(x, LABEL, *lengths, use_data_lengths=True, use_label_lengths=True), SCORES)


def test_a_labelling_that_cannot_be_has_no_gradient():
    x = nd.array(SCORES)
    x.attach_grad()
    with autograd.record():
        loss = nd.CTCLoss(x, nd.array([[1, 1, 1], [1, 2, 1]]))
    loss.backward()
    assert loss.asnumpy()[0] == np.inf
    assert np.isfinite(loss.asnumpy()[1])
    assert (x.grad.asnumpy()[:, 0] == 0).all()
    assert (x.grad.asnumpy()[:, 1] != 0).any()


def test_it_has_no_second_derivative():
    x = nd.array(SCORES)
    x.attach_grad()
    with autograd.record():
        (g,) = autograd.grad(nd.CTCLoss(x, LABEL), [x], create_graph=True)
        total = (g * g).sum()
    with pytest.raises(NoGradient, match="CTCLoss has no second derivative"):
        total.backward()


X = nd.array(SCORES)
ERRORS = [
    (lambda: nd.CTCLoss(X, nd.array([[1, 3], [1, 0]])), OutOfBounds, r"a label is the blank \(0\) or outside"),
    (lambda: nd.CTCLoss(X, LABEL, blank_label="last"), OutOfBounds, r"a label is the blank \(2\) or outside"),
    (lambda: nd.CTCLoss(X, LABEL, blank_label="x"), ArgumentError, "blank_label is 'x'; known: first, last"),
    (lambda: nd.CTCLoss(X, LABEL[0]), ShapeError, r"data is \[4, 2, 3\], label is \[2\]: it takes \[T, N, C\] and"),
    (lambda: nd.CTCLoss(X, LABEL, nd.array([5, 1]), use_data_lengths=True), OutOfBounds, r"\[5, 1\] must be one of 1"),
    (lambda: nd.CTCLoss(X, LABEL, nd.array([3, 1]), use_label_lengths=True), OutOfBounds, r"lengths \[3, 1\] must"),
    (lambda: nd.CTCLoss(X, LABEL, use_data_lengths=True), ArgumentError, "data_lengths is not given: give both or"),
]  # fmt: skip


@pytest.mark.parametrize("cause, kind, message", ERRORS)
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()
