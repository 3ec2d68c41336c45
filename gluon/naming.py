"""Names of blocks: which prefix a new block gets, and where its parameters are kept.

Knows counters and scopes, nothing of arrays. A block made outside every scope takes the next number of its kind in
this thread's NameManager (`dense0_`, `dense1_`, …); made inside `with parent.name_scope():` it counts within the parent
and is named beneath it (`net0_dense0_`). Invariant: the same sequence of constructions in a fresh thread gives the same
names, so that every worker of a cluster, be it a process or a thread, calls its parameters alike.
"""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING

from ..core.name import NameManager, Prefix
from .parameter_dict import ParameterDict

if TYPE_CHECKING:
    from .block import Block


class _Naming(threading.local):
    """The scopes that one thread is inside of (innermost last)."""

    def __init__(self) -> None:
        self.scopes: list[NameScope] = []


_naming = _Naming()


def _numbered(counts: Counter[str], hint: str) -> str:
    number = counts[hint]
    counts[hint] += 1
    return f"{hint}{number}_"


class NameScope:
    """What `block.name_scope()` returns: blocks made inside the `with` are named beneath that block."""

    def __init__(self, block: Block) -> None:
        self._block = block
        self._counts: Counter[str] = Counter()

    def __enter__(self) -> NameScope:
        # A block with prefix='' is transparent: its children are named as if made beside it.
        if not self._block.has_empty_prefix:
            _naming.scopes.append(self)
            Prefix(self._block.prefix).__enter__()  # of the nodes of a graph
        return self

    def __exit__(self, *exc_info: object) -> None:
        if not self._block.has_empty_prefix:
            _naming.scopes.pop()
            NameManager.current.__exit__()

    def name_child(self, prefix: str | None, hint: str, params: ParameterDict | None) -> tuple[str, ParameterDict]:
        """As `name_new_block`, for a block made inside this scope."""
        own = _numbered(self._counts, hint) if prefix is None else prefix
        full = self._block.prefix + own
        if params is not None:
            return full, ParameterDict(params.prefix, shared=params)
        parent = self._block.params
        return full, ParameterDict(parent.prefix + own, shared=parent.shared)


def name_new_block(prefix: str | None, params: ParameterDict | None, hint: str) -> tuple[str, ParameterDict]:
    """The full prefix of a block being made, and the dictionary that holds its own parameters.

    `params` (another block's) makes the new block share those parameters under the names they have.
    """
    if _naming.scopes:
        return _naming.scopes[-1].name_child(prefix, hint, params)
    full = f"{NameManager.current.get(None, hint)}_" if prefix is None else prefix
    own = ParameterDict(full) if params is None else ParameterDict(params.prefix, shared=params)
    return full, own
