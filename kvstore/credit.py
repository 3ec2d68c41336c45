"""Credit: how many bytes a sender may have on the way to one receiver, on one connection.

Pure counting, both ends.  Offsets are cumulative from the connection's first byte, so that a lost message's credit
comes back with the next one, and a repeat changes nothing.  Invariant: what is on the way fits the window, or is one
message alone.
"""

from __future__ import annotations


class Window:
    """The sender's end: `sent` and `taken` are offsets, `size_bytes` what the receiver granted."""

    __slots__ = ("sent", "size_bytes", "taken")

    def __init__(self) -> None:
        self.begin(0)

    def begin(self, size_bytes: int) -> None:
        """A new connection: nothing is on the way."""
        self.size_bytes = size_bytes
        self.sent = 0
        self.taken = 0

    @property
    def on_the_way(self) -> int:
        return self.sent - self.taken

    def room(self) -> int:
        """Bytes that may go now."""
        return self.size_bytes - self.on_the_way

    def allows(self, size_bytes: int, beside_bytes: int = 0) -> bool:
        """Whether so much may go beside `beside_bytes` that the message has already: it fits, or nothing else goes."""
        if size_bytes == 0 or (self.sent == self.taken and beside_bytes == 0):
            return True
        return beside_bytes + size_bytes <= self.room()

    def send(self, size_bytes: int) -> int:
        """Count a message as sent; its offset."""
        self.sent += size_bytes
        return self.sent

    def credit(self, offset: int) -> None:
        """The receiver has taken everything up to `offset`."""
        self.taken = max(self.taken, min(offset, self.sent))
