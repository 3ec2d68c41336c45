"""Factors and inverses of matrices for `mx.nd.linalg`: potrf, potri, gelqf, syevd, inverse, det, slogdet, sumlogdiag.

Each is LAPACK's, by way of numpy, for every matrix of a batch; signs are chosen as MXNet does.  Rules follow Seeger et
al., "Auto-Differentiating Linear Algebra" (2017), written with operators, so they have derivatives themselves.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import MXLError, ShapeError
from ..op import op
from .arithmetic import _mul_scalar, _plus_scalar, broadcast_mul, broadcast_sub, elemwise_add, elemwise_mul
from .matrices import (
    linalg_extractdiag,
    linalg_gemm2,
    linalg_makediag,
    linalg_trsm,
    matrices,
    solve_triangle,
    transposed,
    triangle,
)
from .shape import expand_dims, reshape
from .unary import reciprocal


def _symmetric(x: Any) -> Any:
    return _mul_scalar(elemwise_add(x, transposed(x)), scalar=0.5)


# -- Cholesky -------------------------------------------------------------------------------------------------------


@op(aliases=("_linalg_potrf",))
def linalg_potrf(A, lower=True):
    """The Cholesky factor B of a positive definite A: A = B @ B.T, or B.T @ B for an upper one.  [..., N, N]

    Only A's triangle of that side is read.  MXLError: A is not positive definite.
    """
    matrices("linalg_potrf", square=True, A=A)
    try:
        factor = np.linalg.cholesky(A if lower else np.swapaxes(A, -1, -2))
    except np.linalg.LinAlgError:
        raise MXLError(
            f"linalg_potrf: A {list(A.shape)} is not positive definite; a Cholesky factor needs that"
        ) from None
    return factor if lower else np.swapaxes(factor, -1, -2)


def _potrf_gradient(g, out, _A, lower):
    if lower:
        inner = triangle(linalg_gemm2(out, g, transpose_a=True), half=True)
    else:
        inner = triangle(linalg_gemm2(g, out, transpose_b=True), lower=False, half=True)
    left = linalg_trsm(out, inner, transpose=lower, lower=lower)
    return _symmetric(linalg_trsm(out, left, transpose=not lower, rightside=True, lower=lower))


linalg_potrf.vjp(_potrf_gradient)


@op(aliases=("_linalg_potri",))
def linalg_potri(A, lower=True):
    """The inverse of the matrix whose Cholesky factor is A.  [..., N, N]"""
    matrices("linalg_potri", square=True, A=A)
    t = A if lower else np.swapaxes(A, -1, -2)
    if not np.diagonal(t, axis1=-2, axis2=-1).all():
        raise MXLError(f"linalg_potri: A {list(A.shape)} has a zero on its diagonal: it is no Cholesky factor")
    inverse = solve_triangle(t, np.broadcast_to(np.eye(t.shape[-1], dtype=t.dtype), t.shape), True)
    return np.matmul(np.swapaxes(inverse, -1, -2), inverse)


def _potri_gradient(g, out, A, lower):
    inner = linalg_gemm2(out, elemwise_add(g, transposed(g)), alpha=-1.0)
    if lower:
        return triangle(linalg_trsm(A, inner, transpose=True, rightside=True))
    return triangle(linalg_trsm(A, transposed(inner), transpose=True, lower=False), lower=False)


linalg_potri.vjp(_potri_gradient)


@op(aliases=("_linalg_sumlogdiag",))
def linalg_sumlogdiag(A):
    """The sum of the logarithms of the diagonal.  [..., N, N] -> [...]"""
    matrices("linalg_sumlogdiag", square=True, A=A)
    return _one_each(np.add.reduce(np.log(np.diagonal(A, axis1=-2, axis2=-1)), axis=-1))


def _one_each(values: Any) -> Any:
    """A number for each matrix; a lone one has the shape (1,)."""
    return np.reshape(values, values.shape or (1,))


def _over_matrix(g: Any, shape: tuple[int, ...]) -> Any:
    """A number for each matrix, so shaped that it broadcasts over the matrix."""
    return reshape(g, shape=(*shape[:-2], 1, 1))


linalg_sumlogdiag.vjp(
    lambda g, _out, A: broadcast_mul(linalg_makediag(reciprocal(linalg_extractdiag(A))), _over_matrix(g, A.shape))
)


# -- orthogonal factors ---------------------------------------------------------------------------------------------


@op(aliases=("_linalg_gelqf",))
def linalg_gelqf(A):
    """Q with orthonormal rows and lower triangular L of A = L @ Q.  [..., N, M], N <= M -> [..., N, M], [..., N, N]"""
    matrices("linalg_gelqf", A=A)
    if A.shape[-2] > A.shape[-1]:
        raise ShapeError(f"linalg_gelqf: A is {list(A.shape)}: it takes at most as many rows as columns")
    q, r = np.linalg.qr(np.swapaxes(A, -1, -2))
    return np.ascontiguousarray(np.swapaxes(q, -1, -2)), np.ascontiguousarray(np.swapaxes(r, -1, -2))


def _gelqf_gradient(g, out, _A):
    (gq, gl), (q, lower) = g, out
    inner = broadcast_sub(linalg_gemm2(lower, gl, transpose_a=True), linalg_gemm2(gq, q, transpose_b=True))
    half = triangle(inner, half=True)  # the lower triangle, copied to the upper one
    mirrored = elemwise_add(half, transposed(half))
    return (linalg_trsm(lower, elemwise_add(gq, linalg_gemm2(mirrored, q)), transpose=True),)


linalg_gelqf.vjp(all=_gelqf_gradient)


@op(name="_linalg_syevd")
def linalg_syevd(A):
    """Eigenvectors in the rows of U, and ascending eigenvalues L, of a symmetric A: U @ A = diag(L) @ U.

    [..., N, N] -> [..., N, N], [..., N].  Only A's lower triangle is read.  Each vector's largest entry is positive.
    """
    matrices("linalg_syevd", square=True, A=A)
    values, vectors = np.linalg.eigh(A)
    rows = np.ascontiguousarray(np.swapaxes(vectors, -1, -2))
    largest = np.take_along_axis(rows, np.argmax(np.abs(rows), axis=-1)[..., None], -1)
    rows *= np.where(largest < 0, -1, 1).astype(rows.dtype)
    return rows, values


def _syevd_gradient(g, out, _A):
    (gu, gl), (u, values) = g, out
    gaps = broadcast_sub(expand_dims(values, axis=values.ndim - 1), expand_dims(values, axis=values.ndim))
    diagonal = linalg_makediag(_plus_scalar(_mul_scalar(values, scalar=0.0), scalar=1.0))  # keeps 1 / 0 off it
    weights = broadcast_sub(reciprocal(elemwise_add(gaps, diagonal)), diagonal)
    turn = elemwise_mul(weights, linalg_gemm2(u, gu, transpose_b=True))
    inner = elemwise_add(turn, linalg_makediag(gl))
    return (_symmetric(linalg_gemm2(linalg_gemm2(u, inner, transpose_a=True), u)),)


linalg_syevd.vjp(all=_syevd_gradient)


# -- inverse and determinant ----------------------------------------------------------------------------------------


@op(aliases=("_linalg_inverse",))
def linalg_inverse(A):
    """The inverse.  [..., N, N].  MXLError: A is singular."""
    matrices("linalg_inverse", square=True, A=A)
    try:
        return np.linalg.inv(A)
    except np.linalg.LinAlgError:
        raise MXLError(f"linalg_inverse: A {list(A.shape)} is singular: it has no inverse") from None


def _inverse_gradient(g, out, _A):
    return linalg_gemm2(linalg_gemm2(out, g, transpose_a=True), out, transpose_b=True, alpha=-1.0)


linalg_inverse.vjp(_inverse_gradient)


@op(name="_inverse_or_zero")
def inverse_or_zero(A):
    """The inverse of each matrix that has one, zeros for the others: det has no gradient there.  [..., N, N]"""
    regular = np.linalg.det(A) != 0
    with_one = np.where(regular[..., None, None], A, np.eye(A.shape[-1], dtype=A.dtype))
    return np.linalg.inv(with_one) * regular[..., None, None].astype(A.dtype)


inverse_or_zero.vjp(_inverse_gradient)


@op(aliases=("_linalg_det",))
def linalg_det(A):
    """The determinant.  [..., N, N] -> [...]; its gradient is zero where A is singular."""
    matrices("linalg_det", square=True, A=A)
    return _one_each(np.linalg.det(A))


linalg_det.vjp(
    lambda g, out, A: broadcast_mul(transposed(inverse_or_zero(A)), _over_matrix(elemwise_mul(g, out), A.shape))
)


@op(aliases=("_linalg_slogdet",))
def linalg_slogdet(A):
    """The sign of the determinant, and the logarithm of its size.  [..., N, N] -> [...], [...]"""
    matrices("linalg_slogdet", square=True, A=A)
    sign, size = np.linalg.slogdet(A)
    return _one_each(sign), _one_each(size)


linalg_slogdet.vjp(all=lambda g, _out, A: (broadcast_mul(transposed(inverse_or_zero(A)), _over_matrix(g[1], A.shape)),))
