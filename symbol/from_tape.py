"""A symbol of what autograd has recorded: the tape's nodes beneath an array as a graph.

Variables (arrays with a gradient) become `var0`, `var1`, ...; arrays that are none become variables called `null2`.
  Knows the tape as it lies; never computes anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..core.errors import ArgumentError, GraphError
from ..core.ndarray import NDArray
from ..core.op import Op
from ..core.tape import Leaf, Part, live
from . import operators
from .errors import NotForSymbol
from .graph import Entry, Node
from .symbol import Symbol

__all__ = ["from_tape"]


def from_tape(x: NDArray) -> Symbol:
    """The graph that computed `x`.  Raises GraphError where x is in none, NotForSymbol for a Function in it."""
    if not isinstance(x, NDArray):
        raise ArgumentError(f"get_symbol: expected an NDArray, got {type(x).__name__}")
    head = live(x._node)
    if head is None:
        raise GraphError(
            "get_symbol: the array is not in a computational graph. Compute it from arrays with attach_grad() inside "
            "autograd.record(), and ask before backward"
        )
    made: dict[int, Node] = {}
    count = {"leaf": 0, "node": 0}

    def leaf(kind: str) -> Node:
        count["leaf"] += 1
        return Node(None, f"{kind}{count['leaf'] - 1}")

    def entry(place: Any) -> Entry:
        return (made[id(place.node)], place.index) if isinstance(place, Part) else (made[id(place)], 0)

    for place in _in_order(head):
        if isinstance(place, Leaf):
            made[id(place)] = leaf("var")
            continue
        op = operators.find(place.op.name) if isinstance(place.op, Op) else None
        if op is None:
            raise NotForSymbol(f"get_symbol: a part was computed by {place.op!r}, which is no operator of a graph")
        parents = place.parents
        used = [i for i, shape in enumerate(place.shapes or parents) if parents[i] is not None or shape != ()]
        inputs = [(leaf("null"), 0) if parents[i] is None else entry(parents[i]) for i in used]
        names = [f"arg{i}" for i in used] if op.variadic else [op.arrays[i] for i in used]
        params = {key: value for key, value in place.params.items()
                  if key in op.defaults and value is not op.defaults[key]}  # fmt: skip
        made[id(place)] = Node(op, f"node_{count['node']}", params, inputs=inputs, arguments=names)
        count["node"] += 1
    return Symbol([entry(head)])


def _in_order(head: Any) -> list[Any]:
    """Leaves and nodes beneath a place of the tape, each after what it was computed from."""
    start = head.node if isinstance(head, Part) else head
    found: list[Any] = []
    seen = {id(start)}
    stack: list[tuple[Any, Iterator[Any]]] = [(start, iter(start.parents or ()))]
    while stack:
        place, rest = stack[-1]
        for parent in rest:
            below = parent.node if isinstance(parent, Part) else parent
            if below is not None and id(below) not in seen:
                if below.parents is None:
                    raise GraphError("get_symbol: a part of the graph was freed by an earlier backward")
                seen.add(id(below))
                stack.append((below, iter(below.parents)))
                break
        else:
            found.append(place)
            stack.pop()
    return found
