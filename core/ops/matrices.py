"""Products with matrices and triangles for `mx.nd.linalg`: gemm, gemm2, syrk, trmm, trsm, and the triangle of a matrix.

Matrices are the last two axes; the axes before them count the batch and must be equal in all arguments.  Only float32
and float64 are taken, as in MXNet.  What stands outside a triangular argument's triangle is never read.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import ArgumentError, DtypeError, ShapeError
from ..op import op
from .arithmetic import _mul_scalar, elemwise_add
from .shape import swapaxes, whole


def matrices(name: str, square: bool = False, **arrays: Any) -> None:
    """Refuse arrays that are no batches of real matrices of one dtype."""
    (first, a), *others = arrays.items()
    for key, x in arrays.items():
        floats(name, key, x)
        if x.ndim < 2:
            raise ShapeError(f"{name}: {key} is {list(x.shape)}: it takes matrices [..., rows, columns]")
    if square and a.shape[-1] != a.shape[-2]:
        raise ShapeError(f"{name}: {first} is {list(a.shape)}: its matrices must be square")
    for key, x in others:
        if x.dtype != a.dtype:
            raise DtypeError(f"{name}: {first} is {a.dtype}, {key} is {x.dtype}: both must have one dtype; use astype")
        if x.ndim != a.ndim:
            raise ShapeError(f"{name}: {first} is {list(a.shape)}, {key} is {list(x.shape)}: they need as many axes")


def floats(name: str, key: str, x: Any) -> None:
    """Refuse what is neither float32 nor float64."""
    if x.dtype not in (np.float32, np.float64):
        raise DtypeError(f"{name}: {key} is {x.dtype}: it takes float32 and float64; use astype")


def real(name: str, what: str, value: Any) -> float:
    """`value` as a real number."""
    if isinstance(value, (int, float, np.integer, np.floating)):
        return float(value)
    raise ArgumentError(f"{name}: {what} must be a number, not {value!r}")


# -- products -------------------------------------------------------------------------------------------------------


def _product(name: str, A: Any, B: Any, transpose_a: Any, transpose_b: Any, alpha: Any, axis: Any) -> tuple[Any, int]:
    matrices(name, A=A, B=B)
    rows = whole(name, "axis", axis)
    rows += A.ndim if rows < 0 else 0
    if not 0 <= rows < A.ndim - 1:
        raise ShapeError(f"{name}: axis {axis} cannot hold the rows of {list(A.shape)}: it takes 0 .. {A.ndim - 2}")
    left, right = np.swapaxes(A, rows, -2), np.swapaxes(B, rows, -2)
    left = np.swapaxes(left, -1, -2) if transpose_a else left
    right = np.swapaxes(right, -1, -2) if transpose_b else right
    if left.shape[-1] != right.shape[-2] or left.shape[:-2] != right.shape[:-2]:
        raise ShapeError(
            f"{name}: A is {list(A.shape)}, B is {list(B.shape)}, transpose_a={bool(transpose_a)}, "
            f"transpose_b={bool(transpose_b)}: the columns of A must be as many as the rows of B, and all other axes "
            f"equal"
        )
    return np.matmul(left, right) * real(name, "alpha", alpha), rows


@op(aliases=("_linalg_gemm2",))
def linalg_gemm2(A, B, transpose_a=False, transpose_b=False, alpha=1.0, axis=-2):
    """alpha * op(A) @ op(B), op being the transposition where asked for; the rows are on `axis`.

    [..., N, K], [..., K, M] -> [..., N, M]
    """
    result, rows = _product("linalg_gemm2", A, B, transpose_a, transpose_b, alpha, axis)
    return np.swapaxes(result, rows, -2)


def _gemm_left(g, _out, _A, B, transpose_a, transpose_b, alpha, axis):
    if transpose_a:
        return linalg_gemm2(B, g, transpose_a=transpose_b, transpose_b=True, alpha=alpha, axis=axis)
    return linalg_gemm2(g, B, transpose_b=not transpose_b, alpha=alpha, axis=axis)


def _gemm_right(g, _out, A, _B, transpose_a, transpose_b, alpha, axis):
    if transpose_b:
        return linalg_gemm2(g, A, transpose_a=True, transpose_b=transpose_a, alpha=alpha, axis=axis)
    return linalg_gemm2(A, g, transpose_a=not transpose_a, alpha=alpha, axis=axis)


linalg_gemm2.vjp(_gemm_left, _gemm_right)


@op(aliases=("_linalg_gemm",))
def linalg_gemm(A, B, C, transpose_a=False, transpose_b=False, alpha=1.0, beta=1.0, axis=-2):
    """alpha * op(A) @ op(B) + beta * C.  [..., N, K], [..., K, M], [..., N, M] -> [..., N, M]"""
    product, rows = _product("linalg_gemm", A, B, transpose_a, transpose_b, alpha, axis)
    matrices("linalg_gemm", A=A, C=C)
    result = np.swapaxes(product, rows, -2)
    if C.shape != result.shape:
        raise ShapeError(f"linalg_gemm: the product is {list(result.shape)}, C is {list(C.shape)}: they must be equal")
    return result + C * real("linalg_gemm", "beta", beta)


linalg_gemm.vjp(
    lambda g, _out, _A, B, _C, transpose_a, transpose_b, alpha, axis: _gemm_left(
        g, None, None, B, transpose_a, transpose_b, alpha, axis
    ),
    lambda g, _out, A, _B, _C, transpose_a, transpose_b, alpha, axis: _gemm_right(
        g, None, A, None, transpose_a, transpose_b, alpha, axis
    ),
    lambda g, _out, _A, _B, _C, beta: _mul_scalar(g, scalar=beta),
)


@op(aliases=("_linalg_syrk",))
def linalg_syrk(A, transpose=False, alpha=1.0):
    """alpha * A @ A.T, or alpha * A.T @ A with transpose.  [..., N, K] -> [..., N, N] or [..., K, K]"""
    matrices("linalg_syrk", A=A)
    t = np.swapaxes(A, -1, -2)
    return (np.matmul(t, A) if transpose else np.matmul(A, t)) * real("linalg_syrk", "alpha", alpha)


def _syrk_gradient(g, _out, A, transpose, alpha):
    both = elemwise_add(g, transposed(g))
    return linalg_gemm2(A, both, alpha=alpha) if transpose else linalg_gemm2(both, A, alpha=alpha)


linalg_syrk.vjp(_syrk_gradient)


def transposed(x: Any) -> Any:
    """Each matrix's transpose."""
    return swapaxes(x, dim1=x.ndim - 2, dim2=x.ndim - 1)


