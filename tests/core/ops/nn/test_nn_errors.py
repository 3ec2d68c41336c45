"""What the operators of networks say to bad calls."""

import pytest

import mxl as mx
from mxl.core.errors import ArgumentError, DtypeError, ShapeError

nd = mx.nd


def ones(*shape, dtype="float32"):
    return nd.ones(shape, dtype=dtype)


X, K, B = (2, 2, 5, 4), (4, 2, 3, 3), (4,)
CONV = {"kernel": (3, 3), "num_filter": 4}

BAD = [
    (
        lambda: nd.Convolution(ones(*X), ones(*K), ones(*B), kernel=(3, 3), num_filter=5),
        ShapeError,
        r"weight is \[4, 2, 3, 3\]; data .* need \[5, 2, 3, 3\]",
    ),
    (lambda: nd.Convolution(ones(*X), ones(*K), ones(3), **CONV), ShapeError, r"bias is \[3\]; it must be \[4\]"),
    (lambda: nd.Convolution(ones(*X), ones(*K), **CONV), ArgumentError, "'bias' is missing; pass no_bias=True"),
    (
        lambda: nd.Convolution(ones(*X), ones(*K), ones(*B), no_bias=True, **CONV),
        ArgumentError,
        "a bias was given, and no_bias=True",
    ),
    (
        lambda: nd.Convolution(ones(2, 5, 4), ones(*K), ones(*B), **CONV),
        ShapeError,
        r"data is \[2, 5, 4\], kernel has 2 axes",
    ),
    (
        lambda: nd.Convolution(ones(*X), ones(4, 2, 6, 3), ones(*B), kernel=(6, 3), num_filter=4),
        ShapeError,
        r"kernel \[6, 3\] .* exceeds the input \[5, 4\]",
    ),
    (
        lambda: nd.Convolution(ones(*X), ones(*K), ones(*B), stride=(2,), **CONV),
        ArgumentError,
        r"stride is \[2\], kernel has 2 axes",
    ),
    (
        lambda: nd.Convolution(ones(*X), ones(*K), ones(*B), pad=(-1, 0), **CONV),
        ArgumentError,
        r"pad is \[-1, 0\]: .* 0 or more",
    ),
    (lambda: nd.Convolution(ones(*X), ones(*K), ones(*B), num_group=3, **CONV), ShapeError, "multiples of num_group 3"),
    (
        lambda: nd.Convolution(ones(*X), ones(*K), ones(*B), layout="NHWC", **CONV),
        ArgumentError,
        "layout 'NHWC' is not available",
    ),
    (
        lambda: nd.Convolution(ones(*X), ones(*K, dtype="float64"), ones(*B), **CONV),
        DtypeError,
        "data is float32, weight is float64",
    ),
    (
        lambda: nd.FullyConnected(ones(2, 5), ones(3, 4), ones(3), num_hidden=3),
        ShapeError,
        r"weight is \[3, 4\]; .* need \[3, 5\]",
    ),
    (lambda: nd.FullyConnected(ones(2, 5), ones(3, 5), num_hidden=3), ArgumentError, "'bias' is missing"),
    (
        lambda: nd.FullyConnected(ones(2, 5), ones(3, 5, dtype="float64"), ones(3), num_hidden=3),
        DtypeError,
        "weight is float64",
    ),
    (lambda: nd.Pooling(ones(*X)), ArgumentError, "'kernel' is missing"),
    (lambda: nd.Pooling(ones(*X), kernel=(6, 6)), ShapeError, r"kernel \[6, 6\] .* exceeds"),
    (lambda: nd.Pooling(ones(*X), kernel=(2,)), ShapeError, r"data is \[2, 2, 5, 4\], kernel \[2\]"),
    (
        lambda: nd.Pooling(ones(*X), kernel=(2, 2), pool_type="mean"),
        ArgumentError,
        "pool_type is 'mean'; known: max, avg, sum, lp",
    ),
    (lambda: nd.Pooling(ones(*X), kernel=(2, 2), pad=(2, 2)), ArgumentError, "pad must be less than the kernel"),
    (lambda: nd.Pooling(ones(*X), kernel=(2, 2), pooling_convention="same"), ArgumentError, "known: valid, full"),
    (lambda: nd.Pooling(ones(*X), kernel=(2, 2), layout="NWC"), ArgumentError, "it takes 'NCHW' or 'NHWC'"),
    (lambda: nd.Pooling(ones(*X), kernel=(2, 2), pool_type="lp"), ArgumentError, "needs p_value, 1, 2 or 3, not None"),
    (lambda: nd.Pooling(ones(2, 3), kernel=(2,)), ShapeError, "1 to 3 spatial axes"),
    (
        lambda: nd.BatchNorm(ones(2, 3), ones(4), ones(3), ones(3), ones(3)),
        ShapeError,
        r"gamma is \[4\], .* must be \[3\]",
    ),
    (
        lambda: nd.BatchNorm(ones(2, 3), ones(3), ones(3), ones(3), ones(3), axis=5),
        ShapeError,
        "axis is 5, data has 2 axes",
    ),
    (
        lambda: nd.BatchNorm(ones(2, 3), ones(3, dtype="float64"), ones(3), ones(3), ones(3)),
        DtypeError,
        "gamma is float64",
    ),
    (lambda: nd.InstanceNorm(ones(2, 3), ones(3), ones(3)), ShapeError, "at least one more axis"),
    (lambda: nd.GroupNorm(ones(2, 3, 2), ones(2), ones(2), num_groups=2), ShapeError, "C a multiple of num_groups"),
    (
        lambda: nd.GroupNorm(ones(2, 3, 2), ones(1), ones(1), output_mean_var=True),
        ArgumentError,
        "output_mean_var is not available",
    ),
    (lambda: nd.L2Normalization(ones(2, 3), mode="batch"), ArgumentError, "known: instance, channel, spatial"),
    (lambda: nd.Dropout(ones(3), p=1.5), ArgumentError, r"p is 1.5: it must be within \[0, 1\]"),
    (lambda: nd.Dropout(ones(3), mode="never"), ArgumentError, "known: training, always"),
    (lambda: nd.Dropout(ones(3), axes=(3,)), ArgumentError, r"axes are \[3\], data has 1 axes"),
    (lambda: nd.Activation(ones(3), act_type="gelu"), ArgumentError, "known: relu, sigmoid, tanh, softrelu, softsign"),
    (lambda: nd.Activation(ones(3, dtype="int32"), act_type="relu"), DtypeError, "data is int32"),
    (lambda: nd.LeakyReLU(ones(3), act_type="relu"), ArgumentError, "known: leaky, prelu, rrelu, elu, selu, gelu"),
    (lambda: nd.LeakyReLU(ones(3, 2), act_type="prelu"), ArgumentError, "'gamma' belongs to act_type 'prelu'"),
    (lambda: nd.LeakyReLU(ones(3, 2), ones(3), act_type="prelu"), ShapeError, r"gamma is \[3\], data \[3, 2\]"),
    (lambda: nd.softmax(ones(3, 2), axis=2), ShapeError, "axis is 2, data has 2 axes"),
    (lambda: nd.softmax(ones(3, 2), dtype="complex64"), DtypeError, "arrays cannot have dtype 'complex64'"),
    (lambda: nd.softmax(ones(3, 2, dtype="int32")), DtypeError, "data is int32"),
    (lambda: nd.softmax(ones(3, 2), ones(3)), ArgumentError, "'length' belongs to use_length=True"),
    (lambda: nd.softmax(ones(3, 2), ones(2), use_length=True), ShapeError, r"length is \[2\]"),
    (lambda: nd.log_softmax(ones(3, 2), use_length=True), ArgumentError, "use_length is not available"),
    (lambda: nd.softmin(ones(3, 2), use_length=True), ArgumentError, "use_length is not available"),
    (lambda: nd.SoftmaxActivation(ones(3, 2), mode="batch"), ArgumentError, "known: instance, channel"),
    (lambda: nd.softmax_cross_entropy(ones(3, 2), ones(2)), ShapeError, r"must be \[N, C\] and \[N\]"),
    (lambda: nd.SoftmaxOutput(ones(3, 2), ones(2)), ShapeError, r"label \[2\]: label must be"),
    (lambda: nd.SoftmaxOutput(ones(3, 2), ones(3), normalization="mean"), ArgumentError, "known: null, batch, valid"),
    (lambda: nd.SoftmaxOutput(ones(3, 2), ones(3), out_grad=True), ArgumentError, "out_grad=True is not available"),
    (
        lambda: nd.Embedding(ones(3), ones(4, 2), input_dim=5, output_dim=2),
        ShapeError,
        r"weight is \[4, 2\]; .* need \[5, 2\]",
    ),
]


@pytest.mark.parametrize("call, kind, text", BAD, ids=[text for _, _, text in BAD])
def test_bad_call(call, kind, text):
    with pytest.raises(kind, match=text):
        call()
