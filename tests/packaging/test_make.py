"""The Makefile and .ci/run: the only commands one has to know, and what they say where they cannot do their work."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TARGETS = ("setup", "train", "test", "check", "bench", "simulate", "rig", "fuzz", "docs")

FAKE_PYTHON = """#!/bin/sh
case "$*" in
    *ensurepip*) exit {ensurepip} ;;
    *version_info*) exit {version} ;;
    --version) echo Python 3.9.2 ;;
    *) echo "ran: $*"; exit 9 ;;
esac
"""


def make(*args: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(["make", *args], cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_help_lists_every_target() -> None:
    listed = re.findall(r"^  make (\w+) ", make("help").stdout, re.M)
    assert sorted(listed) == sorted(("help", *TARGETS))
    assert make().stdout == make("help").stdout


@pytest.mark.parametrize("target", TARGETS)
def test_what_a_target_runs_is_there(target: str) -> None:
    """Every file of the tree that a target's commands name exists."""
    planned = make("--dry-run", "--always-make", target, "PYTHON=python3", "SEEDS=7").stdout
    for word in planned.split():
        if re.fullmatch(r"(tests|examples|benchmarks|deploy)/[\w./]+", word):
            assert (ROOT / word).exists(), planned
    for module in re.findall(r"-m (mxl[.\w]+)", planned):
        path = ROOT.joinpath(*module.split(".")[1:])
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), planned


def test_ci_runs_check_and_test_and_nothing_else() -> None:
    script = (ROOT / ".ci/run").read_text()
    assert re.findall(r"^make .*", script, re.M) == ["make check", "make test"]
    assert (ROOT / ".ci/run").stat().st_mode & stat.S_IXUSR
    assert "set -eu" in script


@pytest.mark.parametrize("ensurepip, version, told", [
    (1, 0, "Install python3-venv"),
    (0, 1, r"mxl needs Python 3\.11 or newer; .*/python is Python 3\.9\.2"),
])
def test_setup_says_what_is_missing(tmp_path: Path, ensurepip: int, version: int, told: str) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "core").mkdir()
    (tmp_path / "core/version.py").touch()
    python = tmp_path / "python"
    python.write_text(FAKE_PYTHON.format(ensurepip=ensurepip, version=version))
    python.chmod(0o755)
    run = make("setup", f"PYTHON={python}", folder=tmp_path)
    assert run.returncode != 0
    assert re.search(told, run.stderr)
    assert "ran:" not in run.stdout
    assert not (tmp_path / ".venv").exists()


def test_setup_without_any_python_says_so(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "core").mkdir()
    (tmp_path / "core/version.py").touch()
    run = make("train", "PYTHON=", folder=tmp_path)
    assert run.returncode != 0
    assert "needs Python 3.11 or newer; none was found" in run.stderr
    assert "make PYTHON=/path/to/python3.11 train" in run.stderr


def test_setup_is_done_once_and_again_when_its_settings_change(tmp_path: Path) -> None:
    """The .venv that is there is used as it is."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for file in ("pyproject.toml", "core/version.py", ".venv/bin/python"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    python = tmp_path / ".venv/bin/python"
    python.write_text('#!/bin/sh\necho "ran: $*"\n')
    python.chmod(0o755)
    installs = "ran: -m pip install --quiet --disable-pip-version-check --editable .[dev,examples,image,viz]"
    assert installs in make("setup", folder=tmp_path).stdout
    assert (tmp_path / ".typing/mxl").resolve() == tmp_path.resolve()
    assert "ran:" not in make("setup", folder=tmp_path).stdout
    later = (tmp_path / ".venv/.mxl-ready").stat().st_mtime + 10
    os.utime(tmp_path / "pyproject.toml", (later, later))
    assert installs in make("setup", folder=tmp_path).stdout
