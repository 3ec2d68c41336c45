"""Metrics: names, settings, sums since the last log and since the start, and how they are made and printed."""

import numpy as np


def _binary(mx):
    rng = np.random.RandomState(2)
    return [mx.nd.array(rng.randint(0, 2, 6))], [mx.nd.array(rng.uniform(size=(6, 2)).astype("f4"))]


def _many(mx):
    rng = np.random.RandomState(3)
    pred = rng.uniform(0.1, 1, size=(6, 4)).astype("f4")
    return [mx.nd.array(rng.randint(0, 4, 6))], [mx.nd.array(pred / pred.sum(1, keepdims=True))]


def _real(mx):
    rng = np.random.RandomState(4)
    return [mx.nd.array(rng.normal(size=(6, 1)))], [mx.nd.array(rng.normal(size=(6, 1)))]


def _all(mx):
    m = mx.metric
    return [
        (m.Accuracy(), _many), (m.TopKAccuracy(top_k=2), _many), (m.F1(), _binary), (m.F1(average="micro"), _binary),
        (m.MCC(), _binary), (m.MCC(average="micro"), _binary), (m.Perplexity(ignore_label=None), _many),
        (m.Perplexity(ignore_label=1), _many), (m.MAE(), _real), (m.MSE(), _real), (m.RMSE(), _real),
        (m.CrossEntropy(), _many), (m.NegativeLogLikelihood(), _many), (m.PearsonCorrelation(), _real),
        (m.PearsonCorrelation(average="micro"), _real), (m.PCC(), _many), (m.Loss(), _real), (m.Torch(), _real),
        (m.Caffe(), _real), (m.CustomMetric(lambda label, pred: float(label.sum() - pred.sum())), _real),
    ]


def values(mx):
    out = []
    for metric, data in _all(mx):
        metric.update(*data(mx))
        out.append([metric.get(), metric.get_name_value()])
    return out


def values_twice(mx):
    out = []
    for metric, data in _all(mx):
        labels, preds = data(mx)
        metric.update(labels, preds)
        metric.update([label[:3] for label in labels], [pred[:3] for pred in preds])
        out.append([metric.get(), metric.get_global(), metric.get_global_name_value()])
    return out


def local_and_global(mx):
    out = []
    for metric, data in _all(mx):
        labels, preds = data(mx)
        metric.update(labels, preds)
        metric.reset_local()
        before = metric.get()
        metric.update([label[2:] for label in labels], [pred[2:] for pred in preds])
        out.append([str(before), metric.get(), metric.get_global()])
        metric.reset()
        out.append([str(metric.get()), str(metric.get_global())])
    return out


def several_outputs(mx):
    out = []
    for metric, data in _all(mx):
        labels, preds = data(mx)
        metric.update(labels * 2, [preds[0], preds[0] * 0.5])
        out.append(metric.get())
    return out


def printed(mx):
    return [str(metric) for metric, _ in _all(mx)[:-1]]


def configs(mx):
    out = []
    for metric, _ in _all(mx)[:-1]:
        config = metric.get_config()
        out.append([sorted((k, str(v)) for k, v in config.items())])
    return out


def attributes(mx):
    out = []
    for metric, data in _all(mx)[:-1]:
        metric.update(*data(mx))
        out.append([metric.name, metric.output_names, metric.label_names, float(metric.num_inst),
                    metric._has_global_stats])
    return out


def named(mx):
    names = ["acc", "accuracy", "ce", "f1", "mae", "mse", "mcc", "nll_loss", "nll-loss", "perplexity", "pearsonr",
             "pcc", "rmse", "top_k_accuracy", "top_k_acc", "cross-entropy", "loss", "torch", "caffe", "composite",
             "TopKAccuracy",
             "CrossEntropy", "NegativeLogLikelihood", "pearsoncorrelation", "none such"]
    made = {"perplexity": {"ignore_label": 0}}

    def make(name):
        return lambda: str(mx.metric.create(name, **made.get(name, {})))

    return [make(name) for name in names]


def created(mx):
    create = mx.metric.create
    return [str(create(["acc", "mse"])), str(create(mx.metric.Accuracy())), create("top_k_accuracy", top_k=3).get(),
            create("accuracy", 0, "mine").get(), lambda: create(5), lambda: create(None),
            create(lambda a, b: 1.0).get(),
            lambda: create("accuracy", nonsense=1).get()]


