"""The table: who belongs to the job, in what state, and which server holds which slot, under one membership number.

Immutable.  The scheduler makes new ones (`scheduler/`); all others only read them and keep the one with the highest
number.  Travels as plain data; `from_wire` checks every field: a wrong table is a sentence and no later surprise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..core.errors import MXLError
from .names import SERVER, WORKER, Node
from .placement import SLOTS

EXPECTED, ADMITTED, LEFT, GIVEN_UP = "expected", "admitted", "left", "given_up"
STATES = (EXPECTED, ADMITTED, LEFT, GIVEN_UP)


@dataclass(frozen=True, slots=True)
class Member:
    """One rank of one role, in its latest life."""

    role: str
    rank: int
    incarnation: int
    state: str
    host: str = ""
    addresses: tuple[str, ...] = ()
    proof: str = ""

    @property
    def name(self) -> str:
        return str(Node(self.role, self.rank, self.incarnation))


@dataclass(frozen=True, slots=True)
class Table:
    """Members by rank, and the servers of each slot (empty before they are dealt).

    `backups` hold all that the primary holds, and acknowledge each change; `copying` are on the way there; -1: none.
    """

    membership: int = 0
    workers: Mapping[int, Member] = field(default_factory=dict[int, Member])
    servers: Mapping[int, Member] = field(default_factory=dict[int, Member])
    primaries: tuple[int, ...] = ()
    backups: tuple[int, ...] = ()
    elastic: bool = False
    copying: tuple[int, ...] = ()

    @property
    def is_dealt(self) -> bool:
        return bool(self.primaries)

    def copy_of(self, slot: int) -> int:
        """The server that has a slot's copy, or is getting it; -1: none."""
        backup = self.backups[slot] if self.backups else -1
        return backup if backup >= 0 or not self.copying else self.copying[slot]

    @property
    def is_protected(self) -> bool:
        """Whether each slot has a backup in sync: any one server may die."""
        return bool(self.backups) and min(self.backups) >= 0

    @property
    def has_gathered(self) -> bool:
        """Whether nobody is expected any more."""
        return all(m.state != EXPECTED for m in self.members())

    def members(self) -> list[Member]:
        """Workers and servers."""
        return [*self.workers.values(), *self.servers.values()]

    def of_role(self, role: str) -> Mapping[int, Member]:
        """The members of a role, by rank; none for a role that has none."""
        return self.workers if role == WORKER else self.servers if role == SERVER else {}

    def present_workers(self) -> list[int]:
        """Ranks that others wait for, ascending: in the job, not left, and where the job is elastic not given up.

        Elsewhere a rank that was given up ends the job; until that is heard, nothing goes on without it.
        """
        gone = (LEFT, GIVEN_UP) if self.elastic else (LEFT,)
        return sorted(rank for rank, m in self.workers.items() if m.incarnation >= 0 and m.state not in gone)

    def with_member(self, member: Member) -> Table:
        """The next table, in which this member stands as given."""
        workers, servers = dict(self.workers), dict(self.servers)
        (workers if member.role == WORKER else servers)[member.rank] = member
        return replace(self, membership=self.membership + 1, workers=workers, servers=servers)

    def to_wire(self) -> dict[str, Any]:
        return {
            "membership": self.membership,
            "workers": [_member_to_wire(m) for _, m in sorted(self.workers.items())],
            "servers": [_member_to_wire(m) for _, m in sorted(self.servers.items())],
            "primaries": list(self.primaries),
            "backups": list(self.backups),
            "copying": list(self.copying),
            "elastic": self.elastic,
        }

    @staticmethod
    def from_wire(data: Mapping[str, Any]) -> Table:
        """Raises MXLError, naming the field, for anything that `to_wire` does not make."""
        try:
            table = Table(
                membership=_int(data["membership"]),
                workers={m.rank: m for m in (_member_from_wire(WORKER, w) for w in data["workers"])},
                servers={m.rank: m for m in (_member_from_wire(SERVER, s) for s in data["servers"])},
                primaries=_ints(data["primaries"]),
                backups=_ints(data["backups"]),
                copying=_ints(data["copying"]),
                elastic=bool(data["elastic"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise MXLError(f"table: expected the fields of a member table, came {error!r}") from None
        if len(table.primaries) not in (0, SLOTS) or any(p not in table.servers for p in table.primaries):
            raise MXLError(f"table: expected {SLOTS} slots of known servers, came {len(table.primaries)}")
        for name, copies in (("backups", table.backups), ("copying", table.copying)):
            pairs = zip(copies, table.primaries, strict=False)
            wrong = any(c >= 0 and (c not in table.servers or c == p) for c, p in pairs)
            if wrong or len(copies) not in (0, len(table.primaries)):
                count = len(table.primaries)
                raise MXLError(f"table: {name} names for each of {count} slots another known server, or -1")
        return table


def _member_to_wire(m: Member) -> list[Any]:
    return [m.rank, m.incarnation, m.state, m.host, list(m.addresses), m.proof]


def _member_from_wire(role: str, fields: Any) -> Member:
    rank, incarnation, state, host, addresses, proof = fields
    if state not in STATES:
        raise ValueError(f"member state {state!r}; known: {', '.join(STATES)}")
    return Member(
        role, _int(rank), _int(incarnation), state, _str(host), tuple(_str(a) for a in addresses), _str(proof)
    )


def _int(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no int")
    return value


def _ints(values: Any) -> tuple[int, ...]:
    return tuple(values) if set(map(type, values)) <= {int} else tuple(_int(v) for v in values)


def _str(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
