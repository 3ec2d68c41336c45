"""BatchProcessor: what is done with one batch: the network, the loss and, in training, the backward."""

from __future__ import annotations

from typing import Any

from ....core import autograd
from ....core.ndarray import NDArray
from ...utils import split_and_load

__all__ = ["BatchProcessor"]

Computed = tuple[list[NDArray], list[NDArray], list[Any], list[NDArray]]


class BatchProcessor:
    """Computes batches for an estimator; subclass it for batches of another form or steps of another kind.

    MXNet: `gluon.contrib.estimator.BatchProcessor`.
    """

    def _get_data_and_label(self, batch: Any, ctx: Any, batch_axis: int = 0) -> tuple[list[NDArray], list[NDArray]]:
        """The batch's data and labels, cut along `batch_axis` and dealt over the contexts."""
        data, label = batch[0], batch[1]
        return (
            split_and_load(data, ctx_list=ctx, batch_axis=batch_axis),
            split_and_load(label, ctx_list=ctx, batch_axis=batch_axis),
        )

    def evaluate_batch(self, estimator: Any, val_batch: Any, batch_axis: int = 0) -> Computed:
        """(data, labels, predictions, losses) of a validation batch, a list each with one entry for each context."""
        data, label = self._get_data_and_label(val_batch, estimator.context, batch_axis)
        pred = [estimator.val_net(x) for x in data]
        loss = [estimator.val_loss(y_hat, y) for y_hat, y in zip(pred, label, strict=True)]
        return data, label, pred, loss

    def fit_batch(self, estimator: Any, train_batch: Any, batch_axis: int = 0) -> Computed:
        """As `evaluate_batch`, of a training batch; afterwards the parameters have their gradients."""
        data, label = self._get_data_and_label(train_batch, estimator.context, batch_axis)
        with autograd.record():
            pred = [estimator.net(x) for x in data]
            loss = [estimator.loss(y_hat, y) for y_hat, y in zip(pred, label, strict=True)]
        for one in loss:
            one.backward()
        return data, label, pred, loss