def custom(mx):
    def distance(label, pred):
        return float(np.abs(label - pred).sum())

    def pair(label, pred):
        return float(label.sum()), label.size

    out = []
    for metric in (mx.metric.np(distance), mx.metric.np(pair, name="pairs"), mx.metric.create(distance),
                   mx.metric.CustomMetric(distance, name="d"), mx.metric.CustomMetric(lambda a, b: 2.0)):
        metric.update(*_real(mx))
        out.append(metric.get())
    metric = mx.metric.np(distance)
    labels, preds = _real(mx)
    out.append(lambda: metric.update(labels, preds * 2))
    out.append(lambda: metric.get_config())
    extra = mx.metric.np(distance, allow_extra_outputs=True)
    extra.update(labels, preds * 2)
    out.append(extra.get())
    return out


def composite(mx):
    both = mx.metric.CompositeEvalMetric(["acc", mx.metric.CrossEntropy()], name="both")
    both.add("mse")
    both.add(mx.metric.TopKAccuracy(top_k=3))
    labels, preds = _many(mx)
    out = [lambda: both.update(labels, preds)]
    fine = mx.metric.CompositeEvalMetric(["acc", mx.metric.CrossEntropy()])
    fine.update(labels, preds)
    out += [fine.get(), fine.get_name_value(), fine.get_global(), fine.get_global_name_value(), str(fine),
            str(fine.get_metric(0)), fine.name]
    fine.reset_local()
    out += [str(fine.get()), fine.get_global()]
    fine.reset()
    out += [str(fine.get()), str(fine.get_global())]
    return out


def names_choose(mx):
    metric = mx.metric.Accuracy(output_names=["a"], label_names=["y"])
    labels, preds = _many(mx)
    metric.update_dict({"y": labels[0], "z": labels[0] * 0}, {"a": preds[0], "b": preds[0] * 0})
    plain = mx.metric.Accuracy()
    plain.update_dict({"y": labels[0]}, {"a": preds[0]})
    both = mx.metric.CompositeEvalMetric([mx.metric.Accuracy(output_names=["a"], label_names=["y"]), "mse"],
                                         output_names=["a"], label_names=["y"])
    out = [metric.get(), plain.get(), metric.output_names, metric.label_names, both.output_names]
    out.append(lambda: metric.update_dict({"q": labels[0]}, {"a": preds[0]}))
    return out


def shapes_checked(mx):
    check = mx.metric.check_label_shapes
    a, b = mx.nd.ones((2, 3)), mx.nd.ones((3, 2))
    return [lambda: check([a], [a, b]), check([a], [b]), lambda: check(a, b, shape=True),
            lambda: check(a, b, wrap=True), [len(x) for x in check(a, a, wrap=True)],
            lambda: check(a, mx.nd.ones((3, 3))), check([a], [a], True, False)]


def accuracy_forms(mx):
    out = []
    for label, pred, kwargs in (
        ([0, 1, 1], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], {}), ([0, 1, 1], [0, 1, 0], {}),
        ([[0, 1], [1, 1]], [[[0.9, 0.1], [0.2, 0.8]], [[0.6, 0.4], [0.1, 0.9]]], {"axis": 2}),
        ([[0], [1]], [[0.3, 0.7], [0.1, 0.9]], {}), ([0, 1], [[0.3, 0.7], [0.1, 0.9], [0, 1]], {}),
    ):
        metric = mx.metric.Accuracy(**kwargs)
        out.append(lambda m=metric, a=label, b=pred: [m.update(mx.nd.array(a), mx.nd.array(b)), m.get()])
        out.append(lambda m=metric, a=label, b=pred: [m.update([mx.nd.array(a)], [mx.nd.array(b)]), m.get()])
    return out


def wrong_calls(mx):
    labels, preds = _many(mx)
    m = mx.metric
    return [
        lambda: m.TopKAccuracy(), lambda: m.F1().update(labels, preds),
        lambda: m.MCC().update(labels, preds), lambda: m.Perplexity(None).update(labels, [preds[0][:2]]),
        lambda: m.Accuracy().update(labels, preds * 2), lambda: m.CrossEntropy().update([labels[0][:2]], preds),
        lambda: m.TopKAccuracy(top_k=9).update(labels, preds),
        lambda: m.EvalMetric("base").update(labels, preds), lambda: m.Perplexity(),
    ]


def empty(mx):
    return [str(metric.get()) for metric, _ in _all(mx)]


def registered(mx):
    @mx.metric.register
    class Doubled(mx.metric.EvalMetric):
        def __init__(self, name="doubled", scale=2, **kwargs):
            super().__init__(name, scale=scale, **kwargs)
            self.scale = scale

        def update(self, labels, preds):
            self.sum_metric += self.scale * float(preds[0].sum().asscalar())
            self.num_inst += 1

    made = mx.metric.create("doubled", scale=3)
    made.update(*_real(mx))
    other = mx.metric.alias("twice")(Doubled) if hasattr(mx.metric, "alias") else None
    return [made.get(), sorted((k, str(v)) for k, v in made.get_config().items()), str(made), other is not None]
