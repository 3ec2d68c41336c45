"""A network fitted by the estimator, with a handler of the user's own, as MXNet's documentation shows it."""

import logging
import warnings

import mxnet as mx
from mxnet import gluon
from mxnet.gluon.contrib.estimator import estimator
from mxnet.gluon.contrib.estimator.event_handler import EarlyStoppingHandler, EpochEnd, TrainBegin, TrainEnd

mx.random.seed(42)


def images(count, seed):
    """Small images with a bright spot in one of four corners, which is the class."""
    mx.random.seed(seed)
    pictures = mx.nd.random.uniform(0, 0.3, shape=(count, 1, 8, 8))
    labels = mx.nd.array([i % 4 for i in range(count)])
    for i in range(count):
        row, column = 4 * (i % 4 // 2), 4 * (i % 4 % 2)
        pictures[i, 0, row : row + 4, column : column + 4] += 0.5
    return gluon.data.ArrayDataset(pictures, labels)


train_data = gluon.data.DataLoader(images(64, 1), batch_size=16, shuffle=False)
val_data = gluon.data.DataLoader(images(16, 2), batch_size=16)

net = gluon.nn.HybridSequential()
with net.name_scope():
    net.add(gluon.nn.Conv2D(8, kernel_size=3, activation="relu"))
    net.add(gluon.nn.MaxPool2D(2))
    net.add(gluon.nn.Flatten())
    net.add(gluon.nn.Dense(4))
net.initialize(mx.init.Xavier())
net.hybridize()

loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()
train_acc = mx.metric.Accuracy()
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.5})
est = estimator.Estimator(net=net, loss=loss_fn, train_metrics=train_acc, trainer=trainer, context=mx.cpu())
est.logger.setLevel(logging.WARNING)


class LossRecordHandler(TrainBegin, TrainEnd, EpochEnd):
    """Prints and keeps the metrics of each epoch."""

    def __init__(self):
        self.history = []

    def train_begin(self, estimator, *args, **kwargs):
        print("Training begin")

    def train_end(self, estimator, *args, **kwargs):
        print("Training ended after", len(self.history), "epochs")

    def epoch_end(self, estimator, *args, **kwargs):
        values = {}
        for metric in estimator.train_metrics + estimator.val_metrics:
            name, value = metric.get()
            values[name] = value
        self.history.append(values)
        print(", ".join(f"{name}: {value:.4f}" for name, value in sorted(values.items())))


record = LossRecordHandler()
stopper = EarlyStoppingHandler(monitor=est.val_metrics[0], mode="max", patience=3)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    est.fit(train_data=train_data, val_data=val_data, epochs=12, event_handlers=[record, stopper])
est.evaluate(val_data=val_data)
print("validation", est.val_metrics[0].get())
