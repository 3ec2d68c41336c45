"""Metrics count as MXNet's do: values after each of two batches, printed forms, local and global results, bad calls."""

import math

import numpy as np
import pytest

import mxl as mx
from mxl.core.errors import ArgumentError, InvalidSetting, OutOfBounds, ShapeError

metric = mx.metric
array = mx.nd.array
P = [[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]]
REGRESSION = [([1, 2, 3], [1.5, 2, 2]), ([1, 0], [3, 1])]
CLASSES = [([1, 0, 1], P), ([0, 1, 0], P)]
TWO = [([1, 0, 1], P), ([0, 1, 1], P)]

FACTS = [  # name, arguments, batches, the value after each, num_inst at the end
    ("acc", {}, CLASSES, [1.0, 0.5], 6),
    ("top_k_accuracy", {"top_k": 2}, [([1, 2, 0], [[0.1, 0.2, 0.7], [0.5, 0.3, 0.2], [0.3, 0.4, 0.3]])], [1 / 3], 3),
    ("mae", {}, REGRESSION, [0.5, 1.0], 2),
    ("mse", {}, REGRESSION, [0.4166666567325592, 1.4583333283662796], 2),
    ("rmse", {}, REGRESSION, [0.64549720287323, 1.1133180260658264], 2),
    ("ce", {}, CLASSES, [0.2283929983774821, 0.9668624798456827], 6),
    ("nll_loss", {}, CLASSES, [0.2283929983774821, 0.9668624798456827], 6),
    ("perplexity", {"ignore_label": None}, CLASSES, [1.2565790869056697, 2.629680852007727], 6),
    ("perplexity", {"ignore_label": 0}, CLASSES, [1.2598816065359375, 1.9946949867836168], 3),
    ("f1", {}, TWO, [1.0, 0.75], 2),
    ("f1", {"average": "micro"}, TWO, [1.0, 0.75], 6),
    ("mcc", {}, TWO, [1.0, 0.25], 2),
    ("mcc", {"average": "micro"}, TWO, [1.0, 0.25], 6),
    ("loss", {}, [(None, [1, 2, 3]), (None, [[4, 5]])], [2.0, 3.0], 5),
    ("torch", {}, [(None, [1, 2, 3])], [2.0], 3),
    ("caffe", {}, [(None, [1, 2, 3])], [2.0], 3),
]


def arrays(*batch):
    return [None if part is None else [array(part)] for part in batch]


@pytest.mark.parametrize("name, kwargs, batches, values, count", FACTS, ids=lambda value: str(value)[:24])
def test_values_are_mxnets(name, kwargs, batches, values, count):
    one = metric.create(name, **kwargs)
    assert math.isnan(one.get()[1])
    for batch, value in zip(batches, values, strict=True):
        one.update(*arrays(*batch))
        assert one.get()[1] == pytest.approx(value, rel=1e-7)
        assert one.get_global()[1] == pytest.approx(value, rel=1e-7)
    assert one.num_inst == count
    one.reset_local()
    assert math.isnan(one.get()[1])
    assert one.get_global()[1] == pytest.approx(values[-1], rel=1e-7)
    one.update(*arrays(*batches[0]))
    assert one.get()[1] == pytest.approx(values[0], rel=1e-7)
    one.reset()
    assert math.isnan(one.get_global()[1])


@pytest.mark.parametrize(
    "name, shown",
    [
        ("acc", "accuracy"),
        ("accuracy", "accuracy"),
        ("ACC", "accuracy"),
        ("ce", "cross-entropy"),
        ("nll_loss", "nll-loss"),
        ("rmse", "rmse"),
        ("loss", "loss"),
        ("top_k_acc", None),
    ],
)
def test_names(name, shown):
    one = metric.create(name, **({"top_k": 3} if shown is None else {}))
    assert one.name == (shown or "top_k_accuracy_3")
    assert metric.create(one) is one


def test_printed_form():
    one = metric.Accuracy()
    assert str(one) == "EvalMetric: {'accuracy': nan}"
    one.update(array([1, 1, 1]), array(P))
    assert str(one) == "EvalMetric: {'accuracy': 0.6666666666666666}"
    assert one.get_name_value() == one.get_global_name_value() == [("accuracy", 2 / 3)]


def test_accuracy_takes_scores_class_numbers_and_other_axes():
    one = metric.Accuracy()
    one.update([array([1, 0, 1])], [array([1, 1, 1])])
    one.update([array([[1], [0], [1]])], [array(P)])
    one.update(np.array([1, 0, 1]), np.array(P))
    assert (one.sum_metric, one.num_inst) == (8, 9)
    last = metric.Accuracy(axis=2)
    last.update([array([[0, 2]])], [array([[[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]]])])
    assert last.get()[1] == 1


def test_top_k_takes_class_numbers_too():
    one = metric.TopKAccuracy(top_k=2)
    one.update([array([1, 2, 0])], [array([1, 1, 0])])
    assert one.get() == ("top_k_accuracy_2", 2 / 3)


def test_dicts_are_taken_by_name():
    one = metric.Accuracy(output_names=["out"], label_names=["label"])
    labels, preds = {"label": array([1, 1, 1]), "other": array([3])}, {"out": array(P), "other": array([3])}
    one.update_dict(labels, preds)
    assert one.get()[1] == 2 / 3
    everything = metric.Accuracy()
    everything.update_dict({"label": labels["label"]}, {"out": preds["out"]})
    assert everything.get()[1] == 2 / 3
    both = metric.CompositeEvalMetric([metric.Accuracy(), "mse"], output_names=["out"], label_names=["label"])
    both.update_dict(labels, {**preds, "out": array([1, 0, 1])})
    assert both.get()[1] == pytest.approx([2 / 3, 1 / 3])


