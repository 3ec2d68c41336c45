"""The story: the last messages of a node, told when its state machine fails.

Knows: who sent what to whom, and when.  Never: payloads, which it would keep alive: only headers are kept, and they are
read when the story is told.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from .wire.codec import read_header
from .wire.errors import WireError
from .wire.fields import came, plan_of
from .wire.messages import MESSAGES, Frame

HEADER_MAX = 16_384  # a longer one is not kept
IN, OUT, NOTE = "<-", "->", "--"


class Story:
    """A ring of the last `lines` events."""

    def __init__(self, lines: int = 60) -> None:
        self._ring: deque[tuple[float, str, str, Frame | str, int]] = deque(maxlen=lines)

    def add(self, now: float, way: str, peer: str, what: Frame | str, size: int = 0) -> None:
        """An event: a message's header and the message's size in bytes, or a few words."""
        if len(what) > HEADER_MAX:
            what = f"a header of {len(what)} bytes"
        self._ring.append((now, way, peer, what, size))

    def tell(self, now: float) -> str:
        """One line an event, oldest first, times counted back from `now`."""
        return "\n".join(f"{then - now:10.3f} s  {way} {peer}  {_words(what, size)}"
                         for then, way, peer, what, size in self._ring)


def _words(what: Frame | str, size: int) -> str:
    if isinstance(what, str):
        return what
    try:
        raw: tuple[Any, ...] = read_header(what)
    except WireError as error:
        return str(error)
    op = raw[1] if len(raw) > 1 else None  # pyright: ignore[reportGeneralTypeIssues]
    cls = MESSAGES.get(op) if isinstance(op, str) else None
    if cls is None:
        return f"{came(raw)} {size} bytes"
    values = ", ".join(f"{name}={came(value)}" for name, value in zip(plan_of(cls).names, raw[2:], strict=False))
    return f"{op}({values}) {size} bytes"
