"""Updaters: MXNet's forms of states, lists, several devices, float16, and the file of states."""

import json
import os

import numpy as np
import pytest

import mxl as mx
from mxl.core import optimizer
from mxl.core.errors import ArgumentError, InvalidSetting
from mxl.core.optimizer import StatesFileError, dump_states, load_states, parse_states, save_states

nd = mx.nd


def shape_of(state):
    if isinstance(state, tuple):
        return tuple(shape_of(part) for part in state)
    return None if state is None else state.shape


@pytest.mark.parametrize(
    "name, kwargs, form",
    [
        ("sgd", {}, None),
        ("sgd", {"momentum": 0.9}, (3,)),
        ("nag", {"momentum": 0.9}, (3,)),
        ("adam", {}, ((3,), (3,))),
        ("rmsprop", {}, ((3,),)),
        ("rmsprop", {"centered": True}, ((3,), (3,), (3,))),
        ("adagrad", {}, (3,)),
        ("signum", {}, (3,)),
        ("signum", {"momentum": 0.0}, None),
        ("test", {}, (3,)),
        ("ftml", {}, ((3,), (3,), (3,))),
    ],
)
def test_state_has_mxnets_form(name, kwargs, form):
    assert shape_of(optimizer.create(name, **kwargs).create_state(0, nd.ones(3))) == form


@pytest.mark.parametrize(
    "name, kwargs, form",
    [
        ("sgd", {}, (None, (3,))),
        ("sgd", {"momentum": 0.9}, ((3,), (3,))),
        ("nag", {}, (None, (3,))),
        ("adam", {}, ((3,), ((3,), (3,)))),
        ("rmsprop", {}, ((3,), ((3,),))),
    ],
)
def test_state_of_float16_has_the_float32_weight_beside(name, kwargs, form):
    opt = optimizer.create(name, multi_precision=True, **kwargs)
    state = opt.create_state_multi_precision(0, nd.ones(3, dtype="float16"))
    assert shape_of(state) == form


def test_float16_without_multi_precision_is_warned_of():
    with pytest.warns(UserWarning, match="float16 weights lose the small steps of training; multi_precision=True"):
        optimizer.create("sgd").create_state_multi_precision(0, nd.ones(3, dtype="float16"))


@pytest.mark.parametrize("name", ["sgd", "adam", "rmsprop"])
def test_multi_precision_follows_float32(name):
    rng = np.random.RandomState(0)
    start = rng.normal(size=8).astype("float16")
    half, full = nd.array(start, dtype="float16"), nd.array(start, dtype="float32")
    one = optimizer.get_updater(optimizer.create(name, multi_precision=True))
    other = optimizer.get_updater(optimizer.create(name))
    plain = optimizer.create(name, multi_precision=True)
    bare = start.copy()
    state = plain.new_state_multi_precision(bare)
    for t in range(1, 6):
        grad = rng.normal(size=8).astype("float16")
        one(0, nd.array(grad, dtype="float16"), half)
        other(0, nd.array(grad, dtype="float32"), full)
        plain.apply(bare, grad, state, bare, lr=plain.lr_for(0, t), wd=0.0, t=t)
    np.testing.assert_array_equal(half.asnumpy(), full.asnumpy().astype("float16"))
    np.testing.assert_array_equal(bare, half.asnumpy())
    again = optimizer.get_updater(optimizer.create(name, multi_precision=True))
    again.set_states(one.get_states())
    for updater, weight in ((one, half.copy()), (again, half.copy())):
        updater(0, nd.ones(8, dtype="float16"), weight)
        full = weight if updater is one else full
    np.testing.assert_array_equal(weight.asnumpy(), full.asnumpy())


def test_lists_are_updated_together():
    updater = optimizer.get_updater(optimizer.create("sgd", learning_rate=0.1, momentum=0.9))
    weights = [nd.ones(2) * i for i in range(6)]
    updater(list(range(6)), [nd.ones(2)] * 6, weights)
    np.testing.assert_allclose([w.asnumpy()[0] for w in weights], np.arange(6) - 0.1, rtol=1e-6)
    assert updater.optimizer._index_update_count == dict.fromkeys(range(6), 1)
    updater([], [], [])


def test_a_user_s_update_receives_lists_of_one_dtype():
    class Lists(optimizer.SGD):
        def update(self, index, weight, grad, state):
            calls.append(index)
            super().update(index, weight, grad, state)

    calls = []
    updater = optimizer.get_updater(Lists(aggregate_num=2))
    dtypes = ["float32", "float64", "float32", "float32"]
    updater([0, 1, 2, 3], [nd.ones(2, dtype=d) for d in dtypes], [nd.ones(2, dtype=d) for d in dtypes])
    assert calls == [[0, 2], 3, 1]


def test_uneven_lists_are_refused():
    updater = optimizer.get_updater(optimizer.create("sgd"))
    with pytest.raises(ArgumentError, match="2 keys, 1 gradients, 2 weights"):
        updater([3, 4], [nd.ones(2)], [nd.ones(2), nd.ones(2)])


