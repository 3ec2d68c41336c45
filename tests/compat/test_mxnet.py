"""`import mxnet` after `install_as_mxnet`: one module object, one class, and a sentence for what is not there."""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Iterator

import pytest

import mxl
from mxl.compat import MXNetImported, install_as_mxnet, uninstall_as_mxnet
from mxl.compat.paths import CALLED, FILES, LEFT_OUT

PUBLIC = sorted(name for name, target in mxl._NAMES.items() if ":" not in target and name not in ("compat", "testing"))


@pytest.fixture
def _as_mxnet() -> Iterator[None]:
    install_as_mxnet()
    yield
    uninstall_as_mxnet()


def run(code: str) -> dict[str, object]:
    """The names that a script of these lines ends with."""
    names: dict[str, object] = {}
    exec(code, names)
    return names


# ----- what is there -----


@pytest.mark.usefixtures("_as_mxnet")
@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_module_is_the_same_object_by_either_name(name: str) -> None:
    assert importlib.import_module(f"mxnet.{name}") is getattr(mxl, name)
    assert run(f"import mxnet.{name} as it")["it"] is getattr(mxl, name)
    assert run(f"from mxnet import {name} as it")["it"] is getattr(mxl, name)


@pytest.mark.usefixtures("_as_mxnet")
@pytest.mark.parametrize("code, same", [
    ("import mxnet as it", lambda: mxl),
    ("import mxnet.ndarray as it", lambda: mxl.nd),
    ("import mxnet.ndarray.random as it", lambda: mxl.nd.random),
    ("from mxnet.ndarray import NDArray as it", lambda: mxl.nd.NDArray),
    ("from mxnet.ndarray.ndarray import NDArray as it", lambda: mxl.nd.NDArray),
    ("from mxnet.ndarray.ndarray import zeros as it", lambda: mxl.nd.zeros),
    ("from mxnet.ndarray.utils import save as it", lambda: mxl.nd.save),
    ("from mxnet.ndarray.op import exp as it", lambda: mxl.nd.exp),
    ("from mxnet.ndarray import linalg as it", lambda: mxl.nd.linalg),
    ("from mxnet.base import MXNetError as it", lambda: mxl.MXLError),
    ("from mxnet.context import Context as it", lambda: mxl.Context),
    ("from mxnet.gluon import nn as it", lambda: mxl.gluon.nn),
    ("from mxnet.gluon import loss as it", lambda: mxl.gluon.loss),
    ("from mxnet.gluon.nn import Dense as it", lambda: mxl.gluon.nn.Dense),
    ("from mxnet.gluon.nn.basic_layers import Sequential as it", lambda: mxl.gluon.nn.Sequential),
    ("from mxnet.gluon.nn.basic_layers import BatchNorm as it", lambda: mxl.gluon.nn.BatchNorm),
    ("from mxnet.gluon.nn.conv_layers import MaxPool2D as it", lambda: mxl.gluon.nn.MaxPool2D),
    ("from mxnet.gluon.block import HybridBlock as it", lambda: mxl.gluon.HybridBlock),
    ("from mxnet.gluon.parameter import ParameterDict as it", lambda: mxl.gluon.ParameterDict),
    ("from mxnet.gluon.trainer import Trainer as it", lambda: mxl.gluon.Trainer),
    ("from mxnet.gluon.data.dataloader import DataLoader as it", lambda: mxl.gluon.data.DataLoader),
    ("import mxnet.gluon.data.sampler as it", lambda: importlib.import_module("mxl.gluon.data.sampler")),
    ("from mxnet.kvstore.kvstore import create as it", lambda: mxl.kv.create),
    ("from mxnet.kvstore.base import KVStoreBase as it", lambda: mxl.kv.KVStoreBase),
    ("from mxnet.optimizer.optimizer import SGD as it", lambda: mxl.optimizer.SGD),
])
def test_a_dotted_path_leads_to_what_mxl_has(code: str, same: object) -> None:
    assert callable(same)
    assert run(code)["it"] is same()


