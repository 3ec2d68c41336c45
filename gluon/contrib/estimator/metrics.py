"""Metrics of an estimator: how they are given, which go with a loss, which a handler may refer to, what is better."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable, Collection
from typing import Any

from ....core.metric import Accuracy, CompositeEvalMetric, EvalMetric
from ...errors import BadArgument
from ...loss import Loss, SoftmaxCrossEntropyLoss

__all__ = ["as_metrics", "check_references", "comparison", "suggested_for"]


def as_metrics(given: Any) -> list[EvalMetric]:
    """A metric, a composite one, a list of them, or None, as a list.  Raises ValueError for anything else."""
    if isinstance(given, CompositeEvalMetric):
        return [metric for one in given.metrics for metric in as_metrics(one)]
    if isinstance(given, EvalMetric):
        return [given]
    metrics = given or []
    if not all(isinstance(metric, EvalMetric) for metric in metrics):
        raise BadArgument(f"metrics must be a Metric or a list of Metric, refer to mx.metric.EvalMetric: {given}")
    return list(metrics)


def suggested_for(loss: Loss) -> EvalMetric | None:
    """The metric that goes with a loss, if there is one."""
    return Accuracy() if isinstance(loss, SoftmaxCrossEntropyLoss) else None


def check_references(handler: Any, known: Collection[EvalMetric]) -> None:
    """Raises ValueError where an attribute of a handler called ...metric... is a metric that the estimator lacks."""
    for name in dir(handler):
        if "metric" not in name:
            continue
        found = getattr(handler, name)
        for metric in found if isinstance(found, list) else [found]:
            if isinstance(metric, EvalMetric) and not any(metric is one for one in known):
                raise BadArgument(
                    f"Event handler {type(handler).__name__} refers to a metric instance {metric} outside of the known "
                    f"training and validation metrics. Please use the metrics from estimator.train_metrics and "
                    f"estimator.val_metrics instead."
                )


def comparison(mode: str, monitor: EvalMetric, who: str) -> Callable[[float, float], bool]:
    """Which of two values of a metric is better: `operator.gt` or `operator.lt`.

    mode: 'max', 'min', or 'auto', which is 'max' for accuracies and F1 and 'min' for all else; an unknown one is warned
    of and taken for 'auto'.
    """
    if mode not in ("auto", "min", "max"):
        warnings.warn(
            f"{who} mode {mode} is unknown, fallback to auto mode: max for f1 and accuracy, min for other metrics",
            RuntimeWarning,
            stacklevel=3,
        )
        mode = "auto"
    if mode == "auto":
        name = monitor.get()[0]
        names = " ".join(name) if isinstance(name, list) else str(name)
        mode, other = ("max", "min") if "acc" in names.lower() or "f1" in names.lower() else ("min", "max")
        word, opposite = ("greater", "less") if mode == "max" else ("less", "greater")
        warnings.warn(
            f"`{word}` operator will be used to determine if {name} has improved. Please specify `mode='{other}'` to "
            f"use the `{opposite}` operator. Specify `mode='{mode}' to disable this warning.`",
            stacklevel=3,
        )
    return operator.gt if mode == "max" else operator.lt
