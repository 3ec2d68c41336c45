"""What a role's state machine is, and what it can ask for: the seam between logic and I/O.

Knows: the interface (`Machine`) and the effects.  Never: a socket, a thread, a clock's reading.  Time comes in as `now`
(seconds, monotonic); what the machine decides goes out as a list of effects, to be carried out in order.
The same machines run over ZeroMQ (`loop.py`), over memory queues, and in the simulator on virtual time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .wire.messages import Message


@dataclass(frozen=True, slots=True)
class Send:
    """Send a message to a peer.

    If the peer cannot be reached the message is lost: asking again is the machine's affair.
    """

    peer: str
    message: Message


@dataclass(frozen=True, slots=True)
class Connect:
    """Open a connection to `peer`, bound at one of `addresses` (best first), under the routing id `identity`.

    The transport calls `peer_up` each time that the connection is established, `peer_down` each time that it breaks,
    and goes on trying to re-establish it until Disconnect.  `proof` is a file that only the same host can read: where
    it can be read, the ipc address is taken, else tcp.
    """

    peer: str
    addresses: tuple[str, ...]
    identity: str
    proof: str


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Close the connection to `peer`; what is queued in it is lost."""

    peer: str


@dataclass(frozen=True, slots=True)
class Log:
    """A line for people; `level` is one of logging's names in lower case."""

    level: str
    text: str


Effect = Send | Connect | Disconnect | Log
Effects = list[Effect]


class Machine(Protocol):
    """A role's logic.

    Every method returns effects and never blocks; `finished` ends the loop once they are carried out.
    """

    @property
    def finished(self) -> bool: ...

    def start(self, now: float) -> Effects:
        """Called once, first."""
        ...

    def handle(self, peer: str, message: Message, now: float) -> Effects:
        """A message has come from `peer` (its routing id, or the name given to Connect)."""
        ...

    def malformed(self, peer: str, text: str, now: float) -> Effects:
        """Bytes have come from `peer` that are no message; `text` says what is wrong with them."""
        ...

    def peer_up(self, peer: str, now: float) -> Effects: ...

    def peer_down(self, peer: str, now: float) -> Effects: ...

    def tick(self, now: float) -> Effects:
        """Called at least as soon as `deadline` says."""
        ...

    def deadline(self, now: float) -> float | None:
        """The time at which `tick` has something to do; None: not before the next message."""
        ...
