"""Initializers give MXNet's values (initializers.json), by the name's ending, by text, and by name."""

import json
import logging
from pathlib import Path

import numpy as np
import pytest

import mxl as mx
from mxl.core.errors import ArgumentError, BadCall, InvalidSetting, ShapeError

RECORDS = json.loads((Path(__file__).parent / "initializers.json").read_text())
Desc = mx.init.InitDesc


def fill(init, name="a_weight", shape=(2,), attrs=None):
    array = mx.nd.full(shape, 9.0)
    init(Desc(name, attrs), array)
    return array.asnumpy()


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: f"{record[0]} {record[1]} {record[3]}")
def test_values_are_mxnets(record):
    name, args, shape, seed, values, text = record
    init = getattr(mx.init, name)(*args)
    mx.random.seed(seed)
    exact = name != "Orthogonal"  # which goes through a factorization
    np.testing.assert_allclose(
        fill(init, shape=tuple(shape)).ravel(), values, rtol=3e-7 if exact else 1e-4, atol=0 if exact else 1e-5
    )
    assert init.dumps() == text
    assert mx.init.create(text) == init


@pytest.mark.parametrize(
    "name, value",
    [
        ("fc_bias", 0),
        ("bn_gamma", 1),
        ("bn_beta", 0),
        ("x_min", 0),
        ("x_max", 1),
        ("fc_bias_min", 0),
        ("fc_weight", 3),
    ],
)
def test_ending_decides(name, value):
    assert fill(mx.init.Constant(3), name).tolist() == [value, value]


@pytest.mark.parametrize("name", ["foo", "bn_running_mean", "bn_moving_var"])
def test_unknown_ending_is_refused(name):
    with pytest.raises(InvalidSetting, match=f"parameter {name}: only names that end in weight"):
        fill(mx.init.Zero(), name)


def test_own_initializer_of_a_parameter_comes_first():
    assert fill(mx.init.Uniform(), "lstm_bias", (8,), {"__init__": mx.init.LSTMBias(2.0).dumps()}).tolist() == [
        0,
        0,
        2,
        2,
        0,
        0,
        0,
        0,
    ]
    assert fill(mx.init.Uniform(), "foo", attrs={"__init__": "ones"}).tolist() == [1, 1]


@pytest.mark.parametrize(
    "name, shape, values",
    [
        ("bn_moving_mean", (2,), [0, 0]),
        ("bn_moving_var", (2,), [1, 1]),
        ("bn_moving_inv_var", (2,), [0, 0]),
        ("bn_moving_avg", (2,), [0, 0]),
        ("stn_loc_weight", (2,), [0, 0]),
        ("stn_loc_bias", (6,), [1, 0, 0, 0, 1, 0]),
        ("upsampling0_weight", (1, 1, 2, 2), [1, 0, 0, 0]),
        ("fc_bias", (2,), [0, 0]),
    ],
)
def test_plain_names_follow_the_old_rules(name, shape, values):
    array = mx.nd.full(shape, 9.0)
    with pytest.warns(DeprecationWarning, match="InitDesc"):
        mx.init.Uniform()(name, array)
    assert array.asnumpy().ravel().tolist() == values


def test_names_and_aliases():
    assert mx.init.create("zeros") == mx.init.Zero()
    assert mx.init.create("Ones") == mx.init.One()
    assert mx.init.create("xavier", magnitude=2) == mx.init.Xavier(magnitude=2)
    assert mx.init.create("xavier", magnitude=2) != mx.init.Xavier()
    same = mx.init.Xavier()
    assert mx.init.create(same) is same
    assert mx.init.Zero() != 3


def test_description_learns_the_model_s_initializer():
    desc, init = Desc("a_weight", {"a": "1"}), mx.init.Zero()
    init(desc, mx.nd.ones(2))
    assert desc.global_init is init
    assert desc.attrs == {"a": "1"}


def test_own_class():
    @mx.init.register
    class Ramp(mx.init.Initializer):
        def _init_weight(self, name, arr):
            arr[:] = mx.nd.arange(arr.size)

    try:
        assert fill(mx.init.create("ramp"), shape=(3,)).tolist() == [0, 1, 2]
        assert fill(mx.init.create("ramp"), "a_bias").tolist() == [0, 0]
    finally:
        del mx.init.REGISTRY.classes["ramp"]


