"""MXNet's small modules: callbacks, checkpoints, names, attributes, features, utilities, bulks, loggers."""

import logging


class _Lines(logging.Handler):
    """Keeps what the root logger is told, without the numbers of time."""

    def __init__(self):
        logging.Handler.__init__(self)
        self.lines = []

    def emit(self, record):
        text = record.getMessage()
        head, tab, rest = text.partition("\tSpeed: ")
        self.lines.append(head + tab + rest[rest.index(" samples"):] if tab else text)


def _logged(action):
    handler = _Lines()
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        action()
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    return handler.lines


def _metric(mx):
    metric = mx.metric.Accuracy()
    metric.update([mx.nd.array([0, 1, 1])], [mx.nd.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])])
    return metric


def _batches(mx, callback, metric, count=7, epochs=1):
    def run():
        for epoch in range(epochs):
            for batch in range(count):
                callback(mx.model.BatchEndParam(epoch=epoch, nbatch=batch, eval_metric=metric, locals=None))
    return _logged(run)


def speedometer(mx):
    both = mx.metric.create(["acc", "mse"])
    return [
        _batches(mx, mx.callback.Speedometer(4, 2), None),
        _batches(mx, mx.callback.Speedometer(4, 2), _metric(mx), epochs=2),
        _batches(mx, mx.callback.Speedometer(4, 3, auto_reset=False), _metric(mx)),
        _batches(mx, mx.callback.Speedometer(4, auto_reset=False, frequent=3), both),
    ]


def progress_bar(mx):
    short = mx.callback.ProgressBar(3, length=10)
    return [_batches(mx, mx.callback.ProgressBar(6), None), _batches(mx, short, None, 4)]


def log_train_metric(mx):
    kept, reset = _metric(mx), _metric(mx)
    return [_batches(mx, mx.callback.log_train_metric(3), kept), kept.get(),
            _batches(mx, mx.callback.log_train_metric(3, True), reset), reset.get(),
            _batches(mx, mx.callback.log_train_metric(3), None)]


def log_validation_metrics(mx):
    return [_batches(mx, mx.callback.LogValidationMetricsCallback(), _metric(mx), 2),
            _batches(mx, mx.callback.LogValidationMetricsCallback(), None, 2)]


def checkpoints_of_a_module(mx):
    calls = []

    class Module:
        def save_checkpoint(self, *args):
            calls.append(list(args))

    save = mx.callback.module_checkpoint(Module(), "pre", 2, True)
    for epoch in range(5):
        save(epoch)
    every = mx.callback.module_checkpoint(Module(), "x", 0)
    every(0, None, None, None)
    return calls


def checkpoints_of_arrays(mx):
    import os
    w, m = mx.nd.arange(6).reshape((2, 3)), mx.nd.ones((2,))
    lines = _logged(lambda: mx.model.save_checkpoint("net", 7, None, {"w": w}, {"mean": m}))
    save = mx.callback.do_checkpoint("other", 2)
    lines += _logged(lambda: [save(epoch, None, {"w": w}, {}) for epoch in range(4)])
    args, aux = mx.model.load_params("net", 7)
    empty = _logged(lambda: mx.model.save_checkpoint("empty", 0, None, {}, {}))
    return [lines, sorted(os.listdir(".")), args, aux, sorted(mx.nd.load("net-0007.params")), empty,
            lambda: mx.model.load_params("net", 8), mx.model.BatchEndParam._fields]


def names(mx):
    with mx.name.NameManager() as manager:
        plain = [manager.get(None, "conv"), manager.get(None, "conv"), manager.get("mine", "conv"),
                 mx.name.NameManager.current.get(None, "fc"), mx.name.NameManager.current is manager]
    with mx.name.Prefix("net_"):
        manager = mx.name.NameManager.current
        prefixed = [manager.get(None, "conv"), manager.get("mine", "conv"), mx.gluon.nn.Dense(1).name,
                    mx.gluon.nn.Dense(1).name, mx.gluon.nn.Dense(1, prefix="a_").name]
        net = mx.gluon.nn.HybridSequential()
        with net.name_scope():
            net.add(mx.gluon.nn.Dense(1))
        prefixed.append(list(net.collect_params()))
    return [plain, prefixed, isinstance(manager, mx.name.NameManager)]


def attributes(mx):
    with mx.AttrScope(group="4", data="great") as scope:
        inner = scope.get({"data": "other", "more": "1"})
        with mx.AttrScope(group="5"):
            nested = mx.attribute.AttrScope.current.get(None)
    return [inner, nested, mx.AttrScope.current.get({"a": "b"}), mx.AttrScope.current.get(None) or {},
            lambda: mx.AttrScope(group=4)]


def features(mx):
    known = mx.runtime.Features()
    return [known.is_enabled("CUDA"), known.is_enabled("cudnn"), known["DIST_KVSTORE"].enabled, known["CUDA"].name,
            str(known["CUDA"]), str(known["LAPACK"]), list(known), [f.name for f in mx.runtime.feature_list()],
            lambda: known.is_enabled("NOPE"), lambda: known["NOPE"]]


def utilities(mx):
    util = mx.util
    util.setenv("MXL_TEST_OF_SETENV", "1")
    was = util.getenv("MXL_TEST_OF_SETENV")
    util.setenv("MXL_TEST_OF_SETENV", None)
    placed = util.set_module("somewhere")(lambda: 0)
    before = util.set_np_shape(False)
    with util.np_shape(False), util.np_array(False):
        inside = [util.is_np_shape(), util.is_np_array()]
    util.reset_np()
    return [was, util.getenv("MXL_TEST_OF_SETENV"), util.get_gpu_count(), util.is_np_shape(), util.is_np_array(),
            placed.__module__, before, inside, lambda: util.get_gpu_memory(0),
            lambda: util.get_cuda_compute_capability(mx.cpu()), lambda: util.set_np(shape=False, array=True)]


def bulks(mx):
    before = mx.engine.set_bulk_size(7)
    with mx.engine.bulk(3):
        inside = mx.engine.set_bulk_size(4)
        total = (mx.nd.ones(3) + 1).sum()
    return [inside, total, mx.engine.set_bulk_size(before)]


def _closed(logger):
    for handler in list(logger.handlers):
        handler.close()
        logger.removeHandler(handler)


def loggers(mx):
    log = mx.log
    logger = log.get_logger("mxl.test.of.log", "out.txt", "w", log.INFO)
    again = log.get_logger("mxl.test.of.log", "other.txt", "w", log.DEBUG)
    logger.info("a %s", "b")
    logger.debug("not this")
    logger.error("worse")
    _closed(logger)
    with open("out.txt") as file:
        lines = [line.split()[-1] for line in file]
    levels = [log.CRITICAL, log.ERROR, log.WARNING, log.INFO, log.DEBUG, log.NOTSET]
    return [lines, logger is again, logger.level, levels, log.get_logger() is logging.getLogger()]


def lines_of_loggers(mx):
    logger = mx.log.get_logger("mxl.test.of.lines", "out.txt", "w", mx.log.INFO)
    logger.info("a")
    _closed(logger)
    with open("out.txt") as file:
        return [line.rstrip().endswith("] a") and line[0] == "I" for line in file]
