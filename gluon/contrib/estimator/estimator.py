"""Estimator: the training loop, with the events at which handlers are told.

Knows the loop and its defaults: which metrics go with the loss, which handlers every training has, a trainer.  Never
computes a batch itself (batch_processor.py) and never applies a gradient (handlers.py).
"""

from __future__ import annotations

import copy
import logging
import sys
import warnings
from typing import Any

from ....core import metric as metrics
from ....core.context import Context, cpu, num_gpus
from ....core.metric import EvalMetric
from ...data import DataLoader
from ...errors import BadArgument, Incompatible
from ...loss import Loss
from ...trainer import Trainer
from .batch_processor import BatchProcessor
from .events import (
    BatchBegin,
    BatchEnd,
    EpochBegin,
    EpochEnd,
    EventHandler,
    TrainBegin,
    TrainEnd,
    as_handlers,
    in_order,
    of_event,
)
from .handlers import GradientUpdateHandler, MetricHandler, StoppingHandler, ValidationHandler
from .metrics import as_metrics, check_references, suggested_for
from .progress import LoggingHandler

__all__ = ["Estimator"]


class Estimator:
    """Trains and validates a network. MXNet: `gluon.contrib.estimator.Estimator`.

    net: a Block, initialised here with `initializer` unless it is; loss: a gluon Loss; train_metrics, val_metrics: a
    metric or a list (by default the loss's own and, with softmax cross-entropy, accuracy); trainer: a gluon Trainer (by
    default SGD with rate 0.001, and a warning); context: one or a list; val_net, val_loss: for validation, if others;
    batch_processor: has `fit_batch` and `evaluate_batch`. `logger` writes lines to stdout. Raises ValueError for an
    argument of another kind.

    >>> import mxl as mx
    >>> from mxl.gluon import data, loss, nn
    >>> x = mx.nd.arange(8).reshape((4, 2)) / 8
    >>> net = nn.Dense(1)
    >>> net.initialize(mx.init.Zero())
    >>> trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
    >>> training = Estimator(net, loss.L2Loss(), trainer=trainer)
    >>> training.logger.setLevel("WARNING")
    >>> training.fit(data.DataLoader(data.ArrayDataset(x, x.sum(axis=1)), batch_size=2), epochs=3)
    >>> training.train_metrics[0].get()[1] < 0.2
    True
    """

    def __init__(
        self,
        net: Any,
        loss: Any,
        train_metrics: Any = None,
        val_metrics: Any = None,
        initializer: Any = None,
        trainer: Any = None,
        context: Any = None,
        val_net: Any = None,
        val_loss: Any = None,
        batch_processor: Any = None,
    ) -> None:
        self.net = net
        self.loss = _as_loss(loss)
        self._train_metrics = as_metrics(train_metrics) or self._default_metrics()
        self._val_metrics = as_metrics(val_metrics)
        self._name_metrics()
        self.val_loss = self.loss if val_loss is None else _as_loss(val_loss)
        self.val_net = net if val_net is None else val_net
        self.logger = logging.Logger(name="Estimator", level=logging.INFO)
        self.logger.addHandler(logging.StreamHandler(sys.stdout))
        self.context = _as_contexts(context)
        self._initialize(initializer)
        self.trainer = self._as_trainer(trainer)
        self.batch_processor = _as_processor(batch_processor)
        self.max_epoch: int | None = None
        self.max_batch: int | None = None
        self.batch_axis = 0

    @property
    def train_metrics(self) -> list[EvalMetric]:
        """The metrics of training; their names begin with 'training'."""
        return self._train_metrics

    @property
    def val_metrics(self) -> list[EvalMetric]:
        """The metrics of validation; their names begin with 'validation'."""
        return self._val_metrics

    # ---- what it is made of ----

    def _default_metrics(self) -> list[EvalMetric]:
        suggested = suggested_for(self.loss)
        own = metrics.Loss(self.loss.name.rstrip("1234567890"))
        return [own] if suggested is None else [suggested, own]

    def _name_metrics(self) -> None:
        """Puts what they are for into the metrics' names, by which handlers tell them apart."""
        for metric in self._train_metrics:
            metric.name = f"training {metric.name}"
        self._val_metrics = self._val_metrics or [copy.deepcopy(metric) for metric in self._train_metrics]
        for metric in self._val_metrics:
            named = "training" in metric.name
            metric.name = metric.name.replace("training", "validation") if named else f"validation {metric.name}"

    def _is_initialized(self) -> bool:
        try:
            for parameter in self.net.collect_params().values():
                parameter.list_ctx()
        except RuntimeError:
            return False
        return True

    def _initialize(self, initializer: Any) -> None:
        if not self._is_initialized():
            self.net.initialize(init=initializer, ctx=self.context)
        elif initializer:
            warnings.warn(
                "Network already fully initialized, skipping initialization. You don't need to pass initializer if you "
                "already initialized your net. You can use net.initialize(init=your_initializer, force_reinit=True) to "
                "force re-initialize.",
                stacklevel=3,
            )

    def _as_trainer(self, trainer: Any) -> Trainer:
        if not trainer:
            warnings.warn(
                "No trainer specified, default SGD optimizer with learning rate 0.001 is used.", stacklevel=3
            )
            return Trainer(self.net.collect_params(), "sgd", {"learning_rate": 0.001})
        if not isinstance(trainer, Trainer):
            raise BadArgument(f"Trainer must be a Gluon Trainer instance, refer to gluon.Trainer: {trainer}")
        return trainer

    # ---- loops ----

    def evaluate(self, val_data: Any, batch_axis: int = 0, event_handlers: Any = None) -> None:
        """Computes the validation metrics over `val_data`, a DataLoader.

        A MetricHandler and a LoggingHandler are added to `event_handlers` where there are none. Raises ValueError for
        data that is no DataLoader, and for handlers with metrics that are not this estimator's.
        """
        _check_data(val_data)
        for metric in self.val_metrics:
            metric.reset()
        handlers = as_handlers(event_handlers)
        added = [
            kind(metrics=self.val_metrics) for kind in (MetricHandler, LoggingHandler) if not of_event(handlers, kind)
        ]
        handlers = self._together(handlers, added, self.val_metrics)
        for handler in of_event(handlers, EpochBegin):
            handler.epoch_begin(self)
        for batch in val_data:
            for handler in of_event(handlers, BatchBegin):
                handler.batch_begin(self, batch=batch)
            _, label, pred, loss = self.batch_processor.evaluate_batch(self, batch, batch_axis)
            for handler in of_event(handlers, BatchEnd):
                handler.batch_end(self, batch=batch, pred=pred, label=label, loss=loss)
        for handler in of_event(handlers, EpochEnd):
            handler.epoch_end(self)

    def fit(
        self,
        train_data: Any,
        val_data: Any = None,
        epochs: int | None = None,
        event_handlers: Any = None,
        batches: int | None = None,
        batch_axis: int = 0,
    ) -> None:
        """Trains for `epochs` passes over `train_data`, a DataLoader, or for `batches`; one of both must be given.

        To `event_handlers` are added those of every training that are not among them: stopping, applying gradients,
        metrics, logging and, with `val_data`, validation after each epoch. A handler that returns True at a batch's end
        ends the epoch, at an epoch's end the training. Raises ValueError for other arguments.
        """
        _check_data(train_data)
        if bool(epochs) == bool(batches):
            raise BadArgument(
                "Fit only support exactly one type of iteration, train by number of epochs or number of batches. "
                "Please specify one and only one of: epochs or batches."
            )
        self.max_epoch = epochs
        self.max_batch = batches
        self.batch_axis = batch_axis
        handlers = self._with_defaults(val_data, as_handlers(event_handlers))
        for handler in of_event(handlers, TrainBegin):
            handler.train_begin(self)
        stopped = False
        while not stopped:
            for handler in of_event(handlers, EpochBegin):
                handler.epoch_begin(self)
            for batch in train_data:
                for handler in of_event(handlers, BatchBegin):
                    handler.batch_begin(self, batch=batch)
                _, label, pred, loss = self.batch_processor.fit_batch(self, batch, batch_axis)
                ends = [
                    handler.batch_end(self, batch=batch, pred=pred, label=label, loss=loss)
                    for handler in of_event(handlers, BatchEnd)
                ]
                if any(ends):
                    break
            stopped = any([handler.epoch_end(self) for handler in of_event(handlers, EpochEnd)])
        for handler in of_event(handlers, TrainEnd):
            handler.train_end(self)

    def _with_defaults(self, val_data: Any, handlers: list[EventHandler]) -> list[EventHandler]:
        added: list[EventHandler] = [StoppingHandler(self.max_epoch, self.max_batch)]
        if not of_event(handlers, GradientUpdateHandler):
            added.append(GradientUpdateHandler())
        if not of_event(handlers, MetricHandler):
            added.append(MetricHandler(metrics=self.train_metrics))
        if val_data and not of_event(handlers, ValidationHandler):
            added.append(ValidationHandler(val_data=val_data, eval_fn=self.evaluate))
        if not of_event(handlers, LoggingHandler):
            added.append(LoggingHandler(metrics=self.train_metrics))
        return self._together(handlers, added, [*self.train_metrics, *self.val_metrics])

    @staticmethod
    def _together(
        handlers: list[EventHandler], added: list[Any], known: list[EvalMetric]
    ) -> list[EventHandler]:
        """All handlers in their order; where defaults stand beside the user's, all must have the same metrics."""
        if handlers and added:
            for handler in (*handlers, *added):
                check_references(handler, known)
        return in_order([*handlers, *added])


