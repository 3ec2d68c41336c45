"""LoggingHandler: lines about a training: its optimizer, each epoch or every so many batches, metrics and times.

Lines go to `estimator.logger`, in MXNet's words.
"""

from __future__ import annotations

import math
import time
from typing import Any

from ...errors import BadArgument
from .events import BatchBegin, BatchEnd, EpochBegin, EpochEnd, TrainBegin, TrainEnd
from .metrics import as_metrics

__all__ = ["LoggingHandler"]


class LoggingHandler(TrainBegin, TrainEnd, EpochBegin, EpochEnd, BatchBegin, BatchEnd):
    """Logs a line for each epoch (`log_interval='epoch'`), or besides one for every `log_interval` batches.

    `metrics` are those in the lines; it is told last (`priority`), when they have been counted. Raises ValueError for
    another interval. MXNet: `gluon.contrib.estimator.LoggingHandler`.
    """

    def __init__(self, log_interval: int | str = "epoch", metrics: Any = None, priority: float = math.inf) -> None:
        if not isinstance(log_interval, int) and log_interval != "epoch":
            raise BadArgument(f"log_interval must be either an integer or string 'epoch', not {log_interval!r}")
        self.metrics = as_metrics(metrics)
        self.batch_index = 0
        self.current_epoch = 0
        self.processed_samples = 0
        self.priority = priority
        self.log_interval = log_interval
        self.log_interval_time = 0.0
        self.train_start = self.epoch_start = self.batch_start = 0.0

    def _with_metrics(self, line: str) -> str:
        for metric in self.metrics:
            name, value = metric.get()
            line += f"{name}: {value:.4f}, "
        return line.rstrip(", ")

    def train_begin(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """Logs the optimizer and how long training will be."""
        self.train_start = time.time()
        estimator.logger.info(
            "Training begin: using optimizer %s with current learning rate %.4f ",
            type(estimator.trainer.optimizer).__name__, estimator.trainer.learning_rate,
        )  # fmt: skip
        if estimator.max_epoch:
            estimator.logger.info("Train for %d epochs.", estimator.max_epoch)
        else:
            estimator.logger.info("Train for %d batches.", estimator.max_batch)
        self.current_epoch = self.batch_index = self.processed_samples = 0
        self.log_interval_time = 0.0

    def train_end(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """Logs the time and the metrics."""
        seconds = time.time() - self.train_start
        line = f"Train finished using total {int(seconds)}s with {self.current_epoch} epochs. "
        estimator.logger.info(self._with_metrics(line))

    def batch_begin(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """Starts the batch's clock."""
        self.batch_start = time.time()

    def batch_end(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """Logs the batch, where it is one of those."""
        if isinstance(self.log_interval, int):
            self.log_interval_time += time.time() - self.batch_start
            self.processed_samples += kwargs["batch"][0].shape[0]
            if self.batch_index % self.log_interval == 0:
                line = f"[Epoch {self.current_epoch}][Batch {self.batch_index}][Samples {self.processed_samples}] "
                line += f"time/interval: {self.log_interval_time:.3f}s "
                self.log_interval_time = 0.0
                estimator.logger.info(self._with_metrics(line))
        self.batch_index += 1

    def epoch_begin(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """Logs the beginning of an epoch, or of a validation: the metrics' names tell which it is."""
        self.epoch_start = time.time()
        if any("training" in metric.name for metric in self.metrics):
            estimator.logger.info(
                "[Epoch %d] Begin, current learning rate: %.4f", self.current_epoch, estimator.trainer.learning_rate
            )
        else:
            estimator.logger.info("Validation Begin")

    def epoch_end(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """Logs the epoch's time and metrics."""
        line = f"[Epoch {self.current_epoch}] Finished in {time.time() - self.epoch_start:.3f}s, "
        estimator.logger.info(self._with_metrics(line))
        self.current_epoch += 1
        self.batch_index = 0
