"""Random matrices of a kind, as numpy's float64 arrays: part of `mx.test_utils`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.creation import array
from ..core.ndarray import NDArray

__all__ = [
    "get_identity_mat", "get_identity_mat_batch", "new_matrix_with_real_eigvals_2d", "new_matrix_with_real_eigvals_nd",
    "new_orthonormal_matrix_2d", "new_sym_matrix_with_real_eigvals_2d", "new_sym_matrix_with_real_eigvals_nd",
]  # fmt: skip

Array = np.ndarray[Any, Any]


def get_identity_mat(size: int) -> NDArray:
    """The identity of that size."""
    return array(np.identity(size), dtype=np.float32)


def get_identity_mat_batch(size: int) -> NDArray:
    """Two identities of that size.  -> [2, size, size]"""
    return array(np.stack([np.identity(size)] * 2), dtype=np.float32)


def new_orthonormal_matrix_2d(n: int) -> Array:
    """Q of n x n with Q.T @ Q = 1."""
    x = np.random.randn(n, n)
    return np.linalg.qr(x.T @ x)[0]


def new_matrix_with_real_eigvals_2d(n: int) -> Array:
    """A matrix n x n with real eigenvalues in [-10, 10], far from singular eigenvectors."""
    while True:
        scales = np.diag(np.random.uniform(-1.0, 1.0, n))
        v = np.random.uniform(-1.0, 1.0, n)
        v /= np.linalg.norm(v)
        q = (np.eye(n) - 2 * np.outer(v, v)) @ scales
        if np.linalg.cond(q, 2) < 3:
            break
    return np.linalg.inv(q) @ np.diag(np.random.uniform(-10.0, 10.0, n)) @ q


def new_sym_matrix_with_real_eigvals_2d(n: int) -> Array:
    """A symmetric matrix n x n with eigenvalues in [-10, 10]."""
    q = new_orthonormal_matrix_2d(n)
    return q.T @ np.diag(np.random.uniform(-10.0, 10.0, n)) @ q


def new_matrix_with_real_eigvals_nd(shape: tuple[int, ...]) -> Array:
    """A batch of `new_matrix_with_real_eigvals_2d`."""
    return _batch(new_matrix_with_real_eigvals_2d, shape)


def new_sym_matrix_with_real_eigvals_nd(shape: tuple[int, ...]) -> Array:
    """A batch of `new_sym_matrix_with_real_eigvals_2d`."""
    return _batch(new_sym_matrix_with_real_eigvals_2d, shape)


def _batch(make: Any, shape: tuple[int, ...]) -> Array:
    *batch, _, size = shape
    return np.array([make(size) for _ in range(int(np.prod(batch)))]).reshape(shape)
