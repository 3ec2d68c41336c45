"""Names given by themselves: what a thing made without a name is called, `dense0`, `dense1`, and scopes that alter it.

Knows counters and scopes. Each thread has its own innermost manager. Invariant: the same sequence of makings in a fresh
thread gives the same names.
"""

from __future__ import annotations

import threading
from collections import Counter

__all__ = ["NameManager", "Prefix"]


class _Managers(threading.local):
    def __init__(self) -> None:
        self.stack: list[NameManager] = [NameManager()]


class NameManager:
    """Gives numbered names; `with NameManager():` begins to count anew inside.

    >>> with NameManager() as names:
    ...     names.get(None, "conv"), names.get(None, "conv"), names.get("mine", "conv")
    ('conv0', 'conv1', 'mine')
    """

    def __init__(self) -> None:
        self._counter: Counter[str] = Counter()

    def get(self, name: str | None, hint: str) -> str:
        """`name` itself, or, without one, `hint` with the next number."""
        if name:
            return name
        number = self._counter[hint]
        self._counter[hint] += 1
        return f"{hint}{number}"

    def __enter__(self) -> NameManager:
        _managers.stack.append(self)
        return self

    def __exit__(self, *exc_info: object) -> None:
        _managers.stack.pop()

    class _Current:
        def __get__(self, instance: object, owner: type[NameManager]) -> NameManager:
            return _managers.stack[-1]

    current = _Current()


class Prefix(NameManager):
    """Puts a prefix before every name.

    >>> with Prefix("mynet_") as names:
    ...     names.get(None, "dense"), names.get("out", "dense")
    ('mynet_dense0', 'mynet_out')
    """

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self._prefix = prefix

    def get(self, name: str | None, hint: str) -> str:
        return self._prefix + super().get(name, hint)


_managers = _Managers()
