"""Who was turned away at a guarded socket: a line in the log for each host, with its address.

Knows: the connections that a bound socket has accepted and not yet let in.  Never: who is let in (`curve.py`, libzmq).
libzmq says that a handshake has failed, and then which descriptor it closes; whose that was is asked while it is open.
"""

from __future__ import annotations

import logging
import os
import socket as net
import struct
import time

import zmq

from .zmq_frames import Socket

logger = logging.getLogger("mxl")

EVENTS = (zmq.Event.ACCEPTED | zmq.Event.DISCONNECTED | zmq.Event.HANDSHAKE_FAILED_PROTOCOL
          | zmq.Event.HANDSHAKE_FAILED_NO_DETAIL)
QUIET_S = 60.0    # a host that keeps trying is named once in this time
HOSTS_MAX = 1000
_event = struct.Struct("=HI")


class Turned:
    """Says that somebody was turned away; the same host not more often than once a minute."""

    def __init__(self) -> None:
        self._said: dict[str, float] = {}

    def away(self, address: str, why: str) -> None:
        host, now = address.rpartition(":")[0] or address, time.monotonic()
        if now - self._said.get(host, -QUIET_S) < QUIET_S:
            return
        if len(self._said) >= HOSTS_MAX:
            self._said.clear()
        self._said[host] = now
        logger.warning("a stranger at %s was refused: %s", address, why)


class Watch:
    """The monitor of one bound socket."""

    def __init__(self, router: Socket, turned: Turned) -> None:
        self.socket = router.get_monitor_socket(EVENTS)
        self._router = router
        self._turned = turned
        self._addresses: dict[int, str] = {}
        self._has_failed = False

    def hear_all(self) -> None:
        """What has happened at the door."""
        while True:
            try:
                what, _ = self.socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            number, handle = _event.unpack(what)
            event = zmq.Event(number)
            if event is zmq.Event.ACCEPTED:
                self._addresses[handle] = _address_of(handle)
            elif event is zmq.Event.DISCONNECTED:
                address = self._addresses.pop(handle, "an unknown address")
                if self._has_failed:
                    self._turned.away(address, "it does not have the job's keys")
                self._has_failed = False
            else:
                self._has_failed = True  # the next that is closed is the one

    def close(self) -> None:
        self._router.disable_monitor()
        self.socket.close()


def _address_of(handle: int) -> str:
    """Host and port at the other end of a descriptor, as long as it is open."""
    try:
        with net.socket(fileno=os.dup(handle)) as connection:
            host, port, *_ = connection.getpeername()
            return f"{host}:{port}"
    except (OSError, ValueError):
        return "an unknown address"
