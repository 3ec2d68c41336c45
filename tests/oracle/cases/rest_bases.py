"""Bases whose methods a script calls or overrides: functions, blocks, cells, events, datasets, losses, in depth."""

import logging


def functions_of_one_s_own(mx):
    class Clip(mx.autograd.Function):
        def forward(self, x, y):
            self.save_for_backward(x, y)
            self.kept = 3
            return mx.nd.maximum(x, 0), x * y

        def backward(self, dout, dproduct):
            x, y = self.saved_tensors
            return dout * (x > 0) + dproduct * y, dproduct * x * self.kept

    x, y = mx.nd.array([-1, 2, 3]), mx.nd.array([4, 5, 6])
    x.attach_grad()
    y.attach_grad()
    clip = Clip()
    with mx.autograd.record():
        a, b = clip(x, y)
        total = (a * 2 + b).sum()
    total.backward()
    direct = Clip()
    outside = direct(x, y)
    by_hand = [direct.forward(x, y), direct.backward(mx.nd.ones(3), mx.nd.ones(3))]

    class Few(Clip):
        def backward(self, dout, dproduct):
            return dout

    class Odd(Clip):
        def forward(self, x, y):
            return 3

    def fails(kind):
        with mx.autograd.record():
            outs = kind()(x, y)
        outs[0].backward()
        return x.grad

    def twice():
        with mx.autograd.record():
            clip(x, y)

    return [a, b, x.grad, y.grad, outside, by_hand, lambda: fails(Few), lambda: fails(Odd), lambda: twice(),
            lambda: Clip()(x)]  # fmt: skip


def casts_of_blocks(mx):
    nn = mx.gluon.nn
    net = nn.Sequential(prefix="net_")
    with net.name_scope():
        net.add(nn.Dense(3, in_units=2), nn.BatchNorm(in_channels=3), nn.Embedding(4, 2))
    net.cast("float16")
    net.initialize()
    types = [[name, p.dtype] for name, p in net.collect_params().items()]
    net.cast("float64")
    late = nn.Dense(2)
    late.cast("float64")
    late.initialize(mx.init.One())
    out = late(mx.nd.ones((1, 2), dtype="float64"))
    return [types, [p.dtype for p in net.collect_params().values()], net[0].weight.data().dtype, out, late.weight.dtype,
            net.cast("float32"), lambda: late(mx.nd.ones((1, 2))), lambda: late.cast("floaty")]  # fmt: skip


def types_that_follow(mx):
    nn = mx.gluon.nn
    found = []
    single, double = "float32", "float64"
    for dtype, given in ((single, single), (double, double), (single, double), ("float16", single)):

        def types(dtype=dtype, given=given):
            net = nn.Dense(2, in_units=3, dtype=dtype, prefix="d_")
            net.initialize()
            return [net.infer_type(mx.nd.ones((1, 3), dtype=given)), net.weight.dtype, net.weight.data().dtype]

        found.append(types)
    norm = nn.BatchNorm(in_channels=3)
    norm.infer_type(mx.nd.ones((1, 3), dtype="float16"))

    class Open(mx.gluon.HybridBlock):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.w = self.params.get("w", shape=(2, 3), dtype=None)

        def hybrid_forward(self, F, x, w):
            return F.dot(x, w)

    net = Open()
    net.infer_type(mx.nd.ones((1, 2), dtype="float64"))
    return [*found, [p.dtype for p in norm.collect_params().values()], net.w.dtype]


def variables_of_parameters(mx):
    one = mx.gluon.Parameter("w", shape=(2, 3), lr_mult=2.0, wd_mult=0.5, dtype="float64", init=mx.init.One())
    late = mx.gluon.Parameter("v", shape=(0, 3), allow_deferred_init=True, grad_req="null")
    rows = mx.gluon.Parameter("r", shape=(4, 3), stype="row_sparse", grad_stype="row_sparse")
    constant = mx.gluon.Constant("c", [[1, 2]])
    attributes = [sorted(p.var().list_attr().items()) for p in (one, late, rows)]
    names = [p.var().name for p in (one, late, rows, constant)]
    return [[[list(item) for item in some if item[0] != "__init__"] for some in attributes], names,
            one.var() is one.var(), one.var().list_arguments(), (one.var() * 2).list_arguments()]  # fmt: skip


def blocks_of_symbols(mx):
    data = mx.sym.var("data")
    net = mx.sym.FullyConnected(data, num_hidden=2, name="fc")
    block = mx.gluon.SymbolBlock([mx.sym.Activation(net, act_type="relu", name="act"), net], [data])
    block.initialize(mx.init.Constant(-0.5))
    outs = block(mx.nd.array([[1, 2], [-3, 1]]))
    block.collect_params().reset_ctx(mx.cpu(1))
    there = block(mx.nd.ones((1, 2), ctx=mx.cpu(1)))
    block.collect_params().reset_ctx(mx.cpu(0))
    block.cast("float64")
    double = block(mx.nd.ones((1, 2), dtype="float64"))
    return [outs, there, double, sorted(block.collect_params()), lambda: block(mx.nd.ones((1, 2), ctx=mx.cpu(1))),
            lambda: mx.gluon.SymbolBlock(net, [net])]  # fmt: skip


