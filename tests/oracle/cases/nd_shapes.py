"""NDArray: indexing, assignment, shapes, views that share memory, joining."""

import numpy as np


def _a(mx):
    return mx.nd.arange(12).reshape((3, 4))


def integers_and_slices(mx):
    a = _a(mx)
    return [
        a[0],
        a[-1],
        a[1, 2],
        a[1][2],
        a[0:2],
        a[:, 1],
        a[1:, 2:],
        a[::2],
        a[:, ::-1],
        a[...],
        a[..., 1],
        a[1, ...],
        a[:],
        a[None],
        a[:, None, 1],
        a[5:9],
    ]


def empty_slices(mx):
    return [lambda: _a(mx)[2:1], lambda: _a(mx)[[]]]


def out_of_bounds(mx):
    a = _a(mx)
    return [lambda: a[3], lambda: a[-4], lambda: a[0, 4], lambda: a[0, 0, 0], lambda: a[mx.nd.array([5])].asnumpy()]


def indices_of_other_types(mx):
    a = _a(mx)
    return [
        lambda: a["x"],
        lambda: a[1.5],
        lambda: a[np.int64(1)],
        lambda: a[mx.nd.array([1], dtype="int32")],
        lambda: a[True],
        lambda: a[None, None].shape,
        lambda: a[(0, 1)],
    ]


def advanced(mx):
    a = _a(mx)
    return [
        a[[0, 2]],
        a[mx.nd.array([2, 0])],
        a[np.array([1, 1])],
        a[[0, 1], [2, 3]],
        a[:, [1, 0]],
        a[[0, 2], 1:3],
        a[mx.nd.array([[0, 1], [2, 0]])].shape,
        a[[-1]],
        a[np.array([[0], [1]]), np.array([0, 3])],
    ]


def boolean_masks(mx):
    a = _a(mx)
    return [lambda: a[np.array([True, False, True])], lambda: a[a > 5], lambda: a[mx.nd.array([1, 0, 1])]]


def assignment(mx):
    results = []
    for key, value in (
        (0, 5),
        ((1, 2), -1),
        (slice(0, 2), 7),
        ((slice(None), 1), mx.nd.array([1, 2, 3])),
        (2, np.array([9, 8, 7, 6])),
        (slice(None), 3),
        ((slice(None), slice(0, 2)), mx.nd.array([5, 6])),
        ([0, 2], 0),
        (([0, 1], [1, 2]), mx.nd.array([50, 60])),
        (Ellipsis, 1),
        (slice(None, None, 2), 4),
        (-1, [1, 2, 3, 4]),
        ((slice(1, 3), slice(None, None, -1)), mx.nd.array([1, 2, 3, 4])),
    ):
        a = _a(mx)
        a[key] = value
        results.append(a)
    return results


def assignment_that_does_not_fit(mx):
    a = _a(mx)

    def put(key, value):
        a[key] = value
        return a.asnumpy()

    return [
        lambda: put(0, mx.nd.ones((3,))),
        lambda: put(5, 1),
        lambda: put(slice(None), mx.nd.ones((2, 4))),
        lambda: put(0, "x"),
        lambda: put("k", 1),
        lambda: put((0, 0, 0), 1),
        a,
    ]


def assignment_converts(mx):
    a, b = mx.nd.zeros((2,), dtype="int32"), mx.nd.zeros((2,))
    a[:] = mx.nd.array([1.7, -1.7])
    b[0] = np.float64(0.1)
    b[1:] = mx.nd.array([3], dtype="int64")
    c = mx.nd.zeros((2,), dtype="uint8")
    c[:] = 2.9
    return [a, b, c]


def assignment_from_another_context(mx):
    a = mx.nd.zeros((2,))
    a[:] = mx.nd.ones((2,), ctx=mx.cpu(1))
    return a


def assignment_of_itself(mx):
    a = mx.nd.arange(5)
    a[:] = a * 2
    b = mx.nd.arange(5)
    b[:4] = b[1:].copy()
    return [a, b]


def views_share(mx):
    results = []
    for view in (
        lambda a: a[0],
        lambda a: a[1:3],
        lambda a: a[:],
        lambda a: a.reshape((4, 3)),
        lambda a: a[:, 1],
        lambda a: a[::2],
        lambda a: a.T,
        lambda a: a.flatten(),
        lambda a: a.expand_dims(0),
        lambda a: a.copy(),
        lambda a: a[[0, 1]],
        lambda a: a.reshape((-1,))[2:4],
        lambda a: a[1, 1:3],
        lambda a: a.detach(),
        lambda a: a.astype("float32"),
        lambda a: a.as_in_context(mx.cpu()),
        lambda a: a.squeeze(),
        lambda a: a.slice_axis(axis=0, begin=0, end=1),
        lambda a: a[1][2],
        lambda a: a.reshape((2, 6))[1],
    ):
        a = _a(mx)
        view(a)[:] = -1
        results.append(a)
    return results


def base_seen_through_a_view(mx):
    a = _a(mx)
    row, flat = a[1], a.reshape((12,))
    a[:] = 5
    a += 1
    return [row, flat]


