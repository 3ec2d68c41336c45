"""`import mxl as mx`: the face defines nothing, loads nothing before it is asked, and resolves all that it names."""

from __future__ import annotations

import ast
import importlib
import types

import pytest

import mxl as mx


def test_every_name_resolves() -> None:
    for name, target in mx._NAMES.items():
        module, _, attribute = target.partition(":")
        value = importlib.import_module(module, "mxl")
        assert getattr(mx, name) is (getattr(value, attribute) if attribute else value), name
        assert name in dir(mx)


def test_type_checkers_see_the_same_names(tree) -> None:
    body = ast.parse((tree.root / "__init__.py").read_text()).body
    (block,) = [node for node in body if isinstance(node, ast.If)]
    seen = {}
    for node in block.body:
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            for alias in node.names:
                place = tree.root.joinpath(*(node.module or "").split("."), alias.name)
                if place.is_dir() or place.with_suffix(".py").exists():  # from .core import nd as nd: a module
                    seen[alias.asname] = "." + ".".join(filter(None, (node.module, alias.name)))
                else:
                    seen[alias.asname] = f".{node.module}:{alias.name}"
        elif isinstance(node, ast.Assign):  # MXNet's second name for a module
            seen[node.targets[0].id] = seen[node.value.id]
    assert seen == mx._NAMES


def test_the_face_defines_nothing(tree) -> None:
    body = ast.parse((tree.root / "__init__.py").read_text()).body
    defined = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assigned = {target.id for node in body if isinstance(node, ast.Assign) for target in node.targets}
    assert defined == {"__getattr__", "__dir__"}
    assert assigned == {"_NAMES"}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'mxl' has no attribute 'nonsense'; dir\\(mxl\\) lists"):
        _ = mx.nonsense
    assert not hasattr(mx, "nonsense")


def test_names_of_mxnet_that_are_one_thing_are_one_thing() -> None:
    assert mx.kv is mx.kvstore
    assert mx.nd is mx.ndarray
    assert mx.init is mx.initializer
    assert mx.opt is mx.optimizer
    assert mx.rnd is mx.random
    assert mx.viz is mx.visualization
    assert mx.MXNetError is mx.MXLError
    assert isinstance(mx.autograd, types.ModuleType)
