"""KVStoreBase as the interface of plug-ins, TestStore as the smallest of them, and the checks common to all kinds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import mxl as mx
from mxl.core.errors import ArgumentError
from mxl.kvstore.base import KVStoreBase
from mxl.kvstore.errors import InvalidValue, NotDefined, UnknownCapability, Unsupported


def array(value: float, ctx: int = 0) -> mx.nd.NDArray:
    return mx.nd.full((2,), value, ctx=mx.cpu(ctx))


def values(*arrays: mx.nd.NDArray) -> list[float]:
    return [float(x.asnumpy()[0]) for x in arrays]


@pytest.fixture
def bare() -> Iterator[Any]:
    @KVStoreBase.register
    class BareStore(KVStoreBase):
        """Defines nothing."""

    yield mx.kv.create("barestore")
    del KVStoreBase.kv_registry["barestore"]


@pytest.mark.parametrize("call", [
    lambda kv: kv.broadcast("w", 1, 2),
    lambda kv: kv.pushpull("w", 1),
    lambda kv: kv.set_optimizer(None),
    lambda kv: kv.is_capable("optimizer"),
    lambda kv: kv.save_optimizer_states("states"),
    lambda kv: kv.load_optimizer_states("states"),
    lambda kv: kv.type,
    lambda kv: kv.rank,
    lambda kv: kv.num_workers,
])
def test_what_a_plugin_leaves_out_is_not_defined(bare: Any, call: Any) -> None:
    with pytest.raises(NotDefined, match="store class (does|BareStore does) not define "
                                         r"\w+|this store class does not define is_capable"):
        call(bare)
    assert NotDefined.__mro__.index(NotImplementedError) > NotDefined.__mro__.index(mx.MXNetError)


def test_a_registered_store_is_created(bare: Any) -> None:
    assert type(bare).__name__ == "BareStore"
    assert type(mx.kv.create("BARESTORE")) is type(bare)


def test_register_returns_the_class_and_warns_of_another_one(bare: Any) -> None:
    klass = type(bare)
    assert KVStoreBase.register(klass) is klass                     # the same class again: no warning
    with pytest.warns(UserWarning, match=r"kvstore 'barestore': other\.BareStore takes the place of .*BareStore"):
        KVStoreBase.register(type("BareStore", (), {"__module__": "other"}))
    assert not isinstance(mx.kv.create("barestore"), KVStoreBase)   # any class may be plugged in


@pytest.mark.parametrize("thing", [3, lambda: 3, "local"])
def test_register_takes_classes(thing: Any) -> None:
    with pytest.raises(ArgumentError, match=r"KVStoreBase\.register decorates a class, got"):
        KVStoreBase.register(thing)


# ----- TestStore: facts of MXNet 1.9.1 -----


def test_teststore_broadcasts() -> None:
    kv = mx.kv.create("teststore")
    outs = [array(0), array(0, 1)]
    kv.broadcast("w", array(3), out=outs)
    one = array(0)
    kv.broadcast("w", array(5), one)
    assert values(*outs, one) == [3, 3, 5]
    assert (kv.rank, kv.num_workers) == (0, 1)


def test_teststore_pushpulls() -> None:
    kv = mx.kv.create("teststore")
    pushed, out, outs, alone = [array(1), array(2, 1)], array(0), [array(0), array(0)], array(1)
    kv.pushpull("w", pushed, out=out)
    assert values(*pushed, out) == [1, 2, 3]
    kv.pushpull("w", array(4), out=outs)
    assert values(*outs) == [4, 4]
    kv.pushpull("w", pushed)
    assert values(*pushed) == [3, 3]
    kv.pushpull("w", alone)
    assert values(alone) == [1]


def test_teststore_is_capable_of_nothing() -> None:
    kv = mx.kv.create("teststore")
    assert kv.is_capable("optimizer") is False
    with pytest.raises(UnknownCapability, match="unknown capability 'speed'; known: 'optimizer'"):
        kv.is_capable("speed")
    with pytest.raises(NotDefined, match="store class TestStore does not define set_optimizer"):
        kv.set_optimizer(mx.optimizer.SGD())


def test_teststore_needs_arrays() -> None:
    kv = mx.kv.create("teststore")
    with pytest.raises(InvalidValue, match="pushpull: expected an NDArray or a list of them, got an empty list"):
        kv.pushpull("w", [])
    with pytest.raises(InvalidValue, match="broadcast: expected an NDArray or a list of them, got float"):
        kv.broadcast("w", array(1), [1.5])
    with pytest.raises(InvalidValue, match="broadcast: expected an NDArray or a list of them, got NoneType"):
        kv.broadcast("w", None, array(1))


# ----- checks common to all kinds -----


@pytest.fixture
def kv() -> Any:
    store = mx.kv.create("local")
    store.init("w", array(1))
    return store


@pytest.mark.parametrize("capability", ["optimizer", "Optimizer"])
def test_stores_are_capable_of_an_optimizer(kv: Any, capability: str) -> None:
    assert kv.is_capable(capability) is True
    assert mx.kv.KVStore.is_capable(capability) is True


def test_unknown_capabilities(kv: Any) -> None:
    with pytest.raises(ValueError, match="unknown capability 'pushpull'; known: 'optimizer'"):
        kv.is_capable("pushpull")
    with pytest.raises(ArgumentError, match="is_capable expects a str, got None"):
        kv.is_capable(None)


@pytest.mark.parametrize("call", [
    lambda kv, priority: kv.push("w", array(1), priority=priority),
    lambda kv, priority: kv.pull("w", array(1), priority),
    lambda kv, priority: kv.pushpull("w", array(1), array(1), priority),
    lambda kv, priority: kv.broadcast("v", array(1), array(1), priority),
])
def test_priority_is_an_int(kv: Any, call: Any) -> None:
    with pytest.raises(TypeError, match=r"priority is an int, got 'high'"):
        call(kv, "high")
    with pytest.raises(TypeError, match=r"priority is an int, got 1\.5"):
        call(kv, 1.5)
    call(kv, -3)


def test_outs_are_needed(kv: Any) -> None:
    with pytest.raises(InvalidValue, match="pull: key 'w' needs out=, the array, or list of arrays, to be filled"):
        kv.pull("w")
    with pytest.raises(InvalidValue, match="broadcast: key 'v' needs out=, the array, or list of arrays, to be filled"):
        kv.broadcast("v", array(1), None)
    kv.init("v", array(2))                  # the refused broadcast did not initialise it


def test_row_sparse_pull_refuses_dense_arrays(kv: Any) -> None:
    with pytest.raises(mx.MXNetError, match="row_sparse_pull: key 'w' needs row_sparse arrays as out=, got one of "
                                            "storage type 'default'; pull fills dense ones"):
        kv.row_sparse_pull("w", out=array(1), row_ids=mx.nd.array([1]))
    with pytest.raises(InvalidValue, match="row_sparse_pull: key 'w' needs out=, row_sparse arrays, and row_ids="):
        kv.row_sparse_pull("w")


@pytest.mark.parametrize("params", ["2bit", None, {}, {"threshold": 0.5}, {"type": 2}])
def test_compression_params_are_a_dict_with_a_type(kv: Any, params: Any) -> None:
    with pytest.raises(ArgumentError, match=r"set_gradient_compression expects a dict like .'type': '2bit', "):
        kv.set_gradient_compression(params)


def test_local_compresses_nothing() -> None:
    with pytest.raises(Unsupported, match="kvstore 'local' is one process and sends no gradients, so there is "
                                          "nothing to compress; leave compression_params out"):
        mx.kv.create("local").set_gradient_compression({"type": "2bit", "threshold": 0.5})


@pytest.mark.parametrize("params, message", [
    ({"type": "3bit"}, "got type '3bit'; known are type '2bit' and its threshold"),
    ({"type": "2bit", "bits": 2}, "got a setting 'bits'; known are"),
    ({"type": "2bit", "threshold": 0}, "threshold must be above 0, got 0"),
])  # fmt: skip
def test_device_compresses_by_two_bits_only(params: dict[str, Any], message: str) -> None:
    with pytest.raises(mx.MXNetError, match=message):
        mx.kv.create("device").set_gradient_compression(params)


def test_what_compression_does_not_send_comes_later() -> None:
    store, out = mx.kv.create("device"), mx.nd.zeros((2,))
    store.set_gradient_compression({"type": "2bit", "threshold": 0.5})
    store.init("w", out)
    sent = np.zeros(2, np.float32)
    for _ in range(10):
        store.push("w", mx.nd.array([0.2, -0.3]))
        store.pull("w", out=out)
        sent += out.asnumpy()
    np.testing.assert_allclose(sent, [2.0, -3.0], atol=0.5)


def test_a_kind_without_compression_says_so() -> None:
    class Plain(mx.kv.KVStore):
        type = "plain"
        _init = _push = _pull = None  # type: ignore[assignment]

    with pytest.raises(Unsupported, match="kvstore 'plain' does not compress gradients; leave compression_params out"):
        Plain().set_gradient_compression({"type": "2bit"})


def test_barriers_and_reports_of_one_process_return(kv: Any) -> None:
    assert kv.barrier() is None
    assert kv._barrier() is None
    assert kv.report(loss=0.5, step_samples=64) is None
