"""Hunting a planted bug: run seeds until one of them breaks a rule.

A simulator that finds nothing proves nothing until it has found what was put there.  Knows: in which order seeds are
tried.  Never: what was planted.
"""

from __future__ import annotations

from .cluster import run
from .reference import Violation


def hunt(seeds: int = 2000, first: int = 0) -> tuple[int, str] | None:
    """(seed, the broken rule) of the first seed that breaks one; None if these many seeds are clean."""
    for seed in range(first, first + seeds):
        try:
            run(seed)
        except Violation as violation:
            return seed, str(violation).partition("\n")[0]
    return None
