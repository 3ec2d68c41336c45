"""Every argument by its name, as scripts write them, and positions where names are left out."""

import numpy as np


def store(mx):
    kv = mx.kv.create(name="local")
    out, grad = mx.nd.zeros((2,)), mx.nd.full((2,), 3)
    kv.init(key="a", value=mx.nd.ones((2,)))
    kv.push(key="a", value=grad, priority=1)
    kv.pull(key="a", out=out, priority=1, ignore_sparse=True)
    kv.pushpull(key="a", value=grad * 2, out=grad, priority=1)
    kv.broadcast(key="b", value=grad, out=out, priority=1)
    kv.set_optimizer(optimizer=mx.optimizer.SGD(learning_rate=1))
    kv.save_optimizer_states(fname="f", dump_optimizer=True)
    kv.load_optimizer_states(fname="f")
    return [out, grad]


def store_by_position(mx):
    kv = mx.kv.create("local")
    out, grad = mx.nd.zeros((2,)), mx.nd.full((2,), 3)
    kv.init("a", mx.nd.ones((2,)))
    kv.push("a", grad, 1)
    kv.pull("a", out, 1, True)
    kv.pushpull("a", grad * 2, grad, 1)
    kv.broadcast("b", grad, out, 1)
    return [out, grad]


def autograd(mx):
    x = mx.nd.array([1, 2, 3])
    x.attach_grad(grad_req="write")
    with mx.autograd.record(train_mode=True), mx.autograd.pause(train_mode=False):
        pass
    with mx.autograd.record():
        y = x * x
    mx.autograd.backward(heads=[y], head_grads=None, retain_graph=True, train_mode=True)
    y.backward(out_grad=mx.nd.ones((3,)), retain_graph=True, train_mode=True)
    (g,) = mx.autograd.grad(
        heads=y, variables=[x], head_grads=None, retain_graph=True, create_graph=False, train_mode=True
    )
    mx.autograd.set_recording(is_recording=False)
    mx.autograd.set_training(train_mode=False)
    mx.autograd.mark_variables(variables=[x], gradients=[mx.nd.zeros((3,))], grad_reqs="write")
    return [g, x.grad]


def backward_by_position(mx):
    x = mx.nd.array([1, 2, 3])
    x.attach_grad("add")
    with mx.autograd.record(False):
        y = x * x
    y.backward(mx.nd.ones((3,)), True, False)
    mx.autograd.backward(y, mx.nd.ones((3,)), True, False)
    mx.autograd.backward([y], [mx.nd.ones((3,))], False, True)
    return x.grad


def head_grads_of_one_head_in_a_list(mx):
    x = mx.nd.array([[1, 2, 3]])
    x.attach_grad()
    with mx.autograd.record():
        y = x * x
    mx.autograd.backward([y], mx.nd.array([[1, 2, 3]]))
    return x.grad


def trainer(mx):
    net = mx.gluon.nn.Dense(
        units=2,
        activation=None,
        use_bias=True,
        flatten=True,
        dtype="float32",
        weight_initializer="ones",
        bias_initializer="zeros",
        in_units=3,
    )
    net.initialize(init=mx.init.Uniform(scale=0.1), ctx=mx.cpu(0), verbose=False, force_reinit=False)
    trainer = mx.gluon.Trainer(
        params=net.collect_params(select=None),
        optimizer="sgd",
        optimizer_params={"learning_rate": 0.1, "momentum": 0.0, "wd": 0.0},
        kvstore="device",
        compression_params=None,
        update_on_kvstore=None,
    )
    for call in (
        lambda: trainer.step(batch_size=2, ignore_stale_grad=False),
        lambda: trainer.update(batch_size=2, ignore_stale_grad=False),
    ):
        with mx.autograd.record():
            loss = net(mx.nd.ones((1, 3))).sum()
        loss.backward()
        call()
    trainer.set_learning_rate(lr=0.5)
    trainer.save_states(fname="s")
    trainer.load_states(fname="s")
    return [net.weight.data(ctx=mx.cpu(0)), net.weight.grad(ctx=mx.cpu(0)), trainer.learning_rate]


def parameter(mx):
    p = mx.gluon.Parameter(
        name="w",
        grad_req="write",
        shape=(2,),
        dtype="float32",
        lr_mult=1.0,
        wd_mult=1.0,
        init=None,
        allow_deferred_init=False,
        differentiable=True,
        stype="default",
        grad_stype="default",
    )
    p.initialize(init="ones", ctx=[mx.cpu(0)], default_init=mx.init.Zero(), force_reinit=False)
    p.set_data(data=mx.nd.array([1, 2]))
    p.cast(dtype="float64")
    p.reset_ctx(ctx=mx.cpu(1))
    params = mx.gluon.ParameterDict(prefix="p_", shared=None)
    q = params.get(name="w", shape=(1,), init="ones")
    params.initialize(init=mx.init.Zero(), ctx=None, verbose=False, force_reinit=False)
    params.setattr(name="lr_mult", value=2)
    params.update(other=mx.gluon.ParameterDict())
    return [p.data(), q.data(), q.lr_mult]


