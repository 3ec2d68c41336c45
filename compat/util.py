"""`mx.util`: numbers of devices, environment variables, and MXNet's switch to `mx.np`, which is not here.

The switch may be asked and turned off; turning it on says that there is nothing to turn on.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from ..core.context import Context, num_gpus
from ..core.errors import InvalidSetting, MXLError

__all__ = [
    "get_cuda_compute_capability", "get_gpu_count", "get_gpu_memory", "getenv", "is_np_array", "is_np_shape",
    "makedirs", "np_array", "np_shape", "reset_np", "set_module", "set_np", "set_np_shape", "setenv", "use_np",
    "use_np_array", "use_np_shape",
]  # fmt: skip

T = TypeVar("T")


def makedirs(d: str) -> None:
    """Make a folder and those above it; one that is there stays."""
    os.makedirs(os.path.expanduser(d), exist_ok=True)


def get_gpu_count() -> int:
    """How many GPUs there are for mxl: none."""
    return num_gpus()


def get_gpu_memory(gpu_dev_id: int) -> tuple[int, int]:
    """(free, total) bytes of a GPU. Raises MXLError: there is none."""
    raise MXLError(f"get_gpu_memory: there is no GPU {gpu_dev_id}: mxl computes on CPUs")


def get_cuda_compute_capability(ctx: Context) -> int:
    """CUDA's capability of a GPU. Raises ValueError for a CPU, and mxl has only those."""
    raise InvalidSetting(f"get_cuda_compute_capability: expected a gpu context, got {ctx}: mxl computes on CPUs")


def getenv(name: str) -> str | None:
    """An environment variable of this process; None where it is not set."""
    return os.environ.get(name)


def setenv(name: str, value: str | None) -> None:
    """Set an environment variable of this process, or take it away by None."""
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def set_module(module: str) -> Callable[[T], T]:
    """A decorator that tells `module` as the place of a function or class."""

    def place(thing: T) -> T:
        if module is not None:
            thing.__module__ = module
        return thing

    return place


# ----- MXNet's switch to mx.np -----


def is_np_shape() -> bool:
    """Whether shapes of size 0 have numpy's meaning: no, 0 is an unknown size."""
    return False


def is_np_array() -> bool:
    """Whether Gluon works on arrays of `mx.np`: no, on NDArrays."""
    return False


def _refuse(what: str, active: bool) -> None:
    if active:
        raise MXLError(f"{what}: mxl has no mx.np: its arrays are those of mx.nd, with numpy's by asnumpy()")


def set_np_shape(active: bool) -> bool:
    """Turn numpy's shapes on or off; returns what was before, False. Raises MXLError for on."""
    _refuse("set_np_shape", bool(active))
    return False


@contextmanager
def np_shape(active: bool = True) -> Iterator[None]:
    """A scope with numpy's shapes on or off. Raises MXLError for on."""
    _refuse("np_shape", active)
    yield


@contextmanager
def np_array(active: bool = True) -> Iterator[None]:
    """A scope with arrays of `mx.np` on or off. Raises MXLError for on."""
    _refuse("np_array", active)
    yield


def set_np(shape: bool = True, array: bool = True) -> None:
    """Turn `mx.np` on or off. Raises MXLError for on; MXNet's ValueError for arrays without shapes."""
    if array and not shape:
        raise InvalidSetting("set_np: array=True needs shape=True")
    _refuse("set_np", shape or array)


def reset_np() -> None:
    """Turn `mx.np` off: it is."""
    set_np(False, False)


def use_np_shape(func: Any) -> Any:
    """A decorator for what needs numpy's shapes. Raises MXLError."""
    raise MXLError(f"use_np_shape: {getattr(func, '__name__', func)} asks for mx.np, which mxl has not; use mx.nd")


def use_np_array(func: Any) -> Any:
    """A decorator for what needs arrays of `mx.np`. Raises MXLError."""
    raise MXLError(f"use_np_array: {getattr(func, '__name__', func)} asks for mx.np, which mxl has not; use mx.nd")


def use_np(func: Any) -> Any:
    """A decorator for what needs `mx.np`. Raises MXLError."""
    raise MXLError(f"use_np: {getattr(func, '__name__', func)} asks for mx.np, which mxl has not; use mx.nd")
