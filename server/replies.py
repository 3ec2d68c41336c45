"""Replies: what a server owes each worker; held until it may be answered, and then on its way.

Knows: which requests are held and whom they wait for, the queue and the credit of each worker (`answers`), and the
messages that come of it.  Never: why a request may be answered, nor what it asks for.
Invariant: whatever a worker waits for is held here or queued here, so that `Have` is answered truly; a request that is
answered or refused is held no more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..kvstore.batch import divided
from ..kvstore.errors import KVStoreError
from ..kvstore.machine import Effects, Send
from ..kvstore.member import Membership
from ..kvstore.settings import Settings
from ..kvstore.wire.messages import (
    ClockPart,
    CopyShard,
    Counted,
    Credit,
    Frame,
    Had,
    Have,
    Hello,
    Init,
    Message,
    Pull,
    Push,
    Refused,
    Replicate,
    StaleMembership,
    Waited,
    Welcome,
    WriteStates,
)
from .answers import Answers

Held = Callable[[], tuple[int, ...]]  # the ranks that a held request waits for
CREDITED = (Push, Pull, Init, WriteStates, Replicate, CopyShard)
NAMED_MAX = 16  # ranks that one answer to Have names for a request: 2 048 requests' must fit one header
TEXT_MAX = 4096  # characters of a refusal


def is_credited(message: Message) -> bool:
    """Whether a message took credit: a pull does only with row ids."""
    return not isinstance(message, Pull) or bool(message.payloads)


class Replies:
    """To all workers.  `effects` are messages that need no credit; `flush` takes them, with all that credit allows."""

    def __init__(self, membership: Membership, settings: Settings) -> None:
        self.effects: Effects = []
        self._membership, self._settings = membership, settings
        self._answers: dict[str, Answers] = {}
        self.held: dict[str, dict[int, Held]] = {}

    @property
    def peers(self) -> list[str]:
        """Workers that have said Hello."""
        return list(self._answers)

    def knows(self, peer: str) -> bool:
        """Whether a worker has said Hello, and its life has not ended."""
        return peer in self._answers

    def queued(self) -> int:
        """Values that wait for credit."""
        return sum(answers.queued() for answers in self._answers.values())

    # ----- the connection -----

    def hello(self, peer: str, message: Hello) -> None:
        """A worker introduces itself on a new connection."""
        answers = self._answers.setdefault(peer, Answers(self._settings.message_bytes))
        if answers.begin(message.connection, message.window_bytes):
            me, window_bytes = str(self._membership.node or ""), self._settings.push_window_bytes
            self._send(peer, Welcome(self._membership.number, me, message.connection, window_bytes))

    def credit(self, peer: str, message: Credit) -> None:
        """A worker has taken answers."""
        if answers := self._answers.get(peer):
            answers.credit(message.connection, message.offset)

    def give_credit(self, peer: str, message: Message) -> None:
        """A worker's message has been taken."""
        answers = self._answers.get(peer)
        if answers is not None and isinstance(message, CREDITED) and is_credited(message):
            self._send(peer, Credit(self._membership.number, answers.connection, message.offset))

    def have(self, peer: str, message: Have) -> None:
        """Say which of a worker's requests are held; all that it sent before it asked has been taken, or is lost."""
        number = self._membership.number
        self._send(peer, Credit(number, message.connection, message.offset))
        held, answers = self.held.get(peer, {}), self._answers.get(peer)
        found = tuple(
            Waited(r, held[r]()[:NAMED_MAX] if r in held else ())
            for r in message.requests
            if r in held or (answers is not None and answers.holds(r))
        )
        offset = answers.window.sent if answers is not None else 0
        self._send(peer, Had(number, message.connection, offset, message.requests, found))

    def forget(self, peer: str) -> None:
        """A worker's life has ended: it is owed nothing."""
        self._answers.pop(peer, None)
        self.held.pop(peer, None)

    # ----- requests -----

    def hold(self, peer: str, request: int, ranks: Held) -> None:
        """A request waits; `ranks` says for whom."""
        self.held.setdefault(peer, {})[request] = ranks

    def _release(self, peer: str, request: int) -> Answers | None:
        self.held.get(peer, {}).pop(request, None)
        return self._answers.get(peer)

    def taken(self, peer: str, request: int) -> None:
        """A request is carried out, and has no value to answer with."""
        if answers := self._release(peer, request):
            answers.taken(request)

    def value(self, peer: str, request: int, version: int, priority: int, frame: Frame) -> None:
        """A request is answered with a shard's bytes."""
        if answers := self._release(peer, request):
            answers.value(request, version, priority, frame)

    def states(self, peer: str, request: int, updates: int, dtypes: tuple[str, ...], frames: tuple[Frame, ...]) -> None:
        """A request is answered with an optimizer's states."""
        if answers := self._release(peer, request):
            answers.states(request, updates, dtypes, frames)

    def counted(self, peer: str, request: int, clocks: tuple[ClockPart, ...]) -> None:
        """A barrier is over; the request is answered by the last of its messages."""
        self._release(peer, request)
        *more, last = divided(clocks)
        for part in more:
            self._send(peer, Counted(self._membership.number, 0, part))
        self._send(peer, Counted(self._membership.number, request, last))

    def attempt(self, peer: str, request: int, method: Callable[..., None], *arguments: Any) -> None:
        """Carry out one request; what it must not do becomes its refusal, and the rest of the message is taken."""
        try:
            method(*arguments)
        except KVStoreError as error:
            self.refuse(peer, request, error)

    def refuse(self, peer: str, request: int, error: Exception) -> None:
        """A request (0: the worker as a whole) is refused with the error's sentence."""
        self._release(peer, request)
        kind = type(error).__name__ if isinstance(error, KVStoreError) else "KVStoreError"
        where = f"{self._membership.node.title}: " if self._membership.node else ""
        self._send(peer, Refused(self._membership.number, request, kind, (where + str(error))[:TEXT_MAX]))

    def stale(self, peer: str, requests: list[int]) -> None:
        """Requests came under an older membership: here is the table."""
        table = self._membership.table
        self._send(peer, StaleMembership(table.membership, tuple(requests), table.to_wire()))

    # ----- out -----

    def _send(self, peer: str, message: Message) -> None:
        self.effects.append(Send(peer, message))

    def flush(self) -> Effects:
        """All that may go now."""
        number = self._membership.number
        for peer, answers in self._answers.items():
            self.effects += [Send(peer, m) for m in answers.flush(number)]
        effects, self.effects = self.effects, []
        return effects
