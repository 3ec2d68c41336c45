"""Contexts: the device that an array belongs to.  mxl computes on CPUs only.

`cpu(i)` are labels on one memory, as in MXNet: they let a script for several devices run on one machine.  `gpu(i)`
can be named, compared and printed, so that scripts choosing a device import; putting an array there raises
`ContextError`. The default context is per thread; `with mx.cpu(1):` changes it.
"""

from __future__ import annotations

import threading
from typing import Any, ClassVar

from .errors import ArgumentError, ContextError, UnknownName


class Context:
    """A device: `Context('cpu', 1)`, or `mx.cpu(1)`.  Usable in `with` as the default for new arrays.

    Raises UnknownName (a KeyError) for a device type other than cpu, gpu, cpu_pinned and cpu_shared.
    """

    __slots__ = ("_place", "device_id", "device_typeid")

    devtype2str: ClassVar[dict[int, str]] = {1: "cpu", 2: "gpu", 3: "cpu_pinned", 5: "cpu_shared"}
    devstr2type: ClassVar[dict[str, int]] = {"cpu": 1, "gpu": 2, "cpu_pinned": 3, "cpu_shared": 5}

    def __init__(self, device_type: str | Context, device_id: int = 0) -> None:
        if isinstance(device_type, Context):
            self.device_typeid = device_type.device_typeid
            self.device_id = device_type.device_id
        else:
            if device_type not in self.devstr2type:
                raise UnknownName(f"device type {device_type!r} is not known; known: {', '.join(self.devstr2type)}")
            self.device_typeid = self.devstr2type[device_type]
            self.device_id = device_id
        self._place = (self.device_typeid, self.device_id)

    @property
    def device_type(self) -> str:
        """'cpu', 'gpu', 'cpu_pinned' or 'cpu_shared'."""
        return self.devtype2str[self.device_typeid]

    def require(self) -> Context:
        """This context, or ContextError where mxl cannot put an array."""
        if self.device_typeid == 2:
            raise ContextError(f"{self} is not available: mxl computes on CPUs only; use mx.cpu()")
        return self

    def empty_cache(self) -> None:
        """MXNet's way to free a device's memory pool: on a CPU there is none. Raises ContextError for a GPU."""
        self.require()

    def __hash__(self) -> int:
        return hash(self._place)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Context) and self._place == other._place

    def __repr__(self) -> str:
        return f"{self.device_type}({self.device_id})"

    __str__ = __repr__

    def __reduce__(self) -> tuple[Any, ...]:
        return (Context, (self.device_type, self.device_id))

    def __enter__(self) -> Context:
        _thread.before.append(_thread.context)
        _thread.context = self
        return self

    def __exit__(self, *exc: object) -> None:
        _thread.context = _thread.before.pop()


class _Thread(threading.local):
    """Per thread: its default context, and those before each `with` that it is inside of."""

    def __init__(self) -> None:
        self.context = Context("cpu", 0)
        self.before: list[Context] = []


_thread = _Thread()


def current_context() -> Context:
    """The default context of this thread: cpu(0), or what a `with` says."""
    return _thread.context


def place(ctx: Context | None) -> Context:
    """Where an array goes: `ctx`, or the default context.  Raises ContextError for a device that is not there."""
    if ctx is None:
        ctx = _thread.context
    elif not isinstance(ctx, Context):
        raise ArgumentError(f"ctx is {ctx!r}: expected a context, such as mx.cpu(0)")
    return ctx.require()


def cpu(device_id: int = 0) -> Context:
    """The CPU; several ids are labels on the same memory."""
    return Context("cpu", device_id)


def cpu_pinned(device_id: int = 0) -> Context:
    """MXNet's page-locked memory; here the same as the CPU, under its own name."""
    return Context("cpu_pinned", device_id)


def gpu(device_id: int = 0) -> Context:
    """A GPU's name.  Arrays cannot be put there: they raise ContextError."""
    return Context("gpu", device_id)


def num_gpus() -> int:
    """How many GPUs mxl can use: none."""
    return 0


def gpu_memory_info(device_id: int = 0) -> tuple[int, int]:
    """(free, total) bytes of a GPU; always raises ContextError, since there is none."""
    raise ContextError(f"gpu({device_id}) is not available: mxl computes on CPUs only; mx.num_gpus() is 0")
