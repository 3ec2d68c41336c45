"""A model of one's own: blocks, parameters, data in batches, a table of the layers, and a picture of the training.

    python examples/tutorial_gluon.py [FOLDER]

Learns to tell points within a ring from points outside of it. With FOLDER (and matplotlib) the learning curve is
written there as ring.png.
"""

import sys
from pathlib import Path

import numpy as np

import mxl as mx
from mxl import autograd, gluon
from mxl.gluon import nn


class RingNet(nn.HybridBlock):
    """Two dense layers on [x, y, x * x, y * y]."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():  # names of what is made inside begin with this block's prefix
            self.hidden = nn.Dense(16, activation="relu")
            self.output = nn.Dense(2)

    def hybrid_forward(self, F, points):
        return self.output(self.hidden(F.concat(points, F.square(points), dim=1)))


def make_points(rng, count):
    """Points of the square [-1, 1]^2 and their class: 1 where they lie within the ring."""
    points = rng.uniform(-1, 1, (count, 2)).astype("float32")
    radius = np.hypot(points[:, 0], points[:, 1])
    return gluon.data.ArrayDataset(points, ((radius > 0.4) & (radius < 0.8)).astype("float32"))


def accuracy_of(net, dataset):
    """Share of the points whose class the network tells rightly."""
    metric = mx.metric.Accuracy()
    for points, labels in gluon.data.DataLoader(dataset, batch_size=200):
        metric.update(labels, net(points))
    return metric.get()[1]


def main():
    """Trains for 20 epochs and prints how it goes."""
    mx.random.seed(1)
    np.random.seed(1)
    rng = np.random.default_rng(1)
    training, held_out = make_points(rng, 2000), make_points(rng, 500)

    net = RingNet(prefix="ring_")
    net.initialize(mx.init.Xavier())
    mx.viz.print_summary(net, shape={"points": (1, 2)}, line_length=80)

    loss_of = gluon.loss.SoftmaxCrossEntropyLoss()
    trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.01})
    records = []
    for epoch in range(1, 21):
        total = 0.0
        for points, labels in gluon.data.DataLoader(training, batch_size=50, shuffle=True):
            with autograd.record():
                loss = loss_of(net(points), labels)
            loss.backward()
            trainer.step(len(points))
            total += float(loss.asnumpy().sum())
        records.append({"step": epoch, "loss": total / len(training), "accuracy": accuracy_of(net, held_out)})
        if epoch % 5 == 0:
            print(f"epoch {epoch:2}: loss {records[-1]['loss']:.3f}, accuracy {records[-1]['accuracy']:.3f}")

    if len(sys.argv) > 1:
        path = Path(sys.argv[1]) / "ring.png"
        mx.viz.plot_learning_curve(records, path, title="Points in a ring")
        print(f"wrote {path}")


if __name__ == "__main__":
    main()
