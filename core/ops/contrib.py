"""Small operators of `mx.nd.contrib`: scaled copies, gradients that pass straight through, comparison as a whole."""

from __future__ import annotations

import math

import numpy as np

from ..dtype import resolve
from ..errors import ArgumentError, DtypeError, ShapeError
from ..op import REQUIRED, op
from .arithmetic import _mul_scalar, _plus_scalar, divide_arrays, elemwise_mul
from .matrices import real
from .shape import whole
from .unary import cast, identity, round_, sign


@op(name="_contrib_div_sqrt_dim")
def div_sqrt_dim(data):
    """data divided by the square root of its last axis's length.  [..., C] -> [..., C]"""
    if not data.ndim:
        raise ShapeError("div_sqrt_dim: data has no axis: it takes [..., C]")
    return divide_arrays(data, np.asarray(math.sqrt(data.shape[-1])).astype(data.dtype))


div_sqrt_dim.vjp(lambda g, _out, _data: div_sqrt_dim(g))


@op(name="_contrib_quadratic")
def quadratic(data, a=0.0, b=0.0, c=0.0):
    """a * data**2 + b * data + c, elementwise.  [...] -> [...]"""
    a, b, c = (real("quadratic", key, value) for key, value in (("a", a), ("b", b), ("c", c)))
    return ((a * data + b) * data + c).astype(data.dtype)


quadratic.vjp(lambda g, _out, data, a, b: elemwise_mul(g, _plus_scalar(_mul_scalar(data, scalar=2 * a), scalar=b)))


@op(name="_contrib_gradientmultiplier")
def gradientmultiplier(data, scalar=1.0, is_int=True):
    """data itself, whose gradient is multiplied by `scalar`.  [...] -> [...]

    is_int says of which kind the scalar is, and has no effect, as in MXNet.
    """
    real("gradientmultiplier", "scalar", scalar)
    return data


gradientmultiplier.vjp(lambda g, _out, _data, scalar: _mul_scalar(g, scalar=scalar))


@op(name="_contrib_round_ste")
def round_ste(data):
    """data rounded, with the gradient of data itself.  [...] -> [...]"""
    return round_(data)


round_ste.vjp(lambda g, _out, _data: identity(g))


@op(name="_contrib_sign_ste")
def sign_ste(data):
    """The sign of data, with the gradient of data itself.  [...] -> [...]"""
    return sign(data)


sign_ste.vjp(lambda g, _out, _data: identity(g))


@op(name="_contrib_allclose")
def allclose(a, b, rtol=1e-5, atol=1e-8, equal_nan=True):
    """1 where |a - b| <= atol + rtol * |b| everywhere, else 0, as one uint8.  [...], [...] -> []"""
    if a.shape != b.shape or a.dtype != b.dtype:
        raise ShapeError(
            f"allclose: a is {a.dtype} {list(a.shape)}, b is {b.dtype} {list(b.shape)}: they must be equal"
        )
    return np.array(
        np.allclose(a, b, real("allclose", "rtol", rtol), real("allclose", "atol", atol), equal_nan), np.uint8
    )


allclose.vjp(None, None)


# -- mixed precision ------------------------------------------------------------------------------------------------


@op
def amp_cast(data, dtype=REQUIRED):
    """data in another dtype; whole numbers stay as they are.  [...] -> [...]"""
    kind = resolve(dtype)
    return data.astype(kind) if data.dtype.kind == "f" else data


amp_cast.vjp(lambda g, _out, data_like: cast(g, dtype=data_like.dtype))


@op
def amp_multicast(*data, num_outputs=REQUIRED, cast_narrow=False):
    """All floating-point arrays in their widest dtype, or their narrowest with cast_narrow.  [...]... -> as many"""
    _count("amp_multicast", "num_outputs", num_outputs, data)
    kinds = sorted((x.dtype for x in data if x.dtype.kind == "f"), key=lambda k: k.itemsize)
    kind = kinds[0 if cast_narrow else -1] if kinds else None
    results = [x.astype(kind) if x.dtype.kind == "f" else x for x in data]
    return tuple(results) if len(results) > 1 else results[0]


def _count(name, key, number, data):
    if whole(name, key, number) != len(data) or not data:
        raise ArgumentError(f"{name}: {len(data)} arrays came, {key} is {number}: they must be as many")


amp_multicast.vjp(
    all=lambda g, _out, *data_like: tuple(
        cast(part, dtype=x.dtype) for part, x in zip(g if len(data_like) > 1 else (g,), data_like, strict=True)
    )
)


@op
def multi_sum_sq(*data, num_arrays=REQUIRED):
    """The sum of squares of each array, in float32.  [...]... -> [arrays]"""
    _count("multi_sum_sq", "num_arrays", num_arrays, data)
    for i, x in enumerate(data):
        if x.dtype.kind != "f":
            raise DtypeError(f"multi_sum_sq: array {i} is {x.dtype}: it takes floating point; use astype")
    return np.array([np.vdot(x, x) for x in data], np.float32)


multi_sum_sq.vjp(
    all=lambda g, _out, *data: tuple(cast(_mul_scalar(g[i], scalar=2.0), dtype=x.dtype) * x for i, x in enumerate(data))
)
