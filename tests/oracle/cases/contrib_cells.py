"""gluon.contrib: convolutional cells, projection, variational dropout, deformable convolutions, samplers."""


def _filled(mx, block, value=0.1):
    block.initialize(mx.init.Uniform(0.3))
    for i, parameter in enumerate(block.collect_params().values()):
        if parameter.shape and 0 not in parameter.shape:
            size = 1
            for length in parameter.shape:
                size *= length
            parameter.set_data(mx.nd.sin(mx.nd.arange(size) + i).reshape(parameter.shape) * value)
    return block


def _stepped(cell, x):
    first, states = cell(x[:, 0], cell.begin_state(2))
    second, states = cell(x[:, 1], states)
    return [second.shape, first.sum(), second.norm(), states[-1].norm()]


def convolutional_cells(mx):
    rnn = mx.gluon.contrib.rnn
    found = []
    shapes = {1: (2, 5), 2: (2, 4, 5), 3: (1, 3, 4, 3)}
    for dims in (1, 2, 3):
        for kind in ("RNN", "LSTM", "GRU"):
            cell = getattr(rnn, f"Conv{dims}D{kind}Cell")(
                shapes[dims], 3, i2h_kernel=3, h2h_kernel=(3,) * dims, i2h_pad=1, prefix="c_")
            cell = _filled(mx, cell)
            count = 2 * 2
            for length in shapes[dims]:
                count *= length
            x = mx.nd.cos(mx.nd.arange(count)).reshape((2, 2, *shapes[dims]))
            found.append([str(cell), [p.shape for p in cell.collect_params().values()], list(cell.collect_params())])
            found.append(len(cell.state_info(2)))
            if dims < 3:  # in three dimensions MXNet has no convolution on a CPU
                found.append(_stepped(cell, x))
    return found


def other_settings_of_convolutional_cells(mx):
    rnn = mx.gluon.contrib.rnn
    cell = _filled(mx, rnn.Conv2DLSTMCell((1, 6, 6), 2, (2, 3), 3, i2h_dilate=(2, 1), h2h_dilate=2,
                                          activation="relu", prefix="c_"))  # fmt: skip
    x = mx.nd.cos(mx.nd.arange(36)).reshape((1, 1, 6, 6))
    out, states = cell(x, cell.begin_state(1))
    return [str(cell), out.shape, out.sum(), [s.shape for s in states], cell.state_info(4)[0]["shape"],
            lambda: rnn.Conv2DRNNCell((1, 6, 6), 2, 3, 2), lambda: rnn.Conv2DRNNCell((1, 6, 6), 2, (3, 3, 3), 3)]


def projected(mx):
    cell = _filled(mx, mx.gluon.contrib.rnn.LSTMPCell(4, 2, input_size=3, prefix="p_"))
    x = mx.nd.cos(mx.nd.arange(18)).reshape((2, 3, 3))
    out, states = cell.unroll(3, x, merge_outputs=True)
    one, _ = cell(x[:, 0], cell.begin_state(2))
    return [str(cell), list(cell.collect_params()), out, [s.shape for s in states], one, str(
        mx.gluon.contrib.rnn.LSTMPCell(4, 2)), [info["shape"] for info in cell.state_info(5)]]


def variational_dropout(mx):
    rnn = mx.gluon.contrib.rnn
    found = []
    for kwargs in ({}, {"drop_inputs": 0.5}, {"drop_outputs": 0.5}, {"drop_states": 0.5}):
        cell = rnn.VariationalDropoutCell(mx.gluon.rnn.RNNCell(3, input_size=2, prefix="b_"), **kwargs)
        _filled(mx, cell)
        x = mx.nd.ones((2, 4, 2))
        found += [str(cell), lambda cell=cell, x=x: cell.unroll(4, x, merge_outputs=True)[0]]
    both = mx.gluon.rnn.BidirectionalCell(mx.gluon.rnn.RNNCell(2), mx.gluon.rnn.RNNCell(2))
    return [*found, lambda: rnn.VariationalDropoutCell(both, drop_states=0.5)]


def deformable(mx):
    cnn = mx.gluon.contrib.cnn
    found = []
    x = mx.nd.cos(mx.nd.arange(2 * 2 * 5 * 5)).reshape((2, 2, 5, 5))
    for layer in (cnn.DeformableConvolution(3, 3, padding=1, in_channels=2, prefix="d_"),
                  cnn.DeformableConvolution(4, (3, 2), strides=2, num_deformable_group=2, use_bias=False,
                                            in_channels=2, activation="relu", prefix="d_")):  # fmt: skip
        layer.initialize()
        layer(x)
        _filled(mx, layer, 0.3)
        found.append([ list(layer.collect_params()), [p.shape for p in layer.collect_params().values()],
                      layer(x)])  # fmt: skip
    return [*found, str(cnn.DeformableConvolution(3, 3, dilation=2, offset_use_bias=False, prefix="d_"))]


def modulated(mx):
    layer = mx.gluon.contrib.cnn.ModulatedDeformableConvolution(3, 3, padding=1, in_channels=2, prefix="m_")
    x = mx.nd.cos(mx.nd.arange(2 * 2 * 5 * 5)).reshape((2, 2, 5, 5))
    layer.initialize()
    layer(x)
    _filled(mx, layer, 0.3)
    return [list(layer.collect_params()), [p.shape for p in layer.collect_params().values()],
            lambda: layer(x)]


def intervals(mx):
    sampler = mx.gluon.contrib.data.IntervalSampler
    one = sampler(13, interval=3)
    return [list(one), len(one), list(sampler(13, interval=3, rollover=False)), len(sampler(5, 2, False)),
            lambda: sampler(3, interval=4)]
