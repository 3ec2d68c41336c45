"""The cost of an operator on small arrays, mxl beside MXNet.

    python benchmarks/operators.py [--json FILE]

Measures `c = a + b` of 10 elements, recording and not, `a * 2`, `exp(a)`, and backward over a chain of 1 000 adds:
medians of rounds that take turns with MXNet's, which is measured in its own process where $PEERS/mxnet has its Python.
One thread each.  The same file is run by both Pythons.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROUNDS = 7
CALLS = 3000
CHAIN = 1000
TARGETS = {"a + b, recording, us": 3.0, "backward over 1000 adds, ms": 4.4}


def measure(mx: Any) -> dict[str, float]:
    """One round: microseconds a call, milliseconds for the chain."""
    a, b = mx.nd.ones((10,)), mx.nd.ones((10,))
    a.attach_grad()
    b.attach_grad()

    def per_call_us(call: Callable[[], Any]) -> float:
        mx.nd.waitall()
        start = time.perf_counter()
        for _ in range(CALLS):
            call()
        mx.nd.waitall()
        return (time.perf_counter() - start) / CALLS * 1e6

    result: dict[str, float] = {}
    with mx.autograd.record():
        result["a + b, recording, us"] = per_call_us(lambda: a + b)
    result["a + b, us"] = per_call_us(lambda: a + b)
    result["a * 2, us"] = per_call_us(lambda: a * 2)
    result["exp(a), us"] = per_call_us(lambda: mx.nd.exp(a))
    with mx.autograd.record():
        y = a
        for _ in range(CHAIN):
            y = y + b
    mx.nd.waitall()
    start = time.perf_counter()
    y.backward()
    mx.nd.waitall()
    result["backward over 1000 adds, ms"] = (time.perf_counter() - start) * 1e3
    return result


def serve(module: str) -> None:
    """Measure a round for each line that comes in; used in the peer's process."""
    mx = importlib.import_module(module)
    measure(mx)
    for _ in sys.stdin:
        print(json.dumps(measure(mx)), flush=True)


def start(python: str, module: str) -> subprocess.Popen[str]:
    """A process that measures `module`, one thread."""
    one_thread = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MXNET_CPU_WORKER_NTHREADS")}
    return subprocess.Popen(
        [python, __file__, "--serve", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        stderr=subprocess.DEVNULL, env={**os.environ, **one_thread}, cwd=Path(__file__).parent,
    )  # fmt: skip


def ask(process: subprocess.Popen[str]) -> dict[str, float]:
    """One round from a measuring process."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise SystemExit(f"{process.args!r} ended with {process.wait()} instead of measuring")
    return json.loads(line)


def compare() -> dict[str, dict[str, float]]:
    """Medians for mxl, and for MXNet where it is installed, the rounds taking turns."""
    sides = {"mxl": start(sys.executable, "mxl")}
    peer = Path(os.environ.get("PEERS", "")) / "mxnet" / "bin" / "python"
    if os.environ.get("PEERS") and peer.exists():
        sides["mxnet"] = start(str(peer), "mxnet")
    rounds: dict[str, list[dict[str, float]]] = {side: [] for side in sides}
    for _ in range(ROUNDS):
        for side, process in sides.items():
            rounds[side].append(ask(process))
    for process in sides.values():
        process.communicate()
    return {
        side: {what: statistics.median(r[what] for r in results) for what in results[0]}
        for side, results in rounds.items()
    }


def show(medians: dict[str, dict[str, float]]) -> None:
    """The table that one reads."""
    peer = medians.get("mxnet")
    print(f"{'':30}{'mxl':>9}" + (f"{'MXNet':>9}{'ratio':>8}" if peer else "") + f"{'target':>9}")
    for what, mine in medians["mxl"].items():
        beside = f"{peer[what]:9.2f}{mine / peer[what]:8.2f}" if peer else ""
        target = f"{TARGETS[what]:9.1f}" if what in TARGETS else ""
        print(f"{what:30}{mine:9.2f}{beside}{target}")
    if not peer:
        print("MXNet was not measured: set PEERS to the folder that has mxnet/bin/python")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="the cost of an operator on small arrays, mxl beside MXNet")
    parser.add_argument("--json", type=Path, help="write the medians there")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return
    medians = compare()
    show(medians)
    if options.json:
        options.json.write_text(json.dumps(medians, indent=1) + "\n")


if __name__ == "__main__":
    main()
