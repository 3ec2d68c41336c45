"""In which storage results of sparse arrays are: products, numbers, comparisons, broadcasts, copies, in place."""

STORAGES = ("default", "row_sparse", "csr")
A = [[0.0, 2.0, 0.0], [1.0, 0.0, -3.0]]
B = [[1.0, 0.0, 2.0], [0.0, 0.0, 1.0]]


def _made(mx, values, stype):
    return mx.nd.array(values).tostype(stype)


def _seen(x):
    return [x.stype, x.asnumpy()]


def _pairs():
    return [(a, b) for a in STORAGES for b in STORAGES if (a, b) != ("default", "default")]


def products(mx):
    """A @ B.T in all ways of giving the two."""
    result = []
    for a, b in _pairs():
        for flip_a in (False, True):
            for flip_b in (False, True):
                left = mx.nd.array(A).T if flip_a else mx.nd.array(A)
                right = mx.nd.array(B) if flip_b else mx.nd.array(B).T
                result.append(_seen(mx.nd.sparse.dot(left.tostype(a), right.tostype(b), transpose_a=flip_a,
                                                     transpose_b=flip_b)))
    return result


def products_in_a_storage(mx):
    result = []
    for a, b in _pairs():
        left, right = _made(mx, A, a), mx.nd.array(B).T.tostype(b)
        result.extend(_seen(mx.nd.dot(left, right, forward_stype=wanted)) for wanted in STORAGES)
    return [*result, lambda: mx.nd.dot(_made(mx, A, "csr"), mx.nd.array(B).T, forward_stype="odd")]


def with_numbers(mx):
    result = []
    for stype in STORAGES[1:]:
        x = _made(mx, A, stype)
        result.extend([_seen(y) for y in (x + n, x - n, n + x, x * n, n * x, x > n, x >= n, x < n, x <= n, x == n,
                                          x != n, n - x)] for n in (0, 2, -1.5))
    return result


def broadcast_products(mx):
    x = _made(mx, A, "csr")
    row, column, one = mx.nd.array([[1.0, 2.0, 3.0]]), mx.nd.array([[2.0], [5.0]]), mx.nd.array([[3.0]])
    return [_seen(mx.nd.broadcast_mul(x, other)) for other in (row, column, one, mx.nd.array(B))] + [
        _seen(x * row), _seen(x * mx.nd.array(B)), _seen(mx.nd.array(B) * x),
        _seen(mx.nd.array(B) * _made(mx, A, "row_sparse")), _seen(_made(mx, A, "row_sparse") * mx.nd.array(B))]


def in_place(mx):
    result = []
    for a, b in _pairs():
        if a == "default":
            continue
        x, y, z = (_made(mx, A, a) for _ in range(3))
        x += _made(mx, B, b)
        y -= _made(mx, B, b)
        z *= _made(mx, B, b)
        result.append([_seen(x), _seen(y), _seen(z)])
    return result


def copies(mx):
    def copied(a, b):
        x = _made(mx, B, b)
        same = _made(mx, A, a).copyto(x) is x
        return [same, _seen(x)]

    return [(lambda a=a, b=b: copied(a, b)) for a, b in _pairs()]


def scalars(mx):
    return [lambda: _made(mx, A, "csr").asscalar(), lambda: _made(mx, A, "row_sparse").asscalar(),
            lambda: _made(mx, [[1.0]], "csr").asscalar()]


def gradients_of_products(mx):
    result = []
    for wanted in (None, "default", "csr"):
        x = mx.nd.array(A)
        x.attach_grad()
        with mx.autograd.record():
            out = mx.nd.dot(x, mx.nd.array(B).T.tostype("csr"), forward_stype=wanted)
        out.backward()
        result.append([out.stype, x.grad])
    return result


def gradients_of_arithmetic(mx):
    def graded(stype, grad_stype, fn):
        x = _made(mx, A, stype)
        x.attach_grad(stype=grad_stype)
        with mx.autograd.record():
            out = fn(x)
        out.backward()
        return [out.asnumpy(), x.grad.asnumpy(), x.grad.stype]

    other = mx.nd.array(B)
    return [graded("row_sparse", grad_stype, fn) for grad_stype in (None, "row_sparse") for fn in (
        lambda x: x + 1, lambda x: 2 - x, lambda x: x * 2, lambda x: x / 4, lambda x: -x, lambda x: x + other,
        lambda x: x * other, lambda x: other - x, lambda x: x + x, lambda x: (x * 3 + 1) * 2, lambda x: x ** 2,
        lambda x: x.tostype("default") * 5)] + [
        graded("default", None, lambda x, to=to: mx.nd.sparse.sum(x.tostype(to) * 2)) for to in STORAGES]


def tables_of_a_trainer_on_several_devices(mx):
    result = []
    for kind in ("local", "device"):
        for stype, grad_stype, in_store in (("default", "row_sparse", None), ("default", "row_sparse", True),
                                            ("default", "row_sparse", False), ("row_sparse", "row_sparse", None)):
            param = mx.gluon.Parameter("x", shape=(4, 1), stype=stype, grad_stype=grad_stype)
            param.initialize(ctx=[mx.cpu(0), mx.cpu(1)], init="zeros")
            trainer = mx.gluon.Trainer([param], "sgd", {"learning_rate": 0.1}, kvstore=kind,
                                       update_on_kvstore=in_store)
            rows = mx.nd.arange(4)
            arrays = param.list_data() if stype == "default" else param.list_row_sparse_data(rows)
            with mx.autograd.record():
                outs = [array + 1 for array in arrays]
            for out in outs:
                out.backward()
            trainer.step(1)
            value = param.data(mx.cpu(0)) if stype == "default" else param.row_sparse_data(rows)
            result.append([trainer._kvstore.type, trainer._update_on_kvstore, value.asnumpy()])
    return result


def dense_layer_with_a_table(mx):
    params = mx.gluon.ParameterDict("net_")
    params.get("weight", shape=(5, 5), stype="row_sparse", dtype="float32")
    params.get("bias", shape=(5,), dtype="float32")
    net = mx.gluon.nn.Dense(5, params=params)
    net.initialize()
    return [lambda: net(mx.nd.ones((2, 5)))]
