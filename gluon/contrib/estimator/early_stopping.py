"""EarlyStoppingHandler: training ends when a metric has stopped to improve."""

from __future__ import annotations

import math
import operator
import warnings
from typing import Any

from ....core.metric import CompositeEvalMetric, EvalMetric
from ...errors import BadArgument
from .events import EpochEnd, TrainBegin, TrainEnd
from .metrics import comparison

__all__ = ["EarlyStoppingHandler"]


class EarlyStoppingHandler(TrainBegin, EpochEnd, TrainEnd):
    """Stops the training when `monitor` has not improved for `patience` epochs.

    `monitor` is one of the estimator's metrics; an improvement is one of more than `min_delta`, over the best so far or
    over `baseline`; `mode` is 'max', 'min' or 'auto' (by the metric's name). Raises ValueError for what is no single
    metric. MXNet: `gluon.contrib.estimator.EarlyStoppingHandler`.
    """

    def __init__(
        self, monitor: EvalMetric, min_delta: float = 0, patience: int = 0, mode: str = "auto",
        baseline: float | None = None,
    ) -> None:  # fmt: skip
        if not isinstance(monitor, EvalMetric):
            raise BadArgument(
                "Please provide one of the metric objects from estimator.train_metrics and estimator.val_metrics as "
                f"monitor, not {type(monitor).__name__}."
            )
        if isinstance(monitor, CompositeEvalMetric):
            raise BadArgument(
                "CompositeEvalMetric is not supported for EarlyStoppingHandler, please specify a simple metric instead."
            )
        self.monitor = monitor
        self.baseline = baseline
        self.patience = patience
        self.wait = 0
        self.stopped_epoch = 0
        self.current_epoch = 0
        self.stop_training = False
        self.monitor_op = comparison(mode, monitor, "EarlyStopping")
        self.min_delta = min_delta if self.monitor_op is operator.gt else -min_delta
        self.best = math.nan

    def train_begin(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """Starts anew."""
        self.wait = self.stopped_epoch = self.current_epoch = 0
        self.stop_training = False
        worst = math.inf if self.monitor_op is operator.lt else -math.inf
        self.best = worst if self.baseline is None else self.baseline

    def epoch_end(self, estimator: Any, *args: Any, **kwargs: Any) -> bool:
        """Whether the metric has not improved for long enough; one without a value is warned of."""
        name, value = self.monitor.get()
        if math.isnan(value):
            warnings.warn(
                f"{name} is not updated, make sure you pass one of the metric objects from estimator.train_metrics and "
                f"estimator.val_metrics as monitor.",
                RuntimeWarning,
                stacklevel=2,
            )
        elif self.monitor_op(value - self.min_delta, self.best):
            self.best = value
            self.wait = 0
        else:
            self.wait += 1
            if self.wait >= self.patience:
                self.stopped_epoch = self.current_epoch
                self.stop_training = True
        self.current_epoch += 1
        return self.stop_training

    def train_end(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """Logs why training ended."""
        if self.stopped_epoch > 0:
            estimator.logger.info(
                "[Epoch %d] EarlyStoppingHanlder: early stopping due to %s not improving",
                self.stopped_epoch, self.monitor.get()[0],
            )  # fmt: skip
