"""`mx.test_utils`: comparisons with MXNet's tolerances, random arrays and shapes, and small helpers of MXNet's tests.

Tolerances go by dtype: of two arrays the coarser one's count. What needs MXNet's executors, downloads or GPUs is not
here. Random numbers are drawn from numpy's global stream, as in MXNet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..compat.util import getenv, setenv
from ..core.context import num_gpus
from ..core.creation import array
from ..core.errors import ArgumentError
from ..core.ndarray import NDArray
from .agreement import check_gluon_hybridize_consistency, compare_optimizer
from .comparisons import (
    almost_equal,
    assert_allclose,
    assert_almost_equal,
    assert_almost_equal_ignore_nan,
    assert_almost_equal_with_err,
    assert_exception,
    compare_ndarray_tuple,
    default_atols,
    default_context,
    default_dtype,
    default_numeric_eps,
    default_rtols,
    effective_dtype,
    get_atol,
    get_etol,
    get_rtol,
    get_tolerance,
    get_tols,
    same,
    same_array,
    set_default_context,
)
from .environment import discard_stderr, environment, retry
from .generators import chi_square_check, gen_buckets_probs_with_ppf, mean_check, var_check, verify_generator
from .graph_checks import (
    check_numeric_gradient,
    check_symbolic_backward,
    check_symbolic_forward,
    same_symbol_structure,
    simple_forward,
)
from .matrices import (
    get_identity_mat,
    get_identity_mat_batch,
    new_matrix_with_real_eigvals_2d,
    new_matrix_with_real_eigvals_nd,
    new_orthonormal_matrix_2d,
    new_sym_matrix_with_real_eigvals_2d,
    new_sym_matrix_with_real_eigvals_nd,
)
from .sparse_samples import (
    create_sparse_array,
    create_sparse_array_zd,
    rand_ndarray,
    rand_sparse_ndarray,
    shuffle_csr_column_indices,
)

__all__ = [
    "almost_equal", "assert_allclose", "assert_almost_equal", "assert_almost_equal_ignore_nan",
    "assert_almost_equal_with_err", "assert_exception", "assign_each", "assign_each2",
    "check_gluon_hybridize_consistency", "check_numeric_gradient", "check_symbolic_backward", "check_symbolic_forward",
    "chi_square_check", "collapse_sum_like", "compare_ndarray_tuple", "compare_optimizer",
    "create_2d_tensor", "create_sparse_array", "create_sparse_array_zd", "create_vector",
    "default_atols", "default_context", "default_dtype", "default_numeric_eps", "default_rtols", "discard_stderr",
    "effective_dtype", "environment", "gen_buckets_probs_with_ppf", "get_atol", "get_etol", "get_identity_mat",
    "get_identity_mat_batch", "get_rtol", "get_tolerance", "get_tols", "getenv", "list_gpus", "mean_check",
    "new_matrix_with_real_eigvals_2d", "new_matrix_with_real_eigvals_nd", "new_orthonormal_matrix_2d",
    "new_sym_matrix_with_real_eigvals_2d", "new_sym_matrix_with_real_eigvals_nd", "np_reduce", "rand_coord_2d",
    "rand_ndarray", "rand_shape_2d", "rand_shape_3d", "rand_shape_nd", "rand_sparse_ndarray", "random_arrays",
    "random_sample", "random_uniform_arrays", "retry", "same", "same_array", "same_symbol_structure",
    "set_default_context", "setenv", "shuffle_csr_column_indices", "simple_forward", "var_check", "verify_generator",
]  # fmt: skip

Array = np.ndarray[Any, Any]


# ----- random arrays and shapes -----


def random_arrays(*shapes: tuple[int, ...]) -> Any:
    """Normal float32 numpy arrays; one shape: the array itself, else a list."""
    made = [np.array(np.random.randn(), np.float32) if shape == () else np.random.randn(*shape).astype(np.float32)
            for shape in shapes]
    return made[0] if len(made) == 1 else made


def random_uniform_arrays(*shapes: tuple[int, ...], **kwargs: Any) -> list[Array]:
    """Uniform numpy arrays between low=0 and high=1, of dtype=float32, in a list."""
    low, high, dtype = kwargs.pop("low", 0.0), kwargs.pop("high", 1.0), kwargs.pop("dtype", np.float32)
    if kwargs:
        raise ArgumentError(f"random_uniform_arrays: unknown argument {next(iter(kwargs))!r}; known: low, high, dtype")
    return [np.random.uniform(low, high, size=shape).astype(dtype) for shape in shapes]


def random_sample(population: Sequence[Any], k: int) -> list[Any]:
    """k different members of a list, in random order."""
    shuffled = list(population)
    np.random.shuffle(shuffled)
    return shuffled[:k]


def rand_shape_2d(dim0: int = 10, dim1: int = 10, allow_zero_size: bool = False) -> tuple[int, int]:
    """Two random lengths, up to dim0 and dim1."""
    low = 0 if allow_zero_size else 1
    return np.random.randint(low, dim0 + 1), np.random.randint(low, dim1 + 1)


def rand_shape_3d(
    dim0: int = 10, dim1: int = 10, dim2: int = 10, allow_zero_size: bool = False
) -> tuple[int, int, int]:
    """Three random lengths, up to dim0, dim1 and dim2."""
    low = 0 if allow_zero_size else 1
    return tuple(np.random.randint(low, dim + 1) for dim in (dim0, dim1, dim2))  # type: ignore[return-value]


def rand_shape_nd(num_dim: int, dim: int = 10, allow_zero_size: bool = False) -> tuple[int, ...]:
    """num_dim random lengths up to dim."""
    return tuple(np.random.randint(0 if allow_zero_size else 1, dim + 1, size=num_dim).tolist())


def rand_coord_2d(x_low: int, x_high: int, y_low: int, y_high: int) -> tuple[int, int]:
    """A random place, below x_high and y_high."""
    return np.random.randint(x_low, x_high), np.random.randint(y_low, y_high)


# ----- small helpers -----


def np_reduce(dat: Array, axis: Any, keepdims: bool, numpy_reduce_func: Callable[..., Array]) -> Array:
    """numpy_reduce_func over one axis after the other; None: over all."""
    axes = range(dat.ndim) if axis is None else [axis] if isinstance(axis, int) else list(axis)
    result = dat
    for each in sorted(axes, reverse=True):
        result = numpy_reduce_func(result, axis=each)
    if keepdims:
        shape = [1 if i in axes else size for i, size in enumerate(dat.shape)]
        result = np.asarray(result).reshape(shape)
    return result


def collapse_sum_like(a: Array, shape: tuple[int, ...]) -> Array:
    """`a` summed over the axes along which `shape` would be broadcast to it."""
    more = a.ndim - len(shape)
    if more < 0 or any(have != want != 1 for have, want in zip(a.shape[more:], shape, strict=True)):
        raise AssertionError(f"{shape} does not broadcast to {a.shape}")
    axes = (*range(more), *(more + i for i, want in enumerate(shape) if want == 1))
    return np.sum(a, axis=axes, keepdims=True).reshape(shape)


def assign_each(the_input: Array, function: Callable[[Any], Any] | None) -> Array:
    """A copy with `function` of each element; None: as it is."""
    return np.array(the_input) if function is None else np.vectorize(function, otypes=[the_input.dtype])(the_input)


def assign_each2(input1: Array, input2: Array, function: Callable[[Any, Any], Any] | None) -> Array:
    """A copy of input1 with `function` of each pair of elements; None: as it is."""
    return np.array(input1) if function is None else np.vectorize(function, otypes=[input1.dtype])(input1, input2)


def create_2d_tensor(rows: int, columns: int, dtype: Any = np.int64) -> NDArray:
    """[rows, columns], each row full of its number."""
    return array(np.repeat(np.arange(rows)[:, None], columns, axis=1), dtype=dtype)


def create_vector(size: int, dtype: Any = np.int64) -> NDArray:
    """0 .. size - 1."""
    return array(np.arange(size), dtype=dtype)


def list_gpus() -> range:
    """The numbers of the GPUs: none."""
    return range(num_gpus())
