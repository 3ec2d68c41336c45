"""What a metric is: a running mean over batches, locally (since `reset_local`) and in all (since `reset`).

Here are also the registry of names, and the composite of several.  A metric adds to `sum_metric` and `num_inst`; `get`
is their quotient, nan before the first batch.  A user's own subclass may do just that in its `update`; the built-in
ones also keep the global pair.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy

from ..errors import ArgumentError, BadCall, InvalidSetting
from ..ndarray import NDArray
from ..wiring import Klass, Registry


def check_label_shapes(labels: Any, preds: Any, wrap: bool = False, shape: bool = False) -> tuple[Any, Any]:
    """Labels and preds, once they have one length (or, with shape=True, one shape); wrap=True: arrays in lists."""
    counts = (labels.shape, preds.shape) if shape else (len(labels), len(preds))
    if counts[0] != counts[1]:
        what = "shape" if shape else "length"
        raise InvalidSetting(f"labels have {what} {counts[0]}, predictions {counts[1]}: they must be equal")
    if wrap:
        labels, preds = as_list(labels), as_list(preds)
    return labels, preds


def as_list(arrays: Any) -> Any:
    """A list of arrays; a single array becomes one."""
    return [arrays] if isinstance(arrays, (NDArray, numpy.ndarray)) else arrays


def values(array: Any) -> numpy.ndarray:
    """The numbers of an NDArray (or of a numpy array)."""
    if isinstance(array, NDArray):
        return array._read()
    if isinstance(array, numpy.ndarray):
        return array
    raise ArgumentError(f"a metric is updated with NDArrays, got {type(array).__name__}")


class EvalMetric:
    """Base of all metrics; a subclass defines `update(labels, preds)`.

    name: what results are called.  output_names, label_names: which entries `update_dict` takes; all by default.
    """

    def __init__(
        self,
        name: str,
        output_names: Sequence[str] | None = None,
        label_names: Sequence[str] | None = None,
        **kwargs: Any,
    ) -> None:
        self.name = str(name)
        self.output_names = output_names
        self.label_names = label_names
        self._has_global_stats = kwargs.pop("has_global_stats", False)
        self._kwargs = kwargs
        self.sum_metric: float = 0.0
        self.num_inst: float = 0
        self.global_sum_metric: float = 0.0
        self.global_num_inst: float = 0
        self.reset()

    def __str__(self) -> str:
        return f"EvalMetric: {dict(self.get_name_value())}"

    def get_config(self) -> dict[str, Any]:
        """The metric's settings, from which `create(config.pop('metric'), **config)` makes it anew."""
        return {
            **self._kwargs,
            "metric": type(self).__name__,
            "name": self.name,
            "output_names": self.output_names,
            "label_names": self.label_names,
        }

    def update_dict(self, label: Mapping[str, Any], pred: Mapping[str, Any]) -> None:
        """`update` with the entries that output_names and label_names name."""
        preds = list(pred.values()) if self.output_names is None else [pred[name] for name in self.output_names]
        labels = list(label.values()) if self.label_names is None else [label[name] for name in self.label_names]
        self.update(labels, preds)

    def update(self, labels: Any, preds: Any) -> None:
        """Counts a batch: labels and preds are arrays, or lists of as many arrays."""
        raise NotImplementedError(f"{type(self).__name__} must override update(labels, preds)")

    def _add(self, total: float, count: float) -> None:
        self.sum_metric += total
        self.global_sum_metric += total
        self.num_inst += count
        self.global_num_inst += count

    def reset(self) -> None:
        """Starts anew, the global result too."""
        self.num_inst = 0
        self.sum_metric = 0.0
        self.global_num_inst = 0
        self.global_sum_metric = 0.0

    def reset_local(self) -> None:
        """Starts the local result anew; the global one goes on."""
        self.num_inst = 0
        self.sum_metric = 0.0

    def _result(self, total: float, count: float) -> float:
        """The metric from its sum and count."""
        return total / count if count else float("nan")

    def get(self) -> tuple[Any, Any]:
        """(name, value) since the last reset, local or global."""
        return self.name, self._result(self.sum_metric, self.num_inst)

    def get_global(self) -> tuple[Any, Any]:
        """(name, value) since the last `reset`."""
        if not self._has_global_stats:
            return self.get()
        return self.name, self._result(self.global_sum_metric, self.global_num_inst)

    def get_name_value(self) -> list[tuple[str, Any]]:
        """[(name, value), ...] of `get`."""
        return _pairs(*self.get())

    def get_global_name_value(self) -> list[tuple[str, Any]]:
        """[(name, value), ...] of `get_global`."""
        return _pairs(*self.get_global())


