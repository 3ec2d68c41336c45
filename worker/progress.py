"""Progress: what a worker tells about its training: step, loss, samples, and how long its script has waited.

Knows: the counters that travel with the heartbeat, and the rate of samples over the last seconds.  Never: where they
are shown.  Written by the script's thread, read by the I/O thread; each counter is one plain number or short text.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from ..core.errors import ArgumentError

RATE_OVER_S = 10.0
TEXT_MAX = 80  # characters; a heartbeat is small
COUNTERS_MAX = 48  # beside the node's own


def plain(name: str, value: Any) -> float | str | None:
    """A counter as plain data: a number (numpy's too) or a short text; raises ArgumentError for anything else."""
    item: Any = value
    if isinstance(item, np.generic):
        item = cast("Any", item).item()
    if item is None or isinstance(item, (bool, int, float)) or (isinstance(item, str) and len(item) <= TEXT_MAX):
        return item
    raise ArgumentError(
        f"report: {name} must be a number or a text of at most {TEXT_MAX} characters, got {value!r:.60} of type "
        f"{type(value).__name__}"
    )


class Progress:
    """Counters of one worker.  `traffic` is added to what is told."""

    def __init__(self, traffic: dict[str, int], time_now: Callable[[], float] = time.monotonic) -> None:
        self._traffic = traffic
        self._time_now = time_now
        self._counters: dict[str, Any] = {"step": 0, "samples": 0, "wait_s": 0.0}
        self._by_script = False
        self._history: deque[tuple[float, int]] = deque([(time_now(), 0)])

    def report(self, **counters: Any) -> None:
        """Set counters: `step`, `loss`, or the user's own; plain numbers and short texts."""
        new = counters.keys() - self._counters.keys()
        if len(self._counters) + len(new) > COUNTERS_MAX:
            raise ArgumentError(f"report: a node tells at most {COUNTERS_MAX} counters; {min(new)!r} is one too many")
        self._counters.update(counters)

    def step(self, samples: int) -> None:
        """One more step, over so many samples, as the script says."""
        if not self._by_script:
            self._by_script = True
            self._counters["samples"] = 0  # a Trainer may have counted the first step already
            self._counters["step"] = max(0, self._counters["step"] - 1)
        self._count(samples)

    def trainer_step(self, samples: int) -> None:
        """One more step, as a Trainer says; a script that counts itself knows better."""
        if not self._by_script:
            self._count(samples)

    def _count(self, samples: int) -> None:
        self._counters["step"] += 1
        self._counters["samples"] += samples
        now = self._time_now()
        self._history.append((now, self._counters["samples"]))
        while len(self._history) > 2 and now - self._history[1][0] > RATE_OVER_S:
            self._history.popleft()

    def waited(self, seconds: float) -> None:
        """The script's thread was blocked for so long."""
        self._counters["wait_s"] += seconds

    def counters(self) -> dict[str, Any]:
        """What the heartbeat carries."""
        history = list(self._history)
        (first_s, first), (last_s, last) = history[0], history[-1]
        rate = (last - first) / (last_s - first_s) if last_s > first_s else 0.0
        return {**self._counters, "samples_per_s": round(rate, 1), **self._traffic}
