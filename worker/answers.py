"""Answers: what a server's answer does to the call that it answers.

Knows: which bytes go where, and what answer fits which call.  Never: what follows when a call has all its answers, or
has failed: `done` and `failed` are told.
Invariant: an answer is matched by its request, and counts once; one that does not fit its call fails that call, and a
push together with the pull that rides on it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core import dtype as dtypes
from ..kvstore.errors import KVStoreError, OutOfPlace
from ..kvstore.names import title
from ..kvstore.outbox import Outbox
from ..kvstore.wire.messages import Counted, Message, StatesAre, Taken, Values
from .calls import Call, GetStates, PullKey
from .endings import Endings
from .requests import Owner
from .stores import Stores


class Answers:
    """Takes answers; `done` is called for each request of a call, `failed` for the calls that a bad answer fails."""

    def __init__(
        self, stores: Stores, endings: Endings, *, done: Callable[[Call, float], None],
        failed: Callable[[Owner, Exception], None],
    ) -> None:  # fmt: skip
        self._stores, self._endings = stores, endings
        self._done, self._failed = done, failed

    def take(self, outbox: Outbox, message: Taken | Values | Counted | StatesAre, now: float) -> None:
        """The answers of one message."""
        match message:
            case Taken():
                for request in message.requests:
                    self.taken(outbox, request, now)
            case Values():
                for part, frame in zip(message.parts, message.payloads, strict=True):
                    self._value(outbox, part.request, frame, now)
            case Counted():
                self._counted(outbox, message, now)
            case StatesAre():
                self._states(outbox, message, now)

    def taken(self, outbox: Outbox, request_id: int, now: float) -> None:
        """Taken, or the last of a call's answers."""
        request = outbox.find(request_id)
        if request is None:
            return
        owner: Owner = request.owner
        if owner.pull is not None:  # of a copy that was sent before the pull joined it; sent again, it brings the value
            return
        outbox.answered(request_id)
        if isinstance(owner.call, (PullKey, GetStates)):
            text = f"{owner.call.label}: {title(outbox.peer)} acknowledged it without a value"
            self._failed(owner, OutOfPlace(text))
            return
        self._done(owner.call, now)

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
                self._failed(owner, KVStoreError(text))
                return
            if not pull.answered.done():  # it may have failed: its arrays are the script's again
                value = np.frombuffer(frame, target.dtype)
                np.copyto(target, value)
                for copy in pull.copies:
                    np.copyto(copy[owner.start : owner.stop], value, casting="unsafe")
        elif isinstance(owner.call, GetStates):
            self._failed(owner, OutOfPlace(f"{owner.call.label}: {title(outbox.peer)} answered with a value"))
            return
        if owner.pull is not None:
            self._done(owner.pull, now)
        self._done(owner.call, now)

    def _counted(self, outbox: Outbox, message: Counted, now: float) -> None:
        """A server counts this rank again: where its shards stand.  A repeat after the barrier says nothing."""
        if not self._endings.is_in_barrier or (message.request and not outbox.knows(message.request)):
            return
        for part in message.clocks:
            store = self._stores.get(part.store)
            if store is not None and part.key in store.flows:
                store.flows[part.key].met(part.shard, part.clock)
        self.taken(outbox, message.request, now)

    def _states(self, outbox: Outbox, message: StatesAre, now: float) -> None:
        request = outbox.answered(message.request)
        if request is None:
            return
        owner: Owner = request.owner
        call = owner.call
        fits = isinstance(call, GetStates) and all(len(a) == len(message.dtypes) for _, a in call.parts.values())
        if not fits or any(d not in dtypes.NAMES for d in message.dtypes):
            text = f"{call.label}: {title(outbox.peer)} answered with states that are none of its"
            self._failed(owner, OutOfPlace(text))
            return
        try:
            arrays = [np.frombuffer(p, d).copy() for p, d in zip(message.payloads, message.dtypes, strict=True)]
        except ValueError as error:  # bytes that are no whole number of elements
            self._failed(owner, KVStoreError(f"{call.label}: {title(outbox.peer)}: {error}"))
            return
        assert isinstance(call, GetStates)
        call.parts[owner.shard] = (message.updates, arrays)
        self._done(call, now)


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