@pytest.mark.usefixtures("_as_mxnet")
def test_no_file_is_loaded_twice() -> None:
    names = run("""
import mxnet as mx
import mxnet.gluon.nn.activations, mxnet.gluon.block, mxnet.gluon.data.dataset, mxnet.metric, mxnet.kvstore.base
from mxnet.gluon import nn
array = mx.nd.ones((2, 2))
net = nn.Dense(1)
""")
    assert isinstance(names["array"], mxl.nd.NDArray)
    assert isinstance(names["net"], mxl.gluon.Block)
    strangers = [name for name, module in sys.modules.items() if name.split(".")[0] == "mxnet"
                 and module.__name__.split(".")[0] != "mxl"]
    assert strangers == []
    assert mxl.gluon.__spec__.name == mxl.gluon.__name__ == "mxl.gluon"


def state() -> tuple[object, ...]:
    """All that installing may touch, but the modules that imports have loaded meanwhile."""
    modules = {name: module for name, module in sys.modules.items() if name.split(".")[0] in ("mxl", "mxnet")}
    parents = {path: mxl.__dict__[path.split(".")[1]] for path in FILES}
    return (set(modules), list(sys.meta_path),
            {name: [vars(module).get(hook) for hook in ("__getattr__", "__path__")]
             for name, module in modules.items()},
            {path: path.split(".")[2] in vars(parent) for path, parent in parents.items()})


def test_installing_twice_changes_nothing_and_uninstalling_leaves_nothing() -> None:
    for name in (*PUBLIC, "compat"):
        assert getattr(mxl, name)
    for module in FILES.values():
        importlib.import_module(module)
    before = state()
    install_as_mxnet()
    install_as_mxnet()
    for path in FILES:
        importlib.import_module(path)
    assert sys.modules["mxnet"] is mxl
    assert [type(finder).__name__ for finder in sys.meta_path].count("_MXNetFinder") == 1
    uninstall_as_mxnet()
    uninstall_as_mxnet()
    assert state() == before
    with pytest.raises(AttributeError, match="module 'mxl' has no attribute 'nonsense'"):
        _ = mxl.nonsense


# ----- what is not there -----


@pytest.mark.usefixtures("_as_mxnet")
@pytest.mark.parametrize("code, kind, sentence", [
    ("import mxnet.nonsense", ModuleNotFoundError, "mxl has no mxnet.nonsense; dir(mxnet) lists what it has there"),
    ("from mxnet import nonsense", ModuleNotFoundError,
     "mxl has no mxnet.nonsense; dir(mxnet) lists what it has there"),
    ("import mxnet.core", ModuleNotFoundError, "mxl has no mxnet.core; dir(mxnet) lists what it has there"),
    ("import mxnet.server", ModuleNotFoundError, "mxl has no mxnet.server; dir(mxnet) lists what it has there"),
    ("import mxnet.kvstore.wire", ModuleNotFoundError,
     "mxl has no mxnet.kvstore.wire; dir(mxnet.kvstore) lists what it has there"),
    ("import mxnet.ndarray.nonsense", ModuleNotFoundError,
     "mxl has no mxnet.ndarray.nonsense; dir(mxnet.ndarray) lists what it has there"),
    ("from mxnet.nd import nonsense", ModuleNotFoundError,
     "mxl has no mxnet.ndarray.nonsense; dir(mxnet.ndarray) lists what it has there"),
    ("from mxnet.gluon import nonsense", ModuleNotFoundError,
     "mxl has no mxnet.gluon.nonsense; dir(mxnet.gluon) lists what it has there"),
    ("from mxnet.gluon.nn import Nonsense", ModuleNotFoundError,
     "mxl has no mxnet.gluon.nn.Nonsense; dir(mxnet.gluon.nn) lists what it has there"),
    ("from mxnet.gluon.loss import Nonsense", ModuleNotFoundError,
     "mxl has no mxnet.gluon.loss.Nonsense; dir(mxnet.gluon.loss) lists what it has there"),
    ("from mxnet.gluon.block import Nonsense", ModuleNotFoundError,
     "mxl has no mxnet.gluon.block.Nonsense; dir(mxnet.gluon.block) lists what it has there"),
    ("import mxnet; mxnet.nonsense", AttributeError, "mxl has no mxnet.nonsense; dir(mxnet) lists what it has there"),
    ("import mxnet; mxnet.nd.nonsense", AttributeError,
     "mxl has no mxnet.ndarray.nonsense; dir(mxnet.ndarray) lists what it has there"),
    ("import mxnet; mxnet.gluon.nonsense.x", AttributeError,
     "mxl has no mxnet.gluon.nonsense; dir(mxnet.gluon) lists what it has there"),
    ("import mxnet; mxnet.kv.nonsense", AttributeError,
     "mxl has no mxnet.kvstore.nonsense; dir(mxnet.kvstore) lists what it has there"),
    ("import mxnet; mxnet.base.nonsense", AttributeError,
     "mxl has no mxnet.base.nonsense; dir(mxnet.base) lists what it has there"),
])
def test_what_mxl_lacks_is_said(code: str, kind: type[Exception], sentence: str) -> None:
    with pytest.raises(kind) as caught:
        run(code)
    assert str(caught.value) == sentence
    assert type(caught.value) is kind