def test_config_makes_it_anew():
    for one in (
        metric.Accuracy(axis=2, name="a", label_names=["l"]),
        metric.TopKAccuracy(3),
        metric.Perplexity(0),
        metric.F1(average="micro"),
    ):
        config = one.get_config()
        again = metric.create(config.pop("metric"), **config)
        assert again.get_config() == one.get_config()
    assert metric.Accuracy().get_config() == {
        "axis": 1,
        "metric": "Accuracy",
        "name": "accuracy",
        "output_names": None,
        "label_names": None,
    }
    composite = metric.create(["acc", "loss"]).get_config()
    assert [child["metric"] for child in composite["metrics"]] == ["Accuracy", "Loss"]


def mean_distance(label, pred):
    return float(np.abs(label - pred).mean())


def test_functions_are_metrics():
    for one in (metric.create(mean_distance), metric.np(mean_distance), metric.CustomMetric(mean_distance)):
        one.update([array([1, 1])], [array([0, 0.5])])
        assert one.get() == ("mean_distance", 0.75)
    pair = metric.create(lambda label, pred: (3.0, 2))
    pair.update([array([1])], [array([0])])
    assert (pair.get(), pair.num_inst) == (("custom(<lambda>)", 1.5), 2)
    assert metric.np(mean_distance, name="z").name == "z"
    extra = metric.CustomMetric(mean_distance, allow_extra_outputs=True)
    extra.update([array([1])], [array([0]), array([5])])
    assert extra.get()[1] == 1


def test_composite_shows_all():
    both = metric.CompositeEvalMetric()
    both.add("acc")
    both.add(metric.Loss())
    both.update([array([1, 1, 1])], [array(P)])
    assert both.get() == (["accuracy", "loss"], [2 / 3, pytest.approx(0.5)])
    assert both.get_name_value() == [("accuracy", 2 / 3), ("loss", pytest.approx(0.5))]
    both.reset_local()
    assert math.isnan(both.get()[1][0])
    assert both.get_global()[1][0] == 2 / 3
    both.reset()
    assert str(both) == "EvalMetric: {'accuracy': nan, 'loss': nan}"
    assert isinstance(both.get_metric(1), metric.Loss)


def test_own_class():
    @metric.register
    class Count(metric.EvalMetric):
        def __init__(self, name="count"):
            super().__init__(name)

        def update(self, labels, preds):
            self.sum_metric += len(preds)
            self.num_inst += 1

    try:
        one = metric.create("count")
        one.update([], [1, 2])
        one.update([], [1])
        assert one.get() == one.get_global() == ("count", 1.5)
    finally:
        del metric.base.REGISTRY.classes["count"]


def test_loss_of_a_pending_array_is_read_when_counted():
    one = metric.Loss()
    one.update(0, [mx.nd.ones((2, 2)), mx.nd.zeros(4)])
    assert (one.sum_metric, one.num_inst) == (4, 8)


@pytest.mark.parametrize(
    "call, kind, text",
    [
        (
            lambda: metric.create("foo"),
            InvalidSetting,
            "metric 'foo' is not registered here; known: acc, accuracy, .*@mx.metric.register",
        ),
        (lambda: metric.create(3), ArgumentError, "expected a name, a function, an EvalMetric or a list, got int"),
        (lambda: metric.register(3), TypeError, "expects a subclass of EvalMetric, got 3"),
        (lambda: metric.TopKAccuracy(1), ValueError, "top_k is 1; expected 2 or more .Accuracy"),
        (
            lambda: metric.Accuracy().update([array([1])] * 2, [array([1])]),
            ValueError,
            "labels have length 2, predictions 1: they must be equal",
        ),
        (
            lambda: metric.Accuracy().update([array([1, 0])], [array(P)]),
            ValueError,
            "labels have length 2, predictions 3: they must be equal",
        ),
        (lambda: metric.Accuracy().update([3], [4]), ArgumentError, "updated with NDArrays, got int"),
        (
            lambda: metric.TopKAccuracy(2).update([array([1])], [array([[[1, 2]]])]),
            ShapeError,
            r"predictions are \[1, 1, 2\]",
        ),
        (
            lambda: metric.F1().update([array([0, 1, 2])], [array(P)]),
            ValueError,
            "knows two classes, 0 and 1; the labels have 3",
        ),
        (lambda: metric.MCC().update([array([0, 1])], [array([0, 1])]), ShapeError, r"must be \[N, 2\]"),
        (
            lambda: metric.CrossEntropy().update([array([0, 1])], [array(P)]),
            ShapeError,
            r"labels are \[2\], predictions \[3, 2\]",
        ),
        (
            lambda: metric.CrossEntropy().update([array([0, 1, 5])], [array(P)]),
            OutOfBounds,
            "labels go from 0 to 5, predictions have 2",
        ),
        (lambda: metric.Perplexity(None).update([array([0, 1])], [array(P)]), ShapeError, "one more axis, the classes"),
        (lambda: metric.CustomMetric(mean_distance).get_config(), ArgumentError, "a function among its settings"),
        (
            lambda: metric.CustomMetric(mean_distance).update([array([1])], [array([1])] * 2),
            ValueError,
            "labels have length 1, predictions 2",
        ),
        (lambda: metric.EvalMetric("x").update([], []), NotImplementedError, "EvalMetric must override update"),
        (
            lambda: metric.check_label_shapes(array([1, 2]), array([1]), shape=True),
            ValueError,
            r"labels have shape \(2,\), predictions \(1,\)",
        ),
    ],
)
def test_bad_call(call, kind, text):
    with pytest.raises(kind, match=text):
        call()
