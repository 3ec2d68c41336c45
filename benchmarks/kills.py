"""Kills with -9 during real training: `python benchmarks/kills.py --kills 20` ends servers at drawn moments.

A run without a kill gives the digest of the weights; each further run is one in which one server, drawn like the step
after which it is killed and the wait then, gets SIGKILL while the job trains.  A kill counts only if its victim was
alive while worker 0 was between its first step and its last.  Printed: for each kill the server, the step, whether the
job ended by itself, its digest, and the longest time between two printed steps, beside that of the run without a kill.
Ends with exit code 1 if a run did not end by itself with the same digest.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import click
import psutil

EXAMPLE = Path(__file__).parent.parent / "examples" / "train_digits.py"
LIMIT_S = 120.0
STEP = re.compile(r"step\s+(\d+)")
DIGEST = re.compile(r"weights sha256 (\w+)")


@dataclass(frozen=True)
class Outcome:
    """What came of one run; `victim` is None where nothing was killed."""

    victim: str | None
    step: int
    code: int
    digest: str
    gap_s: float
    took_s: float


def run(workers: int, servers: int, seed: int | None) -> Outcome:
    """One job; with a seed one of its servers is killed."""
    rng = random.Random(seed)
    after_step, wait_s = rng.randrange(50, 400, 50), rng.uniform(0.0, 0.5)  # worker 0 prints every 50th of 440 steps
    command = [sys.executable, "-m", "mxl.deploy", "-n", str(workers), "-s", str(servers), "--max-restarts", "3",
               "--no-progress", str(EXAMPLE)]
    begin_s = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    digest, victim, step, killed_at, gap_s = "", None, 0, 0, 0.0
    heard_s: float | None = None
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if found := DIGEST.search(line):
                digest = found[1]
            if not (found := STEP.search(line)):
                continue
            now_s = time.monotonic()
            gap_s = max(gap_s, now_s - heard_s) if heard_s is not None else 0.0
            heard_s, step = now_s, int(found[1])
            if seed is not None and victim is None and step >= after_step:
                time.sleep(wait_s)
                victim = kill_a_server(process.pid, rng)
                killed_at = step
            if now_s - begin_s > LIMIT_S:
                break
        code = process.wait(LIMIT_S)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait()
    return Outcome(victim, killed_at if victim else step, code, digest, gap_s, time.monotonic() - begin_s)


def kill_a_server(launcher: int, rng: random.Random) -> str | None:
    """SIGKILL to one of the servers that this launcher has started; its name, or None where there is none any more."""
    children = psutil.Process(launcher).children()
    servers = sorted((c for c in children if "mxl.server" in " ".join(c.cmdline())), key=lambda c: c.pid)
    if not servers:
        return None
    number = rng.randrange(len(servers))
    os.kill(servers[number].pid, signal.SIGKILL)
    return f"server {number}"


@click.command()
@click.option("--kills", default=20, show_default=True, help="Runs in which a server is killed.")
@click.option("--workers", default=2, show_default=True)
@click.option("--servers", default=2, show_default=True)
@click.option("--first", default=0, show_default=True, help="The first seed.")
def main(kills: int, workers: int, servers: int, first: int) -> None:
    """Kill servers of the digits' job, and compare what it ends with."""
    whole = run(workers, servers, None)
    print(f"without a kill: exit {whole.code}, digest {whole.digest[:12]}, {whole.took_s:.1f} s, "
          f"longest time between two printed steps {whole.gap_s:.2f} s", flush=True)
    counted = wrong = 0
    for seed in range(first, first + kills):
        o = run(workers, servers, seed)
        is_right = (o.code, o.digest) == (0, whole.digest)
        counted += o.victim is not None
        wrong += not is_right
        print(f"seed {seed}: {o.victim or 'nobody'} after step {o.step}: exit {o.code}, "
              f"{'same bits' if is_right else 'OTHER: ' + o.digest[:12]}, {o.took_s:.1f} s, "
              f"longest time between two printed steps {o.gap_s:.2f} s", flush=True)
    print(f"{counted} kills of {kills} runs count; {wrong} runs did not end with the same bits")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
