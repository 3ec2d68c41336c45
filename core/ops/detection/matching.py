"""Pairs of rows and columns, best score first."""

from __future__ import annotations

import numpy as np

from ...errors import DtypeError, ShapeError
from ...op import REQUIRED, op
from ..matrices import real
from ..shape import whole


@op(name="_contrib_bipartite_matching")
def bipartite_matching(data, is_ascend=False, threshold=REQUIRED, topk=-1):
    """For each row the column that it is matched with, for each column its row; -1 for none.

    The best score's row and column are a pair, then the best one's of all other rows and columns, and so on, as long as
    scores are above threshold (below it with is_ascend: low scores are the good ones).  With topk > 0 it ends after
    topk + 1 pairs, as in MXNet.
    [..., N, M] -> [..., N], [..., M]
    """
    name = "bipartite_matching"
    if data.dtype.kind != "f":
        raise DtypeError(f"{name}: data is {data.dtype}: it takes floating point; use astype")
    if data.ndim < 2:
        raise ShapeError(f"{name}: data is {list(data.shape)}: it takes [..., N, M]")
    n, m = data.shape[-2:]
    limit, most = real(name, "threshold", threshold), whole(name, "topk", topk)
    sign = -1 if is_ascend else 1
    scores = sign * data.reshape(-1, n, m)
    lead = np.arange(len(scores))
    rows, columns = np.full((len(scores), n), -1), np.full((len(scores), m), -1)
    for _ in range(min(n, m, most + 1) if most > 0 else min(n, m)):
        best = scores.reshape(len(scores), -1).argmax(axis=1)
        good = scores.reshape(len(scores), -1)[lead, best] > sign * limit
        at, row, column = lead[good], best[good] // m, best[good] % m
        if not len(at):
            break
        rows[at, row], columns[at, column] = column, row
        scores[at, row] = -np.inf
        scores[at, :, column] = -np.inf
    return rows.astype(data.dtype).reshape(data.shape[:-1]), columns.astype(data.dtype).reshape(*data.shape[:-2], m)


bipartite_matching.vjp(None)