def summaries(mx):
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix="n_")
    with net.name_scope():
        net.add(nn.Conv2D(2, 3), nn.BatchNorm(), nn.Flatten(), nn.Dense(3), nn.Dropout(0.5))
    import contextlib
    import io

    net.initialize()
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        net.summary(mx.nd.ones((1, 1, 5, 5)))
    net.hybridize()
    fresh = nn.Dense(2)
    return [text.getvalue().splitlines(), lambda: net.summary(mx.nd.ones((1, 1, 5, 5))),
            lambda: fresh.summary(mx.nd.ones((1, 2)))]  # fmt: skip


def plain_blocks_that_hybridize(mx):
    nn = mx.gluon.nn
    plain = nn.Sequential(prefix="p_")
    with plain.name_scope():
        plain.add(nn.Dense(2, in_units=2), nn.Sequential(), nn.HybridSequential())
        plain[1].add(nn.Dense(2, in_units=2))
        plain[2].add(nn.Dense(1, in_units=2))
    plain.initialize(mx.init.Constant(0.5))
    before = plain(mx.nd.ones((1, 2)))
    plain.hybridize(static_alloc=True, static_shape=True)
    flags = [block._active for block in (plain[0], plain[1][0], plain[2], plain[2][0])]
    after = plain(mx.nd.ones((1, 2)))
    plain.hybridize(False)
    return [before, after, flags, [block._active for block in (plain[0], plain[1][0], plain[2])],
            plain(mx.nd.ones((1, 2)))]  # fmt: skip


def modified_cells(mx):
    rnn = mx.gluon.rnn
    x = mx.nd.arange(8).reshape((2, 4)) / 10
    residual = rnn.ResidualCell(rnn.RNNCell(4, prefix="r_"))
    residual.initialize(mx.init.Constant(0.1))
    zeros = {"batch_size": 2, "func": mx.nd.zeros}  # MXNet's modifiers begin with symbols otherwise
    states = residual.begin_state(**zeros)
    stack = rnn.HybridSequentialRNNCell(prefix="s_")
    stack.add(rnn.LSTMCell(4, prefix="a_"))
    stack.add(residual)
    stack.initialize(mx.init.Constant(0.1), force_reinit=True)
    found = [residual.hybrid_forward(mx.nd, x, states), residual(x, states),
             stack.hybrid_forward(mx.nd, x, stack.begin_state(**zeros)),
             stack(x, stack.begin_state(**zeros)), str(stack)]  # fmt: skip
    stack.hybridize()
    found.append(stack(x, stack.begin_state(**zeros)))
    x.attach_grad()
    with mx.autograd.record():
        out, _ = residual.unroll(2, [x, x * 2], merge_outputs=False)
        total = (out[0] * out[1]).sum()
    total.backward()
    return [*found, out, x.grad, lambda: rnn.ResidualCell(rnn.RNNCell(3)).unroll(1, [x])[0],
            lambda: residual.base_cell.begin_state(1),
            lambda: residual.begin_state(batch_size=1, func=mx.nd.zeros)]  # fmt: skip


def a_modifier_of_one_s_own(mx):
    class Twice(mx.gluon.rnn.ModifierCell):
        def hybrid_forward(self, F, inputs, states):
            out, states = self.base_cell(inputs, states)
            return out * 2, states

    found = []
    for hybrid in (False, True):
        cell = Twice(mx.gluon.rnn.GRUCell(2, input_size=3, prefix="g_"))
        cell.initialize(mx.init.Constant(0.2))
        cell.hybridize(hybrid)
        out, states = cell.unroll(2, mx.nd.ones((1, 2, 3)), merge_outputs=True)
        found.append([out, states, str(cell), sorted(cell.collect_params()), cell.state_info(3)])
    return found


def events(mx):
    e = mx.gluon.contrib.estimator

    class Every(e.TrainBegin, e.TrainEnd, e.EpochBegin, e.EpochEnd, e.BatchBegin, e.BatchEnd):
        pass

    one = Every()
    names = ["train_begin", "train_end", "epoch_begin", "epoch_end", "batch_begin", "batch_end"]
    return [[getattr(one, name)(None) for name in names], [getattr(one, name)(None, 1, batch=2) for name in names],
            [hasattr(one, "priority"), e.TrainBegin.__mro__[1].__name__],
            lambda: one.train_begin()]  # fmt: skip


