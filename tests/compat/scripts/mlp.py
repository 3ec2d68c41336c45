"""A multilayer perceptron on pictures of random digits: DataLoader, HybridSequential, accuracy, a schedule, a file."""

import os
import tempfile

import mxnet as mx
import mxnet.ndarray as nd
import numpy as np
from mxnet import autograd, gluon, init, lr_scheduler, metric
from mxnet.base import MXNetError
from mxnet.gluon import nn
from mxnet.gluon.data import ArrayDataset, DataLoader

np.random.seed(0)
mx.random.seed(0)
ctx = mx.gpu() if mx.context.num_gpus() else mx.cpu()

prototypes = np.random.uniform(size=(10, 28 * 28)).astype("float32")
labels = np.arange(400) % 10
pictures = (prototypes[labels] + np.random.normal(scale=0.2, size=(400, 28 * 28))).astype("float32")
train = DataLoader(ArrayDataset(pictures[:320], labels[:320]), batch_size=32, shuffle=True, last_batch="discard")
test = DataLoader(ArrayDataset(pictures[320:], labels[320:]), batch_size=40)

net = nn.HybridSequential()
with net.name_scope():
    net.add(nn.Dense(64, activation="relu"), nn.Dropout(0.1), nn.Dense(10))
net.initialize(init.Xavier(magnitude=2.24), ctx=ctx)
net.hybridize()
print(net)

cross_entropy = gluon.loss.SoftmaxCrossEntropyLoss()
schedule = lr_scheduler.FactorScheduler(step=20, factor=0.5, base_lr=0.1)
trainer = gluon.Trainer(net.collect_params(), mx.optimizer.SGD(learning_rate=0.1, momentum=0.9, lr_scheduler=schedule))


def evaluate(net, data):
    accuracy = metric.Accuracy()
    for x, y in data:
        accuracy.update(preds=net(x.as_in_context(ctx)), labels=y.as_in_context(ctx))
    return accuracy.get()


for epoch in range(3):
    for x, y in train:
        x, y = x.as_in_context(ctx), y.as_in_context(ctx)
        with autograd.record():
            loss = cross_entropy(net(x), y)
        loss.backward()
        trainer.step(x.shape[0])
    print("epoch", epoch, "learning rate", trainer.learning_rate, evaluate(net, test))

file = os.path.join(tempfile.mkdtemp(), "mlp.params")
net.save_parameters(file)
again = nn.HybridSequential(prefix=net.prefix)
with again.name_scope():
    again.add(nn.Dense(64, activation="relu"), nn.Dropout(0.1), nn.Dense(10))
again.load_parameters(file, ctx=ctx)
os.remove(file)
os.rmdir(os.path.dirname(file))
x = nd.array(pictures[:4])
print("loaded as saved:", bool((net(x) == again(x)).min().asscalar()))

try:
    nd.dot(nd.ones((2, 3)), nd.ones((2, 3))).asnumpy()
except MXNetError:
    print("shapes that do not fit are an MXNetError")
