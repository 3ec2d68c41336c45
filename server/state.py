"""A server: whom it believes, and which part of it does what a message asks; without socket, thread or time source.

Knows: which message may be taken from whom, under which membership and life; what it changes is done in `setup`,
`exchange` and `barriers`, and what is owed for it lies in `replies`.  Never: a name of a host, a byte of I/O.
A push's way through: `handle` (life, membership) -> `Exchange.take_push` (shape, dtype) -> `clocks.push` -> `progress`
(does a clock close?) -> `shard.update` -> `Replies` (credit) -> effects.
Invariants: a request is answered once for each time that it came; whatever waits is held in `replies`; after any change
of who is live, of what is applied or of what is initialised, everything that waits is looked at again.
"""

from __future__ import annotations

from typing import Any

from ..kvstore.errors import JobFailed, OutOfPlace
from ..kvstore.machine import Effects, Log, Send
from ..kvstore.member import UNCHECKED, Membership, Self
from ..kvstore.names import SCHEDULER_NAME, SERVER, WORKER, Node, parse, title
from ..kvstore.settings import Settings
from ..kvstore.table import ADMITTED, GIVEN_UP
from ..kvstore.wire.messages import (
    CopyShard,
    Credit,
    Failed,
    Finish,
    Had,
    Have,
    Hello,
    Init,
    Leave,
    Message,
    Open,
    Pull,
    Push,
    ReadStates,
    Refused,
    Replicate,
    SetOptimizer,
    StaleMembership,
    TableIs,
    Taken,
    Waiting,
    Welcome,
    WriteStates,
)
from .barriers import Barriers
from .copies import Copies
from .exchange import Exchange
from .ranks import Ranks
from .replies import Replies
from .setup import Setup
from .shard import Shard
from .store import Stores
from .streams import LINK, Streams


