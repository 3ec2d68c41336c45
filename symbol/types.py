"""Element types in a graph, where no shapes are known: an operator keeps its first input's, unless it is told one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .graph import Entry, Node, in_order
from .json_format import DTYPES

__all__ = ["infer_types"]

_INDICES = ("Embedding", "take", "one_hot", "pick", "gather_nd", "batch_take")  # their indices have a type of their own


def infer_types(heads: Sequence[Entry], given: Mapping[str, Any]) -> dict[int, list[Any]]:
    """The dtypes of all nodes' outputs, by the nodes' ids; None where nothing says."""
    nodes = in_order(node for node, _ in heads)
    found: dict[int, Any] = {}
    for node in nodes:
        if node.op is None:
            noted = node.attrs.get("__dtype__")
            found[id(node)] = given.get(node.name, None if noted is None else np.dtype(DTYPES[int(noted)]))
            continue
        kinds = [found[id(below)] for below, _ in node.inputs]
        main = 1 if node.op.name == "Embedding" and len(kinds) > 1 else 0
        first = kinds[main] if kinds and kinds[main] is not None else next((k for k in kinds if k is not None), None)
        if node.op.name not in _INDICES and first is not None:
            for below, _ in node.inputs:
                if found[id(below)] is None:
                    found[id(below)] = first
        found[id(node)] = _result(node, first)
    return {key: [kind] for key, kind in found.items()}


def _result(node: Node, first: Any) -> Any:
    assert node.op is not None
    dtype = node.op.param(node.params, "dtype")
    if "dtype" in node.op.defaults and dtype is not None and node.op.name not in ("softmax", "log_softmax"):
        try:
            return np.dtype(dtype)
        except TypeError:
            return first
    return first
