"""ParameterDict: finding, making, sharing, and doing one thing to all."""

from __future__ import annotations

import pytest

import mxl as mx
from mxl.gluon import Constant, ParameterDict


def test_get_makes_once():
    params = ParameterDict("a_")
    x = params.get("x", shape=(2, 3))
    assert (x.name, list(params), "a_x" in params, params["a_x"], len(params)) == ("a_x", ["a_x"], True, x, 1)
    assert params.get("x") is x
    assert params.get("x", dtype="float32", lr_mult=1.0, init="zeros") is x
    assert x.init == "zeros"
    with pytest.raises(KeyError, match=r"^no parameter 'x' here; there are a_x$"):
        params["x"]


def test_an_unknown_name_is_told_beside_some_that_are_there():
    params = ParameterDict()
    with pytest.raises(KeyError, match=r"^no parameter 'w' here; there are none$"):
        params["w"]
    for i in range(10):
        params.get(f"p{i}", shape=(1,))
    with pytest.raises(KeyError, match=r"there are p0, p1, .*, p7 and 2 more$"):
        params["w"]


def test_printed_form():
    params = ParameterDict("a_")
    assert repr(params) == "a_ (\n\n)"
    params.get("x", shape=(2, 3))
    assert repr(params) == "a_ (\n  Parameter a_x (shape=(2, 3), dtype=<class 'numpy.float32'>)\n)"
    assert repr(ParameterDict()) == "(\n\n)"


def test_unknown_sizes_are_merged():
    params = ParameterDict()
    assert params.get("x", shape=(0, 3)).shape == (0, 3)
    assert params.get("x", shape=(4, 0)).shape == (4, 3)
    assert params.get("x", shape=(0, 3)).shape == (4, 3)


@pytest.mark.parametrize(
    "wanted, message",
    [
        ({"shape": (3, 3)}, r"with shape=\(2, 3\), and was asked for with shape=\(3, 3\)"),
        ({"shape": 3}, r"with shape=\(2, 3\), and was asked for with shape=\(3,\)"),
        ({"shape": (2, 3, 1)}, "they must agree"),
        ({"dtype": "float64"}, "asked for with dtype='float64'"),
        ({"lr_mult": 2.0}, "with lr_mult=1.0, and was asked for with lr_mult=2.0"),
    ],
)
def test_contradictions_are_refused(wanted, message):
    params = ParameterDict("a_")
    params.get("x", shape=(2, 3))
    with pytest.raises(AssertionError, match=f"Parameter 'a_x' is there .*{message}"):
        params.get("x", **wanted)


def test_constants():
    params = ParameterDict("a_")
    k = params.get_constant("k", [1, 2])
    assert isinstance(k, Constant)
    assert params.get_constant("k") is k
    assert params.get_constant("k", [1, 2]) is k
    with pytest.raises(AssertionError, match="Constant 'a_k' is there with another value"):
        params.get_constant("k", [1, 3])
    with pytest.raises(KeyError, match=r"^no constant 'a_no' here; give its value"):
        params.get_constant("no")
    params.get("x", shape=(1,))
    with pytest.raises(AssertionError, match="Parameter 'a_x' is there, and is no Constant"):
        params.get_constant("x", [1])


def test_shared_parameters_are_found():
    shared = ParameterDict("a_")
    x = shared.get("x", shape=(1,))
    params = ParameterDict("a_", shared=shared)
    assert list(params) == []
    assert params.get("x") is x
    assert list(params) == ["a_x"]
    params.get("new", shape=(1,))
    assert list(shared) == ["a_x"]


def test_update():
    one, two = ParameterDict("a_"), ParameterDict("b_")
    x, y = one.get("x", shape=(1,)), two.get("y", shape=(1,))
    one.update(two)
    assert list(one.values()) == [x, y]
    one.update(two)
    other = ParameterDict("b_")
    other.get("y", shape=(1,))
    with pytest.raises(AssertionError, match="two Parameters are called 'b_y': give one of their blocks"):
        one.update(other)


def test_the_same_for_all(caplog):
    params = ParameterDict("z_")
    params.get("weight", shape=(1,))
    params.get("bias", shape=(2, 2), init="zeros")
    params.initialize("ones")
    assert [p.data().asnumpy().sum() for p in params.values()] == [1, 0]
    params.initialize(mx.init.One(), ctx=mx.cpu(1), force_reinit=True)
    assert params.list_ctx() == [mx.cpu(1)]
    params.reset_ctx(mx.cpu(0))
    assert params.list_ctx() == [mx.cpu(0)]
    params.setattr("grad_req", "add")
    assert {p.grad_req for p in params.values()} == {"add"}
    params.zero_grad()
    with caplog.at_level("INFO"):
        params.initialize("ones", verbose=True, force_reinit=True)
    assert "z_weight" in caplog.text
    ParameterDict().initialize()
