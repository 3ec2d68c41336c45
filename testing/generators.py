"""Whether random numbers are what they should be: part of `mx.test_utils`.

A generator is a function of a number of samples.  The checks are statistical: they are wrong as often as they say.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ..core.errors import BadCall
from ..core.ndarray import NDArray

__all__ = ["chi_square_check", "gen_buckets_probs_with_ppf", "mean_check", "var_check", "verify_generator"]

Generator = Callable[[int], Any]


def _samples(generator: Generator, count: int) -> Any:
    drawn = generator(count)
    return drawn.asnumpy() if isinstance(drawn, NDArray) else np.array(drawn)


def mean_check(generator: Generator, mu: float, sigma: float, nsamples: int = 1000000) -> bool:
    """Whether the samples' mean is within three standard errors of mu; sigma is their standard deviation."""
    return bool(abs(_samples(generator, nsamples).mean() - mu) < 3 * sigma / math.sqrt(nsamples))


def var_check(generator: Generator, sigma: float, nsamples: int = 1000000) -> bool:
    """Whether the samples' variance is within three standard errors of sigma**2, for normal ones."""
    error = 3 * math.sqrt(2 * sigma**4 / (nsamples - 1))
    return bool(abs(_samples(generator, nsamples).var(ddof=1) - sigma**2) < error)


def gen_buckets_probs_with_ppf(
    ppf: Callable[[float], Any], nbuckets: int
) -> tuple[list[tuple[Any, Any]], list[float]]:
    """(nbuckets buckets, their probabilities), all as probable, from a distribution's quantiles, ppf.

    >>> gen_buckets_probs_with_ppf(lambda q: 10 * q, 2)
    ([(0.0, 5.0), (5.0, 10.0)], [0.5, 0.5])
    """
    if nbuckets <= 0:
        raise BadCall(f"gen_buckets_probs_with_ppf: nbuckets is {nbuckets}; it must be 1 or more")
    edges = [ppf(i / float(nbuckets)) for i in range(nbuckets + 1)]
    return list(pairwise(edges)), [1.0 / nbuckets] * nbuckets


def chi_square_check(
    generator: Generator, buckets: list[Any], probs: Sequence[float], nsamples: int = 1000000
) -> tuple[float, Any, Any]:
    """(p, how many samples fell into each bucket, how many should have): Pearson's chi-square test.

    A bucket is (low, high), of numbers, or a value, of whole ones.  Raises AssertionError for buckets that overlap.
    """
    if not isinstance(buckets, list) or len(buckets) != len(probs):
        raise BadCall(f"chi_square_check: a list of buckets and as many probs are wanted, not {len(buckets)} of "
                      f"{type(buckets).__name__} and {len(probs)}")  # fmt: skip
    samples = _samples(generator, nsamples)
    expected = (nsamples * np.array(probs, np.float32)).astype(np.int32)
    if isinstance(buckets[0], (list, tuple)):
        edges = np.array(buckets, np.float32).reshape(-1)
        if (np.diff(edges) < 0).any():
            raise BadCall(f"chi_square_check: buckets must rise and not overlap, got {buckets!r:.80}")
        places = np.searchsorted(edges, samples, side="right") // 2
        observed = np.array([(places == i).sum() for i in range(len(buckets))])
    else:
        observed = np.array([(samples == value).sum() for value in buckets])
    with np.errstate(all="ignore"):
        statistic = float((((observed - expected) ** 2) / expected).sum())
    return _survival(statistic / 2, (len(buckets) - 1) / 2), observed, expected


def verify_generator(
    generator: Generator, buckets: list[Any], probs: Sequence[float], nsamples: int = 1000000, nrepeat: int = 5,
    success_rate: float = 0.2, alpha: float = 0.05,
) -> list[float]:  # fmt: skip
    """The p of nrepeat chi-square tests. Raises AssertionError where too few of them exceed alpha."""
    found = [chi_square_check(generator, buckets, probs, nsamples) for _ in range(nrepeat)]
    p = [each[0] for each in found]
    if sum(value > alpha for value in p) < nrepeat * success_rate:
        raise BadCall(
            f"the generator's samples are not distributed as they should be: p is {p}; of the last {nsamples} samples "
            f"fell into buckets {found[-1][1].tolist()}, where {found[-1][2].tolist()} were expected"
        )
    return p


def _survival(x: float, a: float) -> float:
    """The regularised upper incomplete gamma function Q(a, x): by its series below a + 1, by its fraction above."""
    if a <= 0 or math.isnan(x):  # one bucket: nothing is free
        return math.nan
    if x == 0:
        return 1.0
    if math.isinf(x):
        return 0.0
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1.0 / a
        n = a
        while abs(term) > abs(total) * 1e-15:
            n += 1
            term *= x / n
            total += term
        return max(0.0, 1.0 - total * front)
    tiny = 1e-300
    b = x + 1 - a
    c, d = 1 / tiny, 1 / b
    fraction = d
    for i in range(1, 100_000):
        top = -i * (i - a)
        b += 2
        d = 1 / (top * d + b or tiny)
        c = b + top / c or tiny
        fraction *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return front * fraction
