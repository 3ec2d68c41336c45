"""Parameters of stype='row_sparse': their rows, what is refused, training with a Trainer, files."""

SHAPE = (6, 2)


def _param(mx, init="ones", **kwargs):
    param = mx.gluon.Parameter("w", shape=SHAPE, stype="row_sparse", grad_stype="row_sparse", **kwargs)
    param.initialize(init=init)
    return param


def _trained(mx, param, **kwargs):
    return mx.gluon.Trainer([param], kwargs.pop("optimizer", "sgd"), kwargs.pop("settings", {"learning_rate": 1.0}),
                            **kwargs)


def _seen(x):
    return [x.stype, list(x.shape), x.dtype.__name__, x.indices.asnumpy(), x.data.asnumpy(), str(x.context)]


def what_is_refused(mx):
    fresh = mx.gluon.Parameter("w", shape=SHAPE, stype="row_sparse")
    param, dense = _param(mx), mx.gluon.Parameter("d", shape=SHAPE)
    dense.initialize()
    row = mx.nd.array([1])
    return [lambda: param.data(), lambda: param.list_data(), lambda: param.data(mx.cpu()),
            lambda: param.row_sparse_data(row), lambda: param.row_sparse_data([1]), lambda: dense.row_sparse_data(row),
            lambda: dense.list_row_sparse_data(row), lambda: fresh.row_sparse_data(row), lambda: fresh.list_ctx(),
            lambda: mx.gluon.Parameter("w", shape=SHAPE, stype="dense"),
            lambda: mx.gluon.Parameter("w", shape=SHAPE, grad_stype="rows")]


def what_it_is(mx):
    param = _param(mx)
    grad = param.grad()
    return [repr(param), param.shape, param.grad_req, _seen(grad), len(param.list_grad()), param.list_ctx()]


def rows_of_a_parameter(mx):
    param = _param(mx)
    trainer = _trained(mx, param)
    rows = param.row_sparse_data(mx.nd.array([4, 1, 1]))
    seen = _seen(rows)
    all_of_them = [_seen(x) for x in param.list_row_sparse_data(mx.nd.array([0, 2]))]
    return [seen, all_of_them, lambda: param.row_sparse_data([1]), trainer.learning_rate]


def steps(mx):
    result = []
    for kvstore in ("device", "local", mx.kv.create("local")):
        param = _param(mx)
        trainer = _trained(mx, param, kvstore=kvstore)
        for ids in ([1, 3], [3], [0, 5]):
            x = mx.nd.array(ids)
            with mx.autograd.record():
                out = mx.nd.sparse.Embedding(x, param.row_sparse_data(x), input_dim=6, output_dim=2, sparse_grad=True)
                loss = (out * (x + 1).reshape((-1, 1))).sum()
            loss.backward()
            result.append(_seen(param.grad()))
            trainer.step(2)
            result.append(out)
        result.append(_seen(param.row_sparse_data(mx.nd.arange(6))))
    return result


def steps_of_optimizers(mx):
    result = []
    for name, settings in (("sgd", {"momentum": 0.5, "wd": 0.1}), ("adam", {}), ("adagrad", {}),
                           ("ftrl", {}), ("sgd", {"momentum": 0.5, "wd": 0.1, "lazy_update": False})):
        param = _param(mx)
        trainer = _trained(mx, param, optimizer=name, settings={"learning_rate": 0.1, **settings})
        for ids in ([1, 3], [3], [0, 5, 0]):
            x = mx.nd.array(ids)
            with mx.autograd.record():
                rows = param.row_sparse_data(x)
                loss = (mx.nd.Embedding(x, rows, input_dim=6, output_dim=2, sparse_grad=True) ** 2).sum()
            loss.backward()
            trainer.step(1)
        result.append(param.row_sparse_data(mx.nd.arange(6)).asnumpy())
    return result


def linear_of_csr(mx):
    weight = mx.gluon.Parameter("w", shape=(4, 1), stype="row_sparse", grad_stype="row_sparse")
    bias = mx.gluon.Parameter("b", shape=(1,))
    weight.initialize(init="ones")
    bias.initialize(init="zeros")
    trainer = mx.gluon.Trainer([weight, bias], "sgd", {"learning_rate": 0.1})
    data = mx.nd.sparse.csr_matrix(([1, 2, 3], [0, 2, 1], [0, 2, 2, 3]), shape=(3, 4))
    result = []
    for _ in range(3):
        with mx.autograd.record():
            out = mx.nd.sparse.dot(data, weight.row_sparse_data(data.indices)) + bias.data()
            loss = ((out - 1) ** 2).sum()
        loss.backward()
        trainer.step(3)
        result.append([out, weight.grad().asnumpy(), bias.data()])
    return [result, weight.row_sparse_data(mx.nd.arange(4)).asnumpy()]


def several_devices(mx):
    contexts = [mx.cpu(0), mx.cpu(1)]
    param = mx.gluon.Parameter("w", shape=SHAPE, stype="row_sparse", grad_stype="row_sparse")
    param.initialize(init="ones", ctx=contexts)
    trainer = mx.gluon.Trainer([param], "sgd", {"learning_rate": 1.0})
    for place, ctx in enumerate(contexts):
        x = mx.nd.array([1, 2 + place], ctx=ctx)
        with mx.autograd.record():
            rows = param.row_sparse_data(x)
            loss = mx.nd.Embedding(x, rows, input_dim=6, output_dim=2, sparse_grad=True).sum()
        loss.backward()
    trainer.step(1)
    return [_seen(x) for x in param.list_row_sparse_data(mx.nd.arange(6))] + [
        str(param.row_sparse_data(mx.nd.array([1], ctx=ctx)).context) for ctx in contexts]


