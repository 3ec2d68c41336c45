"""First values: whose count, and how their sizes have the slots dealt.

The lowest present rank's values count; the others only wait until the servers hold them.  The lowest rank collects its
inits until its next other call: then the sizes of all of them are known and the scheduler can deal the slots, once.
Never: when a key's other calls may go (`flow`).  Invariant: whatever was collected is sent once the slots are dealt.
"""

from __future__ import annotations

from ..kvstore.member import Membership
from ..kvstore.outbox import Request
from ..kvstore.placement import cut, slot_bytes, slot_of
from ..kvstore.settings import Settings
from ..kvstore.wire.messages import Sizes
from .calls import Call, InitKey
from .flow import Flow
from .requests import Owner, Requests
from .stores import Stores


class FirstValues:
    """The inits of this rank."""

    def __init__(self, membership: Membership, stores: Stores, requests: Requests, settings: Settings) -> None:
        self._membership, self._stores, self._requests = membership, stores, requests
        self._bigarray_bound_bytes, self._shard_bytes = settings.bigarray_bound_bytes, settings.shard_bytes
        self._collected: list[InitKey] = []
        self._is_collecting = True
        self._sizes_sent = False

    @property
    def are_waiting(self) -> bool:
        """Whether there are inits that have not been sent."""
        return bool(self._collected)

    def begin(self, call: InitKey, now: float) -> None:
        """An init of the script: its key has a flow, and its value is sent or collected."""
        pieces = cut(call.shape, call.value.itemsize, self._bigarray_bound_bytes, self._shard_bytes, call.scope)
        slots = [slot_of(call.store, call.key, shard) for shard in range(len(pieces))]
        self._stores[call.store].flows[call.key] = Flow(
            call.value.dtype.name, call.shape, pieces, slots, "default" if call.ids is None else "row_sparse"
        )
        if self._is_lowest():
            call.accept()
        if self._membership.table.is_dealt:
            self._send(call, now)
        else:
            self._collected.append(call)
            if not self._is_collecting:
                self._deal(now)

    def stop_collecting(self, now: float) -> None:
        """The script goes on from its inits: their sizes are known, the slots can be dealt."""
        self._is_collecting = False
        self._deal(now)

    def table_changed(self, now: float) -> None:
        """Ranks below may have left: then this one's values count, where theirs never came.  The slots may be dealt."""
        if self._is_lowest():
            self._requests.give_values(now)
            for call in self._collected:
                call.accept()
            self._deal(now)
        if self._membership.table.is_dealt:
            calls, self._collected = self._collected, []
            for call in calls:
                self._send(call, now)

    def _is_lowest(self) -> bool:
        node = self._membership.node
        return node is not None and self._membership.table.present_workers()[:1] == [node.rank]

    def _deal(self, now: float) -> None:
        """Have the slots dealt, if that is this rank's affair."""
        if self._membership.table.is_dealt or self._sizes_sent or self._is_collecting or not self._is_lowest():
            return
        self._sizes_sent = True
        sizes = slot_bytes(
            (slot, (stop - start) * call.value.itemsize)
            for call, flow in ((call, self._stores.flow(call)) for call in self._collected)
            for slot, (start, stop) in zip(flow.slots, flow.cut, strict=True)
        )
        number = self._requests.number()
        self._membership.outbox.submit(
            Request(
                number, "dealing the slots", "alone", now, alone=lambda m, _: Sizes(m, number, sizes),
                owner=Owner(Call()),
            )
        )  # fmt: skip

    def _send(self, call: InitKey, now: float) -> None:
        self._requests.init(self._stores.flow(call), call, now, has_value=self._is_lowest())
