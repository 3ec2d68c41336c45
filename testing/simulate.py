"""`python -m mxl.testing.simulate --seeds 10000`: simulated clusters with injected faults, one from each seed.

Knows: how seeds are dealt to processes, and what is printed.  Never: what a seed does (`simulator/`).
Ends with exit code 1 if a rule was broken, after printing the first seed's story and how to replay it.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass

import click

from .simulator import Violation, run

CHUNK = 50


@dataclass(frozen=True, slots=True)
class Part:
    """What came of some seeds."""

    runs: int = 0
    failed_jobs: int = 0
    events: int = 0
    updates: int = 0
    answers: int = 0
    broken: tuple[tuple[int, str], ...] = ()

    def __add__(self, other: Part) -> Part:
        return Part(
            self.runs + other.runs, self.failed_jobs + other.failed_jobs, self.events + other.events,
            self.updates + other.updates, self.answers + other.answers, self.broken + other.broken,
        )  # fmt: skip


def run_seeds(seeds: Iterable[int]) -> Part:
    """Run these seeds, one after the other."""
    total = Part()
    gc.disable()  # a simulation's own garbage is small; collected between the chunks
    try:
        for seed in seeds:
            try:
                o = run(seed)
                total += Part(1, o.failed is not None, o.events, o.updates, o.answers)
            except Violation as violation:
                total += Part(1, broken=((seed, str(violation)),))
    finally:
        gc.enable()
        gc.collect()
    return total


def run_all(first: int, count: int, processes: int) -> Iterator[Part]:
    """What came of each chunk of seeds, in the order in which they end."""
    chunks = [range(at, min(at + CHUNK, first + count)) for at in range(first, first + count, CHUNK)]
    if processes <= 1 or len(chunks) <= 1:
        yield from map(run_seeds, chunks)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(processes, len(chunks)), mp_context=context) as pool:
        for done in as_completed([pool.submit(run_seeds, chunk) for chunk in chunks]):
            yield done.result()


@click.command()
@click.option("--seeds", default=1000, show_default=True, help="How many seeds to run.")
@click.option("--first", default=0, show_default=True, help="The first of them.")
@click.option("--seed", type=int, default=None, help="Run this one only.")
@click.option("--story", is_flag=True, help="With --seed: tell what every node did, also if no rule was broken.")
@click.option("--processes", default=0, help="Processes to use; 0: one for each core.")
def main(seeds: int, first: int, seed: int | None, story: bool, processes: int) -> None:
    """Run simulated clusters with injected faults and hold them to the protocol's rules."""
    if seed is not None:
        _one(seed, story)
        return
    began = time.perf_counter()
    total = Part()
    for part in run_all(first, seeds, processes or os.cpu_count() or 1):
        total += part
    took_s = time.perf_counter() - began
    for broken, text in sorted(total.broken)[:1]:
        click.echo(f"seed {broken} breaks a rule:\n{text}\n")
    click.echo(
        f"{total.runs} seeds in {took_s:.1f} s ({total.runs / took_s:.0f}/s): {total.events} events, {total.updates} "
        f"updates, {total.answers} answers; {total.failed_jobs} jobs failed as they must; "
        f"{len(total.broken)} seeds broke a rule"
        + (": " + ", ".join(str(s) for s, _ in sorted(total.broken)[:20]) if total.broken else "")
    )
    if total.broken:
        raise SystemExit(1)


def _one(seed: int, story: bool) -> None:
    from .simulator import Simulation, make
    from .simulator.story import tell

    simulation = Simulation(make(seed))
    try:
        outcome = simulation.run()
    except Violation as violation:
        click.echo(f"seed {seed} breaks a rule:\n{violation}")
        raise SystemExit(1) from None
    if story:
        click.echo(tell(simulation, f"seed {seed} is clean", lines=10_000))
    click.echo(str(outcome))


if __name__ == "__main__":
    main()
