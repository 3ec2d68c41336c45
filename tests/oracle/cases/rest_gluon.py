"""What is seldom called by itself: bases that raise, blocks that are not hybrid, losses, cells and modifiers whole."""

import contextlib
import io


def bases_that_raise(mx):
    g, e = mx.gluon, mx.gluon.contrib.estimator
    x = mx.nd.ones((1, 2))

    class Own(g.DeferredInitializationError):
        def kinds(self):
            return [isinstance(self, mx.MXNetError), isinstance(self, RuntimeError)]

    return [
        lambda: mx.autograd.Function().forward(x), lambda: mx.autograd.Function().backward(x),
        lambda: g.Block().forward(x), lambda: g.HybridBlock().hybrid_forward(mx.nd, x), lambda: g.loss.Loss(1, 0)(x),
        lambda: g.loss.Loss(1, 0).hybrid_forward(mx.nd, x),
        lambda: g.rnn.HybridRecurrentCell().hybrid_forward(mx.nd, x), lambda: g.rnn.RecurrentCell().state_info(),
        e.TrainBegin().train_begin(None), e.TrainEnd().train_end(None), e.EpochBegin().epoch_begin(None),
        e.EpochEnd().epoch_end(None), e.BatchBegin().batch_begin(None), e.BatchEnd().batch_end(None), Own().kinds(),
        lambda: mx.operator.CustomOp().forward(True, [], [], [], []), str(g.loss.Loss(2.0, 0, prefix="l_")),
        lambda: mx.operator.CustomOp().backward([], [], [], [], [], []),
    ]  # fmt: skip


def a_plain_block(mx):
    class Net(mx.gluon.Block):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            with self.name_scope():
                self.dense = mx.gluon.nn.Dense(2, in_units=3)
                self.rest = mx.gluon.nn.Sequential()
                with self.rest.name_scope():
                    self.rest.add(mx.gluon.nn.Lambda(lambda x: x * 2))

        def forward(self, x):
            return self.rest(self.dense(x))

    net = Net(prefix="net_")
    net.initialize(mx.init.One())
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        mx.gluon.Block.summary(net, mx.nd.ones((1, 3)))
    mx.gluon.Block.hybridize(net)
    mx.gluon.Block.register_op_hook(net, lambda name, op, array: None)
    net.rest.hybridize()
    out = net(mx.nd.ones((1, 3)))
    mx.gluon.Block.cast(net, "float64")
    noted = sorted(key for key in net.dense.weight.var().list_attr() if key.startswith("__"))
    return [text.getvalue().splitlines(), out, net(mx.nd.ones((1, 3), dtype="float64")), net.dense.weight.dtype,
            net.dense.weight.var().name, noted]  # fmt: skip


def types_of_parameters(mx):
    net = mx.gluon.nn.Dense(2, in_units=3, use_bias=False, prefix="d_")
    net.initialize()
    net.infer_type(mx.nd.ones((1, 3)))
    data = mx.sym.var("data")
    block = mx.gluon.SymbolBlock(mx.sym.FullyConnected(data, num_hidden=2, no_bias=True, name="fc"), [data])
    block.initialize(mx.init.One())
    block.cast("float64")
    fresh = mx.gluon.SymbolBlock(mx.sym.FullyConnected(data, num_hidden=2, no_bias=True, name="fc"), [data])
    fresh.initialize(mx.init.One())
    fresh.params["fc_weight"].shape = (2, 3)
    fresh.reset_ctx(mx.cpu(0))
    return [net.weight.dtype, block(mx.nd.ones((1, 3), dtype="float64"))]


