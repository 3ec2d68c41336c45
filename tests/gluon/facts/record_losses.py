"""Asks real MXNet for the values and gradients of its losses, and writes losses.json beside this file.

Run with MXNet's own Python; the tests need only what it wrote.
"""

import json
from pathlib import Path

import mxnet as mx
import numpy as np

rng = np.random.RandomState(5)


def numbers(*shape, low=-2.0, high=2.0):
    return rng.uniform(low, high, shape).astype("float32")


P, Q = numbers(4, 3), numbers(4, 3)
SIGNS = np.sign(numbers(4, 3))
BITS = (numbers(4, 3) > 0).astype("float32")
CLASSES = np.array([2, 0, 1, 1], "float32")
SHARES = np.exp(numbers(4, 3))
SHARES = (SHARES / SHARES.sum(axis=1, keepdims=True)).astype("float32")
UNIT = numbers(4, 3, low=0.1, high=0.9)
COUNTS = np.array([[0, 1, 2], [3, 4, 5], [1, 0, 7], [2, 2, 2]], "float32")
W4, W41 = numbers(4, low=0.5, high=2), numbers(4, 1, low=0.5, high=2)
LABELS = np.array([[1, 0, -1], [2, 1, 1]], "float32")

# loss, its arguments, its inputs
CASES = [
    ("L2Loss", {}, [P, Q]),
    ("L2Loss", {"weight": 3.0}, [P, Q.ravel()]),
    ("L2Loss", {"batch_axis": 1}, [P, Q]),
    ("L2Loss", {}, [P, Q, W41]),
    ("L2Loss", {}, [P[:, :1], Q[:, 0]]),
    ("L1Loss", {}, [P, Q]),
    ("L1Loss", {"weight": 0.5}, [P, Q, W41]),
    ("SigmoidBinaryCrossEntropyLoss", {}, [P, BITS]),
    ("SigmoidBinaryCrossEntropyLoss", {}, [P * 50, BITS]),
    ("SigmoidBinaryCrossEntropyLoss", {"weight": 2.0}, [P, BITS, W41]),
    ("SigmoidBinaryCrossEntropyLoss", {}, [P, BITS, W41, np.array([[1, 2, 3]], "float32")]),
    ("SigmoidBinaryCrossEntropyLoss", {"from_sigmoid": True}, [UNIT, BITS]),
    ("SigmoidBinaryCrossEntropyLoss", {"from_sigmoid": True}, [UNIT, BITS, W41, np.array([[1, 2, 3]], "float32")]),
    ("SoftmaxCrossEntropyLoss", {}, [P, CLASSES]),
    ("SoftmaxCrossEntropyLoss", {"weight": 2.0}, [P, CLASSES, W41]),
    ("SoftmaxCrossEntropyLoss", {"sparse_label": False}, [P, SHARES]),
    ("SoftmaxCrossEntropyLoss", {"from_logits": True}, [P, CLASSES]),
    ("SoftmaxCrossEntropyLoss", {"axis": 0, "batch_axis": 1}, [P, np.array([3, 0, 2], "float32")]),
    ("SoftmaxCrossEntropyLoss", {"axis": 1}, [numbers(2, 3, 4), np.array([[0, 1, 2, 0], [2, 2, 1, 0]], "float32")]),
    ("KLDivLoss", {}, [np.log(UNIT), SHARES]),
    ("KLDivLoss", {"from_logits": False}, [P, SHARES]),
    ("KLDivLoss", {"from_logits": False, "axis": 0, "weight": 2.0}, [P, SHARES]),
    ("HuberLoss", {}, [P, Q]),
    ("HuberLoss", {"rho": 0.4, "weight": 2.0}, [P, Q]),
    ("HingeLoss", {}, [P, SIGNS]),
    ("HingeLoss", {"margin": 2}, [P, SIGNS, W41]),
    ("SquaredHingeLoss", {}, [P, SIGNS]),
    ("SquaredHingeLoss", {"margin": 2, "weight": 0.5}, [P, SIGNS]),
    ("LogisticLoss", {}, [P, SIGNS]),
    ("LogisticLoss", {"label_format": "binary"}, [P, BITS]),
    ("TripletLoss", {}, [P, Q, numbers(4, 3)]),
    ("TripletLoss", {"margin": 8, "weight": 0.5}, [P, Q, numbers(4, 3)]),
    ("PoissonNLLLoss", {}, [P, COUNTS]),
    ("PoissonNLLLoss", {"from_logits": False}, [UNIT, COUNTS]),
    ("PoissonNLLLoss", {"compute_full": True, "weight": 2.0}, [P, COUNTS + 1]),
    ("SDMLLoss", {}, [P, Q]),
    ("SDMLLoss", {"smoothing_parameter": 0.1}, [P, Q]),
    ("CosineEmbeddingLoss", {}, [P, Q, np.array([1, -1, 1, -1], "float32")]),
    ("CosineEmbeddingLoss", {"margin": 0.2}, [P, Q, np.array([-1, -1, -1, 1], "float32")]),
    ("CTCLoss", {}, [numbers(2, 6, 4), LABELS]),
    ("CTCLoss", {"layout": "TNC", "label_layout": "TN", "weight": 2.0}, [numbers(6, 2, 4), LABELS.T]),
    ("CTCLoss", {}, [numbers(2, 6, 4), LABELS, np.array([5, 6], "float32"), np.array([2, 3], "float32")]),
    ("CTCLoss", {}, [numbers(2, 6, 4), LABELS, np.array([5, 6], "float32"), np.array([2, 3], "float32"), W4[:2]]),
]

facts = []
for name, arguments, inputs in CASES:
    arrays = [mx.nd.array(x) for x in inputs]
    loss = getattr(mx.gluon.loss, name)(**arguments)
    gradient = None
    if arguments.get("compute_full"):  # MXNet cannot record this one
        value = loss(*arrays)
    else:
        arrays[0].attach_grad()
        with mx.autograd.record():
            value = loss(*arrays)
        value.backward()
        gradient = arrays[0].grad.asnumpy().tolist()
    facts.append(
        {
            "loss": name,
            "arguments": arguments,
            "inputs": [x.tolist() for x in inputs],
            "value": value.asnumpy().tolist(),
            "gradient": gradient,
        }
    )
lines = ",\n".join(json.dumps(fact) for fact in facts)
Path(__file__).with_name("losses.json").write_text(f"[\n{lines}\n]\n")
print(len(facts), "facts")
