"""NDArray: creation, dtypes, contexts, printing, conversions."""

import numpy as np


def from_lists(mx):
    return [mx.nd.array(v) for v in ([1, 2], [1.5], [[1, 2], [3, 4]], (1, 2), [True, False], [[]], [[[1]]])]


def from_numpy_of_each_dtype(mx):
    return {
        d: mx.nd.array(np.array([0, 1, 2], dtype=d))
        for d in ("float16", "float32", "float64", "int8", "int32", "int64", "uint8")
    }


def from_numpy_of_other_dtypes(mx):
    return {
        d: lambda d=d: mx.nd.array(np.array([0, 1, 2], dtype=d))
        for d in ("bool", "int16", "uint16", "uint32", "uint64", "complex64")
    }


def with_dtype(mx):
    return {
        str(d): mx.nd.array([1.7, -1.2, 3], dtype=d)
        for d in ("float16", "float32", "float64", "int32", "int64", "int8", np.float64, np.int32, int, float)
    }


def from_ndarray(mx):
    a = mx.nd.array([1, 2], dtype="int32")
    b = mx.nd.array(a)
    b[:] = 9
    return [a, b, mx.nd.array(a, dtype="float64")]


def array_protocol(mx):
    a = mx.nd.array([[1, 2]], dtype="float64")
    return [lambda: np.array(a), lambda: np.asarray(a).dtype]


def from_list_of_ndarrays(mx):
    return [lambda: mx.nd.array([mx.nd.array([1, 2]), mx.nd.array([3, 4])])]


def from_numpy_is_a_copy(mx):
    n = np.ones(3, dtype="float32")
    a = mx.nd.array(n)
    n[:] = 5
    return a


def from_non_contiguous_numpy(mx):
    n = np.arange(6, dtype="float32").reshape(2, 3)
    return [mx.nd.array(n.T), mx.nd.array(n[:, ::-1]), mx.nd.array(np.asfortranarray(n))]


def filled(mx):
    nd = mx.nd
    return [
        nd.zeros((2, 3)),
        nd.ones(2),
        nd.full((2,), 7),
        nd.full(3, 1.5, dtype="float16"),
        nd.zeros((1,), dtype="int64"),
        nd.ones((2, 2), dtype=np.uint8),
        nd.zeros_like(nd.ones((2,), dtype="int32")),
        nd.ones_like(nd.zeros((2,))),
        nd.zeros((2,), ctx=mx.cpu(1)),
        nd.empty((3, 2)).shape,
    ]


def bad_shapes(mx):
    nd = mx.nd
    return [
        lambda: nd.zeros((-2, 3)).asnumpy(),
        lambda: nd.zeros("ab"),
        lambda: nd.zeros((1.5,)),
        lambda: nd.zeros(2.5),
        lambda: nd.ones((2.0, 1)),
        lambda: nd.zeros(None),
        lambda: nd.zeros(),
        lambda: nd.full((2.5,), 1),
    ]


def ranges(mx):
    nd = mx.nd
    return [
        nd.arange(4),
        nd.arange(2, 6),
        nd.arange(0, 1, 0.3),
        nd.arange(5, 0, -2),
        nd.arange(3, dtype="int32"),
        nd.arange(0, 2, repeat=3),
        nd.linspace(0, 1, 3),
        nd.linspace(0, 1, 3, endpoint=False),
        nd.eye(3),
        nd.eye(2, 3, 1, dtype="int32"),
        lambda: nd.arange(0, 3, 0),
    ]


def empty_ranges(mx):
    return [lambda: mx.nd.arange(3, 1), lambda: mx.nd.arange(0)]


def facts(mx):
    a = mx.nd.zeros((2, 3, 4), dtype="float16")
    return [
        a.shape,
        a.size,
        a.ndim,
        a.dtype,
        a.context,
        a.ctx,
        a.stype,
        len(a),
        a.T.shape,
        type(a).__name__,
        type(a.dtype).__name__,
    ]


def dtype_is_the_numpy_class(mx):
    a = mx.nd.zeros((1,), dtype="int32")
    return [a.dtype == np.int32, a.dtype is np.int32, mx.nd.zeros((1,)).dtype == np.float32, a.dtype == "int32"]


def printed(mx):
    nd = mx.nd
    return [
        str(a)
        for a in (
            nd.array([1, 2]),
            nd.array([[1, 2.5], [3, 4]]),
            nd.array(3),
            nd.zeros((2,), dtype="int32"),
            nd.ones((1, 2, 2)),
            nd.array([1e-8, 1]),
            nd.array([1e9, 1]),
            nd.array([np.nan, np.inf]),
            nd.zeros((2, 2), mx.cpu(3)),
            nd.array([0.1, 1 / 3], dtype="float64"),
            nd.array([0.1], dtype="float16"),
            nd.array([True, False]),
        )
    ]


def printed_long(mx):
    return [
        repr(mx.nd.arange(1001)),
        repr(mx.nd.zeros((40, 40))),
        repr(mx.nd.arange(30)),
        str(mx.nd.arange(200).reshape((10, 20)) / 7),
    ]


