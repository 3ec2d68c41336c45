"""Kinds of stores by name: what `mx.kv.create` makes of 'local', 'dist_sync_device' or a plug-in's name.

Knows: MXNet's rules for names, and where the class of each kind is.  Never imports one before it is asked for, so that
`import mxl.kvstore` costs neither sockets nor optimizers.  Classes under `KVStoreBase.register` go before all kinds.
"""

from __future__ import annotations

import difflib
import importlib
import math
import warnings
from typing import Any

from ..core.errors import ArgumentError
from .base import KVStoreBase
from .errors import InvalidStaleness, UnknownStore

# What a kind is made by, as package.module:Class; called as Class(kind), the dist one as Class(kind, staleness).
LOCAL = "mxl.kvstore.local:LocalKVStore"
DIST = "mxl.worker.store:DistKVStore"
# Stores that mxl brings as plug-ins: exact names.
PLUGINS = {"teststore": "mxl.kvstore.teststore:TestStore"}

KNOWN = ("local", "device", "local_update_cpu", "local_allreduce_cpu", "local_allreduce_device", "dist", "dist_sync",
         "dist_async", "dist_sync_device", "dist_device_sync", "dist_async_device", "dist_device_async")


def create(name: str = "local", *, staleness: float | None = None, **options: Any) -> Any:
    """A new store of a kind.

    `local`: in this process, with lists of arrays for several devices; `device`: the same, by MXNet's other name.
    `dist_sync`: over the servers of a cluster; each push waits for those of all workers, so n workers with batch b
    do what one does with batch n * b.  `dist_async`: each push is applied as it comes; with `staleness=N` the
    fastest worker runs at most N pushes ahead of the slowest, and `staleness=0` is `dist_sync`.

    Names are read as MXNet reads them: in any letter case; a class under `KVStoreBase.register` first; what contains
    `dist` is distributed, asynchronous if it contains `_async`; else what contains `local` or `device` is one
    process.  `options` go to a registered class.  Raises ArgumentError (a TypeError) for a name that is no str,
    UnknownStore, InvalidStaleness.
    """
    if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ArgumentError(f"kvstore name must be a string, got {name!r:.60} of type {type(name).__name__}")
    kind = name.lower()
    plugin = find_plugin(kind)
    if plugin is not None:
        return plugin(**options) if staleness is None else plugin(staleness=staleness, **options)
    dotted = find_kind(kind)
    if options:
        raise ArgumentError(f"kvstore {name!r} has no option {', '.join(sorted(options))}; kinds take staleness alone")
    check_staleness(kind, staleness)
    return load(dotted)(kind, staleness) if dotted == DIST else load(dotted)(kind)


def find_plugin(kind: str) -> type[Any] | None:
    """The registered class of this name, or None."""
    if kind not in KVStoreBase.kv_registry and kind in PLUGINS:
        KVStoreBase.register(load(PLUGINS[kind]))
    return KVStoreBase.kv_registry.get(kind)


def find_kind(kind: str) -> str:
    """The dotted name of the class for a kind's name, or UnknownStore; a dist name that is none of MXNet's is told."""
    if kind not in KNOWN and "dist" in kind:  # a typo would train otherwise than was meant, without a word
        meant = difflib.get_close_matches(kind, KNOWN, n=1)
        hint = f"; did you mean {meant[0]!r}?" if meant else ""
        read = "dist_async" if "_async" in kind else "dist_sync"
        told = f"kvstore {kind!r} is no kind of its own and is read as {read!r}{hint}"
        warnings.warn(told, UserWarning, stacklevel=3)
    if "dist" in kind:
        return DIST
    if "nccl" in kind:
        raise UnknownStore(f"kvstore {kind!r} sums on NVIDIA GPUs, which mxl does not use; "
                           f"kvstore 'device' has the same calls")
    if "local" in kind or "device" in kind:
        return LOCAL
    known = ", ".join([*KNOWN, *sorted({*PLUGINS, *KVStoreBase.kv_registry})])
    raise UnknownStore(f"unknown kvstore {kind!r}; known: {known}; KVStoreBase.register adds a class of your own")


def check_staleness(kind: str, staleness: float | None) -> None:
    """Raise where this kind cannot have this staleness; None, not given, fits every kind."""
    if staleness is None:
        return
    number = type(staleness) in (int, float)
    if not number or not staleness >= 0 or (staleness != math.inf and staleness != int(staleness)):
        raise InvalidStaleness(f"staleness counts pushes: expected 0, 1, 2, ... or float('inf'), got {staleness!r:.60}")
    if "dist" not in kind:
        raise InvalidStaleness(f"kvstore {kind!r} is one process, which cannot run ahead of itself; leave staleness "
                               f"out, or use dist_async")
    if "_async" not in kind and staleness != 0:
        raise InvalidStaleness(f"{kind} waits for every worker; use dist_async with staleness={staleness!r}")


def load(dotted: str) -> type[Any]:
    """The class behind `package.module:Class`."""
    module, _, name = dotted.partition(":")
    return getattr(importlib.import_module(module), name)
