"""The distributions of mx.nd.random beside uniform and normal, and shuffling; drawn in `sampling.py`.

Exponential samples are MXNet's to the last place; the others take the same words and the same decisions, so they are
MXNet's as well, but for the rare decision that hangs on a last place.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import sampling
from .context import Context
from .delivery import UNSET, are_numbers, deliver, kind_of, number, shape_of
from .errors import ArgumentError, InvalidSetting, NotAnArray, ShapeError
from .handle import new
from .ndarray import NDArray
from .op import TABLE

CLASSES = (np.int32, np.uint8, np.float16, np.float32, np.float64)


def exponential(
    scale: Any = 1, shape: Any = UNSET, dtype: Any = UNSET, ctx: Context | None = None, out: NDArray | None = None
) -> NDArray:
    """Samples of the exponential distribution with the mean `scale`, a number or an NDArray.

    shape: (1,) unless given (or out's), behind the shape of an NDArray scale; dtype: float32 (default), float64 or
    float16.
    """
    if isinstance(scale, str):
        raise ArgumentError(f"exponential: scale must be a number or an NDArray, not {scale!r}")
    scale = number("exponential: scale", scale)
    if are_numbers(scale) and not scale > 0:
        raise InvalidSetting(f"exponential: scale is {scale}: it has to be positive")
    return deliver("exponential", _exponential, (scale,), shape, dtype, ctx, out)


def _exponential(scale: Any, size: int, dtype: Any) -> np.ndarray:
    return sampling.exponential(1.0 / np.asarray(scale, np.float64), size, dtype)


def rate_exponential(
    lam: Any = 1.0, shape: Any = UNSET, dtype: Any = UNSET, ctx: Context | None = None, out: NDArray | None = None
) -> NDArray:
    """Samples of the exponential distribution with the rate `lam`, a number or an NDArray."""
    lam = number("exponential: lam", lam)
    if are_numbers(lam) and not lam > 0:
        raise InvalidSetting(f"exponential: lam is {lam}: it has to be positive")
    return deliver("exponential", sampling.exponential, (lam,), shape, dtype, ctx, out)


def gamma(
    alpha: Any = 1, beta: Any = 1, shape: Any = UNSET, dtype: Any = UNSET, ctx: Context | None = None,
    out: NDArray | None = None,
) -> NDArray:  # fmt: skip
    """Samples of the gamma distribution with the shape `alpha` and the scale `beta`, numbers or NDArrays.

    shape, dtype: as of exponential.
    """
    alpha, beta = number("gamma: alpha", alpha), number("gamma: beta", beta)
    if are_numbers(alpha, beta) and not (alpha > 0 and beta > 0):
        raise InvalidSetting(f"gamma: alpha is {alpha}, beta is {beta}: both have to be positive")
    return deliver("gamma", sampling.gamma, (alpha, beta), shape, dtype, ctx, out)


def poisson(
    lam: Any = 1, shape: Any = UNSET, dtype: Any = UNSET, ctx: Context | None = None, out: NDArray | None = None
) -> NDArray:
    """Samples of the Poisson distribution with the mean `lam`, a number or an NDArray, as floating-point numbers.

    shape, dtype: as of exponential.
    """
    lam = number("poisson: lam", lam)
    if are_numbers(lam) and not 0 <= lam < math.inf:
        raise InvalidSetting(f"poisson: lam is {lam}: it has to be 0 or more, and finite")
    return deliver("poisson", sampling.poisson, (lam,), shape, dtype, ctx, out)


def negative_binomial(
    k: Any = 1, p: Any = 1, shape: Any = UNSET, dtype: Any = UNSET, ctx: Context | None = None,
    out: NDArray | None = None,
) -> NDArray:  # fmt: skip
    """Samples of the negative binomial distribution: failures before the k-th success, whose probability is p.

    k, p: numbers or NDArrays; shape, dtype: as of exponential.
    """
    k, p = number("negative_binomial: k", k), number("negative_binomial: p", p)
    if are_numbers(k, p) and not (k >= 0 and 0 < p <= 1):
        raise InvalidSetting(f"negative_binomial: k is {k}, p is {p}: k has to be 0 or more, p of 0 .. 1 and not 0")
    return deliver("negative_binomial", sampling.negative_binomial, (k, p), shape, dtype, ctx, out)


def generalized_negative_binomial(
    mu: Any = 1, alpha: Any = 1, shape: Any = UNSET, dtype: Any = UNSET, ctx: Context | None = None,
    out: NDArray | None = None,
) -> NDArray:  # fmt: skip
    """Samples of the negative binomial distribution with the mean `mu` and the dispersion `alpha`.

    mu, alpha: numbers or NDArrays; shape, dtype: as of exponential.
    """
    mu = number("generalized_negative_binomial: mu", mu)
    alpha = number("generalized_negative_binomial: alpha", alpha)
    if are_numbers(mu, alpha) and not (mu >= 0 and alpha >= 0):
        raise InvalidSetting(f"generalized_negative_binomial: mu is {mu}, alpha is {alpha}: both have to be 0 or more")
    draw = sampling.generalized_negative_binomial
    return deliver("generalized_negative_binomial", draw, (mu, alpha), shape, dtype, ctx, out)


def multinomial(
    data: NDArray, shape: Any = UNSET, get_prob: bool = False, out: Any = None, dtype: Any = "int32"
) -> Any:
    """Classes drawn with the probabilities in the last axis of data.  [..., C] -> [..., *shape]

    The probabilities of a row should add up to 1: what is left over falls to the last class.  get_prob: gives the
    logarithm of each drawn class's probability, too, through which gradients go.  dtype: int32 (default), uint8,
    float16, float32 or float64.
    """
    if not isinstance(data, NDArray):
        raise NotAnArray(f"multinomial: data must be an NDArray, not {type(data).__name__}")
    if data.ndim < 1 or not data.size:
        raise ShapeError(f"multinomial: data is {list(data.shape)}: it takes probabilities [..., C]")
    dims = () if shape is UNSET or shape == () else shape_of("multinomial", shape)
    kind = kind_of("multinomial", dtype, CLASSES)
    each = math.prod(dims)
    rows = data._read().reshape(-1, data.shape[-1])
    drawn = sampling.multinomial(rows, each)
    full = (*data.shape[:-1], *dims) or (1,)
    classes = new(NDArray, drawn.astype(kind).reshape(full), data.ctx)
    if out is not None:
        if get_prob or out.dtype != kind:
            raise ArgumentError(f"multinomial: out= takes the classes as {kind.name} only, without get_prob")
        return classes.copyto(out)
    if not get_prob:
        return classes
    where = new(NDArray, np.stack([np.repeat(np.arange(len(rows)), each), drawn.reshape(-1)]), data.ctx)
    picked = TABLE["gather_nd"](data.reshape((-1, data.shape[-1])), where)
    return [classes, TABLE["log"](picked).reshape(full)]


def shuffle(data: NDArray, out: NDArray | None = None) -> NDArray:
    """data in a random order along its first axis, every order being as likely.  [N, ...] -> [N, ...]"""
    if not isinstance(data, NDArray):
        raise NotAnArray(f"shuffle: data must be an NDArray, not {type(data).__name__}")
    if data.ndim < 1:
        raise ShapeError("shuffle: data has no axis: it takes [N, ...]")
    order = new(NDArray, sampling.order(data.shape[0], data.ndim == 1), data.ctx)
    return TABLE["take"](data, order, out=out)


def _like(name: str, function: Any, defaults: dict[str, Any]) -> Any:
    """The function that draws in the shape and dtype of an array."""

    def drawn(data: NDArray, *args: Any, out: NDArray | None = None, **kwargs: Any) -> NDArray:
        if not isinstance(data, NDArray):
            raise NotAnArray(f"{name}: data must be an NDArray, not {type(data).__name__}")
        unknown = set(kwargs) - set(defaults) | ({"too many"} if len(args) > len(defaults) else set())
        if unknown:
            raise ArgumentError(f"{name}: it takes data and {', '.join(defaults)}; {sorted(unknown)} came")
        given = {**defaults, **dict(zip(defaults, args, strict=False)), **kwargs}
        return function(**given, shape=data.shape, dtype=data.dtype, ctx=data.ctx, out=out)

    drawn.__name__ = drawn.__qualname__ = name
    drawn.__doc__ = f"{name.removesuffix('_like')} samples in the shape, dtype and context of data."
    return drawn


exponential_like = _like("exponential_like", rate_exponential, {"lam": 1.0})
gamma_like = _like("gamma_like", gamma, {"alpha": 1.0, "beta": 1.0})
poisson_like = _like("poisson_like", poisson, {"lam": 1.0})
negative_binomial_like = _like("negative_binomial_like", negative_binomial, {"k": 1, "p": 1.0})
generalized_negative_binomial_like = _like(
    "generalized_negative_binomial_like", generalized_negative_binomial, {"mu": 1.0, "alpha": 1.0}
)
like = _like