# -- triangles ------------------------------------------------------------------------------------------------------


@op(name="_triangle")
def triangle(A, lower=True, half=False):
    """A with zeros outside its lower or upper triangle, the diagonal halved with half.  [..., N, N] -> [..., N, N]"""
    result = np.tril(A) if lower else np.triu(A)
    if half:
        n = np.arange(A.shape[-1])
        result[..., n, n] *= 0.5
    return result


triangle.vjp(lambda g, _out, _A, lower, half: triangle(g, lower=lower, half=half))


def _beside(name: str, A: Any, B: Any, rightside: Any) -> None:
    """Refuse a triangle that does not fit B."""
    matrices(name, square=True, A=A, B=B)
    axis = -1 if rightside else -2
    if A.shape[:-2] != B.shape[:-2] or A.shape[-1] != B.shape[axis]:
        raise ShapeError(
            f"{name}: A is {list(A.shape)}, B is {list(B.shape)}, rightside={bool(rightside)}: B.shape[{axis}] must "
            f"equal A.shape[-1], and the batches be equal"
        )


@op(aliases=("_linalg_trmm",))
def linalg_trmm(A, B, transpose=False, rightside=False, lower=True, alpha=1.0):
    """alpha * op(A) @ B, or alpha * B @ op(A) with rightside, of a triangular A.  [..., N, N], [..., N, M] -> as B"""
    _beside("linalg_trmm", A, B, rightside)
    t = np.tril(A) if lower else np.triu(A)
    t = np.swapaxes(t, -1, -2) if transpose else t
    return (np.matmul(B, t) if rightside else np.matmul(t, B)) * real("linalg_trmm", "alpha", alpha)


def _trmm_triangle(g, _out, _A, B, transpose, rightside, lower, alpha):
    first, second = (B, g) if bool(rightside) != bool(transpose) else (g, B)
    return triangle(
        linalg_gemm2(first, second, transpose_a=rightside, transpose_b=not rightside, alpha=alpha), lower=lower
    )


linalg_trmm.vjp(
    _trmm_triangle,
    lambda g, _out, A, _B, transpose, rightside, lower, alpha: linalg_trmm(
        A, g, transpose=not transpose, rightside=rightside, lower=lower, alpha=alpha
    ),
)


def solve_triangle(A: Any, B: Any, lower: bool) -> Any:
    """X of A @ X = B by substitution: a zero on A's diagonal gives inf and nan, as BLAS does."""
    n = A.shape[-1]
    X = np.empty_like(B, order="C")
    for i in range(n) if lower else range(n - 1, -1, -1):
        known = slice(0, i) if lower else slice(i + 1, n)
        row = B[..., i, :]
        if known.start < known.stop:
            row = row - np.matmul(A[..., i : i + 1, known], X[..., known, :])[..., 0, :]
        X[..., i, :] = row / A[..., i, i, None]
    return X


