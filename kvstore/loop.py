"""The loop around a state machine: the only place where a role meets its transport and the clock.  Dull on purpose.

Knows: how effects are carried out and events handed in.  Never: what a message means.  Invariant: effects are carried
out in the order in which they were returned, before anything else is handed in; bytes that are no message never end the
loop.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable

from .machine import Connect, Disconnect, Effects, Log, Machine, Send
from .story import IN, NOTE, OUT, Story
from .traffic import Traffic
from .transport.base import PeerDown, PeerUp, Received, Transport
from .wire.codec import decode, encode
from .wire.errors import WireError
from .wire.limits import DEFAULT, Limits

logger = logging.getLogger("mxl")


def log_to_logger(level: str, text: str) -> None:
    """Where Log effects go unless one says otherwise: the logger `mxl`."""
    logger.log(logging.getLevelNamesMapping().get(level.upper(), logging.INFO), "%s", text)


class Loop:
    """A state machine, its transport, and a clock.  All calls come from one thread, which owns the transport.

    `commands` is called after each wait, for the effects of what other threads have asked of the machine: they put it
    where `commands` finds it, then call `transport.wake()`.
    """

    def __init__(
        self,
        machine: Machine,
        transport: Transport,
        *,
        time_now: Callable[[], float] = time.monotonic,
        log: Callable[[str, str], None] = log_to_logger,
        commands: Callable[[float], Effects] | None = None,
        traffic: Traffic | None = None,
        limits: Limits = DEFAULT,
    ) -> None:
        self.machine = machine
        self.transport = transport
        self.traffic = traffic or Traffic()
        self.story = Story()
        self._time_now = time_now
        self._log = log
        self._commands = commands
        self._limits = limits
        self._started = False

    def run(self) -> None:
        """Until the machine has finished.  Its exceptions pass through, with the story as their note."""
        while not self.machine.finished:
            self.step(None)

    def step(self, timeout_s: float | None = 0.0) -> None:
        """Wait for events (until the machine's deadline, and `timeout_s` at most), hand them in, tick if it is time."""
        try:
            if not self._started:
                self._started = True
                self._perform(self.machine.start(self._time_now()))
                if self.machine.finished:
                    return
            self._wait_and_handle(timeout_s)
        except Exception as error:
            error.add_note(f"The last messages of this node:\n{self.story.tell(self._time_now())}")
            raise

    def _wait_and_handle(self, timeout_s: float | None) -> None:
        machine = self.machine
        deadline = machine.deadline(self._time_now())
        if deadline is not None and deadline < math.inf:
            left_s = max(0.0, deadline - self._time_now())
            timeout_s = left_s if timeout_s is None else min(timeout_s, left_s)
        events = self.transport.receive(timeout_s)
        now = self._time_now()
        for event in events:
            if type(event) is Received:
                self._handle(event, now)
            elif type(event) is PeerUp:
                self.story.add(now, NOTE, event.peer, "connected")
                self._perform(machine.peer_up(event.peer, now))
            elif type(event) is PeerDown:
                self.story.add(now, NOTE, event.peer, "connection broken")
                self._perform(machine.peer_down(event.peer, now))
            if machine.finished:
                return
        if self._commands is not None:
            self._perform(self._commands(now))
        deadline = machine.deadline(now)
        if deadline is not None and deadline <= now:
            self._perform(machine.tick(now))

    def _handle(self, event: Received, now: float) -> None:
        peer, frames = event.peer, event.frames
        size = sum(map(len, frames))
        self.traffic.came_in(peer, size)
        if frames:
            self.story.add(now, IN, peer, frames[0], size)
        try:
            message = decode(frames, self._limits)
        except WireError as error:
            self.traffic.was_malformed()
            self._perform(self.machine.malformed(peer, str(error), now))
            return
        self._perform(self.machine.handle(peer, message, now))

    def _perform(self, effects: Effects) -> None:
        for effect in effects:
            match effect:
                case Send(peer, message):
                    frames = encode(message, self._limits)
                    size = sum(map(len, frames))
                    self.story.add(self._time_now(), OUT, peer, frames[0], size)
                    if self.transport.send(peer, frames):
                        self.traffic.went_out(peer, size)
                    else:
                        self.traffic.was_unreachable()
                        self.story.add(self._time_now(), NOTE, peer, "not connected: the message above was dropped")
                case Connect(peer, addresses, identity, proof):
                    self.transport.connect(peer, addresses, identity, proof)
                case Disconnect(peer):
                    self.transport.disconnect(peer)
                case Log(level, text):
                    self._log(level, text)


def run(
    machine: Machine,
    transport: Transport,
    time_now: Callable[[], float] = time.monotonic,
    log: Callable[[str, str], None] = log_to_logger,
    traffic: Traffic | None = None,
) -> None:
    """Run a role to its end: `Loop(...).run()`.  Closing the transport is the caller's."""
    Loop(machine, transport, time_now=time_now, log=log, traffic=traffic).run()
