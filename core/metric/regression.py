"""Metrics of regressions: means of errors, each batch counting once whatever its size, as in MXNet."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy

from .base import EvalMetric, check_label_shapes, register, values


class _BatchError(EvalMetric, ABC):
    """The mean over batches of an error of the batch."""

    @abstractmethod
    def _error(self, difference: numpy.ndarray) -> float:
        """The error of a batch, from labels - predictions."""

    def update(self, labels: Any, preds: Any) -> None:
        """Counts a batch.   labels, preds: of one shape; [N] counts as [N, 1]."""
        labels, preds = check_label_shapes(labels, preds, True)
        for label_, pred_ in zip(labels, preds, strict=True):
            label, pred = (
                array.reshape(-1, 1) if array.ndim == 1 else array for array in (values(label_), values(pred_))
            )
            self._add(self._error(label - pred), 1)


@register
class MAE(_BatchError):
    """The mean absolute error."""

    def __init__(
        self, name: str = "mae", output_names: Sequence[str] | None = None, label_names: Sequence[str] | None = None
    ) -> None:
        super().__init__(name, output_names, label_names, has_global_stats=True)

    def _error(self, difference: numpy.ndarray) -> float:
        return float(numpy.abs(difference).mean())


@register
class MSE(_BatchError):
    """The mean squared error."""

    def __init__(
        self, name: str = "mse", output_names: Sequence[str] | None = None, label_names: Sequence[str] | None = None
    ) -> None:
        super().__init__(name, output_names, label_names, has_global_stats=True)

    def _error(self, difference: numpy.ndarray) -> float:
        return float((difference**2.0).mean())


@register
class RMSE(_BatchError):
    """The root of the mean squared error of each batch."""

    def __init__(
        self, name: str = "rmse", output_names: Sequence[str] | None = None, label_names: Sequence[str] | None = None
    ) -> None:
        super().__init__(name, output_names, label_names, has_global_stats=True)

    def _error(self, difference: numpy.ndarray) -> float:
        return float(numpy.sqrt((difference**2.0).mean()))
