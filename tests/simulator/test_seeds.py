"""A share of the simulated clusters in every run of the tests; `make simulate SEEDS=10000` runs many more."""

from __future__ import annotations

import pytest

from mxl.testing.simulator import make, run

CHUNK = 20


@pytest.mark.parametrize("first", range(0, 300, CHUNK))
def test_no_seed_breaks_a_rule(first: int) -> None:
    for seed in range(first, first + CHUNK):
        run(seed)


def test_a_seed_replays_exactly() -> None:
    assert [run(seed) for seed in (3, 11, 29)] == [run(seed) for seed in (3, 11, 29)]


def test_a_scenario_is_its_seeds() -> None:
    assert make(5) == make(5)
    assert make(5) != make(6)


def test_the_seeds_have_all_that_can_go_wrong() -> None:
    scenarios = [make(seed) for seed in range(600)]
    kinds = {note for s in scenarios for note in s.notes}
    assert kinds == {"plain", "elastic", "fatal", "again", "absent", "first", "uneven"}
    assert {s.workers for s in scenarios} == {1, 2, 3, 4}
    assert {s.servers for s in scenarios} == {1, 2, 3}
    assert {store.staleness for s in scenarios for store in s.stores} == {-1, 0, 1, 2, 3}
    assert {len(s.stores) for s in scenarios} == {1, 2}
    assert {s.coded for s in scenarios} == {s.checked for s in scenarios} == {True, False}
    deaths = [death for s in scenarios for death in s.deaths]
    assert {d.reported for d in deaths} == {d.is_server for d in deaths} == {True, False}
    assert any(d.again_after_s is not None for d in deaths)
    assert any(s.pauses for s in scenarios)
    assert any(s.paces_s for s in scenarios)
    faults = [s.faults for s in scenarios]
    assert any(f.until_s == 0 for f in faults)
    for what in ("loss", "repeat", "breaks", "carried"):
        assert sum(getattr(f, what) > 0 for f in faults) > 100
    operations = {op[0] for s in scenarios for program in s.programs.values() for op in program}
    pulls = {"pull", "pull_rows"}
    assert operations == {"open", "init", "optimize", "push", "read", "barrier", "think", "leave", "states"} | pulls
    keys = {(k.is_table, k.pushed_rows) for s in scenarios for store in s.stores for k in store.keys}
    assert keys == {(False, 0), (False, 2), (False, 4), (True, 3), (True, 4)}
