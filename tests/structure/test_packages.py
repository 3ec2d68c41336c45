"""The repository root is the package: what is listed, what is exported, and what is loaded agree with the tree."""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path

import pytest

from mxl.compat import uninstall_as_mxnet


def test_listed_packages_are_the_tree(tree) -> None:
    assert sorted(tree.pyproject["tool"]["setuptools"]["packages"]) == sorted(tree.packages)


def test_every_package_has_its_layer(tree) -> None:
    contract = tree.pyproject["tool"]["importlinter"]["contracts"][0]
    named = [name.strip() for layer in contract["layers"] for name in layer.split("|")]
    folders = {name.split(".")[1] for name in tree.packages if name != "mxl"}
    assert {name for name in named if "(" not in name} <= folders <= {name.strip("()") for name in named}


def test_every_python_file_is_in_a_package(tree) -> None:
    """A folder without __init__.py would be left out of the wheel without a word."""
    loose = [tree.name(path) for path in tree.files
             if path.suffix == ".py" and path not in tree.modules.values()
             and tree.top(path) not in {"tests", "examples", "benchmarks", "docs"}
             and not tree.name(path).startswith("deploy/compose")]
    assert loose == []


def test_no_tests_package_and_no_conftest_at_the_root(tree) -> None:
    assert not (tree.root / "conftest.py").exists()
    assert [tree.name(path) for path in tree.python("tests") if path.name == "__init__.py"] == []


def test_every_module_says_what_it_is(tree) -> None:
    silent = [tree.name(path) for path in tree.modules.values() if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


def test_the_package_imports_itself_relatively_and_never_its_face(tree) -> None:
    """`from mxl import nd` inside the package would load names of the face from beneath it."""
    found = []
    for name, path in tree.modules.items():
        depth = name.count(".") + (path.name == "__init__.py")  # dots that lead to the root
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names if alias.name.split(".")[0] == "mxl"]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module] if (node.module or "").split(".")[0] == "mxl" else []
            elif isinstance(node, ast.ImportFrom) and node.level == depth and node.module is None:
                names = [alias.name for alias in node.names if f"mxl.{alias.name}" not in tree.packages]
            else:
                names = []
            found += [f"{tree.name(path)}:{node.lineno}: {each}" for each in names]
    assert found == []


def test_every_module_imports_and_exports_what_it_lists(tree) -> None:
    missing = []
    try:
        for name in tree.modules:
            if name.endswith(".__main__"):
                continue
            module = importlib.import_module(name)
            missing += [f"{name}.{each}" for each in getattr(module, "__all__", ()) if not hasattr(module, each)]
    finally:
        uninstall_as_mxnet()  # compat/at_import.py is one of them
    assert missing == []


@pytest.mark.last
def test_nothing_of_the_tree_is_loaded_under_another_name(tree) -> None:
    """Two copies of one module would mean two classes NDArray, and isinstance that fails."""
    files = set(tree.modules.values())
    known = [module for name, module in sys.modules.items() if name == "mxl" or name.startswith("mxl.")]
    others = {name: module.__file__ for name, module in sys.modules.items()
              if getattr(module, "__file__", None) and Path(module.__file__).resolve() in files
              and not any(module is one for one in known)}  # `mxnet` may stand for mxl: the same object, no copy
    assert others == {}
