"""Pending values: an array whose bytes are still on their way, and the registry of everything to be waited for.

A store that answers a pull later calls `array._set_pending(pending)` in the script's thread, having handed the
array's buffer to whoever fills it.  From then on the array, its views and its base are pending: shape, dtype and
context can be asked; every other use waits for that array only.  When the wait fails, its error is raised once, and
the array is ordinary again with whatever the buffer holds.

This file never touches a buffer: the states are kept by `handle.py`, the filling is the store's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol


class Pending(Protocol):
    """What a store gives to an array that waits for its bytes."""

    def wait(self) -> None:
        """Block until the bytes are in the array's buffer, or raise the error that kept them away.

        Called in the thread that reads, once; threads that read at the same time may each call it.  Every wait has the
        store's deadline.
        """
        ...

    def done(self) -> bool:
        """Whether `wait` would return, or raise, at once."""
        ...


_lock = threading.Lock()
_waits: list[Callable[[], None]] = []


def register(waitall: Callable[[], None]) -> None:
    """Have `nd.waitall()` call `waitall`, until `unregister(waitall)`."""
    with _lock:
        _waits.append(waitall)


def unregister(waitall: Callable[[], None]) -> None:
    """Forget `waitall`; one that is not registered is ignored."""
    with _lock:
        if waitall in _waits:
            _waits.remove(waitall)


def wait_for_all() -> None:
    """Wait for everything registered; all of them are waited for, then the first error is raised."""
    with _lock:
        waits = list(_waits)
    first: Exception | None = None
    for wait in waits:
        try:
            wait()
        except Exception as error:  # an error of one store must not leave another's work unwaited
            first = first or error
    if first is not None:
        raise first