def losses(mx):
    loss = mx.gluon.loss
    a = mx.nd.array([[0.1, 0.9, -0.4], [0.5, -0.2, 0.3]])
    b, c = a[:, ::-1] * 0.7 + 0.1, a * a
    acts = mx.nd.array([[[0.1, 0.6, 0.1, 0.1]] * 3, [[0.3, 0.2, 0.4, 0.1]] * 3])
    labels = mx.nd.array([[1, 2], [1, -1]])
    label = mx.nd.array([1, -1])
    mx.random.seed(2)
    return [
        loss.CTCLoss()(acts, labels), loss.CTCLoss(weight=2)(acts, labels, mx.nd.array([3, 2]), mx.nd.array([2, 1])),
        loss.CosineEmbeddingLoss()(a, b, label), loss.CosineEmbeddingLoss(margin=0.3, weight=2)(a, b, label),
        loss.TripletLoss()(a, b, c), loss.TripletLoss(margin=0.1)(a, b, c),
        loss.SDMLLoss()(a, b), loss.SDMLLoss(smoothing_parameter=0.1)(a, b), str(loss.TripletLoss(prefix="t_")),
        lambda: loss.CTCLoss(layout="XYZ"),
    ]  # fmt: skip


def containers_and_modifiers_of_cells(mx):
    rnn = mx.gluon.rnn
    found = []
    for hybrid in (False, True):
        cell = rnn.HybridSequentialRNNCell(prefix="s_")
        cell.add(rnn.LSTMCell(4, prefix="a_"))
        cell.add(rnn.ResidualCell(rnn.GRUCell(4, prefix="b_")))
        cell.add(rnn.DropoutCell(0.5, prefix="c_"))
        cell.add(rnn.ZoneoutCell(rnn.RNNCell(3, prefix="d_"), 0.2, 0.3))
        cell.initialize(mx.init.Constant(0.1))
        cell.hybridize(hybrid)
        x = mx.nd.arange(24).reshape((2, 3, 4)) / 10
        cell.reset()

        def whole(cell=cell, x=x):
            cell.reset()
            unrolled, last = cell.unroll(3, x, merge_outputs=True)
            return [unrolled, last[-1], len(cell), len(cell.state_info(2))]

        found.append(whole)
    zone = cell[3]
    residual = cell[1]
    base = rnn.ModifierCell(rnn.RNNCell(2, prefix="m_"))
    return [*found, str(zone), list(base.params.keys()), str(base), base.state_info(1), len(residual.params.keys()),
            lambda: rnn.ZoneoutCell(rnn.BidirectionalCell(rnn.RNNCell(2), rnn.RNNCell(2)))]  # fmt: skip


def a_cell_of_one_s_own(mx):
    class Sum(mx.gluon.rnn.RecurrentCell):
        def state_info(self, batch_size=0):
            return [{"shape": (batch_size, 2), "__layout__": "NC"}]

        def forward(self, inputs, states):
            total = inputs + states[0]
            return total, [total]

    class HybridSum(mx.gluon.rnn.HybridRecurrentCell):
        def state_info(self, batch_size=0):
            return [{"shape": (batch_size, 2), "__layout__": "NC"}]

        def hybrid_forward(self, F, inputs, states):
            total = inputs + states[0]
            return total, [total]

    x = mx.nd.arange(12).reshape((2, 3, 2))
    found = []
    for kind in (Sum, HybridSum):
        cell = kind(prefix="sum_")
        out, states = cell.unroll(3, x, merge_outputs=True)
        found.append([out, states[0], cell.begin_state(2)[0].shape])
    return found


def datasets(mx):
    data = mx.gluon.data

    class Squares(data.Dataset):
        def __getitem__(self, i):
            if i >= 10:
                raise IndexError(i)
            return i * i

        def __len__(self):
            return 10

    class Backwards(data.Sampler):
        def __iter__(self):
            return iter(range(9, -1, -3))

        def __len__(self):
            return 4

    s = Squares()
    kept = data.Dataset.filter(s, lambda v: v % 2 == 0)
    odd = data.FilterSampler(lambda v: v % 2 == 1, s)
    return [
        list(kept), len(kept), list(data.Dataset.shard(s, 3, 0)), list(s.shard(3, 2)), list(data.Dataset.take(s, 3)),
        list(s.take(None)), list(data.Dataset.sample(s, Backwards())), list(odd), len(odd),
        list(s.transform(lambda v: v + 1)), lambda: s.shard(3, 3), lambda: data.Dataset()[0],
        lambda: len(data.Dataset()),
        lambda: iter(data.Sampler()), lambda: len(data.Sampler()), lambda: s.sample([1]),
    ]  # fmt: skip
