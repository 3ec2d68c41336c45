"""Names of kinds, as MXNet reads them; wrong names, options and stalenesses end in a sentence."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import mxl as mx
from mxl.core.errors import ArgumentError
from mxl.kvstore import registry
from mxl.kvstore.base import KVStoreBase
from mxl.kvstore.errors import InvalidStaleness, UnknownStore
from mxl.kvstore.local import LocalKVStore


@pytest.fixture
def dist(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float | None]]:
    """The calls that would make a dist store."""
    calls: list[tuple[str, float | None]] = []
    module = ModuleType("recorded")
    module.Store = lambda kind, staleness: calls.append((kind, staleness))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "recorded", module)
    monkeypatch.setattr(registry, "DIST", "recorded:Store")
    return calls


@pytest.fixture
def plugin() -> Iterator[type[Any]]:
    class MyDistStore(KVStoreBase):
        def __init__(self, **options: Any) -> None:
            self.options = options

    KVStoreBase.register(MyDistStore)
    yield MyDistStore
    del KVStoreBase.kv_registry["mydiststore"]


@pytest.mark.parametrize("name, kind", [
    ("local", "local"), ("LOCAL", "local"), ("device", "device"), ("Device", "device"),
    ("local_update_cpu", "local_update_cpu"), ("local_allreduce_cpu", "local_allreduce_cpu"),
    ("local_allreduce_device", "local_allreduce_device"), ("mylocal", "mylocal"), ("device_x", "device_x"),
])
def test_kinds_as_mxnet(name: str, kind: str) -> None:
    kv = mx.kv.create(name)
    assert isinstance(kv, mx.kv.KVStore)
    assert (type(kv), kv.type, kv.rank, kv.num_workers) == (LocalKVStore, kind, 0, 1)


def test_local_is_the_default() -> None:
    assert mx.kv.create().type == "local"


@pytest.mark.parametrize("name, staleness", [
    ("dist", None), ("dist_sync", None), ("DIST_SYNC", None), ("dist_sync", 0), ("dist_async", None),
    ("dist_async", 0), ("dist_async", 4), ("dist_async", 4.0), ("dist_async", math.inf),
    ("dist_sync_device", None), ("dist_device_sync", 0),
    ("dist_async_device", 2), ("dist_device_async", 2),
    pytest.param("dist_nccl", None, marks=pytest.mark.filterwarnings("ignore:kvstore 'dist_nccl'")),
])
def test_kinds_of_a_cluster(dist: list[tuple[str, float | None]], name: str, staleness: float | None) -> None:
    mx.kv.create(name, staleness=staleness)
    assert dist == [(name.lower(), staleness)]


@pytest.mark.parametrize("name", ["teststore", "TestStore", "TESTSTORE"])
def test_a_plugin_is_found_in_any_letter_case(name: str) -> None:
    assert mx.kv.create(name).type == "teststore"


def test_registered_classes_go_before_kinds(plugin: type[Any], dist: list[tuple[str, float | None]]) -> None:
    kv = mx.kv.create("MyDistStore", staleness=3, depth=2)
    assert (type(kv), kv.options) == (plugin, {"staleness": 3, "depth": 2})
    assert mx.kv.create("mydiststore").options == {}
    assert dist == []


@pytest.mark.parametrize("name", [None, 3, b"local", ["local"]])
def test_a_name_is_a_string(name: Any) -> None:
    with pytest.raises(TypeError, match=re.escape(f"kvstore name must be a string, got {name!r}")):
        mx.kv.create(name)


@pytest.mark.parametrize("name", ["", "foo", "p3", "horovod"])
def test_an_unknown_kind_is_told(name: str, plugin: type[Any]) -> None:
    with pytest.raises(UnknownStore, match=f"unknown kvstore {name!r}; known: local, device, .*dist_sync.*mydiststore, "
                                           f".*teststore; KVStoreBase.register adds"):
        mx.kv.create(name)


def test_nccl_has_its_own_sentence() -> None:
    with pytest.raises(UnknownStore, match="'nccl' sums on NVIDIA GPUs, which mxl does not use; kvstore 'device' has"):
        mx.kv.create("NCCL")


def test_kinds_take_no_options() -> None:
    with pytest.raises(ArgumentError, match="kvstore 'local' has no option depth, stale; kinds take staleness alone"):
        mx.kv.create("local", stale=1, depth=2)


@pytest.mark.parametrize("name, staleness, sentence", [
    ("local", 0, "kvstore 'local' is one process, which cannot run ahead of itself; leave staleness out, or use dist"),
    ("device", 2, "kvstore 'device' is one process"),
    ("dist_sync", 3, "dist_sync waits for every worker; use dist_async with staleness=3"),
    ("dist", math.inf, "dist waits for every worker; use dist_async with staleness=inf"),
    ("dist_sync_device", 1, "dist_sync_device waits for every worker; use dist_async with staleness=1"),
    ("dist_async", -1, r"staleness counts pushes: expected 0, 1, 2, \.\.\. or float\('inf'\), got -1"),
    ("dist_async", 1.5, "staleness counts pushes: .* got 1.5"),
    ("dist_async", math.nan, "staleness counts pushes: .* got nan"),
    ("dist_async", True, "staleness counts pushes: .* got True"),
    ("dist_async", "3", "staleness counts pushes: .* got '3'"),
    ("dist_sync", "3", "staleness counts pushes: .* got '3'"),
])
def test_staleness(dist: list[Any], name: str, staleness: Any, sentence: str) -> None:
    with pytest.raises(InvalidStaleness, match=sentence):
        mx.kv.create(name, staleness=staleness)
    assert dist == []


def test_errors_are_value_errors_of_mxl() -> None:
    for error in (UnknownStore, InvalidStaleness):
        assert {mx.MXLError, ValueError} <= set(error.__mro__)


def test_mx_kv_has_mxnets_names() -> None:
    assert {"create", "KVStore", "KVStoreBase"} <= set(dir(mx.kv))
    with pytest.raises(AttributeError, match=r"module 'mxl\.kvstore' has no attribute 'kvstor'"):
        mx.kv.kvstor  # noqa: B018


def test_a_dist_name_that_is_none_of_mxnets_is_told() -> None:
    told = "'dist_asnyc' is no kind of its own and is read as 'dist_sync'; did you mean 'dist_async'"
    with pytest.warns(UserWarning, match=told):
        assert registry.find_kind("dist_asnyc") == registry.DIST
