"""Recurrent cells and layers compute what MXNet's compute, draw what they draw, and refuse what they refuse."""

from __future__ import annotations

import builtins
import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

import mxl as mx
from mxl.gluon import rnn

FOLDER = Path(__file__).parents[1] / "facts"
FACTS = json.loads((FOLDER / "recurrent.json").read_text())


def load_shared():
    spec = importlib.util.spec_from_file_location("recurrent_facts", FOLDER / "recurrent.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


recurrent = load_shared()


def close(mine, theirs, what):
    if theirs and isinstance(theirs[0], list) and not isinstance(theirs[0][0], float):
        assert len(mine) == len(theirs), what
        for a, b in zip(mine, theirs, strict=True):
            close(a, b, what)
        return
    mine, theirs = np.array(mine, "float32"), np.array(theirs, "float32")
    assert mine.shape == theirs.shape, what
    size = max(1.0, np.abs(theirs).max(initial=0))
    np.testing.assert_allclose(mine, theirs, rtol=3e-5, atol=3e-6 * size, err_msg=what)


def compare(mine, fact):
    for text in ("before", "after", "names"):
        assert mine[text] == fact[text]
    for values in ("predicted", "result", "gradient", "gradients"):
        if values in fact:
            close(mine[values], fact[values], values)


@pytest.mark.parametrize("fact", FACTS["unrolled"], ids=lambda f: f"{f['network'][0]} {f['named']}")
def test_a_cell_unrolls_as_mxnets_does(fact):
    x = np.array(fact["x"], "float32")
    mine = recurrent.answers(
        mx, lambda: recurrent.built(rnn, fact["network"]), x, recurrent.unrolling(mx, 3, fact["named"])
    )
    compare(mine, fact)


@pytest.mark.parametrize("fact", FACTS["layers"], ids=lambda f: f"{f['layer']} {f['arguments']} {f['given']}")
def test_a_layer_computes_what_mxnets_does(fact):
    x = np.array(fact["x"], "float32")

    def make():
        return getattr(rnn, fact["layer"])(prefix="p_", **fact["arguments"])

    compare(recurrent.answers(mx, make, x, recurrent.calling(fact["given"]), "result" in fact), fact)


def test_a_file_of_mxnets_is_loaded_and_written_alike(tmp_path):
    layer = rnn.LSTM(2, 2, bidirectional=True)
    layer.load_parameters(str(FOLDER / "recurrent.params"))
    close(layer(mx.nd.ones((2, 1, 3))).asnumpy().tolist(), FACTS["loaded"][0], "output with the loaded parameters")
    layer.save_parameters(str(tmp_path / "mine.params"))
    assert (tmp_path / "mine.params").read_bytes() == (FOLDER / "recurrent.params").read_bytes()
    assert list(mx.nd.load(str(tmp_path / "mine.params")))[5] == "_unfused.0.r_cell.h2h_weight"


@pytest.mark.parametrize("text, kinds", FACTS["refused"], ids=[text for text, _ in FACTS["refused"]])
def test_what_mxnet_refuses_is_refused_alike(text, kinds):
    """The kind of Python that a script catches; RuntimeError where MXNet raises its own error."""
    names = {"rnn": rnn, "nd": mx.nd, "ready": recurrent.ready}
    kind = next(kind for kind in kinds if hasattr(builtins, kind))
    with pytest.raises(getattr(builtins, kind)):
        eval(text, names)
