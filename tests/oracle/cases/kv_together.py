"""KVStore of one process: pushpull and broadcast, many keys, views and gradients, stores side by side."""

import numpy as np


def _full(mx, value, ctx=0, shape=(2, 2), dtype="float32"):
    return mx.nd.full(shape, value, ctx=mx.cpu(ctx), dtype=dtype)


def _pulled(mx, kv, key, shape=(2, 2), dtype="float32"):
    out = mx.nd.zeros(shape, dtype=dtype)
    kv.pull(key, out=out)
    return out


def pushpull_single(mx):
    kv = mx.kv.create("local")
    kv.init("a", _full(mx, 1))
    out = mx.nd.zeros((2, 2))
    kv.pushpull("a", _full(mx, 8), out=out)
    return [out, _pulled(mx, kv, "a")]


def pushpull_devices_into_devices(mx):
    kv = mx.kv.create("device")
    kv.init("a", _full(mx, 1))
    grads = [_full(mx, i + 1, i) for i in range(3)]
    outs = [mx.nd.zeros((2, 2), mx.cpu(i)) for i in range(3)]
    kv.pushpull("a", grads, out=outs)
    return [outs, grads]


def pushpull_in_place(mx):
    kv = mx.kv.create("device")
    kv.init("a", _full(mx, 1))
    grads = [_full(mx, i + 1, i) for i in range(3)]
    kv.pushpull("a", grads, out=grads)
    return grads


def pushpull_without_out(mx):
    kv = mx.kv.create("device")
    kv.init("a", _full(mx, 1))
    grads = [_full(mx, i + 1, i) for i in range(2)]
    kv.pushpull("a", grads)
    return grads


def pushpull_list_of_keys(mx):
    kv = mx.kv.create("local")
    kv.init([1, 2], [_full(mx, 0)] * 2)
    outs = [mx.nd.zeros((2, 2)) for _ in range(2)]
    kv.pushpull([1, 2], [_full(mx, 3), _full(mx, 4)], out=outs)
    return outs


def pushpull_is_push_then_pull(mx):
    def train(together):
        kv = mx.kv.create("local")
        kv.init("w", _full(mx, 1))
        kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.1, momentum=0.9))
        out = mx.nd.zeros((2, 2))
        for step in range(4):
            grads = [_full(mx, step + i, i) for i in range(2)]
            if together:
                kv.pushpull("w", grads, out=out)
            else:
                kv.push("w", grads)
                kv.pull("w", out=out)
        return out
    return [train(True), train(False)]


def broadcast_single(mx):
    kv = mx.kv.create("local")
    out = mx.nd.zeros((2, 2))
    kv.broadcast("a", _full(mx, 6), out=out)
    return [out, _pulled(mx, kv, "a")]


def broadcast_to_devices(mx):
    kv = mx.kv.create("device")
    outs = [mx.nd.zeros((2, 2), mx.cpu(i)) for i in range(3)]
    kv.broadcast("a", _full(mx, 6), out=outs)
    return outs


def broadcast_list_of_keys(mx):
    kv = mx.kv.create("device")
    outs = [[mx.nd.zeros((2, 2), mx.cpu(i)) for i in range(2)] for _ in range(2)]
    kv.broadcast(["a", "b"], [_full(mx, 6), _full(mx, 7)], out=outs)
    return outs


def broadcast_then_push(mx):
    kv = mx.kv.create("local")
    out = mx.nd.zeros((2, 2))
    kv.broadcast("a", _full(mx, 6), out)
    kv.push("a", _full(mx, 2))
    return [out, _pulled(mx, kv, "a")]


def stores_share_nothing(mx):
    a, b = mx.kv.create("local"), mx.kv.create("local")
    a.init("x", _full(mx, 1))
    b.init("x", _full(mx, 2))
    a.push("x", _full(mx, 7))
    return [_pulled(mx, a, "x"), _pulled(mx, b, "x")]


def many_keys(mx):
    kv = mx.kv.create("local")
    keys = list(range(50))
    kv.init(keys, [mx.nd.full((1,), k) for k in keys])
    kv.push(keys, [[mx.nd.full((1,), k), mx.nd.full((1,), 0.5, mx.cpu(1))] for k in keys])
    outs = [mx.nd.zeros((1,)) for _ in keys]
    kv.pull(keys, out=outs)
    return sum(float(out.asscalar()) for out in outs)


def push_of_a_view(mx):
    kv = mx.kv.create("local")
    kv.init("a", mx.nd.zeros((2,)))
    whole = mx.nd.arange(6)
    kv.push("a", whole[2:4])
    return _pulled(mx, kv, "a", (2,))


def push_of_a_gradient(mx):
    kv = mx.kv.create("local")
    x = mx.nd.array([1, 2, 3])
    x.attach_grad()
    kv.init("g", mx.nd.zeros((3,)))
    with mx.autograd.record():
        y = (x * x).sum()
    y.backward()
    kv.push("g", x.grad)
    kv.pull("g", out=x.grad)
    return x.grad


def push_while_recording(mx):
    kv = mx.kv.create("local")
    x = mx.nd.array([1, 2, 3])
    x.attach_grad()
    kv.init("v", mx.nd.zeros((3,)))
    out = mx.nd.zeros((3,))
    with mx.autograd.record():
        y = x * 2
        kv.push("v", y.detach())
        kv.pull("v", out=out)
        z = (y * out).sum()
    z.backward()
    return [out, x.grad]


def zero_size_dimension_one(mx):
    kv = mx.kv.create("local")
    kv.init("a", mx.nd.full((1, 1, 1), 3))
    kv.push("a", mx.nd.full((1, 1, 1), np.float32(0.1)))
    return _pulled(mx, kv, "a", (1, 1, 1))


def big_array_over_the_bound(mx):
    kv = mx.kv.create("local")
    kv.init("a", mx.nd.zeros((1100, 1000)))
    kv.push("a", [mx.nd.ones((1100, 1000), mx.cpu(i)) * (i + 1) for i in range(3)])
    out = _pulled(mx, kv, "a", (1100, 1000))
    return [out[0, :3], out[-1, -3:], out.sum()]


def deprecated_role_questions(mx):
    kv = mx.kv.create("local")
    return [lambda: kv._barrier(), lambda: kv.get_num_dead_node(0), lambda: str(type(kv.type))]
