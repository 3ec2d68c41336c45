"""The launcher's word with the scheduler: it reports each process's end, and asks for the cluster's numbers.

Pure state, a `Machine`: no socket, no thread, no time source (`scheduler_link.py` runs it).  Knows: what has been
reported and not yet taken, the newest status, whether every rank has left.  Never: judges an end (`supervisor.py`).
Invariant: a report is sent on each new connection until the scheduler has taken it.
"""

from __future__ import annotations

from collections.abc import Callable

from ..kvstore.machine import Connect, Disconnect, Effects, Log, Send
from ..kvstore.names import LAUNCHER_NAME, SCHEDULER_NAME
from ..kvstore.wire.messages import (
    Exited,
    Failed,
    Finish,
    Hello,
    Message,
    Refused,
    StaleMembership,
    Status,
    StatusIs,
    Taken,
    Welcome,
)
from .launcher import Exit
from .progress import Nodes

STATUS_S = 1.0
ANY_INCARNATION = -1
WINDOW_BYTES = 1 << 20  # for answers; none of those that come here needs credit

class Reporter:
    """Speaks with the scheduler at `endpoints`.  `on_news` is called, in the loop's thread, for all that is new."""

    def __init__(self, endpoints: tuple[str, ...], proof: str, host: str, on_news: Callable[[], None]) -> None:
        self._endpoints, self._proof, self._host, self._on_news = endpoints, proof, host, on_news
        self._connection = 0
        self._request = 0
        self._reports: dict[int, tuple[Exit, bool]] = {}
        self.acknowledged = 0  # reports
        self._asked_at: float | None = None
        self._welcomed = False
        self.nodes: Nodes = {}
        self.status_count = 0
        self.all_left = False
        self.failure = ""
        self.finished = False

    # ----- what the launcher asks for -----

    def report(self, exit: Exit, again: bool = False) -> Effects:
        """Tell the scheduler that a process has ended; `again`: it is about to be started again."""
        self._request += 1
        self._reports[self._request] = exit, again
        return [self._exited(self._request)] if self._welcomed else []

    def ask(self, now: float) -> Effects:
        """Ask for the cluster's numbers now."""
        if not self._welcomed:
            return []
        self._request += 1
        self._asked_at = now
        return [Send(SCHEDULER_NAME, Status(0, self._request))]

    def stop(self) -> Effects:
        """End the connection and the loop."""
        self.finished = True
        return [Disconnect(SCHEDULER_NAME)]

    def _acknowledged(self, request: int) -> None:
        if self._reports.pop(request, None) is not None:
            self.acknowledged += 1

    def _exited(self, request: int) -> Send:
        exit, again = self._reports[request]
        process = exit.process
        return Send(SCHEDULER_NAME, Exited(0, request, process.role, process.rank, ANY_INCARNATION, exit.code, again))

    # ----- Machine -----

    def start(self, now: float) -> Effects:
        return [Connect(SCHEDULER_NAME, self._endpoints, LAUNCHER_NAME, self._proof)]

    def peer_up(self, peer: str, now: float) -> Effects:
        self._connection += 1
        hello = Hello(0, LAUNCHER_NAME, self._connection, WINDOW_BYTES, self._host, self._proof)
        return [Send(SCHEDULER_NAME, hello)]

    def peer_down(self, peer: str, now: float) -> Effects:
        self._welcomed = False
        return []

    def handle(self, peer: str, message: Message, now: float) -> Effects:
        effects: Effects = []
        match message:
            case Welcome():
                self._welcomed = True
                effects = [self._exited(request) for request in self._reports] + self.ask(now)
            case StatusIs():
                self.nodes = message.nodes
                self.status_count += 1
            case Taken():
                for request in message.requests:
                    self._acknowledged(request)
            case StaleMembership():
                effects = [self._exited(request) for request in message.requests if request in self._reports]
            case Refused():
                self._acknowledged(message.request)
                effects = [Log("warning", f"the scheduler refused a report: {message.text}")]
            case Finish():
                self.all_left = True
            case Failed():
                self.failure = self.failure or message.text
            case _:
                return []
        self._on_news()
        return effects

    def malformed(self, peer: str, text: str, now: float) -> Effects:
        return [Log("warning", f"the scheduler sent something that is no message: {text}")]

    def tick(self, now: float) -> Effects:
        until = self.deadline(now)
        return self.ask(now) if until is not None and now >= until else []

    def deadline(self, now: float) -> float | None:
        return self._asked_at + STATUS_S if self._welcomed and self._asked_at is not None else None
