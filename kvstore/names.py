"""Names of nodes: `role:rank:incarnation`, the routing id under which one life of a rank is known.

Knows: how a name is written and read, and the roles.  Never: who gets which name (`scheduler/`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

WORKER, SERVER, SCHEDULER, LAUNCHER = "worker", "server", "scheduler", "launcher"
ROLES = (WORKER, SERVER, SCHEDULER, LAUNCHER)
JOINING = "join:"
SCHEDULER_NAME = "scheduler:0:0"
LAUNCHER_NAME = "launcher:0:0"


class Node(NamedTuple):
    """One life of one rank of one role.  str() is its name on the wire."""

    role: str
    rank: int
    incarnation: int

    def __str__(self) -> str:
        return f"{self.role}:{self.rank}:{self.incarnation}"

    @property
    def title(self) -> str:
        """What a person calls it: `worker 1`; a later life says which."""
        if self.role == SCHEDULER or self.role == LAUNCHER:
            return self.role
        return f"{self.role} {self.rank}" + (f" (life {self.incarnation + 1})" if self.incarnation else "")


@lru_cache(maxsize=1024)
def parse(name: str) -> Node | None:
    """The node of a name; None if it is none (a routing id before joining, a stranger's bytes)."""
    role, *numbers = name.split(":")
    if role not in ROLES or len(numbers) != 2 or not all(n.isascii() and n.isdigit() and len(n) < 10 for n in numbers):
        return None
    node = Node(role, int(numbers[0]), int(numbers[1]))
    return node if str(node) == name else None


def title(name: str) -> str:
    """A name for people: `worker:1:0` -> `worker 1`; anything else as it is."""
    node = parse(name)
    return node.title if node else name
