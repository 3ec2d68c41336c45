"""The job's folder: where it lies, and that only its user gets in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mxl.deploy.errors import LaunchError
from mxl.deploy.folder import choose, make, places


def test_the_runtime_folder_comes_first() -> None:
    assert places({"XDG_RUNTIME_DIR": "/run/user/7"})[0] == "/run/user/7"
    assert places({})[-1] == "/tmp"


def test_a_place_that_will_not_do_is_passed_over(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    path = choose([str(long), str(tmp_path / "missing"), "/tmp"])
    assert path.startswith("/tmp/mxl-")
    assert not os.path.exists(path)
    assert choose(["/tmp"]) != choose(["/tmp"])


def test_no_place_at_all_is_told_with_each_reason(tmp_path: Path) -> None:
    long = "/" + "x" * 100
    with pytest.raises(LaunchError, match=(
            rf"no place for the job's folder: {long} is too long for unix sockets; /nowhere cannot be written to; "
            "set XDG_RUNTIME_DIR or TMPDIR to a short path of your own")):
        choose([long, "/nowhere"])


def test_only_the_user_gets_in(tmp_path: Path) -> None:
    folder = tmp_path / "job"
    make(str(folder))
    assert folder.stat().st_mode & 0o777 == 0o700
    with pytest.raises(FileExistsError):
        make(str(folder))
