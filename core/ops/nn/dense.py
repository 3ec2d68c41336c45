"""FullyConnected: a dense layer's product."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import ShapeError
from ...op import REQUIRED, op
from ..linear import dot
from .weights import check_weights


@op(arrays=("bias",))
def FullyConnected(data, weight, bias=None, num_hidden=REQUIRED, no_bias=False, flatten=True):
    """data @ weight.T + bias.

    data: [N, ...], weight: [num_hidden, I], bias: [num_hidden] -> [N, num_hidden], all axes but the first being
    inputs; with flatten=False the last axis only: [..., I] -> [..., num_hidden].
    """
    x = _rows(data, flatten)
    if weight.ndim != 2 or x.shape[1] != weight.shape[1] or weight.shape[0] != num_hidden:
        raise ShapeError(
            f"FullyConnected: weight is {list(weight.shape)}; data {list(data.shape)} and num_hidden {num_hidden} need "
            f"{[num_hidden, x.shape[1]]}"
        )
    check_weights("FullyConnected", data, weight, bias, no_bias, num_hidden)
    out = np.dot(x, weight.T)
    if bias is not None:
        out += bias
    return out if flatten else out.reshape(*data.shape[:-1], num_hidden)


def _rows(x: Any, flatten: bool = False) -> Any:
    """x as a matrix: its first axis against all others, or its last."""
    if len(x.shape) == 2:
        return x
    return x.reshape((x.shape[0], -1) if flatten and len(x.shape) else (-1, x.shape[-1]))


FullyConnected.vjp(
    lambda g, _out, data, weight, _bias: dot(_rows(g), weight).reshape(data.shape),
    lambda g, _out, data, _weight, _bias, flatten: dot(_rows(g), _rows(data, flatten), transpose_a=True),
    lambda g, _out, _data, _weight, _bias: _rows(g).sum(axis=0),
)
