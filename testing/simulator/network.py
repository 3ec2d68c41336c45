"""The simulator's network: connections between nodes on virtual time, with delays, losses, repeats and breaks.

Knows: the event queue, who is bound where, and one *line* for each life of a connection.  Never: what a message means.
Invariants, ZeroMQ's: on one line and in one direction messages arrive in the order in which they were sent, or not at
all; a new line under a routing id takes the older one's place, and what was unread on the older one is lost.
Everything is drawn from the one random generator that is handed in, in the order of events, so a seed replays exactly.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...kvstore.wire.codec import decode, encode
from ...kvstore.wire.messages import Message

if TYPE_CHECKING:
    from .nodes import SimNode


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong between nodes, as chances per message or seconds of virtual time; nothing after `until_s`."""

    until_s: float = 0.0
    delay_s: float = 0.01
    loss: float = 0.0
    repeat: float = 0.0
    breaks: float = 0.0
    carried: float = 0.0  # chance that what is sent into a broken line goes over the next one


class Line:
    """One life of a connection: `near` opened it to `far`.  Until its `cut`s what is under way still arrives."""

    __slots__ = ("broken", "far", "far_cut", "far_last", "far_unread", "identity", "lingers_until", "near", "near_cut",
                 "near_last", "near_unread", "on_the_way", "peer")  # fmt: skip

    def __init__(self, near: SimNode, far: SimNode, peer: str, identity: str) -> None:
        self.near, self.far, self.peer, self.identity = near, far, peer, identity
        self.broken = False
        self.lingers_until = 0.0  # what its dead sender had sent does not arrive before
        self.far_last = self.near_last = 0.0
        self.far_cut = self.near_cut = math.inf
        self.far_unread = self.near_unread = True  # whether what has arrived and is unread may still be read
        self.on_the_way: dict[bool, list[int]] = {True: [], False: []}  # credited bytes of each message, by direction

    def taken(self, outwards: bool, size: int) -> None:
        """A message is under way no longer (or is forgotten already, since a new connection has begun on this line)."""
        way = self.on_the_way[outwards]
        if size in way:
            way.remove(size)


class Link:
    """What a node that connects keeps up: one line after another, until it hangs up."""

    __slots__ = ("addresses", "carried", "closed", "identity", "line", "near", "peer")

    def __init__(self, near: SimNode, peer: str, addresses: tuple[str, ...], identity: str) -> None:
        self.near, self.peer, self.addresses, self.identity = near, peer, addresses, identity
        self.line: Line | None = None
        self.closed = False
        self.carried: list[Message] = []


