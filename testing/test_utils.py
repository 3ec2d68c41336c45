"""`mx.test_utils`: comparisons with MXNet's tolerances, random arrays and shapes, and small helpers of MXNet's tests.

Tolerances go by dtype: of two arrays the coarser one's count. What needs MXNet's executors, downloads or GPUs is not
here. Random numbers are drawn from numpy's global stream, as in MXNet.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..core.context import Context, current_context, num_gpus
from ..core.creation import array
from ..core.errors import ArgumentError
from ..core.ndarray import NDArray
from ..core.sparse import RowSparseNDArray, csr_matrix, row_sparse_array

__all__ = [
    "almost_equal", "assert_allclose", "assert_almost_equal", "assert_almost_equal_ignore_nan",
    "assert_almost_equal_with_err", "assert_exception", "assign_each", "assign_each2", "collapse_sum_like",
    "compare_ndarray_tuple", "create_2d_tensor", "create_vector", "default_atols", "default_context", "default_dtype",
    "default_numeric_eps", "default_rtols", "effective_dtype", "environment", "get_atol", "get_etol",
    "get_identity_mat",
    "get_rtol", "get_tols", "list_gpus", "np_reduce", "rand_coord_2d", "rand_ndarray", "rand_shape_2d", "rand_shape_3d",
    "rand_shape_nd", "rand_sparse_ndarray", "random_arrays", "random_sample", "random_uniform_arrays", "retry", "same",
    "same_array", "set_default_context",
]  # fmt: skip

Array = np.ndarray[Any, Any]
_WHOLE = ("bool", "int8", "uint8", "int32", "uint32", "int64", "uint64")


# ----- defaults -----


def default_context() -> Context:
    """The context of arrays that name none."""
    return current_context()


def set_default_context(ctx: Context) -> None:
    """Make `ctx` this thread's default from now on."""
    ctx.require().__enter__()


def default_dtype() -> type[np.generic]:
    """float32."""
    return np.float32


def default_rtols() -> dict[Any, float]:
    """dtype -> relative tolerance."""
    table: dict[Any, float] = {np.dtype("float16"): 1e-2, np.dtype("float32"): 1e-4, np.dtype("float64"): 1e-5}
    return {**table, **{np.dtype(name): 0 for name in _WHOLE}}


def default_atols() -> dict[Any, float]:
    """dtype -> absolute tolerance."""
    table: dict[Any, float] = {np.dtype("float16"): 1e-1, np.dtype("float32"): 1e-3, np.dtype("float64"): 1e-20}
    return {**table, **{np.dtype(name): 0 for name in _WHOLE}}


def default_numeric_eps() -> dict[Any, float]:
    """dtype -> the step of a central difference, a power of two."""
    return {np.dtype("float16"): 2.0**-6, np.dtype("float32"): 2.0**-9, np.dtype("float64"): 2.0**-14}


def effective_dtype(dat: Any) -> np.dtype[Any]:
    """The dtype whose tolerance counts for an array; numbers and lists are float64's."""
    return np.dtype(dat.dtype) if hasattr(dat, "dtype") else np.dtype("float64")


def get_atol(atol: float | None = None, dtype: Any = "float64") -> float:
    """`atol`, or the dtype's."""
    return default_atols()[np.dtype(dtype)] if atol is None else atol


def get_rtol(rtol: float | None = None, dtype: Any = "float64") -> float:
    """`rtol`, or the dtype's."""
    return default_rtols()[np.dtype(dtype)] if rtol is None else rtol


def get_etol(etol: float | None = None) -> float:
    """`etol`, the share of elements that may be wrong, or 0."""
    return 0 if etol is None else etol


def get_tols(x: Any, y: Any, rtol: Any, atol: Any) -> tuple[float, float]:
    """(rtol, atol) for comparing x with y: what is given, by dtype where it is a dict, else the coarser default."""
    kinds = (effective_dtype(x), effective_dtype(y))

    def coarser(given: Any, defaults: dict[Any, float]) -> float:
        if given is not None and not isinstance(given, dict):
            return given
        table = {**defaults, **{np.dtype(kind): value for kind, value in (given or {}).items()}}
        return max(table[kind] for kind in kinds)

    return coarser(rtol, default_rtols()), coarser(atol, default_atols())


