"""What operators say of shapes before all of their inputs are known: the weights' from the data's, and back.

A rule is `rule(node, ins, outs) -> (ins, outs)`: it is given what is known of inputs and outputs and gives what
follows.  Operators whose inputs must all be known first need no rule: infer.py asks them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from .graph import Node

__all__ = ["RULES", "Shape", "is_known", "merge"]

Shape = Any  # tuple[int, ...], 0 for an unknown length, or None
Rule = Callable[[Node, list[Shape], list[Shape]], tuple[list[Shape], list[Shape]]]


def is_known(shape: Shape) -> bool:
    """Whether every length is known."""
    return shape is not None and 0 not in shape


def merge(a: Shape, b: Shape) -> Any:
    """What both say together; False where they contradict each other."""
    if a is None or b is None:
        return b if a is None else a
    if len(a) != len(b) or any(x and y and x != y for x, y in zip(a, b, strict=True)):
        return False
    return tuple(x or y for x, y in zip(a, b, strict=True))


def _param(node: Node, name: str) -> Any:
    assert node.op is not None
    return node.op.param(node.params, name)


def _with(node: Node, ins: list[Shape], **shapes: Shape) -> list[Shape]:
    """`ins`, with the shapes of some arguments by their names."""
    return [shapes.get(name, shape) for name, shape in zip(node.arguments, ins, strict=True)]


def _same(_node: Node, ins: list[Shape], outs: list[Shape]) -> tuple[list[Shape], list[Shape]]:
    """All inputs and outputs have one shape."""
    known = None
    for shape in (*ins, *outs):
        merged = merge(known, shape)
        if merged is False:
            return [ins[0]] * len(ins), outs
        known = merged
    return [known] * len(ins), [known] * len(outs)


def _first(_node: Node, ins: list[Shape], outs: list[Shape]) -> tuple[list[Shape], list[Shape]]:
    """The output has the first input's shape."""
    known = merge(ins[0], outs[0])
    known = ins[0] if known is False else known
    return [known, *ins[1:]], [known, *outs[1:]]


def _fully_connected(node: Node, ins: list[Shape], outs: list[Shape]) -> tuple[list[Shape], list[Shape]]:
    data, units, flatten = ins[0], int(_param(node, "num_hidden")), _param(node, "flatten")
    weight, bias, out = None, None, outs[0]
    if data is not None:
        width = math.prod(data[1:]) if flatten else data[-1]
        weight, bias = (units, width), (units,)
        out = (data[0], units) if flatten else (*data[:-1], units)
        if outs[0] is not None and len(outs[0]) == len(out) and not data[0]:
            data = (outs[0][0], *data[1:])
    elif outs[0] is not None:
        known_weight = ins[1] if len(ins) > 1 else None
        if known_weight is not None and len(outs[0]) == 2:
            data = (outs[0][0], known_weight[1])
    return _with(node, ins, data=data, weight=weight, bias=bias), [out]


