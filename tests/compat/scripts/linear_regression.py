"""Linear regression with gluon."""

import mxnet as mx
from mxnet import autograd, gluon, nd
from mxnet.gluon import loss as gloss
from mxnet.gluon import nn

mx.random.seed(42)
num_examples, num_inputs = 512, 2
true_w, true_b = nd.array([2, -3.4]), 4.2
features = nd.random.normal(scale=1, shape=(num_examples, num_inputs))
labels = nd.dot(features, true_w) + true_b
labels += nd.random.normal(scale=0.01, shape=labels.shape)

batch_size = 16
loader = gluon.data.DataLoader(gluon.data.ArrayDataset(features, labels), batch_size, shuffle=False)

net = nn.Sequential()
net.add(nn.Dense(1))
net.initialize(mx.init.Normal(sigma=0.01))
l2 = gloss.L2Loss()
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.05})

for epoch in range(1, 4):
    for X, y in loader:
        with autograd.record():
            loss = l2(net(X), y)
        loss.backward()
        trainer.step(batch_size)
    loss = l2(net(features), labels)
    print(f"epoch {epoch}, loss: {loss.mean().asscalar():.4f}")

dense = net[0]
print("w", dense.weight.data().round())
print("error of b below 0.01:", bool((nd.abs(dense.bias.data() - true_b) < 0.01).asscalar()))
