"""Shipped test tools: a cluster inside one process, gradient checks, the simulator; for mxl's tests and users' own."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .gradient import check_gradient
    from .inprocess import Cluster, ClusterError, cluster

__all__ = ["Cluster", "ClusterError", "check_gradient", "cluster"]

_PLACES = {"Cluster": "inprocess", "ClusterError": "inprocess", "check_gradient": "gradient", "cluster": "inprocess"}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_PLACES[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
