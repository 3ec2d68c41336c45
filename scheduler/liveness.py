"""Liveness: which nodes are alive, judged from what is heard of them.

Pure state.  Time comes in as `now` (seconds, monotonic); nothing here sleeps or sends.  A node moves
alive -> suspect (silent for `suspect_after_s`) -> lost (silent for `lost_after_s`); a suspect that is heard is alive
again.  lost is final for a life.  A suspect is named, never given up.
"""

from __future__ import annotations


class Liveness:
    """Silence of each watched node, by name."""

    def __init__(self, suspect_after_s: float, lost_after_s: float) -> None:
        self.suspect_after_s = suspect_after_s
        self.lost_after_s = lost_after_s
        self._heard: dict[str, float] = {}

    def heard(self, name: str, now: float) -> None:
        """Something has come from this node; from the first time on it is watched."""
        self._heard[name] = now

    def forget(self, name: str) -> None:
        """The node has left, or was given up."""
        self._heard.pop(name, None)

    def stood_still(self, seconds: float, now: float) -> None:
        """Whoever judges was stopped for so long: nobody was silent meanwhile."""
        if seconds:
            self._heard = {name: min(now, at + seconds) for name, at in self._heard.items()}

    def silent_s(self, name: str, now: float) -> float:
        """Seconds since the node was heard; 0 for one that is not watched."""
        return now - self._heard.get(name, now)

    def suspects(self, now: float) -> tuple[str, ...]:
        return tuple(sorted(n for n, at in self._heard.items() if now - at >= self.suspect_after_s))

    def lost(self, now: float) -> list[str]:
        """Nodes silent for too long."""
        return sorted(n for n, at in self._heard.items() if now - at >= self.lost_after_s)
