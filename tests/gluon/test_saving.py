"""gluon/saving.py: parameters in files, against files that MXNet wrote, and files that do not fit."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mxl as mx
from mxl import gluon
from mxl.gluon import nn
from mxl.gluon.errors import BadArgument, Incompatible

FACTS = Path(__file__).parent / "facts"
spec = importlib.util.spec_from_file_location("record_saved", FACTS / "record_saved.py")
assert spec is not None
assert spec.loader is not None
record = importlib.util.module_from_spec(spec)
spec.loader.exec_module(record)


def dense(units: int = 2, init: bool = True, **kwargs: Any) -> nn.Dense:
    layer = nn.Dense(units, **{"in_units": 3, "prefix": "fc_", **kwargs})
    if init:
        layer.initialize()
    return layer


def weight(block: Any) -> list[Any]:
    return block.weight.data().asnumpy().tolist()


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    dense().save_parameters(tmp_path / "a")
    return tmp_path / "a"


# ---- files of MXNet --------------------------------------------------------------------------------------------------


def assert_gives_what_mxnet_s_gave(net: Any) -> None:
    np.testing.assert_allclose(
        net(mx.nd.array(record.X)).asnumpy(), json.loads((FACTS / "saved.json").read_text()), rtol=1e-5
    )


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("init", [True, False])
@pytest.mark.parametrize("name", ["by_place", "without_prefix"])
def test_a_network_of_mxnet_s_is_loaded(name: str, init: bool, known: bool) -> None:
    net = record.network(mx, known)
    if init:
        net.initialize()
    net.load_parameters(FACTS / f"{name}.params")
    assert net[4].weight.shape == (3, 8)
    assert_gives_what_mxnet_s_gave(net)


@pytest.mark.parametrize("name, prefix", [("by_name", ""), ("without_prefix", "net_")])
def test_a_parameter_dict_of_mxnet_s_is_loaded(name: str, prefix: str) -> None:
    net = record.network(mx)
    net.collect_params().load(FACTS / f"{name}.params", restore_prefix=prefix)
    assert_gives_what_mxnet_s_gave(net)


def test_a_network_of_half_precision_is_loaded() -> None:
    net = record.network(mx)
    net.load_parameters(FACTS / "half.params", cast_dtype=True)
    assert_gives_what_mxnet_s_gave(net)  # its values are exact in float16
    assert net[0].weight.data().dtype == np.float32


def test_mxl_writes_the_bytes_that_mxnet_writes(tmp_path: Path) -> None:
    net = record.network(mx)
    net.initialize()
    record.give_values(mx, net)
    net.save_parameters(tmp_path / "by_place")
    net.collect_params().save(tmp_path / "by_name")
    net.collect_params().save(tmp_path / "without_prefix", strip_prefix="net_")
    for name in ("by_place", "by_name", "without_prefix"):
        assert (tmp_path / name).read_bytes() == (FACTS / f"{name}.params").read_bytes()


ASK = """
import json, sys
import mxnet as mx
sys.path.insert(0, sys.argv[1])
import record_saved
net = record_saved.network(mx)
net.load_parameters(sys.argv[2])
print(json.dumps(net(mx.nd.array(record_saved.X)).asnumpy().astype(float).tolist()))
"""


@pytest.mark.slow
@pytest.mark.skipif("ORACLE_PYTHON" not in os.environ, reason="ORACLE_PYTHON is not the Python of a real MXNet 1.9")
def test_the_real_mxnet_loads_it(tmp_path: Path) -> None:
    net = record.network(mx)
    net.initialize()
    net.save_parameters(tmp_path / "a")
    ask = [os.environ["ORACLE_PYTHON"], "-c", ASK, str(FACTS), str(tmp_path / "a")]
    told = subprocess.run(ask, capture_output=True, text=True, check=True, cwd=tmp_path).stdout
    np.testing.assert_allclose(net(mx.nd.array(record.X)).asnumpy(), json.loads(told), rtol=1e-5)


# ---- what a load does ------------------------------------------------------------------------------------------------


def test_training_goes_on_with_the_same_arrays(saved: Path) -> None:
    layer = dense()
    array, grad = layer.weight.data(), layer.weight.grad()
    trainer = gluon.Trainer(layer.collect_params(), "sgd", {"learning_rate": 0.1})
    layer.load_parameters(saved)
    assert layer.weight.data() is array
    assert layer.weight.grad() is grad
    before = array.asnumpy()
    with mx.autograd.record():
        loss = layer(mx.nd.ones((1, 3))).sum()
    loss.backward()
    trainer.step(1)
    np.testing.assert_allclose(array.asnumpy(), before - 0.1, rtol=1e-6)


def test_a_parameter_under_another_name_of_its_block_is_found(tmp_path: Path) -> None:
    """An attribute need not be called as its parameter is; alone in its file it has no place with a dot."""

    class Scale(gluon.Block):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.factor = self.params.get("scale", shape=(2,), init="ones")

    one, other = Scale(), Scale()
    one.initialize()
    one.save_parameters(tmp_path / "a")
    other.load_parameters(tmp_path / "a")
    assert other.factor.data().asnumpy().tolist() == [1, 1]


def test_a_gradient_is_made_where_one_is_wanted(saved: Path) -> None:
    layer = dense(init=False)
    layer.bias.grad_req = "null"
    layer.weight.grad_req = "add"
    layer.load_parameters(saved)
    assert layer.weight.grad().asnumpy().tolist() == [[0] * 3] * 2
    assert layer.weight.grad_req == "add"
    with pytest.raises(RuntimeError, match="grad_req"):
        layer.bias.grad()


def test_values_of_numpy_are_taken() -> None:
    layer = dense(init=False)
    layer.collect_params().load_dict({"fc_weight": np.ones((2, 3), "float32"), "fc_bias": np.zeros(2, "float32")})
    assert weight(layer) == [[1] * 3] * 2


def test_a_npz_of_numpy_s_is_loaded(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", weight=np.ones((2, 3), "float32"), bias=np.zeros(2, "float32"))
    layer = dense(init=False)
    layer.load_parameters(tmp_path / "a.npz")
    assert weight(layer) == [[1] * 3] * 2


# ---- what does not fit -----------------------------------------------------------------------------------------------


def file_with(path: Path, **arrays: Any) -> Path:
    mx.nd.save(path, {name: mx.nd.array(value, dtype=np.asarray(value).dtype) for name, value in arrays.items()})
    return path


W, B = np.ones((2, 3), "float32"), np.ones(2, "float32")


@pytest.mark.parametrize("arrays, arguments, kind, sentence", [
    ({"weight": W}, {}, Incompatible,
     "does not have 'bias'; it has weight. Set allow_missing=True to leave such parameters as they are.$"),
    ({"0.weight": W, "weight": W, "bias": B}, {}, BadArgument,
     "has '0.weight', which is no parameter here; the parameters are weight, bias. Set ignore_extra=True to pass over"),
    ({"weight": W, "bias": B, "more": B}, {}, Incompatible,
     "has 'fc_more', which is no parameter here; the parameters are fc_weight, fc_bias. Set ignore_extra=True"),
    ({"w": W, "b": B}, {}, Incompatible, "does not have 'fc_weight'; it has fc_w, fc_b. .* same prefix"),
    ({"weight": W, "bias": np.ones(3, "float32")}, {}, Incompatible,
     r"^Parameter 'fc_bias' has shape \(2,\), but file '.*' has it with shape \(3,\)$"),
    ({"weight": W[..., None], "bias": B}, {}, Incompatible,
     r"^Parameter 'fc_weight' has shape \(2, 3\), but file '.*' has it with shape \(2, 3, 1\)$"),
    ({"weight": W, "bias": B.astype("float16")}, {}, Incompatible,
     "^Parameter 'fc_bias' is float32, but file '.*' has it as float16: set cast_dtype=True, and dtype_source='saved'"),
    ({"weight": W, "bias": B}, {"ctx": mx.cpu(1)}, Incompatible,
     r"^Parameter 'fc_weight' is on \[cpu\(0\)\], and ctx is \[cpu\(1\)\]: leave ctx out, or call reset_ctx\(ctx\)"),
    ({"weight": W, "bias": B}, {"ctx": "cpu"}, BadArgument, r"^ctx must be a context or a list of contexts, .* 'cpu'$"),
    ({"weight": W, "bias": B}, {"ctx": []}, BadArgument, r"^ctx must be a context or a list of contexts, .*not \[\]$"),
    ({"weight": W, "bias": B}, {"ctx": mx.gpu(0)}, mx.MXNetError, r"gpu\(0\) is not available"),
    ({"weight": W, "bias": B}, {"dtype_source": "file"}, Incompatible, "^dtype_source must be 'current' or 'saved', n"),
    ({}, {}, Incompatible, "does not have 'weight'; it has none"),
])  # fmt: skip
def test_what_does_not_fit_is_told_and_nothing_changes(
    tmp_path: Path, arrays: dict[str, Any], arguments: dict[str, Any], kind: type, sentence: str
) -> None:
    layer = dense()
    before = weight(layer)
    with pytest.raises(kind, match=sentence):
        layer.load_parameters(file_with(tmp_path / "a", **arrays), **arguments)
    assert weight(layer) == before
    assert layer.bias.data().asnumpy().tolist() == [0, 0]


def test_what_does_not_fit_leaves_a_new_parameter_without_value(tmp_path: Path) -> None:
    layer = dense(init=False, in_units=0)
    with pytest.raises(Incompatible, match="'fc_bias' has shape"):
        layer.load_parameters(file_with(tmp_path / "a", weight=W, bias=np.ones(3, "float32")))
    assert layer.weight.shape == (2, 0)
    with pytest.raises(RuntimeError, match="not been initialised"):
        layer.weight.data()


def test_long_lists_of_names_are_cut(tmp_path: Path) -> None:
    file_with(tmp_path / "a", **{f"w.{i}": B for i in range(12)})
    with pytest.raises(Incompatible, match=r"it has w.0, w.1, w.2, w.3, w.4, w.5, w.6, w.7 and 4 more\."):
        dense().load_parameters(tmp_path / "a")


def test_a_file_of_a_list_has_no_names(tmp_path: Path) -> None:
    mx.nd.save(tmp_path / "a", [mx.nd.ones((2,))])
    sentence = re.escape(f"file '{tmp_path / 'a'}' has no names: parameters are found by name, in a dict; got a list")
    with pytest.raises(TypeError, match=sentence):
        dense().load_parameters(tmp_path / "a")
    with pytest.raises(TypeError, match=sentence):
        dense().collect_params().load(tmp_path / "a")


def test_values_that_are_no_arrays_are_told() -> None:
    params = dense().collect_params()
    with pytest.raises(TypeError, match=r"^param_dict: 'fc_weight' must be an array, not a list$"):
        params.load_dict({"fc_weight": [1, 2]})
    with pytest.raises(TypeError, match=r"^file 'x' has no names: .* got a NoneType$"):
        params.load_dict(None, filename="x")  # type: ignore[arg-type]


def test_prefixes_that_do_not_fit_are_told(tmp_path: Path) -> None:
    params = dense().collect_params()
    with pytest.raises(ValueError, match=r"^strip_prefix is 'x_', but Parameter 'fc_weight' does not begin with it"):
        params.save(tmp_path / "a", strip_prefix="x_")
    assert os.listdir(tmp_path) == []
    with pytest.raises(AssertionError, match=r"^restore_prefix is 'x_', but Parameter 'fc_weight' does not begin with"):
        params.load_dict({}, restore_prefix="x_")


def test_a_parameter_without_value_is_not_saved(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(RuntimeError, match="'fc_weight'"):
        dense(init=False).save_parameters(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"old"


def test_older_names_say_so(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="^save_params is deprecated: use save_parameters$"):
        dense().save_params(tmp_path / "a")
    assert list(mx.nd.load(tmp_path / "a")) == ["weight", "bias"]
    with pytest.warns(UserWarning, match="^load_params is deprecated: use load_parameters$"):
        dense(init=False).load_params(tmp_path / "a")


def test_a_recorded_network_is_not_overwritten(saved: Path) -> None:
    layer = dense()
    before = weight(layer)
    with mx.autograd.record():
        layer(mx.nd.ones((1, 3)))
        with pytest.raises(mx.MXNetError, match="record"):
            layer.load_parameters(saved)
    assert weight(layer) == before
