"""The scheduler: who belongs to the job, under which name, and when it fails and ends; without socket or time source.

Knows: the member table (the only one who changes it), the slots, verdicts; what else it goes by is in `joining`,
`liveness`, `barriers` and `news`.  Never: a gradient, a weight.
Life of a job: gathering (nodes join) -> running (membership 1 and on) -> over (every rank has left) or failed.  Only
here is death declared: by an exit that the launcher reports, or by silence.
Invariants: membership grows with each change of the table; a name is never given twice; a verdict is never taken back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..kvstore.machine import Effects, Log, Send
from ..kvstore.member import stood_still_s
from ..kvstore.names import LAUNCHER, LAUNCHER_NAME, SCHEDULER_NAME, SERVER, WORKER, Node, parse, title
from ..kvstore.placement import SLOTS
from ..kvstore.settings import Settings
from ..kvstore.table import ADMITTED, EXPECTED, GIVEN_UP, LEFT, Member, Table
from ..kvstore.wire.messages import (
    Beat,
    Exited,
    Failed,
    Fetch,
    Finish,
    Had,
    Have,
    Heartbeat,
    Hello,
    InSync,
    Join,
    Joined,
    Leave,
    Message,
    Refused,
    Released,
    Sizes,
    StaleMembership,
    Status,
    StatusIs,
    TableIs,
    Taken,
    Waited,
    Waiting,
    Welcome,
)  # fmt: skip
from . import slots
from .barriers import Barriers
from .joining import Gathering, no_place, place_for, problem_of
from .liveness import Liveness
from .news import News, exit_text

SENDERS: dict[type[Message], str] = {
    Sizes: WORKER, Waiting: WORKER, Leave: WORKER, InSync: SERVER, Exited: LAUNCHER,
}  # fmt: skip
NAMED_MAX = 16  # ranks that an answer to Have names for a request
OVER_AFTER_BEATS = 4  # servers that are silent this many heartbeats after the end have ended


class SchedulerState:
    """The machine of the scheduler."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        expected = {
            role: {rank: Member(role, rank, -1, EXPECTED) for rank in range(count)}
            for role, count in ((WORKER, settings.num_workers), (SERVER, settings.num_servers))
        }
        self.table = Table(workers=expected[WORKER], servers=expected[SERVER], elastic=settings.elastic)
        self.gathering = Gathering(settings)
        self.liveness = Liveness(settings.suspect_after_s, settings.lost_after_s)
        self.barriers = Barriers()
        self.failure: str | None = None
        self._failed_at: float | None = None
        self.is_over = False
        self.finished = False
        self.traffic: dict[str, int] = {}
        self._news = News()
        self._joined: dict[str, Node] = {}
        self._connected: set[str] = set()
        self._suspects: tuple[str, ...] = ()
        self._here: dict[str, float] = {}  # nodes that have joined and not been seen to end, and when they were heard
        self._reported: set[int] = set()  # the launcher's reports that were taken
        self._ticked_at = 0.0
        self._effects: Effects = []

    # ----- the machine -----

    def start(self, now: float) -> Effects:
        self.gathering.started_at = self._ticked_at = now
        return []

    def peer_up(self, peer: str, now: float) -> Effects:
        return []

    def peer_down(self, peer: str, now: float) -> Effects:
        return []

    def malformed(self, peer: str, text: str, now: float) -> Effects:
        effects: Effects = [Log("warning", f"refused a message from {title(peer)}: {text}")]
        if peer not in self._connected:  # one that has been welcomed made none of it
            effects.append(Send(peer, Refused(self.table.membership, 0, "OutOfPlace", text)))
        return effects

    def handle(self, peer: str, message: Message, now: float) -> Effects:
        if isinstance(message, Join):
            self._join(peer, message, now)
        else:
            self._from_node(peer, message, now)
        if isinstance(message, Exited):
            self._check_finished(now)
        return self._flush()

    def tick(self, now: float) -> Effects:
        still_s = stood_still_s(self._ticked_at, now, self._ticked_at + self.settings.heartbeat_s, self.settings)
        self._ticked_at = now
        self.gathering.started_at += still_s
        self.liveness.stood_still(still_s, now)
        for name in self.liveness.lost(now):
            silent_s = self.liveness.silent_s(name, now)
            self.liveness.forget(name)
            if not self.is_over:
                self._lost(name, f"has been silent for {silent_s:.1f} s", now)
        suspects = self.liveness.suspects(now)
        for name in sorted(set(suspects) - set(self._suspects)):
            self._news.happened(name, "suspect")
            silent_s = self.liveness.silent_s(name, now)
            self._log("warning", f"{title(name)} is silent for {silent_s:.1f} s")
        self._suspects = suspects
        if not self.table.membership and not self.is_over:
            self._watch_gathering(now)
        self._check_finished(now)
        return self._flush()

    def deadline(self, now: float) -> float | None:
        return self._ticked_at + self.settings.heartbeat_s

    # ----- joining -----

    def _join(self, peer: str, message: Join, now: float) -> None:
        if peer in self._joined:  # asked again: the answer was lost
            self._joined_as(peer, message, self._joined[peer])
            return
        if self.is_over and message.role == SERVER:
            place = place_for(message, self.table)  # nobody needed it; it need not be waited for either
            if place is not None:
                servers = dict(self.table.servers) | {place.rank: replace(place, state=LEFT)}
                self.table = replace(self.table, servers=servers)
            self._send(peer, Finish(self.table.membership))
            return
        problem = problem_of(peer, message) or self._has_ended(message)
        place = None if problem else place_for(message, self.table)
        if place is None:
            kind = "OutOfPlace" if self.failure is None else "JobFailed"
            text = problem or no_place(message, self.table)
            self._send(peer, Refused(self.table.membership, message.request, kind, text))
            return
        member = replace(
            place, incarnation=place.incarnation + 1, state=ADMITTED, host=message.host, addresses=message.addresses,
            proof=message.proof,
        )  # fmt: skip
        node = Node(member.role, member.rank, member.incarnation)
        self._joined[peer] = node
        self.liveness.heard(member.name, now)
        self._here[member.name] = now
        self._news.happened(member.name, "joined")
        self._log("info", f"{node.title} joined from {message.host} (pid {message.pid})")
        self._joined_as(peer, message, node)
        self._change(member)

    def _joined_as(self, peer: str, message: Join, node: Node) -> None:
        self._send(peer, Joined(self.table.membership, message.request, node.rank, node.incarnation))

    def _has_ended(self, message: Join) -> str:
        """Why nobody can join any more; empty while the job goes on."""
        if self.failure is None and self.is_over and message.role == WORKER:
            return "the job is over: every rank has left"
        return self.failure or ""

    def expect_again(self, rank: int, now: float) -> Effects:
        """Another life of this worker will be started: its place is free; when it joins, the older life is fenced."""
        member = self.table.workers[rank]
        if member.state == ADMITTED:
            self.liveness.forget(member.name)
            self._news.happened(member.name, "expected again")
            workers = dict(self.table.workers)
            workers[rank] = replace(member, state=EXPECTED)
            self.table = replace(self.table, workers=workers)
        return self._flush()

    def _watch_gathering(self, now: float) -> None:
        """Tell who is still missing, at doubling intervals; end the job when its start takes too long."""
        if self.gathering.is_late(now):
            self._fail(self.gathering.failure(self.table), now)
        elif self.failure is None and (line := self.gathering.warning(self.table, now)):
            self._log("warning", line)

    # ----- the table -----

    def _change(self, member: Member) -> None:
        """A member's new state: a new membership once the job has gathered, told to all."""
        started = self.table.membership > 0
        table = slots.copied_again(self.table.with_member(member), self.settings.replicas)
        self.table = table
        if not started:
            self.table = replace(table, membership=1 if self.table.has_gathered else 0)
        if self.table.membership > 0:
            self._broadcast()

    def _broadcast(self) -> None:
        table = TableIs(self.table.membership, self.table.to_wire())
        for member in [*self.table.servers.values(), *self.table.workers.values()]:  # who is asked, before who asks
            if member.state == ADMITTED or member.name in self._connected:
                self._send(member.name, table)

    # ----- from nodes that have joined -----

    def _from_node(self, peer: str, message: Message, now: float) -> None:
        node = parse(peer)
        member = self._member(node)
        if node is None or (member is None and peer != LAUNCHER_NAME):
            text = f"{peer!r} has not joined this job; join first"
            self._refuse(peer, 0, text)
            return
        if member is not None:
            if member.incarnation != node.incarnation:
                text = f"this is an older life of {node.title}; a newer one has begun"
                self._refuse(peer, 0, text)
                return
            self._here[peer] = now
            if member.state == ADMITTED:
                self.liveness.heard(peer, now)
        if isinstance(message, Hello):
            self._hello(peer, message)
            return
        if isinstance(message, (Sizes, Waiting, Leave)) and message.membership < self.table.membership:
            stale = StaleMembership(self.table.membership, (message.request,), self.table.to_wire())
            self._send(peer, stale)
            return
        self._take(node, peer, message, now)

    def _member(self, node: Node | None) -> Member | None:
        return self.table.of_role(node.role).get(node.rank) if node is not None else None

    def _hello(self, peer: str, message: Hello) -> None:
        if message.node != peer:
            text = f"{peer!r} says that it is {message.node!r}"
            self._refuse(peer, 0, text)
            return
        self._connected.add(peer)
        number = self.table.membership
        window_bytes = self.settings.push_window_bytes
        self._send(peer, Welcome(number, SCHEDULER_NAME, message.connection, window_bytes))
        if number > 0:
            self._send(peer, TableIs(number, self.table.to_wire()))
        self._end_for(peer)

    def _take(self, node: Node, peer: str, message: Message, now: float) -> None:
        number = self.table.membership
        sender = SENDERS.get(type(message), node.role)
        if sender != node.role:
            text = f"{message.op!r} comes from a {sender}, came from {node.title}"
            self._refuse(peer, getattr(message, "request", 0), text)
            return
        match message:
            case Heartbeat():
                self._news.counted(peer, message.counters)
                self._send(peer, Beat(number, self._suspects))
                self._end_for(peer)
            case Fetch():
                self._send(peer, TableIs(number, self.table.to_wire()))
            case Have():
                held = tuple(
                    Waited(r, self.barriers.missing(*name, self.table.present_workers())[:NAMED_MAX])
                    for r in message.requests
                    if (name := self.barriers.holds(peer, r)) is not None
                )
                self._send(peer, Had(number, message.connection, 0, message.requests, held))
            case Sizes() if number == 0 or len(message.slot_bytes) != SLOTS:
                came = len(message.slot_bytes)
                text = f"the slots are dealt by the bytes of {SLOTS} slots once the job has gathered, came {came}"
                self._refuse(peer, message.request, text)
            case Sizes():
                self._deal(message)
                self._send(peer, Taken(self.table.membership, (message.request,)))
            case InSync():
                self._in_sync(node, message)
                self._send(peer, Taken(self.table.membership, (message.request,)))
            case Waiting():
                if self.barriers.wait(node.rank, message.store, message.number, peer, message.request):
                    self._send(peer, Released(number, message.request, message.store, message.number))
                self._release()
            case Leave():
                self._leave(node, peer, message, now)
            case Exited():
                if message.request not in self._reported:  # again: its answer was lost, and a new life may have begun
                    self._reported.add(message.request)
                    self._exited(message, now)
                self._send(peer, Taken(self.table.membership, (message.request,)))
            case Status():
                self._send(peer, StatusIs(number, message.request, self.status(now)))
            case Refused():
                self._log("warning", f"{node.title} refused a message: {message.text}")
            case _:
                text = f"the scheduler takes no {message.op!r}"
                self._refuse(peer, getattr(message, "request", 0), text)

    def _deal(self, message: Sizes) -> None:
        if self.table.is_dealt:
            return
        self._deal_as(slots.dealt(self.table, message.slot_bytes, self.settings.replicas))

    def _deal_as(self, table: Table) -> None:
        """The slots are as in this table now: a new membership, told to all, if that is a change."""
        if table != self.table:
            self.table = replace(table, membership=self.table.membership + 1)
            self._broadcast()

    def _in_sync(self, node: Node, message: InSync) -> None:
        """A server holds all that another one holds."""
        member = self.table.servers.get(message.server)
        if member is not None and member.state == ADMITTED and member.incarnation == message.incarnation:
            was_protected = self.table.is_protected
            self._deal_as(slots.in_sync(self.table, node.rank, message.server, message.slots))
            if self.table.is_protected and not was_protected:
                self._log("warning", "every value has a copy again: any one server may die")

    def _release(self) -> None:
        for peer, request, store, number in self.barriers.release(self.table.present_workers()):
            self._send(peer, Released(self.table.membership, request, store, number))

    # ----- the end of a rank -----

    def _leave(self, node: Node, peer: str, message: Leave, now: float) -> None:
        member = self.table.workers[node.rank]
        if member.state == ADMITTED:
            self._left(member, now)
        self._send(peer, Taken(self.table.membership, (message.request,)))

    def _left(self, member: Member, now: float) -> None:
        self.liveness.forget(member.name)
        self._news.happened(member.name, "left")
        self._change(replace(member, state=LEFT))
        self._release()
        self._check_over(now)

    def _check_over(self, now: float) -> None:
        workers = self.table.workers.values()
        if self.is_over or not workers or any(m.state in (ADMITTED, EXPECTED) for m in workers):
            return
        if all(m.state == GIVEN_UP for m in workers):
            self._fail("every worker was given up", now)
            return
        self.is_over = True
        for name in [*(m.name for m in self.table.servers.values()), LAUNCHER_NAME]:
            self._send(name, Finish(self.table.membership))

    def _exited(self, message: Exited, now: float) -> None:
        """The launcher saw a process end."""
        member = self.table.of_role(message.role).get(message.rank)
        if member is None or message.incarnation not in (-1, member.incarnation):
            return
        self.liveness.forget(member.name)
        self._here.pop(member.name, None)
        if member.state == EXPECTED and message.code == 0 and message.role == WORKER:
            self._left(member, now)  # it ended well and never joined
        elif self.is_over and member.state == EXPECTED:
            self._change(replace(member, state=LEFT))
        elif member.state in (ADMITTED, EXPECTED) and not (self.is_over and message.role == SERVER):
            name = member.name if member.incarnation >= 0 else f"{member.role}:{member.rank}:0"
            self._lost(name, exit_text(message.code), now, again=message.again)
        elif message.again and member.state == GIVEN_UP and message.role == SERVER and self.failure is None:
            self._change(replace(member, state=EXPECTED))

    def _lost(self, name: str, why: str, now: float, *, again: bool = False) -> None:
        """The verdict: this node is dead.  `again`: another life of it is about to be started."""
        node = parse(name)
        member = self._member(node)
        if node is None or member is None or member.state in (LEFT, GIVEN_UP) or self.failure is not None:
            return
        self._news.happened(name, f"lost: {why}")
        where = f" on {member.host}" if member.host else ""
        if node.role == WORKER and self.settings.elastic and member.state == ADMITTED:
            self._log("warning", f"{node.title}{where} {why}; training goes on without it")
            self._change(replace(member, state=GIVEN_UP))
            self._release()
            self._check_over(now)
            return
        if node.role == SERVER and (table := slots.without(self.table, node.rank)) is not None:
            what = "others have copies of its values" if table.is_dealt else "it has no values yet"
            if table.is_dealt or again:
                self._log("warning", f"{node.title}{where} {why}; {what}, the job goes on")
                self.table = table
                self._change(replace(member, state=EXPECTED if again else GIVEN_UP))
                return
        consequence = "its values are lost" if node.role == SERVER else "the others cannot go on without its gradients"
        self._change(replace(member, state=GIVEN_UP))
        self._fail(f"{node.title}{where} {why}; {consequence}", now)

    def _fail(self, text: str, now: float) -> None:
        if self.failure is not None:
            return
        self.failure = text
        self._failed_at = now
        self._log("error", text)
        for name in sorted(self._connected):
            self._send(name, Failed(self.table.membership, text))

    def _end_for(self, peer: str) -> None:
        """Tell a node that is still here that the job has ended, in case it was not heard the first time."""
        if self.failure is not None:
            self._send(peer, Failed(self.table.membership, self.failure))
        elif self.is_over:
            self._send(peer, Finish(self.table.membership))

    def _check_finished(self, now: float) -> None:
        """After the end: finished when every node has gone, seen by the launcher or by its silence."""
        if self.is_over or self.failure is not None:
            limit_s = OVER_AFTER_BEATS * self.settings.heartbeat_s
            self._here = {name: at for name, at in self._here.items() if now - at < limit_s}
            self.finished = not self._here and not self._may_come(now)

    def _may_come(self, now: float) -> bool:
        """Whether nodes that must be told the end are still on their way: a job may be over, or fail, at its start."""
        if self._failed_at is not None:
            is_early = now - self._failed_at <= OVER_AFTER_BEATS * self.settings.heartbeat_s
            return is_early and any(m.state == EXPECTED for m in self.table.members())
        expected = any(m.state == EXPECTED for m in self.table.servers.values())
        return self.is_over and expected and not self.gathering.is_late(now)

    # ----- what one sees -----

    def status(self, now: float) -> dict[str, Any]:
        """For each node its state, host, silence in seconds and counters."""
        nodes = self._news.of_members(self.table, self.liveness, self._suspects, now)
        running = "running" if self.table.membership else "gathering"
        nodes[SCHEDULER_NAME] = {
            "state": "failed" if self.failure else "over" if self.is_over else running,
            "host": "",
            "silent_s": 0.0,
            "counters": {"membership": self.table.membership, "failure": self.failure or "", **self.traffic},
        }
        return nodes

    def story(self, rank_name: str) -> list[str]:
        """What has happened to `worker:1` over all its lives, in order."""
        return self._news.story(rank_name)

    # ----- out -----

    def _send(self, peer: str, message: Message) -> None:
        self._effects.append(Send(peer, message))

    def _refuse(self, peer: str, request: int, text: str) -> None:
        self._send(peer, Refused(self.table.membership, request, "OutOfPlace", text))

    def _log(self, level: str, text: str) -> None:
        self._effects.append(Log(level, text))

    def _flush(self) -> Effects:
        effects, self._effects = self._effects, []
        return effects

    def check(self) -> None:
        """Assert the invariants."""
        assert self.table.membership > 0 or self.is_over or not self.table.has_gathered or not self.table.workers
