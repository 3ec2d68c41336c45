"""IntervalSampler: every n-th element, then those between."""

from __future__ import annotations

from collections.abc import Iterator

from ...data import Sampler
from ...errors import Incompatible

__all__ = ["IntervalSampler"]


class IntervalSampler(Sampler):
    """The indices 0, interval, 2 * interval, ...; with `rollover` then 1, 1 + interval, ... until all were there.

    Raises AssertionError where the interval is longer than `length`. MXNet: `gluon.contrib.data.IntervalSampler`.

    >>> list(IntervalSampler(7, interval=3)), list(IntervalSampler(7, interval=3, rollover=False))
    ([0, 3, 6, 1, 4, 2, 5], [0, 3, 6])
    """

    def __init__(self, length: int, interval: int, rollover: bool = True) -> None:
        if interval > length:
            raise Incompatible(f"Interval {interval} must be smaller than or equal to length {length}")
        self._length = length
        self._interval = interval
        self._rollover = rollover

    def __iter__(self) -> Iterator[int]:
        for first in range(self._interval if self._rollover else 1):
            yield from range(first, self._length, self._interval)

    def __len__(self) -> int:
        return self._length
