"""The transport interface: framed messages between named nodes, in order per connection, or lost with it.

Knows: what every body (ZeroMQ, memory, the simulator's network) keeps to; one contract test holds them all to it.
Never: what the frames mean, and never a re-send: that is the state machine's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

Frame = bytes | memoryview


# Put before the routing id of one that comes in under a name that this node has given to a connection of its own, so
# that nobody is taken for, say, the scheduler by calling himself so.
STRANGER = "?"


@dataclass(frozen=True, slots=True)
class Received:
    """Frames from a peer: the routing id on the bound side, the connection's name on the connecting side."""

    peer: str
    frames: list[memoryview]


@dataclass(frozen=True, slots=True)
class PeerUp:
    """A connection that this node opened is established (again)."""

    peer: str


@dataclass(frozen=True, slots=True)
class PeerDown:
    """A connection that this node opened has broken; it is being tried again until `disconnect`."""

    peer: str


Event = Received | PeerUp | PeerDown


class Transport(ABC):
    """Moves framed messages between named nodes: in order per connection, or lost with it.  Owned by one thread.

    `wake` alone may be called from another thread.
    """

    @property
    @abstractmethod
    def addresses(self) -> tuple[str, ...]:
        """Where this node is bound, best first; empty for one that only connects."""

    @abstractmethod
    def connect(self, peer: str, addresses: Sequence[str], identity: str, proof: str) -> None:
        """Open a connection to `peer` under the routing id `identity`; an open one to the same peer is closed first."""

    @abstractmethod
    def disconnect(self, peer: str) -> None:
        """Close the connection to `peer`; nothing if there is none."""

    @abstractmethod
    def send(self, peer: str, frames: Sequence[Frame]) -> bool:
        """Hand over a message, never blocking.  False: there is no such peer now, the message is dropped.

        Frames may be sent without a copy: their memory must not change until the transport lets go of them.
        """

    @abstractmethod
    def receive(self, timeout_s: float | None) -> list[Event]:
        """All that has come; waits for something to come, `timeout_s` to pass (None: for ever), or `wake`."""

    @abstractmethod
    def wake(self) -> None:
        """Let a running or the next `receive` return at once.  From any thread."""

    @abstractmethod
    def close(self) -> None:
        """Close everything; what is queued is lost.  Twice is once."""
