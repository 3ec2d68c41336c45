"""docs/coming-from-mxnet.md has the differences that the replay knows of."""

from __future__ import annotations

import importlib.util
from pathlib import Path

spec = importlib.util.spec_from_file_location("oracle_table", Path(__file__).parent / "table.py")
assert spec is not None
assert spec.loader is not None
made = importlib.util.module_from_spec(spec)
spec.loader.exec_module(made)


def test_the_page_is_as_made() -> None:
    text = made.PAGE.read_text()
    assert text == made.page(text, made.differences()), "make docs writes it anew"


def test_cases_of_one_reason_are_one_row() -> None:
    rows = made.table({"kv_a.b_c": "x", "nd_a.one": "y", "nd_b.two": "y", "strange.z": "v"}).splitlines()
    assert rows[2:] == ["| arrays | one, two | y |", "| KVStore | b c | x |", "| strange | z | v |"]