def printed_in_a_format(mx):
    a = mx.nd.array([1.25])
    return [f"{a}", f"{a.asscalar():.3f}", str([a])]


def numbers_of_one(mx):
    a = mx.nd.array([2.5])
    return [a.asscalar(), bool(a), type(a.asscalar()).__name__, mx.nd.array([3], dtype="int32").asscalar()]


def numbers_of_one_by_python(mx):
    return [
        lambda: float(mx.nd.array([2.5])),
        lambda: int(mx.nd.array([2.5])),
        lambda: range(5)[mx.nd.array([3], dtype="int32")],
    ]


def numbers_of_several(mx):
    a = mx.nd.array([1, 2])
    return [lambda: a.asscalar(), lambda: bool(a), lambda: bool(mx.nd.zeros((1, 1)))]


def asnumpy(mx):
    a = mx.nd.array([[1, 2]], dtype="float64")
    n = a.asnumpy()
    n[:] = 7
    return [n, a, np.mean(a.asnumpy())]


def astype(mx):
    a = mx.nd.array([1.9, -1.9, 100.5])
    return [
        *[a.astype(d) for d in ("int32", "int64", "uint8", "int8", "float16", "float64", np.int32)],
        a.astype("float32") is a,
        a.astype("float32", copy=False) is a,
        lambda: a.astype("nonsense"),
    ]


def copies(mx):
    a = mx.nd.array([1, 2])
    b, c, d = a.copy(), a.copyto(mx.cpu(1)), mx.nd.zeros((2,))
    e = a.copyto(d)
    a[:] = 9
    return [b, c, d, e is d]


def copyto_others(mx):
    a = mx.nd.array([1.5, 2.5])
    return [
        a.copyto(mx.nd.zeros((2,), dtype="int32")),
        lambda: a.copyto(mx.nd.zeros((3,))).asnumpy(),
        lambda: a.copyto("cpu"),
    ]


def contexts(mx):
    a = mx.nd.ones((2,), ctx=mx.cpu(2))
    return [
        a.context,
        a.as_in_context(mx.cpu(2)) is a,
        a.as_in_context(mx.cpu(1)),
        (a + a).context,
        a[0:1].context,
        a.copy().context,
        a.astype("int32").context,
        str(mx.cpu(1)),
        repr(mx.cpu()),
        mx.cpu(0) == mx.cpu(),
        mx.cpu(1) != mx.cpu(2),
        hash(mx.cpu(1)) == hash(mx.cpu(1)),
        mx.cpu(3).device_id,
        mx.cpu().device_type,
    ]


def context_scope(mx):
    with mx.Context("cpu", 3):
        a = mx.nd.zeros((1,))
        with mx.cpu(1):
            b = mx.nd.zeros((1,))
        c = mx.current_context()
    return [a, b, c, mx.current_context()]


def gpu_is_refused(mx):
    return [str(mx.gpu(1)), mx.context.num_gpus(), lambda: mx.nd.zeros((1,), ctx=mx.gpu()).asnumpy()]


def operations_across_contexts(mx):
    a, b = mx.nd.ones((2,)), mx.nd.ones((2,), ctx=mx.cpu(1))
    return [lambda: (a + b).asnumpy()]


def truth(mx):
    return [lambda v=v: bool(mx.nd.array(v)) for v in ([0], [1], [[5]], [1, 2], [])]


def contains_and_iteration(mx):
    a = mx.nd.array([[1, 2], [3, 4]])
    return [[r.shape for r in a], list(a), lambda: list(mx.nd.array(3)), len(a), [float(v.asscalar()) for v in a[0]]]


def waiting(mx):
    a = mx.nd.ones((2,)) * 2
    return [a.wait_to_read(), mx.nd.waitall(), a]


def hash_and_identity(mx):
    a, b = mx.nd.ones((2,)), mx.nd.ones((2,))
    return [a is a, len({id(a), id(b)}), isinstance(hash(a), int), a in {id(a): 1}, {a: 1}[a]]


def size_zero(mx):
    a = mx.nd.array([])
    return [a.shape, a.size, str(a)]


def seeds(mx):
    mx.random.seed(5)
    a = mx.nd.random.uniform(shape=(3,))
    mx.random.seed(5)
    b = mx.nd.random.uniform(shape=(3,))
    return [
        a,
        b,
        mx.nd.random.normal(shape=(3,)),
        mx.nd.random.randint(0, 10, shape=(5,)),
        mx.nd.random.uniform(-2, 2, shape=(2, 2), dtype="float64"),
        mx.nd.random.normal(1, 0.1, (2,)),
        mx.random.uniform(shape=(1,)),
        mx.nd.random.uniform(),
        mx.nd.random.randn(2, 2),
    ]


def random_into_out(mx):
    out = mx.nd.zeros((3,))
    back = mx.nd.random.uniform(0, 1, out=out)
    return [out, back is out]
