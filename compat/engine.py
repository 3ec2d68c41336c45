"""MXNet's engine of operators, which puts small ones together in bulks: here each runs at once; the size is kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["bulk", "set_bulk_size"]


class _Size(threading.local):
    size = 0


_bulk = _Size()


def set_bulk_size(size: int) -> int:
    """Keep a size for bulks of operators, and return the one before. Results do not depend on it."""
    before = _bulk.size
    _bulk.size = int(size)
    return before


@contextmanager
def bulk(size: int) -> Iterator[None]:
    """A scope with `set_bulk_size(size)`."""
    before = set_bulk_size(size)
    try:
        yield
    finally:
        set_bulk_size(before)
