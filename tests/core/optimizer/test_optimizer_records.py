"""Optimizers make MXNet's steps (records.json: 20 steps of each), on any piece of their arrays, from any copy."""

import json
from pathlib import Path

import numpy as np
import pytest

from mxl.core import optimizer
from mxl.core.optimizer import blocks

RECORDS = json.loads((Path(__file__).parent / "records.json").read_text())
NAMES = sorted({record[0] for record in RECORDS})


def train(opt, size=6, steps=20, cuts=(), seed=3):
    """The weights after each step, the update made on the pieces between cuts, and the state."""
    rng = np.random.RandomState(seed)
    weight, grads = rng.normal(size=size).astype("f4"), rng.normal(size=(steps, size)).astype("f4")
    grads.flags.writeable = False  # a step reads its gradient: it may be a network frame
    state = opt.new_state(weight)
    after = []
    for t, grad in enumerate(grads, start=1):
        for start, stop in zip((0, *cuts), (*cuts, size), strict=True):
            piece = slice(start, stop)
            opt.apply(
                weight[piece],
                grad[piece],
                tuple(s[piece] for s in state),
                weight[piece],
                lr=opt.lr_for(0, t),
                wd=opt.wd_for(0),
                t=t,
                scale=opt.rescale_grad,
            )
        after.append(weight.copy())
    return np.array(after), state


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: f"{record[0]} {record[1]}")
def test_steps_are_mxnets(record):
    name, kwargs, want = record
    after, state = train(optimizer.create(name, **kwargs))
    np.testing.assert_allclose(after[[0, 1, 19]], want, rtol=2e-6, atol=5e-7)
    assert after.dtype == np.float32
    assert all(s.dtype == np.float32 for s in state)


CONFIGURED = [next(r for r in reversed(RECORDS) if r[0] == name) for name in NAMES]
ELEMENTWISE = [r for r in CONFIGURED if optimizer.create(r[0], **r[1]).scope == "element"]


@pytest.mark.parametrize("record", ELEMENTWISE, ids=lambda record: record[0])
def test_pieces_have_the_bits_of_the_whole(record):
    name, kwargs, _ = record
    whole, state = train(optimizer.create(name, **kwargs), size=1000)
    pieces, piece_state = train(optimizer.create(name, **kwargs), size=1000, cuts=(1, 17, 640))
    np.testing.assert_array_equal(whole, pieces)
    for a, b in zip(state, piece_state, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("record", ELEMENTWISE, ids=lambda record: record[0])
def test_large_arrays_are_cut_into_blocks(record, monkeypatch):
    name, kwargs, _ = record
    whole, _ = train(optimizer.create(name, **kwargs), size=1000, steps=3)
    monkeypatch.setattr(blocks, "BLOCK", 64)
    monkeypatch.setattr(blocks._local, "pool", {}, raising=False)
    cut, _ = train(optimizer.create(name, **kwargs), size=1000, steps=3)
    np.testing.assert_array_equal(whole, cut)


@pytest.mark.parametrize("record", CONFIGURED, ids=lambda record: record[0])
def test_the_new_weight_may_go_elsewhere(record):
    name, kwargs, _ = record
    opt = optimizer.create(name, **kwargs)
    want, _ = train(optimizer.create(name, **kwargs), steps=1)
    rng = np.random.RandomState(3)
    weight, grad = rng.normal(size=6).astype("f4"), rng.normal(size=(1, 6)).astype("f4")[0]
    before, out = weight.copy(), np.full(6, np.nan, np.float32)
    weight.flags.writeable = False  # the published version of a server
    opt.apply(
        weight, grad, opt.new_state(weight), out, lr=opt.lr_for(0, 1), wd=opt.wd_for(0), t=1, scale=opt.rescale_grad
    )
    np.testing.assert_array_equal(out, want[0])
    np.testing.assert_array_equal(weight, before)


@pytest.mark.parametrize("record", CONFIGURED, ids=lambda record: record[0])
def test_the_wire_carries_an_equal_optimizer(record):
    name, kwargs, _ = record
    opt = optimizer.create(name, **kwargs)
    sent = optimizer.from_wire(json.loads(json.dumps(opt.to_wire())))
    assert type(sent) is type(opt)
    assert sent.to_wire() == opt.to_wire()
    sent.rescale_grad = opt.rescale_grad  # travels with each gradient
    np.testing.assert_array_equal(train(sent)[0], train(opt)[0])


@pytest.mark.parametrize("record", CONFIGURED, ids=lambda record: record[0])
def test_hyper_makes_a_plain_one_equal(record):
    name, kwargs, _ = record
    opt, other = (
        optimizer.create(name, **kwargs),
        optimizer.create(name, **{k: v for k, v in kwargs.items() if isinstance(v, bool | str)}),
    )
    other.set_hyper(json.loads(json.dumps(opt.hyper())))
    assert other.hyper() == opt.hyper()
    if len(opt.new_state(np.ones(1))) == len(other.new_state(np.ones(1))):
        other.rescale_grad = opt.rescale_grad
        np.testing.assert_array_equal(train(other)[0], train(opt)[0])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ["float64", "float16"])
def test_other_dtypes_keep_theirs(name, dtype):
    opt = optimizer.create(name)
    weight = np.linspace(-1, 1, 5).astype(dtype)
    state = opt.new_state(weight)
    opt.apply(weight, np.full(5, 0.5, dtype), state, weight, lr=opt.lr_for(0, 1), wd=0.0, t=1, scale=0.5)
    assert weight.dtype == dtype
    assert all(s.dtype == dtype for s in state)
    assert np.isfinite(weight).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_weight_without_gradient_stays_finite(name):
    opt = optimizer.create(name)
    weight = np.ones(3, np.float32)
    opt.apply(weight, np.zeros(3, np.float32), opt.new_state(weight), weight, lr=opt.lr_for(0, 1), wd=0.0, t=1)
    assert np.isfinite(weight).all()
