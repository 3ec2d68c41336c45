"""Asks real MXNet what its recurrent cells and layers compute, and writes recurrent.json beside this file.

Run with MXNet's own Python; the tests need only what it wrote.
"""

import json
from pathlib import Path

import mxnet as mx
import numpy as np
import recurrent
from mxnet import nd

rnn = mx.gluon.rnn
rng = np.random.RandomState(7)


def inputs(shape):
    return rng.uniform(-1, 1, shape).astype("float32").round(3)


def rounded(value):
    if isinstance(value, list):
        return [rounded(v) for v in value]
    if isinstance(value, dict):
        return {key: rounded(v) for key, v in value.items()}
    return float(f"{value:.7g}") if isinstance(value, float) else value


unrolled, layers, refused = [], [], []
for network, named in recurrent.UNROLLED:
    x = inputs((3, 2, 3) if named.get("layout") == "TNC" else (2, 3, 3))
    told = recurrent.answers(
        mx, lambda network=network: recurrent.built(rnn, network), x, recurrent.unrolling(mx, 3, named)
    )
    unrolled.append({"network": network, "named": named, "x": x.tolist(), **told})
for name, arguments, given in recurrent.LAYERS:
    x = inputs((2, 3, 3))
    make = lambda name=name, arguments=arguments: getattr(rnn, name)(prefix="p_", **arguments)  # noqa: E731
    told = recurrent.answers(mx, make, x, recurrent.calling(given), "projection_size" not in arguments)
    layers.append({"layer": name, "arguments": arguments, "given": given, "x": x.tolist(), **told})
for text in recurrent.REFUSED:
    try:
        eval(text, {"rnn": rnn, "nd": nd, "ready": recurrent.ready})
        nd.waitall()
        refused.append([text, None])
    except Exception as error:
        refused.append([text, [kind.__name__ for kind in type(error).__mro__]])
mx.random.seed(1)
layer = rnn.LSTM(2, 2, bidirectional=True)
layer.initialize(mx.init.Uniform(0.5))
loaded = [layer(nd.ones((2, 1, 3))).asnumpy().tolist()]
layer.save_parameters(str(Path(__file__).with_name("recurrent.params")))
facts = {"unrolled": unrolled, "layers": layers, "refused": refused, "loaded": loaded}
text = ",\n".join(
    f'"{kind}": [\n' + ",\n".join(json.dumps(rounded(fact)) for fact in found) + "\n]"
    for kind, found in facts.items()
)
Path(__file__).with_name("recurrent.json").write_text("{" + text + "}\n")
print({kind: len(found) for kind, found in facts.items()})
