"""The estimator: order of events, lines of its log, metrics, checkpoints, early stopping, what it refuses."""

import logging
import os
import re
import warnings


def _data(mx, n=8, batch=4):
    x = mx.nd.arange(n * 3).reshape((n, 3)) / 10
    y = mx.nd.array([i % 2 for i in range(n)])
    return mx.gluon.data.DataLoader(mx.gluon.data.ArrayDataset(x, y), batch_size=batch)


def _net(mx):
    net = mx.gluon.nn.Dense(2, in_units=3, prefix="net_")
    net.initialize(mx.init.Constant(0.1))
    net.weight.set_data(mx.nd.array([[0.1, -0.2, 0.3], [0.0, 0.2, -0.1]]))
    return net


class _Lines(logging.Handler):
    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        line = re.sub(r"\d+\.\d+s", "TIMEs", record.getMessage())
        self.lines.append(f"{record.levelname} {line}")


def _estimator(mx, **kwargs):
    mx.random.seed(0)
    net = kwargs.pop("net", None) or _net(mx)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1, "momentum": 0.9})
    loss = kwargs.pop("loss", None) or mx.gluon.loss.SoftmaxCrossEntropyLoss()
    loss._name = "loss0"
    loss._prefix = "loss0_"
    est = mx.gluon.contrib.estimator.Estimator(net, loss, trainer=trainer, **kwargs)
    lines = _Lines()
    est.logger.handlers[:] = [lines]
    return est, lines.lines


def _values(metrics):
    return [metric.get() for metric in metrics]


def lines_of_a_training(mx):
    est, lines = _estimator(mx)
    est.fit(_data(mx), _data(mx, 4), epochs=2)
    return [lines, _values(est.train_metrics), _values(est.val_metrics), est.net.weight.data()]


def lines_by_batches(mx):
    handler = mx.gluon.contrib.estimator.LoggingHandler
    est, lines = _estimator(mx)
    est.fit(_data(mx), epochs=2, event_handlers=handler(log_interval=1, metrics=est.train_metrics))
    return lines


def a_number_of_batches(mx):
    est, lines = _estimator(mx)
    est.fit(_data(mx), batches=3)
    return [lines, est.net.weight.data(), est.max_epoch, est.max_batch]


def evaluated(mx):
    est, lines = _estimator(mx)
    est.evaluate(_data(mx))
    return [lines, _values(est.val_metrics)]


def order_of_events(mx):
    e = mx.gluon.contrib.estimator
    seen = []

    class Every(e.TrainBegin, e.TrainEnd, e.EpochBegin, e.EpochEnd, e.BatchBegin, e.BatchEnd):
        def __init__(self, name, priority=None):
            self.name = name
            if priority is not None:
                self.priority = priority

        def train_begin(self, estimator, *args, **kwargs):
            seen.append(f"{self.name} train_begin")

        def train_end(self, estimator, *args, **kwargs):
            seen.append(f"{self.name} train_end")

        def epoch_begin(self, estimator, *args, **kwargs):
            seen.append(f"{self.name} epoch_begin")

        def epoch_end(self, estimator, *args, **kwargs):
            seen.append(f"{self.name} epoch_end")

        def batch_begin(self, estimator, *args, **kwargs):
            seen.append(f"{self.name} batch_begin {sorted(kwargs)}")

        def batch_end(self, estimator, *args, **kwargs):
            seen.append(f"{self.name} batch_end {sorted(kwargs)} {estimator.trainer._optimizer.num_update}")

    est, _ = _estimator(mx)
    est.fit(_data(mx), epochs=1, event_handlers=[Every("b", 5), Every("a"), Every("first", -3000)])
    return seen


def stopped_by_a_handler(mx):
    e = mx.gluon.contrib.estimator

    class Stop(e.BatchEnd, e.EpochEnd):
        def __init__(self):
            self.batches = self.epochs = 0

        def batch_end(self, estimator, *args, **kwargs):
            self.batches += 1
            return self.batches % 3 == 0

        def epoch_end(self, estimator, *args, **kwargs):
            self.epochs += 1
            return self.epochs == 4

    est, lines = _estimator(mx)
    stop = Stop()
    est.fit(_data(mx, 16), epochs=9, event_handlers=[stop])
    return [stop.batches, stop.epochs, len(lines)]


def default_metrics(mx):
    loss = mx.gluon.loss
    one, _ = _estimator(mx)
    two, _ = _estimator(mx, loss=loss.L2Loss())
    own = [mx.metric.RMSE(), mx.metric.MAE()]
    three, _ = _estimator(mx, loss=loss.L2Loss(), train_metrics=own)
    four, _ = _estimator(mx, train_metrics=mx.metric.Accuracy(), val_metrics=[mx.metric.TopKAccuracy(2)])
    every = (one, two, three, four)
    return [[(m.name, type(m).__name__) for m in est.train_metrics + est.val_metrics] for est in every]


def early_stopping(mx):
    found = []
    for mode, patience, delta, baseline in (
        ("max", 2, 0, None), ("min", 0, 0, None), ("max", 1, 0.5, 0.2), ("min", 1, 0, 9),
    ):  # fmt: skip
        est, lines = _estimator(mx)
        handler = mx.gluon.contrib.estimator.EarlyStoppingHandler(
            est.train_metrics[0], mode=mode, patience=patience, min_delta=delta, baseline=baseline)
        est.fit(_data(mx), epochs=8, event_handlers=[handler])
        found.append([handler.stopped_epoch, handler.current_epoch, handler.wait, handler.best, lines[-1]])
    return found


