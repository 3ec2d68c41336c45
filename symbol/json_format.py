"""Graphs as JSON, in MXNet's format: what `symbol.save` writes and `mx.sym.load` reads.

A node is {op, name, attrs, inputs: [[node, output, 0], ...]}, in the order of computation; parameters are strings.
What a file holds is data: values are read as Python's literals, nothing is evaluated.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from typing import Any

from ..core.errors import ArrayFileError
from . import notes, operators
from .errors import NotForSymbol
from .graph import Entry, Node, in_order, text

__all__ = ["DTYPES", "STORAGE", "attributes", "dumps", "loads"]

# By MXNet's numbers: attributes of variables have these.
DTYPES = ("float32", "float64", "float16", "uint8", "int32", "int8", "int64", "bool", "int16", "uint16", "uint32",
          "uint64")  # fmt: skip
STORAGE = ("default", "row_sparse", "csr")
# How many outputs MXNet counts, where some are hidden.
_OUTPUTS = {"BatchNorm": 3, "LayerNorm": 3, "GroupNorm": 3, "InstanceNorm": 3, "Dropout": 2, "LRN": 2,
            "L2Normalization": 2, "LeakyReLU": 2, "ROIPooling": 2, "CTCLoss": 2, "_contrib_box_nms": 2}  # fmt: skip
VERSION = 10901  # of MXNet, whose files these are


def attributes(node: Node) -> dict[str, str]:
    """A node's parameters and annotations, as strings."""
    found = {key: text(key, value) for key, value in node.params.items()}
    if node.op is not None and node.op.variadic and node.op.name != "Custom":
        found["num_args"] = str(len(node.inputs))
    return {**found, **node.attrs}


def _value(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def dumps(heads: Sequence[Entry], remove_amp_cast: bool = True) -> str:
    """The graph beneath the heads."""
    if remove_amp_cast:
        heads = _without_casts(heads)
    nodes = in_order(node for node, _ in heads)
    place = {id(node): i for i, node in enumerate(nodes)}
    written = []
    for node in nodes:
        if node.op is not None and node.op.results:
            raise NotForSymbol(f"node '{node.name}' is {node.op.name[1:]}: a graph with control flow is not written")
        updated = () if node.op is None else node.op.updates
        row: dict[str, Any] = {"op": "null" if node.op is None else node.op.name, "name": node.name}
        attrs = attributes(node)
        if attrs:
            row["attrs"] = dict(sorted(attrs.items()))
        row["inputs"] = [
            [place[id(below)], output, int(where in updated)]
            for where, (below, output) in zip(node.places(), node.inputs, strict=True)
        ]
        written.append(row)
    rows = [0]
    for node in nodes:
        rows.append(rows[-1] + _outputs(node))
    graph = {
        "nodes": written,
        "arg_nodes": [i for i, node in enumerate(nodes) if node.op is None],
        "node_row_ptr": rows,
        "heads": [[place[id(node)], output, 0] for node, output in heads],
        "attrs": {"mxnet_version": ["int", VERSION]},
    }
    return json.dumps(graph, indent=2)


def _outputs(node: Node) -> int:
    """How many outputs MXNet counts."""
    if node.op is None:
        return 1
    hidden = node.op.name == "Pooling" and node.op.param(node.params, "pool_type") == "max"
    return max(len(node.output_names()), 2 if hidden else _OUTPUTS.get(node.op.name, 1))


def _without_casts(heads: Sequence[Entry]) -> list[Entry]:
    """A copy of the graph without the nodes that mixed precision put in."""

    def source(entry: Entry) -> Entry:
        node, output = entry
        while node.op is not None and node.op.name == "amp_cast":
            node, output = node.inputs[0]
        return node, output

    made: dict[int, Node] = {}

    def now(entry: Entry) -> Entry:
        node, output = source(entry)
        return made[id(node)], output

    for node in in_order(node for node, _ in heads):
        made[id(node)] = node.with_inputs([now(entry) for entry in node.inputs])
    return [now(entry) for entry in heads]


def loads(text: str, name: str = "the text") -> list[Entry]:
    """The heads of a graph in a file.  Raises ArrayFileError for what is no graph, or calls an unknown operator."""
    try:
        graph = json.loads(text)
        rows, heads = graph["nodes"], graph["heads"]
    except (ValueError, KeyError, TypeError) as error:
        raise ArrayFileError(f"{name} is no graph in MXNet's JSON format: {error}") from error
    nodes: list[Node] = []
    try:
        for row in rows:
            nodes.append(_node(row, nodes, name))
        return [(nodes[head[0]], head[1]) for head in heads]
    except (KeyError, IndexError, TypeError) as error:
        raise ArrayFileError(f"{name}: node {len(nodes)} of the graph is not as MXNet writes it: {error!r}") from error


def _node(row: dict[str, Any], before: Sequence[Node], name: str) -> Node:
    attrs: dict[str, str] = row.get("attrs") or row.get("attr") or row.get("param") or {}
    inputs = [(before[entry[0]], entry[1]) for entry in row["inputs"]]
    if row["op"] == "null":
        return Node(None, row["name"], attrs=notes.kept(attrs))
    op = operators.find(row["op"])
    if op is None:
        raise ArrayFileError(f"{name}: node '{row['name']}' calls {row['op']!r}, an operator that is not there")
    params = {key: _value(value) for key, value in attrs.items() if key in op.defaults}
    if op.keeps_unknown:
        params = {key: value for key, value in attrs.items() if not key.startswith("__") and key != "num_args"}
    noted = {key: value for key, value in notes.kept(attrs).items() if key.startswith("__")}
    names = [f"arg{i}" for i in range(len(inputs))] if op.variadic else op.of_count(params, len(inputs))
    return Node(op, row["name"], params, noted, inputs, names)
