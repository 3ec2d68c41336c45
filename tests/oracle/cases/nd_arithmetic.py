"""NDArray: arithmetic, comparison, promotion, in-place operators, reductions."""

import operator

import numpy as np

DTYPES = ("float16", "float32", "float64", "int32", "int64", "int8", "uint8")
ARITHMETIC = ("add", "sub", "mul", "truediv", "mod", "pow")
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")


def _pair(mx, left, right):
    return mx.nd.array([7, 2, 5], dtype=left), mx.nd.array([2, 3, 5], dtype=right)


def arithmetic_of_one_dtype(mx):
    return {d: {n: lambda n=n, d=d: getattr(operator, n)(*_pair(mx, d, d)) for n in ARITHMETIC} for d in DTYPES}


def comparisons_of_one_dtype(mx):
    return {d: {n: lambda n=n, d=d: getattr(operator, n)(*_pair(mx, d, d)) for n in COMPARISONS} for d in DTYPES}


def additions_of_two_dtypes(mx):
    return {f"{a} {b}": lambda a=a, b=b: operator.add(*_pair(mx, a, b)) for a in DTYPES for b in DTYPES if a != b}


def products_of_two_dtypes(mx):
    return {f"{a} {b}": lambda a=a, b=b: operator.mul(*_pair(mx, a, b)) for a in DTYPES for b in DTYPES if a != b}


def other_operators_of_two_dtypes(mx):
    return {
        f"{n} {a} {b}": lambda n=n, a=a, b=b: getattr(operator, n)(*_pair(mx, a, b))
        for n in ("sub", "truediv", "mod", "pow", "eq", "gt")
        for a, b in (
            ("float32", "int32"),
            ("int32", "float32"),
            ("float64", "float32"),
            ("float16", "float32"),
            ("int64", "int32"),
        )
    }


def scalars_on_the_right(mx):
    return {
        f"{n} {d} {s}": lambda n=n, d=d, s=s: getattr(operator, n)(mx.nd.array([7, 2, 5], dtype=d), s)
        for n in ARITHMETIC
        for d in ("float32", "float16", "float64", "int32", "uint8")
        for s in (2, 2.5)
    }


def scalars_on_the_left(mx):
    return {
        f"{n} {d} {s}": lambda n=n, d=d, s=s: getattr(operator, n)(s, mx.nd.array([7, 2, 5], dtype=d))
        for n in ARITHMETIC
        for d in ("float32", "float16", "float64", "int32")
        for s in (2, 2.5)
    }


def comparisons_with_scalars(mx):
    return {
        f"{n} {d} {s}": lambda n=n, d=d, s=s: getattr(operator, n)(mx.nd.array([7, 2, 5], dtype=d), s)
        for n in COMPARISONS
        for d in ("float32", "float64", "int32")
        for s in (2, 2.5)
    }


def numpy_scalars(mx):
    a = mx.nd.array([1, 2])
    return [
        a * np.float32(2),
        a + np.int64(1),
        np.float64(3) - a,
        np.float32(2) / a,
        a ** np.float16(2),
        a * True,
        a > np.float64(1.5),
    ]


def numpy_arrays(mx):
    a, n = mx.nd.array([1, 2]), np.array([3.0, 4.0])
    return [lambda: a + n, lambda: n + a, lambda: a == n]


def things_that_are_no_numbers(mx):
    a = mx.nd.array([1, 2])
    return [
        lambda: a + "x",
        lambda: a + None,
        lambda: a * [1, 2],
        lambda: a + (1,),  # noqa: RUF005
        lambda: a < "b",
        lambda: a / {},
    ]


def none_minus_an_array(mx):
    return [lambda: None - mx.nd.array([1, 2])]


def equality_with_other_things(mx):
    a = mx.nd.array([1, 2])
    return [lambda: a == None, lambda: a != None, lambda: a == "x"]  # noqa: E711


def shapes_that_do_not_broadcast(mx):
    return [
        lambda: (mx.nd.ones((2,)) + mx.nd.ones((3,))).asnumpy(),
        lambda: (mx.nd.ones((2, 3)) * mx.nd.ones((2,))).asnumpy(),
        lambda: (mx.nd.ones((2,)) > mx.nd.ones((3,))).asnumpy(),
    ]


def broadcasting(mx):
    a, b = mx.nd.arange(6).reshape((2, 3)), mx.nd.array([10, 20, 30])
    return [
        a + b,
        b - a,
        a * mx.nd.array([[2], [3]]),
        a + mx.nd.array([5]),
        mx.nd.ones((2, 1)) + mx.nd.ones((1, 2)),
        a > b,
        a + mx.nd.array(3).reshape((1,)),
    ]


