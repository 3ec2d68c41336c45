"""mxl-launch with the real roles: a job runs, fails and is killed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

LIMIT_S = 40.0
TRAINS = """
import mxl as mx
kv = mx.kv.create('dist_sync')
a = mx.nd.zeros((3,))
kv.init('a', a)
kv.set_optimizer(mx.optimizer.SGD(learning_rate=1.0, rescale_grad=1.0))
for step in range(3):
    kv.push('a', mx.nd.ones((3,)) * (kv.rank + 1))
    kv.pull('a', out=a)
print('a is', a.asnumpy().tolist(), flush=True)
"""
# Behind mxl's own leave: what was registered first runs last.
KILLED_AFTER_LEAVING = """
import atexit, os, signal
atexit.register(lambda: os.kill(os.getpid(), signal.SIGKILL))
""" + TRAINS
GOES_ON = TRAINS + """
while True:
    kv.push('a', a)
    kv.pull('a', out=a)
    a.wait_to_read()
"""
FAILS = GOES_ON.replace("while True", "if kv.rank == 1: raise ValueError('a mistake of mine')\nwhile True")

pytestmark = pytest.mark.slow


class Job:
    """mxl-launch on a script of two workers and two servers."""

    def __init__(self, script: Path, log_folder: Path, options: tuple[str, ...]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mxl.deploy", "-n", "2", "--log-folder", str(log_folder), *options, str(script)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def end(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=LIMIT_S)
        return self.process.returncode, out, err

    def read_until(self, text: str, times: int) -> None:
        assert self.process.stdout is not None
        seen: list[str] = []
        while sum(text in line for line in seen) < times:
            seen.append(self.process.stdout.readline())
            assert seen[-1], "".join(seen)

    def of_role(self, role: str) -> psutil.Process:
        return next(p for p in psutil.Process(self.process.pid).children() if p.environ().get("MXL_ROLE") == role)


@pytest.fixture
def launch(tmp_path: Path) -> Iterator:
    jobs: list[Job] = []

    def start(code: str, *options: str) -> Job:
        script = tmp_path / "script.py"
        script.write_text(code)
        jobs.append(Job(script, tmp_path / "logs", options))
        return jobs[-1]

    yield start
    for job in jobs:
        if job.process.poll() is None:
            job.process.kill()
        job.process.communicate()


def folders() -> list[str]:
    return [name for name in os.listdir(tempfile.gettempdir()) if name.startswith("mxl-")]


def test_a_job_runs_and_ends(launch) -> None:
    code, out, err = launch(TRAINS).end()
    assert (code, sorted(out.splitlines())) == (0, [
        "worker 0  | a is [-9.0, -9.0, -9.0]", "worker 1  | a is [-9.0, -9.0, -9.0]"]), err
    assert folders() == []


def test_workers_killed_after_they_have_left_have_done_their_work(launch) -> None:
    code, out, err = launch(KILLED_AFTER_LEAVING).end()
    assert code == 0, out + err
    assert out.count("a is [-9.0") == 2


def test_a_mistake_in_one_worker_is_told_first_and_ends_all(launch, tmp_path: Path) -> None:
    code, out, err = launch(FAILS).end()
    assert code == 1
    told = [line for line in err.splitlines() if line.startswith("mxl-launch: ")]
    assert told[2] == "mxl-launch: worker 1 ended with exit code 1; its last lines:"
    assert "mxl-launch:     ValueError: a mistake of mine" in told
    assert told[-1] == f"mxl-launch: all that it printed is in {tmp_path}/logs/worker-1.log"
    assert re.search(r"worker 0  \| .*JobFailed: worker 1 .*ended with exit code 1", out), out
    assert folders() == []


@pytest.mark.parametrize("role", ["server", "scheduler"])
def test_the_death_of_another_role_ends_the_job_within_seconds(launch, role: str) -> None:
    job = launch(GOES_ON)
    job.read_until("a is", times=2)
    job.of_role(role).kill()
    before = time.monotonic()
    code, _, err = job.end()
    assert time.monotonic() - before < 15
    assert code == 137
    named = "server 0" if role == "server" else "scheduler"
    assert f"mxl-launch: {named} was ended by signal 9 (SIGKILL) before the workers had finished" in err
    assert folders() == []


def test_killing_the_launcher_leaves_nothing(launch) -> None:
    before = set(os.listdir("/dev/shm"))
    job = launch(GOES_ON)
    job.read_until("a is", times=2)
    processes = psutil.Process(job.process.pid).children(recursive=True)
    assert len(processes) == 6  # scheduler, two servers, two workers, the janitor
    assert len(folders()) == 1
    job.process.kill()
    gone, left = psutil.wait_procs(processes, timeout=LIMIT_S)
    assert (len(gone), left) == (6, [])
    assert folders() == []
    assert set(os.listdir("/dev/shm")) <= before


MY_MODULE = """
import mxl as mx

@mx.optimizer.register
class Backwards(mx.optimizer.SGD):
    pass
"""
WITH_MY_OPTIMIZER = """
import mxl as mx, my_module
kv = mx.kv.create('dist_sync')
a = mx.nd.ones((2,))
kv.init('a', a)
kv.set_optimizer(my_module.Backwards(learning_rate=0.5))
kv.push('a', a)
kv.pull('a', out=a)
print('a is', a.asnumpy().tolist(), flush=True)
"""


@pytest.mark.parametrize("options, code, said", [
    (("--import", "my_module"), 0, "worker 1 | a is [0.0, 0.0]"),
    ((), 1, "mxl-launch --import"),
    (("--import", "missing"), 1, "--import missing: it cannot be imported here (No module named 'missing')"),
])
def test_a_users_own_optimizer_reaches_the_servers_by_import(
        launch, tmp_path: Path, options: tuple[str, ...], code: int, said: str) -> None:
    (tmp_path / "my_module.py").write_text(MY_MODULE)
    ended, out, err = launch(WITH_MY_OPTIMIZER, *options).end()
    assert ended == code, out + err
    assert said in out.replace("worker 1  |", "worker 1 |")
