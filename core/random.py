"""Random arrays: `mx.random` and `mx.nd.random`, drawn from `streams.py`, so seeded scripts print MXNet's digits.

uniform and randint are MXNet's to the bit, normal to the last place; distributions.py has the others.  All CPU
contexts share one generator, as in MXNet; its default seed is 0.
"""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np

from .context import Context
from .delivery import UNSET, are_numbers, deliver, number
from .distributions import (
    exponential,
    exponential_like,
    gamma,
    gamma_like,
    generalized_negative_binomial,
    generalized_negative_binomial_like,
    like,
    multinomial,
    negative_binomial,
    negative_binomial_like,
    poisson,
    poisson_like,
    rate_exponential,
    shuffle,
)
from .errors import ArgumentError, InvalidSetting
from .ndarray import NDArray
from .streams import STREAMS

__all__ = [
    "exponential", "exponential_like", "gamma", "gamma_like", "generalized_negative_binomial",
    "generalized_negative_binomial_like", "multinomial", "negative_binomial", "negative_binomial_like", "normal",
    "normal_like", "poisson", "poisson_like", "randint", "randn", "rate_exponential", "seed", "shuffle", "uniform",
    "uniform_like",
]  # fmt: skip

INTS = (np.int32, np.int64)


def seed(seed_state: int, ctx: Context | str = "all") -> None:
    """Starts the random streams anew.

    ctx: 'all' or a context; all CPU contexts share one generator, and other devices have none here.

    >>> import mxl as mx
    >>> mx.random.seed(0)
    >>> print(mx.nd.random.uniform(shape=(2,)).asnumpy())
    [0.5488135 0.5928446]
    """
    if not isinstance(seed_state, Integral):
        raise InvalidSetting(f"seed_state must be an int, got {seed_state!r}")
    if ctx == "all" or Context(ctx).device_type != "gpu":
        STREAMS.seed(int(seed_state))


def uniform(
    low: Any = 0,
    high: Any = 1,
    shape: Any = UNSET,
    dtype: Any = UNSET,
    ctx: Context | None = None,
    out: NDArray | None = None,
) -> NDArray:
    """Samples of the uniform distribution over [low, high), numbers or NDArrays.

    shape: (1,) unless given (or out's), behind the shape of NDArray parameters; dtype: float32 (default), float64 or
    float16.
    """
    low, high = number("uniform: low", low), number("uniform: high", high)
    if are_numbers(low, high) and high < low:
        raise InvalidSetting(f"uniform: low is {low}, high is {high}: low must be less or equal to high")
    return deliver("uniform", STREAMS.uniform, (low, high), shape, dtype, ctx, out)


def normal(
    loc: Any = 0,
    scale: Any = 1,
    shape: Any = UNSET,
    dtype: Any = UNSET,
    ctx: Context | None = None,
    out: NDArray | None = None,
) -> NDArray:
    """Samples of the normal distribution with mean `loc` and standard deviation `scale`, numbers or NDArrays.

    shape: (1,) unless given (or out's), behind the shape of NDArray parameters; dtype: float32 (default), float64 or
    float16.
    """
    loc, scale = number("normal: loc", loc), number("normal: scale", scale)
    if are_numbers(loc, scale) and not scale > 0:
        raise InvalidSetting(f"normal: scale is {scale}: it has to be positive")
    return deliver("normal", STREAMS.normal, (loc, scale), shape, dtype, ctx, out)


def randn(
    *shape: int,
    loc: Any = 0,
    scale: Any = 1,
    dtype: Any = UNSET,
    ctx: Context | None = None,
    out: NDArray | None = None,
) -> NDArray:
    """`normal` with the shape's lengths as arguments: randn(2, 3)."""
    return normal(loc, scale, shape, dtype, ctx, out)


def sample_normal(
    mu: Any, sigma: Any, shape: Any = UNSET, dtype: Any = UNSET, ctx: Context | None = None, out: NDArray | None = None
) -> NDArray:
    """`normal` with the names that MXNet's operator sample_normal has for its parameters."""
    return normal(mu, sigma, shape, dtype, ctx, out)


def randint(
    low: int, high: int, shape: Any = UNSET, dtype: Any = UNSET, ctx: Context | None = None, out: NDArray | None = None
) -> NDArray:
    """Whole numbers, each of [low, high) as likely as the others.

    shape: (1,) unless given (or out's); dtype: int32 (default) or int64.
    """
    for name, value in (("low", low), ("high", high)):
        if isinstance(value, bool) or not isinstance(value, Integral):
            raise ArgumentError(f"randint: {name} must be an int, got {value!r}")
    if high <= low:
        raise InvalidSetting(f"randint: low is {low}, high is {high}: low must be less than high")
    return deliver("randint", STREAMS.randint, (int(low), int(high)), shape, dtype, ctx, out, INTS)


uniform_like = like("uniform_like", uniform, {"low": 0.0, "high": 1.0})
normal_like = like("normal_like", normal, {"loc": 0.0, "scale": 1.0})