def test_constant_array():
    init = mx.init.Constant(mx.nd.array([1.0, 2.0]))
    assert fill(init).tolist() == [1, 2]
    assert init.dumps() == '["constant", {"value": [1.0, 2.0]}]'
    assert fill(mx.init.create(init.dumps())).tolist() == [1, 2]


def test_orthogonal_rows_are_orthogonal():
    for kind in ("uniform", "normal"):
        rows = fill(mx.init.Orthogonal(scale=2, rand_type=kind), shape=(4, 3, 2)).reshape(4, 6)
        np.testing.assert_allclose(rows @ rows.T, 4 * np.eye(4), atol=1e-5)


def test_mixed_takes_the_first_pattern():
    mixed = mx.init.Mixed([".*bias", ".*"], [mx.init.Zero(), mx.init.One()])
    assert fill(mixed, "fc_weight").tolist() == [1, 1]
    assert fill(mixed, "fc_bias").tolist() == [0, 0]


def test_load_takes_values_by_name():
    load = mx.init.Load({"arg:a": mx.nd.array([1, 2]), "b": mx.nd.array([3, 4])}, default_init=mx.init.One())
    assert [fill(load, name).tolist() for name in ("a", "b", "c_weight")] == [[1, 2], [3, 4], [1, 1]]


def test_verbosity_is_logged(caplog):
    caplog.set_level(logging.INFO, "mxl")
    fill(mx.init.One().set_verbosity(True), shape=(4,))
    fill(mx.init.Load({"a": mx.nd.ones(2)}, verbose=True), "a")
    assert "initialised a_weight as weight: 1.0" in caplog.text
    assert "initialised a by the loaded values" in caplog.text


@pytest.mark.parametrize(
    "call, kind, text",
    [
        (lambda: mx.init.create("foo"), InvalidSetting, "'foo' is not registered here; known: bil.*@mx.init.register"),
        (lambda: mx.init.create(3), ArgumentError, "expected a name or an Initializer, got int"),
        (lambda: mx.init.create("[3"), InvalidSetting, "is no JSON"),
        (
            lambda: mx.init.create('["uniform", {"size": 3}]'),
            InvalidSetting,
            "initializer 'uniform' has no argument 'size'; it has: scale",
        ),
        (lambda: mx.init.register(3), TypeError, "expects a subclass of Initializer, got 3"),
        (
            lambda: fill(mx.init.Xavier()),
            ValueError,
            r"Xavier: parameter a_weight is \[2\]: it needs two axes or more",
        ),
        (lambda: fill(mx.init.Xavier("x"), shape=(2, 2)), ValueError, "rnd_type is 'x': 'uniform' and 'gaussian'"),
        (
            lambda: fill(mx.init.Xavier(factor_type="x"), shape=(2, 2)),
            ValueError,
            "factor_type is 'x': 'avg', 'in' and 'out'",
        ),
        (lambda: fill(mx.init.Orthogonal(rand_type="x"), shape=(2, 2)), ValueError, "rand_type is 'x'"),
        (lambda: mx.init.Uniform()(3, mx.nd.ones(2)), ArgumentError, "its first argument is a int"),
        (lambda: mx.init.Mixed(["a"], []), BadCall, "1 patterns, 0 initializers"),
        (lambda: fill(mx.init.Mixed(["b"], [mx.init.Zero()])), InvalidSetting, "a_weight matches none of the patterns"),
        (lambda: mx.init.Load(3), ArgumentError, "param must be a dict of name to NDArray, got int"),
        (
            lambda: fill(mx.init.Load({"a_weight": mx.nd.ones(3)})),
            BadCall,
            r"a_weight is \[2\], the loaded value \[3\]",
        ),
        (lambda: fill(mx.init.Load({})), BadCall, "a_weight is not among the loaded values"),
        (lambda: fill(mx.init.Initializer()), NotImplementedError, "Initializer must override _init_weight"),
    ],
)
def test_bad_call(call, kind, text):
    with pytest.raises(kind, match=text):
        call()


def test_old_localisation_bias_has_six_numbers():
    with pytest.warns(DeprecationWarning, match="InitDesc"), pytest.raises(ShapeError, match=r"stn_loc_bias is \[2\]"):
        mx.init.Zero()("stn_loc_bias", mx.nd.ones(2))
