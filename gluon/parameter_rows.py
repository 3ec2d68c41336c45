"""Rows of a parameter of stype='row_sparse', whose values a Trainer's store holds.

Knows which calls are for such parameters and which for dense ones.  Never pulls itself: the Trainer does.  Invariant: a
row_sparse parameter has one Trainer for life, since that Trainer's store has its values.
"""

from __future__ import annotations

from typing import Any

from ..core.context import Context
from ..core.ndarray import NDArray
from .errors import BadRowIds, NotInitialized, OtherStorage


class StoredRows:
    """The part of Parameter that fetches rows."""

    name: str
    _stype: str
    _data: list[NDArray] | None
    _trainer: Any

    def row_sparse_data(self, row_id: NDArray) -> NDArray:
        """This row_sparse parameter's array on `row_id`'s context, holding from now on the rows that `row_id` names.

        The Trainer's store fills it. Raises RuntimeError where there is no Trainer or no value yet, or the parameter is
        not row_sparse; TypeError for row numbers that are no NDArray.

        >>> from mxl.core import nd
        >>> from mxl.gluon import Parameter, Trainer
        >>> table = Parameter("table", shape=(4, 2), stype="row_sparse", grad_stype="row_sparse")
        >>> table.initialize(init="ones")
        >>> trainer = Trainer([table], "sgd")
        >>> table.row_sparse_data(nd.array([3, 1])).indices.asnumpy()
        array([1, 3])
        """
        self._require_rows("row_sparse_data()", row_id)
        array = self._on_context(self._data, row_id.context)
        self._trainer._row_sparse_pull(self, array, row_id)
        return array

    def list_row_sparse_data(self, row_id: NDArray) -> list[NDArray]:
        """The arrays on all contexts, each holding the rows that `row_id` names; see `row_sparse_data`."""
        self._require_rows("list_row_sparse_data()", row_id)
        arrays = list(self._arrays())
        self._trainer._row_sparse_pull(self, arrays, row_id)
        return arrays

    def _set_trainer(self, trainer: Any) -> None:
        """Remembers the Trainer that updates this parameter. Raises RuntimeError for a second one of a table."""
        if self._stype != "default" and self._trainer is not None and self._trainer is not trainer:
            raise OtherStorage(
                f"Parameter '{self.name}' is {self._stype}, and the store of another Trainer has its values: it cannot "
                f"have two Trainers"
            )
        self._trainer = trainer

    def _is_sparse(self, call: str) -> OtherStorage:
        return OtherStorage(
            f"Parameter '{self.name}' is {self._stype}: {call} is for dense ones, row_sparse_data(row_id) fetches rows"
        )

    def _require_rows(self, call: str, row_id: Any) -> None:
        if self._stype != "row_sparse":
            raise OtherStorage(f"Parameter '{self.name}' is {self._stype}: {call} is for row_sparse ones, use data()")
        if not isinstance(row_id, NDArray):
            what = type(row_id).__name__
            raise BadRowIds(f"Parameter '{self.name}': row_id is an NDArray of row numbers, not {what}")
        if self._trainer is None:
            raise NotInitialized(
                f"Parameter '{self.name}': rows come from a Trainer's store, and there is no Trainer yet"
            )

    def _arrays(self) -> list[NDArray]:
        raise NotImplementedError(f"{type(self).__name__} defines no _arrays(self)")

    def _on_context(self, arrays: list[NDArray] | None, ctx: Context | None) -> NDArray:
        raise NotImplementedError(f"{type(self).__name__} defines no _on_context(self, arrays, ctx)")
