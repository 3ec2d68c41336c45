"""KVStore of one process: where MXNet's own surprises its users, and what is done instead."""


def _kv(mx, kind="local"):
    kv = mx.kv.create(kind)
    kv.init("a", mx.nd.ones((2,)))
    return kv


def _pulled(mx, kv, key="a", shape=(2,)):
    out = mx.nd.zeros(shape)
    kv.pull(key, out=out)
    return out


def pushed_array_is_altered_afterwards(mx):
    kv, grad = _kv(mx), mx.nd.full((2,), 5)
    kv.push("a", grad)
    grad[:] = 9
    return _pulled(mx, kv)


def pushed_array_is_altered_afterwards_with_updater(mx):
    kv, grad = _kv(mx), mx.nd.full((2,), 5)
    kv._set_updater(lambda key, value, stored: stored.__iadd__(value))
    kv.push("a", grad)
    grad[:] = 9
    return _pulled(mx, kv)


def updater_that_writes_into_its_gradient(mx):
    kv, grad = _kv(mx), mx.nd.full((2,), 5)

    def update(key, value, stored):
        stored += value
        value[:] = 0

    kv._set_updater(update)
    kv.push("a", grad)
    return [_pulled(mx, kv), grad]


def updater_that_raises(mx):
    kv = _kv(mx)

    def update(key, value, stored):
        raise ValueError("in the updater")

    kv._set_updater(update)
    return [lambda: [kv.push("a", mx.nd.ones((2,))), _pulled(mx, kv)]]


def updater_that_does_nothing(mx):
    kv = _kv(mx)
    kv._set_updater(lambda key, value, stored: None)
    kv.push("a", mx.nd.full((2,), 5))
    return _pulled(mx, kv)


def updater_is_taken_back(mx):
    kv = _kv(mx)
    kv._set_updater(lambda key, value, stored: None)
    kv._set_updater(None)
    kv.push("a", mx.nd.full((2,), 5))
    return _pulled(mx, kv)


def push_of_another_shape(mx):
    kv = _kv(mx)
    return [lambda: [kv.push("a", mx.nd.ones((3,))), _pulled(mx, kv, shape=(3,))]]


def push_of_another_dtype(mx):
    kv = _kv(mx)
    return [lambda: [kv.push("a", mx.nd.ones((2,), dtype="float64")), _pulled(mx, kv)]]


def push_of_devices_of_several_dtypes(mx):
    kv = _kv(mx)
    arrays = [mx.nd.ones((2,)), mx.nd.ones((2,), ctx=mx.cpu(1), dtype="float64")]
    return [lambda: [kv.push("a", arrays), _pulled(mx, kv)]]


def push_of_as_many_elements_in_another_shape(mx):
    kv = _kv(mx)
    return [lambda: [kv.push("a", mx.nd.ones((2, 1))), _pulled(mx, kv)]]


def pull_into_as_many_elements_in_another_shape(mx):
    kv = _kv(mx)
    return [lambda: _pulled(mx, kv, shape=(1, 2))]


def keys_wider_than_32_bits(mx):
    kv = mx.kv.create("local")
    return [lambda: [kv.init(2**40, mx.nd.ones((2,))), _pulled(mx, kv, 2**40)]]


def keys_of_numpy(mx):
    import numpy as np

    kv = mx.kv.create("local")
    return [lambda: [kv.init(np.int64(3), mx.nd.ones((2,))), _pulled(mx, kv, 3)]]


def keys_that_come_twice_apart(mx):
    kv = mx.kv.create("local")
    kv.init([1, 2], [mx.nd.zeros((2,))] * 2)
    kv.push([1, 2, 1], [mx.nd.full((2,), v) for v in (1, 2, 4)])
    return [_pulled(mx, kv, 1), _pulled(mx, kv, 2)]


def list_call_of_which_one_key_is_missing(mx):
    kv = _kv(mx)
    return [lambda: kv.push(["a", "missing"], [mx.nd.full((2,), 5)] * 2), lambda: _pulled(mx, kv)]


def init_of_which_one_key_is_there(mx):
    kv = _kv(mx)
    return [
        lambda: kv.init(["b", "a"], [mx.nd.full((2,), 5)] * 2),
        lambda: _pulled(mx, kv, "b"),
        lambda: _pulled(mx, kv),
    ]


def empty_lists(mx):
    kv = _kv(mx)
    return [lambda: kv.init([], []), lambda: kv.push([], []), lambda: kv.push("a", []), lambda: kv.pull("a", out=[])]


def priorities_that_are_no_ints(mx):
    kv, a = _kv(mx), mx.nd.ones((2,))
    return [
        lambda: kv.push("a", a, priority="x"),
        lambda: kv.push("a", a, priority=1.5),
        lambda: kv.push("a", a, priority=None),
    ]


def wd_of_biases_by_str_key(mx):
    kv = mx.kv.create("local")
    keys = ["fc_weight", "fc_bias", "bn_gamma", "bn_beta"]
    kv.init(keys, [mx.nd.ones((1,))] * 4)
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.1, wd=0.5))
    kv.push(keys, [mx.nd.zeros((1,))] * 4)
    return [_pulled(mx, kv, key, (1,)) for key in keys]


def wd_of_biases_by_name_of_int_key(mx):
    kv = mx.kv.create("local")
    names = {0: "fc_weight", 1: "fc_bias", 2: "bn_gamma", 3: "bn_beta"}
    kv.init(list(names), [mx.nd.ones((1,))] * 4)
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.1, wd=0.5, param_idx2name=names))
    kv.push(list(names), [mx.nd.zeros((1,))] * 4)
    return [_pulled(mx, kv, key, (1,)) for key in names]


def one_optimizer_in_two_stores(mx):
    optimizer = mx.optimizer.SGD(learning_rate=0.1)
    stores = [mx.kv.create("local") for _ in range(2)]
    for kv in stores:
        kv.init(0, mx.nd.ones((2,)))
        kv.set_optimizer(optimizer)
    for kv in stores:
        kv.push(0, mx.nd.ones((2,)))
    return [[_pulled(mx, kv, 0) for kv in stores], optimizer.num_update]


def counts_of_keys(mx):
    optimizer = mx.optimizer.Adam(learning_rate=0.1)
    kv = mx.kv.create("local")
    kv.init([0, 1], [mx.nd.ones((2,))] * 2)
    kv.set_optimizer(optimizer)
    for key in (0, 0, 0, 1):
        kv.push(key, mx.nd.ones((2,)))
    return [_pulled(mx, kv, 0), _pulled(mx, kv, 1), optimizer.num_update]


def compression_between_devices(mx):
    kv = mx.kv.create("device")
    return [
        lambda: kv.set_gradient_compression({"type": "2bit", "threshold": 0.5}),
        lambda: kv.set_gradient_compression({"type": "foo"}),
        lambda: kv.set_gradient_compression("2bit"),
    ]
