"""Autograd: gradients of what networks are made of, through casts and contexts, of dtypes other than float32."""


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


def _attached(mx, dtype):
    x = mx.nd.ones((1,), dtype=dtype)
    x.attach_grad()
    return x


def sequence_of_dense_layers(mx):
    nd = mx.nd

    def net(x, w1, b1, w2):
        h = nd.Activation(nd.FullyConnected(x, w1, b1, num_hidden=2), act_type="tanh")
        return nd.FullyConnected(h, w2, no_bias=True, num_hidden=1)

    return _grads(mx, net, M, [[0.1, 0.2, 0.3], [-0.1, 0.0, 0.1]], [0.5, -0.5], [[1.0, -2.0]])


def convolution(mx):
    x = mx.nd.arange(25).reshape((1, 1, 5, 5)) / 10
    w = mx.nd.arange(9).reshape((1, 1, 3, 3)) / 10
    return _grads(
        mx,
        lambda x, w, b: mx.nd.Convolution(x, w, b, kernel=(3, 3), num_filter=1, stride=(2, 2), pad=(1, 1)),
        x,
        w,
        [0.5],
    )


def pooling(mx):
    x = [[[[1.0, 2.0, 3.0, 0.0], [4.0, 5.0, 6.0, 1.0], [7.0, 8.0, 9.0, 2.0], [5.0, 5.0, 5.0, 5.0]]]]
    return [
        _grads(mx, lambda x, t=t: mx.nd.Pooling(x, kernel=(2, 2), stride=(2, 2), pool_type=t), x)
        for t in ("max", "avg")
    ]


def astype_in_the_graph(mx):
    x = mx.nd.array(V)
    return [_grads(mx, lambda x: x.astype("float64") * 2, x), _grads(mx, lambda x: (x * 2).astype("float16"), x)]


def astype_to_int_and_back(mx):
    x = mx.nd.array(V)
    x.attach_grad()
    with mx.autograd.record():
        y = x.astype("int32").astype("float32") * x
    y.backward()
    return [y, x.grad]


def copyto_a_context(mx):
    x = mx.nd.array(V)
    x.attach_grad()
    with mx.autograd.record():
        y = x.copyto(mx.cpu(1)) * 2
    y.backward()
    return [y, x.grad]


def as_in_context(mx):
    x = mx.nd.array(V)
    x.attach_grad()
    with mx.autograd.record():
        y = (x * 3).as_in_context(mx.cpu(1)) * 2
        z = y.as_in_context(mx.cpu(0)) + x
    z.backward()
    return [z, x.grad]


def copyto_an_array(mx):
    x, target = mx.nd.array(V), mx.nd.zeros((3,))
    x.attach_grad()
    with mx.autograd.record():
        (x * 3).copyto(target)
        y = target * 2
    return [target, lambda: [y.backward(), x.grad]]


def float64(mx):
    x = mx.nd.array(V, dtype="float64")
    return _grads(mx, lambda x: mx.nd.exp(x) * x, x)


def float16(mx):
    x = mx.nd.array(V, dtype="float16")
    return _grads(mx, lambda x: x * x, x)


def integers(mx):
    x = mx.nd.array([1, 2, 3], dtype="int32")
    x.attach_grad()
    with mx.autograd.record():
        y = x * x
    return [x.grad, lambda: [y.backward(), x.grad]]


def gradient_dtype_follows_the_array(mx):
    return [np_type for dtype in ("float16", "float64", "int32") for np_type in [_attached(mx, dtype).grad.dtype]]


def comparisons_have_no_gradient(mx):
    return [_grads(mx, lambda x: (x > 1) + x * 0, V), _grads(mx, lambda x: x * mx.nd.argmax(x), V)]


def comparison_alone(mx):
    x = mx.nd.array(V)
    x.attach_grad()
    x.grad[:] = 5
    with mx.autograd.record():
        y = x > 1
    return [lambda: [y.backward(), x.grad]]


def custom_out_array(mx):
    x, out = mx.nd.array(V), mx.nd.zeros((3,))
    x.attach_grad()
    with mx.autograd.record():
        mx.nd.exp(x, out=out)
        y = out * 2
    return [out, lambda: [y.backward(), x.grad]]


def l2_normalization(mx):
    return _grads(mx, lambda x: mx.nd.L2Normalization(x), M)


def layer_norm(mx):
    return _grads(mx, lambda x, g, b: mx.nd.LayerNorm(x, g, b), M, [1.0, 2.0, 3.0], V)


def batch_norm_training(mx):
    nd = mx.nd
    moving = [nd.zeros((3,)), nd.ones((3,))]
    return [
        _grads(
            mx,
            lambda x, g, b: nd.BatchNorm(x, g, b, *moving, fix_gamma=False),
            [*M, [0.0, 1.0, -1.0]],
            [1.0, 2.0, 3.0],
            V,
        ),
        moving,
    ]


def power_of_arrays(mx):
    return _grads(mx, lambda a, b: a**b, [1.0, 2.0, 3.0], [2.0, -1.0, 0.5])


def smooth_l1(mx):
    return _grads(mx, lambda x: mx.nd.smooth_l1(x, scalar=1.0), V)


def make_loss(mx):
    return _grads(mx, lambda x: mx.nd.make_loss(x * x), V)


def one_hot_has_no_gradient(mx):
    return _grads(mx, lambda x: mx.nd.one_hot(mx.nd.array([0, 2]), 3) * x, V)


def iterating_and_stacking(mx):
    return _grads(mx, lambda x: mx.nd.stack(*[row * (i + 1) for i, row in enumerate(x)]), M)


def arange_like_constants(mx):
    return _grads(mx, lambda x: x * mx.nd.arange(3) + mx.nd.ones_like(x) + mx.nd.zeros_like(x), V)


def sum_of_products(mx):
    return _grads(mx, lambda a, b, c: (a * b + c).sum(axis=0), M, V, [[1.0], [2.0]])
