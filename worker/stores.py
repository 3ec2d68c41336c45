"""Stores: what a worker keeps of each dist store: its keys' flows, its barriers, and the error that closed it.

Plain data.  Never: what a call does to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..kvstore.wire.messages import Key, Message
from .calls import Call, KeyCall
from .flow import Flow

MakeMessage = Callable[[int, int, int], Message]  # (membership, offset, request) -> message


@dataclass(eq=False, slots=True)
class StoreState:
    """One store of this worker.

    `told` is what every server hears of it, with the call that waits for that: 0 how it was opened, n the n-th
    optimizer.
    """

    number: int
    kind: str
    failure: Exception | None = None
    barriers: int = 0
    flows: dict[Key, Flow] = field(default_factory=dict[Key, Flow])
    told: dict[int, tuple[Call, MakeMessage]] = field(default_factory=dict[int, tuple[Call, MakeMessage]])


class Stores(dict[int, StoreState]):
    """The stores of this worker, by number."""

    def flow(self, call: KeyCall) -> Flow:
        """The flow of the key that a call is about."""
        return self[call.store].flows[call.key]

    def flows(self) -> list[Flow]:
        """The flows of all keys."""
        return [flow for store in self.values() for flow in store.flows.values()]
