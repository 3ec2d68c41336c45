"""Habits that are rules: nothing is pickled, tests do not sleep, no path of one machine is written down."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PICKLERS = {"pickle", "_pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "copyreg"}
PACKAGE = ("core", "kvstore", "server", "scheduler", "worker", "symbol", "gluon", "viz", "compat", "testing", "deploy",
           "examples", "benchmarks", "__init__.py")
BETWEEN_PROCESSES = ("core", "kvstore", "server", "scheduler", "worker", "deploy")
MACHINE_PATH = re.compile(r"(?<![\w.~>-])/(?:work|root|home|Users)/[\w.]")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of all that a file imports, at whatever depth."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def test_nothing_is_pickled(tree) -> None:
    found = [f"{tree.name(path)}:{line}: {name}" for path in tree.python(*PACKAGE) for line, name in imports(path)
             if name.split(".")[0] in PICKLERS]
    found += [f"{tree.name(path)}: allow_pickle" for path in tree.python(*PACKAGE)
              if re.search(r"allow_pickle\s*=\s*(?!False)", path.read_text())]
    assert found == []


def test_no_role_talks_through_multiprocessing(tree) -> None:
    """Its queues, pipes and managers pickle what they carry."""
    found = [f"{tree.name(path)}:{line}: {name}" for path in tree.python(*BETWEEN_PROCESSES)
             for line, name in imports(path) if name.split(".")[0] == "multiprocessing"]
    assert found == []


def test_no_test_sleeps(tree) -> None:
    found = []
    for path in tree.python("tests"):
        for node in ast.walk(ast.parse(path.read_text())):
            called = node.func if isinstance(node, ast.Call) else None
            if getattr(called, "attr", getattr(called, "id", "")) == "sleep":
                found.append(f"{tree.name(path)}:{node.lineno}: wait for a condition with a deadline, do not sleep")
    assert found == []


@pytest.mark.parametrize("line, is_one", [
    ("see /" + "root/x", True), ("'/" + "home/me/data'", True), ("=/" + "work/y.py", True),
    ("https://example.org/home/page", False), ("docs/work/x", False), ("~/home/x", False), ("</root/>", False),
])
def test_a_machine_path_is_known_when_seen(line: str, is_one: bool) -> None:
    assert bool(MACHINE_PATH.search(line)) is is_one


def test_no_file_names_a_path_of_one_machine(tree) -> None:
    found = []
    for path in tree.files:
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:  # a picture, an archive
            continue
        found += [f"{tree.name(path)}:{n}: {line.strip()[:80]}" for n, line in enumerate(lines, 1)
                  if MACHINE_PATH.search(line)]
    assert found == []
