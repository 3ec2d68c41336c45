"""docs/acceptance.md: every row's proof is a test that exists and runs, or a command that exists.

A row is `| what holds | proof, proof |`.  A proof in backticks is a test (`tests/path.py::name`, or a whole file), a
target (`make rig`), or a script of the tree (`benchmarks/operator.py`).  A test that is skipped, or expected to fail,
proves nothing: neither by a mark, nor in its body, nor in the run that is going on.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MARKS = {"skip", "skipif", "xfail"}
CALLS = {"skip", "xfail", "importorskip"}


def rows(text: str) -> list[tuple[str, list[str]]]:
    """(what holds, proofs) of each row of each table."""
    found = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if len(cells) >= 2 and not set(cells[0]) <= set("-: ") and cells[0] != "What holds":
            found.append((cells[0], re.findall(r"`([^`]+)`", cells[-1])))
    return found


def fault(proof: str, root: Path) -> str:
    """Why this proof proves nothing; empty where it does."""
    if proof.startswith("make "):
        target = proof.split()[1]
        return "" if re.search(rf"^{target}:", (root / "Makefile").read_text(), re.M) else f"no target {target!r}"
    path, _, name = proof.partition("::")
    if not (root / path.split()[0]).exists():
        return f"{path} does not exist"
    if not path.startswith("tests/"):
        return "" if not name else "only tests have a name"
    source = (root / path).read_text()
    tree = ast.parse(source)
    if _skips_as_a_whole(tree):
        return f"{path} is skipped as a whole"
    functions = {qualified: node for qualified, node in _functions(tree) if node.name.startswith("test")}
    if not name:
        return "" if functions else f"{path} holds no test"
    name, _, row = name.rstrip("]").partition("[")
    node = functions.get(name)
    if node is None:
        return f"{path} has no test {name}"
    if row and not re.search(rf"\b{re.escape(row)}\b", source):
        return f"{name} has no row {row}"
    return f"{name} is skipped or expected to fail" if _skips(node) else ""


def _functions(tree: ast.Module) -> list[tuple[str, ast.FunctionDef]]:
    found = [(node.name, node) for node in tree.body if isinstance(node, ast.FunctionDef)]
    for group in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        found += [(f"{group.name}::{node.name}", node) for node in group.body if isinstance(node, ast.FunctionDef)]
    return found


def _skips(node: ast.AST) -> bool:
    """Whether pytest.mark.skip, skipif or xfail, or a call of pytest.skip, xfail or importorskip, is in it."""
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute) and each.attr in MARKS | CALLS:
            owner = ast.unparse(each.value)
            if owner == "pytest.mark" or (owner == "pytest" and each.attr in CALLS):
                return True
    return False


def _skips_as_a_whole(tree: ast.Module) -> bool:
    return any(_skips(node) for node in tree.body if not isinstance(node, ast.FunctionDef | ast.ClassDef))


def listed() -> list[tuple[str, list[str]]]:
    return rows((ROOT / "docs/acceptance.md").read_text())


@pytest.mark.parametrize("sentence, proofs", listed(), ids=range(len(listed())))
def test_a_row_is_proved(sentence: str, proofs: list[str]) -> None:
    assert proofs, f"no proof of: {sentence}"
    assert [f"{proof}: {why}" for proof in proofs if (why := fault(proof, ROOT))] == []


@pytest.mark.last
def test_no_listed_test_was_skipped(skipped_so_far: set[str]) -> None:
    named = [proof for _, proofs in listed() for proof in proofs if proof.startswith("tests/")]
    assert [nodeid for nodeid in skipped_so_far if any(_is_under(nodeid, proof) for proof in named)] == []


def _is_under(nodeid: str, proof: str) -> bool:
    return nodeid == proof or nodeid.startswith((f"{proof}::", f"{proof}["))


@pytest.mark.parametrize("proof, why", [
    ("tests/test_x.py::test_good", ""),
    ("tests/test_x.py::test_rows[a_row]", ""),
    ("tests/test_x.py::test_rows[another]", "test_rows has no row another"),
    ("tests/test_x.py::TestGroup::test_inner", ""),
    ("tests/test_x.py", ""),
    ("make rig", ""),
    ("benchmarks/speed.py", ""),
    ("tests/test_x.py::test_absent", "tests/test_x.py has no test test_absent"),
    ("tests/test_x.py::helper", "tests/test_x.py has no test helper"),
    ("tests/test_x.py::test_marked", "test_marked is skipped or expected to fail"),
    ("tests/test_x.py::test_body", "test_body is skipped or expected to fail"),
    ("tests/test_x.py::test_row", "test_row is skipped or expected to fail"),
    ("tests/test_whole.py::test_good", "tests/test_whole.py is skipped as a whole"),
    ("tests/test_empty.py", "tests/test_empty.py holds no test"),
    ("tests/test_gone.py::test_good", "tests/test_gone.py does not exist"),
    ("make nothing", "no target 'nothing'"),
    ("benchmarks/gone.py", "benchmarks/gone.py does not exist"),
])
def test_a_proof_that_proves_nothing_is_found(tmp_path: Path, proof: str, why: str) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks/speed.py").touch()
    (tmp_path / "Makefile").write_text("rig: setup\n\techo\n")
    (tmp_path / "tests/test_empty.py").write_text("def helper(): pass\n")
    (tmp_path / "tests/test_whole.py").write_text("pytestmark = pytest.mark.skipif(1)\ndef test_good(): pass\n")
    (tmp_path / "tests/test_x.py").write_text(
        "def helper(): pass\n"
        "def test_good(): pass\n"
        "@pytest.mark.parametrize('row', ['a_row'])\ndef test_rows(row): pass\n"
        "class TestGroup:\n    def test_inner(self): pass\n"
        "@pytest.mark.xfail\ndef test_marked(): pass\n"
        "def test_body():\n    pytest.importorskip('x')\n"
        "@pytest.mark.parametrize('a', [pytest.param(1, marks=pytest.mark.skip)])\ndef test_row(a): pass\n")
    assert fault(proof, tmp_path) == why


def test_rows_of_a_table_are_read() -> None:
    text = "# T\n| What holds | Shown by |\n|---|---|\n| a thing | `tests/a.py::t`, `make x` |\n| bare | nothing |\n"
    assert rows(text) == [("a thing", ["tests/a.py::t", "make x"]), ("bare", [])]
