"""Comparisons with MXNet's tolerances: part of `mx.test_utils`.  Of two arrays the coarser dtype's tolerance counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.context import Context, current_context
from ..core.ndarray import NDArray

__all__ = [
    "almost_equal", "assert_allclose", "assert_almost_equal", "assert_almost_equal_ignore_nan",
    "assert_almost_equal_with_err", "assert_exception", "compare_ndarray_tuple", "default_atols", "default_context",
    "default_dtype", "default_numeric_eps", "default_rtols", "effective_dtype", "get_atol", "get_etol", "get_rtol",
    "get_tolerance", "get_tols", "same", "same_array", "set_default_context",
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


def get_tolerance(dat: Any, tol: Any, default_tol: dict[Any, float]) -> float:
    """tol, if it is a number; its entry for dat's dtype, if it is a dict with one; else default_tol's."""
    if isinstance(tol, int | float | np.number):
        return float(tol)
    dtype = effective_dtype(dat)
    return (tol or {}).get(dtype, default_tol[dtype])


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
