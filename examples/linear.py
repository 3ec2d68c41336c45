"""Linear regression on the KVStore itself: no model class and no Trainer, so every call of the training is seen.

    python examples/linear.py
    mxl-launch -n 4 -s 2 examples/linear.py

Each worker computes the gradient of its part of every batch; the store, in this process or on the servers, sums the
parts and runs the optimizer; the workers pull the new weights. So any number of workers does what one does.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

import mxl as mx
from mxl.kvstore.config import load as load_settings

WEIGHTS, BIAS = [2.0, -3.4, 0.5], 4.2
SAMPLES = 1024


def data() -> tuple[np.ndarray, np.ndarray]:
    """Inputs [SAMPLES, 3] and, with a little noise, what the true weights make of them [SAMPLES]; always the same."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((SAMPLES, len(WEIGHTS)))
    return x, x @ np.array(WEIGHTS) + BIAS + 0.01 * rng.standard_normal(SAMPLES)


def train(kv: mx.kv.KVStore, steps: int, batch_size: int, lr: float) -> tuple[float, mx.nd.NDArray, mx.nd.NDArray]:
    """(loss of the last batch's own part, weights [3], bias [1])"""
    inputs, targets = data()
    w, b = mx.nd.zeros((len(WEIGHTS),)), mx.nd.zeros((1,))
    w.attach_grad()
    b.attach_grad()
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=lr, rescale_grad=1 / batch_size))
    kv.broadcast(["w", "b"], [w, b], out=[w, b])

    first, last = (batch_size * r // kv.num_workers for r in (kv.rank, kv.rank + 1))    # this worker's part
    loss = mx.nd.zeros((1,))
    for step in range(steps):
        at = (step * batch_size + np.arange(first, last)) % SAMPLES
        x, y = mx.nd.array(inputs[at]), mx.nd.array(targets[at])
        with mx.autograd.record():
            loss = (mx.nd.dot(x, w) + b - y) ** 2 / 2
        loss.backward()
        kv.push(["w", "b"], [w.grad, b.grad])
        kv.pull(["w", "b"], out=[w, b])
        kv.report(loss=float(loss.mean().asscalar()), step_samples=last - first)        # for mxl-launch's live line
    return float(loss.mean().asscalar()), w, b


def main(arguments: Sequence[str] | None = None) -> float:
    """Trains and prints; returns the loss."""
    parser = argparse.ArgumentParser(description="Linear regression over a KVStore.")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--batch-size", type=int, default=64, help="of all workers together")
    parser.add_argument("--lr", type=float, default=0.3)
    parser.add_argument("--kv-store", default="dist_sync" if load_settings().scheduler else "local",
                        help="default: dist_sync under mxl-launch, else local")
    args = parser.parse_args(arguments)
    kv = mx.kv.create(args.kv_store)
    if args.batch_size < kv.num_workers:
        parser.error(f"--batch-size {args.batch_size} gives no sample to some of {kv.num_workers} workers")
    loss, w, b = train(kv, args.steps, args.batch_size, args.lr)
    weights = ", ".join(f"{weight:.2f}" for weight in w.asnumpy())
    print(f"loss {loss:.6f}  weights {weights}  bias {b.asscalar():.2f}")
    return loss


if __name__ == "__main__":
    main()