@pytest.mark.usefixtures("_as_mxnet")
@pytest.mark.parametrize("path", LEFT_OUT)
def test_what_is_left_out_says_what_to_use(path: str) -> None:
    """A row whose module mxl has gained is to be taken out of the table."""
    with pytest.raises(ModuleNotFoundError) as caught:
        importlib.import_module(path)
    assert str(caught.value) == f"mxl has no {path}; {LEFT_OUT[path]}"
    assert caught.value.name == path


@pytest.mark.usefixtures("_as_mxnet")
def test_a_script_can_ask_and_do_without() -> None:
    names = run("""
import mxnet as mx
try:
    from mxnet import nonsense
except ImportError:
    nonsense = None
has = hasattr(mx, "nonsense"), hasattr(mx.gluon, "Nonsense"), hasattr(mx.nd, "exp"), getattr(mx.nd, "nonsense", 7)
""")
    assert names["nonsense"] is None
    assert names["has"] == (False, False, True, 7)


@pytest.mark.usefixtures("_as_mxnet")
def test_mxls_own_modules_are_missed_as_ever() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'mxl\.core\.nonsense'$"):
        importlib.import_module("mxl.core.nonsense")
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'nonsense'$"):
        importlib.import_module("nonsense")


@pytest.mark.usefixtures("_as_mxnet")
def test_a_failure_inside_a_module_is_not_taken_for_a_missing_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> object:
        def deeper() -> object:
            raise AttributeError("something broke while it was loaded")
        return deeper()

    uninstall_as_mxnet()
    monkeypatch.setattr(mxl.gluon, "__getattr__", broken, raising=False)
    install_as_mxnet()
    with pytest.raises(AttributeError, match="something broke while it was loaded"):
        _ = mxl.gluon.nonsense


def test_the_real_mxnet_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    real = types.ModuleType("mxnet")
    real.__file__ = "there/mxnet/__init__.py"
    monkeypatch.setitem(sys.modules, "mxnet", real)
    with pytest.raises(MXNetImported, match=r"^mxnet is imported already, from there/mxnet/__init__\.py; call "
                                            r"mxl\.install_as_mxnet\(\) before the first import of mxnet$"):
        install_as_mxnet()
    assert issubclass(MXNetImported, ImportError)
    assert sys.modules["mxnet"] is real
    uninstall_as_mxnet()
    assert sys.modules["mxnet"] is real


# ----- the tables -----


def test_rows_name_modules_that_exist() -> None:
    for module in {*FILES.values(), *CALLED}:
        assert importlib.import_module(module).__name__ == module


def test_every_public_module_has_its_mxnet_name() -> None:
    public = {getattr(mxl, name) for name in PUBLIC} | {getattr(mxl.nd, name) for name in mxl.nd.__all__}
    modules = {module.__name__ for module in public if isinstance(module, types.ModuleType)} - {"mxl.gluon"}
    assert modules - {*CALLED} == set(), "each has a row in CALLED: what MXNet calls it, for sentences"


@pytest.mark.usefixtures("_as_mxnet")
def test_a_public_module_without_a_row_is_found_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    new = types.ModuleType("mxl.core.brand_new")
    monkeypatch.setattr(mxl.nd, "brand_new", new, raising=False)
    monkeypatch.setattr(mxl.nd, "__all__", [*mxl.nd.__all__, "brand_new"])
    assert run("import mxnet.ndarray.brand_new as it")["it"] is new
