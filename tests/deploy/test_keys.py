"""Keys for a job on several hosts, made on the command line."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from mxl.deploy.keys import main
from mxl.kvstore.transport.curve import load_keys


def test_keys_are_made_for_their_user_alone_and_never_twice(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    result = CliRunner().invoke(main, [str(file)])
    assert (result.exit_code, result.output) == (
        0, f"keys written to {file}; every node of the job needs it as MXL_KEYS_FILE\n")
    assert file.stat().st_mode & 0o777 == 0o600
    keys = load_keys(file)
    assert keys.server_secret not in result.output
    again = CliRunner().invoke(main, [str(file)])
    assert (again.exit_code, again.stderr) == (
        1, f"mxl.deploy.keys: keys cannot be written to {file}: File exists\n")
    assert load_keys(file) == keys
