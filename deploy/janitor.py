"""The janitor: ends what a launcher has left and removes the job's folders, whichever way the launcher ends.

    python deploy/janitor.py MARK FOLDER...        (by its path: it needs nothing of mxl, wherever that is found)

It reads its standard input, a pipe whose other end only the launcher holds: `+pid` for each process that has been
started (the leader of a session of its own), `-pid` for each that has been waited for, `=folder` for a folder that is
to stay. The end of the pipe is the end of the launcher: by itself, by a signal, or by kill -9.  Then all that is left
of the job is killed, the folders are removed, and the janitor ends: nobody has to end it.

A process belongs to the job if its environment has MARK (so a script's own children are found, in whatever session),
or if its session is that of a process still running.  The pipe cannot end before a process that is being started has
got its new environment (until then it holds the pipe itself), so none is missed.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Collection, Iterable

import psutil

GIVE_UP_AFTER_S = 10.0  # processes that not even SIGKILL ends (stuck in the kernel) are not waited for beyond this


def members(mark: str, sessions: Collection[int]) -> list[psutil.Process]:
    """The running processes of a job, without the caller."""
    name, _, value = mark.partition("=")
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            mine = os.getsid(process.pid) in sessions or process.environ().get(name) == value
            if mine and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):  # ended meanwhile, or another user's
            continue
    return found


def sweep(mark: str, sessions: Collection[int]) -> None:
    """Kill the job's processes until there are none: what starts meanwhile is found the next time."""
    deadline = time.monotonic() + GIVE_UP_AFTER_S
    while (left := members(mark, sessions)) and time.monotonic() < deadline:
        for process in left:
            try:
                process.kill()  # psutil looks whether the number still belongs to the same process
            except psutil.Error:
                continue
        psutil.wait_procs(left, timeout=0.5)


def watched(lines: Iterable[str]) -> tuple[set[int], set[str]]:
    """What the lines say up to their end: the processes that are running, the folders to keep."""
    running: set[int] = set()
    kept: set[str] = set()
    for line in lines:
        sign, rest = line[:1], line[1:].rstrip("\n")
        if sign == "=":
            kept.add(rest)
        elif rest.isdecimal():
            (running.add if sign == "+" else running.discard)(int(rest))
    return running, kept


def main(mark: str, folders: Iterable[str]) -> None:
    """Wait for the end of the launcher, then leave nothing of the job."""
    os.chdir("/")  # holds no folder that somebody may want to unmount
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)  # its end is the pipe's
    running, kept = watched(sys.stdin)
    sweep(mark, running)
    for folder in folders:
        if folder not in kept:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
