"""Metrics of classifiers: shares of right answers, and what a confusion table of two classes says."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy

from ..errors import InvalidSetting, RefusedSetting, ShapeError
from .base import EvalMetric, alias, check_label_shapes, register, values


@alias("acc")
@register
class Accuracy(EvalMetric):
    """The share of samples whose prediction is the label.

    Predictions with more axes than the labels (or another shape) are scores, the greatest along `axis` counting;
    otherwise they are class numbers.
    """

    def __init__(
        self,
        axis: int = 1,
        name: str = "accuracy",
        output_names: Sequence[str] | None = None,
        label_names: Sequence[str] | None = None,
    ) -> None:
        super().__init__(name, output_names, label_names, axis=axis, has_global_stats=True)
        self.axis = axis

    def update(self, labels: Any, preds: Any) -> None:
        """Counts a batch.   labels: [N] of class numbers; preds: [N, C] of scores, or [N] of class numbers."""
        labels, preds = check_label_shapes(labels, preds, True)
        for label_, pred_ in zip(labels, preds, strict=True):
            label, pred = values(label_), values(pred_)
            if pred.shape != label.shape:
                pred = pred.argmax(axis=self.axis)
            label, pred = label.astype(numpy.int32).ravel(), pred.astype(numpy.int32).ravel()
            check_label_shapes(label, pred)
            self._add(float((pred == label).sum()), len(pred))


@alias("top_k_accuracy", "top_k_acc")
@register
class TopKAccuracy(EvalMetric):
    """The share of samples whose label is among the top_k greatest scores; of equal scores the later classes count."""

    def __init__(
        self,
        top_k: int = 1,
        name: str = "top_k_accuracy",
        output_names: Sequence[str] | None = None,
        label_names: Sequence[str] | None = None,
    ) -> None:
        if top_k <= 1:
            raise RefusedSetting(f"TopKAccuracy: top_k is {top_k}; expected 2 or more (Accuracy is for 1)")
        super().__init__(f"{name}_{top_k}", output_names, label_names, top_k=top_k, has_global_stats=True)
        self.top_k = top_k

    def get_config(self) -> dict[str, Any]:
        """The settings; the name without top_k, which the constructor adds."""
        return {**super().get_config(), "name": self.name.removesuffix(f"_{self.top_k}")}

    def update(self, labels: Any, preds: Any) -> None:
        """Counts a batch.   labels: [N] of class numbers; preds: [N, C] of scores, or [N] of class numbers."""
        labels, preds = check_label_shapes(labels, preds, True)
        for label_, pred_ in zip(labels, preds, strict=True):
            label, pred = values(label_).astype(numpy.int32), values(pred_)
            if pred.ndim > 2:
                raise ShapeError(f"TopKAccuracy: predictions are {list(pred.shape)}: they must be [N, C] or [N]")
            check_label_shapes(label, pred)
            if pred.ndim == 1:
                right = pred.astype(numpy.int32) == label.ravel()
            else:
                if pred.shape[1] < self.top_k:
                    raise InvalidSetting(f"TopKAccuracy: top_k is {self.top_k}, predictions are of {pred.shape[1]}")
                top = numpy.argsort(pred.astype(numpy.float32), axis=1, kind="stable")[:, -self.top_k :]
                right = (top == label.reshape(-1, 1)).any(axis=1)
            self._add(float(right.sum()), len(pred))


class _Table:
    """Counts of two classes' predictions: true and false, positive and negative."""

    def __init__(self) -> None:
        self.tp = self.fp = self.tn = self.fn = 0

    def add(self, name: str, label_: Any, pred_: Any) -> None:
        pred, label = values(pred_), values(label_).astype(numpy.int32).ravel()
        if pred.ndim != 2:
            raise ShapeError(f"{name}: predictions are {list(pred.shape)}: they must be [N, 2], scores of two classes")
        check_label_shapes(label, pred)
        if len(numpy.unique(label)) > 2:
            raise InvalidSetting(
                f"{name} knows two classes, 0 and 1; the labels have {len(numpy.unique(label))}: keep two of them, or "
                f"use Accuracy"
            )
        positive, true = pred.argmax(axis=1) == 1, label == 1
        self.tp += int((positive & true).sum())
        self.fp += int((positive & ~true).sum())
        self.tn += int((~positive & ~true).sum())
        self.fn += int((~positive & true).sum())

    @property
    def count(self) -> int:
        return self.tp + self.fp + self.tn + self.fn

    def f1(self) -> float:
        precision = self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0
        recall = self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0

    def mcc(self) -> float:
        if not self.count:
            return 0.0
        terms = (self.tp + self.fp, self.tp + self.fn, self.tn + self.fp, self.tn + self.fn)
        return (self.tp * self.tn - self.fp * self.fn) / math.sqrt(math.prod(term for term in terms if term))


class _TwoClasses(EvalMetric, ABC):
    """A number of the table: its mean over batches ('macro'), or that of all batches' table (any other word)."""

    def __init__(
        self, name: str, output_names: Sequence[str] | None, label_names: Sequence[str] | None, average: str
    ) -> None:
        self.average = average
        super().__init__(name, output_names, label_names, average=average, has_global_stats=True)

    @abstractmethod
    def _score(self, table: _Table) -> float:
        """The number of a table."""

    def update(self, labels: Any, preds: Any) -> None:
        """Counts a batch.   labels: [N] of 0 and 1; preds: [N, 2] of scores."""
        labels, preds = check_label_shapes(labels, preds, True)
        batch = _Table()
        for label, pred in zip(labels, preds, strict=True):
            for table in (batch, self._table, self._global_table):
                table.add(type(self).__name__, label, pred)
        if self.average == "macro":
            self._add(self._score(batch), 1)
        else:
            self.num_inst, self.global_num_inst = self._table.count, self._global_table.count
            self.sum_metric = self._score(self._table) * self.num_inst
            self.global_sum_metric = self._score(self._global_table) * self.global_num_inst

    def reset(self) -> None:
        """Starts anew, the global result too."""
        super().reset()
        self._table, self._global_table = _Table(), _Table()

    def reset_local(self) -> None:
        """Starts the local result anew."""
        super().reset_local()
        self._table = _Table()


@register
class F1(_TwoClasses):
    """The harmonic mean of precision and recall of class 1, of two classes."""

    def __init__(
        self,
        name: str = "f1",
        output_names: Sequence[str] | None = None,
        label_names: Sequence[str] | None = None,
        average: str = "macro",
    ) -> None:
        super().__init__(name, output_names, label_names, average)

    def _score(self, table: _Table) -> float:
        return table.f1()


@register
class MCC(_TwoClasses):
    """Matthews' correlation coefficient of two classes: 1 right, 0 by chance, -1 wrong."""

    def __init__(
        self,
        name: str = "mcc",
        output_names: Sequence[str] | None = None,
        label_names: Sequence[str] | None = None,
        average: str = "macro",
    ) -> None:
        super().__init__(name, output_names, label_names, average)

    def _score(self, table: _Table) -> float:
        return table.mcc()
