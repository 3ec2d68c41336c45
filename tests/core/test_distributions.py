"""Distributions: moments of large draws, streams left as MXNet leaves them, and what is said of bad parameters."""

import numpy as np
import pytest

import mxl as mx
from mxl.core import autograd, nd, random
from mxl.core.errors import ArgumentError, DtypeError, InvalidSetting, NotAnArray, ShapeError

SIZE = 40_000

MOMENTS = [  # a draw, its mean, its variance
    (lambda: random.exponential(2, shape=SIZE), 2, 4),
    (lambda: random.gamma(2.5, 2, shape=SIZE), 5, 10),
    (lambda: random.gamma(0.5, 2, shape=SIZE, dtype="float64"), 1, 2),
    (lambda: random.poisson(3, shape=SIZE), 3, 3),
    (lambda: random.poisson(40, shape=SIZE), 40, 40),
    (lambda: random.negative_binomial(4, 0.5, shape=SIZE), 4, 8),
    (lambda: random.generalized_negative_binomial(10, 0.2, shape=SIZE), 10, 30),
]


@pytest.mark.parametrize("draw, mean, variance", MOMENTS)
def test_moments(draw, mean, variance):
    mx.random.seed(11)
    values = draw().asnumpy().astype(np.float64)
    assert abs(values.mean() - mean) < 6 * (variance / SIZE) ** 0.5
    assert abs(values.var() / variance - 1) < 0.1


def test_a_draw_in_parts_is_seeded_like_any_other():
    mx.random.seed(2)
    first = random.gamma(1.5, 1, shape=200).asnumpy()
    random.gamma(1.5, 1, shape=7)
    mx.random.seed(2)
    assert (random.gamma(1.5, 1, shape=200).asnumpy() == first).all()


def test_shuffle_keeps_rows_together():
    x = nd.arange(2000).reshape((1000, 2))
    rows = random.shuffle(x).asnumpy()
    assert (rows[:, 1] == rows[:, 0] + 1).all()
    assert sorted(rows[:, 0]) == list(range(0, 2000, 2))
    assert (rows != x.asnumpy()).any()


def test_a_word_in_the_last_incomplete_span_is_thrown_away(monkeypatch):
    from mxl.core import sampling

    read, back = [[2**32 - 1, 2**31], [9, 8]], []
    monkeypatch.setattr(sampling.STREAMS, "beside", lambda size: np.array(read.pop(0), np.uint32))
    monkeypatch.setattr(sampling.STREAMS, "beside_back", back.extend)
    # 2**32 - 1 is no number below 2; 2**31 gives 1 of 0 .. 1, the 9 that is read then 0 of 0 .. 2; the 8 is left
    assert sampling.order(3, forward=True).tolist() == [2, 1, 0]
    assert back == [8]


def test_gradients_go_through_the_logarithm_of_the_probability():
    p = nd.array([0.25, 0.75])
    p.attach_grad()
    with autograd.record():
        classes, log = random.multinomial(p, shape=20, get_prob=True)
    log.backward()
    counts = np.bincount(classes.asnumpy(), minlength=2)
    np.testing.assert_allclose(p.grad.asnumpy(), counts / p.asnumpy(), rtol=1e-5)


def test_what_probabilities_leave_over_falls_to_the_last_class():
    assert random.multinomial(nd.array([0.0, 0.0, 0.0]), shape=9).asnumpy().tolist() == [2] * 9


P = nd.array([0.5, 0.5])
ERRORS = [
    (lambda: random.exponential("a"), ArgumentError, "scale must be a number or an NDArray, not 'a'"),
    (lambda: random.exponential(0), InvalidSetting, "scale is 0.0: it has to be positive"),
    (lambda: nd.random_exponential(-1), InvalidSetting, "lam is -1.0: it has to be positive"),
    (lambda: random.gamma(1, 0), InvalidSetting, "alpha is 1.0, beta is 0.0: both have to be positive"),
    (lambda: random.poisson(float("inf")), InvalidSetting, "lam is inf: it has to be 0 or more, and finite"),
    (lambda: random.negative_binomial(2, 0), InvalidSetting, "k is 2.0, p is 0.0: k has to be 0 or more"),
    (lambda: random.generalized_negative_binomial(1, -1), InvalidSetting, "both have to be 0 or more"),
    (lambda: random.gamma(P, nd.ones((3,))), ShapeError, r"its parameters are \[\[2\], \[3\]\]: they must be equal"),
    (lambda: random.multinomial([0.5]), NotAnArray, "multinomial: data must be an NDArray, not list"),
    (lambda: random.multinomial(P.sum().reshape(())), ShapeError, "it takes probabilities"),
    (lambda: random.multinomial(P, dtype="int64"), DtypeError, "dtype is int64; known: int32, uint8, float16"),
    (lambda: random.multinomial(P, out=P), ArgumentError, "out= takes the classes as int32 only, without get_prob"),
    (lambda: random.shuffle([1]), NotAnArray, "shuffle: data must be an NDArray, not list"),
    (lambda: random.shuffle(P.sum().reshape(())), ShapeError, "shuffle: data has no axis"),
    (lambda: random.gamma_like(3), NotAnArray, "gamma_like: data must be an NDArray, not int"),
    (lambda: random.gamma_like(P, scale=3), ArgumentError, r"it takes data and alpha, beta; \['scale'\] came"),
]


@pytest.mark.parametrize("cause, kind, message", ERRORS)
def test_errors(cause, kind, message):
    with pytest.raises(kind, match=message):
        cause()
