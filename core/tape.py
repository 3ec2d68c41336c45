"""The tape: what recorded operators leave behind, and the walk that turns it into gradients.

A `Node` stands for one call of an operator, a `Leaf` for a variable with a gradient, a `Part` for one output of a
node that has several.  Nodes point to the nodes that their inputs came from, never to arrays, and arrays point to
their node: there is no cycle, so the tape is freed with the arrays.  `order` counts up as nodes are made, in all
threads: parents come before children, and the walk is one sort and one loop, never recursion.

The walk has two modes.  Ordinary: rules run on plain numpy arrays and leave nothing.  create_graph: they run on
NDArrays while recording, so that gradients have gradients.  What it never does: decide what is recorded (op.py does).
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from .errors import GraphError, NoGradient, ShapeError, UnknownName
from .handle import Handle, new
from .rowsum import RowSum, add, dense

NOT_IN_GRAPH = (
    "cannot differentiate: the array is not in a computational graph. Compute it from arrays with attach_grad() inside "
    "autograd.record(); to differentiate the same graph twice, pass retain_graph=True to the first backward"
)
IN_PLACE = (
    "cannot write into an array that is in a computational graph while recording: its gradient would be wrong. Call "
    "backward first, or write outside of autograd.record(); +=, *=, x[i] = y and out= are such writes"
)
IN_PLACE_OF_TRACKED = (
    "cannot write into an array in place while recording something that has a gradient: use a new array (y = y + x), "
    "assign the whole (y[:] = x), or write outside of autograd.record()"
)
FREED = (
    "cannot differentiate: a part of the graph was freed by an earlier backward. Pass retain_graph=True to the earlier "
    "backward, or compute that part again inside autograd.record()"
)


GRAD_REQS = ("write", "add", "null")  # backward overwrites the gradient, adds to it, leaves it alone


class _Local(threading.local):
    """Per thread: is it recording, is it training, and what these were before each scope that it is inside of."""

    recording: bool = False
    training: bool = False

    def __init__(self) -> None:
        self.before: list[tuple[bool, bool]] = []


local = _Local()
next_order = itertools.count(1).__next__


class Node:
    """One recorded call.  `parents` is None once the node has been freed."""

    __slots__ = ("arrays", "ctx", "op", "order", "out", "params", "parents", "saved", "shapes")

    order: int
    op: Any  # Op, or a Function's recorder: has rules, or pull_back
    params: dict[str, Any]
    parents: tuple[Any, ...] | None  # Node | Leaf | Part | None for each array argument
    arrays: tuple[Any, ...]  # what the rules need of the inputs: Buffer, Like or None
    shapes: tuple[tuple[int, ...], ...] | None  # of the inputs; None: all have the shape of the output
    out: Any  # Buffer, or a tuple; a Like, or None, where no rule needs more
    saved: Any
    ctx: Any

    def free(self) -> None:
        """Drop everything: the graph cannot be walked again."""
        self.parents = None
        self.arrays = ()
        self.out = self.saved = None


class Part:
    """Output `index` of a node with several."""

    __slots__ = ("index", "node", "order")

    def __init__(self, node: Node, index: int) -> None:
        self.order = next_order()
        self.node = node
        self.index = index

    @property
    def parents(self) -> tuple[Node] | None:
        """The node, or None once it has been freed."""
        return None if self.node.parents is None else (self.node,)


class Leaf:
    """A variable: where a walk ends, and where its gradient goes.  Raises UnknownName for another `req`."""

    __slots__ = ("fresh", "grad", "order", "parents", "req")

    def __init__(self, grad: Handle | None, req: str) -> None:
        if req not in GRAD_REQS:
            raise UnknownName(f"grad_req is {req!r}; known: {', '.join(GRAD_REQS)}")
        self.order = next_order()
        self.parents = ()
        self.grad = grad
        self.req = req
        self.fresh = False  # backward wrote `grad`, and no optimizer has used it since


def live(node: Any) -> Any:
    """`node`, or None where it has been freed: such an array counts as a constant from now on."""
    return None if node is None or node.parents is None else node


def _collect(heads: Sequence[Any]) -> list[Any]:
    """All nodes that the heads depend on, children before parents."""
    seen = set(heads)
    stack = list(seen)
    nodes: list[Any] = []
    while stack:
        node = stack.pop()
        parents = node.parents
        if parents is None:
            raise GraphError(FREED)
        nodes.append(node)
        for parent in parents:
            if parent is not None and parent not in seen:
                seen.add(parent)
                stack.append(parent)
    nodes.sort(key=attrgetter("order"), reverse=True)
    return nodes


def walk(
    heads: Sequence[Any], seeds: Sequence[Any], retain_graph: bool, create_graph: bool
) -> tuple[dict[Any, Any], list[Any]]:
    """Gradients of the sum of <head, seed> for every leaf on the way: ({leaf: gradient}, all leaves met).

    Seeds and gradients are numpy arrays; with create_graph NDArrays.  A leaf that no gradient reached is in the list.
    """
    nodes = _collect(heads)
    leaves = [node for node in nodes if type(node) is Leaf]
    if not any(leaf.req != "null" for leaf in leaves):
        raise GraphError(
            "there are no inputs in the computational graph that require gradients: call attach_grad() on one"
        )
    grads: dict[Any, Any] = {}
    owned: set[Any] = set()  # whose gradient is a sum made here: may be added to in place
    for head, seed in zip(heads, seeds, strict=True):
        grads[head] = grads[head] + seed if head in grads else seed
    found: dict[Any, Any] = {}
    pull_back = _pull_back_recorded if create_graph else _pull_back
    for node in nodes:
        g = grads.pop(node, None)
        kind = type(node)
        if g is None:
            continue
        if kind is Leaf:
            found[node] = g
            continue
        if kind is Part:
            parent = node.node
            slots = grads.get(parent)
            if slots is None:
                slots = grads[parent] = [None] * len(parent.out)
            before = slots[node.index]  # a rule that used the output made a second Part of it
            slots[node.index] = dense(g) if before is None else before + dense(g)
            continue
        for parent, d in zip(node.parents, pull_back(node, g), strict=True):
            if d is None:
                continue
            before = grads.get(parent)
            if before is None:
                grads[parent] = d
            elif create_graph:
                grads[parent] = before + d
            elif type(d) is RowSum or type(before) is RowSum:
                grads[parent] = add(before, d)
            elif parent in owned:
                np.add(before, d, out=before)
            else:
                total = np.add(before, d)
                if type(total) is np.ndarray:
                    owned.add(parent)
                grads[parent] = total
    if not retain_graph:
        for node in nodes:
            if type(node) is Node:
                node.free()
    return found, leaves


def _pull_back(node: Node, g: Any) -> Sequence[Any]:
    """For each input of the node its gradient as a numpy array, None for constants."""
    op = node.op
    if type(g) is RowSum:
        g = g.dense()
    if op.custom is not None:
        return op.custom(node, g, False)
    if type(g) is list:
        g = tuple([np.zeros(o.shape, o.dtype) if part is None else part for part, o in zip(g, node.out, strict=True)])
    return _apply_rules(node, g, node.out, node.arrays)


def _pull_back_recorded(node: Node, g: Any) -> Sequence[Any]:
    """As _pull_back, on NDArrays, recorded."""
    op = node.op
    if op.custom is not None:
        return op.custom(node, g, True)
    _require_rules(op)  # the tape keeps no arrays for an operator without rules
    cls = op.array_class()
    ctx = node.ctx
    if type(g) is list:
        g = tuple(
            [
                new(cls, np.zeros(o.shape, o.dtype), ctx) if part is None else part
                for part, o in zip(g, node.out, strict=True)
            ]
        )
    out = node.out
    if type(out) is tuple:
        out = tuple([
            new(cls, part, ctx, Part(node, i)) if isinstance(part, np.ndarray) else part for i, part in enumerate(out)
        ])  # fmt: skip
    elif isinstance(out, np.ndarray):
        out = new(cls, out, ctx, node)
    assert node.parents is not None
    arrays = tuple([
        new(cls, data, ctx, parent) if isinstance(data, np.ndarray) else data
        for data, parent in zip(node.arrays, node.parents, strict=True)
    ])  # fmt: skip
    return _apply_rules(node, g, out, arrays)


def _require_rules(op: Any) -> None:
    if op.rules is None and op.all_rule is None:
        raise NoGradient(f"op '{op.name}' has no gradient; declare one with {op.name}.vjp(...)")


def _apply_rules(node: Node, g: Any, out: Any, arrays: tuple[Any, ...]) -> Sequence[Any]:
    op = node.op
    rules = op.rules
    parents = node.parents
    assert parents is not None
    shapes = node.shapes
    if rules is None:
        _require_rules(op)
        extra = op.rule_arguments(node, op.all_wants)
        if op.all_wants_wants:
            extra["wants"] = tuple([parent is not None for parent in parents])
        results = op.all_rule(g, out, *arrays, **extra)
        return [
            None if parent is None or d is None else _fit(d, node, i)
            for i, (d, parent) in enumerate(zip(results, parents, strict=True))
        ]
    result: list[Any] = []
    for i, (parent, rule, wanted) in enumerate(zip(parents, rules, op.wanted, strict=True)):
        if parent is None or rule is None:
            result.append(None)
            continue
        d = rule(g, out, *arrays, **op.rule_arguments(node, wanted)) if wanted else rule(g, out, *arrays)
        result.append(d if shapes is None else _fit(d, node, i))
    return result


def _fit(d: Any, node: Node, i: int) -> Any:
    """`d` summed over the axes along which input i of the node was broadcast."""
    shapes = node.shapes
    if shapes is None or d.shape == shapes[i]:
        return d
    unbroadcast = node.op.table["_unbroadcast"]
    try:
        return unbroadcast(d, shape=shapes[i])
    except ShapeError:
        raise ShapeError(
            f"op '{node.op.name}': the gradient rule of argument {i} gave shape {list(d.shape)}, the argument is "
            f"{list(shapes[i])}"
        ) from None
