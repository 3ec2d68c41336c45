"""row_sparse and csr arrays: making, reading, printing, arithmetic, dot, gradients, updates, stores."""


def _rsp(mx):
    return mx.nd.sparse.row_sparse_array(([[1, 2], [3, 4]], [0, 2]), shape=(4, 2))


def _csr(mx):
    return mx.nd.sparse.csr_matrix(([1, 2, 3], [0, 2, 1], [0, 2, 2, 3]), shape=(3, 4))


def _seen(x):
    parts = [x.indices, x.data] + ([x.indptr] if x.stype == "csr" else []) if x.stype != "default" else []
    return [x.stype, list(x.shape), x.dtype.__name__, x.asnumpy(), parts]


def making_row_sparse(mx):
    import numpy as np
    make = mx.nd.sparse.row_sparse_array
    return [_seen(x) for x in (
        _rsp(mx), make(([[1, 2]], [3])), make(([[5, 6], [7, 8]], [1, 3]), shape=(4, 2)),
        make((2, 3)), make([[0, 0], [1, 2]]), make(np.array([[0, 3], [0, 0]], dtype="int32")),
        make(mx.nd.ones((2, 2), dtype="float16")), make(([[1, 2]], [1]), shape=(2, 2), dtype="float64"),
        make(_rsp(mx)), mx.nd.sparse.array(_rsp(mx)), mx.nd.zeros((2, 3), stype="row_sparse"),
        mx.nd.sparse.zeros("row_sparse", (2, 3), dtype="int32"), mx.nd.sparse.empty("row_sparse", (1, 2)))]


def making_csr(mx):
    import numpy as np
    make = mx.nd.sparse.csr_matrix
    made = [
        lambda: _csr(mx),
        lambda: make(([1.0], [1], [0, 1])),
        lambda: make([[0, 1], [2, 0]]),
        lambda: make((2, 3)),
        lambda: make(np.array([[0, 3], [0, 0]], dtype='int32')),
        lambda: make(mx.nd.ones((2, 2))),
        lambda: mx.nd.zeros((2, 3), stype='csr'),
        lambda: mx.nd.sparse.array(_csr(mx)),
    ]
    return [lambda each=each: _seen(each()) for each in made]


def printed(mx):
    return [repr(_rsp(mx)), repr(_csr(mx)), str(mx.nd.sparse.zeros("csr", (2, 3)))]


def storages(mx):
    dense = mx.nd.array([[0, 1], [0, 0], [2, 3]])
    return [_seen(dense.tostype("row_sparse")), _seen(dense.tostype("csr")), _seen(_rsp(mx).tostype("default")),
            _seen(mx.nd.cast_storage(dense, "csr")), _seen(mx.nd.cast_storage(_csr(mx), "default")),
            _rsp(mx).tostype("row_sparse").stype, dense.stype, lambda: _rsp(mx).tostype("csr").asnumpy(),
            _seen(mx.nd.sparse.cast_storage(dense, stype="row_sparse"))]


def reading(mx):
    r, c = _rsp(mx), _csr(mx)
    return [r.asnumpy(), c.asnumpy(), r.shape, c.ndim if hasattr(c, "ndim") else 2, str(r.context), len(c),
            _seen(c[1]), _seen(c[-1]), _seen(c[1:]), _seen(c[0:2]), _seen(c[:]), _seen(r[:]),
            lambda: c[0, 1], lambda: c[::2], lambda: c.reshape((4, 3)), lambda: c.size]


def copies(mx):
    r, c = _rsp(mx), _csr(mx)
    dense, other = mx.nd.zeros((4, 2)), mx.nd.sparse.zeros("row_sparse", (4, 2))
    r.copyto(dense)
    r.copyto(other)
    copied = c.copy()
    copied[:] = mx.nd.ones((3, 4))
    return [dense, _seen(other), _seen(copied), _seen(c), _seen(r.astype("float64")), _seen(c.astype("int32")),
            _seen(r.as_in_context(mx.cpu(0)))]


def assigning(mx):
    r = _rsp(mx)
    r[:] = mx.nd.array([[0, 0], [5, 6], [0, 0], [7, 8]])
    first = _seen(r)
    r[:] = mx.nd.sparse.row_sparse_array(([[9, 9]], [1]), shape=(4, 2))
    second = _seen(r)
    return [first, second, lambda: r.__setitem__(0, 1)]


