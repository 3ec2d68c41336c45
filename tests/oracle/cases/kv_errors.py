"""KVStore: calls that should fail, and stores that are plugged in."""


def _kv(mx, kind="local"):
    kv = mx.kv.create(kind)
    kv.init("a", mx.nd.zeros((2,)))
    return kv


def uninitialised_str_key(mx):
    kv, a = _kv(mx), mx.nd.ones((2,))
    return [lambda: kv.push("b", a), lambda: kv.pull("b", out=a), lambda: kv.pushpull("b", a, out=a)]


def uninitialised_int_key(mx):
    kv, a = mx.kv.create("local"), mx.nd.ones((2,))
    return [lambda: kv.push(1, a), lambda: kv.pull(1, out=a)]


def second_init(mx):
    kv = _kv(mx)
    return [lambda: kv.init("a", mx.nd.ones((2,))), lambda: kv.init(["c", "a"], [mx.nd.ones((2,))] * 2)]


def second_init_of_int(mx):
    kv = mx.kv.create("local")
    kv.init(1, mx.nd.ones((2,)))
    return [lambda: kv.init(1, mx.nd.ones((2,)))]


def second_broadcast(mx):
    kv, out = mx.kv.create("local"), mx.nd.zeros((2,))
    kv.broadcast("a", mx.nd.ones((2,)), out)
    return [lambda: kv.broadcast("a", mx.nd.ones((2,)), out)]


def same_key_twice_in_one_init(mx):
    kv = mx.kv.create("local")
    return [lambda: kv.init([1, 1], [mx.nd.ones((2,))] * 2)]


def init_with_a_list_of_values_for_one_key(mx):
    kv = mx.kv.create("local")
    return [lambda: kv.init("z", [mx.nd.ones((2,)), mx.nd.ones((2,))])]


def mismatched_lists(mx):
    kv, a = _kv(mx), mx.nd.ones((2,))
    kv.init("b", a)
    return [lambda: kv.push(["a", "b"], [a]), lambda: kv.push(["a"], [a, a]), lambda: kv.pull(["a", "b"], out=[a]),
            lambda: kv.init(["x", "y"], [a])]


def one_array_for_several_keys(mx):
    kv, a = _kv(mx), mx.nd.ones((2,))
    kv.init("b", a)
    return [lambda: kv.push(["a", "b"], a)]


def values_that_are_no_arrays(mx):
    kv = _kv(mx)
    return [lambda: kv.push("a", 3), lambda: kv.push("a", None), lambda: kv.push("a", "x"), lambda: kv.init("q", 3.5)]


def numpy_values(mx):
    import numpy as np
    kv = _kv(mx)
    return [lambda: kv.push("a", np.ones(2)), lambda: kv.init("q", np.ones(2)), lambda: kv.pull("a", out=np.ones(2))]


def keys_that_are_no_keys(mx):
    kv, a = _kv(mx), mx.nd.ones((2,))
    return [lambda: kv.init(1.5, a), lambda: kv.init(None, a), lambda: kv.push({"a": 1}, a)]


def keys_of_two_types_in_one_call(mx):
    kv, a = mx.kv.create("local"), mx.nd.ones((2,))
    return [lambda: kv.init([1, "b"], [a, a]), lambda: kv.init(["b", 1], [a, a])]


def pull_without_out(mx):
    kv = _kv(mx)
    return [lambda: kv.pull("a")]


def pull_of_another_shape(mx):
    kv = _kv(mx)
    out = mx.nd.zeros((3,))
    return [lambda: [kv.pull("a", out=out), out.asnumpy()]]


def push_of_another_shape_with_optimizer(mx):
    kv = _kv(mx)
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.1))
    out = mx.nd.zeros((2,))
    return [lambda: [kv.push("a", mx.nd.ones((3,))), kv.pull("a", out=out), out.asnumpy()]]


def push_of_devices_with_unlike_shapes(mx):
    kv = _kv(mx)
    out = mx.nd.zeros((2,))
    return [lambda: [kv.push("a", [mx.nd.ones((2,)), mx.nd.ones((3,), mx.cpu(1))]), kv.pull("a", out=out),
                     out.asnumpy()]]


