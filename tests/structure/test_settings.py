"""Pytest's settings bite: a warning, a test that hangs, an expected failure that passes, an undeclared mark."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = '''
import threading, warnings
import pytest

def test_warns():
    warnings.warn("worn out", UserWarning)

def test_drops_an_exception():
    class Dropped:
        def __del__(self):
            raise ValueError("lost")
    Dropped()

@pytest.mark.timeout(0.2)
def test_hangs():
    threading.Event().wait()

@pytest.mark.xfail
def test_passes_after_all():
    pass

def test_is_fine():
    pass
'''


@pytest.fixture(scope="module")
def told(tree, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("settings")
    (folder / "test_bad.py").write_text(TESTS)
    return pytest_run(tree.root, folder)


def pytest_run(root: Path, folder: Path) -> str:
    """The output of a run over `folder` under this project's settings."""
    (folder / "tests").mkdir()  # --confcutdir names it
    settings = ("-c", root / "pyproject.toml", "--rootdir", folder)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA", *settings, folder],
        cwd=folder, capture_output=True, text=True, check=False, timeout=50)
    return run.stdout + run.stderr


@pytest.mark.slow
def test_a_warning_fails_a_test(told: str) -> None:
    assert "FAILED test_bad.py::test_warns - UserWarning: worn out" in told
    assert "FAILED test_bad.py::test_drops_an_exception" in told
    assert "PASSED test_bad.py::test_is_fine" in told


@pytest.mark.slow
def test_a_test_that_hangs_is_ended(told: str, tree) -> None:
    assert "FAILED test_bad.py::test_hangs - Failed: Timeout" in told
    assert tree.pyproject["tool"]["pytest"]["ini_options"]["timeout"] == 60


@pytest.mark.slow
def test_an_expected_failure_that_passes_fails(told: str) -> None:
    assert "FAILED test_bad.py::test_passes_after_all - [XPASS(strict)]" in told


@pytest.mark.slow
def test_an_undeclared_mark_is_an_error(tree, tmp_path: Path) -> None:
    (tmp_path / "test_mark.py").write_text("import pytest\n@pytest.mark.slwo\ndef test_x(): pass\n")
    assert "'slwo' not found in `markers` configuration option" in pytest_run(tree.root, tmp_path)