def checks(mx):
    make = mx.nd.sparse.row_sparse_array
    return [_rsp(mx).check_format(), _csr(mx).check_format(),
            lambda: make(([[1], [2]], [1, 1]), shape=(3, 1)).check_format(),
            lambda: mx.nd.sparse.csr_matrix(([1.0], [9], [0, 1]), shape=(1, 2)).check_format()]


def unary_operators(mx):
    names = [
        "sqrt", "square", "abs", "sign", "relu", "ceil", "floor", "rint", "round", "trunc", "fix", "sin", "tan", "sinh",
        "tanh", "arcsin", "arctan", "arcsinh", "expm1", "log1p", "negative", "degrees", "radians", "cbrt", "exp", "cos",
        "sigmoid", "zeros_like", "ones_like",
    ]
    r = mx.nd.sparse.row_sparse_array(([[0.25, -0.5]], [1]), shape=(3, 2))
    return [[name, _seen(getattr(mx.nd, name)(abs(r) if name == "sqrt" else r))] for name in names] + [
        _seen(mx.nd.square(_csr(mx))), _seen(mx.nd.sparse.sqrt(_csr(mx)))]


def arithmetic(mx):
    r, c = _rsp(mx), _csr(mx)
    r2 = mx.nd.sparse.row_sparse_array(([[5, 6]], [2]), shape=(4, 2))
    c2 = mx.nd.sparse.csr_matrix(([7.0], [2], [0, 1, 1, 1]), shape=(3, 4))
    d, dc = mx.nd.ones((4, 2)) * 3, mx.nd.ones((3, 4)) * 2
    sums = [
        lambda: r + r2,
        lambda: r - r2,
        lambda: r * r2,
        lambda: c + c2,
        lambda: c - c2,
        lambda: c * c2,
        lambda: r + d,
        lambda: d + r,
        lambda: r * d,
        lambda: c * dc,
        lambda: r * 2,
        lambda: r / 2,
        lambda: 2 * r,
        lambda: r + 2,
        lambda: c * 2,
        lambda: -r,
        lambda: r ** 2,
        lambda: c + 1,
        lambda: mx.nd.elemwise_add(r, r2),
        lambda: mx.nd.elemwise_sub(c, c2),
        lambda: mx.nd.elemwise_mul(r, d),
        lambda: mx.nd.elemwise_add(r, d),
        lambda: mx.nd.add_n(r, r2),
        lambda: mx.nd.add_n(r, d),
        lambda: mx.nd.sparse.add(r, r2),
        lambda: mx.nd.sparse.multiply(c, dc),
        lambda: mx.nd.sparse.divide(c, dc),
        lambda: mx.nd.sparse.subtract(r, r2),
    ]
    return [lambda each=each: _seen(each())[:4] for each in sums]  # MXNet's csr sums have garbage behind their parts


def in_place(mx):
    r = _rsp(mx)
    r *= 3
    r += r
    return _seen(r)


def reductions_and_parts(mx):
    r, c = _rsp(mx), _csr(mx)
    nd = mx.nd
    return [c.sum(), nd.sum(c, axis=0), nd.sum(c, axis=1, keepdims=True), nd.mean(c, axis=0), nd.norm(r), c.norm(),
            _seen(nd.clip(r, 0, 2)), _seen(c.clip(-1, 2)), _seen(nd.slice(c, begin=(1,), end=(3,))),
            _seen(nd.slice(c, begin=(0, 1), end=(3, 3))), _seen(nd.concat(c, c, dim=0)),
            _seen(nd.sparse.retain(r, mx.nd.array([0, 1]))), _seen(nd.where(c, nd.ones((3, 4)), nd.zeros((3, 4))))]


def dots(mx):
    c = _csr(mx)
    nd = mx.nd
    d42, d32 = nd.arange(8).reshape((4, 2)), nd.arange(6).reshape((3, 2))
    return [_seen(nd.dot(c, d42)), _seen(nd.dot(c, d32, transpose_a=True)), _seen(nd.sparse.dot(c, d42)),
            _seen(nd.dot(c, d32, transpose_a=True, forward_stype="default")),
            lambda: nd.dot(c, d32).asnumpy()]


