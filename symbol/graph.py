"""The graph: nodes that stand for variables and for calls of operators, and the order in which they are computed.

Knows nothing of names' rules, shapes or arrays.  A node is made once and does not change, but for its annotations;
an *entry* is one output of a node.  Invariant: the inputs of a node exist before it, so there is no cycle.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from .operators import Operator

__all__ = ["Entry", "Node", "in_order", "next_order", "replaced", "text"]


next_order = itertools.count(1).__next__


class Node:
    """A variable (`op` is None) or a call of an operator.

    `params` are the parameters that the call gave, as Python's values; `attrs` annotations, strings by name;
    `arguments` the names of the array arguments that the inputs are, in their order.
    """

    __slots__ = ("arguments", "attrs", "inputs", "name", "op", "order", "params")

    def __init__(
        self,
        op: Operator | None,
        name: str,
        params: Mapping[str, Any] | None = None,
        attrs: Mapping[str, str] | None = None,
        inputs: Sequence[Entry] = (),
        arguments: Sequence[str] = (),
    ) -> None:
        self.order = next_order()  # nodes are numbered as they are made
        self.op = op
        self.name = name
        self.params = dict(params or {})
        self.attrs = dict(attrs or {})
        self.inputs = tuple(inputs)
        self.arguments = tuple(arguments)

    def places(self) -> list[int]:
        """Where among the operator's array arguments each input stands."""
        if self.op is None or self.op.variadic:
            return list(range(len(self.inputs)))
        return [self.op.arrays.index(name) for name in self.arguments]

    def with_inputs(self, inputs: Iterable[Entry]) -> Node:
        """A copy with other inputs."""
        return Node(self.op, self.name, self.params, self.attrs, tuple(inputs), self.arguments)

    def output_names(self) -> list[str]:
        """The names of its visible outputs; a variable's is its own."""
        if self.op is None:
            return [self.name]
        return [f"{self.name}_{ending}" for ending in self.op.endings(self.params)]

    def entries(self) -> list[Entry]:
        """Its visible outputs."""
        return [(self, i) for i in range(len(self.output_names()))]


Entry = tuple[Node, int]


def in_order(heads: Iterable[Node]) -> list[Node]:
    """All nodes beneath the heads, each after its inputs: depth first, in the order of the arguments."""
    found: list[Node] = []
    seen: set[int] = set()
    for head in heads:
        if id(head) in seen:
            continue
        seen.add(id(head))
        stack = [(head, iter(head.inputs))]
        while stack:
            node, rest = stack[-1]
            for below, _ in rest:
                if id(below) not in seen:
                    seen.add(id(below))
                    stack.append((below, iter(below.inputs)))
                    break
            else:
                found.append(node)
                stack.pop()
    return found


def replaced(heads: Sequence[Entry], by: Mapping[int, Entry]) -> list[Entry]:
    """The heads of a copy of the graph in which the nodes with the ids of `by` are the entries there."""
    made: dict[int, Node] = {}

    def now(entry: Entry) -> Entry:
        node, i = entry
        return by[id(node)] if id(node) in by else (made[id(node)], i)

    for node in in_order(node for node, _ in heads):
        if id(node) not in by:
            made[id(node)] = node.with_inputs(map(now, node.inputs))
    return [now(entry) for entry in heads]


def text(key: str, value: Any) -> str:
    """A parameter as files have it."""
    if key == "dtype" and value is not None and not isinstance(value, str):
        return np.dtype(value).name
    return str(tuple(value) if isinstance(value, list) else value)