# ----- comparisons -----


def _plain(value: Any) -> Any:
    return value.asnumpy() if isinstance(value, NDArray) else np.asarray(value)


def same(a: Any, b: Any) -> bool:
    """Whether two numpy arrays have one shape and the same elements."""
    return bool(np.array_equal(_plain(a), _plain(b)))


def almost_equal(
    a: Any, b: Any, rtol: Any = None, atol: Any = None, equal_nan: bool = False, use_broadcast: bool = True
) -> bool:
    """Whether |a - b| <= atol + rtol |b| everywhere; arrays of unlike shapes are broadcast where `use_broadcast`."""
    rtol, atol = get_tols(a, b, rtol, atol)
    a, b = _plain(a), _plain(b)
    if not use_broadcast and a.shape != b.shape:
        raise AssertionError(f"the shapes are not equal: {a.shape} and {b.shape}")
    return bool(np.allclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan))


def assert_almost_equal(
    a: Any, b: Any, rtol: Any = None, atol: Any = None, names: tuple[str, str] = ("a", "b"), equal_nan: bool = False,
    use_broadcast: bool = True, mismatches: tuple[int, int] = (10, 10),
) -> None:  # fmt: skip
    """Raise AssertionError, with the worst elements, unless `almost_equal`.

    mismatches: (how many of the worst elements are listed in full, how many there may be for that).
    """
    rtol, atol = get_tols(a, b, rtol, atol)
    a, b = _plain(a), _plain(b)
    if almost_equal(a, b, rtol, atol, equal_nan, use_broadcast):
        return
    raise AssertionError(_report(a, b, rtol, atol, names, equal_nan, mismatches[0]))


def _report(a: Array, b: Array, rtol: float, atol: float, names: Any, equal_nan: bool, count: int) -> str:
    """What differs, the worst first: an error above 1 is outside of the tolerance."""
    a, b = np.broadcast_arrays(a, b)
    with np.errstate(all="ignore"):
        error = np.abs(a.astype(float) - b) / (atol + rtol * np.abs(b.astype(float)) + 1e-20)
    if equal_nan:
        error = np.where(np.isnan(a) & np.isnan(b), 0, error)
    error = np.where(np.isnan(error), np.inf, error)
    wrong = error > 1
    order = np.argsort(-error, axis=None, kind="stable")[: max(count, 1)]
    places = [tuple(int(i) for i in np.unravel_index(at, error.shape)) for at in order if wrong.reshape(-1)[at]]
    listed = "\n".join(f"  {at}: error {error[at]:f}, {names[0]}={a[at]:.8f}, {names[1]}={b[at]:.8f}" for at in places)
    return (f"\nItems are not equal:\nError {error.max():f} exceeds tolerance rtol={rtol:e}, atol={atol:e} "
            f"(mismatch {100 * wrong.mean():f}%).\n{listed}\n ACTUAL: {a!r}\n DESIRED: {b!r}")


def assert_allclose(a: Any, b: Any, rtol: float = 1e-7, atol: float = 0, equal_nan: bool = True) -> None:
    """`assert_almost_equal` with numpy's tolerances."""
    assert_almost_equal(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)


def assert_almost_equal_with_err(
    a: Any, b: Any, rtol: Any = None, atol: Any = None, etol: float | None = None,
    names: tuple[str, str] = ("a", "b"), equal_nan: bool = False, mismatches: tuple[int, int] = (10, 10),
) -> None:  # fmt: skip
    """`assert_almost_equal`, but a share of `etol` of the elements may be wrong."""
    rtol, atol = get_tols(a, b, rtol, atol)
    x, y = np.broadcast_arrays(_plain(a), _plain(b))
    wrong = ~np.isclose(x, y, rtol=rtol, atol=atol, equal_nan=equal_nan)
    if wrong.mean() > get_etol(etol):
        raise AssertionError(_report(x, y, rtol, atol, names, equal_nan, mismatches[0]))


def assert_almost_equal_ignore_nan(
    a: Any, b: Any, rtol: Any = None, atol: Any = None, names: tuple[str, str] = ("a", "b")
) -> None:
    """`assert_almost_equal` where neither is nan."""
    x, y = np.copy(_plain(a)), np.copy(_plain(b))
    nan = np.isnan(x) | np.isnan(y)
    x[nan] = y[nan] = 0
    assert_almost_equal(x, y, rtol, atol, names)


