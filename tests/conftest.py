"""What every test runs under: a private temporary folder, hypothesis profiles, and the watch for leaks.

A leak is what a test began and did not end: a thread, a file descriptor (files and sockets), a process (a child, or a
child's child that was orphaned), an entry of the temporary folder, a segment of shared memory.  A test that leaves one
behind after GRACE_S errs at its teardown with the list; the session as a whole is held to the same.  Fixtures of a
wider scope are set up before the watch looks, so what they hold while they live is theirs.

Allowed, by name: multiprocessing's resource tracker; what an installed library keeps open of its own files (matplotlib
its fonts); and pyzmq's thread for zero-copy sends, which is started here once so that it belongs to the session.  A zmq
Context that a test makes counts until it is terminated.

Cheap by design: nothing but set differences (about 0.1 ms a test) unless something is left or a process was started.
"""

from __future__ import annotations

import gc
import os
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from multiprocessing import resource_tracker
from pathlib import Path

import hypothesis
import psutil
import pytest

GRACE_S = 2.0
FD_FOLDER = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"
SHM_FOLDER = "/dev/shm"
RUN_VARIABLE = "PYTEST_MXL_RUN"  # inherited by all that the tests start: how orphans are found
FAILED = pytest.StashKey[bool]()
SKIPPED = pytest.StashKey[set[str]]()


# ---- the session's surroundings ---------------------------------------------------------------------------------

hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, database=None)
hypothesis.settings.register_profile("dev", derandomize=True, deadline=None, database=None, max_examples=20)
hypothesis.settings.register_profile("fuzz", deadline=None, max_examples=int(os.environ.get("MXL_FUZZ", "20000")))
hypothesis.settings.load_profile("fuzz" if "MXL_FUZZ" in os.environ else "ci")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SKIPPED] = set()
    for name in [n for n in os.environ if n.startswith(("MXL_", "MXNET_", "DMLC_", "PS_")) and n != "MXL_FUZZ"]:
        del os.environ[name]  # the developer's own settings are no part of a test
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())  # tmp_path stays where it can be looked at
    private = tempfile.mkdtemp(prefix="mxl-test-")
    os.environ["TMPDIR"] = os.environ["XDG_RUNTIME_DIR"] = tempfile.tempdir = private
    os.environ[RUN_VARIABLE] = f"{os.environ.get(RUN_VARIABLE, '')}/{uuid.uuid4().hex}"


