"""Traffic: how many messages and bytes a node has sent and received, in all and per peer.

Knows: the counts.  Never: a socket, a rate, a time: whoever reads twice has the rate.  The process makes one `Traffic`,
gives `total` to the state machine, whose heartbeats carry it, and the whole to the loop, which counts.
"""

from __future__ import annotations

PEERS_MAX = 4096  # routing ids are chosen by whoever connects: strangers must not fill the memory


class Traffic:
    """Counters that only grow.  `total` is a plain dict and stays the same object."""

    def __init__(self) -> None:
        self.total: dict[str, int] = {
            "messages_in": 0, "messages_out": 0, "bytes_in": 0, "bytes_out": 0, "malformed": 0, "unreachable": 0,
        }  # fmt: skip
        self.peers: dict[str, dict[str, int]] = {}

    def came_in(self, peer: str, size: int) -> None:
        total, row = self.total, self.peers.get(peer) or self._row(peer)
        total["messages_in"] += 1
        total["bytes_in"] += size
        row["messages_in"] += 1
        row["bytes_in"] += size

    def went_out(self, peer: str, size: int) -> None:
        total, row = self.total, self.peers.get(peer) or self._row(peer)
        total["messages_out"] += 1
        total["bytes_out"] += size
        row["messages_out"] += 1
        row["bytes_out"] += size

    def was_malformed(self) -> None:
        """What came was no message."""
        self.total["malformed"] += 1

    def was_unreachable(self) -> None:
        """A message was dropped, since its peer was not connected."""
        self.total["unreachable"] += 1

    def _row(self, peer: str) -> dict[str, int]:
        if len(self.peers) >= PEERS_MAX:
            peer = ""  # all further ones together
        return self.peers.setdefault(peer, dict.fromkeys(("messages_in", "messages_out", "bytes_in", "bytes_out"), 0))
