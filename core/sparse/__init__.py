"""`mx.nd.sparse`: arrays that keep what is not zero.  This file only gathers names; an operator without a sparse form
is `mx.nd`'s, which takes sparse arrays as the dense ones that they stand for."""

from __future__ import annotations

from typing import Any

from ..op import SPARSE
from . import kernels, lookups
from .arithmetic import add, divide, multiply, subtract
from .arrays import BaseSparseNDArray, CSRNDArray, RowSparseNDArray
from .make import array, cast_storage, csr_matrix, empty, retain, row_sparse_array, zeros

__all__ = [
    "BaseSparseNDArray", "CSRNDArray", "RowSparseNDArray", "add", "array", "cast_storage", "csr_matrix", "divide",
    "empty", "multiply", "retain", "row_sparse_array", "subtract", "zeros",
]  # fmt: skip

assert kernels
assert lookups  # they enter the table of sparse forms


def __getattr__(name: str) -> Any:
    from .. import nd

    if name.startswith("__"):
        raise AttributeError(name)
    if name == "adagrad_update":
        from ..optimizer.by_rows import adagrad_update

        return adagrad_update
    found = getattr(nd, name, None)
    if found is None:
        raise AttributeError(f"mx.nd.sparse has no function or operator {name!r}")
    return found


def __dir__() -> list[str]:
    return sorted({*__all__, "adagrad_update", *(name for name in SPARSE if not name.startswith("_"))})