def _as_loss(loss: Any) -> Loss:
    if not isinstance(loss, Loss):
        raise BadArgument(f"loss must be a Loss, refer to gluon.loss.Loss: {loss}")
    return loss


def _as_contexts(context: Any) -> list[Context]:
    if not context:
        return [cpu()]
    contexts = [context] if isinstance(context, Context) else context
    if not isinstance(contexts, list) or not all(isinstance(one, Context) for one in contexts):
        raise BadArgument(
            f"context must be a Context or a list of Context, for example mx.cpu() or [mx.cpu(0), mx.cpu(1)]: {context}"
        )
    for one in contexts:
        if not str(one).startswith("cpu") and one.device_id >= num_gpus():
            raise Incompatible(f"{one} is not available, please make sure your context is in one of: mx.cpu()")
    return contexts


def _as_processor(processor: Any) -> Any:
    if processor is None:
        return BatchProcessor()
    if not callable(getattr(processor, "fit_batch", None)) or not callable(getattr(processor, "evaluate_batch", None)):
        raise BadArgument("Customized Batch Processor must contain fit_batch() and evaluate_batch() methods")
    return processor


def _check_data(data: Any) -> None:
    if not isinstance(data, DataLoader):
        raise BadArgument(
            "Estimator only support input as Gluon DataLoader. Alternatively, you can transform your DataIter or any "
            f"NDArray into Gluon DataLoader, refer to gluon.data.DataLoader; got {type(data).__name__}"
        )
