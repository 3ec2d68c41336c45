"""Losses: values and gradients as MXNet's (facts/losses.json), and gradients against differences."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import mxl as mx
from mxl.gluon import loss
from mxl.testing.gradient import check_gradient

FACTS = json.loads((Path(__file__).parent / "facts" / "losses.json").read_text())


def label(fact):
    return f"{fact['loss']}({', '.join(f'{k}={v}' for k, v in fact['arguments'].items())})"


@pytest.mark.parametrize("fact", FACTS, ids=label)
def test_values_and_gradients_are_mxnets(fact):
    arrays = [mx.nd.array(np.array(x, "float32")) for x in fact["inputs"]]
    arrays[0].attach_grad()
    with mx.autograd.record():
        value = getattr(loss, fact["loss"])(**fact["arguments"])(*arrays)
    assert value.shape == np.shape(fact["value"])
    np.testing.assert_allclose(value.asnumpy(), np.array(fact["value"], "float32"), rtol=5e-6, atol=5e-6)
    if fact["gradient"] is not None:
        value.backward()
        expected = np.array(fact["gradient"], "float32")
        np.testing.assert_allclose(arrays[0].grad.asnumpy(), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("fact", FACTS, ids=label)
def test_gradients_agree_with_differences(fact):
    if fact["loss"] == "SigmoidBinaryCrossEntropyLoss" and np.abs(fact["inputs"][0]).max() > 3:
        fact = {**fact, "inputs": [np.array(fact["inputs"][0]) / 50, *fact["inputs"][1:]]}
    function = getattr(loss, fact["loss"])(**fact["arguments"])
    others = [np.array(x, "float64") for x in fact["inputs"][1:]]
    pred = np.array(fact["inputs"][0], "float64")
    check_gradient(lambda p: function(p, *(mx.nd.array(x, dtype="float64") for x in others)), pred)


def test_printed_forms():
    assert repr(loss.L2Loss(weight=2.0, batch_axis=1)) == "L2Loss(batch_axis=1, w=2.0)"
    assert repr(loss.SoftmaxCELoss()) == "SoftmaxCrossEntropyLoss(batch_axis=0, w=None)"
    assert repr(loss.SigmoidBCELoss()) == "SigmoidBinaryCrossEntropyLoss(batch_axis=0, w=None)"


def test_labels_take_the_predictions_shape():
    value = loss.L2Loss()(mx.nd.zeros((3, 1)), mx.nd.array([1, 2, 3]))
    assert value.shape == (3,)


def test_a_weight_must_be_a_number():
    with pytest.raises(AssertionError, match="the weight of a loss must be a number, got str"):
        loss.L1Loss(weight="2")(mx.nd.zeros((1, 1)), mx.nd.zeros((1, 1)))


def test_label_format():
    with pytest.raises(ValueError, match="label_format is 'x'; known: signed, binary"):
        loss.LogisticLoss(label_format="x")


@pytest.mark.parametrize("key, known", [("layout", "'NTC', 'TNC'"), ("label_layout", "'NT', 'TN'")])
def test_ctc_layouts(key, known):
    with pytest.raises(AssertionError, match=f"CTCLoss: {key} is 'X'; known.*: {known}"):
        loss.CTCLoss(**{key: "X"})
    assert repr(loss.CTCLoss(label_layout="TN")) == "CTCLoss(batch_axis=1, w=None)"


def test_a_single_pair_cannot_be_compared():
    with pytest.raises(ValueError, match="SDMLLoss compares each pair with others: expected at least 2 pairs, got 1"):
        loss.SDMLLoss()(mx.nd.zeros((1, 3)), mx.nd.zeros((1, 3)))


def test_full_poisson_loss_has_a_gradient():
    pred = mx.nd.array([[0.5, 1.0]])
    pred.attach_grad()
    with mx.autograd.record():
        value = loss.PoissonNLLLoss(compute_full=True)(pred, mx.nd.array([[0, 3]]))
    value.backward()
    assert np.isfinite(value.asscalar())
    np.testing.assert_allclose(pred.grad.asnumpy(), (np.exp([[0.5, 1.0]]) - [[0, 3]]) / 2, rtol=1e-6)
