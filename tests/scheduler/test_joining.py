"""Joining and the gathering: which place a node gets, what it is refused by, and what is said of the missing."""

from __future__ import annotations

import pytest

from mxl.kvstore.settings import Settings
from mxl.kvstore.table import ADMITTED, EXPECTED, Member, Table
from mxl.kvstore.wire.messages import Join
from mxl.scheduler.joining import Gathering, no_place, place_for, problem_of

TABLE = Table(
    workers={0: Member("worker", 0, 0, ADMITTED, "here"), 1: Member("worker", 1, -1, EXPECTED)},
    servers={0: Member("server", 0, 0, ADMITTED, "there")},
)


def join(role: str = "worker", rank: int = -1, host: str = "here") -> Join:
    return Join(0, 1, role, rank, host, 7, (), "")


@pytest.mark.parametrize("rank, place", [(-1, 1), (1, 1), (0, None), (2, None)])
def test_a_place_is_the_one_wished_for_or_the_lowest_free(rank: int, place: int | None) -> None:
    found = place_for(join(rank=rank), TABLE)
    assert (found.rank if found else None) == place


@pytest.mark.parametrize(
    "message, text",
    [
        (join(rank=0), "worker rank 0 is admitted already (on here)"),
        (join(rank=5), "worker rank 5 does not exist: the job has 2 workers"),
        (join("server"), "the job has its 1 servers already; start fewer, or give the launcher a larger number"),
    ],
)
def test_who_gets_no_place_is_told_why(message: Join, text: str) -> None:
    assert no_place(message, TABLE) == text


@pytest.mark.parametrize(
    "peer, message, text",
    [
        ("join:x", join(), ""),
        ("worker:0:0", join(), "joins under a random routing id beginning with 'join:', came 'worker:0:0'"),
        ("join:x", join("launcher"), "only workers and servers join, came role 'launcher'"),
        ("join:x", join(host="x" * 3000), "may have 2048 characters, came 3000"),
    ],
)
def test_what_never_joins_is_told_why(peer: str, message: Join, text: str) -> None:
    problem = problem_of(peer, message)
    assert text in problem
    assert bool(problem) == bool(text)


def test_the_missing_are_named_at_doubling_intervals() -> None:
    gathering = Gathering(Settings(warn_after_s=5.0, start_limit_s=60.0))
    said = [s for s in range(60) if gathering.warning(TABLE, float(s))]
    assert said == [5, 10, 20, 40]
    assert not gathering.is_late(60.0)
    assert gathering.is_late(60.1)
    assert "still missing worker 1; here: worker 0 on here, server 0 on there" in gathering.failure(TABLE)
