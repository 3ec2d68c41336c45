"""Autograd: gradients through views, indexing, shapes, casts, contexts and the operators that scripts use."""


def _grads(mx, function, *arrays):
    """y, and the gradients of all arrays for a head gradient of 1, 2, 3, …"""
    arrays = [a if isinstance(a, mx.nd.NDArray) else mx.nd.array(a) for a in arrays]
    for a in arrays:
        a.attach_grad()
    with mx.autograd.record():
        y = function(*arrays)
    head = mx.nd.arange(1, y.size + 1).reshape(y.shape).astype(y.dtype)
    y.backward(head)
    return [y, [a.grad for a in arrays]]


M = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
V = [0.5, -1.5, 2.5]


def basic_indexing(mx):
    return [
        _grads(mx, f, M)
        for f in (
            lambda x: x[0],
            lambda x: x[1, 2],
            lambda x: x[0:1],
            lambda x: x[:, 1],
            lambda x: x[::-1],
            lambda x: x[:, ::2],
            lambda x: x[-1],
            lambda x: x[..., 0],
            lambda x: x[None, 1],
            lambda x: x[:],
        )
    ]


def advanced_indexing(mx):
    nd = mx.nd
    return [
        _grads(mx, f, M)
        for f in (
            lambda x: x[nd.array([0, 1, 0])],
            lambda x: x[[1, 0, 1]],
            lambda x: x[nd.array([0, 1]), nd.array([2, 2])],
            lambda x: x[:, [0, 0, 2]],
        )
    ]


def indexing_twice(mx):
    return _grads(mx, lambda x: x[0][1:] * x[1][:2], M)


def reshape_family(mx):
    return [
        _grads(mx, f, M)
        for f in (
            lambda x: x.reshape((3, 2)),
            lambda x: x.reshape((-1,)),
            lambda x: x.T,
            lambda x: x.flatten(),
            lambda x: x.expand_dims(1),
            lambda x: x.swapaxes(0, 1),
            lambda x: x.reshape((0, 3, 1)).squeeze(),
            lambda x: x.transpose((1, 0)),
        )
    ]


def slices(mx):
    nd = mx.nd
    return [
        _grads(mx, f, M)
        for f in (
            lambda x: nd.slice(x, begin=(0, 1), end=(2, 3)),
            lambda x: x.slice_axis(axis=1, begin=1, end=None),
            lambda x: nd.slice(x, begin=(None, 2), end=(None, None), step=(None, -2)),
            lambda x: nd.slice_like(x, nd.zeros((1, 2))),
        )
    ]


def broadcasting(mx):
    return [
        _grads(mx, f, M, V)
        for f in (
            lambda x, v: x + v,
            lambda x, v: x * v,
            lambda x, v: v / x,
            lambda x, v: v - x,
            lambda x, v: x ** (v * v),
            lambda x, v: mx.nd.maximum(x, v),
            lambda x, v: mx.nd.broadcast_minimum(x, v),
        )
    ]


def broadcasting_both_ways(mx):
    return _grads(mx, lambda a, b: a * b, [[1.0], [2.0]], [[3.0, 4.0, 5.0]])


def scalars(mx):
    return [
        _grads(mx, f, V)
        for f in (
            lambda x: x + 2,
            lambda x: 2 - x,
            lambda x: x * 3,
            lambda x: 3 / x,
            lambda x: x / 4,
            lambda x: x**2,
            lambda x: 2**x,
            lambda x: -x,
            lambda x: x % 2,
            lambda x: 5 % x,
            lambda x: abs(x),
        )
    ]


def reductions(mx):
    nd = mx.nd
    return [
        _grads(mx, f, M)
        for f in (
            nd.sum,
            nd.mean,
            nd.max,
            nd.min,
            nd.prod,
            nd.norm,
            lambda x: x.sum(axis=0),
            lambda x: x.mean(axis=1, keepdims=True),
            lambda x: x.max(axis=1),
            lambda x: x.prod(axis=0),
            lambda x: nd.sum(x, axis=0, exclude=True),
            lambda x: x.norm(axis=1),
        )
    ]


def max_of_ties(mx):
    return [
        _grads(mx, mx.nd.max, [1.0, 3.0, 3.0]),
        _grads(mx, lambda x: mx.nd.min(x, axis=1), [[2.0, 2.0], [1.0, 4.0]]),
        _grads(mx, mx.nd.maximum, [1.0, 2.0], [1.0, 3.0]),
    ]


