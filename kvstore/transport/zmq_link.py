"""One connection that this node opens: a DEALER, the events of its life, and the next try when it breaks.

Knows: whether it stands, and when to try again.  Never: what it carries.  Invariant: a socket serves one connection.
When that breaks the socket is read to its end and closed, and the next try has a new one, so that nothing that was
queued for the old connection ever travels on the new one.
"""

from __future__ import annotations

import logging
import struct
import sys
import time
from collections.abc import Callable, Sequence

import zmq

from ...core.errors import MXLError
from ..host import TCP, choose_address
from ..wire.limits import Limits
from .base import Event, Frame, PeerDown, PeerUp, Received
from .curve import JobKeys, guard_client
from .zmq_frames import Context, Socket, open_socket, receive_frames, send_frames

logger = logging.getLogger("mxl")

RETRY_FIRST_S = 0.02
RETRY_LAST_S = 1.0
WARN_FIRST_S = 5.0
RECEIVE_AT_ONCE = 256  # messages
NEVER_MS = 24 * 3_600_000  # libzmq is not to reconnect by itself: it would do so with what was queued

EVENTS = (zmq.Event.HANDSHAKE_SUCCEEDED | zmq.Event.HANDSHAKE_FAILED_AUTH | zmq.Event.HANDSHAKE_FAILED_PROTOCOL
          | zmq.Event.HANDSHAKE_FAILED_NO_DETAIL | zmq.Event.DISCONNECTED | zmq.Event.CLOSED
          | zmq.Event.CONNECT_RETRIED)
WHY = {
    zmq.Event.HANDSHAKE_FAILED_AUTH: "it refuses this node's keys; do both have the keys of the same job?",
    zmq.Event.HANDSHAKE_FAILED_PROTOCOL: "it speaks another protocol, or one side has keys and the other has none",
    zmq.Event.HANDSHAKE_FAILED_NO_DETAIL: "it does not answer the handshake",
    zmq.Event.DISCONNECTED: "it closed the connection during the handshake; do both have the keys of the same job?",
    zmq.Event.CLOSED: "nobody answers there; has it started, and is the address right?",
    zmq.Event.CONNECT_RETRIED: "the address was not found; is the host name right?",
}
_event = struct.Struct("=HI")


class Link:
    """A connection to `peer`, tried again until `close`.

    `watch` and `unwatch` enter its sockets into the transport's poller and take them out.
    """

    def __init__(
        self, context: Context, peer: str, addresses: Sequence[str], identity: str, proof: str, keys: JobKeys | None,
        limits: Limits, watch: Callable[[Socket, Callable[[list[Event]], None]], None],
        unwatch: Callable[[Socket], None],
    ) -> None:  # fmt: skip
        self.peer = peer
        self.is_up = False
        self._context, self._keys, self._limits = context, keys, limits
        self._addresses, self._identity, self._proof = tuple(addresses), identity.encode("latin-1"), proof
        self._watch, self._unwatch = watch, unwatch
        self._dealer: Socket | None = None
        self._monitor: Socket | None = None
        self._address = ""
        self._why = self._why_last = ""
        self._begin()

    def _begin(self) -> None:
        """Not connected since just now: at once, then more and more rarely; the same for the warnings."""
        now = time.monotonic()
        self._retry_at, self._retry_s = now, RETRY_FIRST_S
        self._warn_at, self._warn_s = now + WARN_FIRST_S, WARN_FIRST_S

    def send(self, frames: Sequence[Frame]) -> bool:
        if not self.is_up or self._dealer is None:
            return False
        try:
            send_frames(self._dealer, frames)
        except zmq.ZMQError:
            return False
        return True

    def look_after(self, now: float) -> float:
        """While it is not up: carries out what is due, the next try or the next warning; when to look again."""
        if self._dealer is None and now >= self._retry_at:
            self._try(now)
        if now >= self._warn_at:
            where = self._address or ", ".join(self._addresses)
            logger.warning("%s at %s is not reached: %s", self.peer, where, self._why or self._why_last or "no answer")
            self._warn_s *= 2
            self._warn_at = now + self._warn_s
        return self._warn_at if self._dealer is not None else min(self._warn_at, self._retry_at)

    def close(self, linger_s: float = 0.0) -> None:
        """Drop the connection; what was sent last has `linger_s` to leave, while the context ends."""
        self.is_up = False
        for socket in (self._monitor, self._dealer):
            if socket is not None:
                self._unwatch(socket)
        if self._dealer is not None and self._monitor is not None:
            self._dealer.disable_monitor()
            self._monitor.close()
            self._dealer.close(linger=round(linger_s * 1000))
        self._dealer = self._monitor = None

    # ----- a try -----

    def _try(self, now: float) -> None:
        self._retry_at = now + self._retry_s
        self._retry_s = min(2 * self._retry_s, RETRY_LAST_S)
        self._why = ""
        try:
            self._address = choose_address(self.peer, self._addresses, self._proof)
        except MXLError as error:
            self._why = str(error)
            return
        self._dealer = open_socket(self._context, zmq.DEALER, self._limits)
        self._dealer.set(zmq.ROUTING_ID, self._identity)
        self._dealer.set(zmq.RECONNECT_IVL, NEVER_MS)
        if self._address.startswith(TCP):
            self._dealer.set(zmq.IPV6, "[" in self._address)
            if self._keys is not None:
                guard_client(self._dealer, self._keys)
        self._monitor = self._dealer.get_monitor_socket(EVENTS)
        self._watch(self._dealer, self._receive)
        self._watch(self._monitor, self._hear)
        try:
            self._dealer.connect(self._address)
        except zmq.ZMQError as error:
            self._why = f"it is no address to connect to ({error.strerror})"
            self.close()

    def _receive(self, events: list[Event], at_most: int = RECEIVE_AT_ONCE) -> None:
        """What has come, as far as that is not more than is fair to the other peers."""
        if not self.is_up:
            self._hear(events)  # the news of the connection comes before what came over it
        for _ in range(at_most):
            frames = receive_frames(self._dealer, self._limits.parts + 1) if self._dealer and self.is_up else None
            if frames is None:
                return
            events.append(Received(self.peer, frames))

    def _hear(self, events: list[Event]) -> None:
        """What has happened to the connection."""
        while self._monitor is not None:
            try:
                what, _ = self._monitor.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            event = zmq.Event(_event.unpack(what)[0])
            if event is zmq.Event.HANDSHAKE_SUCCEEDED:
                self.is_up = True
                events.append(PeerUp(self.peer))
            elif event is zmq.Event.CONNECT_RETRIED or event is zmq.Event.DISCONNECTED:
                self._why_last = self._why or WHY[event]
                self._fail(events)
            else:
                self._why = WHY[event]

    def _fail(self, events: list[Event]) -> None:
        """The connection is over, or did not come about."""
        if self.is_up:
            self._receive(events, at_most=sys.maxsize)  # what had come before it broke
            events.append(PeerDown(self.peer))
            self._begin()
        self.close()
