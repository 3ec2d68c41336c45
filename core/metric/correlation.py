"""Correlation of predictions with labels: of numbers (Pearson's), and of classes (PCC, the MCC of any number)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy

from ..errors import InvalidSetting
from .base import EvalMetric, alias, check_label_shapes, register, values


@alias("pearsonr")
@register
class PearsonCorrelation(EvalMetric):
    """Pearson's correlation: the mean of the batches' ('macro'), or that of all numbers since the reset ('micro')."""

    def __init__(
        self,
        name: str = "pearsonr",
        output_names: Sequence[str] | None = None,
        label_names: Sequence[str] | None = None,
        average: str = "macro",
    ) -> None:
        if average not in ("macro", "micro"):
            raise InvalidSetting(f"PearsonCorrelation: average is {average!r}; known: macro, micro")
        self.average = average
        super().__init__(name, output_names, label_names, average=average, has_global_stats=True)

    def reset(self) -> None:
        """Starts anew, the global result too."""
        super().reset()
        self.reset_micro()

    def reset_micro(self) -> None:
        """Forgets the numbers that 'micro' has gathered."""
        self._count = 0
        self._means: Any = numpy.zeros(2)  # of labels, of predictions
        self._spreads: Any = numpy.zeros((2, 2))  # sums of the products of what they differ from their means

    def update(self, labels: Any, preds: Any) -> None:
        """Counts a batch.   labels, preds: of one shape."""
        labels, preds = check_label_shapes(labels, preds, True)
        for label_, pred_ in zip(labels, preds, strict=True):
            check_label_shapes(label_, pred_, False, True)
            pair = numpy.stack([values(array).ravel().astype(numpy.float64) for array in (label_, pred_)])
            if self.average == "macro":
                table: Any = numpy.corrcoef(pair)
                self._add(float(table[0, 1]), 1)
            else:
                self._gather(pair)
                self._add(0.0, 1)

    def _gather(self, pair: numpy.ndarray) -> None:
        """Takes numbers into means and spreads.   pair: [2, N]"""
        new, before = pair.shape[1], self._count
        means = pair.mean(axis=1)
        apart, step = pair - means[:, None], means - self._means
        self._count += new
        self._spreads += apart @ apart.T + numpy.outer(step, step) * (before * new / self._count)
        self._means += step * (new / self._count)

    def get(self) -> tuple[Any, Any]:
        """(name, correlation); that of 'micro' is of all numbers since `reset`."""
        if self.average == "macro" or not self.num_inst:
            return super().get()
        (of_labels, both), (_, of_preds) = self._spreads.tolist()
        spread = math.sqrt(of_labels * of_preds)
        return self.name, both / spread if spread else float("nan")


@register
class PCC(EvalMetric):
    """The correlation of two classifications into any number of classes; of two classes it is MCC."""

    def __init__(
        self,
        name: str = "pcc",
        output_names: Sequence[str] | None = None,
        label_names: Sequence[str] | None = None,
        has_global_stats: bool = True,
    ) -> None:
        super().__init__(name, output_names, label_names, has_global_stats=has_global_stats)

    def reset(self) -> None:
        """Starts anew, the global result too."""
        self._global_table = numpy.zeros((2, 2))
        super().reset()
        self.reset_local()
        self.global_sum_metric = _correlation(self._global_table)

    def reset_local(self) -> None:
        """Starts the local result anew."""
        super().reset_local()
        self._table = numpy.zeros((2, 2))
        self.sum_metric = _correlation(self._table)

    def update(self, labels: Any, preds: Any) -> None:
        """Counts a batch.   labels: [N] of class numbers; preds: [N, C] of scores, or [N] of class numbers."""
        labels, preds = check_label_shapes(labels, preds, True)
        for label_, pred_ in zip(labels, preds, strict=True):
            label, pred = values(label_).astype(numpy.int32), values(pred_)
            pred = pred.argmax(axis=1) if pred.shape != label.shape else pred.astype(numpy.int32)
            check_label_shapes(label, pred)
            if min(label.min(), pred.min()) < 0:
                raise InvalidSetting(f"PCC: classes are 0, 1, 2, ...; got {min(label.min(), pred.min())}")
            size = int(max(label.max(), pred.max())) + 1
            self._table, self._global_table = (_grown(table, size) for table in (self._table, self._global_table))
            for table in (self._table, self._global_table):
                numpy.add.at(table, (pred.ravel(), label.ravel()), 1)
        self.num_inst += 1
        self.global_num_inst += 1
        self.sum_metric = _correlation(self._table) * self.num_inst
        self.global_sum_metric = _correlation(self._global_table) * self.global_num_inst


def _grown(table: numpy.ndarray, size: int) -> numpy.ndarray:
    more = max(0, size - len(table))
    return numpy.pad(table, ((0, more), (0, more)))


def _correlation(table: numpy.ndarray) -> float:
    """The correlation in a table of counts; nan where one side knows one class only.   table: [K, K]"""
    total, rows, columns = table.sum(), table.sum(axis=1), table.sum(axis=0)
    of_rows, of_columns = (rows * (total - rows)).sum(), (columns * (total - columns)).sum()
    if not (of_rows and of_columns):
        return float("nan")
    return float((table.diagonal() * total - rows * columns).sum() / numpy.sqrt(of_rows * of_columns))
