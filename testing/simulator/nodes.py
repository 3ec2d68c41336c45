"""A simulated node: a real state machine, its inbox, and the carrying out of its effects on the simulated network.

Knows: when a node handles what has come (a slow one later), its ticks, its end.  Never: what the messages mean.
Its story is its last events in order, kept as they are and put into words only when someone asks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from ...kvstore.machine import Connect, Disconnect, Effects, Log, Send
from ...kvstore.wire.messages import Message
from .network import Line, Network

Event = tuple[Line, str, "Message | str", bool, int]
STORY_LINES = 400


def told(message: Message) -> Message | tuple[str, int, Any]:
    """A message as the story keeps it: without its payloads, which it would keep alive."""
    return (message.op, message.membership, getattr(message, "parts", ())) if hasattr(message, "payloads") else message


class SimNode:
    """One process of the simulated job.  `after_event` is called whenever its machine has done something."""

    def __init__(self, network: Network, title: str, machine: Any, addresses: tuple[str, ...] = ()) -> None:
        self.network, self.title, self.addresses = network, title, addresses
        self.machine: Any = machine  # a kvstore.machine.Machine
        self.opened: dict[str, Any] = {}
        self.accepted: dict[str, Line] = {}
        self.pace_s = 0.0  # how long it takes over each message, at the mean
        self.paused_until = 0.0
        self.is_dead = False
        self.is_started = False
        self.inbox: deque[Event] = deque()
        self.story: deque[tuple[float, str, Any, Any]] = deque(maxlen=STORY_LINES)
        self.membership = 0
        self.on_message: Callable[[SimNode, str, Message], None] | None = None
        self.on_effect: Callable[[SimNode, Send], None] | None = None
        self.after_event: Callable[[SimNode], None] | None = None
        self._awake = False  # a wake-up is due

    def __repr__(self) -> str:
        return self.title

    def start(self) -> None:
        """The process begins."""
        self.is_started = True
        for address in self.addresses:
            self.network.bound[address] = self
        self.note("starts")
        self.perform(self.machine.start(self.network.now))
        self._plan_tick()

    def die(self, why: str) -> None:
        """The process ends, well or not."""
        if self.is_dead:
            return
        self.is_dead = True
        self.note(why)
        self.inbox.clear()
        for address in self.addresses:
            self.network.bound.pop(address, None)
        self.network.node_died(self)

    def note(self, text: str) -> None:
        self.story.append((self.network.now, "--", "", text))

    # ----- events -----

    def event(self, event: Event) -> None:
        """Something has come from the network."""
        self.inbox.append(event)
        if not self._awake:
            if self.pace_s and self.network.is_faulty:
                self._sleep()
            else:
                self._wake()

    def _sleep(self) -> None:
        self._awake = True
        self.network.after(self.pace_s * self.network.rng.random() * 2, self._wake)

    def pause(self, until: float) -> None:
        """The process is stopped, and goes on later."""
        if not self.is_dead:
            self.note(f"is stopped until {until:.3f}")
            self.paused_until = until

    def _wake(self) -> None:
        if self.network.now < self.paused_until:
            self._awake = True
            self.network.after(self.paused_until - self.network.now, self._wake)
            return
        self._awake = False
        while self.inbox and not self.is_dead:
            self._take(self.inbox.popleft())
            if self.inbox and self.pace_s and self.network.is_faulty:
                self._sleep()
                return

    def _take(self, event: Event) -> None:
        line, peer, what, outwards, size = event
        line.taken(outwards, size)
        now, machine = self.network.now, self.machine
        if isinstance(what, str):
            link = self.opened.get(peer)
            if link is None or (what == "up" and link.line is not line):
                return
            self.note(f"{peer} is {what}")
            self.perform(machine.peer_up(peer, now) if what == "up" else machine.peer_down(peer, now))
            return
        if not (line.far_unread if outwards else line.near_unread):
            return
        self.story.append((now, "<-", peer, told(what)))
        if self.on_message is not None:
            self.on_message(self, peer, what)
        self.perform(machine.handle(peer, what, now))

    def inject(self, peer: str, message: Message) -> None:
        """A message from outside the simulated network."""
        if not self.is_dead:
            self.story.append((self.network.now, "<-", peer, told(message)))
            self.perform(self.machine.handle(peer, message, self.network.now))

    def perform(self, effects: Effects) -> None:
        """Carry out what the machine asks for."""
        network = self.network
        for effect in effects:
            match effect:
                case Send(peer, message):
                    self.story.append((network.now, "->", peer, told(message)))
                    if self.on_effect is not None:
                        self.on_effect(self, effect)
                    network.send(self, peer, message)
                case Connect(peer, addresses, identity, _):
                    network.connect(self, peer, addresses, identity)
                case Disconnect(peer):
                    network.disconnect(self, peer)
                case Log(level, text):
                    self.note(f"{level}: {text}")
        if self.after_event is not None:
            self.after_event(self)

    # ----- time -----

    def _plan_tick(self) -> None:
        deadline = self.machine.deadline(self.network.now)
        if deadline is not None:
            self.network.after(max(0.001, deadline - self.network.now), self._tick)

    def _tick(self) -> None:
        if self.is_dead:
            return
        now = self.network.now
        if now < self.paused_until:
            self.network.after(self.paused_until - now, self._tick)
            return
        while self.inbox and not self.is_dead:  # what has come is handled before the tick, however slow the node is
            self._take(self.inbox.popleft())
        deadline = self.machine.deadline(now)
        if not self.is_dead and deadline is not None and deadline <= now + 1e-9:
            self.perform(self.machine.tick(now))
        if not self.is_dead:
            self._plan_tick()
