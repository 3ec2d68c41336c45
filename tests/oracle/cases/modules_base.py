"""mx.base, mx.error, mx.registry, mx.libinfo, mx.np's switches at the top, and corners of metrics and optimizers."""

import warnings

import numpy as np


def groups_of_types(mx):
    base = mx.base
    values = ["a", 1, 1.5, np.float32(1), np.int32(1), np.int64(1), True, None, [1]]
    return [[isinstance(value, group) for value in values]
            for group in (base.string_types, base.integer_types, base.numeric_types)] + [
        base.mx_real_t, base.basestring, base.long, base.py_str(b"abc")]


def errors_of_base(mx):
    base = mx.base
    return [base.MXNetError is mx.MXNetError, issubclass(base.NotImplementedForSymbol, mx.MXNetError),
            issubclass(base.NotSupportedForSparseNDArray, mx.MXNetError),
            sorted(name for name in base.error_types if name != "InternalError")]


def not_for_symbols(mx):
    def raising():
        raise mx.base.NotImplementedForSymbol(groups_of_types, "+", 1)

    def of_sparse():
        raise mx.base.NotSupportedForSparseNDArray(groups_of_types, None)

    return [raising, of_sparse]


def metaclasses_and_properties(mx):
    class Meta(type):
        tag = "meta"

    made = mx.base.with_metaclass(Meta, dict)

    class Child(made):
        @mx.base.classproperty
        def name(cls):
            return cls.__name__ + "!"

    return [type(Child).__name__, Child.__bases__[0].__name__, Child.tag, Child.name, Child().name]


def registered_errors(mx):
    @mx.error.register
    class Odd(mx.MXNetError):
        pass

    mx.error.register("Renamed", Odd)

    @mx.error.register_error("Third")
    class Other(ValueError):
        pass

    types = mx.base.error_types
    error = mx.error.InternalError("broken")
    return [types["Odd"] is Odd, types["Renamed"] is Odd, types["Third"] is Other, "MXNet hint:" in str(error),
            isinstance(error, mx.MXNetError), str(mx.error.InternalError("x MXNet hint: y")), mx.error.MXNetError is
            mx.base.MXNetError]


def a_registry_of_ones_own(mx):
    class Reader:
        def __init__(self, name="none", size=1):
            self.name, self.size = name, size

    register = mx.registry.get_register_func(Reader, "reader")
    alias = mx.registry.get_alias_func(Reader, "reader")
    create = mx.registry.get_create_func(Reader, "reader")

    @register
    class Csv(Reader):
        pass

    @alias("json", "JSONL")
    class Lines(Reader):
        pass

    register(Lines, "Other")
    made = create("csv", "table", size=3)

    def seen(reader):
        return [type(reader).__name__, reader.name, reader.size]

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        register(Lines, "csv")
    return [sorted(mx.registry.get_registry(Reader)), seen(made), create(made) is made, seen(create("JSON")),
            seen(create('["other", {"size": 5}]')), seen(create('{"reader": "other", "name": "n"}')),
            seen(create(reader="jsonl")), seen(create({"reader": "json", "size": 2})), [w.category for w in caught],
            lambda: create("none"), lambda: create(5), lambda: create(made, 1), lambda: register(dict),
            lambda: create('["other", {}]', 1), lambda: create()]


def registries_of_the_library(mx):
    found = [mx.registry.get_registry(mx.init.Initializer), mx.registry.get_registry(mx.metric.EvalMetric)]
    return [[name in each for name in names]
            for each, names in zip(found, (("xavier", "zeros", "uniform"), ("acc", "f1", "mse")), strict=True)]


def library_files(mx):
    return [isinstance(mx.libinfo.__version__, str), isinstance(mx.__version__, str)]


def switches_at_the_top(mx):
    return [mx.is_np_shape(), mx.is_np_array(), mx.set_np_shape(False), mx.util.is_np_shape() is mx.is_np_shape()]


def scopes_at_the_top(mx):
    with mx.np_shape(False):
        first = mx.is_np_shape()
    with mx.np_array(False):
        second = mx.is_np_array()
    return [first, second, callable(mx.use_np), callable(mx.use_np_shape), callable(mx.use_np_array)]


def data_folder(mx):
    import os
    before = os.environ.get("MXNET_HOME")
    os.environ["MXNET_HOME"] = "/somewhere"
    try:
        return [mx.base.data_dir(), mx.base.data_dir_default().endswith(".mxnet")]
    finally:
        if before is None:
            del os.environ["MXNET_HOME"]
        else:
            os.environ["MXNET_HOME"] = before


def places_of_a_composite(mx):
    both = mx.metric.CompositeEvalMetric(["acc", "mse"])
    return [type(both.get_metric(1)).__name__, type(both.get_metric(-1)).__name__,
            [isinstance(both.get_metric(place), ValueError) for place in (2, 9, -3, 0)]]


def any_average(mx):
    labels, predictions = [mx.nd.array([0, 1, 1])], [mx.nd.array([[0.3, 0.7], [0.2, 0.8], [0.6, 0.4]])]
    result = []
    for metric in (mx.metric.F1(average="x"), mx.metric.MCC(average="x"), mx.metric.F1(average="micro")):
        metric.update(labels, predictions)
        metric.update(labels, predictions[:1])
        result.append(metric.get())
    return result


def metrics_by_another_name(mx):
    class Mine(mx.metric.EvalMetric):
        def update(self, labels, preds):
            self.sum_metric += 1
            self.num_inst += 1

    mx.metric.register(Mine, "Another")
    return [type(mx.metric.create("another", name="n")).__name__, lambda: mx.metric.create("mine", name="n")]


def optimizers_of_no_name(mx):
    return [lambda: mx.optimizer.create(5), lambda: mx.optimizer.create(None), lambda: mx.optimizer.create("none"),
            lambda: mx.optimizer.Optimizer.create_optimizer("none")]
