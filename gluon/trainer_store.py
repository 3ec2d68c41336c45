"""Which store a Trainer uses, and whether the store or the Trainer's process applies the optimizer.

Knows the Trainer's wishes, the parameters' storages and what a store is capable of. Never exchanges anything.
Invariant: a row_sparse parameter always has a store, and that store applies the optimizer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import kvstore as stores
from ..core.errors import ArgumentError, BadCall
from ..kvstore.config import load as load_settings
from .errors import BadArgument
from .parameter import Parameter


def choose(
    wished: Any, update_on_kvstore: bool | None, params: Sequence[Parameter], devices: int
) -> tuple[Any, bool | None]:
    """(the store or None, whether it applies the optimizer or None without a store).

    Raises TypeError for what is no store, ValueError for wishes that the parameters or the store cannot fulfil.
    """
    tables = [param for param in params if param._stype != "default"]
    if tables:
        return _store_of_tables(tables[0], wished, update_on_kvstore), True
    if isinstance(wished, str) and devices == 1 and "dist" not in kind_of(wished):
        store = None  # nothing to sum
    else:
        store = stores.create(wished) if isinstance(wished, str) else wished
    if store is not None and not hasattr(store, "pushpull"):
        raise ArgumentError(f"kvstore={wished!r:.60}: expected a kind of store, such as 'device', a store, or None")
    sparse = next((param for param in params if has_sparse_gradient(param)), None)
    if store is not None and sparse is not None:
        return store, _who_updates_by_rows(sparse, store, update_on_kvstore)
    return store, _who_updates(store, wished, update_on_kvstore)


def has_sparse_gradient(param: Parameter) -> bool:
    """Whether the parameter's gradient holds some rows only."""
    return param._grad_stype != "default" and param.grad_req != "null"


def kind_of(kvstore: Any) -> str:
    """The kind of a store, or the wish for one; '' where a plugged-in class does not tell."""
    if isinstance(kvstore, str):
        return kvstore.lower()
    try:
        return kvstore.type.lower() if hasattr(kvstore, "type") else ""
    except NotImplementedError:
        return ""


def _store_of_tables(table: Parameter, wished: Any, update_on_kvstore: bool | None) -> Any:
    has = f"Parameter '{table.name}' is {table._stype}, and a store holds its values"
    if table._stype != "row_sparse":
        raise BadArgument(f"Trainer: Parameter '{table.name}' is {table._stype}; parameters to train are dense or "
                          "row_sparse")
    if update_on_kvstore is False:
        raise BadArgument(f"update_on_kvstore=False cannot be: {has} and applies the optimizer; leave it out")
    if not isinstance(wished, str | stores.KVStore):
        raise ArgumentError(f"kvstore={wished!r:.60}: {has}: expected a kind of store, such as 'device', or a KVStore")
    store = stores.create(wished) if isinstance(wished, str) else wished
    if not isinstance(store, stores.KVStore) or not store.is_capable("optimizer"):
        raise BadCall(f"kvstore={wished!r:.60}: {has} and applies the optimizer, which {type(store)} cannot")
    return store


def _who_updates_by_rows(param: Parameter, store: Any, wished: bool | None) -> bool:
    """As `_who_updates`, where some dense weight has a gradient of rows: servers have no sum of rows to give back."""
    distributed = "dist" in kind_of(store)
    if not isinstance(store, stores.KVStore):
        raise BadArgument(f"Parameter '{param.name}' has a {param._grad_stype} gradient, which {type(store)} cannot "
                          "sum: use a kind of store such as 'device'")
    if wished is False and distributed:
        raise BadArgument(f"update_on_kvstore=False cannot be over servers: Parameter '{param.name}' has a "
                          f"{param._grad_stype} gradient, whose sum they do not give back; leave it out")
    return distributed if wished is None else wished


def _who_updates(store: Any, wished_store: Any, wished: bool | None) -> bool | None:
    if store is None:
        if wished:
            raise BadArgument(
                f"update_on_kvstore=True needs a store, but kvstore={wished_store!r} makes none on one context: pass a "
                "store such as mx.kv.create('local'), or leave update_on_kvstore out"
            )
        return None
    if not store.is_capable("optimizer"):
        if wished:
            raise BadArgument(
                f"update_on_kvstore=True needs a store with an optimizer, which {type(store)} has not; leave it out"
            )
        return False
    if "async" in kind_of(store):
        if wished is False:
            raise BadArgument(
                "update_on_kvstore=False needs summed gradients, and asynchronous stores sum none; leave it out"
            )
        return True
    if wished is not None:
        return wished
    setting = load_settings().update_on_kvstore
    return True if setting is None else setting
