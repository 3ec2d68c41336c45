"""row_sparse_pull: several keys, devices and forms of row numbers; updates of tables by optimizers in a store."""

SHAPE = (4, 2)


def _rows(mx, value, ctx=None):
    return (mx.nd.ones(SHAPE, ctx=ctx) * value).tostype("row_sparse")


def _seen(x):
    return [x.indices, x.asnumpy(), str(x.context)]


def forms_of_row_numbers(mx):
    kv = mx.kv.create("local")
    kv.init("a", _rows(mx, 3))
    result = []
    for ids in (mx.nd.array([1, 1, 3]), mx.nd.array([[2, 0], [0, 2]]), mx.nd.array([3, 1], dtype="int32"),
                mx.nd.array([2], dtype="int64"), [mx.nd.array([0, 1])]):
        out = mx.nd.zeros(SHAPE, stype="row_sparse")
        kv.row_sparse_pull("a", out=out, row_ids=ids, priority=-1)
        result.append(_seen(out))
    return result


def several_keys_and_devices(mx):
    devices = [mx.cpu(0), mx.cpu(1)]
    keys = ["b", "c", "d"]
    kv = mx.kv.create("local")
    kv.init(keys, [mx.nd.zeros(SHAPE, stype="row_sparse")] * 3)
    kv.push(keys, [[_rows(mx, n + 1, device) for device in devices] for n in range(3)])
    outs = [[mx.nd.zeros(SHAPE, ctx=device, stype="row_sparse") for device in devices] for _ in keys]
    ids = [[mx.nd.array([n]), mx.nd.array([n, 3])] for n in range(3)]
    kv.row_sparse_pull(keys, out=outs, row_ids=ids)
    alone = [mx.nd.zeros(SHAPE, ctx=device, stype="row_sparse") for device in devices]
    kv.row_sparse_pull("c", out=alone, row_ids=mx.nd.array([2]))
    return [[[_seen(x) for x in out] for out in outs], [_seen(x) for x in alone]]


def wrong_pulls(mx):
    kv = mx.kv.create("local")
    kv.init(["a", "b"], [_rows(mx, 1), mx.nd.ones(SHAPE)])
    out, ids = mx.nd.zeros(SHAPE, stype="row_sparse"), mx.nd.array([1])
    return [lambda: kv.row_sparse_pull("a", out=mx.nd.zeros(SHAPE), row_ids=ids),
            lambda: kv.row_sparse_pull("z", out=out, row_ids=ids), lambda: kv.row_sparse_pull("a", out=out),
            lambda: kv.row_sparse_pull("a", row_ids=ids)]


def updaters_of_tables(mx):
    kv = mx.kv.create("local")
    kv.init("a", _rows(mx, 1))

    def update(key, gradient, weight):
        weight += gradient * 2

    kv._set_updater(update)
    kv.push("a", [_rows(mx, 1)] * 2)
    out = mx.nd.zeros(SHAPE, stype="row_sparse")
    kv.row_sparse_pull("a", out=out, row_ids=mx.nd.arange(4))
    return _seen(out)


def optimizers_of_tables(mx):
    result = []
    for name in ("sgd", "adam", "adagrad", "ftrl", "nag", "lars", "groupadagrad", "rmsprop", "adadelta", "signum",
                 "lamb", "ftml", "nadam", "dcasgd"):
        kv = mx.kv.create("device")
        kv.init(0, _rows(mx, 1))
        kv.set_optimizer(mx.optimizer.create(name, learning_rate=0.1))
        for ids in ([2], [0, 2]):
            gradient = mx.nd.sparse.row_sparse_array(([[1.0, -2.0]] * len(ids), ids), shape=SHAPE)
            kv.push(0, gradient)
        out = mx.nd.zeros(SHAPE, stype="row_sparse")
        kv.row_sparse_pull(0, out=out, row_ids=mx.nd.arange(4))
        result.append([name, _seen(out)])
    return result
