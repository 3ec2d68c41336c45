"""Every message between the processes, one frozen dataclass each: the class is the documentation.

Knows: the fields, who sends them to whom, and which field is a raw frame.  Never: how they become bytes (`codec.py`),
what a role does with them (`server/`, `scheduler/`, `worker/`).  Invariant: every message carries its sender's
`membership`, the number of the member list and slot table that it goes by; whatever expects an answer carries a
`request`, a number that its sender's life never uses twice.

Requests of a worker are answered one by one: `Taken`, a part of `Values`, `Counted`, `Released`, `StatesAre`, or
refused by `Refused` or `StaleMembership`.  Anything unanswered is asked for with `Have`, and only what is missing is
sent again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

PROTOCOL_VERSION = 1

Key = int | str
Table = dict[str, Any]
Frame = bytes | memoryview

MESSAGES: dict[str, type[Message]] = {}


@dataclass(frozen=True, slots=True)
class Message:
    """What all messages have: the sender's membership."""

    op: ClassVar[str] = ""
    membership: int


M = TypeVar("M", bound=Message)


def message(op: str) -> Callable[[type[M]], type[M]]:
    """Enter a message class under the name that it has on the wire."""

    def enter(cls: type[M]) -> type[M]:
        if op in MESSAGES:
            raise ValueError(f"two messages are named {op!r}: {MESSAGES[op].__name__} and {cls.__name__}")
        cls.op = op
        MESSAGES[op] = cls
        return cls

    return enter


def frames() -> Any:
    """A field that travels as raw frames behind the header, never inside it."""
    return field(default=(), metadata={"frames": True})


# ----- parts: what a list call puts into one message -----


@dataclass(frozen=True, slots=True)
class InitPart:
    """One shard of a value to begin with: elements [start, stop) of the flattened key of this shape and dtype.

    `has_value` is False from the ranks whose value does not count: they only wait until the server holds it.
    `stype` is 'default' for a dense value, 'row_sparse' for a table, whose frame is row ids and then as many rows.
    """

    request: int
    store: int
    key: Key
    shard: int
    stype: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int
    has_value: bool


@dataclass(frozen=True, slots=True)
class PushPart:
    """One shard of one push.  Its identity is (store, key, shard, rank, clock); the request only names its answer.

    `scale` is what the server multiplies this gradient by as it enters the sum; `samples`, if not 0, is this rank's
    part of the number that the sum is divided by.  `rows` is the number of row ids that lead the frame, -1 for a
    dense gradient.
    """

    request: int
    store: int
    key: Key
    shard: int
    clock: int
    codec: str
    dtype: str
    shape: tuple[int, ...]
    rows: int
    scale: float
    samples: float
    generation: int
    hyper: int
    wants_value: bool
    priority: int


@dataclass(frozen=True, slots=True)
class PullPart:
    """One shard to read, at the clock that this rank has pushed the key up to.

    `rows` is the number of row ids in its frame, the rows of a table that are asked for; -1, and no frame, for all.
    """

    request: int
    store: int
    key: Key
    shard: int
    clock: int
    rows: int
    priority: int


@dataclass(frozen=True, slots=True)
class ValuePart:
    """The answer to a pull, or to a push that wanted the value: a shard's bytes at a version."""

    request: int
    version: int


@dataclass(frozen=True, slots=True)
class HyperSet:
    """A numbered set of hyper-parameters of one optimizer (`generation`: the n-th `set_optimizer` of the store)."""

    store: int
    generation: int
    number: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ClockPart:
    """A shard's clock after a barrier."""

    store: int
    key: Key
    shard: int
    clock: int


@dataclass(frozen=True, slots=True)
class ChangePart:
    """One change of one shard, as its primary has made it: an update, or the end of a barrier.

    `version`, `updates` and `barrier` (the last that the shard was in) are those after it, `ranks` and `clocks` all
    that is applied then.  `rows`: -1, the frame is the sum that the update took; -2, there was none (all was refused,
    or it is no update), and no frame; else so many row ids of the shard lead the frame.  `hyper` is an index into the
    message's rules, -1 for none.
    """

    store: int
    key: Key
    shard: int
    version: int
    updates: int
    barrier: int
    ranks: tuple[int, ...]
    clocks: tuple[int, ...]
    rows: int
    hyper: int


@dataclass(frozen=True, slots=True)
class Waited:
    """A request that a server holds, and the ranks that it waits for (empty: for nobody, it is under way)."""

    request: int
    ranks: tuple[int, ...]


# ----- a connection -----


@message("hello")
@dataclass(frozen=True, slots=True)
class Hello(Message):
    """connecting side -> bound side: the first message of each connection.  Answered by Welcome, or refused.

    `connection` counts this node's connections to this peer; `window_bytes` is the credit it grants for answers.
    """

    node: str
    connection: int
    window_bytes: int
    host: str
    proof: str


