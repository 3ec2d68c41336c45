"""Nothing that arrives from outside gets past the sentences: plain data of any form, and damaged files of states."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mxl.core import lr_scheduler, optimizer
from mxl.core.errors import InvalidSetting
from mxl.core.optimizer import StatesFileError, dump_states, parse_states

CLASSES = optimizer.REGISTRY.classes
NAMES = sorted(n for n, c in CLASSES.items() if c.step is not optimizer.Optimizer.step and c.scope != "row")
SCHEDULES = sorted(lr_scheduler.REGISTRY.classes)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-2, 2) | st.just(float("nan")) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def changed(wire, data):
    """The wire form of a thing with one argument replaced."""
    name, arguments = wire
    key = data.draw(st.sampled_from(sorted(arguments)))
    return [name, {**arguments, key: data.draw(PLAIN)}]


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_optimizer_is_refused_or_steps(data):
    start = optimizer.create(data.draw(st.sampled_from(NAMES)), learning_rate=0.1)
    wire = data.draw(PLAIN | st.just(None)) if data.draw(st.booleans()) else changed(start.to_wire(), data)
    try:
        made = optimizer.from_wire(wire)
    except InvalidSetting:
        return
    weight = np.ones(3, np.float32)
    state = made.new_state(weight)
    made.apply(weight, weight.copy(), state, weight, lr=made.lr_for(0, 1), wd=made.wd_for(0), t=1)
    assert optimizer.from_wire(made.to_wire()).to_wire() == made.to_wire()


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_schedule_is_refused_or_gives_rates(data):
    arguments = {
        "factor": {"step": 2},
        "multifactor": {"step": [2, 3]},
        "poly": {"max_update": 4},
        "cosine": {"max_update": 4},
    }
    name = data.draw(st.sampled_from(SCHEDULES))
    wire = lr_scheduler.from_wire([name, arguments[name]]).to_wire()
    wire = data.draw(PLAIN) if data.draw(st.booleans()) else changed(wire, data)
    try:
        made = lr_scheduler.from_wire(wire)
    except InvalidSetting:
        return
    for n in range(6):
        assert isinstance(made(n), (int, float))


WHOLE = dump_states(["sgd", {}], {0: (3, (np.arange(4.0),)), "a": (1, ())})


@settings(max_examples=100, deadline=None)
@given(at=st.integers(0, len(WHOLE) - 1), byte=st.integers(0, 255))
@example(at=8, byte=0)
def test_damaged_states_are_refused_or_read(at, byte):
    damaged = bytearray(WHOLE)
    damaged[at] = byte
    try:
        parse_states(bytes(damaged))
    except StatesFileError:
        return


@given(st.binary(max_size=60))
@settings(max_examples=50, deadline=None)
def test_garbage_is_no_states_file(data):
    with pytest.raises(StatesFileError):
        parse_states(data)
