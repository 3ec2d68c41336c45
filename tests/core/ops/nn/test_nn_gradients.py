"""The gradients of the operators of neural networks, first and second order, against central differences."""

import numpy as np
import pytest

import mxl as mx
from mxl.testing.gradient import check_gradient

nd = mx.nd
LABELS = np.array([0.0, 2, 1])
ROWS = np.array([[0.0, 2, 2], [1, 0, 3]])


def conv(**params):
    return lambda *arrays: nd.Convolution(*arrays, no_bias=len(arrays) == 2, **params)


def pool(**params):
    return lambda x: nd.Pooling(x, **params)


def norm(op, constants=(), **params):
    return lambda *arrays: op(*arrays, *(nd.array(c, dtype="float64") for c in constants), **params)


STATS = (np.array([0.1, -0.2, 0.3]), np.array([0.5, 1.0, 1.5]))

CASES = {
    "dense": (lambda x, w, b: nd.FullyConnected(x, w, b, num_hidden=4), [(3, 5), (4, 5), (4,)]),
    "dense flattens": (lambda x, w, b: nd.FullyConnected(x, w, b, num_hidden=4), [(3, 2, 3), (4, 6), (4,)]),
    "dense last axis": (
        lambda x, w: nd.FullyConnected(x, w, num_hidden=4, flatten=False, no_bias=True),
        [(3, 2, 5), (4, 5)],
    ),
    "conv": (conv(kernel=(3, 3), num_filter=4), [(2, 3, 5, 6), (4, 3, 3, 3), (4,)]),
    "conv stride pad": (
        conv(kernel=(3, 2), stride=(2, 3), pad=(1, 2), num_filter=2),
        [(2, 2, 5, 6), (2, 2, 3, 2), (2,)],
    ),
    "conv dilate": (conv(kernel=(2, 2), dilate=(2, 3), num_filter=2), [(2, 2, 5, 6), (2, 2, 2, 2)]),
    "conv groups": (conv(kernel=(3, 3), num_group=2, pad=(1, 1), num_filter=4), [(2, 4, 4, 4), (4, 2, 3, 3), (4,)]),
    "conv depthwise": (conv(kernel=(3, 3), num_group=3, num_filter=3), [(2, 3, 4, 4), (3, 1, 3, 3)]),
    "conv 1d": (conv(kernel=(3,), stride=(2,), num_filter=2), [(2, 3, 7), (2, 3, 3), (2,)]),
    "conv 3d": (conv(kernel=(2, 2, 2), num_filter=2), [(1, 2, 3, 3, 3), (2, 2, 2, 2, 2), (2,)]),
    "conv 1x1": (conv(kernel=(1, 1), num_filter=3), [(2, 2, 3, 3), (3, 2, 1, 1), (3,)]),
    "conv batch last": (conv(kernel=(3, 3), pad=(1, 1), num_filter=2), [(17, 3, 4, 4), (2, 3, 3, 3), (2,)]),
    "max": (pool(kernel=(2, 2)), [(2, 2, 4, 5)]),
    "max stride pad": (pool(kernel=(3, 3), stride=(2, 2), pad=(1, 1)), [(2, 2, 5, 5)]),
    "max full": (pool(kernel=(2, 2), stride=(2, 2), pooling_convention="full"), [(2, 2, 5, 5)]),
    "max global": (pool(global_pool=True), [(2, 2, 4, 5)]),
    "max whole large": (pool(kernel=(17, 17)), [(1, 2, 17, 17)]),
    "max 1d": (pool(kernel=(2,)), [(2, 2, 5)]),
    "max 3d": (pool(kernel=(2, 2, 2), stride=(2, 1, 1)), [(1, 2, 4, 3, 3)]),
    "avg": (pool(kernel=(2, 2), pool_type="avg"), [(2, 2, 4, 5)]),
    "avg pad": (pool(kernel=(3, 3), stride=(2, 2), pad=(1, 1), pool_type="avg"), [(2, 2, 5, 5)]),
    "avg without pad": (pool(kernel=(3, 3), pad=(1, 1), pool_type="avg", count_include_pad=False), [(2, 2, 4, 4)]),
    "avg full": (pool(kernel=(2, 2), stride=(2, 2), pool_type="avg", pooling_convention="full"), [(2, 2, 5, 5)]),
    "avg global": (pool(global_pool=True, pool_type="avg"), [(2, 2, 4, 5)]),
    "sum": (pool(kernel=(2, 2), pool_type="sum"), [(2, 2, 4, 5)]),
    "lp": (pool(kernel=(2, 2), pool_type="lp", p_value=2), [(2, 2, 4, 5)]),
    "lp 1": (pool(kernel=(2, 2), pool_type="lp", p_value=1), [(2, 2, 4, 5)]),
    "lp 3": (pool(kernel=(2, 2), pool_type="lp", p_value=3), [np.random.default_rng(0).uniform(0.3, 2, (2, 2, 4, 5))]),
    "max, channels last": (pool(kernel=(2, 2), layout="NHWC"), [(2, 4, 5, 2)]),
    "avg, channels last": (pool(kernel=(2, 2, 1), pool_type="avg", layout="NDHWC"), [(1, 3, 4, 5, 2)]),
    "batch norm": (norm(nd.BatchNorm, STATS, fix_gamma=False), [(4, 3, 2), (3,), (3,)]),
    "batch norm fixed gamma": (
        lambda x, b: nd.BatchNorm(x, nd.ones((3,), dtype="float64"), b, *(nd.array(c, dtype="float64") for c in STATS)),
        [(4, 3), (3,)],
    ),
    "batch norm axis": (norm(nd.BatchNorm, STATS, fix_gamma=False, axis=-1), [(4, 2, 3), (3,), (3,)]),
    "batch norm global": (norm(nd.BatchNorm, STATS, fix_gamma=False, use_global_stats=True), [(4, 3, 2), (3,), (3,)]),
    "layer norm": (norm(nd.LayerNorm), [(4, 2, 5), (5,), (5,)]),
    "layer norm axis": (norm(nd.LayerNorm, axis=1), [(4, 3, 2), (3,), (3,)]),
    "instance norm": (norm(nd.InstanceNorm), [(2, 3, 4), (3,), (3,)]),
    "group norm": (norm(nd.GroupNorm, num_groups=2), [(2, 4, 3), (2,), (2,)]),
    "l2 instance": (norm(nd.L2Normalization), [(2, 3, 4)]),
    "l2 channel": (norm(nd.L2Normalization, mode="channel"), [(2, 3, 4)]),
    "l2 spatial": (norm(nd.L2Normalization, mode="spatial"), [(2, 3, 4)]),
    **{
        act: (lambda x, act=act: nd.Activation(x, act_type=act), [(3, 4)])
        for act in ("relu", "sigmoid", "tanh", "softrelu", "softsign")
    },
    **{act: (lambda x, act=act: nd.LeakyReLU(x, act_type=act), [(3, 4)]) for act in ("leaky", "elu", "selu", "gelu")},
    "prelu": (lambda x, a: nd.LeakyReLU(x, a, act_type="prelu"), [(3, 4, 2), (4,)]),
    "prelu one": (lambda x, a: nd.LeakyReLU(x, a, act_type="prelu"), [(3, 4), (1,)]),
    "relu op": (nd.relu, [(3, 4)]),
    "sigmoid op": (nd.sigmoid, [(3, 4)]),
    "softsign op": (nd.softsign, [(3, 4)]),
    "hard_sigmoid": (nd.hard_sigmoid, [(3, 4)]),
    "erf": (nd.erf, [(3, 4)]),
    "softmax": (nd.softmax, [(3, 4)]),
    "softmax axis": (lambda x: nd.softmax(x, axis=1, temperature=2.0), [(3, 4, 2)]),
    "log_softmax": (lambda x: nd.log_softmax(x, axis=0, temperature=0.5), [(3, 4)]),
    "softmin": (nd.softmin, [(3, 4)]),
    "softmax instance": (nd.SoftmaxActivation, [(3, 4, 2)]),
    "softmax channel": (lambda x: nd.SoftmaxActivation(x, mode="channel"), [(3, 4, 2)]),
    "softmax length": (lambda x: nd.softmax(x, nd.array([1, 3, 4]), use_length=True), [(3, 4)]),
    "softmax_cross_entropy": (lambda x: nd.softmax_cross_entropy(x, nd.array(LABELS)), [(3, 4)]),
    "smooth_l1": (lambda x: nd.smooth_l1(x * 2, scalar=1.5), [(3, 4)]),
    "embedding": (lambda w: nd.Embedding(nd.array(ROWS), w, input_dim=5, output_dim=3), [(5, 3)]),
}


@pytest.mark.parametrize("name", CASES)
def test_gradient(name):
    fn, shapes = CASES[name]
    check_gradient(fn, *shapes, order=2)
