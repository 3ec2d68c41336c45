"""Optimizers' steps as operators: in place they are the optimizer's own steps, and what does not fit is told."""

import numpy as np
import pytest

import mxl as mx
from mxl.core import nd
from mxl.core.errors import ArgumentError, DtypeError, ShapeError

W, G = nd.array([1.0, -2.0, 3.0]), nd.array([0.5, 0.25, -1.0])


@pytest.mark.parametrize("name, settings, states", [
    ("sgd", {"momentum": 0.9}, 1), ("nag", {"momentum": 0.9}, 1), ("rmsprop", {"gamma1": 0.9}, 1), ("ftrl", {}, 2),
    ("signum", {"momentum": 0.9}, 1),
])  # fmt: skip
def test_in_place_it_is_the_optimizer(name, settings, states):
    suffix = {"sgd": "_mom", "nag": "_mom"}.get(name, "")
    operator = getattr(nd, f"{name}{suffix}_update")
    ours, kept = W.copy(), [nd.zeros((3,)) for _ in range(states)]
    optimizer = mx.optimizer.create(name, learning_rate=0.1, wd=0.01, **settings)
    theirs = W.copy()
    state = optimizer.create_state(0, theirs)
    for _ in range(3):
        operator(ours, G, *kept, lr=0.1, wd=0.01, out=ours, **settings)
        optimizer.update(0, theirs, G, state)
    np.testing.assert_allclose(ours.asnumpy(), theirs.asnumpy(), rtol=1e-6)


def test_the_weight_stays_unless_it_is_out():
    w, mom = W.copy(), nd.zeros((3,))
    new = nd.sgd_mom_update(w, G, mom, lr=0.1, momentum=0.9)
    assert w.asnumpy().tolist() == W.asnumpy().tolist()
    assert (new.asnumpy() != w.asnumpy()).all()
    assert (mom.asnumpy() != 0).all()


ERRORS = [
    (lambda: nd.sgd_update(W, G[:2], lr=0.1), ShapeError, r"sgd_update: weight is \[3\], beside it came \[2\]"),
    (lambda: nd.sgd_update(W, G.astype("float64"), lr=0.1), DtypeError, "weight is float32, beside it came float64"),
    (lambda: nd.sgd_update(W, G, lr="a"), ArgumentError, "sgd_update: lr must be a number, not 'a'"),
    (lambda: nd.lamb_update_phase1(W, G[:2], W, W, t=1, wd=0), ShapeError, r"weight is \[3\], grad \[2\]: all must"),
    (lambda: nd.lamb_update_phase2(W, G[:2], W[:1], W[:1], lr=1), ShapeError, r"weight is \[3\], g \[2\]: they must"),
    (lambda: nd.lamb_update_phase2(W, G, W, W[:1], lr=1), ShapeError, r"r1 is \[3\], r2 \[1\]: each must be one"),
    (lambda: nd.mp_sgd_update(W, G, W.astype("float64"), lr=1), DtypeError, "weight32 is float64: it must be float32"),
]


@pytest.mark.parametrize("cause, kind, message", ERRORS)
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()
