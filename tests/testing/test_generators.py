"""testing/generators.py: samples that are what they should be pass, others do not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import mxl as mx
from mxl.testing.generators import _survival
from mxl.testing.test_utils import chi_square_check, gen_buckets_probs_with_ppf, verify_generator

BUCKETS, PROBS = gen_buckets_probs_with_ppf(lambda q: q, 5)


def uniform(count: int) -> Any:
    return mx.nd.random.uniform(shape=(count,))


def squared(count: int) -> Any:
    return uniform(count) ** 2


def test_uniform_numbers_are_uniform() -> None:
    mx.random.seed(1)
    assert len(verify_generator(uniform, BUCKETS, PROBS, nsamples=20000)) == 5


def test_others_are_told_with_their_counts() -> None:
    mx.random.seed(1)
    with pytest.raises(AssertionError, match=r"not distributed as they should be: p is .* fell into buckets \["):
        verify_generator(squared, BUCKETS, PROBS, nsamples=20000)


def test_whole_numbers_fall_into_their_own_buckets() -> None:
    p, observed, expected = chi_square_check(lambda n: np.arange(n) % 4, [0, 1, 2, 3], [0.25] * 4, 1000)
    assert (p, observed.tolist(), expected.tolist()) == (1.0, [250] * 4, [250] * 4)


@pytest.mark.parametrize("x, a, expected", [
    (1.5, 1.0, math.exp(-1.5)), (0.2, 1.0, math.exp(-0.2)), (30.0, 1.0, math.exp(-30)),
    (2.0, 2.0, 3 * math.exp(-2)), (9.0, 3.0, (1 + 9 + 40.5) * math.exp(-9)), (0.25, 0.5, math.erfc(0.5)),
    (4.0, 0.5, math.erfc(2.0)), (0.0, 3.0, 1.0), (math.inf, 2.0, 0.0), (1.0, 0.0, math.nan),
])  # fmt: skip
def test_the_probability_of_a_greater_chi_square(x: float, a: float, expected: float) -> None:
    assert _survival(x, a) == pytest.approx(expected, rel=1e-10, nan_ok=True)


@pytest.mark.parametrize("buckets, probs, sentence", [
    ([(0, 1), (0.5, 2)], [0.5, 0.5], "buckets must rise and not overlap"),
    ([(0, 1)], [0.5, 0.5], "a list of buckets and as many probs are wanted, not 1 of list and 2"),
])
def test_buckets_that_are_none(buckets: Any, probs: Any, sentence: str) -> None:
    with pytest.raises(AssertionError, match=sentence):
        chi_square_check(uniform, buckets, probs, 10)
