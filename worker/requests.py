"""Requests: what a call becomes for the servers: one request a shard, or one for each server, in their outboxes.

Knows: where each shard lives, what the parts of a message say of a call, and which bytes belong to which shard.  Never:
when a call may go, nor what its answer means.  A pull that finds its push still queued rides on it: one round trip.
Invariants: a request's number is used once in a life, and never for another thing; its bytes are the call's own memory,
or were made of it once, the same whenever they are sent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..kvstore.member import Membership
from ..kvstore.outbox import Outbox, Request
from ..kvstore.rows import frame, width_of
from ..kvstore.wire.messages import (
    HyperSet,
    InitPart,
    Message,
    PullPart,
    PushPart,
    ReadStates,
    WriteStates,
)
from .calls import Call, GetStates, InitKey, PullKey, PushKey, PutStates
from .flow import Flow
from .stores import MakeMessage

Array = np.ndarray[Any, Any]


@dataclass(eq=False, slots=True)
class Owner:
    """The calls that a request answers: a push, a pull, or both; of elements [start, stop) of the key."""

    call: Call
    start: int = 0
    stop: int = 0
    shard: int = 0
    pull: PullKey | None = None


class Requests:
    """Puts calls into the outboxes of `servers` (by name), where the table says that their shards live."""

    def __init__(self, membership: Membership, servers: dict[str, Outbox]) -> None:
        self._membership, self._servers = membership, servers
        self._last = 0

    def number(self) -> int:
        """A request's number."""
        self._last += 1
        return self._last

    def outbox_of(self, flow: Flow, shard: int) -> Outbox:
        """The way to a shard's primary."""
        table = self._membership.table
        return self._servers[table.servers[table.primaries[flow.slots[shard]]].name]

    # ----- messages of their own -----

    def alone(
        self, outbox: Outbox, call: Call, now: float, message: MakeMessage, *, fence: bool = False,
        payloads: tuple[memoryview, ...] = (), owner: Owner | None = None,
    ) -> None:  # fmt: skip
        """One request that travels by itself."""
        number = self.number()
        request = Request(
            number, call.label, "alone", now, alone=lambda m, offset: message(m, offset, number), fence=fence,
            payloads=payloads, owner=owner or Owner(call),
        )  # fmt: skip
        outbox.submit(request)

    def again_to_all(self, call: Call, now: float, message: MakeMessage) -> None:
        """The same anew, behind what is on its way, in place of what was asked of each server for this call."""
        for outbox in self._servers.values():
            for request in [*outbox.out.values(), *outbox.queue]:
                if request.owner.call is call:
                    outbox.answered(request.id)
                    call.left -= 1
        self.to_all(call, now, message, fence=True)

    def to_all(self, call: Call, now: float, message: MakeMessage, *, fence: bool = False) -> None:
        """One request to each server, all of which must be answered."""
        for outbox in self._servers.values():
            call.left += 1
            self.alone(outbox, call, now, message, fence=fence)

    # ----- values to begin with -----

    def init(self, flow: Flow, call: InitKey, now: float, *, has_value: bool) -> None:
        """A key's shards, with their values or only waiting for those that count."""
        call.left = len(flow.cut)
        for shard, (start, stop) in enumerate(flow.cut):
            part = InitPart(
                self.number(), call.store, call.key, shard, flow.stype, flow.dtype, flow.shape, start, stop, has_value
            )
            self._init_part(self.outbox_of(flow, shard), call, part, now)

    def _init_part(self, outbox: Outbox, call: InitKey, part: InitPart, now: float) -> None:
        payloads = (payload_of(call, part.shape, part.start, part.stop)[1],) if part.has_value else ()
        owner = Owner(call, part.start, part.stop, part.shard)
        outbox.submit(Request(part.request, call.label, "init", now, part=part, payloads=payloads, owner=owner))

    def give_values(self, now: float) -> None:
        """This rank's values count now: send them where only the wait for others' was sent.

        By requests of their own, since a server may say truly that it holds the ones without a value.
        """
        for outbox in self._servers.values():
            for request in [*outbox.out.values(), *outbox.queue]:
                if request.kind == "init" and not request.part.has_value:
                    outbox.answered(request.id)
                    call = request.owner.call
                    assert isinstance(call, InitKey)
                    self._init_part(outbox, call, replace(request.part, request=self.number(), has_value=True), now)

    # ----- push and pull -----

    def push(self, flow: Flow, call: PushKey, now: float) -> None:
        """A gradient's shards."""
        hyper = HyperSet(call.store, call.generation, call.hyper, call.values) if call.generation else None
        for shard, (start, stop) in enumerate(flow.cut):
            number, clock = self.number(), flow.shard_clock(shard, call.clock)
            rows, payload = payload_of(call, flow.shape, start, stop)
            part = PushPart(
                number, call.store, call.key, shard, clock, "none", flow.dtype, flow.shape, rows, call.scale,
                call.samples, call.generation, call.hyper, False, call.priority,
            )  # fmt: skip
            self.outbox_of(flow, shard).submit(
                Request(
                    number, call.label, "push", now, part=part, payloads=(payload,),
                    hyper=hyper, priority=call.priority, owner=Owner(call, start, stop, shard),
                )
            )  # fmt: skip

    def pull(self, flow: Flow, call: PullKey, now: float) -> None:
        """A value's shards, each with its push if that is still queued; or those that have some of the rows."""
        if call.ids is not None:
            self._pull_rows(flow, call, call.ids, now)
            return
        for shard, (start, stop) in enumerate(flow.cut):
            if not self._ride(flow, call, shard):
                self._pull_shard(flow, Owner(call, start, stop, shard), now)

    def _pull_shard(self, flow: Flow, owner: Owner, now: float) -> None:
        """One shard's value, for the pull that owns it."""
        call = owner.call
        assert isinstance(call, PullKey)
        number, clock = self.number(), flow.shard_clock(owner.shard, call.clock)
        payloads: tuple[memoryview, ...] = ()
        rows = -1
        if call.ids is not None:
            width = width_of(flow.shape) or 1
            rows = (owner.stop - owner.start) // width
            payloads = (bytes_of(call.ids[owner.start // width : owner.stop // width]),)
        part = PullPart(number, call.store, call.key, owner.shard, clock, rows, call.priority)
        request = Request(
            number, call.label, "pull", now, part=part, payloads=payloads, priority=call.priority, owner=owner
        )
        self.outbox_of(flow, owner.shard).submit(request)

    def _pull_rows(self, flow: Flow, call: PullKey, ids: Array, now: float) -> None:
        """Rows, from the shards that have them; [start, stop) is where they lie in the target."""
        width = width_of(flow.shape)
        ends = np.searchsorted(ids, [stop // (width or 1) for _, stop in flow.cut]).tolist()
        owners = [
            Owner(call, start * width, stop * width, shard)
            for shard, (start, stop) in enumerate(zip([0, *ends], ends, strict=False))
            if width and start < stop
        ] or [Owner(call)]  # no rows are asked of somebody, too: an answer, when its rule allows it
        call.left = len(owners)
        for owner in owners:
            self._pull_shard(flow, owner, now)

    def _ride(self, flow: Flow, call: PullKey, shard: int) -> bool:
        """Make the pull part of its push, if that is still queued."""
        request = self.outbox_of(flow, shard).queued_push(call.store, call.key, shard)
        if request is None or request.part.clock != flow.shard_clock(shard, call.clock):
            return False
        owner: Owner = request.owner
        if owner.pull is not None:
            return False
        owner.pull = call
        request.part = replace(request.part, wants_value=True)
        return True

    # ----- optimizer states -----

    def read_states(self, flow: Flow, call: GetStates, now: float) -> None:
        """The optimizer's state of each shard."""
        for shard, (start, stop) in enumerate(flow.cut):
            clock = flow.shard_clock(shard, call.clock)

            def message(m: int, _: int, r: int, shard: int = shard, clock: int = clock) -> Message:
                return ReadStates(m, r, call.store, call.key, shard, clock)

            self.alone(self.outbox_of(flow, shard), call, now, message, owner=Owner(call, start, stop, shard))

    def write_states(self, flow: Flow, call: PutStates, now: float) -> None:
        """The optimizer's state of each shard, to be put in place."""
        size = flow.cut[-1][1]
        for shard, (start, stop) in enumerate(flow.cut):
            payloads = tuple(bytes_of(share_of(a, start, stop, size)) for a in call.arrays)
            dtypes = tuple(a.dtype.name for a in call.arrays)

            def message(
                m: int, offset: int, r: int, shard: int = shard, payloads: Any = payloads, dtypes: Any = dtypes
            ) -> Message:
                return WriteStates(m, offset, r, call.store, call.key, shard, call.updates, dtypes, payloads)

            owner = Owner(call, start, stop, shard)
            self.alone(self.outbox_of(flow, shard), call, now, message, payloads=payloads, owner=owner)


def payload_of(call: InitKey | PushKey, shape: tuple[int, ...], start: int, stop: int) -> tuple[int, memoryview]:
    """(count, bytes) of what a call has for elements [start, stop): so many rows, or -1 and all of the elements."""
    if call.ids is None:
        return -1, bytes_of(call.value[start:stop])
    return frame(call.ids, call.value, width_of(shape), start, stop)


def share_of(state: Array, start: int, stop: int, size: int) -> Array:
    """The part of a flat state that belongs to elements [start, stop) of `size`; it may have one number a row."""
    if state.size == size or not size:
        return state[start:stop] if size else state
    return state[start * state.size // size : stop * state.size // size]


def bytes_of(piece: Array) -> memoryview:
    """An array's own memory, flat."""
    buffer: Any = piece
    return memoryview(buffer).cast("B") if piece.size else memoryview(b"")
