"""Sparse arrays as the parts that a `.params` file has of them, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..context import cpu
from ..errors import ArrayFileError, MXLError
from ..params_file import Stored
from .arrays import CSR, BaseSparseNDArray, CSRNDArray, csr, row_sparse


def parts(array: Any) -> Stored:
    """The parts of a sparse array, not copied."""
    if isinstance(array, CSRNDArray):
        return Stored(array.stype, array.shape, array._values, (array._bounds, array._columns))
    return Stored(array.stype, array.shape, array._values, (array._ids,))


def array(stored: Stored, what: str) -> BaseSparseNDArray:
    """A sparse array of these parts, on cpu(0). Raises ArrayFileError where they do not fit each other."""
    made: BaseSparseNDArray
    try:
        if any(part.ndim != 1 or part.dtype.kind not in "iu" for part in stored.parts):
            raise MXLError(f"{stored.stype}: its indices are no rows of whole numbers")
        if stored.stype == CSR:
            bounds, columns = (part.astype(np.int64) for part in stored.parts)
            if stored.data.shape != columns.shape or len(stored.shape) != 2:
                raise MXLError(f"csr: {list(stored.data.shape)} elements, {list(columns.shape)} indices, "
                               f"{list(stored.shape)}")
            if len(columns) and not 0 <= columns.min() <= columns.max() < stored.shape[1]:
                raise MXLError(f"csr: indices must lie within 0 .. {stored.shape[1] - 1}")
            made = csr(stored.data, columns, bounds, stored.shape, cpu())
            made.check_format(full_check=False)  # a row's columns may come in any order
        else:
            ids = stored.parts[0].astype(np.int64)
            if not stored.shape or stored.data.shape != (len(ids), *stored.shape[1:]):
                raise MXLError(f"row_sparse: rows {list(stored.data.shape)} and {len(ids)} indices of "
                               f"{list(stored.shape)}")
            made = row_sparse(ids, stored.data, stored.shape, cpu())
            made.check_format()
    except MXLError as error:
        raise ArrayFileError(f"{what} is damaged: {error}") from error
    return made
