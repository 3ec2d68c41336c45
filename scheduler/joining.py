"""Joining: which place of the table a node may have, and how long a job may take to gather.

Pure functions of the table and of what a node says of itself, and the clock of the gathering.  Never: a change of the
table, nor a message.  Invariant: a place is given only while it is expected, and each refusal says who has it.
"""

from __future__ import annotations

from ..kvstore.names import JOINING, SERVER, WORKER
from ..kvstore.settings import Settings
from ..kvstore.table import ADMITTED, EXPECTED, Member, Table
from ..kvstore.wire.messages import Join

SELF_MAX = 2048  # characters that a node may have in the table


def problem_of(peer: str, message: Join) -> str:
    """Why nothing of this kind joins, whatever the table says; empty if there is no reason."""
    if not peer.startswith(JOINING):
        return f"a node joins under a random routing id beginning with {JOINING!r}, came {peer!r}"
    if message.role not in (WORKER, SERVER):
        return f"only workers and servers join, came role {message.role!r}"
    size = len(message.host) + len(message.proof) + sum(map(len, message.addresses))
    if size > SELF_MAX:  # it goes into the table, which goes to all in one header
        return f"what a node says of itself (host, addresses, proof) may have {SELF_MAX} characters, came {size}"
    return ""


def place_for(message: Join, table: Table) -> Member | None:
    """The member that this node becomes: the rank wished for if it is free, else the lowest free one."""
    members = table.of_role(message.role)
    if message.rank >= 0:
        wished = members.get(message.rank)
        return wished if wished is not None and wished.state == EXPECTED else None
    return next((members[rank] for rank in sorted(members) if members[rank].state == EXPECTED), None)


def no_place(message: Join, table: Table) -> str:
    """Why `place_for` has found none."""
    members = table.of_role(message.role)
    taken = members.get(message.rank)
    if message.rank >= 0 and taken is None:
        return f"{message.role} rank {message.rank} does not exist: the job has {len(members)} {message.role}s"
    if taken is not None:
        state, host = taken.state.replace("_", " "), taken.host or "no host"
        return f"{message.role} rank {message.rank} is {state} already (on {host})"
    return f"the job has its {len(members)} {message.role}s already; start fewer, or give the launcher a larger number"


class Gathering:
    """The time until every expected node is there: told at doubling intervals, and limited."""

    def __init__(self, settings: Settings) -> None:
        self.started_at = 0.0
        self._limit_s = settings.start_limit_s
        self._warn_s = settings.warn_after_s

    def is_late(self, now: float) -> bool:
        """Whether the start has taken longer than it may."""
        return now - self.started_at > self._limit_s

    def failure(self, table: Table) -> str:
        """What the job fails with when it is late."""
        return (
            f"the job did not gather within {self._limit_s:g} s (MXL_START_LIMIT_S): {_missing(table)}. "
            f"Start the missing ones with this scheduler's address (MXL_SCHEDULER), or look into their logs"
        )

    def warning(self, table: Table, now: float) -> str:
        """Who is missing, if it is time to say so again; else empty."""
        waited_s = now - self.started_at
        if waited_s < self._warn_s:
            return ""
        self._warn_s = 2 * waited_s
        return f"the job has not gathered after {waited_s:.0f} s: {_missing(table)}"


def _missing(table: Table) -> str:
    missing = ", ".join(f"{m.role} {m.rank}" for m in table.members() if m.state == EXPECTED)
    here = ", ".join(f"{m.role} {m.rank} on {m.host}" for m in table.members() if m.state == ADMITTED) or "nobody"
    return f"still missing {missing}; here: {here}"