@pytest.mark.parametrize("name", ["sgd", "adam", "rmsprop", "ftml"])
@pytest.mark.parametrize("with_optimizer", [False, True])
def test_training_goes_on_from_saved_states(name, with_optimizer):
    kwargs = {"momentum": 0.9} if name == "sgd" else {}
    rng = np.random.RandomState(0)
    weights = {key: nd.array(rng.normal(size=(2, 3))) for key in (0, "0", 7)}
    first = optimizer.get_updater(optimizer.create(name, learning_rate=0.1, **kwargs))
    for _ in range(3):
        for key, weight in weights.items():
            first(key, nd.array(rng.normal(size=(2, 3))), weight)
    saved = first.get_states(with_optimizer)
    second = optimizer.get_updater(
        optimizer.create(
            "adagrad" if with_optimizer else name, **({} if with_optimizer else {"learning_rate": 0.1, **kwargs})
        )
    )
    second.set_states(saved)
    assert second.get_states(with_optimizer) == saved
    assert second.optimizer.num_update == 3
    copies = {key: weight.copy() for key, weight in weights.items()}
    for key in weights:
        grad = nd.array(rng.normal(size=(2, 3)))
        first(key, grad, weights[key])
        second(key, grad, copies[key])
        np.testing.assert_array_equal(weights[key].asnumpy(), copies[key].asnumpy())


def test_states_of_another_optimizer_are_refused():
    first = optimizer.get_updater(optimizer.create("adam"))
    first(0, nd.ones(2), nd.ones(2))
    second = optimizer.get_updater(optimizer.create("sgd", momentum=0.9))
    second.set_states(first.get_states())
    with pytest.raises(
        InvalidSetting, match=r"state of key 0: loaded \['float32 \[2\]', 'float32 \[2\]'\], optimizer 'SGD' keeps"
    ):
        second(0, nd.ones(2), nd.ones(2))


def test_state_moves_to_a_context():
    updater = optimizer.get_updater(optimizer.create("adam"))
    moved = updater.sync_state_context((nd.ones(2), None, [nd.ones(1)]), mx.cpu(1))
    assert str(moved[0].ctx) == "cpu(1)"
    assert moved[1] is None
    assert str(moved[2][0].ctx) == "cpu(1)"


STATES = {
    3: (5, (np.arange(6, dtype="f4").reshape(2, 3), np.ones(2, "f8"))),
    "3": (1, ()),
    "": (0, (np.zeros((0, 2), "f2"),)),
}


def assert_states_equal(a, b):
    assert list(a) == list(b)
    for key in a:
        assert a[key][0] == b[key][0]
        for x, y in zip(a[key][1], b[key][1], strict=True):
            assert (x.dtype, x.shape) == (y.dtype, y.shape)
            np.testing.assert_array_equal(x, y)


def test_file_keeps_keys_counts_arrays_and_optimizer(tmp_path):
    path = tmp_path / "a.states"
    save_states(path, ["sgd", {"momentum": 0.9}], STATES)
    wire, states = load_states(path)
    assert wire == ["sgd", {"momentum": 0.9}]
    assert_states_equal(states, STATES)
    save_states(path, None, {})
    assert load_states(path) == (None, {})
    assert os.listdir(tmp_path) == ["a.states"]


def test_failed_save_leaves_the_older_file(tmp_path):
    path = tmp_path / "a.states"
    save_states(path, None, STATES)
    before = path.read_bytes()
    with pytest.raises(TypeError):
        save_states(path, [object()], STATES)
    assert path.read_bytes() == before
    with pytest.raises(FileNotFoundError):
        save_states(tmp_path / "nowhere" / "a", None, STATES)


def header(text):
    data = text.encode()
    return len(data).to_bytes(8, "little") + data


def about(text):
    return header(json.dumps({"__metadata__": {"mxl-optimizer-states": text}}))


def test_every_truncation_is_refused():
    data = dump_states(None, STATES)
    for size in range(0, len(data), 7):
        with pytest.raises(StatesFileError, match=r"truncated or damaged|no optimizer states of mxl"):
            parse_states(data[:size])


@pytest.mark.parametrize(
    "data, text",
    [
        (b"", "0 bytes that are no safetensors file"),
        (b"\x80\x04\x95" + b"x" * 30, "pickles, which mxl does not read"),
        (header('{"a": '), "truncated or damaged optimizer states .header"),
        (header("{}"), "no optimizer states of mxl .a safetensors file without"),
        (header('{"__metadata__": 3}'), "a safetensors file without 'mxl-optimizer-states'"),
        (about('{"version": '), "truncated or damaged optimizer states .metadata"),
        (about("3"), "of version None"),
        (about('{"version": 9}'), "of version 9; this mxl reads 1"),
        (about('{"version": 1}'), "truncated or damaged"),
        (about('{"version": 1, "optimizer": null, "keys": [[0, 1, 1]]}'), "truncated or damaged"),
        (about('{"version": 1, "optimizer": null, "keys": [[0, null, 0]]}'), "truncated or damaged"),
    ],
)
def test_foreign_bytes_are_refused(data, text, tmp_path):
    path = tmp_path / "foreign"
    path.write_bytes(data)
    with pytest.raises(StatesFileError, match=text):
        load_states(path)
    with pytest.raises(StatesFileError, match="foreign"):
        load_states(path)
