"""The transport inside one process: frames change hands by reference, through queues.

Knows: who is bound where (`MemoryNetwork`), and which connection is whose.  Never: a socket, a thread, a delay.
Invariant: a frame that was sent is the receiver's next one from that connection, or the connection has gone.

It keeps to what ZeroMQ does, since the same machines run over both: a message to a routing id that is not connected is
refused, a new connection under a routing id takes the old one's place (what was unread on the old one is lost), and one
that waits for its peer to be bound is established the moment that it is.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from collections.abc import Sequence

from ...core.errors import MXLError
from .base import STRANGER, Event, Frame, PeerDown, PeerUp, Received, Transport

SCHEME = "memory://"


class MemoryNetwork:
    """One little world of nodes: what a machine's network is to real ones.  Shared by the transports of one cluster."""

    def __init__(self) -> None:
        self.lock = threading.Lock()  # one for all: what a send does to two nodes is done at once
        self.bound: dict[str, MemoryTransport] = {}
        self.waiting: dict[_Connection, None] = {}  # opened before their peer was bound, oldest first
        self._numbers = itertools.count()

    def new_address(self) -> str:
        """An address that no one has."""
        return f"{SCHEME}node-{next(self._numbers)}"

    def transport(self, bind: Sequence[str] | None = None) -> MemoryTransport:
        """A node's transport, bound at these addresses (None: at a new one; empty: not at all)."""
        return MemoryTransport(self, [self.new_address()] if bind is None else bind)


class _Connection:
    """One life of a connection: `far` is None until it is established, and again when it is over."""

    __slots__ = ("addresses", "far", "identity", "near", "peer")

    def __init__(self, near: MemoryTransport, peer: str, addresses: Sequence[str], identity: str) -> None:
        self.near = near  # the side that connects
        self.far: MemoryTransport | None = None  # the side that is bound
        self.peer = peer
        self.identity = identity
        self.addresses = tuple(addresses)


class MemoryTransport(Transport):
    """A node of a MemoryNetwork."""

    def __init__(self, network: MemoryNetwork, bind: Sequence[str] = ()) -> None:
        self._network = network
        self._addresses = tuple(bind)
        self._inbox: deque[tuple[_Connection, Event]] = deque()
        self._arrived = threading.Condition(network.lock)
        self._opened: dict[str, _Connection] = {}   # by peer: those that this node opened
        self._accepted: dict[str, _Connection] = {}  # by routing id: those that others opened to it
        self._woken = False
        self._closed = False
        with network.lock:
            for address in bind:
                if not address.startswith(SCHEME) or len(address) == len(SCHEME):
                    raise MXLError(f"a memory address is {SCHEME}NAME, came {address!r}")
                if address in network.bound:
                    raise MXLError(f"{address} is bound already; close that node first, or choose another name")
            network.bound.update(dict.fromkeys(bind, self))
            for connection in [c for c in network.waiting if not set(bind).isdisjoint(c.addresses)]:
                del network.waiting[connection]
                self._accept(connection)

    @property
    def addresses(self) -> tuple[str, ...]:
        return self._addresses

    def connect(self, peer: str, addresses: Sequence[str], identity: str, proof: str) -> None:
        connection = _Connection(self, peer, addresses, identity)
        if not any(address.startswith(SCHEME) for address in addresses):
            raise MXLError(f"{peer} is at {', '.join(addresses) or 'no address'}; "
                           f"a node in memory reaches {SCHEME}NAME only")
        with self._network.lock:
            if self._closed:
                return
            self._hang_up(peer)
            self._opened[peer] = connection
            self._seek(connection)

    def disconnect(self, peer: str) -> None:
        with self._network.lock:
            self._hang_up(peer)

    def send(self, peer: str, frames: Sequence[Frame]) -> bool:
        views = [memoryview(frame).toreadonly() for frame in frames]
        with self._network.lock:
            if (connection := self._opened.get(peer)) is not None:
                if connection.far is None:
                    return False
                name = connection.identity
                if name in connection.far._opened:  # see STRANGER
                    name = STRANGER + name
                connection.far._put(connection, Received(name, views))
                return True
            if (connection := self._accepted.get(peer)) is not None:
                connection.near._put(connection, Received(connection.peer, views))
                return True
        return False

    def receive(self, timeout_s: float | None) -> list[Event]:
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        with self._network.lock:
            while not self._inbox and not self._woken and not self._closed:
                left_s = None if deadline is None else deadline - time.monotonic()
                if left_s is not None and left_s <= 0:
                    return []
                self._arrived.wait(left_s)
            self._woken = False
            events = [event for _, event in self._inbox]
            self._inbox.clear()
            return events

    def wake(self) -> None:
        with self._network.lock:
            self._woken = True
            self._arrived.notify()

    def close(self) -> None:
        network = self._network
        with network.lock:
            if self._closed:
                return
            self._closed = True
            for address in self._addresses:
                del network.bound[address]
            for peer in list(self._opened):
                self._hang_up(peer)
            for connection in list(self._accepted.values()):
                self._break(connection)
            self._inbox.clear()
            self._arrived.notify()

    # ----- with the network's lock held -----

    def _seek(self, connection: _Connection) -> None:
        """Establish the connection with whoever is bound at one of its addresses, or have it wait for one."""
        for address in connection.addresses:
            if (far := self._network.bound.get(address)) is not None:
                far._accept(connection)
                return
        self._network.waiting[connection] = None

    def _accept(self, connection: _Connection) -> None:
        if (old := self._accepted.get(connection.identity)) is not None:
            self._forget(old)
            self._drop_unread(old)
            old.far = None
            old.near._put(old, PeerDown(old.peer))  # nor does it try again: its name is another's now
        connection.far = self
        self._accepted[connection.identity] = connection
        connection.near._put(connection, PeerUp(connection.peer))

    def _hang_up(self, peer: str) -> None:
        """The connecting side ends it: what has reached the other side stays readable there, nothing does here."""
        connection = self._opened.pop(peer, None)
        if connection is None:
            return
        self._network.waiting.pop(connection, None)
        self._drop_unread(connection)
        if connection.far is not None:
            connection.far._forget(connection)
            connection.far = None

    def _break(self, connection: _Connection) -> None:
        """This (the bound) side ends it: the other one is told, and tries again."""
        self._forget(connection)
        near, connection.far = connection.near, None
        near._put(connection, PeerDown(connection.peer))
        successor = _Connection(near, connection.peer, connection.addresses, connection.identity)
        if near._opened.get(connection.peer) is connection:
            near._opened[connection.peer] = successor
            near._seek(successor)

    def _forget(self, connection: _Connection) -> None:
        if self._accepted.get(connection.identity) is connection:
            del self._accepted[connection.identity]

    def _drop_unread(self, connection: _Connection) -> None:
        self._inbox = deque((c, event) for c, event in self._inbox if c is not connection)

    def _put(self, connection: _Connection, event: Event) -> None:
        self._inbox.append((connection, event))
        self._arrived.notify()