def _pairs(name: Any, value: Any) -> list[tuple[str, Any]]:
    if not isinstance(name, list):
        name, value = [name], [value]
    return list(zip(name, value, strict=True))


REGISTRY: Registry[EvalMetric] = Registry("metric", EvalMetric, "a class of your own needs @mx.metric.register")


def register(klass: Klass, name: str | None = None) -> Klass:
    """Class decorator: `create` knows the class by its name, or by `name`, in lower case."""
    return REGISTRY.add(klass, None if name is None else name.lower())


def alias(*names: str) -> Callable[[Klass], Klass]:
    """Class decorator: further names for `create`."""
    return REGISTRY.alias(*names)


def create(metric: Any, *args: Any, **kwargs: Any) -> EvalMetric:
    """A metric from its name ('acc', 'ce', any case), a function of (label, pred) as numpy arrays, or a list of these.

    >>> create('acc').get_name_value()
    [('accuracy', nan)]
    """
    if isinstance(metric, EvalMetric):
        return metric
    if isinstance(metric, (list, tuple)):
        composite = CompositeEvalMetric()
        for child in metric:
            composite.add(create(child, *args, **kwargs))
        return composite
    if callable(metric):
        from .custom import CustomMetric

        return CustomMetric(metric, *args, **kwargs)
    if not isinstance(metric, str):
        raise BadCall(f"metric: expected a name, a function, an EvalMetric or a list, got {type(metric).__name__}")
    return REGISTRY.named(metric)(*args, **kwargs)


@alias("composite")
@register
class CompositeEvalMetric(EvalMetric):
    """Several metrics, updated and shown together."""

    def __init__(
        self,
        metrics: Sequence[Any] | None = None,
        name: str = "composite",
        output_names: Sequence[str] | None = None,
        label_names: Sequence[str] | None = None,
    ) -> None:
        self.metrics = [create(metric) for metric in metrics or []]
        super().__init__(name, output_names, label_names, has_global_stats=True)

    def add(self, metric: Any) -> None:
        """Adds a metric, or what `create` makes one of."""
        self.metrics.append(create(metric))

    def get_metric(self, index: int) -> EvalMetric:
        """The metric added at that place; for a place that there is not a ValueError, returned as in MXNet."""
        if not -len(self.metrics) <= index < len(self.metrics):
            return InvalidSetting(  # type: ignore[return-value]  # MXNet's habit
                f"get_metric: index is {index}, there are {len(self.metrics)} metrics"
            )
        return self.metrics[index]

    def update_dict(  # pyright: ignore[reportIncompatibleMethodOverride]  (MXNet's names, which differ from its base's)
        self, labels: Mapping[str, Any], preds: Mapping[str, Any]
    ) -> None:
        """`update_dict` of each metric, with the entries that this one's names leave."""
        if self.label_names is not None:
            labels = {name: array for name, array in labels.items() if name in self.label_names}
        if self.output_names is not None:
            preds = {name: array for name, array in preds.items() if name in self.output_names}
        for metric in self.metrics:
            metric.update_dict(labels, preds)

    def update(self, labels: Any, preds: Any) -> None:
        """Counts a batch in each metric."""
        for metric in self.metrics:
            metric.update(labels, preds)

    def reset(self) -> None:
        """Starts each metric anew."""
        for metric in self.metrics:
            metric.reset()

    def reset_local(self) -> None:
        """Starts each metric's local result anew."""
        for metric in self.metrics:
            metric.reset_local()

    def get(self) -> tuple[list[str], list[Any]]:
        """([name, ...], [value, ...]) of all metrics."""
        return _columns(metric.get_name_value() for metric in self.metrics)

    def get_global(self) -> tuple[list[str], list[Any]]:
        """([name, ...], [global value, ...]) of all metrics."""
        return _columns(metric.get_global_name_value() for metric in self.metrics)

    def get_config(self) -> dict[str, Any]:
        """The settings, with those of all metrics under 'metrics'."""
        return {**super().get_config(), "metrics": [metric.get_config() for metric in self.metrics]}


def _columns(results: Any) -> tuple[list[str], list[Any]]:
    pairs = [pair for result in results for pair in result]
    return [name for name, _ in pairs], [value for _, value in pairs]