class ServerState:
    """The machine of one server."""

    def __init__(self, me: Self, settings: Settings) -> None:
        self.settings = settings
        self.membership = Membership(me, settings, self.counters)
        self.ranks = Ranks()
        self.stores = Stores()
        self.finished = False
        self.failure: str | None = None
        self.replies = Replies(self.membership, settings)
        self.streams = Streams(self.stores, self.membership)
        self.exchange = Exchange(self.stores, self.ranks, self.replies, self.streams)
        self._setup = Setup(self.stores, self.ranks, self.replies, self.streams, settings.versions_max)
        self._barriers = Barriers(self.stores, self.ranks, self.replies, self.streams)
        self._copies = Copies(self.stores, self.replies, settings.versions_max)
        self._slots: frozenset[int] = frozenset()  # those that it updates
        self.traffic: dict[str, int] = {}

    # ----- the machine -----

    def start(self, now: float) -> Effects:
        return self.membership.start(now)

    def peer_up(self, peer: str, now: float) -> Effects:
        if (stream := self.streams.of_link(peer)) is not None:
            return self.streams.up(stream, now)
        return self.membership.peer_up(now) if peer == SCHEDULER_NAME else []

    def peer_down(self, peer: str, now: float) -> Effects:
        if (stream := self.streams.of_link(peer)) is not None:
            stream.outbox.peer_down()
        return self.membership.peer_down(now) if peer == SCHEDULER_NAME else []

    def malformed(self, peer: str, text: str, now: float) -> Effects:
        self.replies.effects.append(Log("warning", f"refused a message from {title(peer)}: {text}"))
        if peer == SCHEDULER_NAME:
            self.membership.malformed(text)
            self._check_failure()
            return self.replies.flush()
        effects = self.replies.flush()
        if parse(peer) is not None and not self.replies.knows(peer):  # one that has been welcomed made none of it
            effects.append(Send(peer, Refused(self.membership.number, 0, "OutOfPlace", text)))
        return effects

    def handle(self, peer: str, message: Message, now: float) -> Effects:
        if peer == SCHEDULER_NAME:
            self._from_scheduler(message, now)
        elif peer.startswith(LINK):
            self._from_backup(peer, message, now)
        else:
            self._from_node(peer, message, now)
        return self._flush(now)

    def tick(self, now: float) -> Effects:
        self.replies.effects += self.membership.tick(now)
        self._check_failure()
        self.replies.effects += self.streams.tick(self.membership.stood_still_s, now)
        return self._flush(now)

    def _flush(self, now: float) -> Effects:
        self.replies.effects += self.streams.flush(now)
        return self.replies.flush()

    def deadline(self, now: float) -> float | None:
        return self.membership.deadline()

    def counters(self) -> dict[str, Any]:
        """What its heartbeat tells."""
        shards = self.stores.shards()
        return {
            "shards": len(shards),
            "bytes_held": sum(s.current.nbytes for s in shards),
            "updates": self.exchange.updates,
            "answers_queued": self.replies.queued(),
            **self.traffic,
        }

    # ----- from the scheduler -----

    def _from_scheduler(self, message: Message, now: float) -> None:
        before = self.membership.number
        effects, left = self.membership.take(message, now)
        self.replies.effects += effects
        for rest in left:
            if isinstance(rest, Finish):
                self.finished = True
            elif isinstance(rest, (Taken, Refused)):
                for request in rest.requests if isinstance(rest, Taken) else (rest.request,):
                    self.membership.outbox.answered(request)
        self._check_failure()
        if self.membership.number != before:
            self._table_changed(now)

    def _check_failure(self) -> None:
        if self.membership.failure is not None and self.failure is None:
            self.failure = str(self.membership.failure)
            self.finished = True
            self.replies.effects.append(Log("error", self.failure))

    def _table_changed(self, now: float) -> None:
        self.ranks.update(self.membership.table)
        servers = self.membership.table.servers
        for peer in self.replies.peers:
            node = parse(peer)
            if node is None:
                continue
            if node.role == SERVER:
                if node.rank not in servers or servers[node.rank].name != peer or servers[node.rank].state != ADMITTED:
                    self._forget(peer)
                    self._copies.forget(peer)
            elif not self._is_current(node):
                self._forget(peer)
        self._take_over()
        self._barriers.forget_ranks(self.ranks.left | self.ranks.given_up)
        effects, freed = self.streams.table_changed(now)
        self.replies.effects += effects
        self._safe(freed)
        self._look_again()
        for peer, message in self.membership.ripe():
            if peer.startswith(LINK):
                self._from_backup(peer, message, now)
            else:
                self._from_node(peer, message, now)

    def _take_over(self) -> None:
        """Slots of which this server had the copies may be its own now."""
        table, node = self.membership.table, self.membership.node
        assert node is not None
        slots = frozenset(slot for slot, rank in enumerate(table.primaries) if rank == node.rank)
        gained, lost, self._slots = slots - self._slots, self._slots - slots, slots
        for shard in self.stores.own():
            if shard.slot in lost:  # another has taken over: what is owed is its to answer
                shard.is_copy, shard.stream = True, None
                shard.owed.clear()
                shard.pulls.clear()
        me = table.servers[node.rank]
        if (me.state == GIVEN_UP or me.name != str(node)) and self.membership.failure is None:
            self.membership.failure = JobFailed(
                f"{node.title} was given up by the scheduler; it is no part of the job any more"
            )
            self._check_failure()
        taken_over = [shard for shard in self.stores.shards() if shard.is_copy and shard.slot in gained]
        for shard in taken_over:
            shard.is_copy = False
        if gained and self.stores:
            self.ranks.begin_anew()
            self._barriers.begin_anew()
        if taken_over:
            count = len(taken_over)
            self.replies.effects.append(Log("warning", f"this server updates {count} more shards from now on"))

    def _safe(self, shards: list[Shard]) -> None:
        """Copies have all of these, or nobody has a copy any more: what was held back goes on."""
        self.streams.settle()
        for shard in shards:
            self.exchange.progress(shard)
        if shards:
            if self._barriers.end():
                self.exchange.progress_all()
            self._barriers.answer_ended()
            self._barriers.answer_leaves()

    # ----- between servers -----

    def _from_backup(self, peer: str, message: Message, now: float) -> None:
        """An answer on this server's own connection to a backup."""
        stream = self.streams.of_link(peer)
        if stream is None:
            return
        kept = self.membership.keep(peer, message, now)
        if kept is not None:
            self.replies.effects += kept
            return
        match message:
            case Welcome() | Credit() | Had():
                self.replies.effects += self.streams.connection(stream, message, now)
            case Taken():  # of whichever membership: what the backup has, it has
                self._safe(self.streams.acknowledged(stream, message.requests))
            case StaleMembership():
                stream.outbox.send_again(message.requests)
                self._learn(message, now)
            case Refused():
                self.membership.failure = self.membership.failure or OutOfPlace(
                    f"{title(peer.removeprefix(LINK))} cannot hold this server's copies: {message.text}"
                )
                self._check_failure()
            case _:
                self.replies.effects.append(Log("warning", f"{peer} sent {message.op!r}, which a backup does not"))

    def _from_primary(self, node: Node, peer: str, message: Message, now: float) -> None:
        """What another server, of whose shards this one has copies, tells."""
        member = self.membership.table.servers.get(node.rank)
        if member is None or member.name != peer:
            text = f"{node.title} is no server of this job, or was given up"
            self.replies.refuse(peer, 0, OutOfPlace(text))
            return
        if self._is_stale(message):
            self.replies.give_credit(peer, message)
            self.replies.stale(peer, requests_of(message))
            return
        match message:
            case Hello():
                self.replies.hello(peer, message)
            case Have():
                self.replies.have(peer, message)
            case StaleMembership():
                self._learn(message, now)
            case Replicate() | CopyShard():
                self.replies.attempt(peer, message.request, self._copies.take, peer, message)
                self.replies.give_credit(peer, message)
            case _:
                self.replies.refuse(peer, 0, OutOfPlace(f"a server takes no {message.op!r} from another"))

    def _learn(self, message: StaleMembership, now: float) -> None:
        before = self.membership.number
        self.replies.effects += self.membership.learn(message.table, now)
        if self.membership.number != before:
            self._table_changed(now)

    # ----- from another node: may it be taken? -----

    def _from_node(self, peer: str, message: Message, now: float) -> None:
        node = parse(peer)
        if node is None or node.role not in (WORKER, SERVER):
            text = f"this server talks to workers that have joined; {peer!r} is none"
            self.replies.refuse(peer, 0, OutOfPlace(text))
            return
        if isinstance(message, Hello) and message.node != peer:
            self.replies.refuse(peer, 0, OutOfPlace(f"{peer!r} says that it is {message.node!r}"))
            return
        kept = self.membership.keep(peer, message, now)
        if kept is not None:
            self.replies.effects += kept
            return
        if node.role == SERVER:
            self._from_primary(node, peer, message, now)
            return
        problem = self._problem_of(node)
        if problem:
            for request in requests_of(message) or [0]:
                self.replies.refuse(peer, request, OutOfPlace(problem))
            return
        if self._is_stale(message):
            self.replies.give_credit(peer, message)
            self.replies.stale(peer, requests_of(message))
            return
        if message.op not in UNCHECKED and node.rank in self.ranks.given_up:
            self.replies.give_credit(peer, message)
            for request in requests_of(message):
                self.replies.refuse(peer, request, OutOfPlace(f"{node.title} was given up"))
            return
        self._take(node, peer, message, now)
        self.replies.give_credit(peer, message)

    def _is_stale(self, message: Message) -> bool:
        """Whether it comes under an older membership, by which its sender may have chosen wrongly."""
        return message.op not in UNCHECKED and message.membership < self.membership.number

    def _problem_of(self, node: Node) -> str:
        """Why nothing is taken from this node; empty if it may speak.  Whoever the table does not name never joined."""
        member = self.membership.table.workers.get(node.rank)
        if member is None or node.incarnation > member.incarnation:
            return f"{node.title} is not in the table of this job; a worker joins at the scheduler first"
        if not self._is_current(node):
            return f"this is an older life of {node.title}; a newer one has begun"
        return ""

    def _is_current(self, node: Node) -> bool:
        life = self.ranks.life(node.rank)
        if node.incarnation <= life:
            return node.incarnation == life
        self.ranks.begin_life(node)
        for peer in self.replies.peers:
            other = parse(peer)
            if other is not None and other[:2] == node[:2] and other.incarnation < node.incarnation:
                self._forget(peer)
        return True

    def _forget(self, peer: str) -> None:
        """A life has ended: it is owed no answer.  Its complete pushes stay counted."""
        self.replies.forget(peer)
        self.membership.forget(peer)
        self._barriers.forget(peer)

    def _take(self, node: Node, peer: str, message: Message, now: float) -> None:
        match message:
            case Hello():
                self.replies.hello(peer, message)
            case Credit():
                self.replies.credit(peer, message)
            case Have():
                self.replies.have(peer, message)
            case Push():
                self.exchange.take_push(node, peer, message)
                self._barriers.answer_leaves()
            case Pull():
                self.exchange.take_pull(node, peer, message)
            case Init():
                self._setup.take_init(node, peer, message)
            case Open() | SetOptimizer() | Waiting() | Leave() | ReadStates() | WriteStates():
                self.replies.attempt(peer, message.request, self._alone, node, peer, message)
            case StaleMembership():
                self._learn(message, now)
            case Failed() | TableIs():
                self.replies.refuse(peer, 0, OutOfPlace(f"{message.op} comes from the scheduler only"))
            case _:
                self.replies.refuse(peer, 0, OutOfPlace(f"a server takes no {message.op!r}"))

    def _alone(self, node: Node, peer: str, message: Message) -> None:
        """A message that is one request."""
        match message:
            case Open():
                self._setup.open(node, peer, message)
            case SetOptimizer():
                self._setup.set_optimizer(node, peer, message)
            case Waiting() if not self._slots:  # nothing here has a clock; once something has, ranks say it again
                self.replies.counted(peer, message.request, ())
            case Waiting():
                if self._barriers.wait(node, peer, message):
                    self._look_again()
            case Leave():
                if self._barriers.leave(node, peer, message):
                    self._look_again()
                self._barriers.answer_leaves()
            case ReadStates():
                self.exchange.read_states(node, peer, message)
            case WriteStates():
                self.exchange.write_states(peer, message)
            case _:
                raise OutOfPlace(f"a server takes no {message.op!r}")

    def _look_again(self) -> None:
        """Who is live has changed."""
        self.exchange.progress_all()
        if self._barriers.end():
            self.exchange.progress_all()
        self._barriers.answer_leaves()
        self._setup.promote()

    def check(self) -> None:
        """Assert the invariants of all that is held here."""
        for shard in self.stores.shards():
            shard.check()


def requests_of(message: Message) -> list[int]:
    """The requests that a message makes."""
    if isinstance(message, (Push, Pull, Init)):
        return [part.request for part in message.parts]
    request: int = getattr(message, "request", 0)
    return [request] if request else []
