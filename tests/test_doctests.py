"""The examples in public docstrings run: each module's by itself, with random streams as in a fresh process."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("core", "kvstore", "server", "scheduler", "worker", "gluon", "viz", "compat", "testing", "deploy")


def modules_with_examples() -> list[str]:
    found = []
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        if ">>> " in path.read_text() and path.name != "__main__.py":
            parts = path.relative_to(ROOT).with_suffix("").parts
            found.append(".".join(("mxl", *parts)).removesuffix(".__init__"))
    return found


@pytest.mark.parametrize("name", modules_with_examples())
def test_examples_of(name: str) -> None:
    import mxl as mx

    mx.random.seed(0)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    result = doctest.testmod(importlib.import_module(name), extraglobs={"mx": mx}, optionflags=flags)
    assert result.failed == 0, f"{result.failed} of {result.attempted} examples failed; see above"
    assert result.attempted > 0