def set_optimizer_of_no_optimizer(mx):
    kv = _kv(mx)
    return [lambda: kv.set_optimizer("sgd"), lambda: kv.set_optimizer(None)]


def row_sparse_pull_of_dense(mx):
    kv = _kv(mx)
    return [lambda: kv.row_sparse_pull("a", out=mx.nd.zeros((2,)), row_ids=mx.nd.array([0])),
            lambda: kv.row_sparse_pull("a", row_ids=mx.nd.array([0])),
            lambda: kv.row_sparse_pull("a", out=mx.nd.zeros((2,)))]


def compression_of_one_process(mx):
    kv = mx.kv.create("local")
    return [lambda: kv.set_gradient_compression({"type": "2bit", "threshold": 0.5})]


def store_works_after_an_error(mx):
    kv = _kv(mx)
    errors = [lambda: kv.push("nope", mx.nd.ones((2,))), lambda: kv.init("a", mx.nd.ones((2,)))]

    def after():
        kv.push("a", mx.nd.full((2,), 4))
        out = mx.nd.zeros((2,))
        kv.pull("a", out=out)
        return out

    return [*errors, after]


def registered_store(mx):
    @mx.kv.KVStoreBase.register
    class MyStore(mx.kv.KVStoreBase):
        def broadcast(self, key, value, out, priority=0):
            for array in (out if isinstance(out, list) else [out]):
                array[:] = value

        def pushpull(self, key, value, out=None, priority=0):
            total = sum(v.copyto(mx.cpu(0)) for v in value)
            for array in (value if out is None else out):
                array[:] = total * 10

        @staticmethod
        def is_capable(capability):
            return False

        @property
        def type(self):
            return "mystore"

        @property
        def rank(self):
            return 0

        @property
        def num_workers(self):
            return 1

    kv = mx.kv.create("mystore")
    out = [mx.nd.zeros((2,)) for _ in range(2)]
    kv.broadcast("a", mx.nd.ones((2,)), out)
    grads = [mx.nd.ones((2,)), mx.nd.ones((2,), mx.cpu(1))]
    kv.pushpull("a", grads)
    return [type(kv).__name__, out, grads, type(mx.kv.create("MyStore")).__name__]


def register_gives_the_class_back(mx):
    class Another(mx.kv.KVStoreBase):
        pass

    return [mx.kv.KVStoreBase.register(Another) is Another, "another" in mx.kv.KVStoreBase.kv_registry]


def base_methods_are_not_implemented(mx):
    @mx.kv.KVStoreBase.register
    class Bare(mx.kv.KVStoreBase):
        pass

    kv = mx.kv.create("bare")
    a = mx.nd.ones((2,))
    return [lambda: kv.broadcast("a", a, a), lambda: kv.pushpull("a", a), lambda: kv.set_optimizer(None),
            lambda: kv.is_capable("optimizer"), lambda: kv.type, lambda: kv.rank, lambda: kv.num_workers,
            lambda: kv.save_optimizer_states("f"), lambda: kv.load_optimizer_states("f")]


def teststore_broadcast(mx):
    kv = mx.kv.create("teststore")
    outs = [mx.nd.zeros((2,), mx.cpu(i)) for i in range(2)]
    kv.broadcast(0, mx.nd.full((2,), 3), outs)
    one = mx.nd.zeros((2,))
    kv.broadcast("b", mx.nd.full((2,), 4), one)
    return [outs, one]


def teststore_pushpull(mx):
    kv = mx.kv.create("teststore")
    grads = [mx.nd.full((2,), i + 1) for i in range(3)]
    kv.pushpull(0, grads)
    outs = [mx.nd.zeros((2,)) for _ in range(2)]
    kv.pushpull(0, [mx.nd.ones((2,)), mx.nd.ones((2,))], out=outs)
    out = mx.nd.zeros((2,))
    kv.pushpull(0, mx.nd.full((2,), 8), out=out)
    return [grads, outs, out]


def teststore_facts(mx):
    kv = mx.kv.create("teststore")
    return [kv.type, kv.rank, kv.num_workers, kv.is_capable("optimizer"), type(kv).__name__,
            isinstance(kv, mx.kv.KVStoreBase), isinstance(mx.kv.create("local"), mx.kv.KVStoreBase),
            isinstance(mx.kv.create("local"), mx.kv.KVStore)]
