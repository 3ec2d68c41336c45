"""What surrounds a test: its environment variables, its standard error, its chances: part of `mx.test_utils`."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["discard_stderr", "environment", "retry"]


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


@contextmanager
def discard_stderr() -> Iterator[None]:
    """A scope in which what goes to standard error, by other languages too, is lost."""
    try:
        number = sys.stderr.fileno()
    except (AttributeError, OSError):  # no file stands behind it
        yield
        return
    kept = os.dup(number)
    try:
        with open(os.devnull, "w") as nothing:
            os.dup2(nothing.fileno(), number)
        yield
    finally:
        os.dup2(kept, number)
        os.close(kept)
