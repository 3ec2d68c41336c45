"""The estimator: a training loop of one's own in three lines, with handlers of its events. Only gathers names."""

from __future__ import annotations

from .batch_processor import BatchProcessor
from .checkpoints import CheckpointHandler
from .early_stopping import EarlyStoppingHandler
from .estimator import Estimator
from .events import BatchBegin, BatchEnd, EpochBegin, EpochEnd, EventHandler, TrainBegin, TrainEnd
from .handlers import GradientUpdateHandler, MetricHandler, StoppingHandler, ValidationHandler
from .progress import LoggingHandler

__all__ = [
    "BatchBegin", "BatchEnd", "BatchProcessor", "CheckpointHandler", "EarlyStoppingHandler", "EpochBegin", "EpochEnd",
    "Estimator", "EventHandler", "GradientUpdateHandler", "LoggingHandler", "MetricHandler", "StoppingHandler",
    "TrainBegin", "TrainEnd", "ValidationHandler",
]  # fmt: skip
