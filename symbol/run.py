"""Running a graph: its nodes one after the other, each through the operator that `mx.nd` would call.

So what a run computes, records and draws is what the same calls outside of a graph would; autograd's modes are those
of the run.  A `Plan` is made once for a graph and run often, from several threads if need be: it keeps no values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ..core.context import Context
from ..core.ndarray import NDArray
from .graph import Entry, Node, in_order
from .infer import infer

__all__ = ["Plan", "Watch"]


class Watch(NamedTuple):
    """Who is told of values while a graph runs: `callback(name, operator, array)`, for inputs too or outputs only."""

    callback: Callable[[str, str, NDArray], None]
    inputs: bool = False

    def tell(self, node: Node, arrays: Sequence[Any], results: Any) -> None:
        """Tells of one node's arrays."""
        assert node.op is not None
        if self.inputs:
            for name, where in zip(node.arguments, node.places(), strict=True):
                self.callback(f"{node.name}_{name}", node.op.name, arrays[where])
        outputs = results if type(results) is list else [results]
        for name, array in zip(node.output_names(), outputs, strict=False):
            self.callback(name, node.op.name, array)


class _Step:
    """One node: where its inputs come from, and which values nobody needs after it."""

    __slots__ = ("at", "count", "drops", "node", "params", "sources")

    def __init__(self, node: Node, at: int, sources: list[tuple[int, int, int]]) -> None:
        self.node = node
        self.at = at
        self.params = node.params
        self.sources = sources  # (place among the operator's arguments, node, output)
        self.count = len(sources) if node.op is None or node.op.variadic else len(node.op.arrays)
        self.drops: list[int] = []


class Plan:
    """A graph ready to be run.  `variables`, called `names`, are in the order in which `__call__` takes values."""

    def __init__(self, heads: Sequence[Entry]) -> None:
        nodes = in_order(node for node, _ in heads)
        place = {id(node): i for i, node in enumerate(nodes)}
        self._heads = list(heads)
        self._wanted = [(place[id(node)], output) for node, output in heads]
        self._size = len(nodes)
        self._variables = [i for i, node in enumerate(nodes) if node.op is None]
        self.variables = [nodes[i] for i in self._variables]
        self.names = [node.name for node in self.variables]
        self._steps: list[_Step] = []
        last: dict[int, _Step] = {}
        for i, node in enumerate(nodes):
            if node.op is None:
                continue
            sources = [
                (where, place[id(below)], output)
                for where, (below, output) in zip(node.places(), node.inputs, strict=True)
            ]
            step = _Step(node, i, sources)
            self._steps.append(step)
            for _, source, _ in sources:
                last[source] = step
        kept = {i for i, _ in self._wanted}
        for source, step in last.items():
            if source not in kept:
                step.drops.append(source)
        # Zeros of a length that is not known until the inputs are, such as the batch in the first states of a cell.
        self._open = [step for step in self._steps if not step.sources and 0 in _lengths(step.params.get("shape"))]
        self._closed: dict[Any, dict[int, Any]] = {}

    def __call__(self, values: Sequence[NDArray], ctx: Context, watch: Watch | None = None) -> list[NDArray]:
        """The heads' values; `watch` is told of each node as it is computed."""
        known: list[Any] = [None] * self._size
        for i, value in zip(self._variables, values, strict=True):
            known[i] = value
        lengths = self._close(values) if self._open else {}
        for step in self._steps:
            arrays: list[Any] = [None] * step.count
            for where, source, output in step.sources:
                value = known[source]
                arrays[where] = value[output] if type(value) is list else value
            params = lengths.get(step.at, step.params)
            op = step.node.op
            assert op is not None
            result = op.apply(arrays, params, ctx)
            known[step.at] = list(result) if isinstance(result, tuple) else result
            if watch is not None:
                watch.tell(step.node, arrays, known[step.at])
            for i in step.drops:
                known[i] = None
        found = []
        for i, output in self._wanted:
            value = known[i]
            found.append(value[output] if type(value) is list else value)
        return found

    def _close(self, values: Sequence[NDArray]) -> dict[int, Any]:
        """The parameters of the nodes whose shapes follow from the inputs'."""
        key = tuple([value.shape for value in values])
        found = self._closed.get(key)
        if found is None:
            shapes = infer(self._heads, dict(zip(self.names, key, strict=True)))
            found = {step.at: {**step.params, "shape": shapes.of(step.node, 0)} for step in self._open}
            self._closed[key] = found
        return found


def _lengths(shape: Any) -> tuple[Any, ...]:
    return tuple(shape) if isinstance(shape, (list, tuple)) else (shape,)
