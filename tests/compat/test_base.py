"""mx.base, mx.registry and mx.libinfo beyond what MXNet's records show: their sentences."""

from __future__ import annotations

from typing import Any

import pytest

import mxl as mx


def named() -> None:
    """A function to be told of."""


class Animal:
    """A family of one's own."""


register = mx.registry.get_register_func(Animal, "animal")
create = mx.registry.get_create_func(Animal, "animal")


@register
class Cat(Animal):
    """Its one member."""


@pytest.mark.parametrize("error, sentence", [
    (mx.base.NotImplementedForSymbol(named, "+", 1),
     r"function named \(operator '\+'\) with arguments \(<class 'int'>\) is not implemented for Symbol; it is for NDA"),
    (mx.base.NotSupportedForSparseNDArray(named, None), "function named is not supported for sparse arrays; it is for"),
])  # fmt: skip
def test_errors_say_what_was_called(error: Exception, sentence: str) -> None:
    with pytest.raises(mx.MXNetError, match=sentence):
        raise error


def test_errors_of_mxl_are_found_in_base() -> None:
    assert mx.base.ShapeError is mx.errors.ShapeError
    with pytest.raises(AttributeError, match=r"annotations_of'?; dir\(mx\w*\.base\)"):
        _ = mx.base.annotations_of


@pytest.mark.parametrize("cause, sentence", [
    (lambda: register(dict), "animal: a subclass of Animal is registered, not <class 'dict'>"),
    (lambda: create("dog"), "animal 'dog' is not registered; known: cat"),
    (lambda: create(5), "animal: expected a name or Animal, got int"),
    (lambda: create(Cat(), 1), "animal: it is made already, and takes no more arguments"),
    (lambda: create('["cat", {}]', size=1), "animal: JSON has all its arguments, and takes no more"),
])  # fmt: skip
def test_a_registry_says_what_is_wrong(cause: Any, sentence: str) -> None:
    with pytest.raises(AssertionError, match=sentence) as caught:
        cause()
    assert isinstance(caught.value, mx.MXNetError)


def test_a_metric_registered_by_mx_registry_is_a_metric() -> None:
    class Fine(mx.metric.Accuracy):
        """A metric of one's own."""

    mx.registry.get_register_func(mx.metric.EvalMetric, "metric")(Fine, "fine_by_registry")
    assert type(mx.metric.create("fine_by_registry")) is Fine


@pytest.mark.parametrize("find", [mx.libinfo.find_lib_path, mx.libinfo.find_include_path, mx.libinfo.find_conf_path])
def test_there_is_no_library_to_find(find: Any) -> None:
    with pytest.raises(RuntimeError, match=f"{find.__name__}: mxl is Python alone; there"):
        find()