@message("welcome")
@dataclass(frozen=True, slots=True)
class Welcome(Message):
    """bound side -> connecting side: the connection stands; `window_bytes` is the credit granted for pushes."""

    node: str
    connection: int
    window_bytes: int


@message("credit")
@dataclass(frozen=True, slots=True)
class Credit(Message):
    """receiver -> sender: all credited bytes up to `offset` of this connection are taken.  Needs no credit itself."""

    connection: int
    offset: int


@message("have")
@dataclass(frozen=True, slots=True)
class Have(Message):
    """sender -> receiver: which of these requests do you hold?  `offset`: credited bytes sent before the question."""

    connection: int
    offset: int
    requests: tuple[int, ...]


@message("had")
@dataclass(frozen=True, slots=True)
class Had(Message):
    """receiver -> sender: of `asked` these are held and will be answered; the rest must be sent again.

    `offset`: credited bytes of answers sent before this; what has not come of them is lost, and counts as taken.
    """

    connection: int
    offset: int
    asked: tuple[int, ...]
    held: tuple[Waited, ...]


@message("taken")
@dataclass(frozen=True, slots=True)
class Taken(Message):
    """receiver -> sender: these requests are carried out, and have no value to answer with."""

    requests: tuple[int, ...]


@message("refused")
@dataclass(frozen=True, slots=True)
class Refused(Message):
    """receiver -> sender: this request (0: this node as a whole) is refused.

    `kind` names the error class, `text` is its sentence.
    """

    request: int
    kind: str
    text: str


@message("stale_membership")
@dataclass(frozen=True, slots=True)
class StaleMembership(Message):
    """receiver -> sender: these requests came under an older membership; send them again under this table."""

    requests: tuple[int, ...]
    table: Table


# ----- joining, the table, the end -----


@message("join")
@dataclass(frozen=True, slots=True)
class Join(Message):
    """node under a random routing id -> scheduler: let me in.  `rank` is the one wished for, or -1.

    `addresses` is where a server is bound; `host` and `pid` say who it is.  Answered by Joined or Refused.
    """

    request: int
    role: str
    rank: int
    host: str
    pid: int
    addresses: tuple[str, ...]
    proof: str


@message("joined")
@dataclass(frozen=True, slots=True)
class Joined(Message):
    """scheduler -> node: your rank and incarnation; connect anew under the name that these make."""

    request: int
    rank: int
    incarnation: int


@message("table")
@dataclass(frozen=True, slots=True)
class TableIs(Message):
    """scheduler -> all, on each change and when fetched: the members, their states, and the slots
    (`scheduler/table.py`)."""

    table: Table


@message("fetch")
@dataclass(frozen=True, slots=True)
class Fetch(Message):
    """node -> scheduler: send me the newest table."""


@message("sizes")
@dataclass(frozen=True, slots=True)
class Sizes(Message):
    """lowest rank -> scheduler: bytes in each of the 256 slots, to deal them by; once a job, repeats change nothing."""

    request: int
    slot_bytes: tuple[int, ...]


@message("heartbeat")
@dataclass(frozen=True, slots=True)
class Heartbeat(Message):
    """node -> scheduler: alive, with its counters (plain numbers and short texts by name)."""

    counters: dict[str, Any]


@message("beat")
@dataclass(frozen=True, slots=True)
class Beat(Message):
    """scheduler -> node: heard; `suspects` names the nodes that are silent just now."""

    suspects: tuple[str, ...]


@message("leave")
@dataclass(frozen=True, slots=True)
class Leave(Message):
    """worker -> each server behind its last push, then -> scheduler: this rank pushes no more."""

    request: int


@message("failed")
@dataclass(frozen=True, slots=True)
class Failed(Message):
    """scheduler -> all: the job has failed, for this reason; every wait ends with it."""

    text: str


@message("finish")
@dataclass(frozen=True, slots=True)
class Finish(Message):
    """scheduler -> servers, launcher: every rank has left; end."""


@message("exited")
@dataclass(frozen=True, slots=True)
class Exited(Message):
    """launcher -> scheduler: a process that it started has ended.  `incarnation` -1: whichever life is known.

    `again`: a server that is about to be started again, as another life of the same rank.
    """

    request: int
    role: str
    rank: int
    incarnation: int
    code: int
    again: bool = False


@message("status")
@dataclass(frozen=True, slots=True)
class Status(Message):
    """launcher, monitor -> scheduler: send the cluster's numbers."""

    request: int


@message("status_is")
@dataclass(frozen=True, slots=True)
class StatusIs(Message):
    """scheduler -> who asked: for each node its state, counters and silence in seconds."""

    request: int
    nodes: dict[str, Any]


# ----- barriers -----


@message("waiting")
@dataclass(frozen=True, slots=True)
class Waiting(Message):
    """worker -> scheduler and each server, behind its last push: this rank is in the store's barrier `number`."""

    request: int
    store: int
    number: int


