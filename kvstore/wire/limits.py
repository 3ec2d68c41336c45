"""How large a message, and each thing in it, may be: what a node accepts from whoever reaches its sockets.

Knows: the numbers, and why they are what they are.  Never: how they are enforced (`codec.py`, `fields.py`, the
transports).  Invariant: with the defaults, no header makes a decoder take more than 64 MiB, whatever its bytes are.
Two things add up to that: msgpack reserves room for an array before it reads it, and goes 1 024 arrays deep, so `parts`
x 8 bytes x 1 024 is reserved at the worst (16 MiB); and a byte becomes at most some 77 bytes of objects (a map of one
entry).  Senders keep to the same numbers: a longer list travels in several messages.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds, all inclusive."""

    header_bytes: int = 512 * 1024
    parts: int = 2048                 # in one message; also the length of any list in a header
    text_bytes: int = 64 * 1024       # of any text: an error's sentence, an address
    key_bytes: int = 1024             # a parameter's name, in UTF-8
    dims: int = 32                    # numpy 1.x allows 32, numpy 2.x 64
    elements: int = 1 << 40           # of one key
    plain_depth: int = 16             # how deep plain data (tables, counters, hyper-parameters) may be nested
    plain_items: int = 65_536         # how many values plain data may hold in all
    frame_bytes: int = 1 << 31        # one payload: a shard, or a whole key that its optimizer does not let be cut


DEFAULT = Limits()