def unary(mx):
    a = mx.nd.array([-1.5, 0, 2.5])
    return [
        -a,
        abs(a),
        lambda: +a,
        lambda: ~a,
        lambda: round(a),
        a**0,
        (-mx.nd.array([1, 2], dtype="int32")),
        lambda: a @ a,
        lambda: a // 2,
        lambda: divmod(a, 2),
    ]


def division_by_zero(mx):
    a = mx.nd.array([1, 0, -1])
    return [a / 0, 1 / a, a % 2, mx.nd.array([1, -1], dtype="int32") % 3, a**-1, (a * 0) / (a * 0)]


def inplace(mx):
    results = []
    for name in ("iadd", "isub", "imul", "itruediv", "imod", "ipow"):
        for other in (2, mx.nd.array([2, 3, 4])):
            a = mx.nd.array([7, 2, 5])
            b = a
            results.append(lambda name=name, a=a, b=b, other=other: [getattr(operator, name)(a, other) is b, b])
    return results


def inplace_with_broadcast(mx):
    a = mx.nd.ones((2, 3))
    a += mx.nd.array([1, 2, 3])
    b = mx.nd.ones((3,))
    return [a, lambda: b.__iadd__(mx.nd.ones((2, 3)))]


def inplace_of_dtypes(mx):
    results = {}
    for d in ("float16", "float64", "int32", "uint8"):
        for s in (2, 2.5):
            for n in ("iadd", "imul", "itruediv"):
                results[f"{n} {d} {s}"] = lambda d=d, s=s, n=n: getattr(operator, n)(mx.nd.array([7, 2, 5], dtype=d), s)
    return results


def inplace_on_a_view(mx):
    a = mx.nd.arange(6).reshape((2, 3))
    a[1] += 10
    a[:, 0] *= 2
    a[0, 1:] -= 1
    b = a[0:1]
    b += 100
    return a


def inplace_through_a_second_name(mx):
    a = mx.nd.ones((2,))
    b = a
    b += 1
    c = a
    c = c + 1
    return [a, b, c]


def reductions(mx):
    a = mx.nd.array([[1, -2, 3], [4, 5, -6]])
    return {
        n: [
            getattr(a, n)(),
            getattr(a, n)(axis=0),
            getattr(a, n)(axis=1, keepdims=True),
            getattr(mx.nd, n)(a, axis=-1),
            getattr(a, n)(axis=(0, 1)),
        ]
        for n in ("sum", "mean", "max", "min", "prod")
    }


def reductions_of_dtypes(mx):
    return {
        f"{n} {d}": lambda n=n, d=d: getattr(mx.nd.array([[1, 2], [3, 5]], dtype=d), n)(axis=1)
        for n in ("sum", "mean", "max", "prod", "argmax", "norm")
        for d in ("float16", "float64", "int32", "int64", "uint8")
    }


def reduction_to_a_scalar(mx):
    a = mx.nd.arange(6).reshape((2, 3))
    return [
        a.sum().shape,
        a.sum().asscalar(),
        a.mean().asscalar(),
        a.max().asscalar(),
        a.norm(),
        a.sum() / 2,
        a.argmax(axis=1),
        mx.nd.argmin(a, axis=0),
    ]


def reductions_of_no_axes(mx):
    a = mx.nd.array([[1, -2, 3], [4, 5, -6]])
    return [
        getattr(a, n)(axis=axis, keepdims=keepdims, exclude=exclude)
        for n in ("sum", "mean", "max", "prod", "nansum")
        for axis in ((), None)
        for keepdims in (False, True)
        for exclude in (False, True)
    ]


def wrong_axes(mx):
    a = mx.nd.ones((2, 3))
    return [
        lambda: a.sum(axis=2).asnumpy(),
        lambda: a.max(axis=-3).asnumpy(),
        lambda: a.mean(axis="x"),
        lambda: a.sum(axis=1.5),
    ]


def functions_of_arrays(mx):
    nd = mx.nd
    a = mx.nd.array([0.5, 1, 2])
    return {
        n: lambda n=n: getattr(nd, n)(a)
        for n in (
            "exp",
            "log",
            "sqrt",
            "square",
            "sin",
            "cos",
            "tanh",
            "sigmoid",
            "relu",
            "floor",
            "ceil",
            "round",
            "rint",
            "fix",
            "trunc",
            "sign",
            "reciprocal",
            "rsqrt",
            "cbrt",
            "log1p",
            "expm1",
            "log2",
            "log10",
            "erf",
            "logical_not",
        )
    }


