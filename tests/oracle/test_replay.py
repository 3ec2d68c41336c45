"""What real MXNet 1.9.1 did with each case, replayed: results, dtypes, printed forms and kinds of error.

Numbers of floats agree to rtol 1e-5 unless a case is listed in LOOSER; everything else is equal.
A case in which mxl means to differ is in DIFFERENT with its reason, and does differ.
"""

from __future__ import annotations

import importlib.util
import json
import math
import os
import threading
from pathlib import Path
from typing import Any

import pytest

import mxl as mx

HERE = Path(__file__).parent
spec = importlib.util.spec_from_file_location("oracle_plain", HERE / "plain.py")
assert spec is not None
assert spec.loader is not None
oracle = importlib.util.module_from_spec(spec)
spec.loader.exec_module(oracle)
tables = oracle.load(HERE / "differences.py")

CASES = oracle.all_cases()
FACTS = {f"{path.stem}.{name}": fact for path in sorted((HERE / "facts").glob("*.json"))
         for name, fact in json.loads(path.read_text()).items()}


def agree(ours: Any, theirs: Any, rtol: float, at: str = "result") -> list[str]:
    """Where the two differ, a line each."""
    if isinstance(theirs, dict) and "error" in theirs:
        if isinstance(ours, dict) and set(theirs["error"]) <= set(ours.get("error", ())):
            return []
        return [f"{at}: {ours} is in MXNet {theirs}"]
    if isinstance(theirs, list) and isinstance(ours, list):
        if len(ours) != len(theirs):
            return [f"{at}: {len(ours)} items, in MXNet {len(theirs)}: {ours} / {theirs}"]
        pairs = enumerate(zip(ours, theirs, strict=True))
        return [line for n, (a, b) in pairs for line in agree(a, b, rtol, f"{at}[{n}]")]
    if isinstance(theirs, dict) and isinstance(ours, dict) and ours.keys() == theirs.keys():
        return [line for key in theirs for line in agree(ours[key], theirs[key], rtol, f"{at}.{key}")]
    if type(ours) is type(theirs) is float:
        if math.isclose(ours, theirs, rel_tol=rtol, abs_tol=rtol / 10) or (math.isnan(ours) and math.isnan(theirs)):
            return []
    elif type(ours) is type(theirs) and ours == theirs:
        return []
    return [f"{at}: {ours!r} is in MXNet {theirs!r}"]


@pytest.fixture
def answer(tmp_path: Path) -> Any:
    """Runs a case in a new folder and a new thread, which has modes, scopes and counters of names of its own."""

    def run(name: str) -> Any:
        results: list[Any] = []
        before = os.getcwd()
        os.chdir(tmp_path)
        try:
            thread = threading.Thread(target=lambda: results.append(oracle.run(CASES[name], mx)))
            thread.start()
            thread.join()
        finally:
            os.chdir(before)
        return results[0]

    return run


@pytest.mark.parametrize("name", [name for name in FACTS if name not in tables.DIFFERENT])
def test_as_in_mxnet(name: str, answer: Any) -> None:
    lines = agree(answer(name), FACTS[name], tables.LOOSER.get(name, 1e-5))
    assert not lines, "\n" + "\n".join(lines)


@pytest.mark.parametrize("name", tables.DIFFERENT)
def test_differs_on_purpose(name: str, answer: Any) -> None:
    """The reason is in the table; when the two agree, the row goes."""
    assert agree(answer(name), FACTS[name], 1e-5)


def test_every_case_is_recorded_and_every_record_has_its_case() -> None:
    assert FACTS.keys() == CASES.keys()
    assert tables.DIFFERENT.keys() <= FACTS.keys()
    assert tables.LOOSER.keys() <= FACTS.keys()
