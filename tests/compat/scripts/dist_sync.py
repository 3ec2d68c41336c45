"""Two workers: a key by hand, and a network whose Trainer has a dist_sync store."""

import mxnet as mx
from mxnet import autograd, gluon, nd

kv = mx.kv.create("dist_sync")
kv.init("w", nd.ones((2, 2)))
kv.push("w", nd.ones((2, 2)) * (kv.rank + 1))
w = nd.zeros((2, 2))
kv.pull("w", out=w)
print(f"worker {kv.rank} of {kv.num_workers}: w {w.asnumpy().tolist()}")

mx.random.seed(1)
X = nd.random.normal(shape=(64, 3))
y = nd.dot(X, nd.array([[1.0], [-2.0], [0.5]])) + 3
mine = slice(kv.rank * 32, (kv.rank + 1) * 32)
loader = gluon.data.DataLoader(gluon.data.ArrayDataset(X[mine], y[mine]), batch_size=8)

net = gluon.nn.Dense(1)
net.initialize(mx.init.Zero())
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.2}, kvstore=kv)
l2 = gluon.loss.L2Loss()
for _ in range(12):
    for data, label in loader:
        with autograd.record():
            loss = l2(net(data), label)
        loss.backward()
        trainer.step(8 * kv.num_workers)
print("fitted", bool(l2(net(X), y).mean().asscalar() < 1e-3))
