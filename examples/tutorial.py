"""The first steps with mxl: a network, one backward pass, its gradient; then training until it fits.

    python examples/tutorial.py

Without a seed the numbers are those that MXNet prints for the same program.
"""

import mxl as mx
from mxl import autograd, gluon
from mxl.gluon import nn

# A network of two layers. The sizes of their inputs are not told: the first forward pass finds them out.
net = nn.HybridSequential()
net.add(nn.Dense(units=3), nn.Dense(units=1))
net.initialize()

loss_of = gluon.loss.L2Loss()
x = mx.nd.array([[0.5, 0.9]])
y = mx.nd.array([[1.5]])

# What is computed inside `record` can be differentiated.
with autograd.record():
    loss = loss_of(net(x), y)
loss.backward()
print(net[0].weight.grad())

# A Trainer applies gradients to all parameters; step(1) divides them by a batch size of 1.
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1, "momentum": 0.9})
for step in range(1, 101):
    with autograd.record():
        loss = loss_of(net(x), y)
    loss.backward()
    trainer.step(1)
    if step % 20 == 0:
        print(f"step {step:3}: loss {loss.asscalar():.6f}, output {net(x).asscalar():.4f}")
