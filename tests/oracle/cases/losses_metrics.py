"""Losses with their weights, metrics as they are updated, samplers and loaders in the order of numpy's seed."""

import numpy as np


def _pair(mx, shape=(3, 2)):
    rng = np.random.RandomState(4)
    pred = mx.nd.array(rng.normal(size=shape))
    pred.attach_grad()
    return pred, mx.nd.array(rng.uniform(0, 1, shape))


def _loss(mx, loss, *args, shape=(3, 2)):
    pred, label = _pair(mx, shape)
    with mx.autograd.record():
        value = loss(pred, label, *args)
    value.backward()
    return [value, pred.grad]


def l2(mx):
    loss = mx.gluon.loss.L2Loss
    return [
        _loss(mx, loss()),
        _loss(mx, loss(weight=3.0)),
        _loss(mx, loss(batch_axis=1)),
        _loss(mx, loss(), mx.nd.array([[1], [0], [2]])),
    ]


def l1(mx):
    loss = mx.gluon.loss.L1Loss
    return [_loss(mx, loss()), _loss(mx, loss(weight=0.5)), _loss(mx, loss(), mx.nd.array([[1], [0], [2]]))]


def l2_takes_labels_of_any_shape(mx):
    pred, label = mx.nd.array([[1], [2], [3]]), mx.nd.array([1, 0, 5])
    return mx.gluon.loss.L2Loss()(pred, label)


def l2_of_unlike_sizes(mx):
    return [lambda: mx.gluon.loss.L2Loss()(mx.nd.ones((3, 2)), mx.nd.ones((3,))).asnumpy()]


def softmax_cross_entropy(mx):
    loss = mx.gluon.loss.SoftmaxCrossEntropyLoss
    pred = mx.nd.array([[1, 2, 3], [3, 1, 1]])
    pred.attach_grad()
    results = []
    for each, label, args in (
        (loss(), [2, 0], ()),
        (loss(weight=2.0), [0, 1], ()),
        (loss(), [2, 0], (mx.nd.array([[1], [3]]),)),
        (loss(sparse_label=False), [[0, 0, 1], [0.5, 0.5, 0]], ()),
        (loss(from_logits=True), [2, 0], ()),
        (loss(axis=0), [1, 0, 1], ()),
    ):
        with mx.autograd.record():
            value = each(pred, mx.nd.array(label), *args)
        value.backward()
        results.append([value, pred.grad.copy()])
    return results


def sigmoid_binary_cross_entropy(mx):
    loss = mx.gluon.loss.SigmoidBinaryCrossEntropyLoss
    return [
        _loss(mx, loss()),
        _loss(mx, loss(), mx.nd.array([[1], [0], [2]])),
        _loss(mx, loss(), None, mx.nd.array([[2, 3]])),
        _loss(mx, loss(weight=0.1)),
    ]


def other_losses(mx):
    loss = mx.gluon.loss
    return {
        type(each).__name__: lambda each=each: _loss(mx, each)
        for each in (
            loss.HuberLoss(),
            loss.HingeLoss(),
            loss.SquaredHingeLoss(),
            loss.LogisticLoss(),
            loss.KLDivLoss(from_logits=False),
            loss.PoissonNLLLoss(),
        )
    }


def sample_weight_of_a_wrong_shape(mx):
    return [lambda: _loss(mx, mx.gluon.loss.L2Loss(), mx.nd.ones((5, 1)))[0].asnumpy()]


def loss_names_and_repr(mx):
    loss = mx.gluon.loss
    return [
        repr(loss.L2Loss()),
        repr(loss.SoftmaxCrossEntropyLoss()),
        loss.L1Loss().name,
        loss.SoftmaxCELoss().name,
        repr(loss.L1Loss(weight=2.0, batch_axis=1)),
        loss.L2Loss(prefix="mine_").name,
    ]


