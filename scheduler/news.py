"""News: what people are told of the nodes: counters, stories, and the words for an exit.

Knows: the latest counters of each node, and what has happened to each rank over its lives.  Never: what follows from
it.  Invariant: both are bounded, whatever a node sends and however often it falls silent: all counters travel in one
header.
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Collection
from typing import Any

from ..kvstore.table import Table
from .liveness import Liveness

COUNTERS_MAX = 64  # of one node
COUNTER_MAX = 80  # characters of a counter's name or text
STORY_MAX = 100  # events of one rank


class News:
    """The counters and the stories of all nodes."""

    def __init__(self) -> None:
        self._counters: dict[str, dict[str, Any]] = {}
        self._stories: dict[str, deque[str]] = {}

    def counted(self, name: str, counters: dict[str, Any]) -> None:
        """A node's counters have come: numbers and short texts by name are kept, the rest is cut off or left out."""
        kept = {
            counter[:COUNTER_MAX]: value[:COUNTER_MAX] if isinstance(value, str) else value
            for counter, value in counters.items()
            if value is None or isinstance(value, (bool, int, float, str))
        }
        self._counters[name] = dict(list(kept.items())[:COUNTERS_MAX])

    def happened(self, name: str, event: str) -> None:
        """Something has happened to a life of a rank."""
        self._stories.setdefault(name.rsplit(":", 1)[0], deque(maxlen=STORY_MAX)).append(event)

    def story(self, rank_name: str) -> list[str]:
        """What has happened to `worker:1` over all its lives, in order; the last of it where it is long."""
        return list(self._stories.get(rank_name, ()))

    def of_members(
        self, table: Table, liveness: Liveness, suspects: Collection[str], now: float
    ) -> dict[str, dict[str, Any]]:
        """By name: state, host, silence in seconds, counters."""
        return {
            m.name: {
                "state": "suspect" if m.name in suspects else m.state,
                "host": m.host,
                "silent_s": round(liveness.silent_s(m.name, now), 3),
                "counters": self._counters.get(m.name, {}),
            }
            for m in table.members()
        }


def exit_text(code: int) -> str:
    """What an exit code says: `ended with exit code 3`, `was killed by SIGKILL`."""
    if code >= 0:
        return f"ended with exit code {code}" + ("" if code else " without leaving the job")
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"
