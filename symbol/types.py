"""Element types in a graph, where no shapes are known: an operator keeps its first input's, unless it is told one.

Arithmetic and layers take arrays of one type: inputs that contradict each other are an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..core.errors import DtypeError
from .graph import Entry, Node, in_order
from .json_format import DTYPES

__all__ = ["infer_types"]

_FLOAT16, _FLOAT32 = np.dtype("float16"), np.dtype("float32")
_ALIKE = ("FullyConnected", "Convolution", "Deconvolution", "BatchNorm", "Concat", "concat", "stack", "dot",
          "batch_dot", "add_n", "where")  # fmt: skip
_INDICES = ("Embedding", "take", "one_hot", "pick", "gather_nd", "batch_take")  # their indices have a type of their own


def infer_types(heads: Sequence[Entry], given: Mapping[str, Any]) -> dict[int, list[Any]]:
    """The dtypes of all nodes' outputs, by the nodes' ids; None where nothing says.

    Raises DtypeError where inputs that have to be of one type are not.
    """
    nodes = in_order(node for node, _ in heads)
    found: dict[int, Any] = {}
    for node in nodes:
        if node.op is None:
            noted = node.attrs.get("__dtype__")
            found[id(node)] = given.get(node.name, None if noted is None else np.dtype(DTYPES[int(noted)]))
            continue
        kinds = [found[id(below)] for below, _ in node.inputs]
        if node.op.name == "Embedding" and len(kinds) > 1 and kinds[1] is None:
            kinds[1] = found[id(node.inputs[1][0])] = np.dtype(node.op.param(node.params, "dtype") or _FLOAT32)
        main = 1 if node.op.name in ("Embedding", "where") and len(kinds) > 1 else 0
        first = kinds[main] if kinds and kinds[main] is not None else next((k for k in kinds if k is not None), None)
        if node.op.name not in _INDICES and first is not None:
            for place, (below, _) in enumerate(node.inputs):
                expected = _of_input(node, place, first)
                if found[id(below)] is None:
                    found[id(below)] = expected
                elif found[id(below)] != expected and _alike(node, place):
                    raise DtypeError(
                        f"infer_type: '{node.name}' ({node.op.name}) takes arrays of one dtype: '{below.name}' is "
                        f"{found[id(below)]}, expected {expected}"
                    )
        found[id(node)] = _result(node, first)
    return {key: [kind] for key, kind in found.items()}


def _alike(node: Node, place: int) -> bool:
    """Whether an input has to be of the others' type."""
    assert node.op is not None
    name = node.op.name
    if name == "where":
        return place > 0
    return name in _ALIKE or (name.startswith(("elemwise_", "broadcast_")) and name != "broadcast_like")


def _of_input(node: Node, place: int, first: Any) -> Any:
    """The type that an input has beside a first one of type `first`: statistics of halves are whole."""
    assert node.op is not None
    return _FLOAT32 if node.op.name == "BatchNorm" and place and first == _FLOAT16 else first


def _result(node: Node, first: Any) -> Any:
    assert node.op is not None
    dtype = node.op.param(node.params, "dtype")
    if "dtype" in node.op.defaults and dtype is not None and node.op.name not in ("softmax", "log_softmax"):
        try:
            return np.dtype(dtype)
        except TypeError:
            return first
    return first
