"""The count of MXNet's names: each has its class or its reason, the share holds, the page and the lists are current."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent


def _load(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"oracle_{name}", HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


count = _load("count")
without_effect = _load("without_effect")
REPLAYED = set(json.loads(count.REPLAYED.read_text()))
KINDS = count.classes(REPLAYED)


def test_every_name_is_there_or_has_its_reason() -> None:
    assert [name for name, kind in KINDS.items() if kind == "absent"] == []


def test_what_is_replayed_is_a_name_of_mxnet_s() -> None:
    assert set(count.names()) >= REPLAYED


def test_of_the_names_that_are_not_left_out_nearly_all_are_replayed() -> None:
    kinds = [kind.partition(":")[0] for kind in KINDS.values()]
    assert kinds.count("replayed") / (len(kinds) - kinds.count("left out")) >= 0.98


def test_a_reason_is_of_a_name_that_is_left_out() -> None:
    patterns = count.left_out()
    used = {pattern for pattern, why in patterns.items() if any(kind == f"left out: {why}" for kind in KINDS.values())}
    assert set(patterns) == used
    there = []
    for name, kind in KINDS.items():
        if kind.startswith("left out"):
            try:
                count.resolve(name)
            except AttributeError:
                continue
            there.append(name)
    assert sorted(there) == sorted(count.UNASKED)


def test_the_page_is_current() -> None:
    """`python tests/oracle/count.py` writes it."""
    assert count.PAGE.read_text() == count.text_of_page(KINDS)


def test_an_argument_without_effect_has_its_reason() -> None:
    """A function that ignores an argument says so on the page."""
    found = list(without_effect.unused())
    assert [row for row in found if row[2] not in without_effect.REASONS] == []
    assert {row[2] for row in found} == set(without_effect.REASONS)


def test_no_other_argument_is_lacking() -> None:
    """What scripts give by name is taken."""
    assert sorted(count.lacking(KINDS)) == sorted(count.LACKING)


@pytest.mark.slow
def test_the_list_of_what_is_replayed_is_what_the_replays_call() -> None:
    done = subprocess.run(
        [sys.executable, str(HERE / "count.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
