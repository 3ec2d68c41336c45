"""docs/troubleshooting.md: each sentence that it explains is one that mxl says."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/troubleshooting.md").read_text()
SENTENCES = re.findall(r"\*\*`(.+?)`\*\*", PAGE)


@cache
def said() -> list[str]:
    """Every text of the package, `\\0` in the place of what is filled in."""
    texts: list[str] = []
    for folder in ("core", "kvstore", "server", "scheduler", "worker", "deploy", "compat"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.JoinedStr):
                    texts.append("".join(v.value if isinstance(v, ast.Constant) else "\0" for v in node.values))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    texts.append(node.value)
    return texts


def pieces(sentence: str) -> list[str]:
    """What stands between the dots; short joints are no evidence."""
    return [piece.strip(" ;") for piece in sentence.split("…") if len(piece.strip(" :;,.()'")) > 4]


def test_the_page_has_sentences_each_once() -> None:
    assert len(SENTENCES) > 40
    assert sorted(SENTENCES) == sorted(set(SENTENCES))


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_of_the_page_is_said(sentence: str) -> None:
    for piece in pieces(sentence):
        assert any(piece in text for text in said()), piece
