"""A convolutional network on MNIST's files, as in MXNet's tutorials; the files are small ones, made here."""

import gzip
import os
import struct

import numpy as np

import mxnet as mx
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn
from mxnet.gluon.data.vision import datasets, transforms


def write_idx(path, array):
    with gzip.open(path, "wb") as file:
        file.write(struct.pack(">BBBB", 0, 0, 8, array.ndim) + struct.pack(">%dI" % array.ndim, *array.shape))
        file.write(array.astype(np.uint8).tobytes())


def make_digits(root):
    """Ten bars at ten places, with noise: something that a network can learn in a few steps."""
    rng = np.random.RandomState(7)
    os.makedirs(root)
    for part, count in (("train", 320), ("t10k", 100)):
        labels = rng.randint(0, 10, count)
        images = rng.randint(0, 60, (count, 28, 28))
        for image, label in zip(images, labels):
            image[4:24, 2 * label + 4:2 * label + 7] += 150
        write_idx(os.path.join(root, part + "-images-idx3-ubyte.gz"), images)
        write_idx(os.path.join(root, part + "-labels-idx1-ubyte.gz"), labels)


def evaluate_accuracy(data_iterator, net):
    metric = mx.metric.Accuracy()
    for data, label in data_iterator:
        output = net(data)
        predictions = nd.argmax(output, axis=1)
        metric.update(preds=predictions, labels=label)
    return metric.get()[1]


make_digits("digits")
mx.random.seed(42)
np.random.seed(42)
transformer = transforms.Compose([transforms.ToTensor(), transforms.Normalize(0.13, 0.31)])
train_set = gluon.data.vision.MNIST("digits", train=True).transform_first(transformer)
test_set = datasets.MNIST("digits", train=False).transform_first(transformer)
train_data = gluon.data.DataLoader(train_set, batch_size=32, shuffle=True)
test_data = gluon.data.DataLoader(test_set, batch_size=50)

net = nn.HybridSequential()
with net.name_scope():
    net.add(nn.Conv2D(channels=8, kernel_size=5, activation="relu"))
    net.add(nn.MaxPool2D(pool_size=2, strides=2))
    net.add(nn.Flatten())
    net.add(nn.Dense(32, activation="relu"))
    net.add(nn.Dense(10))
net.initialize(mx.init.Xavier(magnitude=2.24))
net.hybridize()
loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.05, "momentum": 0.9})

for epoch in range(3):
    cumulative = 0.0
    for data, label in train_data:
        with autograd.record():
            loss = loss_fn(net(data), label)
        loss.backward()
        trainer.step(data.shape[0])
        cumulative += nd.sum(loss).asscalar()
    accuracy = evaluate_accuracy(test_data, net)
    print("Epoch %d. Loss: %.2f, Test_acc %.2f" % (epoch, cumulative / len(train_set), accuracy))

net.save_parameters("net.params")
restored = nn.HybridSequential()
with restored.name_scope():
    restored.add(nn.Conv2D(8, 5, activation="relu"), nn.MaxPool2D(2, 2), nn.Flatten(), nn.Dense(32, activation="relu"),
                 nn.Dense(10))
restored.load_parameters("net.params", ctx=mx.cpu())
print("restored: %.2f" % evaluate_accuracy(test_data, restored))
