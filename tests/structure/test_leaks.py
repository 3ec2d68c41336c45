"""The watch for leaks: it names what is left, forgives what ends within its grace, and lets the rest pass."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]

LEAKY = '''
import multiprocessing.shared_memory, os, socket, subprocess, sys, tempfile, threading
import pytest, zmq

stop = threading.Event()
kept = []

def python(code, **more):
    return subprocess.Popen([sys.executable, "-S", "-c", code], **more)

def test_thread():
    threading.Thread(target=stop.wait, name="forgotten", daemon=True).start()

def test_descriptor():
    kept.append(os.open(__file__, os.O_RDONLY))

def test_socket():
    kept.append(socket.socket())

def test_context():
    context = zmq.Context()
    context.socket(zmq.ROUTER).bind("tcp://127.0.0.1:*")
    kept.append(context)

def test_child():
    kept.append(python("import time; time.sleep(99)"))

def test_unwaited_child():
    kept.append(python("pass"))

def test_orphan():
    start = "import subprocess, sys; subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(98)'])"
    assert python(start, start_new_session=True).wait() == 0

def test_temporary_file():
    os.close(tempfile.mkstemp(prefix="left-")[0])

def test_shared_memory():
    path = f"/dev/shm/mxl-leak-{os.getpid()}"
    kept.append(path)
    open(path, "w").close()

def test_that_fails():
    kept.append(socket.socket())
    assert not kept

def test_clean(tmp_path, capfd):
    thread = threading.Thread(target=lambda: stop.wait(0.05))
    thread.start()                                                  # ends within the grace
    with tempfile.TemporaryDirectory(), open(tmp_path / "x", "w"), socket.socket():
        python("pass").wait()
    with zmq.Context() as context, context.socket(zmq.PAIR) as a, context.socket(zmq.PAIR) as b:
        a.bind("inproc://x"), b.connect("inproc://x"), a.send(bytes(1 << 20), copy=False), b.recv()

def test_library_file():
    os.open(pytest.__file__, os.O_RDONLY)                           # as matplotlib keeps its fonts

@pytest.fixture(scope="module")
def server():
    listener = socket.create_server(("127.0.0.1", 0))
    yield listener
    listener.close()

def test_wider_fixture(server):
    assert server.getsockname()[1]

@pytest.fixture(scope="module")
def forgetful():
    return tempfile.mkdtemp(prefix="wide-")

def test_last(forgetful):
    stop.set()
    os.close(kept[0])
    for each in kept:
        if isinstance(each, socket.socket):
            each.close()
        elif isinstance(each, zmq.Context):
            each.destroy()
        elif isinstance(each, subprocess.Popen):
            each.wait()
        elif isinstance(each, str):
            os.unlink(each)
'''


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a run of the leaky tests prints, under the same conftest."""
    folder = tmp_path_factory.mktemp("leaky")
    shutil.copy(TESTS / "conftest.py", folder / "conftest.py")
    source = (folder / "conftest.py").read_text().replace("GRACE_S = 2.0", "GRACE_S = 0.3")
    (folder / "conftest.py").write_text(source)
    (folder / "test_leaky.py").write_text(LEAKY)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = last\n")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore", "-rA", "-vv"],
        cwd=folder, capture_output=True, text=True, timeout=50, check=False, env={**os.environ, "COLUMNS": "200"})
    assert run.returncode == 1, run.stdout + run.stderr
    return run.stdout


def section(report: str, test: str) -> str:
    found = re.search(rf"^_+ ERROR at teardown of {test} _+$(.*?)^[_=]{{5,}}", report, re.M | re.S)
    assert found, f"no error at teardown of {test} in:\n{report}"
    return found[1]


@pytest.mark.slow
@pytest.mark.parametrize("test, line", [
    ("test_thread", r"this test left behind:\n  thread 'forgotten' \(daemon\)"),
    ("test_descriptor", r"file descriptor \d+ -> .*test_leaky.py"),
    ("test_socket", r"file descriptor \d+ -> socket:"),
    ("test_context", r"file descriptor \d+ -> anon_inode:"),
    ("test_child", r"process \d+: .*time.sleep\(99\)"),
    ("test_unwaited_child", r"process \d+: ended, but nobody waited for it"),
    ("test_orphan", r"process \d+: .*time.sleep\(98\)"),
    ("test_temporary_file", r"temporary file .*/left-"),
    ("test_shared_memory", r"shared memory /dev/shm/mxl-leak-"),
])
def test_a_leak_is_named(report: str, test: str, line: str) -> None:
    assert re.search(line, section(report, test)), section(report, test)


@pytest.mark.slow
@pytest.mark.parametrize("test", ["test_clean", "test_library_file", "test_wider_fixture"])
def test_what_ends_is_let_pass(report: str, test: str) -> None:
    assert f"ERROR at teardown of {test} " not in report
    assert f"PASSED test_leaky.py::{test}" in report


@pytest.mark.slow
def test_a_failing_test_is_reported_once(report: str) -> None:
    assert "FAILED test_leaky.py::test_that_fails" in report
    assert "ERROR at teardown of test_that_fails" not in report


@pytest.mark.slow
def test_the_session_answers_for_wider_fixtures_alone(report: str) -> None:
    told = re.search(r"the tests as a whole left behind:\n((?:  .*\n)*)End each", section(report, "test_last"))
    assert told, report
    assert re.fullmatch(r"  temporary file .*/wide-\w+\n", told[1])


@pytest.mark.slow
def test_a_leaked_process_is_ended(report: str) -> None:
    pids = re.findall(r"process (\d+): .*time.sleep", report)
    assert len(set(pids)) == 2
    for pid in pids:
        command = Path(f"/proc/{pid}/cmdline")
        assert not command.exists() or b"time.sleep" not in command.read_bytes()