def pytest_unconfigure() -> None:
    shutil.rmtree(tempfile.gettempdir(), ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What looks at the whole run comes last in it."""
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


@pytest.fixture
def skipped_so_far(pytestconfig: pytest.Config) -> set[str]:
    """Ids of the tests of this run that were skipped or failed as expected, up to now."""
    return pytestconfig.stash[SKIPPED]


# ---- what is held at one moment ---------------------------------------------------------------------------------


@dataclass
class Held:
    """What this process holds: compared before and after a test."""

    threads: set[threading.Thread]
    fds: set[int]
    temporary: set[str]
    shared: set[str]
    processes: set[int]
    waited: int  # page faults of children that ended and were waited for: it grows when a test had a child

    @classmethod
    def now(cls) -> Held:
        return cls(
            set(threading.enumerate()), _open_fds(), set(os.listdir(tempfile.gettempdir())), _shared_memory(),
            _run_processes() if _has_child() else set(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt,
        )

    def left(self) -> list[str]:
        """What there is now and was not then, one line each."""
        lines = [_thread(t) for t in threading.enumerate() if t not in self.threads and not _is_foreign(t)]
        lines += [_fd(fd) for fd in _open_fds() - self.fds]
        lines += [f"temporary file {tempfile.gettempdir()}/{n}" for n in os.listdir(tempfile.gettempdir())
                  if n not in self.temporary]
        lines += [f"shared memory {SHM_FOLDER}/{n}" for n in _shared_memory() - self.shared if not _is_others(n)]
        lines += [_process(pid) for pid in self.new_processes()]
        return sorted(line for line in lines if line)

    def left_after_grace(self) -> list[str]:
        """The same, once what is about to end has had its time."""
        lines = self.left()
        if not lines:
            return []
        gc.collect()
        deadline = time.monotonic() + GRACE_S
        pause = threading.Event()
        while (lines := self.left()) and time.monotonic() < deadline:
            pause.wait(0.01)
        return lines

    def new_processes(self) -> set[int]:
        if not _has_child() and resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt == self.waited:
            return set()
        return _run_processes() - self.processes - {getattr(resource_tracker._resource_tracker, "_pid", None)}

    def take_in(self, other: Held) -> None:
        """Counts what `other` holds as held before: it has been told."""
        for mine, more in ((self.threads, other.threads), (self.fds, other.fds), (self.temporary, other.temporary),
                           (self.shared, other.shared), (self.processes, other.processes)):
            mine |= more

    def end_new_processes(self) -> None:
        """Kills what the test started and left, so that the tests after it do not meet it."""
        for pid in self.new_processes():
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            except (ProcessLookupError, ChildProcessError):  # gone by itself, or an orphan that init waits for
                pass


def _open_fds() -> set[int]:
    fds = set()
    for name in os.listdir(FD_FOLDER):
        try:
            os.fstat(int(name))
        except OSError:  # the descriptor that listed the folder
            continue
        fds.add(int(name))
    return fds


def _shared_memory() -> set[str]:
    return set(os.listdir(SHM_FOLDER)) if os.path.isdir(SHM_FOLDER) else set()


def _has_child() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _run_processes() -> set[int]:
    """Every process that descends from this run: children (also ended ones nobody waited for) and orphans."""
    pids = {child.pid for child in psutil.Process().children(recursive=True)}
    if sys.platform == "linux":
        mark = os.environ[RUN_VARIABLE].encode()
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and folder.name != str(os.getpid()):
                try:
                    if mark in (folder / "environ").read_bytes():
                        pids.add(int(folder.name))
                except OSError:  # ended meanwhile, or another user's
                    continue
    return pids


# ---- one line for each leak -------------------------------------------------------------------------------------


def _is_foreign(thread: threading.Thread) -> bool:
    return isinstance(thread, threading._DummyThread)  # a C library's thread that once called Python


def _is_others(segment: str) -> bool:
    """Whether a process that is none of ours maps this segment: somebody else's work on the same machine."""
    ours = {os.getpid(), *_run_processes()}
    name = f"{SHM_FOLDER}/{segment}"
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) not in ours:
            try:
                if name in (folder / "maps").read_text():
                    return True
            except OSError:
                continue
    return False


def _thread(thread: threading.Thread) -> str:
    return f"thread {thread.name!r}{' (daemon)' if thread.daemon else ''}"


def _fd(fd: int) -> str:
    try:
        target = os.readlink(f"{FD_FOLDER}/{fd}")
    except OSError:
        return ""
    if fd == getattr(resource_tracker._resource_tracker, "_fd", None) or "/site-packages/" in target:
        return ""
    return f"file descriptor {fd} -> {target}"


def _process(pid: int) -> str:
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return f"process {pid}: ended, but nobody waited for it"
        return f"process {pid}: {' '.join(process.cmdline())}"
    except psutil.NoSuchProcess:
        return ""


# ---- the watch --------------------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    if report.skipped:  # xfail too
        item.config.stash[SKIPPED].add(report.nodeid)
    return report


@pytest.fixture(scope="session", autouse=True)
def _session_leaves_nothing() -> Iterator[Held]:
    """What a test could not be charged with: the leavings of wider fixtures."""
    _start_zero_copy_thread()
    before = Held.now()
    yield before
    _hold_to(before, "the tests as a whole")


@pytest.fixture(autouse=True)
def _test_leaves_nothing(request: pytest.FixtureRequest, _session_leaves_nothing: Held) -> Iterator[None]:
    before = Held.now()
    yield
    try:
        if FAILED not in request.node.stash:  # else its traceback holds on to things, and the failure is the news
            _hold_to(before, "this test")
            return
    except pytest.fail.Exception:
        _session_leaves_nothing.take_in(Held.now())
        raise
    before.end_new_processes()
    _session_leaves_nothing.take_in(Held.now())


def _hold_to(before: Held, who: str) -> None:
    left = before.left_after_grace()
    if left:
        before.end_new_processes()
        pytest.fail(
            f"{who} left behind:\n  " + "\n  ".join(left) +
            "\nEnd each of them in the test or in its fixture (close, join, wait, unlink).", pytrace=False)


def _start_zero_copy_thread() -> None:
    """One zero-copy send: pyzmq then starts the thread and the context that it keeps to the end of the process."""
    import zmq

    with zmq.Context() as context, context.socket(zmq.PAIR) as a, context.socket(zmq.PAIR) as b:
        a.bind("inproc://warm-up")
        b.connect("inproc://warm-up")
        a.send(bytes(100_000), copy=False)
        b.recv()
