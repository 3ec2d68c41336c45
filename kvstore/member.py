"""Membership of a node: joining the scheduler, keeping its newest table, beating, and holding back what came too early.

Pure state, shared by server and worker.  A node connects under a random routing id and asks to join; the answer names
its rank and incarnation, and it connects anew under that name.  From then on: Hello, heartbeats, the table on each
change.
Invariant: `table.membership` never falls.  What comes under a higher membership than this node's is kept, in
order per peer, until the table has been fetched; what comes under a lower one is the role's to refuse.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..core.errors import MXLError
from .errors import JobFailed, KVStoreError, OutOfPlace, PeerLost, from_wire
from .machine import Connect, Effects, Log, Send
from .names import JOINING, SCHEDULER_NAME, WORKER, Node
from .outbox import Outbox, Request
from .settings import Settings
from .table import Table
from .wire.messages import (
    Beat,
    Failed,
    Fetch,
    Finish,
    Had,
    Heartbeat,
    Join,
    Joined,
    Message,
    Refused,
    Released,
    StaleMembership,
    TableIs,
    Taken,
    Welcome,
)  # fmt: skip

# These need no membership: they set up a connection, carry the table itself, or say that something went wrong.
UNCHECKED = (
    "hello", "welcome", "credit", "have", "had", "table", "fetch", "join", "joined", "heartbeat", "beat", "failed",
    "finish", "refused", "stale_membership", "exited", "status", "status_is",
)  # fmt: skip

EARLY_MAX = 4096  # messages kept until the table has come


@dataclass(frozen=True, slots=True)
class Self:
    """What a node says of itself when it joins.  `joining_id` is random, made outside."""

    role: str
    rank: int
    host: str
    pid: int
    addresses: tuple[str, ...]
    proof: str
    joining_id: str


class Membership:
    """This node's side of the scheduler.

    `counters` is asked at each heartbeat.  Call `take` with every message from the scheduler; what is not about
    membership (`Released`, `Taken`, `Finish`) comes back to the role.
    """

    def __init__(self, me: Self, settings: Settings, counters: Callable[[], dict[str, Any]]) -> None:
        self.me, self.settings, self._counters = me, settings, counters
        self.node: Node | None = None
        self.table = Table()
        self.failure: KVStoreError | None = None
        self.suspects: tuple[str, ...] = ()
        self.outbox = self.outbox_to(SCHEDULER_NAME, me.joining_id)
        self._early: list[tuple[str, Message]] = []
        self._fetched_at: float | None = None
        self._join_at = self._ticked_at = 0.0
        self._beat_at = 0.0
        self._started_at = 0.0
        self._heard_at = 0.0
        self._is_up = False
        self.stood_still_s = 0.0

    def outbox_to(self, peer: str, node: str) -> Outbox:
        """An outbox of this node, under the name `node`, by its settings."""
        s = self.settings
        box = Outbox(
            peer, node, message_bytes=s.message_bytes, answer_window_bytes=s.answer_window_bytes,
            probe_after_s=s.probe_after_s,
        )  # fmt: skip
        box.host, box.proof = self.me.host, self.me.proof
        return box

    @property
    def number(self) -> int:
        return self.table.membership

    @property
    def is_admitted(self) -> bool:
        """Joined, and every rank has been admitted or has left."""
        return self.node is not None and self.table.membership > 0

    # ----- events -----

    def start(self, now: float) -> Effects:
        self._started_at = self._heard_at = self._ticked_at = now
        return [self._connect(JOINING + self.me.joining_id)]

    def _connect(self, identity: str) -> Connect:
        endpoints = tuple(e.strip() for e in self.settings.scheduler.split(",") if e.strip())
        return Connect(SCHEDULER_NAME, endpoints, identity, self.me.proof)

    def peer_up(self, now: float) -> Effects:
        self._is_up = True
        if self.node is None:
            return [self._join(now)]
        return _sends(self.outbox.peer_up(self.number, now))

    def peer_down(self, now: float) -> Effects:
        self._is_up = False
        self.outbox.peer_down()
        return []

    def malformed(self, text: str) -> None:
        """The scheduler has sent what is no message; if these are its first words, it is none of this job's."""
        if not self.outbox.is_open and self.failure is None:
            self.failure = OutOfPlace(
                f"the scheduler at {self.settings.scheduler} answers with what is no message of this job: {text}"
            )

    def take(self, message: Message, now: float) -> tuple[Effects, list[Message]]:
        """(effects, what is left for the role) of a message from the scheduler."""
        self._heard_at = now
        self.outbox.heard_at = now
        effects: Effects = []
        if message.membership > self.number and not isinstance(message, (TableIs, StaleMembership)):
            effects += self._fetch(now)
        match message:
            case Joined() if self.node is None:
                self.node = Node(self.me.role, message.rank, message.incarnation)
                waiting = self.outbox.queue
                self.outbox = self.outbox_to(SCHEDULER_NAME, str(self.node))
                self.outbox.queue = waiting
                effects.append(self._connect(str(self.node)))
            case Welcome():
                effects += _sends(self.outbox.welcome(message, self.number, now))
                effects += self._beat(now)
            case TableIs():
                effects += self._learn(message.table, "the scheduler")
            case StaleMembership():
                effects += self._learn(message.table, "the scheduler")
                self.outbox.send_again(message.requests)
            case Had():
                self.outbox.had(message, now)
            case Beat():
                self.suspects = message.suspects
            case Failed():
                self.failure = self.failure or JobFailed(message.text)
            case Refused() if message.request == 0 or self.node is None:
                self.failure = self.failure or from_wire(message.kind, message.text)
            case Taken() | Released() | Finish() | Refused():
                return effects, [message]
            case _:
                pass
        return effects + self.flush(now), []

    def _learn(self, data: dict[str, Any], giver: str) -> Effects:
        if self.node is None or data.get("membership") == self.table.membership:
            return []
        try:
            table = Table.from_wire(data)
        except MXLError as error:
            return [Log("warning", f"{giver} sent what is no table: {error}")]
        if self.node.rank not in (table.workers if self.node.role == WORKER else table.servers):
            return [Log("warning", f"{giver} sent a table without {self.node.title}, which is this node")]
        if table.membership > self.table.membership:
            self.table = table
            self._fetched_at = None
        return []

    def learn(self, data: dict[str, Any], now: float) -> Effects:
        """A table that came from a peer; one that is none changes nothing but the log."""
        return self._learn(data, "a peer") + self.flush(now)

    # ----- what came too early -----

    def keep(self, peer: str, message: Message, now: float) -> Effects | None:
        """Keep a message whose membership is higher than ours, or that follows one; None: handle it now."""
        if isinstance(message, StaleMembership):  # it brings the table itself
            return None
        if message.membership <= self.number and not any(p == peer for p, _ in self._early):
            return None
        if len(self._early) < EARLY_MAX:  # beyond, it is as if lost: its sender asks for it with Have
            self._early.append((peer, message))
        return self._fetch(now)

    def ripe(self) -> list[tuple[str, Message]]:
        """Kept messages that can be handled now, in order."""
        ripe: list[tuple[str, Message]] = []
        blocked: set[str] = set()
        left: list[tuple[str, Message]] = []
        for peer, message in self._early:
            if peer in blocked or message.membership > self.number:
                blocked.add(peer)
                left.append((peer, message))
            else:
                ripe.append((peer, message))
        self._early = left
        return ripe

    def forget(self, peer: str) -> None:
        """A peer's earlier life has ended: what it sent too early is not wanted."""
        self._early = [(p, m) for p, m in self._early if p != peer]

    # ----- sending -----

    def submit(self, request: Request, now: float) -> Effects:
        self.outbox.submit(request)
        return self.flush(now)

    def flush(self, now: float) -> Effects:
        return _sends(self.outbox.flush(self.number, now))

    def _join(self, now: float) -> Send:
        self._join_at = now
        me = self.me
        return Send(SCHEDULER_NAME, Join(0, 0, me.role, me.rank, me.host, me.pid, me.addresses, me.proof))

    def _fetch(self, now: float) -> Effects:
        if not self.outbox.is_open:  # under this node's name the scheduler's first word is the table
            return []
        if self._fetched_at is not None and now - self._fetched_at < self.settings.probe_after_s:
            return []
        self._fetched_at = now
        return [Send(SCHEDULER_NAME, Fetch(self.number))]

    def _beat(self, now: float) -> Effects:
        self._beat_at = now
        return [Send(SCHEDULER_NAME, Heartbeat(self.number, self._counters()))]

    # ----- time -----

    def tick(self, now: float) -> Effects:
        s = self.settings
        self.stood_still_s = stood_still_s(self._ticked_at, now, self.deadline(), s)
        self._ticked_at = now
        if self.stood_still_s:
            self._heard_at = min(now, self._heard_at + self.stood_still_s)
            self._started_at += self.stood_still_s
            self.outbox.stood_still(self.stood_still_s, now)
        effects: Effects = []
        if self.failure is None:
            self.failure = self._silence(now)
        if self.node is None:
            if self._is_up and now - self._join_at >= s.probe_after_s:
                effects.append(self._join(now))
            return effects
        effects += _sends(self.outbox.tick(self.number, now))
        if self.outbox.is_open and now - self._beat_at >= s.heartbeat_s:
            effects += self._beat(now)
        if self._early and (self._fetched_at is None or now - self._fetched_at >= s.probe_after_s):
            effects += self._fetch(now)
        return effects + self.flush(now)

    def deadline(self) -> float:
        """When `tick` is due."""
        return self._ticked_at + min(self.settings.heartbeat_s, self.settings.probe_after_s)

    def _silence(self, now: float) -> KVStoreError | None:
        """The scheduler has said nothing for too long, or the job did not gather in time."""
        s = self.settings
        silent = now - self._heard_at
        where = s.scheduler or "an unknown address"
        if self.node is None and silent > s.request_deadline_s:
            return PeerLost(
                f"the scheduler at {where} did not answer for {silent:.1f} s; is it running, and is it reachable "
                f"from {self.me.host}?"
            )
        if self.node is not None and silent > s.lost_after_s:
            return PeerLost(
                f"the scheduler at {where} has been silent for {silent:.1f} s; the job cannot go on without it"
            )
        if not self.is_admitted and now - self._started_at > s.start_limit_s:
            return PeerLost(
                f"the job did not gather within {s.start_limit_s:.0f} s: the scheduler at {where} still waits for "
                f"other nodes (MXL_START_LIMIT_S)"
            )
        return None


def stood_still_s(ticked_at: float, now: float, due_at: float, settings: Settings) -> float:
    """How long this process itself was stopped (a suspended host, SIGSTOP): a tick that is long overdue says so.

    Meanwhile nobody else was silent, so that much is taken off every silence.
    """
    return now - ticked_at if now - due_at >= settings.suspect_after_s else 0.0


def _sends(messages: list[Message]) -> Effects:
    return [Send(SCHEDULER_NAME, m) for m in messages]
