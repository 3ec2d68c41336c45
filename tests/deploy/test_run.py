"""Real processes under the real launcher: what is told, what the exit code is, and that nothing is ever left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

DRIVER = Path(__file__).with_name("driver.py")
LIMIT_S = 20.0
WAITS = "import signal; signal.pause()"
SAYS_AND_WAITS = f"print('ready', flush=True); {WAITS}"
DEAF = """
import signal
signal.signal(signal.SIGTERM, lambda *_: print('deaf', flush=True))
print('ready', flush=True)
while True:
    signal.pause()
"""
BOUND = """
import os, signal, socket
bound = socket.socket(socket.AF_UNIX)
bound.bind(os.environ['MXL_SCHEDULER'].removeprefix('ipc://'))
print('bound', flush=True)
signal.pause()
"""
UNEVEN = """
import os, subprocess, sys, time
rank, done = os.environ['MXL_RANK'], os.environ['MXL_JOB_FOLDER'] + '/done'
if rank == '0':
    subprocess.Popen([sys.executable, '-S', '-c', 'import signal; signal.pause()'])
    open(done, 'w')
while not os.path.exists(done):
    time.sleep(0.01)
print('end of', rank)
"""
# A child of its own, in a session of its own, that nothing but the job's mark connects to the job.
WITH_GRANDCHILD = (
    "import subprocess, sys; c = subprocess.Popen([sys.executable, '-S', '-c', 'import signal; signal.pause()'], "
    f"start_new_session=True); print('grandchild', c.pid, flush=True); {WAITS}")

pytestmark = pytest.mark.slow


class Launched:
    """A launcher in a process of its own."""

    def __init__(self, asked: dict[str, Any]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(DRIVER), json.dumps(asked)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.seen: list[str] = []

    def read_until(self, text: str, times: int = 1) -> None:
        """Wait until so many lines of standard output contain the text."""
        assert self.process.stdout is not None
        while sum(text in line for line in self.seen) < times:
            line = self.process.stdout.readline()
            assert line, f"the launcher ended before printing {text!r}:\n{''.join(self.seen)}{self.end()}"
            self.seen.append(line)

    def end(self) -> tuple[int, str, str]:
        """Its exit code, and all that it printed."""
        out, err = self.process.communicate(timeout=LIMIT_S)
        return self.process.returncode, "".join(self.seen) + out, err


@pytest.fixture
def launch() -> Iterator[Callable[..., Launched]]:
    launched: list[Launched] = []

    def start(**asked: Any) -> Launched:
        launched.append(Launched(asked))
        return launched[-1]

    yield start
    for each in launched:
        if each.process.poll() is None:
            each.process.kill()
        each.process.communicate()


def wait_for(condition: Callable[[], Any], what: Callable[[], str]) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, what()
        os.sched_yield()


def family(pid: int) -> list[psutil.Process]:
    """All that a launcher has started, its janitor too."""
    return psutil.Process(pid).children(recursive=True)


def folders() -> list[str]:
    return [name for name in os.listdir(tempfile.gettempdir()) if name.startswith("mxl-")]


def assert_gone(processes: list[psutil.Process], grandchildren: list[int]) -> None:
    """Within seconds no process runs and no folder is there."""
    def left() -> list[psutil.Process]:
        found = [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
        return found + [psutil.Process(pid) for pid in grandchildren if psutil.pid_exists(pid)
                        and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE]

    wait_for(lambda: not left(), lambda: f"still running: {left()}")
    wait_for(lambda: not folders(), lambda: f"still there: {folders()}")


def test_a_job_that_ends_in_order_leaves_nothing(launch: Callable[..., Launched]) -> None:
    code, out, err = launch(
        workers=2, worker="import os; print('rank', os.environ['MXL_RANK'], os.environ['OMP_NUM_THREADS'])",
        server="print('served')", scheduler="import os; print(oct(os.stat(os.environ['MXL_JOB_FOLDER']).st_mode)[-3:])",
    ).end()
    assert sorted(out.splitlines()) == [
        "scheduler | 700", "server 0  | served", "worker 0  | rank 0 1", "worker 1  | rank 1 1"]
    assert err.splitlines() == [
        "mxl-launch: 2 workers (1 thread each), 1 server (1 thread each) and a scheduler on this machine",
        "mxl-launch: not protected: servers have no replicas, so the death of any process ends the job"]
    assert code == 0
    assert folders() == []


def test_the_first_failure_is_named_with_its_last_lines_and_its_code(
        launch: Callable[..., Launched], tmp_path: Path) -> None:
    code, out, err = launch(
        workers=2, log_folder=str(tmp_path / "logs"),
        worker=f"import os; r = os.environ['MXL_RANK']; print('line of', r)\nif r == '1': raise SystemExit(3)\n{WAITS}",
    ).end()
    assert "worker 1  | line of 1\n" in out
    assert err.splitlines()[2:] == [
        "mxl-launch: worker 1 ended with exit code 3; its last lines:", "mxl-launch:     line of 1",
        f"mxl-launch: all that it printed is in {tmp_path}/logs/worker-1.log"]
    assert code == 3
    assert (tmp_path / "logs" / "worker-1.log").read_text() == "line of 1\n"
    assert sorted(path.name for path in (tmp_path / "logs").iterdir()) == [
        "scheduler.log", "server-0.log", "worker-0.log", "worker-1.log"]
    assert folders() == []


def test_a_servers_death_ends_the_job_and_its_log_is_kept(launch: Callable[..., Launched]) -> None:
    launched = launch(worker=SAYS_AND_WAITS, server=SAYS_AND_WAITS)
    launched.read_until("ready", times=2)
    server = next(p for p in family(launched.process.pid) if p.environ().get("MXL_ROLE") == "server")
    server.kill()
    code, _, err = launched.end()
    assert code == 137
    told = err.splitlines()[2:]
    assert told[:2] == [
        "mxl-launch: server 0 was ended by signal 9 (SIGKILL) before the workers had finished; its last lines:",
        "mxl-launch:     ready"]
    log = Path(told[2].removeprefix("mxl-launch: all that it printed is in "))
    assert log.read_text() == "ready\n"
    assert folders() == [log.parent.name]
    for path in log.parent.iterdir():
        path.unlink()
    log.parent.rmdir()


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_launcher_leaves_nothing(launch: Callable[..., Launched], number: int, code: int) -> None:
    launched = launch(workers=2, worker=WITH_GRANDCHILD)
    launched.read_until("grandchild", times=2)
    processes = family(launched.process.pid)
    assert len(processes) == 7  # scheduler, server, two workers, their children, the janitor
    grandchildren = [int(line.split()[-1]) for line in launched.seen]
    launched.process.send_signal(number)
    ended, _, err = launched.end()
    assert ended == code
    assert err.splitlines()[2] == f"mxl-launch: {signal.Signals(number).name}: ending the job"
    assert_gone(processes, grandchildren)


def test_a_second_interruption_does_not_wait(launch: Callable[..., Launched]) -> None:
    launched = launch(worker=DEAF)
    launched.read_until("ready")
    processes = family(launched.process.pid)
    launched.process.send_signal(signal.SIGINT)
    launched.read_until("deaf")
    before = time.monotonic()
    launched.process.send_signal(signal.SIGINT)
    code, _, err = launched.end()
    assert time.monotonic() - before < 2.5  # the grace after the first is 3 s
    assert err.splitlines()[2:] == ["mxl-launch: SIGINT: ending the job", "mxl-launch: killing what is left"]
    assert code == 130
    assert_gone(processes, [])


def test_a_launcher_killed_with_9_leaves_nothing(launch: Callable[..., Launched]) -> None:
    before = set(os.listdir("/dev/shm"))
    launched = launch(workers=2, worker=WITH_GRANDCHILD, scheduler=BOUND)
    launched.read_until("bound")
    launched.read_until("grandchild", times=2)
    processes = family(launched.process.pid)
    grandchildren = [int(line.split()[-1]) for line in launched.seen if "grandchild" in line]
    assert len(folders()) == 2  # the job's and its logs'
    launched.process.kill()
    assert_gone(processes, grandchildren)
    assert set(os.listdir("/dev/shm")) <= before


def test_a_launcher_whose_janitor_was_killed_cleans_up_itself(launch: Callable[..., Launched]) -> None:
    launched = launch(worker=WITH_GRANDCHILD)
    launched.read_until("grandchild")
    processes = family(launched.process.pid)
    grandchildren = [int(line.split()[-1]) for line in launched.seen]
    next(p for p in processes if p.cmdline()[2].endswith("janitor.py")).kill()
    launched.process.send_signal(signal.SIGINT)
    assert launched.end()[0] == 130
    assert_gone(processes, grandchildren)


def test_uneven_ends_and_a_child_that_stays(launch: Callable[..., Launched]) -> None:
    """Worker 0 ends at once and leaves a child that holds its pipe; worker 1 ends only when worker 0 has long gone."""
    code, out, _ = launch(
        workers=2, server="print('served')", scheduler="print('held')",
        worker=UNEVEN).end()
    assert code == 0
    assert {"worker 0  | end of 0", "worker 1  | end of 1"} <= set(out.splitlines())
    assert folders() == []


def test_a_reader_that_goes_away_ends_the_job(launch: Callable[..., Launched]) -> None:
    launched = launch(worker="import time\nwhile True: print('x' * 1000); time.sleep(0.001)")
    launched.read_until("xxx")
    processes = family(launched.process.pid)
    assert launched.process.stdout is not None
    launched.process.stdout.close()
    assert launched.process.wait(LIMIT_S) == 141
    assert_gone(processes, [])


def test_a_command_that_cannot_be_run_is_said(tmp_path: Path) -> None:
    """The file is there and may be executed, but it is no program."""
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x00\x01 no program")
    broken.chmod(0o755)
    run = subprocess.run([sys.executable, "-m", "mxl.deploy", "-n", "2", str(broken)], capture_output=True, text=True,
                         timeout=LIMIT_S, check=False)
    assert run.returncode == 127
    assert f"mxl-launch: cannot start worker 0: {broken}: Exec format error" in run.stderr
    assert folders() == []
