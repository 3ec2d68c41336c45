"""Embedding of a row_sparse table: rows by number, and the gradient of those rows, without a dense table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import GraphError, MXLError
from ..handle import new
from ..ndarray import NDArray
from ..ops.nn.embedding import Embedding, check_table
from ..rowsum import RowSum
from ..tape import Node
from .arithmetic import tracked
from .arrays import BaseSparseNDArray, RowSparseNDArray
from .kernels import kernel, record
from .make import rows_at


@kernel(Embedding.name)
def _look_up(arrays: Sequence[Any], params: dict[str, Any]) -> Any:
    """Rows of the table, zeros where none is stored; numbers outside of it are refused, as in MXNet."""
    data, table = arrays
    if not isinstance(table, RowSparseNDArray) or isinstance(data, BaseSparseNDArray):
        return NotImplemented
    check_table(table, params["input_dim"], params["output_dim"])
    numbers = data._read()
    if numbers.size and not (numbers.min() >= 0 and numbers.max() < table.shape[0]):
        raise MXLError(f"Embedding: row numbers go from {numbers.min()} to {numbers.max()}, and the row_sparse table "
                       f"has rows 0 to {table.shape[0] - 1}")
    ids, places = np.unique(numbers.astype(np.int64), return_inverse=True)
    rows = rows_at(table, ids)[places.reshape(-1)].reshape(*numbers.shape, table.shape[1])
    result = new(NDArray, rows, table._ctx)
    if tracked(*arrays):
        record(_LookUpBackwards(numbers.astype(np.int64).reshape(-1), bool(params["sparse_grad"])), data, table, result)
    return result


class _LookUpBackwards:
    """The tape's operator for one look-up."""

    __slots__ = ("numbers", "sparse")
    name = "Embedding"

    def __init__(self, numbers: Any, sparse: bool) -> None:
        self.numbers = numbers
        self.sparse = sparse

    def custom(self, node: Node, g: Any, create_graph: bool) -> Sequence[Any]:
        """The gradient of the table; the numbers have none."""
        if create_graph:
            raise GraphError("the gradient of Embedding with a row_sparse table cannot be differentiated "
                             "(create_graph=True): use tostype('default')")
        assert node.shapes is not None  # the walk comes to living nodes only
        shape = node.shapes[1]
        rows = RowSum.of(self.numbers, (g.dense() if isinstance(g, RowSum) else g).reshape(-1, shape[1]), shape)
        return None, rows if self.sparse else rows.dense()
