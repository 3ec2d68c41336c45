"""Checks of symbols: what they say, and that values and states are left as they came."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mxl as mx
from mxl import test_utils as t

a, b = mx.sym.var("a"), mx.sym.var("b")
X = np.array([[1.0, 2], [3, 4]])
NORM = mx.sym.BatchNorm(a, name="bn", fix_gamma=False)
GIVEN = {"a": X, "bn_gamma": np.ones(2), "bn_beta": np.zeros(2)}


def test_a_wrong_result_is_named() -> None:
    with pytest.raises(AssertionError, match=r"EXPECTED_.*output.*FORWARD_.*output"):
        t.check_symbolic_forward(a + b, [X, X], [X])


def test_a_wrong_gradient_is_named() -> None:
    with pytest.raises(AssertionError, match="BACKWARD_b"):
        t.check_symbolic_backward(a * b, [X, X], [X], {"b": X})


def test_values_and_states_stay_as_they_came() -> None:
    states = {"bn_moving_mean": mx.nd.zeros(2), "bn_moving_var": mx.nd.ones(2)}
    given = {name: mx.nd.array(value) for name, value in GIVEN.items()}
    t.check_numeric_gradient(NORM, given, states, rtol=0.05, atol=0.05)
    assert (states["bn_moving_mean"].asnumpy() == 0).all()
    assert (given["a"].asnumpy() == X).all()
    assert given["a"].grad is None


@pytest.mark.parametrize("req, sign", [("write", 1), ("add", 1), ("null", 0)])
def test_gradients_are_written_added_or_left(req: str, sign: int) -> None:
    np.random.seed(1)
    noise = np.random.normal(size=(2, 2))
    np.random.seed(1)
    found = t.check_symbolic_backward(a * 3, [X], [X], [X * 3], grad_req=req)["a"].asnumpy()
    np.testing.assert_allclose(found, sign * X * 3 + (0 if req == "write" else noise), rtol=1e-5)


@pytest.mark.parametrize("call, kind, sentence", [
    (lambda: t.check_symbolic_forward(a + b, {"a": X}, [X]), ValueError, "location has values for a; .* are a, b"),
    (lambda: t.check_symbolic_forward(NORM, GIVEN, [X]), ValueError, "aux_states has values for nothing"),
    (lambda: t.check_symbolic_forward(a, [X], [X], dtype="int8"), AssertionError, "dtype is 'int8'"),
    (lambda: t.check_symbolic_backward(a * 2, [X], [X], [X], grad_req="some"), KeyError, "grad_req is 'some'"),
    (lambda: t.check_numeric_gradient(a * 2, [X], grad_nodes="a"), ValueError, "grad_nodes is 'a'"),
    (lambda: t.check_numeric_gradient(a * 2, [X], numeric_eps=1e-7), AssertionError, "float32 cannot tell"),
    (lambda: t.check_numeric_gradient(a * 2, [X], dtype=int), AssertionError, "dtype is <class 'int'>"),
    (lambda: t.check_numeric_gradient(mx.sym.Group([a, a + 1]), [X]), TypeError, "has 2 outputs; choose one"),
])  # fmt: skip
def test_what_does_not_fit_is_said(call: Any, kind: type[Exception], sentence: str) -> None:
    with pytest.raises(kind, match=sentence):
        call()


def test_gradients_of_rows_are_compared() -> None:
    found = t.check_symbolic_backward(
        mx.sym.Embedding(a, input_dim=3, output_dim=1, sparse_grad=True, name="e"),
        {"a": np.array([2.0]), "e_weight": np.ones((3, 1))}, [np.ones((1, 1))],
        {"e_weight": np.array([[0.0], [0], [1]])}, grad_stypes={"e_weight": "row_sparse"},
    )  # fmt: skip
    assert found["e_weight"].stype == "row_sparse"
