"""CheckpointHandler: a model's graph, parameters and optimizer states in files, while it trains, and from them again.

Knows the files' names: `model-symbol.json` once, then `model-epoch3batch40.params` and `.states`, `model-best.params`.
Invariant: at most `max_checkpoints` numbered ones are kept, the newest.
"""

from __future__ import annotations

import math
import operator
import os
import re
import warnings
from typing import Any

from ....core.metric import EvalMetric
from ...errors import BadArgument, Incompatible
from .events import BatchEnd, EpochEnd, TrainBegin
from .metrics import comparison

__all__ = ["CheckpointHandler"]


class CheckpointHandler(TrainBegin, BatchEnd, EpochEnd):
    """Saves parameters and trainer states every `epoch_period` epochs, or `batch_period` batches, into `model_dir`.

    The network's graph is saved once, if the network is hybridized. `save_best` keeps besides the state with the best
    value of `monitor`, one of the estimator's metrics; `mode` says what is better ('max', 'min', 'auto': by its name).
    `resume_from_checkpoint` begins with the newest checkpoint of the folder and trains what is left. `verbose=1` logs
    each. Raises ValueError where `save_best` has no metric, or where all epochs have been trained already.
    MXNet: `gluon.contrib.estimator.CheckpointHandler`.
    """

    def __init__(
        self,
        model_dir: str,
        model_prefix: str = "model",
        monitor: EvalMetric | None = None,
        verbose: int = 0,
        save_best: bool = False,
        mode: str = "auto",
        epoch_period: int | None = 1,
        batch_period: int | None = None,
        max_checkpoints: int = 5,
        resume_from_checkpoint: bool = False,
    ) -> None:
        self.monitor = monitor
        self.verbose = verbose
        os.makedirs(model_dir, exist_ok=True)
        self.model_dir = model_dir
        self.model_prefix = model_prefix
        self.save_best = save_best
        if save_best and not isinstance(monitor, EvalMetric):
            raise BadArgument(
                "To save best model only, please provide one of the metric objects from estimator.train_metrics and "
                "estimator.val_metrics as monitor."
            )
        self.epoch_period = epoch_period
        self.batch_period = batch_period
        self.current_batch = 0
        self.current_epoch = 0
        self.max_checkpoints = max_checkpoints
        self.resume_from_checkpoint = resume_from_checkpoint
        self.saved_checkpoints: list[str] = []
        self.trained_epoch = -1
        self.trained_batch = -1
        self.best = math.nan
        if save_best and monitor is not None:
            self.monitor_op = comparison(mode, monitor, "ModelCheckpoint")

    def train_begin(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """Counts from 0, or from the newest checkpoint. Raises AssertionError where the periods do not fit `fit`'s."""
        self.current_epoch = self.current_batch = 0
        if self.save_best:
            self.best = math.inf if self.monitor_op is operator.lt else -math.inf
        if not self.resume_from_checkpoint:
            return
        by_batches, by_epochs = bool(self.batch_period), bool(self.epoch_period)
        if (estimator.max_batch and (by_epochs or not by_batches)) or (
            estimator.max_epoch and (by_batches or not by_epochs)
        ):
            raise Incompatible(
                "To use resume from checkpoint, you must only specify the same type of period you used for training. "
                "For example, if you are training based on number of epochs, you must save only based on epochs, and "
                "set batch_period to None."
            )
        self._resume(estimator)

    def batch_end(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """Saves the graph after the first batch, and a checkpoint, where the batch is one of those."""
        if self.current_batch == 0:
            self._save_graph(estimator)
        if self.batch_period and (self.current_batch + 1) % self.batch_period == 0:
            self._save(estimator)
        self.current_batch += 1

    def epoch_end(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """Saves a checkpoint, where the epoch is one of those."""
        if self.epoch_period and (self.current_epoch + 1) % self.epoch_period == 0:
            self._save(estimator)
        self.current_epoch += 1

    # ---- saving ----

    def _save(self, estimator: Any) -> None:
        epoch, batch = self.current_epoch, self.current_batch
        if self.resume_from_checkpoint:
            # At an epoch's end the batch's number has been counted on already.
            epoch += self.trained_epoch + 1
            batch += self.trained_batch + (0 if estimator.max_epoch else 1)
        prefix = f"{self.model_prefix}-epoch{epoch}batch{batch}"
        self._save_files(estimator, prefix)
        self.saved_checkpoints.append(prefix)
        while len(self.saved_checkpoints) > self.max_checkpoints:
            self._remove(self.saved_checkpoints.pop(0))
        if self.verbose > 0:
            estimator.logger.info(
                "[Epoch %d] CheckpointHandler: trained total %d batches, saving model at %s with prefix: %s",
                self.current_epoch, self.current_batch + 1, self.model_dir, prefix,
            )  # fmt: skip
        if self.save_best and self.monitor is not None:
            self._save_if_best(estimator, *self.monitor.get())

    def _save_if_best(self, estimator: Any, name: str, value: float) -> None:
        if math.isnan(value):
            warnings.warn(
                f"Skipping save best because {name} is not updated, make sure you pass one of the metric objects "
                f"estimator.train_metrics and estimator.val_metrics as monitor",
                RuntimeWarning,
                stacklevel=4,
            )
        elif self.monitor_op(value, self.best):
            prefix = f"{self.model_prefix}-best"
            self._save_files(estimator, prefix)
            if self.verbose > 0:
                estimator.logger.info(
                    "[Epoch %d] CheckpointHandler: %s improved from %0.5f to %0.5f, updating best model at %s with "
                    "prefix: %s", self.current_epoch, name, self.best, value, self.model_dir, prefix,
                )  # fmt: skip
            self.best = value
        elif self.verbose > 0:
            estimator.logger.info(
                "[Epoch %d] CheckpointHandler: %s did not improve from %0.5f, skipping updating best model",
                self.current_epoch, name, self.best,
            )  # fmt: skip

    def _save_graph(self, estimator: Any) -> None:
        path = os.path.join(self.model_dir, f"{self.model_prefix}-symbol.json")
        recording = getattr(estimator.net, "_recording", None)
        if recording is not None:
            recording.outputs.save(path)
        else:
            estimator.logger.info(
                "Model architecture(symbol file) is not saved, please use HybridBlock to construct your model, and "
                "call net.hybridize() before passing to Estimator in order to save model architecture as %s.", path,
            )  # fmt: skip

    def _save_files(self, estimator: Any, prefix: str) -> None:
        path = os.path.join(self.model_dir, prefix)
        estimator.net.save_parameters(f"{path}.params")
        estimator.trainer.save_states(f"{path}.states")

    def _remove(self, prefix: str) -> None:
        for ending in (".params", ".states"):
            path = os.path.join(self.model_dir, prefix + ending)
            if os.path.exists(path):
                os.remove(path)

    # ---- resuming ----

    def _resume(self, estimator: Any) -> None:
        found = self._numbers()
        limit, unit = (estimator.max_batch, "batches") if estimator.max_batch else (estimator.max_epoch, "epochs")
        if not found:
            estimator.logger.info(
                "CheckpointHandler: No checkpoint found, training from scratch for %d %s", limit, unit
            )
            return
        self.saved_checkpoints = [f"{self.model_prefix}-epoch{epoch}batch{batch}" for epoch, batch in found]
        self.trained_epoch, self.trained_batch = found[-1]
        trained = self.trained_batch if estimator.max_batch else self.trained_epoch
        if trained >= limit - 1:
            raise BadArgument(
                f"Found checkpoint with maximum number of {'batch' if estimator.max_batch else 'epoch'} {limit} "
                f"reached, please specify resume_from_checkpoint=False (default value) if you want to train from "
                f"scratch."
            )
        left = limit - trained - 1
        if estimator.max_batch:
            estimator.max_batch = left
        else:
            estimator.max_epoch = left
        path = os.path.join(self.model_dir, self.saved_checkpoints[-1])
        if not os.path.exists(f"{path}.states"):
            raise Incompatible(f"Failed to load checkpoint, {path}.states does not exist")
        estimator.net.load_parameters(f"{path}.params", ctx=estimator.context)
        estimator.trainer.load_states(f"{path}.states")
        estimator.logger.warning(
            "CheckpointHandler: Checkpoint resumed from epoch %d batch %d, continue to train for %d %s ",
            self.trained_epoch, self.trained_batch, left, unit,
        )  # fmt: skip

    def _numbers(self) -> list[tuple[int, int]]:
        """(epoch, batch) of the checkpoints in the folder, the newest last. Raises ValueError for another name."""
        found = []
        for name in os.listdir(self.model_dir):
            if name.startswith(f"{self.model_prefix}-epoch") and name.endswith(".params"):
                numbers = re.fullmatch(r"epoch(\d+)batch(\d+)\.params", name.removeprefix(f"{self.model_prefix}-"))
                if numbers is None:
                    raise BadArgument(
                        f"{name} in {self.model_dir} is no checkpoint's name: expected "
                        f"{self.model_prefix}-epoch{{number}}batch{{number}}.params, and a .states file beside it"
                    )
                found.append((int(numbers[1]), int(numbers[2])))
        return sorted(found)