def assert_exception(f: Callable[..., Any], exception_type: type[BaseException], *args: Any, **kwargs: Any) -> None:
    """Raise AssertionError unless f(*args, **kwargs) raises exception_type."""
    try:
        f(*args, **kwargs)
    except exception_type:
        return
    raise AssertionError(f"{getattr(f, '__name__', f)} did not raise {exception_type.__name__}")


def same_array(array1: NDArray, array2: NDArray) -> bool:
    """Whether two arrays share their memory: what is added to one shows in the other; both are left as they were."""
    array1[:] += 1
    if not same(array1.asnumpy(), array2.asnumpy()):
        array1[:] -= 1
        return False
    array1[:] -= 1
    return same(array1.asnumpy(), array2.asnumpy())


def compare_ndarray_tuple(t1: Any, t2: Any, rtol: Any = None, atol: Any = None) -> None:
    """`assert_almost_equal` for arrays in tuples of tuples; None is passed over."""
    if t1 is None or t2 is None:
        return
    if isinstance(t1, tuple):
        for one, other in zip(t1, t2, strict=False):
            compare_ndarray_tuple(one, other, rtol, atol)
    else:
        assert_almost_equal(t1, t2, rtol=rtol, atol=atol)


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


def rand_ndarray(
    shape: tuple[int, ...], stype: str = "default", density: float | None = None, dtype: Any = None,
    ctx: Context | None = None,
) -> NDArray:  # fmt: skip
    """A normal array of any storage; `density`, of sparse ones, is the share that is stored (random by default)."""
    if stype == "default":
        return array(random_arrays(shape), dtype=dtype, ctx=ctx)
    return rand_sparse_ndarray(shape, stype, density, dtype, ctx=ctx)[0]


def rand_sparse_ndarray(
    shape: tuple[int, ...], stype: str, density: float | None = None, dtype: Any = None, ctx: Context | None = None
) -> tuple[NDArray, Any]:
    """(a row_sparse or csr array, its parts as numpy's): uniform values in a random share `density` of places."""
    share = float(np.random.rand()) if density is None else density
    kind = np.float32 if dtype is None else dtype
    if stype == "row_sparse":
        ids = np.flatnonzero(np.random.rand(shape[0]) < share)
        rows = np.random.uniform(size=(len(ids), *shape[1:])).astype(kind)
        made: NDArray = row_sparse_array((rows, ids), shape=shape, ctx=ctx, dtype=kind)
        assert isinstance(made, RowSparseNDArray)
        return made, (rows, ids)
    if stype != "csr" or len(shape) != 2:
        raise ArgumentError(f"rand_sparse_ndarray: {stype!r} of {shape}; it makes 'row_sparse', and 'csr' of two axes")
    dense = np.random.uniform(size=shape) * (np.random.rand(*shape) < share)
    matrix = csr_matrix(dense.astype(kind), shape=shape, ctx=ctx, dtype=kind)
    return matrix, (matrix.indptr.asnumpy(), matrix.indices.asnumpy(), matrix.data.asnumpy())


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


def get_identity_mat(size: int) -> NDArray:
    """The identity, [size, size]."""
    return array(np.eye(size, dtype=np.float32))


def list_gpus() -> range:
    """The numbers of the GPUs: none."""
    return range(num_gpus())


def retry(n: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator for a test by chance: it is run up to n times, and fails where each run raised AssertionError."""
    if n <= 0:
        raise AssertionError(f"retry: n is {n}; at least one run is needed")

    def decorate(test: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(test)
        def run(*args: Any, **kwargs: Any) -> None:
            for _ in range(n - 1):
                try:
                    test(*args, **kwargs)
                    return
                except AssertionError:
                    pass
            test(*args, **kwargs)

        return run

    return decorate


@contextmanager
def environment(*args: Any) -> Iterator[None]:
    """A scope with environment variables set: (name, value), or a dict of them; None takes one away."""
    wanted: dict[str, str | None] = dict(args[0]) if len(args) == 1 else {args[0]: args[1]}
    before = {name: os.environ.get(name) for name in wanted}
    try:
        _set(wanted)
        yield
    finally:
        _set(before)


def _set(values: dict[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
