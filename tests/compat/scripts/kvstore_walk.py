"""A walk through the KVStore of one process: init, push, pull, devices, an updater, lists of keys."""

import mxnet as mx
from mxnet import nd

kv = mx.kv.create("local")
shape = (2, 3)
kv.init(3, nd.ones(shape) * 2)
a = nd.zeros(shape)
kv.pull(3, out=a)
print(a.asnumpy())

kv.push(3, nd.ones(shape) * 8)
kv.pull(3, out=a)
print(a.asnumpy())

contexts = [mx.Context("cpu", i) for i in range(4)]
kv.push(3, [nd.ones(shape, ctx) for ctx in contexts])
kv.pull(3, out=a)
print(a.asnumpy())


def update(key, input, stored):
    print(f"update on key: {key}")
    stored += input * 2


kv._set_updater(update)
kv.push(3, nd.ones(shape))
kv.pull(3, out=a)
print(a)

keys = [5, 7, 9]
kv.init(keys, [nd.ones(shape)] * len(keys))
kv.push(keys, [nd.ones(shape)] * len(keys))
b = [nd.zeros(shape)] * len(keys)
kv.pull(keys, out=b)
print(b[1].asnumpy())

kv.push(keys, [[nd.ones(shape, ctx) for ctx in contexts]] * len(keys))
b = [[nd.zeros(shape, ctx) for ctx in contexts]] * len(keys)
kv.pull(keys, out=b)
print(b[1][1].asnumpy(), b[1][1].context)
print(kv.type, kv.rank, kv.num_workers)
