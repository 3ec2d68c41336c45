"""Samplers that take an unknown number of words for each sample: gamma, Poisson, the negative binomials, shuffling.

Plain numpy, in MXNet's order of words: the samples of a run come one after the other from the run's state, and what was
read ahead is put back.  All runs of a draw go in step, so the work is vectors of up to 1024.  Parameters are numbers or
arrays of `size`.  gamma follows Marsaglia & Tsang (2000), Poisson the product of uniforms below 12 and Lorentzian
rejection (Atkinson 1979) above.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .ops.gammas import gammaln_of
from .streams import STREAMS, Streams, canonical, plan, polar_factor, rounded, words_each

BLOCK_WORDS = 256  # words that each state reads ahead
POISSON_SMALL = 12.0  # below, Poisson's samples are counted
SPAN = 2**32 - 1  # the largest word

Rows = np.ndarray  # numbers of runs


class Runs:
    """The runs of one draw, each reading its state at its own pace."""

    def __init__(self, streams: Streams, size: int, kind: np.dtype) -> None:
        self.each = words_each(kind)
        self.number: Any = np.float32 if self.each == 1 else np.float64
        self.plan = plan(size)
        self._states = [streams.state(i) for i in range(len(self.plan))]
        self._words = np.empty((len(self.plan), 0), np.uint32)
        self._at = np.zeros(len(self.plan), np.int64)

    def _take(self, rows: Rows, count: int) -> np.ndarray:
        if (self._at[rows] + count).max() > self._words.shape[1]:
            used = int(self._at.min())
            block = np.empty((len(self.plan), BLOCK_WORDS), np.uint32)
            for state, row in zip(self._states, block, strict=True):
                state.read(row)
            self._words = np.concatenate((self._words[:, used:], block), axis=1)
            self._at -= used
        places = self._at[rows][:, None] + np.arange(count)
        self._at[rows] += count
        return self._words[rows[:, None], places]

    def uniform(self, rows: Rows) -> np.ndarray:
        """The next number of [0, 1) of each row's state."""
        return canonical(self._take(rows, self.each))[:, 0]

    def normal(self, rows: Rows) -> np.ndarray:
        """The next standard normal number of each row's state."""
        out = np.empty(len(rows), self.number)
        open_ = np.arange(len(rows))
        while len(open_):
            xy = canonical(self._take(rows[open_], 2 * self.each).reshape(-1, self.each)).reshape(-1, 2) * 2 - 1
            x, y = xy[:, 0].astype(self.number), xy[:, 1].astype(self.number)
            radius = x * x + y * y
            inside = (radius <= 1) & (radius != 0)
            out[open_[inside]] = y[inside] * polar_factor(radius[inside])
            open_ = open_[~inside]
        return out

    def close(self) -> None:
        """Gives what was not used back to the states."""
        for state, words, at in zip(self._states, self._words, self._at, strict=True):
            state.put_back(words[at:].copy())


def _drawn(sampler: Callable[..., np.ndarray], size: int, dtype: Any, words: Any, *parameters: Any) -> np.ndarray:
    """`size` samples in dtype, computed in the precision of `words`.

    sampler(runs, rows, *parameters of these rows' next samples) -> one sample of each of these runs.
    """
    kind = np.dtype(dtype)
    given = [np.broadcast_to(np.asarray(p, np.float32), (size,)) for p in parameters]
    with STREAMS.lock, np.errstate(all="ignore"):
        runs = Runs(STREAMS, size, np.dtype(words))
        out = np.empty(size, runs.number)
        starts = np.array([start for start, _ in runs.plan], np.int64)
        stops = np.array([stop for _, stop in runs.plan], np.int64)
        for step in range(int((stops - starts).max(initial=0))):
            rows = np.flatnonzero(starts + step < stops)
            places = starts[rows] + step
            out[places] = sampler(runs, rows, *[p[places] for p in given])
        runs.close()
    return rounded(out, kind)


def exponential(lam: Any, size: int, dtype: Any) -> np.ndarray:
    """Samples of the exponential distribution with the rate lam."""
    kind = np.dtype(dtype)
    values = canonical(STREAMS.words(size, words_each(kind)))[:, 0]
    result = -np.log(1.0 - values.astype(np.float64)) / np.asarray(lam, np.float32)
    return rounded(result.astype(values.dtype), kind)


def _gamma(runs: Runs, rows: Rows, alpha: np.ndarray, beta: np.ndarray) -> np.ndarray:
    number = runs.number
    a = alpha.astype(np.float64)
    d = np.where(a < 1, a + 2.0 / 3.0, a - 1.0 / 3.0).astype(number)
    k = np.sqrt(9.0 * d.astype(np.float64)).astype(number)
    c = (1.0 / k.astype(np.float64)).astype(number)
    out = np.empty(len(rows), number)
    open_ = np.arange(len(rows))
    while len(open_):
        z = runs.normal(rows[open_])
        right = z > -k[open_]
        open_right, z = open_[right], z[right]
        x = (1.0 + (c[open_right] * z).astype(np.float64)).astype(number)
        v = x * x * x
        if len(open_right):
            u = runs.uniform(rows[open_right]).astype(np.float64)
            d64, v64, z64 = (t.astype(np.float64) for t in (d[open_right], v, z))
            good = np.log(1.0 - u) < 0.5 * z64 * z64 + d64 * (1.0 - v64 + np.log(v64))
            done = open_right[good]
            out[done] = d[done] * v[good] * beta[done]
            open_ = np.setdiff1d(open_, done, assume_unique=True)
    low = np.flatnonzero(alpha < 1)
    if len(low):
        u = runs.uniform(rows[low])
        out[low] = out[low] * np.power(u, (1.0 / a[low]).astype(number))
    return out


