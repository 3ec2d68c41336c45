"""The recurrent networks that are asked of MXNet and of mxl alike: a network, and how it is called."""

CELLS = ["RNNCell", "LSTMCell", "GRUCell"]
BOTH = ["BidirectionalCell", [["LSTMCell", [3], {"prefix": "l_"}], ["GRUCell", [2], {"prefix": "r_"}]], {}]
RESIDUAL = ["ResidualCell", [["GRUCell", [3], {"prefix": "g_"}]], {}]


def stack(kind="SequentialRNNCell"):
    return [kind, [], {"prefix": "s_"}, [["LSTMCell", [3], {}], ["DropoutCell", [0.5], {}], RESIDUAL]]


UNROLLED = [
    *[([cell, [4], {"prefix": "c_"}], {}) for cell in CELLS],
    *[([cell, [2], {"prefix": "c_", "input_size": 3}], {"layout": "TNC", "merge_outputs": True}) for cell in CELLS],
    (["RNNCell", [2], {"activation": "relu", "prefix": "c_"}], {"valid_length": [1, 3]}),
    (["RNNCell", [2], {"activation": "softsign", "prefix": "c_"}], {"valid_length": [3, 2], "merge_outputs": False}),
    (["LSTMCell", [2], {"prefix": "c_"}], {"valid_length": [2, 1], "layout": "TNC"}),
    (["LSTMCell", [2], {"activation": "softsign", "recurrent_activation": "tanh", "prefix": "c_"}], {}),
    (["LSTMCell", [2], {"i2h_bias_initializer": "ones", "h2h_weight_initializer": "zeros", "prefix": "c_"}], {}),
    (["DropoutCell", [0.4], {"prefix": "d_"}], {}),
    (["DropoutCell", [0.4], {"prefix": "d_"}], {"merge_outputs": False}),
    (["DropoutCell", [0.4, [1]], {"prefix": "d_"}], {"merge_outputs": True}),
    (["ZoneoutCell", [["RNNCell", [4], {"prefix": "b_"}], 0.5], {}], {"merge_outputs": True}),
    (["ZoneoutCell", [["GRUCell", [4], {"prefix": "b_"}], 0.0, 0.5], {}], {}),
    (["ZoneoutCell", [["LSTMCell", [4], {"prefix": "b_"}], 0.3, 0.4], {}], {"valid_length": [2, 3]}),
    (RESIDUAL, {}),
    (RESIDUAL, {"valid_length": [2, 1]}),
    (RESIDUAL, {"valid_length": [2, 1], "merge_outputs": False}),
    (["ResidualCell", [["ZoneoutCell", [["RNNCell", [3], {"prefix": "b_"}], 0.2], {}]], {}], {"merge_outputs": True}),
    (BOTH, {}),
    (BOTH, {"merge_outputs": True}),
    (BOTH, {"layout": "TNC", "merge_outputs": True}),
    (BOTH, {"valid_length": [1, 3], "merge_outputs": True}),
    (BOTH, {"valid_length": [1, 3], "merge_outputs": False}),
    (stack(), {}),
    (stack("HybridSequentialRNNCell"), {"merge_outputs": True}),
    (stack("HybridSequentialRNNCell"), {"valid_length": [3, 2]}),
    (["SequentialRNNCell", [], {"prefix": "s_"}, [BOTH, ["RNNCell", [2], {}]]], {"merge_outputs": True}),
]

LAYERS = [  # layer, its arguments, whether states are given
    ("RNN", {"hidden_size": 3}, False),
    ("RNN", {"hidden_size": 2, "num_layers": 2, "activation": "tanh", "bidirectional": True}, True),
    ("RNN", {"hidden_size": 2, "layout": "NTC", "input_size": 3, "i2h_bias_initializer": "ones"}, True),
    ("LSTM", {"hidden_size": 3}, True),
    ("LSTM", {"hidden_size": 2, "num_layers": 2, "bidirectional": True}, True),
    ("LSTM", {"hidden_size": 2, "num_layers": 3, "layout": "NTC"}, False),
    ("LSTM", {"hidden_size": 2, "bidirectional": True, "layout": "NTC", "h2h_weight_initializer": "zeros"}, False),
    ("GRU", {"hidden_size": 3}, False),
    ("GRU", {"hidden_size": 2, "num_layers": 2, "bidirectional": True, "h2h_bias_initializer": "ones"}, True),
    ("GRU", {"hidden_size": 2, "num_layers": 2, "layout": "NTC", "input_size": 3}, True),
    ("LSTM", {"hidden_size": 3, "projection_size": 2}, True),
    ("LSTM", {"hidden_size": 3, "projection_size": 2, "num_layers": 2, "bidirectional": True}, False),
]

