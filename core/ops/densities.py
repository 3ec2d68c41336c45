"""Densities of the distributions that `mx.nd.random` draws from: `random_pdf_normal` and its like.

A distribution's parameters are arrays of one shape [S]; samples are [S] or [S, M, ...], with the same parameters along
the further axes.  Each logarithm is written once, and so are its slopes, by operators; a density is its exponential.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import DtypeError, ShapeError
from ..op import op
from .arithmetic import broadcast_add, broadcast_div, broadcast_mul, broadcast_sub
from .gammas import gammaln_of, polygamma
from .shape import expand_dims, reshape
from .unary import log


def _density(name: str, sample: Any, is_log: Any, logarithm: Any, **parameters: Any) -> Any:
    """exp(logarithm(sample, *parameters)), once all fit each other."""
    kind = sample.dtype
    first_key, first = next(iter(parameters.items()))
    for key, x in parameters.items():
        if x.dtype != kind or kind.kind != "f":
            raise DtypeError(f"random_pdf_{name}: sample is {kind}, {key} {x.dtype}: all take one floating-point dtype")
        if x.shape != first.shape or x.shape != sample.shape[: x.ndim]:
            raise ShapeError(
                f"random_pdf_{name}: sample is {list(sample.shape)}, {first_key} {list(first.shape)}, {key} "
                f"{list(x.shape)}: parameters have one shape, and sample's begins with it"
            )
    wide = np.float32 if kind == np.float16 else kind
    arrays = (x.astype(wide, copy=False) for x in (sample, *(_beside(x, sample) for x in parameters.values())))
    value = logarithm(*arrays)
    return (value if is_log else np.exp(value)).astype(kind)


def _beside(x: Any, like: Any) -> Any:
    """x with as many axes as `like` has, those behind of length 1."""
    return reshape(x, shape=(*x.shape, *(1,) * (len(like.shape) - len(x.shape))))


def _head(g: Any, out: Any, is_log: Any) -> Any:
    """What the logarithm's slopes are multiplied by."""
    return g if is_log else g * out


def _to(x: Any, slope: Any, head: Any) -> Any:
    """The gradient of a parameter x: head * slope, summed over the axes that x does not have."""
    product = broadcast_mul(head, slope)
    extra = tuple(range(len(x.shape), len(product.shape)))
    return product.sum(axis=extra) if extra else product


def _digamma(x: Any) -> Any:
    return polygamma(x, n=0)


def _gammaln(x: Any) -> Any:
    return gammaln_of(x.astype(np.float64)).astype(x.dtype)


# -- of real numbers ------------------------------------------------------------------------------------------------


@op(aliases=("_random_pdf_uniform",))
def random_pdf_uniform(sample, low, high, is_log=False):
    """1 / (high - low), wherever the sample is, as in MXNet; is_log: its logarithm.  [S, ...], [S], [S] -> [S, ...]"""
    return _density("uniform", sample, is_log, lambda x, a, b: -np.log(b - a) + x * 0, low=low, high=high)


def _uniform_slope(g, out, low, high, is_log):
    return _to(low, 1 / (_beside(high, g) - _beside(low, g)), _head(g, out, is_log))


random_pdf_uniform.vjp(
    None,
    lambda g, out, _sample, low, high, is_log: _uniform_slope(g, out, low, high, is_log),
    lambda g, out, _sample, low, high, is_log: -_uniform_slope(g, out, low, high, is_log),
)


@op(aliases=("_random_pdf_normal",))
def random_pdf_normal(sample, mu, sigma, is_log=False):
    """The density of normal distributions at samples; is_log: its logarithm.  [S, ...], [S], [S] -> [S, ...]"""
    return _density(
        "normal", sample, is_log,
        lambda x, m, s: -0.5 * ((x - m) / s) ** 2 - np.log(s) - 0.5 * math.log(2 * math.pi), mu=mu, sigma=sigma,
    )  # fmt: skip


def _standard(sample, mu, sigma):
    """(sample - mu) / sigma and sigma, by operators."""
    s = _beside(sigma, sample)
    return broadcast_div(broadcast_sub(sample, _beside(mu, sample)), s), s