def gamma(alpha: Any, beta: Any, size: int, dtype: Any) -> np.ndarray:
    """Samples of the gamma distribution with the shape alpha and the scale beta."""
    return _drawn(_gamma, size, dtype, np.float64 if np.dtype(dtype) == np.float64 else np.float32, alpha, beta)


def _poisson(runs: Runs, rows: Rows, lam: np.ndarray) -> np.ndarray:
    lam = lam.astype(np.float32)
    out = np.zeros(len(rows), np.float32)
    open_ = np.flatnonzero(~(lam >= POISSON_SMALL))
    least = np.exp(-lam)
    product = np.ones(len(rows), np.float32)
    while len(open_):
        product[open_] *= runs.uniform(rows[open_]).astype(np.float32)
        open_ = open_[product[open_] > least[open_]]
        out[open_] += 1
    open_ = np.flatnonzero(lam >= POISSON_SMALL)
    if len(open_):
        _poisson_large(runs, rows, lam, open_, out)
    return out


def _poisson_large(runs: Runs, rows: Rows, lam: np.ndarray, open_: np.ndarray, out: np.ndarray) -> None:
    width = np.sqrt(2.0 * lam.astype(np.float64)).astype(np.float32)
    log = np.log(lam)
    top = lam * log - _gammaln(lam + 1)
    while len(open_):
        y = np.tan(np.float32(np.pi) * runs.uniform(rows[open_]).astype(np.float32))
        value = width[open_] * y + lam[open_]
        right = value >= 0
        there, value, y = open_[right], np.floor(value[right]), y[right]
        if len(there):
            ratio = np.exp(value * log[there] - _gammaln(value + 1) - top[there]).astype(np.float64)
            height = (0.9 * (1.0 + (y * y).astype(np.float64)) * ratio).astype(np.float32)
            good = ~(runs.uniform(rows[there]) > height)
            out[there[good]] = value[good]
            open_ = np.setdiff1d(open_, there[good], assume_unique=True)


def _gammaln(x: np.ndarray) -> np.ndarray:
    return gammaln_of(x.astype(np.float64)).astype(np.float32)


def poisson(lam: Any, size: int, dtype: Any) -> np.ndarray:
    """Samples of the Poisson distribution with the mean lam."""
    return _drawn(_poisson, size, dtype, np.float32, lam)


def _binomial(runs: Runs, rows: Rows, shape: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return _poisson(runs, rows, _gamma(runs, rows, shape, scale))


def negative_binomial(k: Any, p: Any, size: int, dtype: Any) -> np.ndarray:
    """Samples of the negative binomial distribution: failures before the k-th success, whose probability is p."""
    p32 = np.asarray(p, np.float32)
    with np.errstate(all="ignore"):
        scale = ((1.0 - p32.astype(np.float64)) / p32).astype(np.float32)
    return _drawn(_binomial, size, dtype, np.float32, k, scale)


def _generalized(runs: Runs, rows: Rows, mu: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    mean = mu.astype(runs.number)
    spread = np.flatnonzero(alpha != 0)
    if len(spread):
        shape = (1.0 / alpha[spread].astype(np.float64)).astype(np.float32)
        mean[spread] = _gamma(runs, rows[spread], shape, alpha[spread] * mu[spread])
    return _poisson(runs, rows, mean)


def generalized_negative_binomial(mu: Any, alpha: Any, size: int, dtype: Any) -> np.ndarray:
    """Samples of the negative binomial distribution with the mean mu and the dispersion alpha."""
    return _drawn(_generalized, size, dtype, np.float32, mu, alpha)


# -- the generator beside the streams -------------------------------------------------------------------------------


def multinomial(probabilities: np.ndarray, each: int) -> np.ndarray:
    """`each` classes for each row of probabilities [N, C] -> [N, each]; what the sum leaves over goes to the last."""
    u = canonical(STREAMS.beside(len(probabilities) * each)[:, None])[:, 0].reshape(len(probabilities), each)
    out = np.empty(u.shape, np.int64)
    for row, (p, numbers) in enumerate(zip(probabilities, u, strict=True)):
        out[row] = np.searchsorted(np.cumsum(p, dtype=p.dtype), numbers, side="right")
    return np.minimum(out, probabilities.shape[1] - 1)


def _below(limits: range) -> list[int]:
    """A number of 0 .. limit - 1 for each limit; a word in the last, incomplete span is thrown away."""
    words = STREAMS.beside(len(limits)).tolist()
    out: list[int] = []
    at = 0
    for limit in limits:
        span = SPAN // limit
        while True:
            if at == len(words):
                words = STREAMS.beside(max(1, len(limits) - len(out))).tolist()
                at = 0
            word = words[at]
            at += 1
            if word < limit * span:
                out.append(word // span)
                break
    STREAMS.beside_back(words[at:])
    return out


def order(size: int, forward: bool) -> np.ndarray:
    """A random order of `size` things; forward: each is exchanged with one before it, in order; else from the end."""
    places = list(range(size))
    steps = range(1, size) if forward else range(size - 1, 0, -1)
    limits = range(2, size + 1) if forward else range(size, 1, -1)
    for i, j in zip(steps, _below(limits), strict=True):
        places[i], places[j] = places[j], places[i]
    return np.array(places, np.int64)