def functions_of_two_arrays(mx):
    nd = mx.nd
    a, b = nd.array([[1, 5], [2, 0]]), nd.array([[3, 2], [2, 1]])
    return {
        n: lambda n=n: getattr(nd, n)(a, b)
        for n in (
            "maximum",
            "minimum",
            "broadcast_add",
            "broadcast_sub",
            "broadcast_mul",
            "broadcast_div",
            "broadcast_mod",
            "broadcast_power",
            "broadcast_maximum",
            "broadcast_hypot",
            "broadcast_equal",
            "broadcast_lesser",
            "broadcast_logical_and",
            "elemwise_add",
            "elemwise_mul",
            "dot",
            "logical_or",
            "equal",
            "greater_equal",
            "add",
            "power",
            "modulo",
            "add_n",
        )
    }


def dots(mx):
    nd = mx.nd
    a, b = nd.arange(6).reshape((2, 3)), nd.arange(12).reshape((3, 4))
    return [
        nd.dot(a, b),
        nd.dot(a, a, transpose_b=True),
        nd.dot(a, a, transpose_a=True),
        nd.dot(b[:, 0], b[:, 1]),
        nd.dot(a, b[:, 0]),
        nd.dot(nd.ones((2, 2, 3)), b).shape,
        lambda: nd.dot(a, a).asnumpy(),
        lambda: nd.dot(a, b.astype("float64")).asnumpy(),
    ]


def parameters_of_wrong_types(mx):
    nd, a = mx.nd, mx.nd.arange(12).reshape((3, 4))
    return {
        n: lambda f=f: f().asnumpy()
        for n, f in {
            "sum 1.5": lambda: a.sum(axis=1.5),
            "sum 1.0": lambda: a.sum(axis=1.0),
            "sum x": lambda: a.sum(axis="x"),
            "argmax": lambda: a.argmax(axis=1.5),
            "concat": lambda: nd.concat(a, a, dim=1.5),
            "expand_dims": lambda: a.expand_dims(1.5),
            "topk": lambda: a.topk(k=1.5),
            "softmax": lambda: nd.softmax(a, axis=0.5),
            "swapaxes": lambda: a.swapaxes(0.0, 1.0),
            "transpose": lambda: a.transpose((1.0, 0.0)),
            "tile": lambda: a.tile((1.5,)),
            "repeat": lambda: a.repeat(1.5),
            "one_hot": lambda: nd.one_hot(a[0], 3.5),
            "unknown": lambda: a.sum(axes=1),
            "dropout": lambda: nd.Dropout(a, p=1.5),
            "dense": lambda: nd.FullyConnected(a, a, num_hidden=2),
            "dense without": lambda: nd.FullyConnected(a, a, no_bias=True),
            "act": lambda: nd.Activation(a, act_type="foo"),
            "slice_axis": lambda: a.slice_axis(axis=1.5, begin=0, end=1),
            "max": lambda: a.max(axis=0.5),
            "pick": lambda: nd.pick(a, a[:, 0], axis=0.5),
            "take": lambda: nd.take(a, a[0], axis=0.5),
            "split": lambda: a.split(1.5)[0],
            "stack": lambda: nd.stack(a, a, axis=0.5),
            "flip": lambda: a.flip(axis=0.5),
            "broadcast_to": lambda: a.broadcast_to((3.5, 4)),
            "norm": lambda: a.norm(axis=0.5),
            "sort": lambda: a.sort(axis=0.5),
            "squeeze": lambda: nd.ones((1, 2)).squeeze(axis=0.5),
        }.items()
    }


def out_arrays(mx):
    nd = mx.nd
    a, out = nd.array([1, 4, 9]), nd.zeros((3,))
    back = nd.sqrt(a, out=out)
    return [
        out,
        back is out,
        nd.broadcast_add(a, a, out=a) is a,
        a,
        lambda: nd.sqrt(a, out=nd.zeros((2,))).asnumpy(),
        lambda: nd.elemwise_add(a, a, out=nd.zeros((3,), dtype="float64")),
    ]


def clips(mx):
    a = mx.nd.array([-1, 0.5, 3])
    return [a.clip(0, 1), mx.nd.clip(a, a_min=-0.5, a_max=2)]
