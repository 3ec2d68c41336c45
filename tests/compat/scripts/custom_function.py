"""A differentiable function of one's own, in a custom loss of a custom block, with its gradient printed."""

import mxnet as mx
from mxnet import autograd, nd
from mxnet.gluon import Block, HybridBlock, Trainer, nn
from mxnet.gluon.parameter import ParameterDict


class Sigmoid(autograd.Function):
    def forward(self, x):
        y = 1 / (1 + nd.exp(-x))
        self.save_for_backward(y)
        return y

    def backward(self, dy):
        (y,) = self.saved_tensors
        return dy * y * (1 - y)


class Gate(Block):
    def __init__(self, **kwargs):
        super(Gate, self).__init__(**kwargs)
        with self.name_scope():
            self.dense = nn.Dense(2, in_units=3, weight_initializer=mx.init.One())

    def forward(self, x):
        return Sigmoid()(self.dense(x))


class Scale(HybridBlock):
    def __init__(self, **kwargs):
        super(Scale, self).__init__(**kwargs)
        with self.name_scope():
            self.factor = self.params.get("factor", shape=(1, 2), init=mx.init.Constant(3))

    def hybrid_forward(self, F, x, factor):
        return F.broadcast_mul(x, factor)


x = nd.array([[-1.0, 0.0, 1.5], [0.25, 0.5, -2.0]])
x.attach_grad()
with autograd.record():
    y = Sigmoid()(x)
y.backward()
print(x.grad.asnumpy().round(4))

net = nn.Sequential(prefix="net_")
with net.name_scope():
    net.add(Gate(), Scale())
net.initialize()
print(isinstance(net.collect_params(), ParameterDict), sorted(net.collect_params()))
trainer = Trainer(net.collect_params(), "sgd", {"learning_rate": 0.5}, kvstore=None)
for _ in range(3):
    with autograd.record():
        loss = ((net(x) - 1) ** 2).sum()
    loss.backward()
    trainer.step(2)
    print(f"{loss.asscalar():.5f}")
