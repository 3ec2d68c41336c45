"""Stalls: telling, with names, what has been waited for too long, and ending what has been waited for past its limit.

Pure state.  One line for all that waits, after `warn_after_s`, then at doubling intervals; silence again once nothing
waits.  Whom a request waits for is what its server last said (`Had`).
"""

from __future__ import annotations

from collections.abc import Sequence

from ..kvstore.errors import PeerLost
from ..kvstore.names import title
from ..kvstore.outbox import Outbox, Request
from ..kvstore.settings import Settings


class Stalls:
    """Watches the oldest unanswered request."""

    def __init__(self, settings: Settings) -> None:
        self._warn_after_s = settings.warn_after_s
        self._limit_s = settings.stall_limit_s
        self._next_s = settings.warn_after_s

    def tick(self, outboxes: Sequence[Outbox], now: float) -> tuple[list[str], list[tuple[Outbox, Request, PeerLost]]]:
        """(lines to tell, requests that are past the limit with their errors)."""
        oldest: tuple[Outbox, Request] | None = None
        late: list[tuple[Outbox, Request, PeerLost]] = []
        for outbox in outboxes:
            for request in [*outbox.out.values(), *outbox.queue]:
                waited_s = now - request.submitted_at
                if self._limit_s is not None and waited_s > self._limit_s:
                    text = (
                        f"{described(outbox, request, waited_s)}; the limit is {self._limit_s:g} s (MXL_STALL_LIMIT_S)"
                    )
                    late.append((outbox, request, PeerLost(text)))
                if oldest is None or request.submitted_at < oldest[1].submitted_at:
                    oldest = (outbox, request)
        if oldest is None or now - oldest[1].submitted_at < self._warn_after_s:
            self._next_s = self._warn_after_s
            return [], late
        waited_s = now - oldest[1].submitted_at
        if waited_s < self._next_s:
            return [], late
        self._next_s = 2 * max(self._next_s, waited_s / 2)
        waiting = sum(len(o.out) + len(o.queue) for o in outboxes)
        more = f" (and {waiting - 1} more requests)" if waiting > 1 else ""
        return [described(*oldest, waited_s) + more], late


def described(outbox: Outbox, request: Request, waited_s: float) -> str:
    """What waits, for whom, how long."""
    peer = title(outbox.peer)
    if request.waits_for:
        who = ("ranks " if len(request.waits_for) > 1 else "rank ") + ", ".join(map(str, request.waits_for))
        return f"{request.label} has waited {waited_s:.0f} s for {who} ({peer} says)"
    if not outbox.is_open:
        return f"{request.label} has waited {waited_s:.0f} s for a connection to {peer}"
    return f"{request.label} has waited {waited_s:.0f} s for {peer}"


def unacknowledged(outbox: Outbox, request: Request, where: str, now: float) -> PeerLost:
    """A request is past its deadline, and nobody has said to hold it."""
    state = "connected" if outbox.is_open else "not connected"
    return PeerLost(
        f"{request.label}: {title(outbox.peer)} {where} has not acknowledged it for {now - request.held_at:.1f} s "
        f"({state}, silent for {now - outbox.heard_at:.1f} s); is it running and reachable?"
    )
