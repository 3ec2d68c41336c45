"""The operators of networks give what MXNet gives (records.json, by tests/oracle): values, gradients, statistics."""

import json
from pathlib import Path

import numpy as np
import pytest

import mxl as mx

RECORDS = json.loads((Path(__file__).parent / "records.json").read_text())


def arrays_of(specs):
    rng = np.random.RandomState(7)
    return [
        np.array(spec["values"], "f4") if isinstance(spec, dict) else rng.uniform(-2, 2, spec).astype("f4")
        for spec in specs
    ]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: f"{record[0]} {record[2]}")
def test_as_mxnet(record):
    name, specs, params, shape, values, grads, states = record
    arrays = [mx.nd.array(a) for a in arrays_of(specs)]
    for array, grad in zip(arrays, grads, strict=True):
        if grad is not None:
            array.attach_grad()
    called = {key: tuple(value) if isinstance(value, list) else value for key, value in params.items()}
    with mx.autograd.record():
        result = getattr(mx.nd, name)(*arrays, **called)
    assert list(result.shape) == shape
    np.testing.assert_allclose(result.asnumpy().ravel(), values, rtol=2e-5, atol=2e-6)
    if any(grads):
        result.backward(mx.nd.array(np.random.RandomState(8).uniform(-1, 1, result.shape)))
    for array, grad in zip(arrays, grads, strict=True):
        if grad is not None:
            np.testing.assert_allclose(array.grad.asnumpy().ravel(), grad, rtol=5e-5, atol=5e-6)
    for state, want in zip(arrays[-len(states) :] if states else [], states, strict=True):
        np.testing.assert_allclose(state.asnumpy(), want, rtol=1e-6)
