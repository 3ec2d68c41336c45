"""Steps of several weights, AdamW and rows: what one weight at a time gives, and what does not fit is told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mxl as mx
from mxl.core import nd
from mxl.core.errors import ArgumentError, DtypeError, MXLError, NotAnArray, ShapeError

W, G = nd.array([1.0, -2.0, 3.0]), nd.array([0.5, 0.25, -1.0])
contrib = nd.contrib


def test_several_weights_are_one_after_another() -> None:
    weights, grads = [W.copy(), W[:2] * 2], [G, G[1:]]
    moms = [nd.ones((3,)), nd.zeros((2,))]
    expected = [nd.sgd_mom_update(w, g, m.copy(), lr=lr, wd=wd, momentum=0.9)
                for w, g, m, lr, wd in zip(weights, grads, moms, (0.1, 0.2), (0.0, 0.5), strict=True)]
    woven = [array for group in zip(weights, grads, moms, strict=True) for array in group]
    made = nd.multi_sgd_mom_update(*woven, lrs=(0.1, 0.2), wds=(0.0, 0.5), momentum=0.9, num_weights=2)
    for ours, theirs in zip(made, expected, strict=True):
        np.testing.assert_array_equal(ours.asnumpy(), theirs.asnumpy())


@pytest.mark.parametrize("scale", [0.0, float("inf"), float("nan")])
def test_after_an_overflow_nothing_changes(scale: float) -> None:
    weight, mean, var = W.copy(), nd.ones((3,)), nd.ones((3,))
    contrib.adamw_update(weight, G, mean, var, nd.array([scale]), 0.1, 1.0, out=weight)
    assert (weight == W).asnumpy().all()
    assert [x.asnumpy().tolist() for x in (mean, var)] == [[1, 1, 1]] * 2


def table(stype: str = "row_sparse", value: float = 1.0) -> Any:
    return (nd.ones((4, 2)) * value).tostype(stype)


ROWS = mx.nd.sparse.row_sparse_array(([[1, -2], [3, 4]], [0, 2]), shape=(4, 2))


def test_rows_without_a_gradient_stay_where_they_are() -> None:
    weight, momentum = table(), table("default", 0.5)
    new = nd.sparse.sgd_mom_update(weight, ROWS, momentum, lr=0.1, wd=0.1, momentum=0.5)
    assert (new.stype, weight.asnumpy().tolist()) == ("row_sparse", [[1, 1]] * 4)
    assert new.asnumpy()[[1, 3]].tolist() == [[1, 1]] * 2
    assert momentum.asnumpy()[[1, 3]].tolist() == [[0.5, 0.5]] * 2
    assert (momentum.asnumpy()[[0, 2]] != 0.5).all()


def test_no_rows_change_nothing() -> None:
    none = mx.nd.sparse.zeros("row_sparse", (4, 2))
    assert nd.sparse.sgd_update(table("default"), none, lr=0.1, wd=0.5).asnumpy().tolist() == [[1, 1]] * 4


ERRORS = [
    (lambda: nd.multi_sgd_update(W, G, W, lrs=(1,), wds=(0,)), ArgumentError,
     r"multi_sgd_update: 3 arrays came for num_weights=1: it takes 2 for each \(weight, grad\)"),
    (lambda: nd.multi_sgd_update(W, G, wds=(0,)), ArgumentError, "required argument 'lrs' is missing"),
    (lambda: nd.multi_sgd_update(W, G, lrs=(1, 2), wds=(0,)), ArgumentError, "lrs has 2 numbers for 1 weights"),
    (lambda: nd.multi_sgd_update(W, G, lrs=(1,), wds=(0,), momentum=1), ArgumentError,
     "unknown argument 'momentum'; it takes lrs, wds, rescale_grad, clip_gradient, num_weights, out"),
    (lambda: nd.multi_sgd_update(W, G, lrs=(1,), wds=(0,), out=[W, W]), ArgumentError, "out= has 2 arrays for 1 weig"),
    (lambda: nd.multi_sgd_update([1], G, lrs=(1,), wds=(0,)), NotAnArray, "weight 0 must be an NDArray, not list"),
    (lambda: nd.preloaded_multi_sgd_update(W, G, lrs=(1,)), ArgumentError, "unknown argument 'lrs'; it takes rescale"),
    (lambda: nd.preloaded_multi_sgd_update(W), ArgumentError, "1 arrays came: the last two are the learning rates"),
    (lambda: nd.mp_lamb_update_phase1(W, G, W, W, W.astype("float64"), t=1, wd=0), DtypeError, "weight32 is float64"),
    (lambda: nd.mp_sgd_update(W, G, W[:2], lr=1), ShapeError, r"weight is \[3\], weight32 \[2\]: they must be equal"),
    (lambda: contrib.adamw_update(W, G[:2], W, W, 1.0, 0.1, 1.0), ShapeError, r"weight is \[3\], grad \[2\]: all"),
    (lambda: contrib.multi_adamw_update([W], [G], [W], [W], 1.0, [1, 2], [0], [1]), ArgumentError,
     r"multi_adamw_update: 1 weights came with lists of \[1, 1, 1, 2, 1, 1\], for 1 of them: all must be as many"),
    (lambda: contrib.multi_adamw_update([W], [G], [W], [W], 1.0, [1], [0], [1], wd=1), ArgumentError,
     "unknown argument 'wd'; its settings are beta1, beta2, epsilon, clip_gradient"),
    (lambda: contrib.group_adagrad_update(W, G, W, lr=1), ShapeError, r"weight is \[3\], grad \[3\], history \[3\]:"),
    (lambda: nd.sparse.adagrad_update(table(), table("default"), table(), lr=1), MXLError, "takes a row_sparse grad"),
    (lambda: nd.sparse.adagrad_update(table(), ROWS, table(), lr=1, wd=1), MXLError, "weight decay is not supported"),
    (lambda: nd.sparse.adagrad_update(table(), ROWS, table()), ArgumentError, "required argument 'lr' is missing"),
    (lambda: nd.sgd_mom_update(table(), table("default"), table(), lr=1), MXLError,
     "sgd_mom_update: row_sparse states go with a row_sparse gradient, this one is default"),
    (lambda: nd.sgd_update(W, ROWS, lr=1), ShapeError, r"weight is \[3\], beside it came \[4, 2\]: all must have as"),
]  # fmt: skip


@pytest.mark.parametrize("cause, kind, message", ERRORS)
def test_errors(cause: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        cause()
