"""Shapes in a graph: from the shapes of some variables to those of all variables and outputs.

Knows how to go over a graph until nothing new follows; `shape_rules.py` knows operators.  A shape is a tuple with 0 for
a length that is not known, or None where not even the number of axes is.  An operator without a rule is asked: once its
inputs are known it is run on zeros, in predict mode, and its results are looked at.  Operators that draw have rules,
so that no random number is used up.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..core import autograd
from ..core.context import current_context
from ..core.errors import MXLError, ShapeError
from ..core.ndarray import NDArray, wrap
from .graph import Entry, Node, in_order
from .json_format import DTYPES
from .shape_rules import RULES, Shape, is_known, merge

__all__ = ["Shapes", "infer", "summary_of_missing"]

_BY_VALUES = ("_contrib_boolean_mask", "_contrib_edge_id")  # the shapes of their results depend on values


class Shapes:
    """What is known of each node's outputs: shapes and element types."""

    def __init__(self) -> None:
        self._shapes: dict[int, list[Shape]] = {}
        self._types: dict[int, list[Any]] = {}

    def of(self, node: Node, output: int) -> Shape:
        """The shape of an output."""
        return self._shapes[id(node)][output]

    def type_of(self, node: Node, output: int) -> Any:
        """The dtype of an output."""
        types = self._types[id(node)]
        return types[min(output, len(types) - 1)]

    def start(self, node: Node, shapes: list[Shape], types: list[Any]) -> None:
        """The first that is known of a node."""
        self._shapes[id(node)] = shapes
        self._types[id(node)] = types

    def learn(self, node: Node, output: int, shape: Shape) -> bool:
        """Takes in what follows for an output: whether it is news.  Raises ShapeError where it contradicts."""
        known = self._shapes[id(node)]
        if output >= len(known):
            return False
        merged = merge(known[output], shape)
        if merged is False:
            raise ShapeError(
                f"{node.op.name if node.op else 'variable'} '{node.name}': its shape is {_shown(known[output])}; "
                f"{_shown(shape)} follows from what it is used with"
            )
        news = merged != known[output]
        known[output] = merged
        return news

    def set_types(self, node: Node, types: list[Any]) -> None:
        """The dtypes of a node's outputs."""
        self._types[id(node)] = types


def _shown(shape: Any) -> str:
    return "unknown" if shape is None else str(list(shape))


def infer(heads: Sequence[Entry], given: Mapping[str, Any], types: Mapping[str, Any] | None = None) -> Shapes:
    """All that follows from the shapes (and dtypes) of the variables named in `given` (and `types`)."""
    nodes = in_order(node for node, _ in heads)
    found = Shapes()
    for node in nodes:
        if node.op is None:
            shape = given.get(node.name)
            noted = node.attrs.get("__shape__")
            if noted is not None:
                as_noted = tuple(max(length, 0) for length in ast.literal_eval(noted))
                merged = merge(as_noted, shape)
                shape = shape if merged is False else merged
            kind = (types or {}).get(node.name)
            if kind is None:
                number = int(node.attrs.get("__dtype__", 0))
                kind = np.dtype(DTYPES[number] if 0 <= number < len(DTYPES) else "float32")
            found.start(node, [shape], [np.dtype(kind)])
        else:
            found.start(node, [None] * max(len(node.output_names()), 1), [np.dtype("float32")])
    calls = [node for node in nodes if node.op is not None]
    news = True
    while news:
        news = False
        for node in calls:
            news |= _visit(node, found)
        for node in reversed(calls):
            news |= _visit(node, found, backward=True)
    return found


def _visit(node: Node, found: Shapes, backward: bool = False) -> bool:
    op = node.op
    assert op is not None
    ins = [found.of(below, output) for below, output in node.inputs]
    outs = list(found._shapes[id(node)])
    rule = RULES.get(op.name)
    known = all(map(is_known, ins))
    if rule is not None and not (op.name == "Reshape" and known):
        try:
            news_in, news_out = rule(node, ins, outs)
        except (IndexError, ValueError, ZeroDivisionError) as error:  # of axes or sizes that no input can have
            shapes = ", ".join(f"{name} is {_shown(shape)}" for name, shape in zip(node.arguments, ins, strict=True))
            raise ShapeError(f"{op.name} '{node.name}': {shapes}: it takes no such shapes") from error
        types = [found.type_of(*entry) for entry in node.inputs]
        if types:
            found.set_types(node, [types[1] if op.name == "Embedding" and len(types) > 1 else types[0]])
    elif backward or op.name in _BY_VALUES or all(map(is_known, outs)) or not known:
        return False
    else:
        news_in, news_out = ins, _tried(node, ins, found)
    news = False
    for (below, output), shape in zip(node.inputs, news_in, strict=True):
        news |= found.learn(below, output, shape)
    for i, shape in enumerate(news_out):
        news |= found.learn(node, i, shape)
    return news


def _tried(node: Node, ins: Sequence[Any], found: Shapes) -> list[Shape]:
    """The shapes that the operator gives on zeros."""
    op = node.op
    assert op is not None
    if not ins and 0 in tuple(node.params.get("shape") or ()):
        return [tuple(node.params["shape"])]
    count = len(ins) if op.variadic else len(op.arrays)
    arrays: list[Any] = [None] * count
    for where, shape, entry in zip(node.places(), ins, node.inputs, strict=True):
        arrays[where] = wrap(np.zeros(shape, found.type_of(*entry)), None)
    with autograd.pause(train_mode=False):
        try:
            result = op.apply(arrays, node.params, current_context())
        except MXLError as error:
            raise ShapeError(f"{op.name} '{node.name}': {error}") from error
    results: list[NDArray] = list(result) if isinstance(result, (list, tuple)) else [result]
    found.set_types(node, [array.dtype for array in results])
    return [tuple(array.shape) for array in results]


def summary_of_missing(found: Shapes, nodes: Sequence[Node]) -> str:
    """The variables, or else the nodes, whose shapes are not known, in words."""
    missing = [(node.name, found.of(node, 0)) for node in nodes if node.op is None and not is_known(found.of(node, 0))]
    if not missing:
        missing = [(node.name, found.of(node, 0)) for node in nodes if not is_known(found.of(node, 0))]
    return ", ".join(f"{name}: {shape or ()}" for name, shape in missing)
