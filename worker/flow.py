"""The flow of one key: its clock, its cut, and the rule that only its last two clocks may be unanswered.

Pure state.  Calls are admitted in the script's order; one that would leave an unanswered clock more than one behind
waits, and so do all behind it: the servers keep two versions.
After a barrier the key stands at the greatest clock of its shards.  Where a rank was given up in the middle of a push,
some of its shards may stand behind: each goes on from where it stands, by a *shift* that all ranks have learned alike.
Invariant: `clock` is the number of pushes admitted (or what a barrier set it to), never less than before.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from .calls import KeyCall, PushKey

UNANSWERED_CLOCKS = 2


@dataclass(eq=False, slots=True)
class Flow:
    """One key of one store on this worker."""

    dtype: str
    shape: tuple[int, ...]
    cut: list[tuple[int, int]]
    slots: list[int]
    stype: str = "default"
    is_held: bool = False  # the servers hold the value to begin with; nothing goes before
    clock: int = 0
    waiting: deque[KeyCall] = field(default_factory=deque[KeyCall])
    unanswered: dict[int, int] = field(default_factory=dict[int, int])
    _shift: dict[int, int] = field(default_factory=dict[int, int])
    _stands: dict[int, int] = field(default_factory=dict[int, int])

    def submit(self, call: KeyCall) -> None:
        self.waiting.append(call)

    def admit(self) -> KeyCall | None:
        """The next call that may go, with its clock; None: there is none now."""
        if not self.waiting or not self.is_held:
            return None
        call = self.waiting[0]
        clock = self.clock + 1 if isinstance(call, PushKey) else self.clock
        if self.unanswered and clock - min(self.unanswered) >= UNANSWERED_CLOCKS:
            return None
        self.waiting.popleft()
        call.clock = self.clock = clock
        self.unanswered[clock] = self.unanswered.get(clock, 0) + 1
        return call

    def answered(self, clock: int) -> None:
        """A call of this clock has its answer."""
        left = self.unanswered.get(clock, 0) - 1
        if left > 0:
            self.unanswered[clock] = left
        else:
            self.unanswered.pop(clock, None)

    def shard_clock(self, shard: int, clock: int) -> int:
        """What a clock of the key is on one of its shards."""
        return clock - self._shift.get(shard, 0) if self._shift else clock

    def met(self, shard: int, clock: int) -> None:
        """In the barrier that is about to end, this is where a shard stands."""
        self._stands[shard] = clock

    def go_on(self) -> None:
        """The barrier is over."""
        if self._stands:
            self.clock = max(self.clock, *self._stands.values())
            self._shift = {shard: self.clock - clock for shard, clock in self._stands.items() if clock != self.clock}
            self._stands.clear()
