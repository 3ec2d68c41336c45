"""The KVStore in one process: what init, push, pull, pushpull, updaters and optimizers do.

    python examples/local_kvstore.py

With 'dist_sync' in place of 'local' and mxl-launch in front, the same calls go to the servers of a cluster.
"""

from __future__ import annotations

import mxl as mx

SHAPE = (2, 3)


def show(title: str, *arrays: mx.nd.NDArray) -> None:
    """One line: the title and the arrays' numbers."""
    print(f"{title}: {', '.join(str(array.asnumpy().tolist()) for array in arrays)}")


def main() -> None:
    """Every call once, and what it leaves behind."""
    kv = mx.kv.create("local")
    print(f"{kv.type}: worker {kv.rank} of {kv.num_workers}")

    # A key, an int or a str, gets its first value once; pull copies it out.
    kv.init(3, mx.nd.ones(SHAPE) * 2)
    out = mx.nd.zeros(SHAPE)
    kv.pull(3, out=out)
    show("pulled", out)

    # A push without an updater takes the value's place ...
    kv.push(3, mx.nd.ones(SHAPE) * 8)
    kv.pull(3, out=out)
    show("pushed 8", out)

    # ... and arrays of several devices are summed first.
    devices = [mx.cpu(i) for i in range(4)]
    kv.push(3, [mx.nd.ones(SHAPE, ctx=device) for device in devices])
    kv.pull(3, out=out)
    show("pushed 1 from 4 devices", out)

    # Lists of keys take lists of values; pushpull is push and pull in one call.
    keys = ["weight", "bias"]
    kv.init(keys, [mx.nd.zeros((2,)), mx.nd.zeros((1,))])
    outs = [mx.nd.zeros((2,)), mx.nd.zeros((1,))]
    kv.pushpull(keys, [mx.nd.ones((2,)), mx.nd.ones((1,)) * 5], out=outs)
    show("pushpull of two keys", *outs)

    # broadcast is init and pull: all devices, and all workers of a cluster, begin alike.
    copies = [mx.nd.zeros((2,), ctx=device) for device in devices]
    kv.broadcast("shared", mx.nd.array([1, 2]), out=copies)
    show("broadcast to 4 devices", *copies)

    # An updater says what a push does to the value.
    def add_twice(key: int | str, pushed: mx.nd.NDArray, value: mx.nd.NDArray) -> None:
        print(f"updating {key!r}")
        value += 2 * pushed

    kv._set_updater(add_twice)
    kv.push(3, mx.nd.ones(SHAPE))
    kv.pull(3, out=out)
    show("4 and twice 1", out)

    # An optimizer is an updater, too: what is pushed are gradients, what is pulled are weights.
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.5))
    kv.push(3, mx.nd.ones(SHAPE) * 4)
    kv.pull(3, out=out)
    show("6 less half of 4", out)

    # What cannot be is told in a sentence.
    try:
        kv.push(3, mx.nd.ones((3, 2)))
    except mx.MXLError as error:
        print(f"refused: {error}")


if __name__ == "__main__":
    main()
