"""plot_network: a network as a graph to be drawn by graphviz: a box for each call of an operator, arrows to its inputs.

Knows boxes, colours and labels, which are MXNet's, and graphviz, which is loaded when a picture is asked for; nothing
of it is needed to train.  The graph comes from symbol/.  Invariant: nothing is computed and no parameter is touched.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from .. import symbol as sym
from ..core.errors import ArgumentError, InvalidSetting, MXLError
from ..gluon.block import Block
from ..symbol import Symbol
from ..symbol.graph import Node
from ..symbol.infer import infer, summary_of_missing
from .curve import NoPicture

__all__ = ["NoDot", "as_symbol", "plot_network"]

WEIGHTS = ("_weight", "_bias", "_beta", "_gamma", "_alpha", "_moving_var", "_moving_mean", "_running_var",
           "_running_mean")  # fmt: skip
# Input, layers with weights, activations, normalisation, pooling, shapes, losses, all else.
COLOURS = ("#8dd3c7", "#fb8072", "#ffffb3", "#bebada", "#80b1d3", "#fdb462", "#b3de69", "#fccde5")
BOX = {"shape": "box", "fixedsize": "true", "width": "1.3", "height": "0.8034", "style": "filled"}


class NoDot(MXLError):
    """The program that draws, `dot`, is not installed."""


def plot_network(
    symbol: Symbol | Block,
    title: str = "plot",
    save_format: str = "pdf",
    shape: Mapping[str, Sequence[int]] | Sequence[int] | None = None,
    dtype: Mapping[str, Any] | None = None,
    node_attrs: Mapping[str, str] | None = None,
    hide_weights: bool = True,
) -> Any:
    """A `graphviz.Digraph` of a network; `.render()` writes it to `title.save_format`, `.source` is its text.

    `symbol` is a symbol or a Gluon block made of HybridBlocks; `shape`, the shapes of its inputs by name (of a block's
    one input: its shape), labels the arrows with shapes without the batch axis, and `dtype` with dtypes. `node_attrs`
    are graphviz's attributes of all boxes; `hide_weights` leaves parameters out. Raises TypeError for what is neither,
    ValueError where shapes do not follow, ImportError where graphviz's package is missing; rendering raises NoDot where
    the program `dot` is. MXNet: `mx.viz.plot_network`.

    >>> import mxl as mx
    >>> net = mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=3, name="fc")
    >>> print(plot_network(net, shape={"data": (1, 4)}).source.splitlines()[-2].strip())
    fc -> data [label=4 arrowtail=open dir=back]
    """
    if not isinstance(symbol, (Symbol, Block)):
        raise ArgumentError(f"plot_network: symbol must be a Symbol or a Gluon block, not {type(symbol).__name__}")
    graph, shapes = as_symbol(symbol, shape)
    drawing = _digraph(title, save_format)
    nodes = graph._nodes()
    repeated = [name for name, count in Counter(node.name for node in nodes).items() if count > 1]
    if repeated:
        warnings.warn(
            f"There are multiple variables with the same name in your graph, this may result in cyclic graph. "
            f"Repeated names: {', '.join(repeated)}",
            RuntimeWarning,
            stacklevel=2,
        )
    found = _shapes(graph, shapes) if shapes is not None else None
    types = _types(graph, dtype) if dtype is not None else None
    hidden: set[int] = set()
    box = {**BOX, **(node_attrs or {})}
    for node in nodes:
        if node.op is None and hide_weights and node.name.endswith(WEIGHTS):
            hidden.add(id(node))
            continue
        label, colour = _look(node)
        attributes = {**box, "fillcolor": COLOURS[colour]}
        if node.op is None:
            attributes["shape"] = "oval"
        drawing.node(name=node.name, label=label, **attributes)
    for node in nodes:
        for below, output in node.inputs:
            if id(below) in hidden:
                continue
            label = ""
            if found is not None and not (below.op is None and below.name not in (shapes or {})):
                label = "x".join(map(str, found.of(below, output)[1:]))
            if types is not None and not (below.op is None and below.name not in (dtype or {})):
                label += f"({types[id(below)][0].name})"
            drawing.edge(tail_name=node.name, head_name=below.name, label=label, dir="back", arrowtail="open")
    return drawing


def as_symbol(network: Symbol | Block, shape: Any) -> tuple[Symbol, dict[str, tuple[int, ...]] | None]:
    """The network's graph, and the shapes of its inputs by name."""
    if shape is None:
        shapes = None
    elif isinstance(shape, Mapping):
        shapes = {name: tuple(size) for name, size in shape.items()}
    else:
        shapes = {"data": tuple(shape)}
    if isinstance(network, Symbol):
        return network, shapes
    outputs = network(*[sym.var(name) for name in shapes or ("data",)])
    flat = _flat(outputs)
    return (flat[0] if len(flat) == 1 else sym.Group(flat)), shapes


