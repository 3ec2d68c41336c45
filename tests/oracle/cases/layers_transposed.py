"""Transposed convolutions of gluon: shapes, values, gradients, printed forms, and what they refuse."""


def _seen(mx, layer, shape):
    layer.initialize(mx.init.Uniform(0.5))
    x = mx.nd.random.uniform(-1, 1, shape=shape)
    x.attach_grad()
    with mx.autograd.record():
        y = layer(x)
        loss = (y * y).sum()
    loss.backward()
    weight = layer.weight
    return [y.shape, loss, x.grad.sum(), weight.shape, weight.grad().norm(), str(layer), list(layer.collect_params())]


def images(mx):
    nn = mx.gluon.nn
    return [
        _seen(mx, nn.Conv2DTranspose(3, 3, prefix="a_"), (2, 4, 5, 5)),
        _seen(mx, nn.Conv2DTranspose(3, (4, 2), strides=2, padding=1, prefix="b_"), (1, 2, 4, 5)),
        _seen(mx, nn.Conv2DTranspose(4, 3, strides=(3, 2), output_padding=(2, 1), prefix="c_"), (1, 2, 3, 3)),
        _seen(mx, nn.Conv2DTranspose(2, 1, in_channels=3, prefix="e_"), (1, 3, 4, 4)),
    ]


def images_in_groups(mx):
    return _seen(mx, mx.gluon.nn.Conv2DTranspose(4, 3, groups=2, prefix="c_"), (1, 2, 3, 3))


def images_dilated(mx):
    layer = mx.gluon.nn.Conv2DTranspose(2, 3, dilation=2, use_bias=False, activation="relu", prefix="d_")
    return _seen(mx, layer, (1, 3, 4, 4))


def sequences_and_volumes(mx):
    nn = mx.gluon.nn
    return [
        _seen(mx, nn.Conv1DTranspose(3, 3, 2, 1, 1, prefix="a_"), (2, 4, 5)),
        _seen(mx, nn.Conv1DTranspose(2, (5,), dilation=(2,), prefix="b_"), (1, 2, 6)),
        _seen(mx, nn.Conv3DTranspose(2, 2, 2, prefix="a_"), (1, 3, 2, 3, 2)),
        _seen(mx, nn.Conv3DTranspose(2, (1, 2, 3), (1, 2, 1), (0, 1, 0), prefix="b_"), (1, 1, 3, 3, 3)),
    ]


def before_the_first_forward(mx):
    layer = mx.gluon.nn.Conv2DTranspose(5, 2, prefix="up_")
    return [str(layer), layer.weight.shape, layer.bias.shape, layer.outpad, str(layer.weight)]


def refused(mx):
    nn = mx.gluon.nn
    return [
        lambda: nn.Conv2DTranspose(3, (3, 3, 3)),
        lambda: nn.Conv2DTranspose(3, 3, output_padding=(1, 1, 1)),
        lambda: nn.Conv1DTranspose(3, 3, layout="NWC"),
        lambda: nn.Conv2DTranspose(3, 3, layout="HWCN"),
    ]