def _normal_sample(g, out, sample, mu, sigma, is_log):
    z, s = _standard(sample, mu, sigma)
    return -broadcast_div(z, s) * _head(g, out, is_log)


def _normal_sigma(g, out, sample, mu, sigma, is_log):
    z, s = _standard(sample, mu, sigma)
    return _to(sigma, broadcast_div(z * z - 1, s), _head(g, out, is_log))


random_pdf_normal.vjp(
    _normal_sample,
    lambda g, out, sample, mu, sigma, is_log: _to(mu, -_normal_sample(g, out, sample, mu, sigma, is_log), g * 0 + 1),
    _normal_sigma,
)


@op(aliases=("_random_pdf_exponential",))
def random_pdf_exponential(sample, lam, is_log=False):
    """lam * exp(-lam * sample); is_log: its logarithm.  [S, ...], [S] -> [S, ...]"""
    return _density("exponential", sample, is_log, lambda x, rate: np.log(rate) - rate * x, lam=lam)


random_pdf_exponential.vjp(
    lambda g, out, _sample, lam, is_log: -broadcast_mul(_head(g, out, is_log), _beside(lam, g)),
    lambda g, out, sample, lam, is_log: _to(
        lam, broadcast_sub(1 / _beside(lam, g), sample), _head(g, out, is_log)
    ),
)


@op(aliases=("_random_pdf_gamma",))
def random_pdf_gamma(sample, alpha, beta, is_log=False):
    """The density of gamma distributions of shape alpha and rate beta; is_log: its logarithm.

    (`mx.nd.random.gamma` takes 1 / beta.)  [S, ...], [S], [S] -> [S, ...]
    """
    return _density(
        "gamma", sample, is_log,
        lambda x, a, b: a * np.log(b) + (a - 1) * np.log(x) - b * x - _gammaln(a), alpha=alpha, beta=beta,
    )  # fmt: skip


def _gamma_sample(g, out, sample, alpha, beta, is_log):
    slope = broadcast_sub(broadcast_div(_beside(alpha, g) - 1, sample), _beside(beta, g))
    return slope * _head(g, out, is_log)


def _gamma_alpha(g, out, sample, alpha, beta, is_log):
    constant = log(_beside(beta, g)) - _digamma(_beside(alpha, g))
    return _to(alpha, broadcast_add(log(sample), constant), _head(g, out, is_log))


def _gamma_beta(g, out, sample, alpha, beta, is_log):
    return _to(beta, broadcast_sub(_beside(alpha, g) / _beside(beta, g), sample), _head(g, out, is_log))


random_pdf_gamma.vjp(_gamma_sample, _gamma_alpha, _gamma_beta)


# -- of counts: no gradient for the sample --------------------------------------------------------------------------


@op(aliases=("_random_pdf_poisson",))
def random_pdf_poisson(sample, lam, is_log=False):
    """The probability of counts at the rate lam; is_log: its logarithm.  [S, ...], [S] -> [S, ...]"""
    return _density(
        "poisson", sample, is_log, lambda x, rate: x * np.log(rate) - _gammaln(x + 1) - rate, lam=lam
    )  # fmt: skip


random_pdf_poisson.vjp(
    None,
    lambda g, out, sample, lam, is_log: _to(
        lam, broadcast_div(sample, _beside(lam, g)) - 1, _head(g, out, is_log)
    ),
)


def _negative_binomial(x: Any, k: Any, p: Any) -> Any:
    """k failures with probability p, after x successes."""
    return _gammaln(x + k) - _gammaln(x + 1) - _gammaln(k) + k * np.log(p) + x * np.log1p(-p)


@op(aliases=("_random_pdf_negative_binomial",))
def random_pdf_negative_binomial(sample, k, p, is_log=False):
    """The probability of counts before the k-th failure, which has probability p; is_log: its logarithm.

    [S, ...], [S], [S] -> [S, ...]
    """
    return _density("negative_binomial", sample, is_log, _negative_binomial, k=k, p=p)


def _to_failures(sample, k, p):
    """The logarithm's slope along k."""
    grown = _digamma(broadcast_add(sample, _beside(k, sample)))
    return broadcast_add(grown, _beside(log(p) - _digamma(k), sample))