def reshape_codes(mx):
    a = mx.nd.zeros((2, 3, 4))
    return [
        a.reshape(s).shape
        for s in (
            (4, 6),
            (-1,),
            (0, -1),
            (-1, 0),
            (-2,),
            (0, -2),
            (-3, 4),
            (-3, -2),
            (-4, 1, 2, -2),
            (2, -4, -1, 3, 4),
            (0, 0, -1),
            (24,),
            (6, 1, -1),
        )
    ]


def reshape_arguments(mx):
    a = mx.nd.zeros((2, 3))
    return [
        a.reshape(3, 2).shape,
        a.reshape(shape=(6,)).shape,
        a.reshape([1, -1]).shape,
        a.reshape(-1).shape,
        a.reshape((-1, 0), reverse=True).shape,
        a.reshape_like(mx.nd.zeros((6, 1))).shape,
        lambda: a.reshape((4, 2)).asnumpy(),
        lambda: a.reshape((-1, -1)).asnumpy(),
        lambda: a.reshape((-1, 4)).asnumpy(),
        lambda: a.reshape(),
        lambda: a.reshape((2, "x")),
        lambda: a.reshape((2.0, 3.0)),
        lambda: a.reshape(None),
    ]


def shape_methods(mx):
    a = mx.nd.arange(6).reshape((1, 2, 3))
    return [
        a.transpose(),
        a.transpose((0, 2, 1)),
        a.T.shape,
        a.swapaxes(0, 2).shape,
        a.expand_dims(axis=-1).shape,
        a.squeeze().shape,
        a.flatten().shape,
        a.flip(axis=2),
        a.tile((2, 1)).shape,
        a.repeat(2, axis=1).shape,
        a.broadcast_to((2, 2, 3)).shape,
        a.split(3, axis=2)[1],
        a.slice_axis(axis=2, begin=-2, end=None),
        mx.nd.moveaxis(a, 0, -1).shape,
    ]


def bad_shape_arguments(mx):
    a = mx.nd.ones((2, 3))
    return [
        lambda: a.transpose((0, 2)).asnumpy(),
        lambda: a.swapaxes(0, 5).asnumpy(),
        lambda: a.squeeze(axis=0).asnumpy(),
        lambda: a.expand_dims(axis=7).asnumpy(),
        lambda: a.broadcast_to((4, 3)).asnumpy(),
        lambda: a.split(2, axis=1),
        lambda: mx.nd.concat(a, mx.nd.ones((3, 2)), dim=0).asnumpy(),
        lambda: mx.nd.stack(a, mx.nd.ones((2, 2))).asnumpy(),
        lambda: mx.nd.concat(dim=0),
    ]


def setting_the_shape(mx):
    a = mx.nd.ones((2, 3))

    def assign():
        a.shape = (3, 2)

    return [lambda: assign()]


def joins(mx):
    nd = mx.nd
    a, b = nd.ones((2, 2)), nd.zeros((1, 2))
    return [
        nd.concat(a, b, dim=0),
        nd.concatenate([a, b]),
        nd.stack(a, a, axis=-1).shape,
        nd.concat(a, a),
        nd.concatenate([a, a], axis=1),
        [p.shape for p in nd.split(a, 2, axis=0)],
        [p.shape for p in nd.split_v2(nd.ones((5, 2)), (2, 3))],
        nd.concat(a.astype("float64"), b.astype("float64"), dim=0).dtype,
    ]


def joins_of_dtypes(mx):
    nd = mx.nd
    return [
        lambda: nd.concat(nd.ones((1,)), nd.ones((1,), dtype="int32"), dim=0).asnumpy(),
        lambda: nd.stack(nd.ones((1,)), nd.ones((1,), dtype="float64")).asnumpy(),
        lambda: nd.concatenate([nd.ones((1,)), nd.ones((1,), dtype="float64")]),
    ]


def concatenate_of_what_does_not_fit(mx):
    nd = mx.nd
    return [
        lambda: nd.concatenate([]),
        lambda: nd.concatenate([nd.ones((1, 2)), nd.ones((1, 3))]),
        lambda: nd.concatenate([1, 2]),
    ]


def selection(mx):
    nd = mx.nd
    a = _a(mx)
    return [
        nd.take(a, nd.array([2, 0])),
        a.take(nd.array([1]), axis=1),
        nd.pick(a, nd.array([0, 1, 2])),
        nd.one_hot(nd.array([1, 0]), 3),
        nd.where(a > 5, a, -a),
        a.topk(k=2),
        a.argsort(is_ascend=False),
        a.sort(is_ascend=False),
        nd.gather_nd(a, nd.array([[0, 1], [1, 2]])),
        nd.slice(a, begin=(1, 0), end=(3, 2)),
        a.argmax(axis=0),
    ]


def long_shapes(mx):
    a = mx.nd.ones((1, 1, 1, 1, 1, 2))
    return [a.sum(axis=(0, 2, 4)).shape, a.reshape((-1,)).shape, a.transpose().shape, (a + mx.nd.ones((3, 1))).shape]


def scalar_arrays(mx):
    a = mx.nd.array(5)
    return [lambda: a.shape, lambda: a[0], lambda: len(a), lambda: a.reshape((1, 1)), lambda: a[1]]


def inplace_results_are_seen_by_later_reads(mx):
    a = mx.nd.zeros((3,))
    b = a + 1
    a[:] = 10
    return [a, b]