@message("released")
@dataclass(frozen=True, slots=True)
class Released(Message):
    """scheduler -> worker: every rank that has not left is in this barrier."""

    request: int
    store: int
    number: int


@message("counted")
@dataclass(frozen=True, slots=True)
class Counted(Message):
    """server -> worker: the rank counts again; these are the clocks that its keys stand at now."""

    request: int
    clocks: tuple[ClockPart, ...]


# ----- the store -----


@message("open")
@dataclass(frozen=True, slots=True)
class Open(Message):
    """worker -> each server: a store begins.  `staleness` -1 is unbounded, 0 is dist_sync.  All must say the same."""

    request: int
    store: int
    kind: str
    staleness: int


@message("init")
@dataclass(frozen=True, slots=True)
class Init(Message):
    """worker -> server: values to begin with; a frame for each part that has one.  Taken when the server holds it."""

    offset: int
    parts: tuple[InitPart, ...]
    payloads: tuple[Frame, ...] = frames()


@message("optimizer")
@dataclass(frozen=True, slots=True)
class SetOptimizer(Message):
    """worker -> each server: the optimizer as a name and plain data.  Taken when the lowest rank's is in place."""

    request: int
    store: int
    generation: int
    optimizer: tuple[Any, ...]


@message("push")
@dataclass(frozen=True, slots=True)
class Push(Message):
    """worker -> server: gradients, highest priority first, one frame a part.

    Each part is answered (Taken, or Values if it wants one), refused and re-sent by its own request, and counts once.
    `hypers` holds every set that a part names, so that no part waits for another message.
    `offset`: credited bytes of this connection up to and with this message.
    """

    offset: int
    parts: tuple[PushPart, ...]
    hypers: tuple[HyperSet, ...]
    payloads: tuple[Frame, ...] = frames()


@message("pull")
@dataclass(frozen=True, slots=True)
class Pull(Message):
    """worker -> server: values to read, a frame for each part that asks for rows.  `offset` as in Push.

    Each part is answered in Values when the rule of its store allows it.
    """

    offset: int
    parts: tuple[PullPart, ...]
    payloads: tuple[Frame, ...] = frames()


@message("values")
@dataclass(frozen=True, slots=True)
class Values(Message):
    """server -> worker: shards, highest priority first, one frame a part.  `offset` as in Push, for answers."""

    offset: int
    parts: tuple[ValuePart, ...]
    payloads: tuple[Frame, ...] = frames()


@message("replicate")
@dataclass(frozen=True, slots=True)
class Replicate(Message):
    """primary -> backup: the changes number `sequence` of this stream, a frame for each that has one.

    Taken when the backup holds them and all before them.  `stores` says of stores that are new, or have another
    optimizer: [number, kind, staleness, [[generation, optimizer] ...]] each; `rules` are the sets of hyper-parameters
    that the changes name.  `offset` as in Push.
    """

    offset: int
    request: int
    sequence: int
    stores: tuple[Any, ...]
    parts: tuple[ChangePart, ...]
    rules: tuple[HyperSet, ...]
    payloads: tuple[Frame, ...] = frames()


@message("copy_shard")
@dataclass(frozen=True, slots=True)
class CopyShard(Message):
    """primary -> backup: all that the primary holds of one shard, number `sequence` of this stream.

    Frames: the value; what undoes its last update (`undo` of them: a dense shard's previous version, or a table's row
    ids and rows); then the optimizer's states, of `dtypes`.
    """

    offset: int
    request: int
    sequence: int
    store: int
    key: Key
    shard: int
    stype: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int
    version: int
    updates: int
    generation: int
    barrier: int
    ranks: tuple[int, ...]
    clocks: tuple[int, ...]
    undo: int
    dtypes: tuple[str, ...]
    payloads: tuple[Frame, ...] = frames()


@message("in_sync")
@dataclass(frozen=True, slots=True)
class InSync(Message):
    """primary -> scheduler: that server holds all that I hold of these slots, and acknowledges each further change."""

    request: int
    server: int
    incarnation: int
    slots: tuple[int, ...]


@message("read_states")
@dataclass(frozen=True, slots=True)
class ReadStates(Message):
    """worker -> server: the optimizer's state of one shard, at this rank's clock.  Answered by StatesAre."""

    request: int
    store: int
    key: Key
    shard: int
    clock: int


@message("states_are")
@dataclass(frozen=True, slots=True)
class StatesAre(Message):
    """server -> worker: updates counted by the optimizer, and its state arrays: their dtypes, and a frame for each."""

    offset: int
    request: int
    updates: int
    dtypes: tuple[str, ...]
    payloads: tuple[Frame, ...] = frames()


@message("write_states")
@dataclass(frozen=True, slots=True)
class WriteStates(Message):
    """worker -> server: put this optimizer state in place for one shard.  Taken when it is."""

    offset: int
    request: int
    store: int
    key: Key
    shard: int
    updates: int
    dtypes: tuple[str, ...]
    payloads: tuple[Frame, ...] = frames()
