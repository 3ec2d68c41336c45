"""Placement: how a value is cut into shards, and which of the 256 slots, and so which server, each shard lives in.

Pure functions.  The cut depends on the value, on what must stay whole in it, and on the settings alone, the slot on
(store, key, shard) alone; only the table slot -> server, dealt once by bytes, knows the servers.  Invariant: every node
computes the same from the same numbers.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence

SLOTS = 256

Key = int | str


def cut(
    shape: Sequence[int], itemsize: int, bound_bytes: int, shard_bytes: int, scope: str = "element"
) -> list[tuple[int, int]]:
    """[start, stop) of each shard, in elements of the flattened value.

    A value below `bound_bytes` is one shard; others are cut into pieces of `shard_bytes`, the last one shorter.
    `scope` is what stays whole: 'row' cuts between rows (along the first axis) only, 'key' nowhere.
    """
    size = math.prod(shape)
    if scope == "key" or size * itemsize < bound_bytes:
        return [(0, size)]
    unit = math.prod(shape[1:]) if scope == "row" else 1
    step = max(1, shard_bytes // (unit * itemsize)) * unit
    return [(start, min(start + step, size)) for start in range(0, size, step)]


def keeps_whole(shape: Sequence[int], pieces: Iterable[tuple[int, int]], scope: str) -> bool:
    """Whether a key's pieces are such that an optimizer of this scope may step over each by itself."""
    if scope == "element":
        return True
    size, row = math.prod(shape), math.prod(shape[1:]) or 1
    if scope == "row":
        return all(start % row == 0 and stop % row == 0 for start, stop in pieces)
    return all((start, stop) == (0, size) for start, stop in pieces)


def slot_of(store: int, key: Key, shard: int) -> int:
    """The slot of a shard: shards of one key lie in neighbouring slots, keys begin at a place that their hash gives."""
    tag = "i" if isinstance(key, int) else "s"
    digest = hashlib.blake2b(f"{store}/{tag}/{key}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") + shard) % SLOTS


def slot_bytes(shards: Iterable[tuple[int, int]]) -> tuple[int, ...]:
    """Bytes in each slot, from (slot, bytes) of every shard."""
    total = [0] * SLOTS
    for slot, size in shards:
        total[slot] += size
    return tuple(total)


def deal(sizes: Sequence[int], servers: Sequence[int]) -> tuple[int, ...]:
    """The server of each slot: largest slot first, each to the server with the fewest bytes, then the fewest slots.

    Raises ValueError without servers or with another number of slots.
    """
    if not servers:
        raise ValueError("slots cannot be dealt: there is no server")
    if len(sizes) != SLOTS:
        raise ValueError(f"slots cannot be dealt: expected the bytes of {SLOTS} slots, came {len(sizes)}")
    load = {server: [0, 0, server] for server in sorted(servers)}
    table = [0] * SLOTS
    for slot in sorted(range(SLOTS), key=lambda s: (-sizes[s], s)):
        lightest = min(load.values())
        table[slot] = lightest[2]
        lightest[0] += sizes[slot]
        lightest[1] += 1
    return tuple(table)
