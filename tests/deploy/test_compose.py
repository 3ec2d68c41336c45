"""The cluster of containers, as far as its files tell: `make rig` runs it."""

from __future__ import annotations

import re
import subprocess
from dataclasses import fields
from pathlib import Path

from mxl.kvstore.settings import Settings, variable

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "compose"


def test_every_setting_of_the_compose_file_exists() -> None:
    text = (FOLDER / "compose.yaml").read_text()
    known = {variable(f) for f in fields(Settings)}
    used = set(re.findall(r"^ +(MXL_\w+):", text, re.M))
    assert {"MXL_SCHEDULER", "MXL_NUM_WORKERS", "MXL_KEYS_FILE", "MXL_BIND"} <= used <= known
    workers, servers = (re.search(rf"{name}: (\d)", text) for name in ("MXL_NUM_WORKERS", "MXL_NUM_SERVERS"))
    assert workers is not None
    assert servers is not None
    assert re.findall(r"scale: (\d)", text) == [servers[1], workers[1]]


def test_keys_travel_as_a_secret_and_threads_are_fixed() -> None:
    text = (FOLDER / "compose.yaml").read_text()
    assert "MXL_KEYS_FILE: /run/secrets/job_keys" in text
    assert "internal: true" in text
    assert {"OMP_NUM_THREADS: 1", "OPENBLAS_NUM_THREADS: 1"} <= {line.strip() for line in text.splitlines()}


def test_the_rig_is_a_script_that_a_shell_understands() -> None:
    subprocess.run(["bash", "-n", str(FOLDER / "rig.sh")], check=True)
    assert (FOLDER / "rig.sh").stat().st_mode & 0o111
