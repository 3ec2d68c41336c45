"""Metrics of predicted probabilities: the mean of -log of what the true class was given."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy

from ..errors import Mismatch, OutOfBounds
from .base import EvalMetric, alias, check_label_shapes, register, values


@alias("ce")
@register
class CrossEntropy(EvalMetric):
    """The mean of -log(probability of the true class + eps)."""

    def __init__(
        self,
        eps: float = 1e-12,
        name: str = "cross-entropy",
        output_names: Sequence[str] | None = None,
        label_names: Sequence[str] | None = None,
    ) -> None:
        super().__init__(name, output_names, label_names, eps=eps, has_global_stats=True)
        self.eps = eps

    def update(self, labels: Any, preds: Any) -> None:
        """Counts a batch.   labels: [N] of class numbers; preds: [N, C] of probabilities."""
        labels, preds = check_label_shapes(labels, preds, True)
        for label_, pred_ in zip(labels, preds, strict=True):
            label, pred = values(label_).ravel().astype(numpy.int64), values(pred_)
            if pred.ndim != 2 or len(label) != len(pred):
                raise Mismatch(
                    f"{type(self).__name__}: labels are {list(values(label_).shape)}, predictions {list(pred.shape)}: "
                    "they must be [N] and [N, C]"
                )
            if len(label) and not 0 <= label.min() <= label.max() < pred.shape[1]:
                raise OutOfBounds(
                    f"{type(self).__name__}: labels go from {label.min()} to {label.max()}, predictions have "
                    f"{pred.shape[1]} classes"
                )
            chosen = pred[numpy.arange(len(label)), label]
            self._add(float((-numpy.log(chosen + self.eps)).sum()), len(label))


@alias("nll_loss")
@register
class NegativeLogLikelihood(CrossEntropy):
    """The same as CrossEntropy, under its other name."""

    def __init__(
        self,
        eps: float = 1e-12,
        name: str = "nll-loss",
        output_names: Sequence[str] | None = None,
        label_names: Sequence[str] | None = None,
    ) -> None:
        super().__init__(eps, name, output_names, label_names)


@register
class Perplexity(EvalMetric):
    """e to the mean of -log(probability of the true class); samples labelled `ignore_label` do not count."""

    def __init__(
        self,
        ignore_label: int | None,
        axis: int = -1,
        name: str = "perplexity",
        output_names: Sequence[str] | None = None,
        label_names: Sequence[str] | None = None,
    ) -> None:
        super().__init__(name, output_names, label_names, ignore_label=ignore_label, axis=axis, has_global_stats=True)
        self.ignore_label = ignore_label
        self.axis = axis

    def update(self, labels: Any, preds: Any) -> None:
        """Counts a batch.   labels: [...] of class numbers; preds: with the classes along `axis`."""
        labels, preds = check_label_shapes(labels, preds, True)
        for label_, pred_ in zip(labels, preds, strict=True):
            pred = numpy.moveaxis(values(pred_), self.axis, -1)
            label = values(label_).astype(numpy.int64)
            if label.size * pred.shape[-1] != pred.size:
                raise Mismatch(
                    f"Perplexity: labels are {list(label.shape)}, predictions {list(values(pred_).shape)}: predictions "
                    f"must have one more axis, the classes"
                )
            chosen = numpy.take_along_axis(
                pred.reshape(-1, pred.shape[-1]), label.reshape(-1, 1).clip(0, pred.shape[-1] - 1), axis=1
            )
            counted = numpy.ones(label.size, bool) if self.ignore_label is None else label.ravel() != self.ignore_label
            self._add(float(-numpy.log(numpy.maximum(1e-10, chosen.ravel()[counted])).sum()), int(counted.sum()))

    def _result(self, total: float, count: float) -> float:
        return math.exp(total / count) if count else float("nan")