def functions(mx):
    nd = mx.nd
    a, b = nd.array([1, 4]), nd.array([2, 3])
    return [
        nd.power(base=a, exp=b),
        nd.power(base=2, exp=a),
        nd.add(lhs=a, rhs=b),
        nd.maximum(lhs=a, rhs=2),
        nd.equal(lhs=a, rhs=4),
        nd.full(shape=(2,), val=3, ctx=mx.cpu(0), dtype="int32"),
        nd.arange(start=0, stop=4, step=2, repeat=1, dtype="int32"),
        nd.concatenate(arrays=[a, b], axis=0, always_copy=True),
        nd.moveaxis(tensor=nd.ones((1, 2)), source=0, destination=1),
        nd.linspace(start=0, stop=1, num=3, endpoint=True),
        nd.eye(N=2, M=3, k=1),
        nd.array(source_array=[1], ctx=mx.cpu(1), dtype="int8"),
        a.copyto(other=mx.cpu(1)),
        a.astype(dtype="int32", copy=True),
        a.as_in_context(context=mx.cpu(1)),
        a.reshape(shape=(2, 1)),
        nd.dot(lhs=a, rhs=b, transpose_a=False),
        nd.concat(a, b, dim=0),
        nd.sum(data=a, axis=0, keepdims=True),
        nd.random.uniform(low=0, high=1, shape=(2,), dtype="float32", ctx=mx.cpu(0)),
        nd.random.normal(loc=0, scale=1, shape=(2,)),
    ]


def metrics(mx):
    both = mx.metric.CompositeEvalMetric(
        metrics=[mx.metric.Accuracy(axis=1, name="a"), mx.metric.TopKAccuracy(top_k=2)], name="both"
    )
    label, pred = mx.nd.array([1, 0]), mx.nd.array([[0.1, 0.9], [0.2, 0.8]])
    both.update(labels=[label], preds=[pred])
    both.update_dict(labels={"l": label}, preds={"p": pred})
    one = mx.metric.create("acc", axis=1)
    one.update_dict(label={"l": label}, pred={"p": pred})
    return [both.get(), one.get()]


def data(mx):
    d = mx.gluon.data
    dataset = d.ArrayDataset(np.arange(5))
    sampler = d.BatchSampler(sampler=d.SequentialSampler(length=5), batch_size=2, last_batch="keep")
    one = d.DataLoader(
        dataset=dataset,
        batch_size=2,
        shuffle=False,
        sampler=None,
        last_batch="discard",
        batchify_fn=None,
        num_workers=0,
        pin_memory=False,
        prefetch=None,
        thread_pool=False,
    )
    two = d.DataLoader(dataset, batch_sampler=sampler)
    return [list(one), list(two), list(dataset.transform(fn=lambda x: x + 1, lazy=True))]


def losses(mx):
    loss, pred, label = mx.gluon.loss, mx.nd.array([[1, 2], [3, 1]]), mx.nd.array([1, 0])
    return [
        loss.SoftmaxCrossEntropyLoss(axis=-1, sparse_label=True, from_logits=False, weight=None, batch_axis=0)(
            pred, label, None
        ),
        lambda: loss.L2Loss(weight=1.0, batch_axis=0)(pred, pred * 2, sample_weight=None),
        loss.SigmoidBCELoss(from_sigmoid=True)(pred / 4, pred / 8),
    ]


def optimizers(mx):
    o, results = mx.optimizer, []
    for optimizer in (
        o.SGD(
            momentum=0.1,
            lazy_update=True,
            rescale_grad=0.5,
            learning_rate=0.1,
            wd=0.1,
            clip_gradient=1,
            multi_precision=False,
        ),
        o.Adam(learning_rate=0.1, beta1=0.8, beta2=0.9, epsilon=1e-6, lazy_update=True),
        o.RMSProp(gamma1=0.8, gamma2=0.7, centered=True),
    ):
        weight = mx.nd.ones((2,))
        state = optimizer.create_state_multi_precision(index=0, weight=weight)
        optimizer.update_multi_precision(index=0, weight=weight, grad=mx.nd.array([1, 3]), state=state)
        results.append(weight)
    return results