@op(aliases=("_linalg_trsm",))
def linalg_trsm(A, B, transpose=False, rightside=False, lower=True, alpha=1.0):
    """X of op(A) @ X = alpha * B, or X @ op(A) = alpha * B with rightside.  [..., N, N], [..., N, M] -> as B"""
    _beside("linalg_trsm", A, B, rightside)
    scaled = B * real("linalg_trsm", "alpha", alpha)
    t = np.swapaxes(A, -1, -2) if bool(transpose) != bool(rightside) else A
    is_lower = bool(lower) != (bool(transpose) != bool(rightside))
    if rightside:
        return np.swapaxes(solve_triangle(t, np.swapaxes(scaled, -1, -2), is_lower), -1, -2)
    return solve_triangle(t, scaled, is_lower)


def _trsm_triangle(g, out, A, _B, transpose, rightside, lower):
    d = linalg_trsm(A, g, transpose=not transpose, rightside=rightside, lower=lower)
    first, second = (out, d) if bool(rightside) != bool(transpose) else (d, out)
    return triangle(linalg_gemm2(first, second, transpose_a=rightside, transpose_b=not rightside, alpha=-1.0),
                    lower=lower)  # fmt: skip


linalg_trsm.vjp(
    _trsm_triangle,
    lambda g, _out, A, _B, transpose, rightside, lower, alpha: linalg_trsm(
        A, g, transpose=not transpose, rightside=rightside, lower=lower, alpha=alpha
    ),
)


# -- diagonals and triangles as vectors -----------------------------------------------------------------------------


def _places(name: str, n: int, offset: Any, lower: Any, trian: bool) -> tuple[Any, Any]:
    """Rows and columns of a diagonal, a lower triangle by rows or an upper one by columns, of an [n, n] matrix."""
    k = whole(name, "offset", offset)
    if abs(k) >= n:
        raise ShapeError(f"{name}: offset {k} is outside of a matrix of {n} rows: it takes {1 - n} .. {n - 1}")
    if not trian:
        i = np.arange(n - abs(k))
        return i + max(-k, 0), i + max(k, 0)
    if k < 0 or (k == 0 and lower):
        return np.tril_indices(n, k)
    columns, rows = np.tril_indices(n, -k)
    return rows, columns


def _extract(name: str, A: Any, offset: Any, lower: Any, trian: bool) -> Any:
    matrices(name, square=True, A=A)
    rows, columns = _places(name, A.shape[-1], offset, lower, trian)
    return A[..., rows, columns]


def _make(name: str, A: Any, n: int, offset: Any, lower: Any, trian: bool) -> Any:
    result = np.zeros((*A.shape[:-1], n, n), A.dtype)
    rows, columns = _places(name, n, offset, lower, trian)
    result[..., rows, columns] = A
    return result


def _vectors(name: str, A: Any) -> None:
    floats(name, "A", A)
    if A.ndim < 1:
        raise ShapeError(f"{name}: A has no axis: it takes vectors [..., N]")


@op(aliases=("_linalg_extractdiag",))
def linalg_extractdiag(A, offset=0):
    """The diagonal `offset` above the main one (below, if negative).  [..., N, N] -> [..., N - |offset|]"""
    return _extract("linalg_extractdiag", A, offset, True, False)


@op(aliases=("_linalg_makediag",))
def linalg_makediag(A, offset=0):
    """Matrices with A on the diagonal `offset` above the main one.  [..., N] -> [..., N + |offset|, N + |offset|]"""
    _vectors("linalg_makediag", A)
    n = A.shape[-1] + abs(whole("linalg_makediag", "offset", offset))
    return _make("linalg_makediag", A, n, offset, True, False)


linalg_extractdiag.vjp(lambda g, _out, _A, offset: linalg_makediag(g, offset=offset))
linalg_makediag.vjp(lambda g, _out, _A, offset: linalg_extractdiag(g, offset=offset))


@op(aliases=("_linalg_extracttrian",))
def linalg_extracttrian(A, offset=0, lower=True):
    """A lower triangle row by row, for a negative offset or `lower`; else an upper one column by column.

    [..., N, N] -> [..., M (M + 1) / 2], M = N - |offset|
    """
    return _extract("linalg_extracttrian", A, offset, lower, True)


@op(aliases=("_linalg_maketrian",))
def linalg_maketrian(A, offset=0, lower=True):
    """Matrices with A as their triangle: what extracttrian took apart.  [..., M (M + 1) / 2] -> [..., N, N]"""
    _vectors("linalg_maketrian", A)
    m = (math.isqrt(8 * A.shape[-1] + 1) - 1) // 2
    if m * (m + 1) // 2 != A.shape[-1]:
        raise ShapeError(
            f"linalg_maketrian: A is {list(A.shape)}: the last axis must be 1, 3, 6, 10, ... M (M + 1) / 2"
        )
    n = m + abs(whole("linalg_maketrian", "offset", offset))
    return _make("linalg_maketrian", A, n, offset, lower, True)


linalg_extracttrian.vjp(lambda g, _out, _A, offset, lower: linalg_maketrian(g, offset=offset, lower=lower))
linalg_maketrian.vjp(lambda g, _out, _A, offset, lower: linalg_extracttrian(g, offset=offset, lower=lower))
