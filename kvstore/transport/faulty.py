"""A transport that loses, delays, doubles and cuts: what a network does to the one beneath it.

Knows: chances, a seeded generator and a clock, all handed in.  Never: what a message means.  Invariant: with the same
seed, the same calls and the same clock it does the same; and it does nothing that a network cannot do: what it delays
stays in order behind what it delayed before, what it doubles is a whole message, as a re-send is.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from .base import Event, Frame, PeerDown, PeerUp, Transport


@dataclass(frozen=True, slots=True)
class Faults:
    """What may happen to each message that is sent: chances from 0 to 1, looked at in this order.

    `cut` breaks a connection that this node opened, after which it is opened anew; the message goes with it.  `delay`
    holds a message, and all that follow it on its connection, for up to `delay_max_s`.
    """

    cut: float = 0.0
    drop: float = 0.0
    duplicate: float = 0.0
    delay: float = 0.0
    delay_max_s: float = 0.05

    def __post_init__(self) -> None:
        for name in ("cut", "drop", "duplicate", "delay"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"the chance of {name} goes from 0 to 1, came {getattr(self, name)}")


class FaultyTransport(Transport):
    """`inner`, with faults in what is sent through it.  Wrap both sides for faults both ways."""

    def __init__(
        self, inner: Transport, faults: Faults, rng: Random, time_now: Callable[[], float] = time.monotonic
    ) -> None:
        self.inner = inner
        self.faults = faults
        self.done: dict[str, int] = dict.fromkeys(("cut", "drop", "duplicate", "delay"), 0)
        self._rng = rng
        self._time_now = time_now
        self._opened: dict[str, tuple[Sequence[str], str, str]] = {}
        self._held: dict[str, deque[tuple[float, Sequence[Frame]]]] = {}  # by peer: due when, in order
        self._up: set[str] = set()
        self._events: list[Event] = []

    @property
    def addresses(self) -> tuple[str, ...]:
        return self.inner.addresses

    def connect(self, peer: str, addresses: Sequence[str], identity: str, proof: str) -> None:
        self._forget(peer)
        self._opened[peer] = addresses, identity, proof
        self.inner.connect(peer, addresses, identity, proof)

    def disconnect(self, peer: str) -> None:
        self._forget(peer)
        self._opened.pop(peer, None)
        self.inner.disconnect(peer)

    def send(self, peer: str, frames: Sequence[Frame]) -> bool:
        faults = self.faults
        if peer in self._up and self._happens("cut", faults.cut):
            self._cut(peer)
            return True  # as far as the sender can tell
        if self._happens("drop", faults.drop):
            return True
        times = 2 if self._happens("duplicate", faults.duplicate) else 1
        held = self._held.get(peer)
        due = self._time_now()
        if self._happens("delay", faults.delay):
            due += self._rng.random() * faults.delay_max_s
        elif not held:
            return all([self.inner.send(peer, frames) for _ in range(times)])
        held = self._held.setdefault(peer, deque())
        held.extend([(max(due, held[-1][0] if held else due), frames)] * times)
        return True

    def receive(self, timeout_s: float | None) -> list[Event]:
        self._release()
        if self._events:
            timeout_s = 0.0
        dues = [held[0][0] for held in self._held.values() if held]
        if dues:
            left_s = max(0.0, min(dues) - self._time_now())
            timeout_s = left_s if timeout_s is None else min(timeout_s, left_s)
        events = self.inner.receive(timeout_s)
        for event in events:
            if isinstance(event, PeerUp):
                self._up.add(event.peer)
            elif isinstance(event, PeerDown):
                self._forget(event.peer)
        events = self._events + events
        self._events = []
        self._release()
        return events

    def wake(self) -> None:
        self.inner.wake()

    def close(self) -> None:
        self._held.clear()
        self.inner.close()

    def _happens(self, what: str, chance: float) -> bool:
        if not chance or self._rng.random() >= chance:
            return False
        self.done[what] += 1
        return True

    def _cut(self, peer: str) -> None:
        self._forget(peer)
        self._events.append(PeerDown(peer))
        self.inner.connect(peer, *self._opened[peer])

    def _forget(self, peer: str) -> None:
        self._held.pop(peer, None)
        self._up.discard(peer)

    def _release(self) -> None:
        now = self._time_now()
        for peer, held in list(self._held.items()):
            while held and held[0][0] <= now:
                self.inner.send(peer, held.popleft()[1])
            if not held:
                del self._held[peer]