def accuracy(mx):
    m = mx.metric.Accuracy()
    seen = [m.get()]
    m.update([mx.nd.array([0, 1, 1])], [mx.nd.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])])
    seen.append(m.get())
    m.update(mx.nd.array([1, 1]), mx.nd.array([1, 0]))
    seen.append(m.get())
    m.reset()
    return [*seen, m.get(), m.name, str(m)]


def accuracy_of_wrong_shapes(mx):
    m = mx.metric.Accuracy()
    return [
        lambda: m.update([mx.nd.array([0, 1])], [mx.nd.array([[0.9, 0.1]])]),
        lambda: m.update([mx.nd.array([0])], [mx.nd.array([[0.9, 0.1]]), mx.nd.array([[0.9, 0.1]])]),
    ]


def top_k(mx):
    m = mx.metric.TopKAccuracy(top_k=2)
    m.update([mx.nd.array([0, 1, 2])], [mx.nd.array([[0.5, 0.3, 0.2], [0.5, 0.1, 0.4], [0.2, 0.5, 0.3]])])
    return [m.get(), lambda: mx.metric.TopKAccuracy(top_k=1)]


def f1_and_mcc(mx):
    results = []
    for m in (mx.metric.F1(), mx.metric.F1(average="micro"), mx.metric.MCC()):
        for labels, preds in (
            ([0, 1, 1, 1], [[0.3, 0.7], [0.2, 0.8], [0.9, 0.1], [0.1, 0.9]]),
            ([1, 0], [[0.1, 0.9], [0.8, 0.2]]),
        ):
            m.update([mx.nd.array(labels)], [mx.nd.array(preds)])
        results.append(m.get())
    return results


def regressions(mx):
    results = []
    for m in (mx.metric.MAE(), mx.metric.MSE(), mx.metric.RMSE()):
        m.update([mx.nd.array([1, 2, 3])], [mx.nd.array([1.5, 2, 1])])
        m.update([mx.nd.array([[1], [2]])], [mx.nd.array([[0], [0]])])
        results.append(m.get())
    return results


def likelihoods(mx):
    results = []
    for m in (
        mx.metric.CrossEntropy(),
        mx.metric.NegativeLogLikelihood(),
        mx.metric.Perplexity(ignore_label=None),
        mx.metric.Perplexity(ignore_label=0),
    ):
        m.update([mx.nd.array([0, 1])], [mx.nd.array([[0.3, 0.7], [0.1, 0.9]])])
        m.update([mx.nd.array([1])], [mx.nd.array([[0.5, 0.5]])])
        results.append(m.get())
    return results


def loss_metric(mx):
    m = mx.metric.Loss()
    m.update(None, [mx.nd.array([1, 2, 3])])
    m.update(0, mx.nd.array([6]))
    return [m.get(), mx.metric.Loss("mine").get()]


def composite(mx):
    m = mx.metric.CompositeEvalMetric([mx.metric.Accuracy(), mx.metric.create("ce")])
    m.add(mx.metric.TopKAccuracy(top_k=2))
    m.update([mx.nd.array([0, 1])], [mx.nd.array([[0.3, 0.7], [0.1, 0.9]])])
    return [m.get(), m.get_name_value(), m.get_metric(0).name]


def created_by_name(mx):
    names = ["acc", "accuracy", "ce", "f1", "mae", "mse", "rmse", "loss", "mcc"]
    return [
        [mx.metric.create(n).name for n in names],
        lambda: mx.metric.create("nothing"),
        lambda: mx.metric.create(3),
        type(mx.metric.create(["acc", "mse"])).__name__,
    ]


def custom_metric(mx):
    def worst(label, pred):
        return float(np.abs(label - pred).max())

    m, n = mx.metric.CustomMetric(worst), mx.metric.np(worst)
    for metric in (m, n):
        metric.update([mx.nd.array([1, 2])], [mx.nd.array([1, 5])])
        metric.update([mx.nd.array([1, 2])], [mx.nd.array([2, 2])])
    return [m.get(), n.get(), mx.metric.create(worst).get()]


