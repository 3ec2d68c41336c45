"""A worker's side of the cluster, as a state machine without socket, thread or time source: calls in, messages out,
futures done.

Knows: its stores and their keys (`flow`), one `Outbox` for each server and one for the scheduler (in `Membership`),
and which requests make up which call.  Never: the script's arrays beyond the flat buffers in the calls. A push's way:
`submit` -> `Flow.admit` (two clocks) -> one request a shard -> `Outbox` (priority, credit) -> effects; its answer
comes back by request, and the call is answered with its last one.  A pull that finds its push still queued rides on
it. Invariants: every call ends answered or failed; a call that fails closes its store with the same sentence; encoded
bytes are kept until answered, and the same bytes are sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core import dtype as dtypes
from ..kvstore.errors import JobFailed, KVStoreError, OutOfPlace, PeerLost, StoreClosed, from_wire
from ..kvstore.machine import Connect, Effects, Log, Send
from ..kvstore.member import UNCHECKED, Membership, Self
from ..kvstore.names import SCHEDULER_NAME, parse, title
from ..kvstore.outbox import Outbox, Request
from ..kvstore.placement import cut, slot_bytes, slot_of
from ..kvstore.settings import Settings
from ..kvstore.table import ADMITTED, GIVEN_UP
from ..kvstore.wire.messages import (
    Counted,
    Credit,
    Had,
    Key,
    Leave,
    Message,
    Open,
    Refused,
    Released,
    SetOptimizer,
    Sizes,
    StaleMembership,
    StatesAre,
    Taken,
    Values,
    Waiting,
    Welcome,
)  # fmt: skip
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
from .flow import UNANSWERED_CLOCKS, Flow
from .requests import Owner, Requests
from .stalls import Stalls

Array = np.ndarray[Any, Any]


@dataclass(eq=False, slots=True)
class StoreState:
    """One store of this worker."""

    number: int
    kind: str
    failure: Exception | None = None
    barriers: int = 0
    flows: dict[Key, Flow] = field(default_factory=dict[Key, Flow])


class WorkerState:
    """The machine of one worker."""

    def __init__(self, me: Self, settings: Settings, counters: Callable[[], dict[str, Any]]) -> None:
        self.settings = settings
        self.membership = Membership(me, settings, counters)
        self.stores: dict[int, StoreState] = {}
        self.servers: dict[str, Outbox] = {}
        self.finished = False
        self._stalls = Stalls(settings)
        self._calls: dict[Call, None] = {}
        self._opening: list[OpenStore] = []
        self._collected: list[InitKey] = []
        self._is_collecting = True
        self._sizes_sent = False
        self._leaving: LeaveJob | None = None
        self._blocked: list[Call] = []
        self._ending: list[Call] = []
        self._barrier: Barrier | None = None  # the one that this rank is in
        self._requests = Requests(self.membership, self.servers)
        self._effects: Effects = []

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
        if outbox := self.servers.get(peer):
            outbox.peer_down()
        return []

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
                self._fail_request(outbox, request, self._silence(peer, request, now))
        for request in self.membership.outbox.overdue(self.settings.request_deadline_s, now):
            self._fail_request(self.membership.outbox, request, self._silence(SCHEDULER_NAME, request, now))
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
        if self._leaving is not None:
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
                self._init(call, now)
            case PushKey() | PullKey() | GetStates() | PutStates():
                self._stop_collecting(now)
                flow = self._flow(call)
                flow.submit(call)
                self._admit(flow, now)
            case Optimize():
                self._stop_collecting(now)
                data = call.store, call.generation, call.optimizer
                self._requests.to_all(call, now, lambda m, _, r: SetOptimizer(m, r, *data))
            case Barrier() | LeaveJob():
                self._stop_collecting(now)
                self._ending.append(call)
                if isinstance(call, LeaveJob):
                    self._leaving = call
                self._end(now)
            case _:
                call.fail(KVStoreError(f"no worker knows the call {call.label}"))

    def _flow(self, call: KeyCall) -> Flow:
        return self.stores[call.store].flows[call.key]

    # ----- create -----

    def _open_stores(self, now: float) -> None:
        if not self.membership.is_admitted:
            return
        for call in self._opening:
            call.number = len(self.stores) + 1
            self.stores[call.number] = StoreState(call.number, call.kind)

            def message(m: int, _: int, r: int, call: OpenStore = call) -> Message:
                return Open(m, r, call.number, call.kind, call.staleness)

            self._requests.to_all(call, now, message)
        self._opening.clear()

    # ----- init -----

    def _init(self, call: InitKey, now: float) -> None:
        store = self.stores[call.store]
        s = self.settings
        pieces = cut(call.shape, call.value.itemsize, s.bigarray_bound_bytes, s.shard_bytes)
        slots = [slot_of(call.store, call.key, shard) for shard in range(len(pieces))]
        store.flows[call.key] = Flow(call.value.dtype.name, call.shape, pieces, slots)
        if self._is_lowest():
            call.accept()
        if self.membership.table.is_dealt:
            self._send_init(call, now)
        else:
            self._collected.append(call)
            if not self._is_collecting:
                self._deal(now)

    def _is_lowest(self) -> bool:
        node = self.membership.node
        return node is not None and self.membership.table.present_workers()[:1] == [node.rank]

    def _stop_collecting(self, now: float) -> None:
        """The script goes on from its inits: their sizes are known, the slots can be dealt."""
        self._is_collecting = False
        self._deal(now)

    def _deal(self, now: float) -> None:
        """Have the slots dealt, if that is this rank's affair."""
        if self.membership.table.is_dealt or self._sizes_sent or self._is_collecting or not self._is_lowest():
            return
        self._sizes_sent = True
        sizes = slot_bytes(
            (slot, (stop - start) * call.value.itemsize)
            for call in self._collected
            for slot, (start, stop) in zip(self._flow(call).slots, self._flow(call).cut, strict=True)
        )
        number = self._requests.number()
        request = Request(
            number, "dealing the slots", "alone", now, alone=lambda m, _: Sizes(m, number, sizes), owner=Owner(Call())
        )  # fmt: skip
        self.membership.outbox.submit(request)

    def _send_init(self, call: InitKey, now: float) -> None:
        self._requests.init(self._flow(call), call, now, has_value=self._is_lowest())

    def _become_lowest(self, now: float) -> None:
        """The ranks below have left: this one's values count, where theirs never came."""
        self._requests.give_values(now)
        for call in self._collected:
            call.accept()
        self._deal(now)

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

    # ----- barrier and leaving -----

    def _end(self, now: float) -> None:
        """Begin the barriers and the leave that the script has called, behind all that it called before."""
        while self._ending and self._may_end(self._ending[0]):
            call = self._ending.pop(0)
            if call.answered.done():  # it has failed meanwhile
                continue
            if isinstance(call, Barrier):
                self._enter(call, now)
            elif isinstance(call, LeaveJob) and not call.servers_know:
                self._requests.to_all(call, now, lambda m, _, r: Leave(m, r), fence=True)
                if not call.left:  # it never came to know a server
                    self._servers_know(call)
            elif isinstance(call, LeaveJob):
                call.left += 1
                self._requests.alone(self.membership.outbox, call, now, lambda m, _, r: Leave(m, r), fence=True)

    def _may_end(self, call: Call) -> bool:
        if isinstance(call, LeaveJob) and call.servers_know:
            return self._calls.keys() <= {call}  # the servers still owe values to pulls that nobody has read
        if self._barrier is not None or self._collected:
            return False
        return not any(flow.waiting for store in self.stores.values() for flow in store.flows.values())

    def _servers_know(self, call: LeaveJob) -> None:
        """Every server has heard the leave: the scheduler is next, once all other calls are answered."""
        call.servers_know = True
        self._ending.append(call)

    def _enter(self, call: Barrier, now: float) -> None:
        store = self.stores[call.store]
        self._barrier = call
        store.barriers += 1
        number = store.barriers

        def message(m: int, _: int, r: int) -> Message:
            return Waiting(m, r, call.store, number)

        self._requests.to_all(call, now, message, fence=True)
        call.left += 1
        self._requests.alone(self.membership.outbox, call, now, message)

    # ----- from the scheduler -----

    def _from_scheduler(self, message: Message, now: float) -> None:
        before = self.membership.number
        effects, left = self.membership.take(message, now)
        self._effects += effects
        for rest in left:
            match rest:
                case Taken():
                    for request in rest.requests:
                        self._answered(self.membership.outbox, request, now)
                case Released():
                    self._answered(self.membership.outbox, rest.request, now)
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
        for member in table.servers.values():
            if member.name not in self.servers and member.state == ADMITTED:
                s = self.settings
                outbox = Outbox(
                    member.name, str(node), message_bytes=s.message_bytes, answer_window_bytes=s.answer_window_bytes,
                    probe_after_s=s.probe_after_s,
                )  # fmt: skip
                outbox.host, outbox.proof = self.membership.me.host, self.membership.me.proof
                outbox.heard_at = now
                self.servers[member.name] = outbox
                self._effects.append(Connect(member.name, member.addresses, str(node), member.proof))
        self._open_stores(now)
        if self._is_lowest():
            self._become_lowest(now)
        if table.is_dealt and self._collected:
            calls, self._collected = self._collected, []
            for call in calls:
                self._send_init(call, now)
        for store in self.stores.values():
            for flow in store.flows.values():
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
            case Taken():
                for request in message.requests:
                    self._answered(outbox, request, now)
            case Values():
                for part, frame in zip(message.parts, message.payloads, strict=True):
                    self._value(outbox, part.request, frame, now)
            case Counted():
                self._counted(outbox, message, now)
            case StatesAre():
                self._states(outbox, message, now)
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

    def _answered(self, outbox: Outbox, request_id: int, now: float) -> None:
        """Taken, or the last of a call's answers."""
        request = outbox.answered(request_id)
        if request is None:
            return
        owner: Owner = request.owner
        if isinstance(owner.call, (PullKey, GetStates)):
            text = f"{owner.call.label}: {title(outbox.peer)} acknowledged it without a value"
            self._fail_owner(owner, OutOfPlace(text))
            return
        if owner.pull is not None:  # the push was answered before it asked for the value: the pull goes by itself
            pull = Owner(owner.pull, owner.start, owner.stop, owner.shard)
            self._requests.pull_shard(self._flow(owner.pull), pull, now)
        self._one_less(owner.call, now)

    def _value(self, outbox: Outbox, request_id: int, frame: Any, now: float) -> None:
        request = outbox.answered(request_id)
        if request is None:
            return
        owner: Owner = request.owner
        pull = owner.pull or owner.call
        if isinstance(pull, PullKey):
            target = pull.target[owner.start : owner.stop]
            nbytes = memoryview(frame).nbytes
            if nbytes != target.nbytes:
                text = f"{pull.label}: expected {target.nbytes} bytes of shard {owner.shard}, came {nbytes}"
                self._fail_owner(owner, KVStoreError(text))
                return
            if not pull.answered.done():  # it may have failed: its arrays are the script's again
                value = np.frombuffer(frame, target.dtype)
                np.copyto(target, value)
                for copy in pull.copies:
                    np.copyto(copy[owner.start : owner.stop], value, casting="unsafe")
        elif isinstance(owner.call, GetStates):
            self._fail_owner(owner, OutOfPlace(f"{owner.call.label}: {title(outbox.peer)} answered with a value"))
            return
        if owner.pull is not None:
            self._one_less(owner.pull, now)
        self._one_less(owner.call, now)

    def _counted(self, outbox: Outbox, message: Counted, now: float) -> None:
        """A server counts this rank again: where its shards stand.  A repeat after the barrier says nothing."""
        if self._barrier is None or (message.request and not outbox.knows(message.request)):
            return
        for part in message.clocks:
            store = self.stores.get(part.store)
            if store is not None and part.key in store.flows:
                store.flows[part.key].met(part.shard, part.clock)
        self._answered(outbox, message.request, now)

    def _states(self, outbox: Outbox, message: StatesAre, now: float) -> None:
        request = outbox.answered(message.request)
        if request is None:
            return
        owner: Owner = request.owner
        call = owner.call
        fits = isinstance(call, GetStates) and all(len(a) == len(message.dtypes) for _, a in call.parts.values())
        if not fits or any(d not in dtypes.NAMES for d in message.dtypes):
            text = f"{call.label}: {title(outbox.peer)} answered with states that are none of its"
            self._fail_owner(owner, OutOfPlace(text))
            return
        try:
            arrays = [np.frombuffer(p, d).copy() for p, d in zip(message.payloads, message.dtypes, strict=True)]
        except ValueError as error:  # bytes that are no whole number of elements
            self._fail_owner(owner, KVStoreError(f"{call.label}: {title(outbox.peer)}: {error}"))
            return
        assert isinstance(call, GetStates)
        call.parts[owner.shard] = (message.updates, arrays)
        self._one_less(call, now)

    def _one_less(self, call: Call, now: float) -> None:
        call.left -= 1
        if call.left > 0 or call.answered.done():
            return
        if isinstance(call, LeaveJob) and not call.servers_know:
            self._servers_know(call)
            return
        self._calls.pop(call, None)
        match call:
            case OpenStore():
                call.answer(call.number)
            case GetStates():
                parts = [call.parts[shard] for shard in sorted(call.parts)]
                call.answer(
                    (parts[0][0], [np.concatenate(pieces) for pieces in zip(*(p[1] for p in parts), strict=True)])
                )
            case _:
                pass
        if isinstance(call, LeaveJob):
            self.finished = True
        elif isinstance(call, Barrier):
            self._barrier = None
            for store in self.stores.values():
                for flow in store.flows.values():
                    flow.go_on()
        elif isinstance(call, InitKey):
            flow = self._flow(call)
            flow.is_held = True
            self._admit(flow, now)
        elif isinstance(call, KeyCall):
            flow = self._flow(call)
            flow.answered(call.clock)
            self._admit(flow, now)
        call.answer()

    # ----- failing -----

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
        if call is self._barrier:
            self._barrier = None
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

    def _silence(self, peer: str, request: Request, now: float) -> PeerLost:
        outbox = self.membership.outbox if peer == SCHEDULER_NAME else self.servers[peer]
        node = parse(peer)
        where, of = self.settings.scheduler, ""
        if node is not None and peer != SCHEDULER_NAME:
            member = self.membership.table.servers[node.rank]
            where, of = ", ".join(member.addresses), f" of {len(self.servers)}"
        state = "connected" if outbox.is_open else "not connected"
        return PeerLost(
            f"{request.label}: {title(peer)}{of} at {where} has not acknowledged it for {now - request.held_at:.1f} s "
            f"({state}, silent for {now - outbox.heard_at:.1f} s); is it running and reachable?"
        )

    # ----- out -----

    def _sends(self, peer: str, messages: Iterable[Message]) -> None:
        self._effects += [Send(peer, m) for m in messages]

    def _flush(self, now: float) -> Effects:
        number = self.membership.number
        if self._ending:
            self._end(now)
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


def answered_by(message: Message) -> list[int]:
    """The requests that a server's message answers."""
    match message:
        case Taken():
            return list(message.requests)
        case Values():
            return [part.request for part in message.parts]
        case Counted() | StatesAre():
            return [message.request]
        case _:
            return []