def datasets_of_arrays(mx):
    data = mx.gluon.data
    pairs = data.ArrayDataset(mx.nd.arange(10).reshape((5, 2)), [1, 2, 3, 4, 5])
    simple = data.SimpleDataset(list("abcdefg"))
    shards = [simple.shard(3, index) for index in range(3)]
    return [
        [len(shard) for shard in shards], [list(shard) for shard in shards], list(pairs.take(2)),
        len(pairs.take(99)), len(pairs.filter(lambda pair: pair[1] > 2)), pairs.filter(lambda pair: pair[1] > 2)[0],
        list(simple.sample(data.SequentialSampler(3))),
        list(simple.sample(data.FilterSampler(lambda s: s < "c", simple))),
        pairs.transform(lambda x, y: (x * 2, -y))[1], pairs.transform_first(lambda x: x + 1, lazy=False)[1],
        list(simple.transform(lambda s: s + s, lazy=False)), list(simple.take(None)), list(simple.take(0)),
        lambda: list(simple.take(-1)), lambda: simple.shard(0, 0), lambda: list(simple.shard(2, -1)),
        lambda: simple.sample(3),
        lambda: data.ArrayDataset([1, 2], [1]), lambda: data.ArrayDataset(), lambda: simple.shard(8, 7)[0],
    ]  # fmt: skip


def samplers(mx):
    data = mx.gluon.data
    plain = data.SimpleDataset(range(7))
    even = data.FilterSampler(lambda v: v % 2 == 0, plain)
    batches = data.BatchSampler(even, 3, "rollover")
    return [list(even), len(even), list(even), list(batches), len(batches), list(batches), len(batches),
            list(data.BatchSampler(even, 3, "keep")), len(data.BatchSampler(even, 3, "discard")),
            sorted(data.RandomSampler(4)),
            lambda: data.FilterSampler(3, plain), lambda: list(data.BatchSampler(even, 3, "other")),
            len(data.SequentialSampler(4, 2)), list(data.SequentialSampler(4, 2))]  # fmt: skip


def losses_of_one_s_own(mx):
    loss = mx.gluon.loss

    class Power(loss.Loss):
        def __init__(self, power=3, weight=None, batch_axis=0, **kwargs):
            super().__init__(weight, batch_axis, **kwargs)
            self.power = power

        def hybrid_forward(self, F, pred, label, sample_weight=None):
            value = F.abs(pred - F.reshape_like(label, pred)) ** self.power
            if sample_weight is not None:
                value = F.broadcast_mul(value, sample_weight)
            return F.mean(value * (self._weight or 1), axis=self._batch_axis, exclude=True)

    found = []
    for hybrid, more in ((False, []), (False, [[[1], [0]]]), (True, []), (True, [[[1], [0]]])):
        power = Power(2, weight=0.5, prefix="p_")
        power.hybridize(hybrid)
        arrays = [mx.nd.array(values) for values in ([[1, 2], [3, 5]], [0, 1, 2, 3], *more)]
        found.append(power(*arrays))
    return [found, str(power), power.name]


def losses_that_are_seldom(mx):
    loss = mx.gluon.loss
    acts = mx.nd.arange(24).reshape((2, 3, 4)) / 24
    labels = mx.nd.array([[1, 2], [2, -1]])
    a = mx.nd.array([[0.1, 0.9, -0.4], [0.5, -0.2, 0.3]])
    found = []
    for hybrid in (False, True):
        ctc = loss.CTCLoss(layout="TNC", label_layout="TN")
        triplet, cosine = loss.TripletLoss(margin=2, weight=3), loss.CosineEmbeddingLoss(margin=0.5)
        sdml = loss.SDMLLoss()
        for block in (ctc, triplet, cosine):
            block.hybridize(hybrid)
        a.attach_grad()
        with mx.autograd.record():
            total = triplet(a, a * 0.5, a[::-1]).sum() + cosine(a, a[::-1], mx.nd.array([1, -1])).sum()
            total = total + sdml(a, a * 2).sum()
        total.backward()
        found.append([ctc(acts.transpose((1, 0, 2)), labels.T), total, a.grad])
    return [*found, loss.CTCLoss()(acts, labels, None, mx.nd.array([2, 1])),
            loss.CosineEmbeddingLoss()(a, a, mx.nd.array([1, 1]), mx.nd.array([[0.5], [2]])),
            lambda: loss.CTCLoss(label_layout="X"), lambda: loss.TripletLoss()(a, a),
            lambda: loss.CosineEmbeddingLoss()(a, a)]  # fmt: skip


def loggers_by_their_old_name(mx):
    import warnings

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        logger = mx.log.getLogger("oracle.rest", "log.txt", "w", mx.log.DEBUG)
    logger.debug("there")
    for handler in list(logger.handlers):
        handler.close()
        logger.removeHandler(handler)
    with open("log.txt") as file:
        return [file.read().split()[-1], logger.level == logging.DEBUG, [w.category.__name__ for w in seen]]
