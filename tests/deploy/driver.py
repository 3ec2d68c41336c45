"""Runs a job whose roles are given as pieces of Python: `driver.py '{"worker": "...", "server": "...", ...}'`.

For the tests of processes: the launcher is the real one, the roles are a few lines each, nobody speaks to a scheduler,
and those who may still say their sentence after a failure have less time for it.
"""

from __future__ import annotations

import json
import os
import sys

from mxl.deploy import folder, supervisor
from mxl.deploy.job import JobSpec
from mxl.deploy.launch import run_here

WAITS = "import signal; signal.pause()"


def main() -> int:
    asked = json.loads(sys.argv[1])
    supervisor.SAY_S = 0.3

    def command(role: str) -> tuple[str, ...]:
        return (sys.executable, "-S", "-c", asked.get(role, WAITS))

    job = JobSpec(
        num_workers=asked.get("workers", 1), num_servers=asked.get("servers", 1), command=command("worker"),
        folder=folder.choose(folder.places(os.environ)), cores=2, environ=dict(os.environ),
        server_command=command("server"), scheduler_command=command("scheduler"))
    return run_here(job, asked.get("log_folder"), progress=None)


if __name__ == "__main__":
    sys.exit(main())
