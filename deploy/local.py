"""The launcher of this machine: plain child processes, each the leader of a session of its own.

Knows: starting, signals, pipes, log files, and the janitor that outlives a launcher killed with -9.  Never: what an
end means.  Invariant: whatever was started is ended and waited for when `close` returns, and was told to the janitor
before anything else could end the launcher.
"""

from __future__ import annotations

import os
import selectors
import shutil
import subprocess
import sys
from collections.abc import Sequence

from . import janitor
from .errors import LaunchError
from .folder import make
from .job import ProcessSpec
from .launcher import Exit, Launcher, Line
from .output import Output

READ_BYTES = 1 << 16
PIPE_READS = 17  # all that a pipe holds (1 MiB at most): what a process had printed when it ended
JANITOR_LIMIT_S = 2 * janitor.GIVE_UP_AFTER_S
POLL_S = 0.05  # where the system has no descriptor for a process's end


class _Child:
    """A process, its pipe's lines, and the descriptors that tell of both (-1 once closed)."""

    def __init__(self, spec: ProcessSpec, popen: subprocess.Popen[bytes], output: Output) -> None:
        self.spec, self.popen, self.output = spec, popen, output
        assert popen.stdout is not None
        self.pipe = popen.stdout.fileno()
        self.ended = False


class LocalLauncher(Launcher):
    """Runs a job's processes on this machine, in `folder` (made here) with their logs in `log_folder`.

    A log folder that is the user's own (`own_logs` false) is never removed.
    """

    def __init__(self, folder: str, log_folder: str, own_logs: bool) -> None:
        self._log_folder = log_folder
        self._folders = [folder, log_folder] if own_logs else [folder]  # those to remove
        self._mark = f"MXL_JOB_FOLDER={folder}"
        self._children: dict[ProcessSpec, _Child] = {}
        self._lines: list[Line] = []
        self._closed = False
        self._selector = selectors.DefaultSelector()
        self._woken, self.wake_fd = os.pipe()
        for each in (self._woken, self.wake_fd):
            os.set_blocking(each, False)
        self._selector.register(self._woken, selectors.EVENT_READ, None)
        self._pidfds: dict[int, ProcessSpec] = {}
        self._janitor = self._start_janitor()  # before the folders: they are its to remove from the first moment
        try:
            make(folder)
            os.makedirs(log_folder, exist_ok=True)
        except OSError as error:
            self.close(keep_logs=False)
            raise LaunchError(f"cannot make the folder {error.filename}: {error.strerror}") from error

    def _start_janitor(self) -> subprocess.Popen[bytes]:
        env = {name: value for name, value in os.environ.items() if name != "MXL_JOB_FOLDER"}
        return subprocess.Popen(
            [sys.executable, "-P", janitor.__file__, self._mark, *self._folders], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env, start_new_session=True)

    def _tell_janitor(self, line: str) -> None:
        assert self._janitor.stdin is not None
        try:
            self._janitor.stdin.write(line.encode())
            self._janitor.stdin.flush()
        except BrokenPipeError:  # somebody ended it: `close` cleans up all the same
            pass

    def start(self, process: ProcessSpec) -> None:
        mode = "ab" if process in self._children else "wb"  # a later life goes on in the same file
        log = open(self.log_path(process), mode)  # noqa: SIM115 - the process's output is its owner
        try:
            popen = subprocess.Popen(
                process.argv, env=dict(process.env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, start_new_session=True, bufsize=0)
        except OSError as error:
            log.close()
            raise LaunchError(f"cannot start {process.title}: {process.argv[0]}: {error.strerror}") from error
        self._tell_janitor(f"+{popen.pid}\n")
        child = self._children[process] = _Child(process, popen, Output(log))
        os.set_blocking(child.pipe, False)
        self._selector.register(child.pipe, selectors.EVENT_READ, child)
        if hasattr(os, "pidfd_open"):
            pidfd = os.pidfd_open(popen.pid)
            self._pidfds[pidfd] = process
            self._selector.register(pidfd, selectors.EVENT_READ, None)

    def wait(self, timeout_s: float) -> None:
        if self._lines:
            return
        if not self._pidfds and any(not child.ended for child in self._children.values()):
            timeout_s = min(timeout_s, POLL_S)
        for key, _ in self._selector.select(max(0.0, timeout_s)):
            if isinstance(key.data, _Child):
                self._read(key.data)
            elif key.fd == self._woken:
                self._drain_wakes()

    def _drain_wakes(self) -> None:
        try:
            while os.read(self._woken, 4096):
                pass
        except BlockingIOError:
            pass

    def _read(self, child: _Child, reads: int = 1) -> None:
        """Take what is in the pipe, at most so many times: somebody else may write into it without end."""
        while child.pipe >= 0 and reads > 0:
            reads -= 1
            try:
                data = os.read(child.pipe, READ_BYTES)
            except BlockingIOError:
                return
            lines = child.output.feed(data) if data else child.output.end()
            self._lines += [Line(child.spec, text) for text in lines]
            if not data:
                self._close_pipe(child)

    def _close_pipe(self, child: _Child) -> None:
        self._selector.unregister(child.pipe)
        child.pipe = -1
        assert child.popen.stdout is not None
        child.popen.stdout.close()

    def poll(self) -> list[Exit]:
        exits: list[Exit] = []
        for child in self._children.values():
            if child.ended or child.popen.poll() is None:
                continue
            child.ended = True
            self._tell_janitor(f"-{child.popen.pid}\n")
            for pidfd, process in list(self._pidfds.items()):
                if process == child.spec:
                    self._selector.unregister(pidfd)
                    os.close(pidfd)
                    del self._pidfds[pidfd]
            self._read(child, PIPE_READS)  # a child of its own may keep the pipe open: what comes later is shown too
            exits.append(Exit(child.spec, child.popen.returncode))
        return exits

    def output(self) -> list[Line]:
        lines, self._lines = self._lines, []
        return lines

    def signal(self, processes: Sequence[ProcessSpec], number: int) -> None:
        for process in processes:
            child = self._children.get(process)
            if child is not None and not child.ended:
                try:
                    os.killpg(child.popen.pid, number)  # not waited for yet, so the number is still its own
                except ProcessLookupError:
                    continue

    def tail(self, process: ProcessSpec) -> list[str]:
        return list(self._children[process].output.tail)

    def log_path(self, process: ProcessSpec) -> str:
        return os.path.join(self._log_folder, process.log_name)

    def wake(self) -> None:
        try:
            os.write(self.wake_fd, b"\0")
        except BlockingIOError:  # full: it will wake anyway
            pass

    def close(self, keep_logs: bool) -> None:
        if self._closed:
            return
        self._closed = True
        janitor.sweep(self._mark, [child.popen.pid for child in self._children.values() if not child.ended])
        for child in self._children.values():
            try:
                child.popen.wait(janitor.GIVE_UP_AFTER_S)
            except subprocess.TimeoutExpired:  # stuck in the kernel: nobody can wait for it
                continue
            self._read(child, PIPE_READS)
            if child.pipe >= 0:
                self._lines += [Line(child.spec, text) for text in child.output.end()]
                self._close_pipe(child)
        if keep_logs:
            self._tell_janitor(f"={self._log_folder}\n")
        self._end_janitor()
        for folder in self._folders:  # had somebody ended the janitor
            if not (keep_logs and folder == self._log_folder):
                shutil.rmtree(folder, ignore_errors=True)
        for pidfd in self._pidfds:
            os.close(pidfd)
        self._selector.close()
        os.close(self._woken)
        os.close(self.wake_fd)

    def _end_janitor(self) -> None:
        assert self._janitor.stdin is not None
        try:
            self._janitor.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self._janitor.wait(JANITOR_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._janitor.kill()
            self._janitor.wait()