def what_is_better_by_the_metric_s_name(mx):
    warnings.simplefilter("ignore")
    handler = mx.gluon.contrib.estimator.EarlyStoppingHandler
    return [bool(handler(kind()).monitor_op(2, 1)) for kind in (mx.metric.Accuracy, mx.metric.F1, mx.metric.MAE)]


def checkpoints(mx):
    e = mx.gluon.contrib.estimator
    est, lines = _estimator(mx)
    saver = e.CheckpointHandler("saved", "m", monitor=est.train_metrics[1], save_best=True, mode="min", verbose=1,
                                max_checkpoints=2)  # fmt: skip
    est.fit(_data(mx), epochs=4, event_handlers=[saver])
    kept = sorted(os.listdir("saved"))
    again, more = _estimator(mx)
    resumed = e.CheckpointHandler("saved", "m", resume_from_checkpoint=True)
    again.fit(_data(mx), epochs=6, event_handlers=[resumed])
    third, _ = _estimator(mx)
    return [
        [line for line in lines if "improve" not in line], kept, more, sorted(os.listdir("saved")),
        again.net.weight.data(),
        lambda: third.fit(_data(mx), epochs=4, event_handlers=[e.CheckpointHandler("saved", "m",
                                                                                   resume_from_checkpoint=True)]),
        lambda: third.fit(_data(mx), batches=9, event_handlers=[e.CheckpointHandler("saved", "m",
                                                                                    resume_from_checkpoint=True)]),
    ]  # fmt: skip


def checkpoints_by_batches(mx):
    e = mx.gluon.contrib.estimator
    net = mx.gluon.nn.HybridSequential(prefix="h_")
    net.add(mx.gluon.nn.Dense(2, in_units=3, prefix="d_"))
    net.initialize(mx.init.One())
    net.hybridize()
    est, lines = _estimator(mx, net=net)
    saver = e.CheckpointHandler("saved", "m", epoch_period=None, batch_period=2)
    est.fit(_data(mx), batches=5, event_handlers=[saver])
    kept = sorted(os.listdir("saved"))
    again, more = _estimator(mx, net=net)
    resumed = e.CheckpointHandler("saved", "m", epoch_period=None, batch_period=2, resume_from_checkpoint=True)
    again.fit(_data(mx), batches=8, event_handlers=[resumed])
    return [lines, kept, more, sorted(os.listdir("saved"))]


def periods_of_validation(mx):
    e = mx.gluon.contrib.estimator
    est, _ = _estimator(mx)
    calls = []

    def run(val_data, batch_axis, event_handlers):
        calls.append([batch_axis, event_handlers, est.trainer._optimizer.num_update])

    handlers = [e.ValidationHandler(None, run, epoch_period=2, batch_period=3)]
    est.fit(_data(mx, 16), epochs=4, event_handlers=handlers)
    return calls


def a_processor_of_one_s_own(mx):
    e = mx.gluon.contrib.estimator

    class Half(e.BatchProcessor):
        def fit_batch(self, estimator, train_batch, batch_axis=0):
            data, label = self._get_data_and_label(train_batch, estimator.context, batch_axis)
            with mx.autograd.record():
                pred = [estimator.net(x * 0.5) for x in data]
                loss = [estimator.loss(p, y) for p, y in zip(pred, label, strict=True)]
            for one in loss:
                one.backward()
            return data, label, pred, loss

    est, _ = _estimator(mx, batch_processor=Half())
    est.fit(_data(mx), epochs=1)
    return [est.net.weight.data(), _values(est.train_metrics)]


def several_contexts(mx):
    net = _net(mx)
    net.collect_params().reset_ctx([mx.cpu(0), mx.cpu(1)])
    est, _ = _estimator(mx, net=net, context=[mx.cpu(0), mx.cpu(1)])
    est.fit(_data(mx), epochs=2)
    return [est.net.weight.data(mx.cpu(1)), _values(est.train_metrics)]


def warned(mx):
    e = mx.gluon.contrib.estimator
    net = _net(mx)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        est = e.Estimator(net, mx.gluon.loss.L2Loss(), initializer=mx.init.One())
        e.EarlyStoppingHandler(mx.metric.Accuracy())
    return [type(est.trainer.optimizer).__name__, est.trainer.learning_rate, str(est.context),
            [("initialized" in str(w.message), "No trainer" in str(w.message), "greater" in str(w.message))
             for w in seen]]  # fmt: skip


def refused(mx):
    e = mx.gluon.contrib.estimator
    loss = mx.gluon.loss.L2Loss()
    est, _ = _estimator(mx)
    other = mx.metric.Accuracy()
    warnings.simplefilter("ignore")
    return [
        lambda: e.Estimator(_net(mx), "loss"),
        lambda: e.Estimator(_net(mx), loss, train_metrics="acc"),
        lambda: e.Estimator(_net(mx), loss, trainer="sgd"),
        lambda: e.Estimator(_net(mx), loss, context="cpu"),
        lambda: e.Estimator(_net(mx), loss, batch_processor=3),
        lambda: est.fit([1, 2], epochs=1),
        lambda: est.fit(_data(mx)),
        lambda: est.fit(_data(mx), epochs=1, batches=1),
        lambda: est.evaluate([1]),
        lambda: est.fit(_data(mx), epochs=1, event_handlers=["x"]),
        lambda: est.fit(_data(mx), epochs=1, event_handlers=[e.MetricHandler([other])]),
        lambda: e.LoggingHandler(log_interval="batch"),
        lambda: e.EarlyStoppingHandler("acc"),
        lambda: e.EarlyStoppingHandler(mx.metric.CompositeEvalMetric([other])),
        lambda: e.CheckpointHandler("d", save_best=True),
    ]
