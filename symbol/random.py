"""`mx.sym.random`: nodes that draw anew at each run, from the streams of `mx.nd.random`.

Parameters are numbers, or symbols with one distribution for each element.
"""

from __future__ import annotations

from typing import Any

from ..core.errors import ArgumentError
from .compose import call
from .symbol import Symbol

__all__ = ["exponential", "gamma", "generalized_negative_binomial", "multinomial", "negative_binomial", "normal",
           "poisson", "randint", "randn", "shuffle", "uniform"]  # fmt: skip


def _draw(name: str, values: dict[str, Any], shape: Any, dtype: Any, kwargs: dict[str, Any]) -> Symbol:
    given = {key: value for key, value in {"shape": shape, "dtype": dtype}.items() if value is not None}
    symbols = [isinstance(value, Symbol) for value in values.values()]
    if all(symbols):
        return call(f"_sample_{name}", tuple(values.values()), {**given, **kwargs})
    if any(symbols):
        raise ArgumentError(f"random.{name}: {' and '.join(values)} must both be symbols, or both numbers")
    return call(f"_random_{name}", (), {**values, **given, **kwargs})


def uniform(low: Any = 0, high: Any = 1, shape: Any = None, dtype: Any = None, **kwargs: Any) -> Symbol:
    """Samples of the uniform distribution over [low, high)."""
    return _draw("uniform", {"low": low, "high": high}, shape, dtype, kwargs)


def normal(loc: Any = 0, scale: Any = 1, shape: Any = None, dtype: Any = None, **kwargs: Any) -> Symbol:
    """Samples of the normal distribution with mean `loc` and standard deviation `scale`."""
    return _draw("normal", {"loc": loc, "scale": scale}, shape, dtype, kwargs)


def randn(*shape: int, loc: Any = 0, scale: Any = 1, dtype: Any = None, **kwargs: Any) -> Symbol:
    """`normal` with the shape's lengths as arguments."""
    return normal(loc, scale, shape, dtype, **kwargs)


def poisson(lam: Any = 1, shape: Any = None, dtype: Any = None, **kwargs: Any) -> Symbol:
    """Samples of the Poisson distribution with mean `lam`."""
    return _draw("poisson", {"lam": lam}, shape, dtype, kwargs)


def exponential(scale: Any = 1, shape: Any = None, dtype: Any = None, **kwargs: Any) -> Symbol:
    """Samples of the exponential distribution with mean `scale`."""
    return _draw("exponential", {"lam": 1.0 / scale}, shape, dtype, kwargs)


def gamma(alpha: Any = 1, beta: Any = 1, shape: Any = None, dtype: Any = None, **kwargs: Any) -> Symbol:
    """Samples of the gamma distribution with shape `alpha` and scale `beta`."""
    return _draw("gamma", {"alpha": alpha, "beta": beta}, shape, dtype, kwargs)


def negative_binomial(k: Any = 1, p: Any = 1, shape: Any = None, dtype: Any = None, **kwargs: Any) -> Symbol:
    """Samples of the negative binomial distribution: failures before the k-th success."""
    return _draw("negative_binomial", {"k": k, "p": p}, shape, dtype, kwargs)


def generalized_negative_binomial(
    mu: Any = 1, alpha: Any = 1, shape: Any = None, dtype: Any = None, **kwargs: Any
) -> Symbol:
    """Samples of the negative binomial distribution by its mean and dispersion."""
    return _draw("generalized_negative_binomial", {"mu": mu, "alpha": alpha}, shape, dtype, kwargs)


def multinomial(data: Symbol, shape: Any = None, get_prob: bool = True, dtype: str = "int32", **kwargs: Any) -> Symbol:
    """Classes drawn with the probabilities in the last axis of data, and with `get_prob` their log-probabilities."""
    given = {} if shape is None else {"shape": shape}
    return call("_sample_multinomial", (data,), {**given, "get_prob": get_prob, "dtype": dtype, **kwargs})


def shuffle(data: Symbol, **kwargs: Any) -> Symbol:
    """data in a random order along its first axis."""
    return call("_shuffle", (data,), kwargs)


def randint(low: int, high: int, shape: Any = None, dtype: Any = None, **kwargs: Any) -> Symbol:
    """Whole numbers of [low, high)."""
    given = {key: value for key, value in {"shape": shape, "dtype": dtype}.items() if value is not None}
    return call("_random_randint", (), {"low": low, "high": high, **given, **kwargs})
