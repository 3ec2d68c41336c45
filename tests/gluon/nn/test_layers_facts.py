"""Layers compute what MXNet's compute: outputs, gradients, statistics (facts/layers.json)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import mxl as mx
from mxl.gluon import nn

FACTS = json.loads((Path(__file__).parents[1] / "facts" / "layers.json").read_text())


def label(fact):
    return f"{fact['layer']}({', '.join(f'{k}={v}' for k, v in fact['arguments'].items())})"


def close(mine, theirs, what):
    theirs = np.array(theirs, "float32")
    assert mine.shape == theirs.shape, what
    size = max(1.0, np.abs(theirs).max()) if theirs.size else 1.0
    np.testing.assert_allclose(mine.asnumpy(), theirs, rtol=2e-5, atol=2e-6 * size, err_msg=what)


@pytest.mark.parametrize("fact", FACTS, ids=label)
def test_a_layer_computes_what_mxnets_does(fact):
    mx.random.seed(1)
    layer = getattr(nn, fact["layer"])(**fact["arguments"])
    layer.initialize(mx.init.Uniform(0.5))
    x = mx.nd.array(np.array(fact["x"], "float32"))
    x.attach_grad()
    with mx.autograd.record():
        out = layer(x)
        weighted = (out * mx.nd.arange(1, out.size + 1).reshape(out.shape)).sum()
    weighted.backward()
    close(out, fact["out"], "output")
    if fact["gradient"] is not None:
        close(x.grad, fact["gradient"], "gradient")
    for param, told in zip(layer.collect_params().values(), fact["parameters"], strict=True):
        close(param.data(), told["value"], param.name)
        if told["gradient"] is None:
            assert param.grad_req == "null"
        else:
            close(param.grad(), told["gradient"], f"gradient of {param.name}")
    close(layer(x), fact["predicted"], "output outside of training")
