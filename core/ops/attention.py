"""Attention over projections that lie interleaved, head by head, as `mx.nd.contrib.interleaved_matmul_*` takes them.

A projection is [S, B, heads * parts * D]: for each head its `parts` (query, key, value; or key, value) of D numbers one
after the other.  One part of all heads, as matrices [B * heads, S, D], is what the products are of.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import ArgumentError, DtypeError, ShapeError
from ..op import REQUIRED, op
from .arithmetic import _mul_scalar
from .linear import batch_dot
from .shape import whole


@op(name="_heads_of")
def heads_of(data, heads=REQUIRED, parts=1, part=0):
    """One part of each head, a matrix each.  [S, B, heads * parts * D] -> [B * heads, S, D]"""
    s, b, width = data.shape
    split = data.reshape(s, b, heads, parts, width // (heads * parts))[:, :, :, part]
    return split.transpose(1, 2, 0, 3).reshape(b * heads, s, -1)


@op(name="_from_heads")
def from_heads(data, heads=REQUIRED, parts=1, part=0):
    """The heads side by side again, zeros in their other parts.  [B * heads, S, D] -> [S, B, heads * parts * D]"""
    n, s, d = data.shape
    total = np.zeros((s, n // heads, heads, parts, d), data.dtype)
    total[:, :, :, part] = data.reshape(n // heads, heads, s, d).transpose(2, 0, 1, 3)
    return total.reshape(s, n // heads, -1)


heads_of.vjp(lambda g, _out, _data, heads, parts, part: from_heads(g, heads=heads, parts=parts, part=part))
from_heads.vjp(lambda g, _out, _data, heads, parts, part: heads_of(g, heads=heads, parts=parts, part=part))


def _projection(name: str, key: str, x: Any, heads: Any, parts: int) -> int:
    """D, once x is a projection of so many heads."""
    count = whole(name, "heads", heads)
    if x.dtype.kind != "f":
        raise DtypeError(f"{name}: {key} is {x.dtype}: it takes floating point; use astype")
    if x.ndim != 3:
        raise ShapeError(f"{name}: {key} is {list(x.shape)}: it takes [sequence, batch, heads * {parts} * D]")
    if count < 1 or x.shape[2] % (count * parts):
        raise ArgumentError(f"{name}: heads is {count}: {key}'s last axis, {x.shape[2]}, must be heads * {parts} * D")
    return x.shape[2] // (count * parts)


def _scores(q: Any, k: Any) -> Any:
    """Each query with each key, over the square root of their length.  [M, Q, D], [M, K, D] -> [M, Q, K]"""
    return batch_dot(_mul_scalar(q, scalar=1 / math.sqrt(q.shape[2])), k, transpose_b=True)


def _to_queries(g: Any, k: Any) -> Any:
    return _mul_scalar(batch_dot(g, k), scalar=1 / math.sqrt(k.shape[2]))


def _to_keys(g: Any, q: Any) -> Any:
    return _mul_scalar(batch_dot(g, q, transpose_a=True), scalar=1 / math.sqrt(q.shape[2]))


def _weights(name: str, attention: Any, matrices: int, keys: int) -> None:
    if attention.ndim != 3 or attention.shape[0] != matrices or attention.shape[2] != keys:
        raise ShapeError(
            f"{name}: attention is {list(attention.shape)}: it must be [batch * heads, queries, keys], here "
            f"[{matrices}, queries, {keys}]"
        )


# -- of a sequence with itself --------------------------------------------------------------------------------------


@op(name="_contrib_interleaved_matmul_selfatt_qk")
def selfatt_qk(queries_keys_values, heads=REQUIRED):
    """The scaled product of each query with each key.  [S, B, heads * 3 * D] -> [B * heads, S, S]"""
    _projection("interleaved_matmul_selfatt_qk", "queries_keys_values", queries_keys_values, heads, 3)
    return _scores(*(heads_of(queries_keys_values, heads=heads, parts=3, part=i) for i in (0, 1)))


def _selfatt_qk_gradient(g, _out, qkv, heads):
    q, k = (heads_of(qkv, heads=heads, parts=3, part=i) for i in (0, 1))
    to_queries = from_heads(_to_queries(g, k), heads=heads, parts=3, part=0)
    return to_queries + from_heads(_to_keys(g, q), heads=heads, parts=3, part=1)


selfatt_qk.vjp(_selfatt_qk_gradient)


@op(name="_contrib_interleaved_matmul_selfatt_valatt")
def selfatt_valatt(queries_keys_values, attention, heads=REQUIRED):
    """The values, weighted by attention.  [S, B, heads * 3 * D], [B * heads, S, S] -> [S, B, heads * D]"""
    name = "interleaved_matmul_selfatt_valatt"
    _projection(name, "queries_keys_values", queries_keys_values, heads, 3)
    s, b, _ = queries_keys_values.shape
    _weights(name, attention, b * heads, s)
    return from_heads(batch_dot(attention, heads_of(queries_keys_values, heads=heads, parts=3, part=2)), heads=heads)


selfatt_valatt.vjp(
    lambda g, _out, _qkv, attention, heads: from_heads(
        batch_dot(attention, heads_of(g, heads=heads), transpose_a=True), heads=heads, parts=3, part=2
    ),
    lambda g, _out, qkv, _attention, heads: batch_dot(
        heads_of(g, heads=heads), heads_of(qkv, heads=heads, parts=3, part=2), transpose_b=True
    ),
)


# -- of a sequence with another -------------------------------------------------------------------------------------


@op(name="_contrib_interleaved_matmul_encdec_qk")
def encdec_qk(queries, keys_values, heads=REQUIRED):
    """The scaled product of queries and keys.  [Q, B, heads * D], [K, B, heads * 2 * D] -> [B * heads, Q, K]"""
    name = "interleaved_matmul_encdec_qk"
    d = _projection(name, "queries", queries, heads, 1)
    if d != _projection(name, "keys_values", keys_values, heads, 2) or queries.shape[1] != keys_values.shape[1]:
        raise ShapeError(
            f"{name}: queries is {list(queries.shape)}, keys_values is {list(keys_values.shape)}: they must be "
            f"[Q, batch, heads * D] and [K, batch, heads * 2 * D]"
        )
    return _scores(heads_of(queries, heads=heads), heads_of(keys_values, heads=heads, parts=2))


encdec_qk.vjp(
    lambda g, _out, _q, kv, heads: from_heads(
        _to_queries(g, heads_of(kv, heads=heads, parts=2)), heads=heads
    ),
    lambda g, _out, q, _kv, heads: from_heads(_to_keys(g, heads_of(q, heads=heads)), heads=heads, parts=2),
)


@op(name="_contrib_interleaved_matmul_encdec_valatt")
def encdec_valatt(keys_values, attention, heads=REQUIRED):
    """The values, weighted by attention.  [K, B, heads * 2 * D], [B * heads, Q, K] -> [Q, B, heads * D]"""
    name = "interleaved_matmul_encdec_valatt"
    _projection(name, "keys_values", keys_values, heads, 2)
    _weights(name, attention, keys_values.shape[1] * heads, keys_values.shape[0])
    return from_heads(batch_dot(attention, heads_of(keys_values, heads=heads, parts=2, part=1)), heads=heads)


encdec_valatt.vjp(
    lambda g, _out, _kv, attention, heads: from_heads(
        batch_dot(attention, heads_of(g, heads=heads), transpose_a=True), heads=heads, parts=2, part=1
    ),
    lambda g, _out, kv, _attention, heads: batch_dot(
        heads_of(g, heads=heads), heads_of(kv, heads=heads, parts=2, part=1), transpose_b=True
    ),
)
