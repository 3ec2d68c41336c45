"""Small networks give MXNet's numbers: first values, outputs, gradients and three steps (facts/networks.json)."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import numpy as np
import pytest

import mxl as mx

FOLDER = Path(__file__).parent / "facts"
NETWORKS = runpy.run_path(str(FOLDER / "networks.py"))
FACTS = json.loads((FOLDER / "networks.json").read_text())


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: f"{fact['network']}-{fact['seed']}")
def test_training_gives_mxnets_numbers(fact):
    told = NETWORKS["train"](mx, NETWORKS["NETWORKS"][fact["network"]], fact["seed"])
    for what in ("output", "loss", "predicted"):
        size = np.abs(fact[what]).max()
        np.testing.assert_allclose(told[what], fact[what], rtol=1e-4, atol=1e-5 * size, err_msg=what)
    for what in ("gradients", "parameters"):
        for mine, theirs in zip(told[what], fact[what], strict=True):
            if theirs is None:
                assert mine is None
            else:
                np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=5e-6, err_msg=what)


@pytest.mark.parametrize("seed", NETWORKS["SEEDS"])
def test_gradients_of_the_tutorial_print_alike(seed):
    fact = next(f for f in FACTS if f["network"] == "tutorial" and f["seed"] == seed)
    told = NETWORKS["train"](mx, NETWORKS["NETWORKS"]["tutorial"], seed)
    assert str(np.array(told["gradients"][0], "float32")) == str(np.array(fact["gradients"][0], "float32"))
