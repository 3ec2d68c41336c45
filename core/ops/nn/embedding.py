"""Embedding: rows of a table by number, and its gradient, a sum of rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import ShapeError
from ...op import REQUIRED, op
from ...rowsum import RowSum


@op
def Embedding(data, weight, input_dim=REQUIRED, output_dim=REQUIRED, dtype="float32", sparse_grad=False):
    """The rows of weight whose numbers are in data; numbers outside mean the nearest row.

    data: [...] of row numbers, weight: [input_dim, output_dim] -> [..., output_dim], of weight's dtype: `dtype` is what
    MXNet's graphs make a missing weight of, and has no effect here.  sparse_grad: the weight's gradient holds only the
    rows that data names, and fills a row_sparse one without a dense table.
    """
    check_table(weight, input_dim, output_dim)
    return weight[row_numbers(data, input_dim)]


def check_table(weight: Any, input_dim: int, output_dim: int) -> None:
    """Raise ShapeError unless weight has that many rows and columns."""
    if weight.shape != (input_dim, output_dim):
        raise ShapeError(
            f"Embedding: weight is {list(weight.shape)}; input_dim {input_dim} and output_dim {output_dim} need "
            f"{[input_dim, output_dim]}"
        )


def row_numbers(data: np.ndarray, rows: int) -> np.ndarray:
    """Numbers as indices: cut to whole ones, and into [0, rows)."""
    return np.clip(data, 0, rows - 1).astype(np.int64)


@op
def _embedding_gradient(g, data, rows=REQUIRED):
    """Rows of g summed by number.   g: [..., D], data: [...] -> [rows, D]"""
    width = g.shape[-1]
    numbers = row_numbers(data, rows).reshape(-1)
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    out = np.zeros((rows, width), g.dtype)
    if len(ordered):
        starts = np.flatnonzero(np.diff(ordered, prepend=-1))
        out[ordered[starts]] = np.add.reduceat(g.reshape(-1, width)[order], starts, axis=0)
    return out


def _weight_gradient(g, _out, data, _weight, input_dim, sparse_grad):
    """Rows of g summed by number; with sparse_grad those alone that data names."""
    if sparse_grad and isinstance(g, np.ndarray):
        width = g.shape[-1]
        return RowSum.of(row_numbers(data, input_dim).reshape(-1), g.reshape(-1, width), (input_dim, width))
    return _embedding_gradient(g, data, rows=input_dim)


Embedding.vjp(None, _weight_gradient)

_embedding_gradient.vjp(
    lambda g, _out, _dy, data, rows: Embedding(data, g, input_dim=rows, output_dim=g.shape[1]), None
)


@op(name="_contrib_SparseEmbedding")
def SparseEmbedding(data, weight, input_dim=REQUIRED, output_dim=REQUIRED, dtype="float32", deterministic=False):
    """Embedding with sparse_grad=True.  Sums of rows have one order here, so that deterministic has no effect.

    data: [...] of row numbers, weight: [input_dim, output_dim] -> [..., output_dim]
    """
    return Embedding.fn(data, weight, input_dim, output_dim)


SparseEmbedding.vjp(
    None, lambda g, out, data, weight, input_dim: _weight_gradient(g, out, data, weight, input_dim, True)
)