def trainers(mx):
    param = _param(mx)
    first = _trained(mx, param)
    return [lambda: _trained(mx, param), lambda: _trained(mx, _param(mx), update_on_kvstore=False).step(1),
            lambda: _trained(mx, _param(mx), kvstore=None).step(1), lambda: first.allreduce_grads(),
            lambda: first.update(1)]


def sparse_gradients_of_dense_weights(mx):
    result = []
    for kwargs in ({}, {"kvstore": "local"}, {"kvstore": mx.kv.create("local")},
                   {"kvstore": mx.kv.create("local"), "update_on_kvstore": True}):
        table = mx.gluon.nn.Embedding(6, 2, sparse_grad=True)
        table.initialize("ones")
        trainer = mx.gluon.Trainer(table.collect_params(), "sgd", {"learning_rate": 0.5, "momentum": 0.5}, **kwargs)
        for ids in ([1, 3], [3, 0]):
            with mx.autograd.record():
                loss = (table(mx.nd.array(ids)) ** 2).sum()
            loss.backward()
            trainer.step(1)
        result.append([table.weight.data(), table.weight.grad().asnumpy(), table.weight.grad().stype])
    return result


def values_by_hand(mx):
    param = _param(mx)
    trainer = _trained(mx, param)
    before = param.row_sparse_data(mx.nd.array([1])).asnumpy()
    param.set_data(mx.nd.sparse.row_sparse_array(([[5, 6]], [1]), shape=SHAPE))
    after = param.row_sparse_data(mx.nd.array([1, 2])).asnumpy()
    param.zero_grad()
    return [before, after, param.grad().asnumpy(), trainer.learning_rate]


def files_of_parameters(mx):
    params = mx.gluon.ParameterDict()
    param = params.get("w", shape=SHAPE, stype="row_sparse", grad_stype="row_sparse")
    params.initialize("ones")
    trainer = mx.gluon.Trainer(params, "sgd", {"learning_rate": 1.0})
    param.row_sparse_data(mx.nd.array([1]))
    params.save("w.params")
    saved = mx.nd.load("w.params")["w"]
    other = mx.gluon.ParameterDict()
    again = other.get("w", shape=SHAPE, stype="row_sparse")
    other.load("w.params")
    mx.gluon.Trainer(other, "sgd", {"learning_rate": 1.0})
    dense = mx.gluon.ParameterDict()
    whole = dense.get("w", shape=SHAPE)
    dense.load("w.params")
    return [_seen(saved), _seen(again.row_sparse_data(mx.nd.array([1, 2]))), whole.data(), trainer.learning_rate]


def saved_without_a_trainer(mx):
    params = mx.gluon.ParameterDict()
    params.get("w", shape=SHAPE, stype="row_sparse")
    params.initialize("ones")
    return [lambda: params.save("w.params")]


def other_settings(mx):
    params = mx.gluon.ParameterDict()
    first = params.get("w", shape=SHAPE, stype="row_sparse", grad_stype="row_sparse")
    frozen = mx.gluon.Parameter("f", shape=SHAPE, stype="row_sparse", grad_req="null")
    frozen.initialize()
    cast = _param(mx)
    cast.cast("float64")
    return [params.get("w", shape=SHAPE) is first, lambda: frozen.grad(), _seen(cast.grad()), str(cast.dtype),
            lambda: params.get("w", shape=(7, 2))]


def embedding_looks_up_rows(mx):
    weight = mx.nd.sparse.row_sparse_array(([[1, 2], [3, 4], [5, 6]], [0, 2, 3]), shape=(4, 2))
    x = mx.nd.array([[2, 0], [3, 3]])
    return [mx.nd.Embedding(x, weight, input_dim=4, output_dim=2),
            mx.nd.sparse.Embedding(x, weight, input_dim=4, output_dim=2, sparse_grad=True),
            mx.nd.sparse.Embedding(mx.nd.array([1, 0]), weight, input_dim=4, output_dim=2, sparse_grad=True),
            lambda: mx.nd.sparse.Embedding(x, weight, input_dim=4, output_dim=3)]


def embedding_refuses_rows_beyond_a_sparse_table(mx):
    weight = mx.nd.sparse.row_sparse_array(([[1, 2], [3, 4], [5, 6]], [0, 2, 3]), shape=(4, 2))
    return [lambda: mx.nd.sparse.Embedding(mx.nd.array([1, 4]), weight, input_dim=4, output_dim=2).asnumpy(),
            lambda: mx.nd.sparse.Embedding(mx.nd.array([-1]), weight, input_dim=4, output_dim=2).asnumpy()]


def dot_with_rows(mx):
    weight = mx.nd.sparse.row_sparse_array(([[1, 2], [3, 4]], [0, 2]), shape=(4, 2))
    data = mx.nd.sparse.csr_matrix(([1, 2, 3], [0, 2, 1], [0, 2, 2, 3]), shape=(3, 4))
    return [mx.nd.sparse.dot(data, weight), mx.nd.dot(data, weight).stype]


def embedding_gives_rows_their_gradient(mx):
    weight = mx.nd.sparse.row_sparse_array(([[1, 2], [3, 4], [5, 6], [7, 8]], [0, 1, 2, 3]), shape=(4, 2))
    weight.attach_grad(stype="row_sparse")
    x = mx.nd.array([[2, 0], [3, 3]])
    with mx.autograd.record():
        out = (mx.nd.sparse.Embedding(x, weight, input_dim=4, output_dim=2, sparse_grad=True) ** 2).sum()
    out.backward()
    return [out, _seen(weight.grad)]