def gradient_of_a_dot(mx):
    c = _csr(mx)
    results = []
    for stype in ("default", "row_sparse"):
        w = mx.nd.ones((4, 2))
        w.attach_grad(stype=stype)
        with mx.autograd.record():
            loss = (mx.nd.dot(c, w) * mx.nd.array([[1, 2], [3, 4], [5, 6]])).sum()
        loss.backward()
        results.append([loss, _seen(w.grad)])
    return results


def gradient_of_an_embedding(mx):
    results = []
    for stype in ("row_sparse",):
        w = mx.nd.arange(10).reshape((5, 2))
        w.attach_grad(stype=stype)
        for data in ([1, 3, 1], [4, 1, 1]):
            with mx.autograd.record():
                y = mx.nd.Embedding(mx.nd.array(data), w, input_dim=5, output_dim=2, sparse_grad=True)
                loss = (y * y).sum()
            loss.backward()
        results.append(_seen(w.grad))
    return results


def lazy_updates(mx):
    results = []
    for name, settings in (("sgd", {}), ("sgd", {"momentum": 0.9, "wd": 0.1}), ("adam", {}), ("adagrad", {}),
                           ("groupadagrad", {}), ("sgd", {"lazy_update": False, "momentum": 0.9}),
                           ("adam", {"lazy_update": False, "wd": 0.1})):
        updater = mx.optimizer.get_updater(mx.optimizer.create(name, learning_rate=0.1, **settings))
        weight = mx.nd.ones((4, 2))
        for rows in ([0, 2], [2, 3], [1, 2]):
            updater(0, mx.nd.sparse.row_sparse_array(([[1, -2], [3, 4]], rows), shape=(4, 2)), weight)
        results.append(weight)
    return results


def lazy_updates_by_ftrl(mx):
    updater = mx.optimizer.get_updater(mx.optimizer.create("ftrl", learning_rate=0.1))
    weight = mx.nd.ones((4, 2))
    updater(0, mx.nd.sparse.row_sparse_array(([[1, -2]], [2]), shape=(4, 2)), weight)
    return weight


def a_local_store(mx):
    kv = mx.kv.create("local")
    kv.init("w", mx.nd.ones((4, 2)).tostype("row_sparse"))
    out = mx.nd.sparse.zeros("row_sparse", (4, 2))
    kv.row_sparse_pull("w", out=out, row_ids=mx.nd.array([2, 0, 2]))
    first = _seen(out)
    kv.push("w", [mx.nd.sparse.row_sparse_array(([[5, 6]], [row]), shape=(4, 2)) for row in (1, 3)])
    kv.row_sparse_pull("w", out=out, row_ids=mx.nd.array([1, 2, 3]))
    dense = mx.nd.zeros((4, 2))
    kv.pull("w", out=dense, ignore_sparse=False)
    return [first, _seen(out), dense, lambda: kv.row_sparse_pull("w", out=mx.nd.ones((4, 2)), row_ids=mx.nd.array([1]))]


def a_local_store_with_an_optimizer(mx):
    kv = mx.kv.create("local")
    kv.init(3, mx.nd.ones((4, 2)).tostype("row_sparse"))
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.5, momentum=0.9))
    for row in (1, 2, 1):
        kv.push(3, mx.nd.sparse.row_sparse_array(([[1, 2]], [row]), shape=(4, 2)))
    out = mx.nd.sparse.zeros("row_sparse", (4, 2))
    kv.row_sparse_pull(3, out=out, row_ids=mx.nd.arange(4))
    return _seen(out)


def an_embedding_layer(mx):
    results = []
    for name in ("sgd", "adam"):
        mx.random.seed(1)
        net = mx.gluon.nn.Embedding(6, 3, sparse_grad=True)
        net.initialize()
        trainer = mx.gluon.Trainer(net.collect_params(), name, {"learning_rate": 0.1, "wd": 0.01})
        for data in ([1, 4], [4, 2]):
            with mx.autograd.record():
                loss = (net(mx.nd.array(data)) ** 2).sum()
            loss.backward()
            trainer.step(1)
        results.append([net.weight.data(), _seen(net.weight.grad()), str(net)])
    return results
