"""The KVStore: `mx.kv.create('local' | 'device' | 'dist_sync' | 'dist_async' | …)`, and what all roles share.

Names are loaded on first use: a server takes messages and transports from here, and needs neither arrays nor stores.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .base import KVStore as KVStore
    from .base import KVStoreBase as KVStoreBase
    from .registry import create as create

_NAMES = {"KVStore": ".base", "KVStoreBase": ".base", "create": ".registry"}

__all__ = ["KVStore", "KVStoreBase", "create"]


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_NAMES[name], __name__), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_NAMES})
