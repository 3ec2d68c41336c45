"""Scopes of attributes: what a graph's nodes made inside `with AttrScope(ctx_group="a"):` have noted on them.

A scope's attributes are strings; an inner scope adds to the outer one and overrules it. Each thread has its own.
"""

from __future__ import annotations

import threading

from .errors import InvalidSetting

__all__ = ["AttrScope"]


class _Scopes(threading.local):
    def __init__(self) -> None:
        self.stack: list[AttrScope] = []


_scopes = _Scopes()


class AttrScope:
    """Attributes for all nodes made inside `with`. Raises InvalidSetting (a ValueError) for what is no string.

    >>> with AttrScope(group="4", data="great"):
    ...     AttrScope.current.get({"more": "1"})
    {'group': '4', 'data': 'great', 'more': '1'}
    """

    def __init__(self, **kwargs: str) -> None:
        for name, value in kwargs.items():
            if not isinstance(value, str):
                raise InvalidSetting(f"attribute {name} is {value!r}; expected a string")
        self._attr = dict(kwargs)

    def get(self, attr: dict[str, str] | None) -> dict[str, str]:
        """This scope's attributes, and `attr` over them."""
        return {**self._attr, **(attr or {})} if self._attr else dict(attr or {})

    def __enter__(self) -> AttrScope:
        outer = _scopes.stack[-1]._attr if _scopes.stack else {}
        self._attr = {**outer, **self._attr}
        _scopes.stack.append(self)
        return self

    def __exit__(self, *exc_info: object) -> None:
        _scopes.stack.pop()

    class _Current:
        def __get__(self, instance: object, owner: type[AttrScope]) -> AttrScope:
            return _scopes.stack[-1] if _scopes.stack else AttrScope()

    current = _Current()
