"""The command line: what it means, and what it refuses in which words."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mxl.core.version import __version__
from mxl.deploy.errors import LaunchError
from mxl.deploy.launch import cores, main, script_folder, variables, worker_command


@pytest.fixture(autouse=True)
def _a_folder_with_a_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text("print('hello')\n")


def launch(*words: str) -> Result:
    return CliRunner().invoke(main, words, prog_name="mxl-launch")


def started(*words: str) -> dict[str, tuple[dict[str, str], list[str]]]:
    """What --dry-run prints: for each process its variables and its command."""
    result = launch("--dry-run", *words)
    assert result.exit_code == 0, result.output
    lines = [line for line in result.stdout.splitlines() if not line.startswith("# ") or " on localhost" in line]
    found = {}
    for title, command in zip(lines[::2], lines[1::2], strict=True):
        split = shlex.split(command)[1:]
        env = dict(word.split("=", 1) for word in split if "=" in word and word.split("=")[0].isupper())
        found[title.removeprefix("# ").removesuffix(" on localhost")] = env, split[len(env):]
    return found


@pytest.mark.parametrize("words, workers, servers", [
    (("-n", "1"), 1, 1), (("-n", "2"), 2, 2), (("-n", "4"), 4, 2), (("-n", "4", "-s", "3"), 4, 3),
    (("--num-workers", "2", "--num-servers", "1"), 2, 1),
])
def test_how_many_of_each(words: tuple[str, ...], workers: int, servers: int) -> None:
    assert list(started(*words, "train.py")) == [
        "scheduler", *(f"server {n}" for n in range(servers)), *(f"worker {n}" for n in range(workers))]


def test_a_python_file_runs_with_this_python_and_its_own_options() -> None:
    processes = started("-n", "1", "train.py", "--lr", "0.1", "-n", "5", "--help")
    assert processes["worker 0"][1] == [sys.executable, "train.py", "--lr", "0.1", "-n", "5", "--help"]
    assert started("-n", "1", "python3", "-u", "train.py")["worker 0"][1] == ["python3", "-u", "train.py"]
    assert started("-n", "1", "python3 train.py --lr '1 2'")["worker 0"][1] == ["python3", "train.py", "--lr", "1 2"]


@pytest.mark.parametrize("words, argv", [
    (("train.py", "--lr", "0.1"), (sys.executable, "-m", "mxl.compat.run", "train.py", "--lr", "0.1")),
    (("python3", "-u", "-W", "ignore", "train.py", "-m"),
     ("python3", "-u", "-W", "ignore", "-m", "mxl.compat.run", "train.py", "-m")),
    (("python3 train.py --lr '1 2'",), ("python3", "-m", "mxl.compat.run", "train.py", "--lr", "1 2")),
])
def test_an_mxnet_script_runs_unchanged(words: tuple[str, ...], argv: tuple[str, ...]) -> None:
    processes = started("-n", "1", "--as-mxnet", "--import", "rules", *words)
    assert processes["worker 0"][1] == [*argv]
    assert {env["MXL_IMPORT"] for env, _ in processes.values()} == {"mxl.compat.at_import,rules"}
    plain = started("-n", "1", "--as-mxnet", "train.py")
    assert plain["server 0"][1] == [sys.executable, "-m", "mxl.server"]
    assert {env.get("MXL_IMPORT") for env, _ in plain.values()} == {None}


def test_variables_reach_those_they_are_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINE", "outside")
    processes = started("-n", "1", "--env", "ALL:a:b", "--env", "MINE", "--env-worker", "W:1", "--env-server", "S:",
                        "--import", "one", "--import", "two.three", "-v", "train.py")
    worker, server, scheduler = (processes[name][0] for name in ("worker 0", "server 0", "scheduler"))
    assert (worker["ALL"], worker["W"], worker.get("S")) == ("a:b", "1", None)
    assert (server["ALL"], server["S"], server.get("W")) == ("a:b", "", None)
    assert scheduler["MXL_IMPORT"] == worker["MXL_IMPORT"] == "one,two.three"
    assert server["PYTHONPATH"] == os.getcwd()
    assert worker["MXL_LOG"] == server["MXL_LOG"] == "info"


def test_a_dry_run_makes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = tmp_path / "r"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    result = launch("--dry-run", "-n", "1", "train.py")
    assert result.stdout.startswith("# 1 worker (")
    assert list(runtime.iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"r", "train.py"}


def test_version_and_help() -> None:
    assert launch("--version").output == f"mxl-launch, version {__version__}\n"
    shown = launch("-h").output
    assert "mxl-launch -n 4 train.py --lr 0.1" in shown
    assert launch("--help").output == shown


@pytest.mark.parametrize("words, sentence", [
    (("-n", "2", "--launcher", "ssh", "train.py"), "--launcher ssh: this version has: local"),
    (("-n", "2", "-H", "hosts", "train.py"),
     "--hostfile is for launchers of other hosts, and --launcher local starts all on this one; leave the option out"),
    (("-n", "2", "--sync-dst-dir", "/tmp/x", "train.py"),
     "--sync-dst-dir is for launchers of other hosts, and --launcher local starts all on this one; leave the option"),
    (("-n", "2", "--p3", "train.py"),
     "--p3 is no mode of its own: what is pushed always leaves by priority; leave the option out"),
    (("-n", "2", "absent.py"), "there is no file absent.py in "),
    (("-n", "2", "no-such-command"), "there is no command 'no-such-command'; name a Python file or an executable"),
    (("-n", "2", "--as-mxnet", "sh", "train.py"),
     "--as-mxnet runs a Python file, as in mxl-launch -n 2 --as-mxnet train.py; sh train.py is none, so let it start "
     "python -m mxl.compat.run train.py itself, and leave the option out"),
    (("-n", "2", "--as-mxnet", "python3", "-u", "-m", "train.py"), "--as-mxnet runs a Python file"),
    (("-n", "2", "--as-mxnet", "python3", "-u"), "--as-mxnet runs a Python file"),
    (("-n", "2", "--as-mxnet", "python3", "nowhere.py"), "--as-mxnet runs a Python file"),
    (("-n", "2", "--env", ":x", "train.py"), "--env ':x': expected NAME:VALUE, for example --env OMP_NUM_THREADS:3"),
    (("-n", "2", "--env", "NOT_SET_AT_ALL", "train.py"),
     "--env NOT_SET_AT_ALL: there is no such variable in the environment; write NOT_SET_AT_ALL:VALUE"),
    (("-n", "2", "--env-worker", "X", "train.py"),
     "--env-worker 'X': expected NAME:VALUE, for example --env-worker OMP_NUM_THREADS:3"),
])
def test_what_cannot_be_done_is_said_and_nothing_is_started(words: tuple[str, ...], sentence: str) -> None:
    result = launch(*words)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"mxl-launch: {sentence}")
    assert result.stdout == ""


@pytest.mark.parametrize("words, sentence", [
    (("train.py",), "Missing option '-n' / '--num-workers'"),
    (("-n", "0", "train.py"), "0 is not in the range x>=1"),
    (("-n", "2", "-s", "0", "train.py"), "0 is not in the range x>=1"),
    (("-n", "2"), "Missing argument 'COMMAND...'"),
])
def test_what_is_missing_is_said(words: tuple[str, ...], sentence: str) -> None:
    result = launch(*words)
    assert (result.exit_code, sentence in result.stderr) == (2, True)


def test_a_setting_that_cannot_be_used_is_said_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MXL_HEARTBEAT_S", "often")
    result = launch("-n", "2", "train.py")
    assert (result.exit_code, result.stderr) == (
        2, "mxl-launch: MXL_HEARTBEAT_S is 'often'; expected seconds, more than 0\n")


def test_a_variable_written_wrongly_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MXL_HEARTBEATS", "1")
    assert "mxl-launch: there is no setting MXL_HEARTBEATS; did you mean MXL_HEARTBEAT_S?\n" in launch(
        "-n", "1", "--dry-run", "train.py").stderr


def test_where_a_scripts_modules_are(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "x.py").touch()
    assert script_folder(("python", "-u", "sub/x.py", "--lr")) == str(tmp_path / "sub")
    assert script_folder(("my-trainer",)) == str(tmp_path)


def test_small_parts() -> None:
    assert cores() >= 1
    assert variables("--env", ["A:1", "A:2"]) == {"A": "2"}
    assert worker_command(("train.py",)) == (sys.executable, "train.py")
    with pytest.raises(LaunchError, match="there is no command"):
        worker_command(("",))
