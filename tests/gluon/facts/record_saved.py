"""Asks real MXNet to save a network, and keeps its files and what the network gives.  Run it with MXNet's python.

`network` and `give_values` are what both sides make: test_saving.py saves the same with mxl and compares byte by byte.
"""

import json
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
X = (np.arange(2 * 1 * 6 * 6) % 7 - 3).reshape(2, 1, 6, 6) / 4


def network(mx, known=True):
    """Convolution, BatchNorm and Dense; known=False: with sizes that only a file, or a forward, tells."""
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(nn.Conv2D(2, 3, in_channels=known * 1), nn.BatchNorm(in_channels=known * 2), nn.Activation("relu"),
                nn.MaxPool2D(2), nn.Dense(3, in_units=known * 8))
    return net


def give_values(mx, net):
    for i, param in enumerate(net.collect_params().values()):
        values = (np.arange(int(np.prod(param.shape))) % 5 + 1 + i).reshape(param.shape) / 16
        param.set_data(mx.nd.array(values))


def main():
    import mxnet as mx

    net = network(mx)
    net.initialize()
    give_values(mx, net)
    net.save_parameters(str(HERE / "by_place.params"))
    net.collect_params().save(str(HERE / "by_name.params"))
    net.collect_params().save(str(HERE / "without_prefix.params"), strip_prefix="net_")
    net.cast("float16")
    net.save_parameters(str(HERE / "half.params"))
    net.cast("float32")
    (HERE / "saved.json").write_text(json.dumps(net(mx.nd.array(X)).asnumpy().astype(float).tolist()) + "\n")


if __name__ == "__main__":
    main()
