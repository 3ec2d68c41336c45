"""Asks real MXNet what its layers compute, and writes layers.json beside this file.

Run with MXNet's own Python; the tests need only what it wrote.
"""

import json
from pathlib import Path

import mxnet as mx
import numpy as np

CASES = [  # layer, its arguments, the input's shape
    ("Dense", {"units": 2, "activation": "sigmoid"}, (2, 3)),
    ("Dense", {"units": 2, "flatten": False, "use_bias": False}, (2, 2, 3)),
    ("Conv1D", {"channels": 2, "kernel_size": 2, "strides": 2, "padding": 1}, (2, 2, 5)),
    ("Conv2D", {"channels": 2, "kernel_size": 3, "padding": 1, "activation": "tanh"}, (1, 2, 4, 3)),
    ("Conv2D", {"channels": 4, "kernel_size": [1, 2], "groups": 2, "strides": [1, 2]}, (1, 2, 3, 4)),
    ("Conv2D", {"channels": 1, "kernel_size": 2, "dilation": 2, "use_bias": False}, (2, 1, 4, 4)),
    ("Conv3D", {"channels": 1, "kernel_size": 2}, (1, 2, 2, 3, 2)),
    ("MaxPool1D", {"pool_size": 3, "strides": 2, "padding": 1}, (1, 2, 6)),
    ("MaxPool2D", {}, (1, 2, 5, 4)),
    ("MaxPool2D", {"pool_size": 3, "strides": 2, "padding": 1, "ceil_mode": True}, (1, 1, 6, 5)),
    ("MaxPool3D", {}, (1, 1, 2, 4, 2)),
    ("AvgPool1D", {"pool_size": 2, "padding": 1}, (1, 1, 4)),
    ("AvgPool2D", {"pool_size": [2, 3], "strides": 1, "padding": 1}, (1, 1, 3, 3)),
    ("AvgPool2D", {"pool_size": 2, "padding": 1, "count_include_pad": False}, (1, 2, 4, 4)),
    ("AvgPool2D", {"pool_size": 3, "strides": 2, "ceil_mode": True}, (1, 1, 6, 6)),
    ("AvgPool3D", {}, (1, 1, 2, 2, 4)),
    ("GlobalMaxPool1D", {}, (1, 2, 3)),
    ("GlobalMaxPool2D", {}, (1, 2, 3, 2)),
    ("GlobalMaxPool3D", {}, (1, 2, 2, 2, 2)),
    ("GlobalAvgPool1D", {}, (1, 2, 3)),
    ("GlobalAvgPool2D", {}, (1, 2, 3, 2)),
    ("GlobalAvgPool3D", {}, (1, 2, 2, 2, 2)),
    ("BatchNorm", {}, (2, 3, 2, 2)),
    ("BatchNorm", {"axis": -1, "momentum": 0.5, "epsilon": 0.01}, (2, 3, 2)),
    ("BatchNorm", {"scale": False, "center": False}, (3, 2)),
    ("BatchNorm", {"use_global_stats": True}, (3, 2)),
    ("BatchNormReLU", {}, (2, 2, 3, 2)),
    ("LayerNorm", {}, (2, 4)),
    ("LayerNorm", {"axis": 1, "center": False}, (2, 3, 2)),
    ("InstanceNorm", {}, (2, 2, 3)),
    ("InstanceNorm", {"axis": 2, "scale": True, "center": False, "epsilon": 0.01}, (2, 2, 3)),
    ("GroupNorm", {"num_groups": 2}, (2, 4, 2)),
    ("GroupNorm", {"num_groups": 4, "epsilon": 0.001, "scale": False}, (1, 4, 3)),
    ("ReflectionPad2D", {"padding": 1}, (1, 1, 2, 3)),
    ("ReflectionPad2D", {"padding": [0, 0, 0, 0, 1, 0, 2, 1]}, (1, 1, 2, 3)),
    ("Flatten", {}, (2, 2, 2)),
    ("Dropout", {"rate": 0.5}, (4, 6)),
    ("Dropout", {"rate": 0.3, "axes": [0]}, (4, 6)),
    ("Activation", {"activation": "relu"}, (2, 3)),
    ("Activation", {"activation": "sigmoid"}, (2, 3)),
    ("Activation", {"activation": "tanh"}, (2, 3)),
    ("Activation", {"activation": "softrelu"}, (2, 3)),
    ("Activation", {"activation": "softsign"}, (2, 3)),
    ("LeakyReLU", {"alpha": 0.1}, (2, 3)),
    ("PReLU", {}, (2, 3)),
    ("PReLU", {"in_channels": 3, "alpha_initializer": "uniform"}, (2, 3, 2)),
    ("ELU", {"alpha": 0.5}, (2, 3)),
    ("SELU", {}, (2, 3)),
    ("GELU", {}, (2, 3)),
    ("Swish", {"beta": 2.0}, (2, 3)),
]

# MXNet's gradient is not that of its own forward: left out, the tests compare ours with differences.
WRONG_GRADIENT = {"SELU", "AvgPool2D(ceil_mode)"}

facts = []
rng = np.random.RandomState(7)
for name, arguments, shape in CASES:
    mx.random.seed(1)
    layer = getattr(mx.gluon.nn, name)(**arguments)
    layer.initialize(mx.init.Uniform(0.5))
    x = rng.uniform(-2, 2, shape).astype("float32").round(3)
    array = mx.nd.array(x)
    array.attach_grad()
    with mx.autograd.record():
        out = layer(array)
        weighted = (out * mx.nd.arange(1, out.size + 1).reshape(out.shape)).sum()
    weighted.backward()
    params = layer.collect_params().values()
    kind = f"{name}(ceil_mode)" if arguments.get("ceil_mode") else name
    facts.append(
        {
            "layer": name,
            "arguments": arguments,
            "x": x.tolist(),
            "out": out.asnumpy().tolist(),
            "gradient": None if kind in WRONG_GRADIENT else array.grad.asnumpy().tolist(),
            "parameters": [
                {
                    "value": p.data().asnumpy().tolist(),
                    "gradient": None if p.grad_req == "null" else p.grad().asnumpy().tolist(),
                }
                for p in params
            ],
            "predicted": layer(array).asnumpy().tolist(),
        }
    )
text = ",\n".join(json.dumps(fact) for fact in facts)
Path(__file__).with_name("layers.json").write_text(f"[\n{text}\n]\n")
print(len(facts), "facts")