def _flat(outputs: Any) -> list[Symbol]:
    return [outputs] if isinstance(outputs, Symbol) else [each for item in outputs for each in _flat(item)]


def _shapes(graph: Symbol, shapes: Mapping[str, Any]) -> Any:
    found = infer(graph._entries, shapes)
    missing = summary_of_missing(found, graph._nodes())
    if missing:
        raise InvalidSetting(f"plot_network: input shape is incomplete: not known are {missing}")
    return found


def _types(graph: Symbol, dtype: Mapping[str, Any]) -> dict[int, list[Any]]:
    import numpy as np

    from ..symbol.types import infer_types

    types = infer_types(graph._entries, {name: np.dtype(kind) for name, kind in dtype.items()})
    if any(kind is None for kinds in types.values() for kind in kinds):
        raise InvalidSetting("plot_network: input type is incomplete: give the dtypes of all inputs")
    return types


def _look(node: Node) -> tuple[str, int]:
    """A box's label and colour."""
    op = node.op
    if op is None:
        return node.name, 0

    def sizes(name: str, otherwise: str) -> str:
        value = node.params.get(name)
        return otherwise if not value else "x".join(map(str, value if isinstance(value, (list, tuple)) else [value]))

    match op.name:
        case "Convolution" | "Deconvolution":
            return f"{op.name}\n{sizes('kernel', '1')}/{sizes('stride', '1')}, {node.params['num_filter']}", 1
        case "FullyConnected":
            return f"FullyConnected\n{node.params['num_hidden']}", 1
        case "Activation":
            return f"Activation\n{node.params['act_type']}", 2
        case "LeakyReLU":
            return f"LeakyReLU\n{node.params.get('act_type', 'Leaky')}", 2
        case "BatchNorm":
            return node.name, 3
        case "Pooling":
            kind = node.params.get("pool_type", "max")
            return f"Pooling\n{kind}, {sizes('kernel', '[]')}/{sizes('stride', '1')}", 4
        case "Concat" | "Flatten" | "Reshape":
            return node.name, 5
        case "Softmax":
            return node.name, 6
        case "Custom":
            return str(node.params.get("op_type")), 7
    return node.name, 7


def _digraph(title: str, save_format: str) -> Any:
    try:
        import graphviz
    except ImportError as error:
        raise NoPicture("plot_network needs graphviz's package: pip install 'mxl[viz]'") from error

    class Drawing(graphviz.Digraph):
        """A Digraph that says how to install what it lacks."""

        def _told(self, call: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                return call(*args, **kwargs)
            except graphviz.ExecutableNotFound as error:
                raise NoDot(
                    "graphviz's program 'dot' draws the picture, and it is not on the PATH: install it (apt install "
                    "graphviz, brew install graphviz), or write the text: plot.save('plot.gv')"
                ) from error

        def render(self, *args: Any, **kwargs: Any) -> str:
            """Writes the picture; raises NoDot without `dot`."""
            return self._told(super().render, *args, **kwargs)

        def pipe(self, *args: Any, **kwargs: Any) -> Any:
            """The picture's bytes; raises NoDot without `dot`."""
            return self._told(super().pipe, *args, **kwargs)

    return Drawing(name=title, format=save_format)
