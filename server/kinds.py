"""Kinds of shards, and which one a first value makes.

Never: what becomes of it.
"""

from __future__ import annotations

from ..kvstore.errors import OutOfPlace
from ..kvstore.wire.messages import Frame, InitPart
from . import dense, table
from .dense import DenseShard
from .shard import Shard
from .table import TableShard

STYPES = (DenseShard.stype, TableShard.stype)


def check_stype(part: InitPart) -> None:
    """Raises OutOfPlace for what no shard is."""
    if part.stype not in STYPES:
        raise OutOfPlace(f"key {part.key!r}: a value is {' or '.join(STYPES)}, came stype {part.stype!r:.60}")


def make(part: InitPart, payload: Frame, staleness: int, versions_max: int) -> Shard:
    """A shard at version 0; raises where the bytes do not fit what the part says."""
    check_stype(part)
    if part.stype == TableShard.stype:
        return TableShard(part, table.initial(part, payload), staleness)
    return DenseShard(part, dense.initial(part, payload), staleness, versions_max)
