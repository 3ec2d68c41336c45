"""The estimator beyond the records of MXNet: same bits after an interruption, what is better, sentences."""

from __future__ import annotations

import os

import pytest

import mxl as mx
from mxl.gluon import data, nn
from mxl.gluon.contrib import estimator as e
from mxl.gluon.loss import L2Loss, SoftmaxCrossEntropyLoss


def loader(count: int = 12, batch: int = 4) -> data.DataLoader:
    x = mx.nd.arange(count * 3).reshape((count, 3)) / 10
    return data.DataLoader(data.ArrayDataset(x, mx.nd.array([i % 2 for i in range(count)])), batch_size=batch)


def made(prefix: str = "net_", **kwargs) -> e.Estimator:
    mx.random.seed(3)
    net = nn.HybridSequential(prefix=prefix)
    with net.name_scope():
        net.add(nn.Dense(4, activation="tanh"), nn.Dense(2))
    net.initialize(mx.init.Xavier())
    net.hybridize()
    trainer = mx.gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.05})
    made = e.Estimator(net, SoftmaxCrossEntropyLoss(), trainer=trainer, **kwargs)
    made.logger.setLevel("ERROR")
    return made


def weights(trained: e.Estimator) -> list:
    return [parameter.data().asnumpy().tolist() for parameter in trained.net.collect_params().values()]


def test_a_training_that_was_interrupted_goes_on_with_the_same_bits(tmp_path) -> None:
    whole = made()
    whole.fit(loader(), epochs=5)
    first = made()
    first.fit(loader(), epochs=2, event_handlers=[e.CheckpointHandler(tmp_path)])
    second = made()
    second.fit(loader(), epochs=5, event_handlers=[e.CheckpointHandler(tmp_path, resume_from_checkpoint=True)])
    assert weights(second) == weights(whole)
    assert "model-epoch4batch15.params" in os.listdir(tmp_path)


def test_old_checkpoints_go_and_the_best_stays(tmp_path) -> None:
    training = made()
    handler = e.CheckpointHandler(tmp_path, monitor=training.train_metrics[1], save_best=True, mode="min",
                                  max_checkpoints=2)  # fmt: skip
    training.fit(loader(), epochs=12, event_handlers=[handler])
    assert sorted(os.listdir(tmp_path)) == [
        "model-best.params", "model-best.states", "model-epoch10batch33.params", "model-epoch10batch33.states",
        "model-epoch11batch36.params", "model-epoch11batch36.states", "model-symbol.json",
    ]  # fmt: skip


def test_a_handler_given_twice_does_not_grow() -> None:
    training = made()
    handlers: list[e.EventHandler] = []
    training.fit(loader(), loader(), epochs=2, event_handlers=handlers)
    assert handlers == []


@pytest.mark.parametrize(
    "metric, better", [(mx.metric.Accuracy, (2, 1)), (mx.metric.F1, (2, 1)), (mx.metric.MAE, (1, 2))]
)
def test_what_is_better_follows_from_the_metric(metric, better: tuple[int, int]) -> None:
    with pytest.warns(UserWarning, match="operator will be used to determine"):
        handler = e.EarlyStoppingHandler(metric())
    assert handler.monitor_op(*better)


def test_an_unknown_mode_is_warned_of() -> None:
    unknown = pytest.warns(RuntimeWarning, match="EarlyStopping mode best is unknown")
    with unknown, pytest.warns(UserWarning, match="less"):
        e.EarlyStoppingHandler(mx.metric.MAE(), mode="best")


def test_a_metric_without_a_value_is_warned_of(tmp_path) -> None:
    training = made()
    stopper = e.EarlyStoppingHandler(training.val_metrics[0], mode="max")
    saver = e.CheckpointHandler(tmp_path, monitor=training.val_metrics[0], save_best=True, mode="max")
    with pytest.warns(RuntimeWarning, match="is not updated, make sure you pass one of the metric objects"):
        training.fit(loader(), epochs=1, event_handlers=[stopper, saver])


@pytest.mark.parametrize(
    "make, kind, sentence",
    [
        (lambda: made().fit([1], epochs=1), ValueError, "Estimator only support input as Gluon DataLoader.*got list"),
        (lambda: made().fit(loader()), ValueError, "one and only one of: epochs or batches"),
        (lambda: made().evaluate(3), ValueError, "Estimator only support input as Gluon DataLoader"),
        (lambda: e.Estimator(nn.Dense(1), "l2"), ValueError, "loss must be a Loss.*l2"),
        (lambda: made(train_metrics="acc"), ValueError, "metrics must be a Metric or a list of Metric.*acc"),
        (lambda: made(context="cpu"), ValueError, "context must be a Context or a list of Context"),
        (lambda: made(context=mx.gpu(0)), AssertionError, r"gpu\(0\) is not available"),
        (lambda: made(batch_processor=3), ValueError, "must contain fit_batch"),
        (lambda: e.Estimator(nn.Dense(1), L2Loss(), trainer="sgd"), ValueError, "Trainer must be a Gluon Trainer"),
        (lambda: e.LoggingHandler("batch"), ValueError, "either an integer or string 'epoch', not 'batch'"),
        (lambda: e.EarlyStoppingHandler("acc"), ValueError, "as monitor, not str"),
        (lambda: made().fit(loader(), epochs=1, event_handlers=e.MetricHandler([mx.metric.MAE()])), ValueError,
         r"MetricHandler refers to a metric instance .* outside of the known"),
    ],
)  # fmt: skip
def test_a_wrong_call_says_so(make, kind: type[Exception], sentence: str) -> None:
    with pytest.raises(kind, match=sentence):
        make()


def test_a_foreign_file_among_checkpoints_is_named(tmp_path) -> None:
    (tmp_path / "model-epochXbatch1.params").write_bytes(b"")
    with pytest.raises(ValueError, match=r"model-epochXbatch1.params in .* is no checkpoint's name"):
        made().fit(loader(), epochs=1, event_handlers=[e.CheckpointHandler(tmp_path, resume_from_checkpoint=True)])


def test_checkpoints_without_states_are_refused(tmp_path) -> None:
    made().fit(loader(), epochs=1, event_handlers=[e.CheckpointHandler(tmp_path)])
    (tmp_path / "model-epoch0batch3.states").unlink()
    with pytest.raises(AssertionError, match=r"Failed to load checkpoint, .*states does not exist"):
        made().fit(loader(), epochs=2, event_handlers=[e.CheckpointHandler(tmp_path, resume_from_checkpoint=True)])


def test_mxnet_s_module_of_handlers_has_them_all() -> None:
    from mxl.gluon.contrib.estimator import event_handler

    assert all(getattr(event_handler, name) is getattr(e, name) for name in event_handler.__all__)
