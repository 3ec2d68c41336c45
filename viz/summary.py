"""print_summary: a network as a table of its layers: output shape, parameters, and the layers before it.

Knows how to follow a network through one forward: hooks tell when a layer begins and ends, and the tape, by which each
array knows what it was computed from, tells which layers it came from. Invariant: the network is left as it was, but
that parameters of unknown shape get their shape and first values, as by any first forward.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core import autograd, nd
from ..core.errors import ArgumentError, InvalidSetting
from ..core.ndarray import NDArray
from ..gluon.block import Block
from ..symbol import Symbol
from ..symbol.infer import infer, summary_of_missing

Shapes = Mapping[str, Sequence[int]] | Sequence[int]

COLUMNS = ("Layer (type)", "Output Shape", "Param #", "Previous Layer")
# Running statistics are no parameters to be learnt: MXNet counts gamma and beta of a BatchNorm only.
STATISTICS = ("running_mean", "running_var")


@dataclass
class _Row:
    name: str
    kind: str
    params: int = 0
    shape: tuple[int, ...] = ()
    previous: list[str] = field(default_factory=list)


def print_summary(
    symbol: Block | Symbol,
    shape: Shapes | None = None,
    line_length: int = 120,
    positions: Sequence[float] = (0.44, 0.64, 0.74, 1.0),
) -> None:
    """Prints a table of a network's layers, and the number of its parameters.

    `symbol` is a symbol, or a Gluon block whose parameters are initialised; `shape` the input's shape, or a dictionary
    of inputs' shapes (of a block: in the order of its arguments). A symbol is listed node by node, and needs
    none. `positions` are the columns' ends as parts of `line_length`. Output shapes
    are printed without the batch axis. Raises TypeError for other arguments. MXNet: `mx.viz.print_summary`.

    >>> from mxl.gluon import nn
    >>> net = nn.Dense(3, in_units=4, prefix="layer_")
    >>> net.initialize()
    >>> print_summary(net, shape={"data": (1, 4)}, line_length=72)
    ________________________________________________________________________
    Layer (type)                   Output Shape  Param #Previous Layer
    ========================================================================
    data(null)                     4             0
    ________________________________________________________________________
    layer(Dense)                   3             15     data
    ========================================================================
    Total params: 15
    ________________________________________________________________________
    """
    if not isinstance(symbol, (Block, Symbol)):
        raise ArgumentError(f"print_summary: expected a Gluon block or a Symbol, got {type(symbol).__name__}")
    if not shape and isinstance(symbol, Block):
        raise ArgumentError("print_summary: expected shape=, the shape of the input, or a dictionary of inputs' shapes")
    shapes: Mapping[str, Sequence[int]] = shape if isinstance(shape, Mapping) else {"data": shape} if shape else {}
    given = {name: tuple(size) for name, size in shapes.items()}
    rows = _nodes_of(symbol, given) if isinstance(symbol, Symbol) else _follow(symbol, given)
    stops = [int(line_length * part) for part in positions]

    def line(cells: Sequence[Any]) -> None:
        text = ""
        for cell, stop in zip(cells, stops, strict=True):
            text = (text + str(cell))[:stop].ljust(stop)
        print(text)

    print("_" * line_length)
    line(COLUMNS)
    print("=" * line_length)
    for i, row in enumerate(rows):
        previous = row.previous or [""]
        line((f"{row.name}({row.kind})", "x".join(map(str, row.shape[1:])), row.params, previous[0]))
        for other in previous[1:]:
            line(("", "", "", other))
        print(("=" if i == len(rows) - 1 else "_") * line_length)
    print(f"Total params: {sum(row.params for row in rows)}")
    print("_" * line_length)


def _nodes_of(symbol: Symbol, shapes: Mapping[str, tuple[int, ...]]) -> list[_Row]:
    """A row for each node that computes, and for the first variable. Raises ValueError where shapes do not follow."""
    nodes = symbol._nodes()
    found = infer(symbol._entries, shapes)
    if shapes and summary_of_missing(found, nodes):
        raise InvalidSetting(f"Input shape is incomplete: not known are {summary_of_missing(found, nodes)}")
    states = set(symbol.list_auxiliary_states())
    rows = []
    for i, node in enumerate(nodes):
        if node.op is None and i:
            continue
        row = _Row(node.name, "null" if node.op is None else node.op.name, shape=found.of(node, 0) if shapes else ())
        rows.append(row)
        for at, (below, output) in enumerate(node.inputs):
            if below.op is not None or below is nodes[0]:
                row.previous.append(below.name)
            elif at and below.name not in states and shapes and not below.name.endswith("label"):
                row.params += math.prod(found.of(below, output))
    return rows


def _follow(block: Block, shapes: Mapping[str, tuple[int, ...]]) -> list[_Row]:
    """One forward on zeros, in predict mode; the rows in the order in which layers begin."""
    rows: list[_Row] = []
    made_by: dict[Any, str] = {}  # a place on the tape -> the input or the layer whose output is there
    inputs: list[NDArray] = []
    for name, size in shapes.items():
        array = nd.zeros(size)
        array.attach_grad()
        inputs.append(array)
        made_by[array._node] = name
        rows.append(_Row(name, "null", shape=size))
    open_rows: list[_Row | None] = []
    keep: list[Any] = []  # arrays whose places on the tape are remembered
    seen: set[Any] = set()

    def begin(layer: Block, arguments: Any) -> None:
        # A layer is a block that computes by itself: one without children, or with parameters of its own.
        is_layer = not layer._children or bool(layer._reg_params)
        row = None
        if is_layer:
            around = [outer.name for outer in open_rows if outer is not None]
            previous = around[-1:] or _origins(arguments, made_by)  # an activation in a layer comes after it
            row = _Row(layer.name, type(layer).__name__, previous=previous)
            rows.append(row)
        open_rows.append(row)

    def end(layer: Block, _arguments: Any, output: Any) -> None:
        row = open_rows.pop()
        if row is None:
            return
        arrays = _arrays_in(output)
        row.shape = tuple(arrays[0].shape) if arrays else ()
        for param in layer._reg_params.values():
            if param not in seen and not param.name.endswith(STATISTICS):
                row.params += math.prod(param.shape or ())
            seen.add(param)
        for array in arrays:
            keep.append(array)
            made_by.setdefault(array._node, row.name)

    hooks: list[Any] = []
    try:
        block.apply(lambda layer: hooks.append(layer.register_forward_pre_hook(begin)))
        block.apply(lambda layer: hooks.append(layer.register_forward_hook(end)))
        with autograd.record(train_mode=False):
            block(*inputs)
    finally:
        for hook in hooks:
            hook.detach()
    return rows


def _arrays_in(value: Any) -> list[NDArray]:
    if isinstance(value, NDArray):
        return [value]
    return [array for item in value for array in _arrays_in(item)] if isinstance(value, list | tuple) else []


def _origins(arguments: Any, made_by: Mapping[Any, str]) -> list[str]:
    """The layers and inputs that arrays were computed from, with nothing but plain operators between."""
    found: dict[str, None] = {}
    seen: set[int] = set()
    stack = [array._node for array in reversed(_arrays_in(arguments)) if array._node is not None]
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node in made_by:
            found.setdefault(made_by[node])
        else:
            stack.extend(parent for parent in reversed(node.parents or ()) if parent is not None)
    return list(found)
