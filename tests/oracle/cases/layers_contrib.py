"""gluon.contrib.nn: pixels shuffled, statistics of a whole batch, tables in a store."""

import warnings

import numpy as np


def _counted(mx, *shape):
    return mx.nd.array(np.arange(np.prod(shape)).reshape(shape))


def pixels_shuffled(mx):
    C = mx.gluon.contrib.nn
    return [C.PixelShuffle1D(2)(_counted(mx, 1, 4, 3)), C.PixelShuffle2D((2, 3))(_counted(mx, 1, 12, 2, 2)),
            C.PixelShuffle2D(2)(_counted(mx, 2, 4, 2, 1)), C.PixelShuffle3D((2, 1, 3))(_counted(mx, 1, 12, 1, 2, 2)),
            C.PixelShuffle3D(2)(_counted(mx, 1, 8, 2, 1, 2)), str(C.PixelShuffle1D(2)), str(C.PixelShuffle2D(2)),
            str(C.PixelShuffle3D((1, 2, 3))), lambda: C.PixelShuffle2D((1, 2, 3)), lambda: C.PixelShuffle3D((1, 2)),
            lambda: C.PixelShuffle2D(2)(_counted(mx, 1, 6, 2, 2))]


def statistics_of_a_whole_batch(mx):
    layer = mx.gluon.contrib.nn.SyncBatchNorm(in_channels=2, num_devices=1, prefix="sync_")
    layer.initialize()
    x = _counted(mx, 2, 2, 3)
    with mx.autograd.record():
        y = layer(x)
    y.backward()
    return [y, layer(x), layer.gamma.grad(), layer.beta.grad(),
            list(layer.collect_params()), layer.running_mean.data(), layer.running_var.data()]


def devices_are_counted_with_a_warning(mx):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        mx.gluon.contrib.nn.SyncBatchNorm()
    return [[one.category.__name__ for one in told]]


def a_table_in_a_store(mx):
    net = mx.gluon.contrib.nn.SparseEmbedding(5, 2, weight_initializer="ones", prefix="table_")
    net.initialize()
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.5}, kvstore="local")
    ids = mx.nd.array([1, 3, 1])
    with mx.autograd.record():
        y = (net(ids) * mx.nd.array([[1, 2], [3, 4], [5, 6]])).sum()
    y.backward()
    trainer.step(1)
    return [y, str(net), net.weight.stype if hasattr(net.weight, "stype") else "row_sparse",
            net.weight.row_sparse_data(mx.nd.arange(5)).asnumpy(), list(net.collect_params())]