def _convolution(node: Node, ins: list[Shape], outs: list[Shape]) -> tuple[list[Shape], list[Shape]]:
    data, kernel, filters = ins[0], _sizes(node, "kernel", None), int(_param(node, "num_filter"))
    n = len(kernel)
    if data is None:
        return ins, outs
    weight = (filters, data[1] // int(_param(node, "num_group") or 1), *kernel)
    out = outs[0]
    if len(data) == n + 2:
        strides, pads, dilates = _sizes(node, "stride", n), _sizes(node, "pad", n, 0), _sizes(node, "dilate", n)
        lengths = [
            (length + 2 * pad - dilate * (size - 1) - 1) // stride + 1 if length else 0
            for length, size, stride, pad, dilate in zip(data[2:], kernel, strides, pads, dilates, strict=True)
        ]
        if all(length > 0 or not whole for length, whole in zip(lengths, data[2:], strict=True)):
            out = (data[0], filters, *lengths)
    return _with(node, ins, weight=weight, bias=(filters,)), [out]


def _deconvolution(node: Node, ins: list[Shape], outs: list[Shape]) -> tuple[list[Shape], list[Shape]]:
    data, kernel, filters = ins[0], _sizes(node, "kernel", None), int(_param(node, "num_filter"))
    if data is None:
        return ins, outs
    weight = (data[1], filters // int(_param(node, "num_group") or 1), *kernel)
    out = outs[0]
    n = len(kernel)
    if len(data) == n + 2 and not any(_sizes(node, "target_shape", n, 0)):
        strides, pads, adds = _sizes(node, "stride", n), _sizes(node, "pad", n, 0), _sizes(node, "adj", n, 0)
        dilates = _sizes(node, "dilate", n)
        lengths = [
            stride * (length - 1) + dilate * (size - 1) + 1 - 2 * pad + add if length else 0
            for length, size, stride, pad, add, dilate in zip(
                data[2:], kernel, strides, pads, adds, dilates, strict=True
            )
        ]
        out = (data[0], filters, *lengths)
    return _with(node, ins, weight=weight, bias=(filters,)), [out]


def _sizes(node: Node, name: str, count: int | None, default: int = 1) -> tuple[int, ...]:
    value = _param(node, name)
    if isinstance(value, int):
        value = (value,) * (count or 1)
    return tuple(value) if value else (default,) * (count or 0)


def _per_channel(axis_name: str | None, default: int) -> Rule:
    """Arguments beside the data have one element for each position along an axis."""

    def rule(node: Node, ins: list[Shape], outs: list[Shape]) -> tuple[list[Shape], list[Shape]]:
        data = ins[0] if ins[0] is not None else outs[0]
        axis = default if axis_name is None else int(_param(node, axis_name))
        if data is None:
            return ins, outs
        size = (data[axis],) if -len(data) <= axis < len(data) else (0,)
        if len(outs) > 1:
            return [data, *[size] * (len(ins) - 1)], [data, *outs[1:]]
        return [data, *[size] * (len(ins) - 1)], [data]

    return rule


def _leaky_relu(node: Node, ins: list[Shape], outs: list[Shape]) -> tuple[list[Shape], list[Shape]]:
    data = ins[0] if ins[0] is not None else outs[0]
    slopes = ins[1:]
    if slopes and slopes[0] is None and data is not None:
        slopes = [(data[1] if len(data) > 1 else 1,)]
    elif slopes and data is not None and slopes[0] is not None and len(slopes[0]) == 1 and not slopes[0][0]:
        slopes = [(data[1] if len(data) > 1 else data[0],)]
    return [data, *slopes], [data]


def _embedding(node: Node, ins: list[Shape], outs: list[Shape]) -> tuple[list[Shape], list[Shape]]:
    width = int(_param(node, "output_dim"))
    if ins[0] is None:
        return ins, outs
    return _with(node, ins, weight=(int(_param(node, "input_dim")), width)), [(*ins[0], width)]


def _rnn(node: Node, ins: list[Shape], outs: list[Shape]) -> tuple[list[Shape], list[Shape]]:
    data, mode = ins[0], _param(node, "mode")
    if data is None:
        return ins, outs
    hidden, layers = int(_param(node, "state_size")), int(_param(node, "num_layers"))
    sides = 2 if _param(node, "bidirectional") else 1
    projected = int(_param(node, "projection_size") or 0)
    width = projected or hidden
    gates = {"lstm": 4, "gru": 3}.get(mode, 1)
    steps, batch, inputs = data if len(data) == 3 else (0, 0, 0)
    total = 0
    if inputs:
        for layer in range(layers):
            comes = inputs if layer == 0 else width * sides
            total += sides * (gates * hidden * (comes + width + 2) + projected * hidden)
    shapes: dict[str, Shape] = {"parameters": (total,), "state": (layers * sides, batch, width)}
    if mode == "lstm":
        shapes["state_cell"] = (layers * sides, batch, hidden)
    if "sequence_length" in node.arguments:
        shapes["sequence_length"] = (batch,)
    ends = [(steps, batch, width * sides), shapes["state"], shapes.get("state_cell")]
    return _with(node, ins, **shapes), ends[: len(outs)]


def _rnn_param_concat(_node: Node, ins: list[Shape], outs: list[Shape]) -> tuple[list[Shape], list[Shape]]:
    """The parameters of an RNN in one vector: what is missing are the columns of the first layer's weights."""
    if all(map(is_known, ins)):
        return ins, [(sum(math.prod(shape) for shape in ins),)]
    missing = [shape for shape in ins if not is_known(shape)]
    if is_known(outs[0]) and all(shape is not None and len(shape) == 1 for shape in missing):
        # Vectors already: the first layer's, one for each direction, and all of one size.
        rest = outs[0][0] - sum(math.prod(shape) for shape in ins if is_known(shape))
        size, left = divmod(rest, len(missing))
        return (ins, outs) if left else ([shape if is_known(shape) else (size,) for shape in ins], outs)
    if not is_known(outs[0]) or any(shape is None or len(shape) != 2 or not shape[0] for shape in missing):
        return ins, outs
    rest = outs[0][0] - sum(math.prod(shape) for shape in ins if is_known(shape))
    columns, left = divmod(rest, sum(shape[0] for shape in missing))
    if left or columns <= 0:
        return ins, outs
    return [shape if is_known(shape) else (shape[0], columns) for shape in ins], outs


def _reshape(node: Node, ins: list[Shape], outs: list[Shape]) -> tuple[list[Shape], list[Shape]]:
    """Of a matrix into a vector, both ways; what else a reshape says is known once its input is."""
    data, out = ins[0], outs[0]
    asked = _param(node, "shape")
    if tuple(asked if isinstance(asked, (list, tuple)) else (asked,)) != (-1,) or data is None:
        return ins, outs
    if is_known(data):
        return ins, [(math.prod(data),)]
    if is_known(out) and len(data) == 2 and data[0] and not data[1]:
        return [(data[0], out[0] // data[0])], outs
    return ins, [(0,)]


def _split(node: Node, ins: list[Shape], outs: list[Shape]) -> tuple[list[Shape], list[Shape]]:
    axis, count = int(_param(node, "axis")), int(_param(node, "num_outputs"))
    data = ins[0]
    if data is not None and -len(data) <= axis < len(data):
        axis %= len(data)
        part = (*data[:axis], data[axis] // count, *data[axis + 1 :])
        if _param(node, "squeeze_axis"):
            part = (*data[:axis], *data[axis + 1 :])
        return ins, [part] * len(outs)
    return ins, outs


def _label(kind: str) -> Rule:
    """The label of an output layer, from its data."""

    def rule(node: Node, ins: list[Shape], outs: list[Shape]) -> tuple[list[Shape], list[Shape]]:
        data = ins[0] if ins[0] is not None else outs[0]
        label = ins[1] if len(ins) > 1 else None
        if label is None and data is not None:
            if kind == "same":
                label = data
            elif kind == "classes" and _param(node, "multi_output"):
                label = (data[0], *data[2:])
            elif kind == "classes" and _param(node, "preserve_shape"):
                label = data[:-1]
            else:
                label = (data[0],)
        return [data, label][: len(ins)], [data]

    return rule


def _drawn(node: Node, ins: list[Shape], outs: list[Shape]) -> tuple[list[Shape], list[Shape]]:
    """Random numbers: of the shape that was asked for, behind the parameters' (a class's row has its own axis)."""
    asked = node.params.get("shape")
    shape = (1,) if asked is None and not ins else () if asked is None else asked
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    if not ins:
        return ins, [shape]
    rows = ins[0]
    if rows is not None and node.op is not None and node.op.name == "_sample_multinomial":
        rows = rows[:-1]
    return ins, outs if rows is None else [(*rows, *shape)] * len(outs)


_DRAWS = ("uniform", "normal", "gamma", "poisson", "exponential", "negative_binomial",
          "generalized_negative_binomial")  # fmt: skip
_SAME: Sequence[str] = (
    "elemwise_add", "elemwise_sub", "elemwise_mul", "elemwise_div", "add_n", "_equal", "_not_equal", "_greater",
    "_greater_equal", "_lesser", "_lesser_equal", "_mod", "_power", "_maximum", "_minimum", "_hypot", "_plus_scalar",
    "_minus_scalar", "_rminus_scalar", "_mul_scalar", "_div_scalar", "_rdiv_scalar", "_mod_scalar", "_rmod_scalar",
    "_power_scalar", "_rpower_scalar", "_maximum_scalar", "_minimum_scalar", "_hypot_scalar", "_equal_scalar",
    "_not_equal_scalar", "_greater_scalar", "_greater_equal_scalar", "_lesser_scalar", "_lesser_equal_scalar",
    "Activation", "Dropout", "BlockGrad", "_copy", "relu", "sigmoid", "softsign", "tanh", "exp", "log", "sqrt",
    "square", "abs", "negative", "clip", "zeros_like", "ones_like", "log_softmax", "SoftmaxActivation", "make_loss",
    "MakeLoss",
    "L2Normalization", "LRN", "erf", "reciprocal", "rsqrt", "sin", "cos", "sign", "smooth_l1",
)  # fmt: skip

RULES: dict[str, Rule] = {
    **dict.fromkeys(_SAME, _same),
    **dict.fromkeys((f"_{kind}_{name}" for kind in ("random", "sample") for name in _DRAWS), _drawn),
    **dict.fromkeys(("_random_randint", "_sample_multinomial"), _drawn),
    "_shuffle": _same,
    "FullyConnected": _fully_connected,
    "Convolution": _convolution,
    "Deconvolution": _deconvolution,
    "BatchNorm": _per_channel("axis", 1),
    "LayerNorm": _per_channel("axis", -1),
    "GroupNorm": _first,
    "InstanceNorm": _per_channel(None, 1),
    "LeakyReLU": _leaky_relu,
    "Embedding": _embedding,
    "RNN": _rnn,
    "_rnn_param_concat": _rnn_param_concat,
    "Reshape": _reshape,
    "SliceChannel": _split,
    "SoftmaxOutput": _label("classes"),
    "SVMOutput": _label("rows"),
    "LinearRegressionOutput": _label("same"),
    "LogisticRegressionOutput": _label("same"),
    "MAERegressionOutput": _label("same"),
}
