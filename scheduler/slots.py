"""Slots: which server updates each slot, which one has its copy, and what becomes of both when servers go or come.

Pure functions of the table: each gives the next one's slots, never its membership.  Never: who is dead, nor what lies
in a slot.
Invariants: a slot's copy is on another server; only a backup that holds all becomes the primary; a server that has come
anew holds nothing until it has been copied to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..kvstore.placement import deal
from ..kvstore.table import ADMITTED, Table


def dealt(table: Table, sizes: Sequence[int], replicas: int) -> Table:
    """The first slots: by bytes over the servers that are here; as nothing lies in them yet, their copies are whole."""
    servers = _here(table) or sorted(table.servers)
    primaries = deal(sizes, servers)
    nowhere = (-1,) * len(primaries)
    backups = tuple(_next(p, servers) for p in primaries) if replicas else nowhere
    return replace(table, primaries=primaries, backups=backups, copying=nowhere)


def without(table: Table, rank: int) -> Table | None:
    """A server has died: those with its copies take its slots over; None where nobody has a copy of one."""
    if not table.is_dealt:
        return table
    slots = zip(table.primaries, table.backups, table.copying, strict=True)
    primaries: list[int] = []
    backups: list[int] = []
    copying: list[int] = []
    for primary, backup, copy in slots:
        if primary == rank:
            if backup < 0:
                return None
            primary, backup, copy = backup, -1, -1
        primaries.append(primary)
        backups.append(-1 if backup == rank else backup)
        copying.append(-1 if copy == rank else copy)
    return replace(table, primaries=tuple(primaries), backups=tuple(backups), copying=tuple(copying))


def copied_again(table: Table, replicas: int) -> Table:
    """Slots without a copy are to be copied to the next server that is here."""
    if not table.is_dealt or not replicas:
        return table
    servers = _here(table)
    copying = tuple(
        copy if backup >= 0 or copy >= 0 else _next(primary, servers)
        for primary, backup, copy in zip(table.primaries, table.backups, table.copying, strict=True)
    )
    return replace(table, copying=copying)


def in_sync(table: Table, primary: int, server: int, slots: Iterable[int]) -> Table:
    """A server holds all of these slots, as their primary says."""
    backups, copying = list(table.backups), list(table.copying)
    for slot in slots:
        if 0 <= slot < len(copying) and table.primaries[slot] == primary and copying[slot] == server:
            backups[slot], copying[slot] = server, -1
    return replace(table, backups=tuple(backups), copying=tuple(copying))


def _here(table: Table) -> list[int]:
    return sorted(rank for rank, member in table.servers.items() if member.state == ADMITTED)


def _next(primary: int, servers: Sequence[int]) -> int:
    """The server behind the primary in the ring; -1: there is no other."""
    others = [rank for rank in servers if rank != primary]
    return next((rank for rank in others if rank > primary), others[0]) if others else -1
