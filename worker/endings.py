"""Endings: barriers and the leave, each behind all that the script called before it.

Knows: which of them wait, the barrier that this rank is in, and whether it leaves.  Never: what a server counts in a
barrier (`answers`).
Invariants: servers and scheduler hear of barriers in the script's order, one at a time; the scheduler hears of the
leave last, when the servers have answered everything else.
"""

from __future__ import annotations

from collections.abc import Set

from ..kvstore.member import Membership
from ..kvstore.wire.messages import Leave, Message, Waiting
from .calls import Barrier, Call, LeaveJob
from .first_values import FirstValues
from .requests import Requests
from .stores import MakeMessage, Stores


class Endings:
    """The barriers and the leave of this rank.  `unanswered` are all its calls that are neither answered nor failed."""

    def __init__(
        self, membership: Membership, stores: Stores, requests: Requests, first_values: FirstValues, *,
        unanswered: Set[Call],
    ) -> None:  # fmt: skip
        self._membership, self._stores, self._requests = membership, stores, requests
        self._first_values, self._unanswered = first_values, unanswered
        self._waiting: list[Barrier | LeaveJob] = []
        self._barrier: Barrier | None = None
        self._waits: MakeMessage | None = None  # what servers are told of the barrier
        self._leave: LeaveJob | None = None  # that servers have been told of
        self.is_leaving = False

    @property
    def is_in_barrier(self) -> bool:
        return self._barrier is not None

    def begin(self, call: Barrier | LeaveJob, now: float) -> None:
        """The script has called it."""
        self._waiting.append(call)
        self.is_leaving |= isinstance(call, LeaveJob)
        self.go_on(now)

    def go_on(self, now: float) -> None:
        """Begin those that everything before them lets begin."""
        while self._waiting and self._may_end(self._waiting[0]):
            call = self._waiting.pop(0)
            if call.answered.done():  # it has failed meanwhile
                continue
            if isinstance(call, Barrier):
                self._enter(call, now)
            elif not call.servers_know:
                self._leave = call
                self._requests.to_all(call, now, lambda m, _, r: Leave(m, r), fence=True)
                if not call.left:  # it never came to know a server
                    self.servers_know(call)
            else:
                call.left += 1
                self._requests.alone(self._membership.outbox, call, now, lambda m, _, r: Leave(m, r), fence=True)

    def _may_end(self, call: Barrier | LeaveJob) -> bool:
        if isinstance(call, LeaveJob) and call.servers_know:
            return self._unanswered <= {call}  # the servers still owe values to pulls that nobody has read
        if self._barrier is not None or self._first_values.are_waiting:
            return False
        return not any(flow.waiting for flow in self._stores.flows())

    def _enter(self, call: Barrier, now: float) -> None:
        store = self._stores[call.store]
        self._barrier = call
        store.barriers += 1
        number = store.barriers

        def message(m: int, _: int, r: int) -> Message:
            return Waiting(m, r, call.store, number)

        self._waits = message
        self._requests.to_all(call, now, message, fence=True)
        call.left += 1
        self._requests.alone(self._membership.outbox, call, now, message)

    def say_again(self, now: float) -> None:
        """Servers hold other shards than before: each hears anew, behind what it is sent, what ends the pushes."""
        if self._barrier is not None and self._waits is not None:
            self._requests.again_to_all(self._barrier, now, self._waits)
        if self._leave is not None and not self._leave.servers_know:
            self._requests.again_to_all(self._leave, now, lambda m, _, r: Leave(m, r))

    def barrier_is_over(self) -> None:
        """All have answered: every key goes on from where its shards stand."""
        self._barrier = None
        for flow in self._stores.flows():
            flow.go_on()

    def servers_know(self, call: LeaveJob) -> None:
        """Every server has heard the leave: the scheduler is next, once all other calls are answered."""
        call.servers_know = True
        self._waiting.append(call)

    def failed(self, call: Call) -> None:
        """A call has failed; if it was the barrier, this rank is in none."""
        if call is self._barrier:
            self._barrier = None
