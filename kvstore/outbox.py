"""Outbox: one node's requests to one peer, from the call to the answer.

Knows: what waits for credit, what is out and unanswered, what the peer has said it holds, and when to ask.  Never:
what a request means, nor a socket.  Time comes in as `now`; the messages to send come out.

A request moves  queued -> out -> (answered: forgotten).  Back to queued only when the peer says that it lacks it, or
that it came under an older membership; nothing is sent again by timer alone.  After each new connection, and after
`probe_after_s` without an answer or credit, the peer is asked with `Have`; until it has said what it holds nothing
else is sent. A *fence* (a barrier, a leave) goes only when the peer holds everything before it, so that it can
overtake nothing, even over a connection that loses messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from .batch import PARTS_MAX, Header
from .credit import Window
from .wire.messages import (
    Frame,
    Had,
    Have,
    Hello,
    HyperSet,
    Init,
    InitPart,
    Message,
    Pull,
    PullPart,
    Push,
    PushPart,
    Welcome,
)

Kind = Literal["alone", "init", "push", "pull"]
_KINDS: tuple[Kind, ...] = ("init", "push", "pull")
_PART_BYTES = 64  # what a part without a payload counts for


@dataclass(eq=False, slots=True)
class Request:
    """One thing that a peer must answer.

    `alone` makes the message of a request that travels by itself, from (membership, offset).
    """

    id: int
    label: str
    kind: Kind
    submitted_at: float
    part: Any = None
    alone: Callable[[int, int], Message] | None = None
    payloads: tuple[Frame, ...] = ()
    hyper: HyperSet | None = None
    priority: int = 0
    fence: bool = False
    owner: Any = None
    size_bytes: int = 0
    held_at: float = field(default=0.0)
    is_held: bool = False
    waits_for: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        self.held_at = self.submitted_at
        self.size_bytes = sum(memoryview(p).nbytes for p in self.payloads)


class Outbox:
    """Requests to `peer`, sent under the name `node`."""

    def __init__(
        self, peer: str, node: str, *, message_bytes: int, answer_window_bytes: int, probe_after_s: float
    ) -> None:
        self.peer, self.node = peer, node
        self.message_bytes = message_bytes
        self.answer_window_bytes = answer_window_bytes
        self.probe_after_s = probe_after_s
        self.connection = 0
        self.is_up = False
        self.is_open = False
        self.window = Window()
        self.answers_taken = 0
        self.queue: list[Request] = []
        self.queued_bytes = 0
        self.out: dict[int, Request] = {}
        self._queued_pushes: dict[tuple[int, Any, int], Request] = {}  # by shard, the last one in the queue
        self._is_due = False  # whether something may have become ready to go since the last flush
        self.heard_at = 0.0
        self._asked_at: float | None = None
        self._hello_at = 0.0
        self._moved_at = 0.0  # when something was sent or credited last
        self.host = ""
        self.proof = ""

    # ----- the connection -----

    def peer_up(self, membership: int, now: float) -> list[Message]:
        """The connection stands (again): introduce this node."""
        self.is_up = True
        self.is_open = False
        self.connection += 1
        self._asked_at = None
        self._hello_at = now
        self.answers_taken = 0
        return [Hello(membership, self.node, self.connection, self.answer_window_bytes, self.host, self.proof)]

    def peer_down(self) -> None:
        """The connection broke: whatever was out may be lost."""
        self.is_up = self.is_open = False
        self._asked_at = None
        for request in self.out.values():
            request.is_held = False

    def welcome(self, message: Welcome, membership: int, now: float) -> list[Message]:
        """The peer has answered Hello: ask what it holds of what is out, or go on at once."""
        if message.connection != self.connection or self.is_open:
            return []
        self.is_open = self._is_due = True
        self.heard_at = self._moved_at = now
        self.window.begin(message.window_bytes)
        for request in self.out.values():
            request.is_held = False
        return [self._have(membership, now)] if self.out else []

    # ----- requests -----

    def submit(self, request: Request) -> None:
        self.queue.append(request)
        self._enqueued(request)

    def _enqueued(self, request: Request) -> None:
        self._is_due = True
        self.queued_bytes += request.size_bytes
        if request.kind == "push":
            self._queued_pushes[shard_of(request)] = request

    def _dequeued(self, request: Request) -> None:
        self.queued_bytes -= request.size_bytes
        if request.kind == "push" and self._queued_pushes.get(shard_of(request)) is request:
            del self._queued_pushes[shard_of(request)]

    def queued_push(self, store: int, key: Any, shard: int) -> Request | None:
        """The last push of a shard, if it still waits here."""
        return self._queued_pushes.get((store, key, shard))

    def answered(self, request_id: int) -> Request | None:
        """The request is answered: forget it.  None for one that is not known (a second answer)."""
        request = self.out.pop(request_id, None)
        if request is None:  # an answer to what was sent before and is queued again
            for queued in self.queue:
                if queued.id == request_id:
                    self.queue.remove(queued)
                    self._dequeued(queued)
                    self._is_due = True  # a fence behind it may go
                    return queued
        return request

    def find(self, request_id: int) -> Request | None:
        """The request, if it is still to be answered."""
        return self.out.get(request_id) or next((r for r in self.queue if r.id == request_id), None)

    def knows(self, request_id: int) -> bool:
        """Whether the request is still to be answered."""
        return self.find(request_id) is not None

    def send_again(self, request_ids: Iterable[int]) -> None:
        """The peer does not have these: they go first when anything goes."""
        again = [self.out.pop(i) for i in request_ids if i in self.out]
        self.queue[:0] = again
        for request in again:
            request.is_held = False
            self._enqueued(request)

    def adopt(self, request: Request, now: float) -> None:
        """A request that was another peer's to answer: it keeps its place in the script's order."""
        request.is_held, request.held_at, request.submitted_at = False, now, now
        at = next((i for i, other in enumerate(self.queue) if other.id > request.id), len(self.queue))
        self.queue.insert(at, request)
        self._enqueued(request)

    def had(self, message: Had, now: float) -> None:
        """The peer says what it holds."""
        if message.connection != self.connection:
            return
        self.heard_at = now
        self._asked_at = None
        self._is_due = True
        held = {w.request: w.ranks for w in message.held}
        for request_id in message.asked:
            request = self.out.get(request_id)
            if request is not None and request_id in held:
                request.is_held = True
                request.held_at = now
                request.waits_for = held[request_id]
        self.send_again([i for i in message.asked if i not in held])

    def credit(self, connection: int, offset: int, now: float) -> None:
        if connection == self.connection:
            self.heard_at = self._moved_at = now
            self.window.credit(offset)
            # Not for every little credit: looking through a long queue costs more than one message's room is worth.
            room = self.window.room()
            if not self.window.on_the_way or room >= min(self.message_bytes, self.window.size_bytes // 4):
                self._is_due = True

    # ----- sending -----

    def flush(self, membership: int, now: float) -> list[Message]:
        """Every message that may go now: by priority, as much in one message as fits, as far as credit reaches."""
        messages: list[Message] = []
        if not self._is_due or not self.is_open or self._asked_at is not None:
            return messages
        self._is_due = False
        while self.is_open and self._asked_at is None and self.queue:
            if self.queue[0].fence:
                if not self._holds_all():
                    messages.append(self._have(membership, now))
                    break
                messages.append(self._alone(self.queue.pop(0), membership, now))
                continue
            end = next((i for i, r in enumerate(self.queue) if r.fence), len(self.queue))
            ready, rest = self.queue[:end], self.queue[end:]
            sent, left = self._flush_segment(ready, membership, now)
            self.queue = left + rest
            messages += sent
            if left:
                break
        return messages

    def _holds_all(self) -> bool:
        """Whether the peer has said, on this connection, that it holds everything that is out."""
        return all(r.is_held for r in self.out.values())

    def _flush_segment(self, ready: list[Request], membership: int, now: float) -> tuple[list[Message], list[Request]]:
        """(messages, what is left) of requests without a fence between them."""
        messages: list[Message] = []
        left: list[Request] = []
        for request in ready:
            if request.kind == "alone":
                if self.window.allows(request.size_bytes):
                    messages.append(self._alone(request, membership, now))
                else:
                    left.append(request)
        starved: set[Any] = set()  # shards with a request that waits for credit: what follows on them waits too
        has_credit = True
        for kind, requests in stages([r for r in ready if r.kind != "alone"]):
            batch: list[Request] = []
            header = Header()
            batch_bytes = payload_bytes = 0
            for request in requests:
                size = request.size_bytes + _PART_BYTES
                if not header.takes(request.part) or (batch and batch_bytes + size > self.message_bytes):
                    if batch:
                        messages.append(self._batch(kind, batch, membership, now))
                    batch, header, batch_bytes, payload_bytes = [], Header(), 0, 0
                    header.takes(request.part)
                if request.size_bytes and has_credit:  # in order: a smaller one overtakes none that does not fit
                    has_credit = self.window.allows(request.size_bytes, payload_bytes)
                if shard_of(request) in starved or (request.size_bytes and not has_credit):
                    starved.add(shard_of(request))
                    left.append(request)
                    continue
                batch.append(request)
                batch_bytes += size
                payload_bytes += request.size_bytes
            if batch:
                messages.append(self._batch(kind, batch, membership, now))
        left.sort(key=lambda r: r.id)
        return messages, left

    def _alone(self, request: Request, membership: int, now: float) -> Message:
        assert request.alone is not None
        self._is_out(request, now)
        return request.alone(membership, self.window.send(request.size_bytes))

    def _batch(self, kind: str, batch: list[Request], membership: int, now: float) -> Message:
        size = 0
        for request in batch:
            self._is_out(request, now)
            size += request.size_bytes
        offset = self.window.send(size)
        payloads = tuple(p for r in batch for p in r.payloads)
        if kind == "init":
            init_parts: tuple[InitPart, ...] = tuple(r.part for r in batch)
            return Init(membership, offset, init_parts, payloads)
        if kind == "pull":
            pull_parts: tuple[PullPart, ...] = tuple(r.part for r in batch)
            return Pull(membership, offset, pull_parts, payloads)
        push_parts: tuple[PushPart, ...] = tuple(r.part for r in batch)
        hypers = {(h.store, h.generation, h.number): h for h in (r.hyper for r in batch) if h is not None}
        return Push(membership, offset, push_parts, tuple(hypers.values()), payloads)

    def _is_out(self, request: Request, now: float) -> None:
        request.held_at = max(request.held_at, now)
        self._moved_at = now
        request.is_held = False
        self._dequeued(request)
        self.out[request.id] = request

    def _have(self, membership: int, now: float) -> Have:
        self._asked_at = now
        asked = list(self.out)
        if len(asked) > PARTS_MAX:  # those first of which the peer has said nothing for longest; the others next time
            asked = sorted(asked, key=lambda i: (self.out[i].is_held, self.out[i].held_at))[:PARTS_MAX]
        return Have(membership, self.connection, self.window.sent, tuple(asked))

    # ----- time -----

    def tick(self, membership: int, now: float) -> list[Message]:
        """Ask where an answer is overdue; introduce this node again where nobody said Welcome."""
        if not self.is_up:
            return []
        if not self.is_open:
            return self.peer_up(membership, now) if now - self._hello_at >= self.probe_after_s else []
        if self._asked_at is not None:
            return [self._have(membership, now)] if now - self._asked_at >= self.probe_after_s else []
        if self.out and now - min(r.held_at for r in self.out.values()) >= self.probe_after_s:
            return [self._have(membership, now)]
        if self.queue and now - self._moved_at >= self.probe_after_s:  # a credit was lost, or is long in coming
            return [self._have(membership, now)]
        return []

    def stood_still(self, seconds: float, now: float) -> None:
        """This process was stopped for so long: the peer was not silent meanwhile."""
        self.heard_at = min(now, self.heard_at + seconds)
        for request in [*self.out.values(), *self.queue]:
            request.held_at = min(now, request.held_at + seconds)
            request.submitted_at = min(now, request.submitted_at + seconds)

    def overdue(self, deadline_s: float, now: float) -> list[Request]:
        """Requests that the peer has not acknowledged for `deadline_s`."""
        late = [r for r in self.out.values() if now - r.held_at > deadline_s]
        if now - self.heard_at > deadline_s:
            late += [r for r in self.queue if now - r.submitted_at > deadline_s]
        return late

    @property
    def is_idle(self) -> bool:
        return not self.queue and not self.out


def shard_of(request: Request) -> tuple[int, Any, int]:
    """The shard that a request is about: on each one the script's order is kept."""
    part = request.part
    return part.store, part.key, part.shard


def stages(requests: list[Request]) -> list[tuple[Kind, list[Request]]]:
    """Requests as they go, in runs of one kind: by priority, and on each shard in the script's order.

    A request is never more urgent than one before it on the same shard.  A push behind a pull of the same shard opens
    another stage, so that it does not travel with the pushes that go before that pull.
    """
    urgency: dict[tuple[int, Any, int], tuple[int, int]] = {}  # by shard: priority so far; 3 * stage + kind so far
    runs: dict[int, list[tuple[int, Request]]] = {}
    for request in sorted(requests, key=lambda r: r.id):
        shard = shard_of(request)
        priority, place = urgency.get(shard, (request.priority, 0))
        priority = min(priority, request.priority)
        kind = _KINDS.index(request.kind)
        place = place - place % 3 + kind + (3 if kind < place % 3 else 0)
        urgency[shard] = priority, place
        runs.setdefault(place, []).append((priority, request))
    return [  # sorted is stable: among equals the script's order
        (_KINDS[place % 3], [request for _, request in sorted(run, key=lambda item: -item[0])])
        for place, run in sorted(runs.items())
    ]
