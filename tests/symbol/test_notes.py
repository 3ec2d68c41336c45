"""Annotations with two names, and pickled graphs."""

from __future__ import annotations

import pickle  # noqa: TID251  (what users do)

import pytest

import mxl as mx
from mxl.symbol.notes import SHORT, kept, shown


@pytest.mark.parametrize("name", SHORT)
def test_a_short_name_is_kept_as_the_long_one_and_shown_as_both(name: str) -> None:
    assert kept({name: "1", "mood": "x"}) == {f"__{name}__": "1", "mood": "x"}
    assert shown(kept({name: "1"})) == {name: "1", f"__{name}__": "1"}


def test_an_operator_takes_annotations_by_name_and_hands_them_to_its_weights() -> None:
    net = mx.sym.FullyConnected(mx.sym.var("x"), num_hidden=2, name="fc", lr_mult=0.5)
    assert net.attr("lr_mult") == net.get_internals()["fc_weight"].attr("lr_mult") == "0.5"
    assert mx.sym.load_json(net.tojson()).attr("lr_mult") == "0.5"


def test_what_is_no_annotation_is_refused() -> None:
    with pytest.raises(mx.MXNetError, match="attribute mood: annotations begin and end with two underscores"):
        mx.sym.exp(mx.sym.var("x"), attr={"mood": "x"})
    with pytest.raises(ValueError, match="attribute mood of 'x' is no string"):
        mx.sym.var("x", attr={"mood": 3})


def test_a_pickled_graph_computes_the_same() -> None:
    net = mx.sym.var("x") * 2 + 1
    again = pickle.loads(pickle.dumps(net))
    assert again.eval(x=mx.nd.array([3]))[0].asscalar() == 7


def test_types_that_contradict_each_other_are_named() -> None:
    both = mx.sym.var("x", dtype="float64") + mx.sym.var("y", dtype="float32")
    with pytest.raises(TypeError, match="'y' is float32, expected float64"):
        both.infer_type()
    with pytest.raises(mx.MXNetError, match="there is no argument 'z'; there are x, y"):
        both.infer_type(z="float32")


def test_shapes_of_what_is_no_argument_are_refused() -> None:
    net = mx.sym.exp(mx.sym.var("x"))
    with pytest.raises(mx.MXNetError, match="infer_shape: there is no argument 'z'; there are x"):
        net.infer_shape(z=(1,))
    with pytest.raises(TypeError, match="the shape of 'x' is 3: expected a tuple of lengths"):
        net.infer_shape(x=3)
    with pytest.raises(KeyError, match="stype is 'strange': expected one of default, row_sparse, csr"):
        mx.sym.var("x", stype="strange")