REFUSED = [  # an expression of `rnn` and `nd`
    "rnn.RNN(3, layout='NCT')",
    "rnn.RNN(3, activation='sigmoid')",
    "rnn.DropoutCell('a')",
    "rnn.LSTMCell(3)(nd.ones((2, 3)), rnn.LSTMCell(3).begin_state(2))",
    "rnn.BidirectionalCell(rnn.RNNCell(2), rnn.RNNCell(2))(nd.ones((2, 3)), [])",
    "rnn.ZoneoutCell(rnn.BidirectionalCell(rnn.RNNCell(2), rnn.RNNCell(2)), 0.1)",
    "(lambda base: [rnn.ResidualCell(base), rnn.ResidualCell(base)])(rnn.RNNCell(3))",
    "(lambda base: [rnn.ResidualCell(base), base.begin_state(2)])(rnn.RNNCell(3))",
    "ready(rnn.RNNCell(3)).unroll(3, nd.ones((2, 4, 3)))",
    "ready(rnn.RNNCell(3)).unroll(3, [nd.ones((2, 3))] * 2)",
    "ready(rnn.RNNCell(3)).unroll(4, nd.ones((2, 4, 3)), layout='XYZ')",
    "ready(rnn.RNNCell(3)).unroll(3, None)",
    "ready(rnn.LSTMCell(3))(nd.ones((2, 3)), [nd.ones((2, 3))])",
    "ready(rnn.LSTMCell(3, input_size=4))(nd.ones((2, 3)), [nd.ones((2, 3))] * 2)",
    "ready(rnn.LSTMCell(3))(nd.ones((2, 3)))",
    "ready(rnn.LSTM(3))(nd.ones((2, 2, 3)), nd.zeros((1, 2, 3)))",
    "ready(rnn.LSTM(3))(nd.ones((2, 2, 3)), [nd.zeros((1, 2, 3))] * 3)",
    "ready(rnn.GRU(3))(nd.ones((2, 2, 3)), nd.zeros((1, 7, 3)))",
    "ready(rnn.GRU(3))(nd.ones((2, 3)))",
    "ready(rnn.GRU(3, input_size=6))(nd.ones((4, 2, 5)))",
    "ready(rnn.LSTM(3))(nd.ones((2, 2, 2), dtype='float64'))",
    "rnn.RecurrentCell().state_info()",
    "(lambda s: [s.add(rnn.BidirectionalCell(rnn.RNNCell(2), rnn.RNNCell(2))), ready(s)(nd.ones((2, 3)), "
    "s.begin_state(batch_size=2))])(rnn.SequentialRNNCell())",
    "nd.RNN(nd.ones((2, 2, 2)), nd.ones((13,)), nd.zeros((1, 2, 2)), mode='rnn_tanh', state_size=2, num_layers=1)",
    "nd.RNN(nd.ones((2, 2, 2)), nd.ones((12,)), nd.zeros((1, 2, 2)), mode='tanh', state_size=2, num_layers=1)",
]


def built(rnn, network):
    """The cell that a description [name, arguments, named arguments, [cells on top of each other]] stands for."""
    name, arguments, named, *inside = network
    arguments = [built(rnn, a) if isinstance(a, list) and a and isinstance(a[0], str) else a for a in arguments]
    cell = getattr(rnn, name)(*arguments, **named)
    if inside:
        with cell.name_scope():
            for part in inside[0]:
                cell.add(built(rnn, part))
    return cell


def nested(value):
    """Arrays as lists, in the lists they are in."""
    return [nested(v) for v in value] if isinstance(value, list | tuple) else value.asnumpy().tolist()


def flat(value):
    return [x for v in value for x in flat(v)] if isinstance(value, list | tuple) else [value]


def ready(block):
    block.initialize()
    return block


def answers(mx, network, x, call, trains=True):
    """What a recurrent network gives: names, printed form, outputs, states, gradients; outside of training, too."""
    nd = mx.nd
    x = nd.array(x)
    x.attach_grad()
    mx.random.seed(1)
    block = network()
    before = repr(block)
    block.initialize(mx.init.Uniform(0.5))
    if not trains:
        predicted = nested(call(block, x))
        return {"before": before, "after": repr(block), "names": list(block.collect_params()), "predicted": predicted}
    with mx.autograd.record():
        result = call(block, x)
        total = sum((out * nd.arange(1, out.size + 1).reshape(out.shape)).sum() for out in flat(result))
    total.backward()
    params = block.collect_params()
    return {
        "before": before,
        "after": repr(block),
        "names": list(params),
        "result": nested(result),
        "gradient": nested(x.grad),
        "gradients": [nested(p.grad()) for p in params.values()],
        "predicted": nested(call(block, x)),
    }


def unrolling(mx, length, named):
    named = {key: mx.nd.array(value) if key == "valid_length" else value for key, value in named.items()}
    return lambda cell, x: list(cell.unroll(length, x, **named))


def calling(given):
    def call(layer, x):
        if not given:
            return layer(x)
        batch = x.shape[0 if "NTC" in repr(layer) else 1]
        states = layer.begin_state(batch_size=batch)
        states = [s + 0.1 * (i + 1) for i, s in enumerate(states)]
        return list(layer(x, states))

    return call
