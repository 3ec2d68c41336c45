"""A whole cluster in one process: a scheduler, two servers and two workers, each a thread, without sockets.

    python examples/inprocess_cluster.py

For tests, notebooks and lessons: nothing is started and no port is opened, yet these are the same machines that
mxl-launch runs as processes. The same function trains with a local store first, then as each of two workers; both
end alike.
"""

from __future__ import annotations

import numpy as np

import mxl as mx

TRUE_WEIGHTS = np.array([1.0, -2.0, 3.0])
BATCH, STEPS = 32, 50


def train(rank: int, kind: str) -> list[float]:
    """Linear regression, this worker on its part of each batch; the weights it ends with."""
    kv = mx.kv.create(kind)
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.2, rescale_grad=1 / BATCH))
    weight = mx.nd.zeros((3,))
    weight.attach_grad()
    kv.broadcast("weight", weight, out=weight)
    rng = np.random.default_rng(0)                          # all workers draw the same batches ...
    for _ in range(STEPS):
        batch = rng.standard_normal((BATCH, 3))
        mine = batch[BATCH * rank // kv.num_workers:BATCH * (rank + 1) // kv.num_workers]   # ... and take their parts
        with mx.autograd.record():
            error = mx.nd.dot(mx.nd.array(mine), weight) - mx.nd.array(mine @ TRUE_WEIGHTS)
            loss = (error ** 2).sum() / 2
        loss.backward()
        kv.push("weight", weight.grad)                      # the servers wait for both parts, and update
        kv.pull("weight", out=weight)                       # returns at once; the next read of weight waits
    return [round(float(w), 4) for w in weight.asnumpy()]


def main() -> None:
    """Trains in both ways and prints what came of it."""
    print(f"one process: {train(0, 'local')}")
    with mx.testing.cluster(workers=2, servers=2) as cluster:
        for rank, weights in enumerate(cluster.run(train, "dist_sync")):
            print(f"worker {rank} of 2: {weights}")


if __name__ == "__main__":
    main()
