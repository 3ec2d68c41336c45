"""The mean of a loss's values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .base import EvalMetric, as_list, register, values


@register
class Loss(EvalMetric):
    """The mean of all elements of the predictions, which are a loss's values; labels are not looked at."""

    def __init__(
        self, name: str = "loss", output_names: Sequence[str] | None = None, label_names: Sequence[str] | None = None
    ) -> None:
        super().__init__(name, output_names, label_names, has_global_stats=True)

    def update(self, labels: Any, preds: Any) -> None:
        """Counts a batch of losses, of any shape."""
        for pred in as_list(preds):
            numbers = values(pred)
            self._add(float(numbers.sum()), numbers.size)


@register
class Torch(Loss):
    """MXNet's older name of Loss, for criteria of Torch."""

    def __init__(
        self, name: str = "torch", output_names: Sequence[str] | None = None, label_names: Sequence[str] | None = None
    ) -> None:
        super().__init__(name, output_names, label_names)


@register
class Caffe(Loss):
    """MXNet's older name of Loss, for criteria of Caffe."""

    def __init__(
        self, name: str = "caffe", output_names: Sequence[str] | None = None, label_names: Sequence[str] | None = None
    ) -> None:
        super().__init__(name, output_names, label_names)