def _to_probability(sample, k, p):
    """The logarithm's slope along p."""
    return broadcast_sub(_beside(k / p, sample), broadcast_div(sample, _beside(1 - p, sample)))


random_pdf_negative_binomial.vjp(
    None,
    lambda g, out, sample, k, p, is_log: _to(k, _to_failures(sample, k, p), _head(g, out, is_log)),
    lambda g, out, sample, k, p, is_log: _to(p, _to_probability(sample, k, p), _head(g, out, is_log)),
)


@op(aliases=("_random_pdf_generalized_negative_binomial",))
def random_pdf_generalized_negative_binomial(sample, mu, alpha, is_log=False):
    """The probability of counts of mean mu and dispersion alpha; is_log: its logarithm.

    It is that of 1 / alpha failures with probability 1 / (mu * alpha + 1).  [S, ...], [S], [S] -> [S, ...]
    """
    return _density(
        "generalized_negative_binomial", sample, is_log,
        lambda x, m, a: _negative_binomial(x, 1 / a, 1 / (m * a + 1)), mu=mu, alpha=alpha,
    )  # fmt: skip


def _mean_slope(g, out, sample, mu, alpha, is_log):
    p = 1 / (mu * alpha + 1)
    slope = broadcast_mul(_to_probability(sample, 1 / alpha, p), _beside(-alpha * p * p, g))
    return _to(mu, slope, _head(g, out, is_log))


def _dispersion_slope(g, out, sample, mu, alpha, is_log):
    k, p = 1 / alpha, 1 / (mu * alpha + 1)
    slope = broadcast_mul(_to_failures(sample, k, p), _beside(-k * k, g))
    slope = slope + broadcast_mul(_to_probability(sample, k, p), _beside(-mu * p * p, g))
    return _to(alpha, slope, _head(g, out, is_log))


random_pdf_generalized_negative_binomial.vjp(None, _mean_slope, _dispersion_slope)


# -- of shares ------------------------------------------------------------------------------------------------------


@op(aliases=("_random_pdf_dirichlet",))
def random_pdf_dirichlet(sample, alpha, is_log=False):
    """The density of Dirichlet distributions at shares, on the last axis; is_log: its logarithm.

    [S, ..., K], [S, K] -> [S, ...]
    """
    name, lead = "random_pdf_dirichlet", alpha.shape[:-1]
    if sample.dtype != alpha.dtype or sample.dtype.kind != "f":
        raise DtypeError(f"{name}: sample is {sample.dtype}, alpha {alpha.dtype}: both take one floating-point dtype")
    if not alpha.ndim or sample.shape[-1:] != alpha.shape[-1:] or sample.shape[: len(lead)] != lead:
        raise ShapeError(
            f"{name}: sample is {list(sample.shape)}, alpha {list(alpha.shape)}: they must be [S, ..., K] and [S, K]"
        )
    a = _spread(alpha, sample)
    value = ((a - 1) * np.log(sample)).sum(axis=-1) + _gammaln(a.sum(axis=-1)) - _gammaln(a).sum(axis=-1)
    return (value if is_log else np.exp(value)).astype(sample.dtype)


def _spread(alpha: Any, sample: Any) -> Any:
    """[S, K] -> [S, 1, ..., K]"""
    extra = len(sample.shape) - len(alpha.shape)
    return reshape(alpha, shape=(*alpha.shape[:-1], *(1,) * extra, alpha.shape[-1]))


def _dirichlet_alpha(g, out, sample, alpha, is_log):
    a = _spread(alpha, sample)
    constant = broadcast_sub(_digamma(a.sum(axis=-1, keepdims=True)), _digamma(a))
    slope = broadcast_mul(broadcast_add(log(sample), constant), expand_dims(_head(g, out, is_log), axis=-1))
    extra = tuple(range(len(alpha.shape) - 1, len(sample.shape) - 1))
    return slope.sum(axis=extra) if extra else slope


random_pdf_dirichlet.vjp(
    lambda g, out, sample, alpha, is_log: broadcast_mul(
        broadcast_div(_spread(alpha, sample) - 1, sample), expand_dims(_head(g, out, is_log), axis=-1)
    ),
    _dirichlet_alpha,
)
