"""A worker: calls in, messages out, futures done; a state machine without socket, thread or time source.

Knows: which calls are unanswered and when each may go; one `Outbox` for each server and one for the scheduler (in
`Membership`).  What a call becomes for the servers is in `requests`, what an answer does to it in `answers`; values to
begin with, and barriers and the leave, in `first_values` and `endings`.  Never: the script's arrays beyond the flat
buffers in the calls.
A push's way: `submit` -> `Flow.admit` (two clocks) -> one request a shard -> `Outbox` (priority, credit) -> effects;
its answers come back by request, and the call is answered with the last of them.
Invariants: every call ends answered or failed; a call that fails closes its store with the same sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..kvstore.errors import JobFailed, KVStoreError, OutOfPlace, StoreClosed, from_wire
from ..kvstore.machine import Effects, Log, Send
from ..kvstore.member import UNCHECKED, Membership, Self
from ..kvstore.names import SCHEDULER_NAME, parse, title
from ..kvstore.outbox import Outbox, Request
from ..kvstore.settings import Settings
from ..kvstore.table import GIVEN_UP
from ..kvstore.wire.messages import (
    Counted,
    Credit,
    Had,
    Message,
    Open,
    Refused,
    Released,
    SetOptimizer,
    StaleMembership,
    StatesAre,
    Taken,
    Values,
    Welcome,
)
from .answers import Answers, answered_by
from .calls import (
    Barrier,
    Call,
    GetStates,
    InitKey,
    KeyCall,
    LeaveJob,
    OpenStore,
    Optimize,
    PullKey,
    PushKey,
    PutStates,
)
from .endings import Endings
from .first_values import FirstValues
from .flow import UNANSWERED_CLOCKS, Flow
from .requests import Owner, Requests
from .servers import Servers
from .stalls import Stalls, unacknowledged
from .stores import Stores, StoreState


class WorkerState:
    """The machine of one worker."""

    def __init__(self, me: Self, settings: Settings, counters: Callable[[], dict[str, Any]]) -> None:
        self.settings = settings
        self.membership = Membership(me, settings, counters)
        self.stores = Stores()
        self.servers: dict[str, Outbox] = {}
        self.finished = False
        self._stalls = Stalls(settings)
        self._calls: dict[Call, None] = {}
        self._opening: list[OpenStore] = []
        self._blocked: list[Call] = []
        self._effects: Effects = []
        self._requests = Requests(self.membership, self.servers)
        self._first_values = FirstValues(self.membership, self.stores, self._requests, settings)
        self._endings = Endings(
            self.membership, self.stores, self._requests, self._first_values, unanswered=self._calls.keys()
        )
        self._servers = Servers(
            self.membership, self.servers, self.stores, self._requests, self._endings, done=self._one_less
        )
        self._answers = Answers(
            self.stores, self._endings, done=self._one_less, failed=self._fail_owner
        )

    # ----- the machine -----

    def start(self, now: float) -> Effects:
        return self.membership.start(now)

    def peer_up(self, peer: str, now: float) -> Effects:
        if peer == SCHEDULER_NAME:
            return self.membership.peer_up(now)
        if outbox := self.servers.get(peer):
            return [Send(peer, m) for m in outbox.peer_up(self.membership.number, now)]
        return []

    def peer_down(self, peer: str, now: float) -> Effects:
        if peer == SCHEDULER_NAME:
            return self.membership.peer_down(now)
        outbox = self.servers.get(peer)
        if outbox is None:
            return []
        was_open = outbox.is_open
        outbox.peer_down()
        if not was_open or self._endings.is_leaving:
            return []
        return [Log("warning", f"the connection to {title(peer)} is broken: it is suspect, and tried again")]

    def malformed(self, peer: str, text: str, now: float) -> Effects:
        log = Log("warning", f"refused a message from {title(peer)}: {text}")
        if peer == SCHEDULER_NAME:
            self.membership.malformed(text)
        elif (outbox := self.servers.get(peer)) is not None and not outbox.is_open:
            where = ", ".join(self._addresses(peer))
            self.membership.failure = self.membership.failure or OutOfPlace(
                f"{title(peer)} at {where} answers with what is no message of this job: {text}"
            )
        self._check_failure()
        return [log]

    def handle(self, peer: str, message: Message, now: float) -> Effects:
        if peer == SCHEDULER_NAME:
            self._from_scheduler(message, now)
        else:
            self._from_server(peer, message, now)
        return self._flush(now)

    def tick(self, now: float) -> Effects:
        self._effects += self.membership.tick(now)
        self._check_failure()
        for peer, outbox in self.servers.items():
            if self.membership.stood_still_s:
                outbox.stood_still(self.membership.stood_still_s, now)
            self._sends(peer, outbox.tick(self.membership.number, now))
            for request in outbox.overdue(self.settings.request_deadline_s, now):
                where = f"of {len(self.servers)} at {', '.join(self._addresses(peer))}"
                self._fail_request(outbox, request, unacknowledged(outbox, request, where, now))
        box = self.membership.outbox
        for request in box.overdue(self.settings.request_deadline_s, now):
            self._fail_request(box, request, unacknowledged(box, request, f"at {self.settings.scheduler}", now))
        lines, late = self._stalls.tick([self.membership.outbox, *self.servers.values()], now)
        self._effects += [Log("warning", line) for line in lines]
        for outbox, request, error in late:
            self._fail_request(outbox, request, error)
        return self._flush(now)

    def deadline(self, now: float) -> float | None:
        return self.membership.deadline()

    # ----- calls -----

    def submit(self, calls: Iterable[Call], now: float) -> Effects:
        """Calls of the script, in its order."""
        for call in calls:
            call.submitted_at = now
            error = self._refusal(call)
            if error is not None:
                call.fail(error)
                continue
            self._calls[call] = None
            self._begin(call, now)
        return self._flush(now)

    def unanswered(self) -> list[Call]:
        """Calls that are neither answered nor failed."""
        return list(self._calls)

    def _refusal(self, call: Call) -> Exception | None:
        if self.membership.failure is not None:
            return self.membership.failure
        if self._endings.is_leaving:
            return StoreClosed(f"{call.label}: this worker has left the job")
        store = self.stores.get(getattr(call, "store", 0))
        if store is not None and store.failure is not None and not isinstance(call, LeaveJob):
            return StoreClosed(f"{call.label}: the store is closed after an error: {store.failure}")
        return None

    def _begin(self, call: Call, now: float) -> None:
        match call:
            case OpenStore():
                self._opening.append(call)
                self._open_stores(now)
            case InitKey():
                self._first_values.begin(call, now)
            case PushKey() | PullKey() | GetStates() | PutStates():
                self._first_values.stop_collecting(now)
                flow = self.stores.flow(call)
                flow.submit(call)
                self._admit(flow, now)
            case Optimize():
                if self._first_values.are_waiting:  # an optimizer before all inits tells nothing of sizes
                    self._first_values.stop_collecting(now)
                data = call.store, call.generation, call.optimizer

                def message(m: int, _: int, r: int) -> Message:
                    return SetOptimizer(m, r, *data)

                self.stores[call.store].told[call.generation] = call, message
                self._requests.to_all(call, now, message, fence=True)
            case Barrier() | LeaveJob():
                self._first_values.stop_collecting(now)
                self._endings.begin(call, now)
            case _:
                call.fail(KVStoreError(f"no worker knows the call {call.label}"))

    # ----- create -----

    def _open_stores(self, now: float) -> None:
        if not self.membership.is_admitted:
            return
        for call in self._opening:
            call.number = len(self.stores) + 1
            self.stores[call.number] = StoreState(call.number, call.kind)

            def message(m: int, _: int, r: int, call: OpenStore = call) -> Message:
                return Open(m, r, call.number, call.kind, call.staleness)

            self.stores[call.number].told[0] = call, message

            self._requests.to_all(call, now, message)
        self._opening.clear()

    # ----- push, pull, optimizer states -----

    def _admit(self, flow: Flow, now: float) -> None:
        """Let the key's calls go, as far as its clocks and the table allow."""
        while self.membership.table.is_dealt and (call := flow.admit()) is not None:
            call.left = len(flow.cut)
            match call:
                case PushKey():
                    self._requests.push(flow, call, now)
                    self._blocked.append(call)
                case PullKey():
                    self._requests.pull(flow, call, now)
                    call.accept()
                case GetStates():
                    self._requests.read_states(flow, call, now)
                case PutStates():
                    self._requests.write_states(flow, call, now)
                case _:
                    raise AssertionError(call)

    # ----- from the scheduler -----

    def _from_scheduler(self, message: Message, now: float) -> None:
        before = self.membership.number
        effects, left = self.membership.take(message, now)
        self._effects += effects
        for rest in left:
            match rest:
                case Taken():
                    for request in rest.requests:
                        self._answers.taken(self.membership.outbox, request, now)
                case Released():
                    self._answers.taken(self.membership.outbox, rest.request, now)
                case Refused():
                    self._refused(self.membership.outbox, rest)
                case _:
                    pass
        self._check_failure()
        if self.membership.number != before:
            self._table_changed(now)

    def _table_changed(self, now: float) -> None:
        table, node = self.membership.table, self.membership.node
        assert node is not None
        me = table.workers[node.rank]
        if me.state == GIVEN_UP and self.membership.failure is None:
            self.membership.failure = JobFailed(
                f"{node.title} was given up by the scheduler; it is no part of the job any more"
            )
            self._check_failure()
            return
        self._effects += self._servers.table_changed(now)
        self._open_stores(now)
        self._first_values.table_changed(now)
        for flow in self.stores.flows():
            self._admit(flow, now)
        for peer, message in self.membership.ripe():
            self._from_server(peer, message, now)

    def _check_failure(self) -> None:
        """The job has failed: every wait ends with its sentence."""
        failure = self.membership.failure
        if failure is not None and self._calls:
            calls = list(self._calls)
            self._calls.clear()
            for call in calls:
                call.fail(failure)
            for store in self.stores.values():
                store.failure = store.failure or failure

    # ----- from a server -----

    def _from_server(self, peer: str, message: Message, now: float) -> None:
        outbox = self.servers.get(peer)
        if outbox is None:
            return
        outbox.heard_at = now
        kept = self.membership.keep(peer, message, now)
        if kept is not None:
            self._effects += kept
            return
        number = self.membership.number
        if message.op not in UNCHECKED and message.membership < number:
            outbox.send_again(answered_by(message))
            self._give_credit(outbox, message)
            self._sends(peer, [StaleMembership(number, (), self.membership.table.to_wire())])
            return
        match message:
            case Welcome():
                self._sends(peer, outbox.welcome(message, number, now))
            case Credit():
                outbox.credit(message.connection, message.offset, now)
            case Had():
                outbox.had(message, now)
                if message.connection == outbox.connection:  # what was sent before it and has not come is lost
                    outbox.answers_taken = max(outbox.answers_taken, message.offset)
                    self._sends(peer, [Credit(number, outbox.connection, outbox.answers_taken)])
            case Taken() | Values() | Counted() | StatesAre():
                self._answers.take(outbox, message, now)
            case Refused():
                self._refused(outbox, message)
            case StaleMembership():
                outbox.send_again(message.requests)
                before = self.membership.number
                self._effects += self.membership.learn(message.table, now)
                if self.membership.number != before:
                    self._table_changed(now)
            case _:
                self._effects.append(Log("warning", f"{title(peer)} sent {message.op!r}, which a worker does not take"))
        self._give_credit(outbox, message)

    def _give_credit(self, outbox: Outbox, message: Message) -> None:
        if isinstance(message, (Values, StatesAre)) and outbox.is_open:  # before Welcome: out of an older connection
            outbox.answers_taken = max(outbox.answers_taken, message.offset)
            self._sends(outbox.peer, [Credit(self.membership.number, outbox.connection, outbox.answers_taken)])

    # ----- calls end -----

    def _one_less(self, call: Call, now: float) -> None:
        """One of a call's requests is answered."""
        call.left -= 1
        if call.left > 0 or call.answered.done() or call not in self._calls:
            return
        if isinstance(call, LeaveJob) and not call.servers_know:
            self._endings.servers_know(call)
            return
        self._calls.pop(call, None)
        match call:
            case LeaveJob():
                self.finished = True
            case Barrier():
                self._endings.barrier_is_over()
            case InitKey():
                flow = self.stores.flow(call)
                flow.is_held = True
                self._admit(flow, now)
            case KeyCall():
                flow = self.stores.flow(call)
                flow.answered(call.clock)
                self._admit(flow, now)
            case _:
                pass
        call.answer(result_of(call))

    def _refused(self, outbox: Outbox, message: Refused) -> None:
        error = from_wire(message.kind, message.text)
        if message.request == 0:
            self._effects.append(Log("warning", f"{title(outbox.peer)} refused a message: {message.text}"))
            if message.kind == OutOfPlace.__name__ and self.membership.failure is None:
                self.membership.failure = error
                self._check_failure()
            return
        request = outbox.answered(message.request)
        if request is not None:
            self._fail_owner(request.owner, error)

    def _fail_request(self, outbox: Outbox, request: Request, error: Exception) -> None:
        outbox.answered(request.id)
        self._fail_owner(request.owner, error)

    def _fail_owner(self, owner: Owner, error: Exception) -> None:
        if owner.pull is not None:
            self._fail_call(owner.pull, error)
        self._fail_call(owner.call, error)

    def _fail_call(self, call: Call, error: Exception) -> None:
        """The call fails, and with it its store is closed and all that is under way in it."""
        self._calls.pop(call, None)
        call.fail(error)
        self._endings.failed(call)
        store = self.stores.get(getattr(call, "store", 0))
        if store is not None and store.failure is None:
            store.failure = error
            for flow in store.flows.values():
                flow.waiting.clear()
            for other in [c for c in self._calls if isinstance(c, KeyCall) and c.store == store.number]:
                del self._calls[other]
                other.fail(error)
        if isinstance(call, LeaveJob):
            self.finished = True

    def _addresses(self, peer: str) -> tuple[str, ...]:
        node = parse(peer)
        member = self.membership.table.servers.get(node.rank) if node is not None else None
        return member.addresses if member is not None else ()

    # ----- out -----

    def _sends(self, peer: str, messages: Iterable[Message]) -> None:
        self._effects += [Send(peer, m) for m in messages]

    def _flush(self, now: float) -> Effects:
        number = self.membership.number
        self._endings.go_on(now)
        self._effects += self.membership.flush(now)
        for peer, outbox in self.servers.items():
            if outbox.queue:
                self._sends(peer, outbox.flush(number, now))
        if self._blocked and sum(o.queued_bytes for o in self.servers.values()) <= self.settings.push_window_bytes:
            for call in self._blocked:
                call.accept()
            self._blocked.clear()
        effects, self._effects = self._effects, []
        return effects

    def check(self) -> None:
        """Assert the invariants."""
        for store in self.stores.values():
            for key, flow in store.flows.items():
                clocks = flow.unanswered
                assert not clocks or max(clocks) - min(clocks) < UNANSWERED_CLOCKS, (store.number, key, clocks)
        for outbox in self.servers.values():
            window = outbox.window
            assert 0 <= window.taken <= window.sent, (outbox.peer, window.taken, window.sent)


def result_of(call: Call) -> Any:
    """What an answered call is answered with."""
    match call:
        case OpenStore():
            return call.number
        case GetStates():
            updates = call.parts[0][0]
            shards = [arrays for _, (_, arrays) in sorted(call.parts.items())]
            return updates, [np.concatenate(pieces) for pieces in zip(*shards, strict=True)]
        case _:
            return None