def dots(mx):
    nd = mx.nd
    return [
        _grads(mx, nd.dot, M, [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
        _grads(mx, nd.dot, V, V),
        _grads(mx, lambda a, b: nd.dot(a, b, transpose_b=True), M, [V]),
        _grads(mx, lambda a, b: nd.dot(a, b, transpose_a=True), M, [[1.0], [2.0]]),
        _grads(mx, nd.batch_dot, [M, M], [[[1.0], [2.0], [3.0]], [[0.0], [1.0], [0.0]]]),
    ]


def joins(mx):
    nd = mx.nd
    return [
        _grads(mx, lambda a, b: nd.concat(a, b, dim=1), M, M),
        _grads(mx, lambda a, b: nd.stack(a, b, axis=1), V, V),
        _grads(mx, lambda a, b: nd.concat(a, b, a, dim=0), M, M),
        _grads(mx, lambda a, b: nd.add_n(a, b, a), V, V),
    ]


def splits(mx):
    nd = mx.nd
    return [
        _grads(mx, lambda x: nd.split(x, num_outputs=3, axis=1)[1], M),
        _grads(mx, lambda x: nd.split(x, num_outputs=2, axis=0, squeeze_axis=True)[0], M),
        _grads(mx, lambda x: sum(p * (i + 1) for i, p in enumerate(nd.split(x, num_outputs=3, axis=1))), M),
    ]


def backward_from_two_outputs_of_split(mx):
    x = mx.nd.array(M)
    x.attach_grad()
    with mx.autograd.record():
        a, _, c = mx.nd.split(x, num_outputs=3, axis=1)
    mx.autograd.backward([a, c], [mx.nd.full((2, 1), 5), mx.nd.full((2, 1), 7)])
    return x.grad


def take_and_pick(mx):
    nd = mx.nd
    return [
        _grads(mx, lambda x: nd.take(x, nd.array([0, 1, 1])), M),
        _grads(mx, lambda x: nd.take(x, nd.array([0, 2, 2]), axis=1), M),
        _grads(mx, lambda x: nd.pick(x, nd.array([0, 2])), M),
        _grads(mx, lambda x: nd.gather_nd(x, nd.array([[0, 1, 0], [2, 0, 2]])), M),
        _grads(mx, lambda x: nd.Embedding(nd.array([1, 0, 1]), x, input_dim=2, output_dim=3), M),
    ]


def where(mx):
    nd = mx.nd
    c = nd.array([1, 0, 1])
    return [
        _grads(mx, lambda a, b: nd.where(c, a, b), V, [7.0, 8.0, 9.0]),
        _grads(mx, lambda a: nd.where(a > 0, a, nd.zeros_like(a)), V),
        _grads(mx, lambda a: a * (a > 0), V),
    ]


def clip_and_relu(mx):
    nd = mx.nd
    return [
        _grads(mx, lambda x: nd.clip(x, -1, 2), [-2.0, -1.0, 0.0, 2.0, 3.0]),
        _grads(mx, nd.relu, [-1.0, 0.0, 1.0]),
        _grads(mx, nd.abs, [-1.0, 0.0, 1.0]),
        _grads(mx, nd.sign, [-1.0, 0.0, 1.0]),
        _grads(mx, nd.floor, V),
        _grads(mx, nd.round, V),
    ]


def repeats(mx):
    nd = mx.nd
    return [
        _grads(mx, lambda x: nd.tile(x, (2, 2)), V),
        _grads(mx, lambda x: nd.repeat(x, 2, axis=0), M),
        _grads(mx, lambda x: nd.broadcast_to(x, (2, 3)), [V]),
        _grads(mx, lambda x: x.broadcast_like(nd.ones((4, 3))), [V]),
        _grads(mx, lambda x: nd.flip(x, axis=1), M),
        _grads(mx, lambda x: nd.pad(x, mode="constant", pad_width=(0, 0, 0, 0, 1, 1, 0, 1)), [[M]]),
    ]


def softmaxes(mx):
    nd = mx.nd
    return [
        _grads(mx, nd.softmax, M),
        _grads(mx, nd.log_softmax, M),
        _grads(mx, lambda x: nd.softmax(x, axis=0), M),
        _grads(mx, lambda x: -nd.pick(nd.log_softmax(x), nd.array([0, 2])), M),
    ]


def sort(mx):
    return _grads(mx, mx.nd.sort, [3.0, 1.0, 2.0])


def topk(mx):
    return _grads(mx, lambda x: mx.nd.topk(x, k=2, ret_typ="value"), [3.0, 1.0, 2.0])
