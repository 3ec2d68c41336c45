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


def test_who_is_asked_for_health_and_who_waits_for_whom() -> None:
    """Servers start when the scheduler answers at its port, workers when the servers do."""
    text = (FOLDER / "compose.yaml").read_text()
    _, *blocks = re.split(r"^  (\w+):\n", text[text.index("services:"):text.index("networks:\n  cluster")], flags=re.M)
    services = dict(zip(blocks[::2], blocks[1::2], strict=True))
    assert list(services) == ["scheduler", "server", "worker"]
    asked = {name: re.findall(r"gethostname\(\), (\d+)", block) for name, block in services.items()}
    scheduler_port = re.search(r"MXL_SCHEDULER: tcp://scheduler:(\d+)", text)
    server_port = re.search(r"MXL_PORT: (\d+)", services["server"])
    assert scheduler_port is not None
    assert server_port is not None
    assert asked == {"scheduler": [scheduler_port[1]], "server": [server_port[1]], "worker": []}
    waits = {name: re.findall(r"(\w+): \{condition: service_healthy\}", block) for name, block in services.items()}
    assert waits == {"scheduler": [], "server": ["scheduler"], "worker": ["server"]}


def test_the_rig_is_a_script_that_a_shell_understands() -> None:
    subprocess.run(["bash", "-n", str(FOLDER / "rig.sh")], check=True)
    assert (FOLDER / "rig.sh").stat().st_mode & 0o111
