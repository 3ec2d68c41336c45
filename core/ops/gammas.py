"""gamma, gammaln, their derivatives of every order, and erfinv; numpy has none of them.

gammaln is Stirling's series at x + 10, brought back by gamma(x + 1) = x gamma(x); arguments below 1/2 are reflected.
polygamma, the n-th derivative of digamma, likewise.  All in float64, correct to about 1e-14.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..op import op
from .nn.special import erf_of
from .unary import exp, through_float

FAR = 10.0  # where the series begin
BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)  # B2, B4, ...


def _far(x: Any) -> tuple[Any, int]:
    """x + steps, all at FAR or beyond, of x >= 1/2."""
    return x + FAR, int(FAR)


def _gammaln_right(x: Any) -> Any:
    """log(gamma(x)) of x >= 1/2."""
    far, steps = _far(x)
    series = sum(b / (2 * k * (2 * k - 1) * far ** (2 * k - 1)) for k, b in enumerate(BERNOULLI, 1))
    total = (far - 0.5) * np.log(far) - far + 0.5 * math.log(2 * math.pi) + series
    product = np.ones_like(x)
    for i in range(steps):
        product = product * (x + i)
    small = x < 1e15  # beyond, the product is inf and x + steps is x
    return np.where(small, total - np.log(np.where(small, product, 1.0)), total)


def gammaln_of(x: Any) -> Any:
    """log(|gamma(x)|) of float64 numbers."""
    left = x < 0.5
    right = _gammaln_right(np.where(left, 1 - x, x))
    value = np.where(left, np.log(math.pi / np.abs(_sin_pi(x))) - right, right)
    return np.where(np.isinf(x), np.inf, value)


def _sin_pi(x: Any) -> Any:
    """sin(pi x), 0 at whole numbers."""
    turn = np.fmod(x, 2.0)
    return np.where(np.fmod(x, 1.0) == 0, 0.0, np.sin(math.pi * turn))


def _gamma(x: Any) -> Any:
    left = x < 0.5
    right = np.exp(_gammaln_right(np.where(left, 1 - x, x)))
    value = np.where(left, math.pi / (_sin_pi(x) * right), right)
    exact = np.where((x == np.round(x)) & (x > 0) & (x < 24), np.round(value), value)  # factorials are whole
    exact = np.where(x == np.inf, x, exact)
    pole = np.where(x == 0, np.copysign(np.inf, x), np.nan)
    return np.where((x <= 0) & (x == np.round(x)), pole, exact)


def _polygamma_right(n: int, x: Any) -> Any:
    """The n-th derivative of digamma at x >= 1/2."""
    far, steps = _far(x)
    if n == 0:
        tail = np.log(far) - 0.5 / far - sum(b / (2 * k * far ** (2 * k)) for k, b in enumerate(BERNOULLI, 1))
        return tail - sum(1 / (x + i) for i in range(steps))
    sign, whole = (-1) ** (n + 1), math.factorial(n)
    tail = math.factorial(n - 1) / far**n + whole / (2 * far ** (n + 1))
    for k, b in enumerate(BERNOULLI, 1):
        tail = tail + b * math.factorial(2 * k + n - 1) / (math.factorial(2 * k) * far ** (2 * k + n))
    return sign * (tail + sum(whole / (x + i) ** (n + 1) for i in range(steps)))


def _cot_derivative(n: int) -> list[float]:
    """The n-th derivative of pi cot(pi x), as a polynomial in cot(pi x)."""
    terms = [0.0, math.pi]
    for _ in range(n):
        slopes = [i * c for i, c in enumerate(terms)][1:]
        terms = [0.0] * (len(slopes) + 2)
        for i, c in enumerate(slopes):  # d cot(pi x) = -pi (1 + cot**2)
            terms[i] -= math.pi * c
            terms[i + 2] -= math.pi * c
    return terms


def _polygamma(n: int, x: Any) -> Any:
    left = x < 0.5
    right = _polygamma_right(n, np.where(left, 1 - x, x))
    cot = np.cos(math.pi * np.fmod(x, 1.0)) / _sin_pi(np.where(left, np.fmod(x, 1.0), 0.25))
    turned = sum(c * cot**i for i, c in enumerate(_cot_derivative(n)) if c)
    return np.where(left, (-1) ** n * right - turned, right)


def _in_double(fn: Any, data: Any) -> Any:
    return through_float(lambda x: fn(x.astype(np.float64)).astype(x.dtype), np.asarray(data))


@op(name="_polygamma")
def polygamma(data, n=0):
    """The n-th derivative of the logarithmic derivative of gamma, elementwise.  [...] -> [...]"""
    return _in_double(lambda x: _polygamma(n, x), data)


polygamma.vjp(lambda g, _out, data, n: g * polygamma(data, n=n + 1))


@op
def gamma(data):
    """The gamma function, elementwise; nan at -1, -2, ...  [...] -> [...]"""
    return _in_double(_gamma, data)


gamma.vjp(lambda g, out, data: g * out * polygamma(data))


@op
def gammaln(data):
    """The logarithm of the gamma function's size, elementwise; inf at 0, -1, ...  [...] -> [...]"""
    return _in_double(gammaln_of, data)


gammaln.vjp(lambda g, _out, data: g * polygamma(data))


def _erfinv(x: Any) -> Any:
    """Winitzki's approximation, then Newton steps: each doubles the digits."""
    inside = np.abs(x) < 1
    p = np.where(inside, x, 0.0)
    log = np.log((1 - p) * (1 + p))
    a = 0.147
    half = 2 / (math.pi * a) + log / 2
    y = np.copysign(np.sqrt(np.sqrt(half * half - log / a) - half), p)
    for _ in range(4):
        miss = (erf_of(y) - p) / (2 / math.sqrt(math.pi) * np.exp(-y * y))
        y = y - miss / (1 + y * miss)  # Halley's
    return np.where(inside, y, np.where(np.abs(x) == 1, np.copysign(np.inf, x), np.nan))


@op
def erfinv(data):
    """The inverse of the error function, elementwise; inf at 1, nan beyond.  [...] -> [...]"""
    return _in_double(_erfinv, data)


erfinv.vjp(lambda g, out, _data: g * exp(out * out) * (math.sqrt(math.pi) / 2))