class Network:
    """The queue of events and all connections.  `on_send` sees every message as it leaves, `coded` sends bytes."""

    def __init__(self, rng: random.Random, faults: Faults, *, coded: bool) -> None:
        self.rng, self.faults, self.coded = rng, faults, coded
        self.now = 0.0
        self.bound: dict[str, SimNode] = {}
        self.events = 0
        self.sent = self.lost = self.repeated = self.broken = 0
        self.windows_broken: Callable[[Line, bool, list[int]], None] | None = None
        self._queue: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._number = 0

    # ----- time -----

    def after(self, delay_s: float, what: Callable[..., None], *arguments: Any) -> None:
        """Do something later."""
        self._number += 1
        heapq.heappush(self._queue, (self.now + delay_s, self._number, what, arguments))

    def step(self) -> bool:
        """Carry out the next event; False if there is none."""
        if not self._queue:
            return False
        self.now, _, what, arguments = heapq.heappop(self._queue)
        self.events += 1
        what(*arguments)
        return True

    @property
    def is_faulty(self) -> bool:
        return self.now < self.faults.until_s

    def delay(self) -> float:
        """How long one message takes."""
        mean = self.faults.delay_s
        return mean * (0.2 + self.rng.expovariate(1.0)) if self.is_faulty else mean * (0.5 + self.rng.random())

    # ----- connections -----

    def connect(self, near: SimNode, peer: str, addresses: tuple[str, ...], identity: str) -> None:
        self.disconnect(near, peer)
        link = near.opened[peer] = Link(near, peer, addresses, identity)
        self.after(self.delay(), self._establish, link)

    def disconnect(self, near: SimNode, peer: str) -> None:
        """The connecting side hangs up: what it sent may still arrive, nothing comes back."""
        link = near.opened.pop(peer, None)
        if link is None:
            return
        link.closed = True
        if link.line is not None:
            self._close(link.line)
            link.line.near_cut = -1.0
            link.line.near_unread = False

    def _close(self, line: Line) -> None:
        line.broken = True
        if line.far.accepted.get(line.identity) is line:
            del line.far.accepted[line.identity]

    def _establish(self, link: Link) -> None:
        if link.closed or link.near.is_dead:
            return
        far = next((self.bound[a] for a in link.addresses if a in self.bound), None)
        if far is None or far.is_dead:
            self.after(0.05 + 0.1 * self.rng.random(), self._establish, link)
            return
        older = far.accepted.get(link.identity)
        if older is not None:  # handover: its unread messages are lost
            older.broken = True
            older.far_cut, older.far_unread = -1.0, False
        line = Line(link.near, far, link.peer, link.identity)
        far.accepted[link.identity] = link.line = line
        line.far_last = line.near_last = self.now
        carried, link.carried = link.carried, []
        for message in carried:
            self._transmit(line, True, message)
        link.near.event((line, link.peer, "up", False, 0))

    def break_line(self, line: Line) -> None:
        """The line breaks: a part of what is under way still arrives; the near side learns of it later."""
        if line.broken:
            return
        self.broken += 1
        line.broken = True
        line.far_cut = self.now + self.rng.random() * 2 * self.faults.delay_s
        line.near_cut = self.now + self.rng.random() * 2 * self.faults.delay_s
        self.after(self.rng.random() * 0.2, self._notice, line)

    def _notice(self, line: Line) -> None:
        link = line.near.opened.get(line.peer)
        if link is None or link.line is not line or line.near.is_dead:
            return
        link.line = None
        line.near_cut = -1.0
        line.near.event((line, line.peer, "down", False, 0))
        self.after(self.rng.random() * 0.3, self._establish, link)

    def node_died(self, node: SimNode) -> None:
        """Its process has ended: its lines break.  What it sent is cut short, or may be long under way."""
        for link in list(node.opened.values()):
            link.closed = True
            if link.line is not None:
                self._close(link.line)
                if self.rng.random() < 0.5:
                    link.line.far_cut = self.now + self.rng.random() * 2 * self.faults.delay_s
                else:
                    link.line.lingers_until = self.now + 2 * self.rng.random()
        for line in list(node.accepted.values()):
            self.break_line(line)
        node.opened.clear()
        node.accepted.clear()

    # ----- messages -----

    def send(self, node: SimNode, peer: str, message: Message) -> bool:
        """Hand over a message; False: the peer is not connected and the message is dropped."""
        link = node.opened.get(peer)
        if link is not None:
            line = link.line
            if line is None:
                return False
            if line.broken:
                if self.rng.random() < self.faults.carried:
                    link.carried.append(message)
                return True
            self._transmit(line, True, message)
            return True
        line = node.accepted.get(peer)
        if line is None:
            return False
        if not line.broken:
            self._transmit(line, False, message)
        return True

    def _transmit(self, line: Line, outwards: bool, message: Message) -> None:
        self.sent += 1
        faults, rng = self.faults, self.rng
        size = credited_bytes(message)
        frames = encode(message) if self.coded else None
        if self.is_faulty:
            if rng.random() < faults.loss:
                self.lost += 1
                return
            if rng.random() < faults.breaks:
                self.break_line(line)
                return
        if size:
            way = line.on_the_way[outwards]
            way.append(size)
            if self.windows_broken is not None:
                self.windows_broken(line, outwards, way)
        self._arrive_after(line, outwards, message, frames, size)
        if self.is_faulty and rng.random() < faults.repeat:
            self.repeated += 1
            self._arrive_after(line, outwards, message, frames, 0)

    def _arrive_after(self, line: Line, outwards: bool, message: Message, frames: Any, size: int) -> None:
        at = self.now + self.delay()
        if outwards:
            at = line.far_last = max(at, line.far_last)
        else:
            at = line.near_last = max(at, line.near_last)
        self.after(at - self.now, self._arrive, line, outwards, message, frames, size)

    def _arrive(self, line: Line, outwards: bool, message: Message, frames: Any, size: int) -> None:
        if outwards and self.now < line.lingers_until:
            self.after(line.lingers_until - self.now, self._arrive, line, outwards, message, frames, size)
            return
        cut, node, peer = (line.far_cut, line.far, line.identity) if outwards else (line.near_cut, line.near, line.peer)
        if self.now > cut or node.is_dead:
            self.lost += 1
            line.taken(outwards, size)
            return
        node.event((line, peer, decode(frames) if frames is not None else message, outwards, size))


def credited_bytes(message: Message) -> int:
    """Payload bytes of a message that needs credit; 0 for all others."""
    payloads: Any = getattr(message, "payloads", ())
    return sum(memoryview(p).nbytes for p in payloads)