def name_value_pairs(mx):
    m = mx.metric.Accuracy(name="val")
    m.update([mx.nd.array([1])], [mx.nd.array([1])])
    return [m.get_name_value(), m.num_inst, m.get_config()["metric"]]


def samplers(mx):
    data = mx.gluon.data
    np.random.seed(3)
    return [
        list(data.SequentialSampler(4)),
        list(data.RandomSampler(7)),
        list(data.RandomSampler(7)),
        [list(data.BatchSampler(data.SequentialSampler(7), 3, last)) for last in ("keep", "discard", "rollover")],
        [len(data.BatchSampler(data.SequentialSampler(7), 3, last)) for last in ("keep", "discard", "rollover")],
        lambda: list(data.BatchSampler(data.SequentialSampler(7), 3, "other")),
    ]


def rollover_over_two_epochs(mx):
    data = mx.gluon.data
    sampler = data.BatchSampler(data.SequentialSampler(7), 3, "rollover")
    return [list(sampler), list(sampler), list(sampler)]


def datasets(mx):
    data = mx.gluon.data
    x, y = np.arange(6).reshape(3, 2).astype("float32"), np.array([3, 4, 5], dtype="int32")
    both = data.ArrayDataset(x, y)
    one = data.ArrayDataset(mx.nd.array(x))
    simple = data.SimpleDataset([10, 20, 30])
    return [
        len(both),
        list(both[1]),
        one[2],
        simple[1],
        len(simple.transform(lambda v: v + 1)),
        simple.transform(lambda v: v + 1)[0],
        list(both.transform_first(lambda v: v * 10)[0]),
        lambda: data.ArrayDataset(x, y[:2]),
        [v for v in simple.transform(lambda v: v * 2)],
    ]


def loader_batches(mx):
    data = mx.gluon.data
    x, y = np.arange(10).reshape(5, 2).astype("float32"), np.arange(5, dtype="int32")
    return [
        [list(batch) for batch in data.DataLoader(data.ArrayDataset(x, y), batch_size=2, last_batch=last)]
        for last in (None, "discard", "rollover")
    ]


def loader_of_one_array(mx):
    loader = mx.gluon.data.DataLoader(mx.nd.arange(5), batch_size=2)
    return [list(loader), len(loader)]


def loader_dtypes(mx):
    data = mx.gluon.data
    lists = [np.arange(3, dtype=dtype) for dtype in ("float64", "int64", "uint8")] + [[1, 2, 3], [1.5, 2.5]]
    return [list(data.DataLoader(data.SimpleDataset(values), batch_size=2)) for values in lists]


def loader_shuffled_twice(mx):
    loader = mx.gluon.data.DataLoader(mx.gluon.data.SimpleDataset(list(range(8))), batch_size=3, shuffle=True)
    np.random.seed(1)
    return [list(loader), list(loader)]


def loader_with_workers(mx):
    np.random.seed(1)
    dataset = mx.gluon.data.ArrayDataset(np.arange(9).astype("float32"))
    loader = mx.gluon.data.DataLoader(dataset, batch_size=2, shuffle=True, num_workers=2, thread_pool=True)
    return [b.asnumpy() for b in loader]


def loader_arguments(mx):
    data = mx.gluon.data
    dataset, sampler = data.SimpleDataset([1, 2, 3]), data.SequentialSampler(3)
    return [
        lambda: data.DataLoader(dataset),
        lambda: data.DataLoader(dataset, batch_size=1, shuffle=True, sampler=sampler),
        lambda: data.DataLoader(dataset, batch_size=1, batch_sampler=data.BatchSampler(sampler, 2)),
        lambda: list(data.DataLoader(dataset, batch_sampler=data.BatchSampler(sampler, 2))),
    ]
